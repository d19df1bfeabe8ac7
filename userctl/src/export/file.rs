//! The destination of an export: standard output, or a file that only its owner may read.

use std::{
    fs,
    io::{self, BufWriter, Stdout, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::Failure;

/// The size of the buffer in bytes.
const BUFFER: usize = 256 * 1_024;

/// The destination of an export. A file appears only when it is complete.
pub(super) enum Destination {
    /// Standard output.
    Stdout(BufWriter<Stdout>),
    /// A file beside the final one, which replaces it at the end.
    File { content: BufWriter<NamedTempFile>, path: PathBuf },
}

impl Destination {
    /// Opens standard output, or a new file beside `path`.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Stdout(BufWriter::with_capacity(BUFFER, io::stdout())));
        };
        let unwritable =
            |error| Failure::usage(format!("cannot write {}: {error}", path.display()));
        // A file replaces the one of its name, which must not be a device.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} is no regular file. Without a file, the export goes to standard output"
            )));
        }
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        // The library creates it for its owner alone.
        let file = NamedTempFile::new_in(directory.unwrap_or_else(|| Path::new(".")));
        let content = BufWriter::with_capacity(BUFFER, file.map_err(unwritable)?);
        Ok(Self::File { content, path: path.to_owned() })
    }

    /// Ends the output, and puts a file in place.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.flush()?;
        let Self::File { content, path } = self else { return Ok(()) };
        let file = content.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(content) => content.write(bytes),
            Self::File { content, .. } => content.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(content) => content.flush(),
            Self::File { content, .. } => content.flush(),
        }
    }
}
