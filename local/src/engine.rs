//! The embedded DynamoDB engine: dynoxide, on a loopback port.

use std::{fs::File, io, path::Path};

use dynoxide::{Database, DynoxideError, server};
use tokio::net::TcpListener;

/// The engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The folder or the port is not to be had.
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
pub async fn any_port() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

/// A running DynamoDB. An embedded one runs until the process ends; what was acknowledged is on disk.
#[derive(Debug)]
pub struct Engine {
    endpoint: String,
    _lock: Option<File>,
}

impl Engine {
    /// Starts an engine that forgets everything at the end.
    ///
    /// # Errors
    ///
    /// When the listener is none.
    pub fn in_memory(listener: TcpListener) -> Result<Self, EngineError> {
        serve(listener, Database::memory()?, None)
    }

    /// Starts an engine that keeps its data in `folder`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, or another process uses it.
    pub fn in_folder(listener: TcpListener, folder: &Path) -> Result<Self, EngineError> {
        std::fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|_| EngineError::InUse)?;
        let file = folder.join("users.db");
        let database = Database::new(&file.to_string_lossy())?;
        // What is over is removed now and then in the cloud, and here at each start.
        database.sweep_ttl()?;
        serve(listener, database, Some(lock))
    }

    /// Another DynamoDB that is running already.
    #[must_use]
    pub fn elsewhere(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), _lock: None }
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

fn serve(
    listener: TcpListener,
    database: Database,
    lock: Option<File>,
) -> Result<Engine, EngineError> {
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(server::serve_with_shutdown(listener, database, std::future::pending()));
    Ok(Engine { endpoint, _lock: lock })
}
