//! The embedded DynamoDB engine: dynoxide, which keeps items in SQLite.

use std::{fmt, fs::File, future::pending, io, path::Path, sync::Arc};

use aws_sdk_dynamodb::config::Builder;
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use dynoxide::{Database, DynoxideError, server};
use tokio::net::TcpListener;

use crate::in_process;

/// How many requests can read at once; SQLite has one writer.
const READERS: usize = 4;
/// The SDK's name for requests without a signature.
const NO_AUTH: AuthSchemeId = AuthSchemeId::new("noAuth");

/// The engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The folder is not to be had.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Another process has the data.
    #[error("in use by another process")]
    InUse,
    /// The file is no database, or a damaged one.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] DynoxideError),
}

/// A free port of this machine.
///
/// # Errors
///
/// When there is none.
pub async fn bind_ephemeral() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

/// A DynamoDB in this process. What it has acknowledged is on disk, if it is one that keeps anything.
#[derive(Debug)]
pub struct Engine(Arc<EngineHandles>);

/// One database, opened more than once. Nobody else has its folder as long as somebody here can ask it.
pub(crate) struct EngineHandles {
    /// What writes.
    pub(crate) writer: Database,
    /// What sees all that was written; each answers one request at a time. Memory cannot be opened twice.
    pub(crate) readers: Vec<Database>,
    _lock: Option<File>,
}

impl Engine {
    /// Starts an engine that forgets everything at the end.
    ///
    /// # Errors
    ///
    /// When SQLite cannot be started.
    pub fn in_memory() -> Result<Self, EngineError> {
        let (writer, readers) = (Database::memory()?, Vec::new());
        Ok(Self(Arc::new(EngineHandles { writer, readers, _lock: None })))
    }

    /// Starts an engine that keeps its data in `folder`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, or another process uses it.
    pub fn in_directory(folder: &Path) -> Result<Self, EngineError> {
        std::fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|_| EngineError::InUse)?;
        let file = folder.join("users.db");
        let open = || Database::new(&file.to_string_lossy());
        let writer = open()?;
        // What is over is removed now and then in the cloud, and here at each start.
        writer.sweep_ttl()?;
        let readers = std::iter::repeat_with(open).take(READERS).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(EngineHandles { writer, readers, _lock: Some(lock) })))
    }

    /// A client's configuration, which has it ask this engine, without a connection and without the
    /// signatures that the engine would not look at.
    #[must_use]
    pub fn configure(&self, config: Builder) -> Builder {
        config
            .http_client(in_process::http_client(Arc::clone(&self.0)))
            .allow_no_auth()
            .auth_scheme_preference([NO_AUTH])
    }

    /// Answers other programs too, until this one ends, and says where.
    ///
    /// # Errors
    ///
    /// When the listener is none.
    pub fn serve(&self, listener: TcpListener) -> io::Result<String> {
        let endpoint = format!("http://{}", listener.local_addr()?);
        let databases = Arc::clone(&self.0);
        tokio::spawn(async move {
            server::serve_with_shutdown(listener, databases.writer.clone(), pending()).await
        });
        Ok(endpoint)
    }
}

impl fmt::Debug for EngineHandles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Databases")
    }
}
