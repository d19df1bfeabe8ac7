//! The inputs of an import, and their options.

use std::{
    convert::Infallible,
    fmt,
    fs::File,
    io::{self, Cursor, Read},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
};

use secrecy::{ExposeSecret, SecretString};

use crate::table::Table;

/// Opens a source from its start.
pub(crate) type Opener = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// A file or a database.
///
/// Parses from `FILE`, from `TABLE=FILE` for a file with the rows of one table, and from a URL that
/// begins with `postgres://`, `postgresql://`, `mysql://` or `mariadb://`.
#[derive(Clone)]
pub struct Input {
    pub(crate) kind: Kind,
    pub(crate) table: Option<Table>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    File(PathBuf),
    Reader { name: Arc<str>, size: Option<u64>, opener: Opener },
    Url(SecretString),
}

impl Input {
    /// A file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { kind: Kind::File(path.into()), table: None }
    }

    /// A database by its URL, with or without a password.
    #[must_use]
    pub fn url(url: SecretString) -> Self {
        Self { kind: Kind::Url(url), table: None }
    }

    /// A text in memory, with a name for messages.
    pub fn text(name: &str, text: impl Into<Vec<u8>>) -> Self {
        let bytes: Arc<[u8]> = text.into().into();
        let size = Some(bytes.len() as u64);
        let opener: Opener = Arc::new(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes)))));
        Self { kind: Kind::Reader { name: name.into(), size, opener }, table: None }
    }

    /// A source that opens as often as it is read, with a name for messages.
    pub fn reader<R, F>(name: &str, open: F) -> Self
    where
        R: Read + Send + 'static,
        F: Fn() -> io::Result<R> + Send + Sync + 'static,
    {
        let opener: Opener = Arc::new(move || Ok(Box::new(open()?)));
        Self { kind: Kind::Reader { name: name.into(), size: None, opener }, table: None }
    }

    /// Sets the table of a file with a header. SQL names its tables and ignores this one.
    #[must_use]
    pub fn with_table(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }
}

/// An opener of a file.
pub(crate) fn file_opener(path: PathBuf) -> Opener {
    Arc::new(move || Ok(Box::new(File::open(&path)?)))
}

impl FromStr for Input {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The prefix is usual in the settings of Metabase.
        let text = text.strip_prefix("jdbc:").unwrap_or(text);
        let is_url = |scheme: &str| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        if ["postgres://", "postgresql://", "mysql://", "mariadb://"].into_iter().any(is_url) {
            return Ok(Self::url(text.into()));
        }
        if let Some((table, path)) = text.split_once('=')
            && let Ok(table) = table.parse()
        {
            return Ok(Self::file(path).with_table(table));
        }
        Ok(Self::file(text))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::File(path) => formatter.debug_tuple("Input").field(path).finish(),
            Kind::Reader { name, .. } => formatter.debug_tuple("Input").field(name).finish(),
            Kind::Url(url) => {
                let scheme = url.expose_secret().split(':').next().unwrap_or_default();
                formatter.debug_tuple("Input").field(&format!("{scheme}://…")).finish()
            }
        }
    }
}

/// Options of all inputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The password of a database whose URL has none, as `PGPASSWORD`.
    pub password: Option<SecretString>,
    /// A file with certificates in PEM. Databases with a certificate of these authorities are
    /// trusted, as are the public authorities.
    pub ca_file: Option<PathBuf>,
}
