//! The embedded DynamoDB engine: dynoxide, with items in SQLite.

use std::{
    fmt,
    fs::{File, TryLockError},
    io,
    path::Path,
    sync::Arc,
};

use aws_sdk_dynamodb::{Client, config::Builder};
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use dynoxide::{Database, DynoxideError};
use shared::{aws, store::client_config};
use tokio::net::TcpListener;

use crate::{engine_listener, hosts::AllowedHosts, in_process, owner_only};

/// The number of concurrent reads. SQLite has one writer.
const READERS: usize = 4;
/// The file of the database in the data directory.
const FILE: &str = "users.db";
/// Suffixes of the files that SQLite keeps next to the database. It creates them with the
/// permissions of the database.
const SIDE_FILES: [&str; 3] = ["-wal", "-shm", "-journal"];
/// The endpoint of an engine in this process, for the SDK.
const EMBEDDED: &str = "http://embedded";
/// The SDK's name for requests without a signature.
const NO_AUTH: AuthSchemeId = AuthSchemeId::new("noAuth");

/// The engine failed to start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The data directory cannot be created or opened.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Another process uses the data directory.
    #[error("in use by another process")]
    InUse,
    /// The file is damaged or not a database.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] DynoxideError),
}

/// Binds a free port on 127.0.0.1.
///
/// # Errors
///
/// Returns an error if no port is free.
pub async fn bind_ephemeral() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

/// A DynamoDB engine in this process. With a data directory, acknowledged writes are on disk.
#[derive(Debug)]
pub struct Engine(Arc<EngineHandles>);

/// The connections to one database, and the lock of its data directory. The lock excludes other
/// processes as long as a client of this engine exists.
pub(crate) struct EngineHandles {
    /// The connection for writes.
    pub(crate) writer: Database,
    /// Connections for reads. Each sees every committed write, and serves one request at a time. An
    /// in-memory engine has none, because its database cannot be opened twice.
    pub(crate) readers: Vec<Database>,
    _lock: Option<File>,
}

impl Engine {
    /// Starts an in-memory engine. Its data are lost at the end.
    ///
    /// # Errors
    ///
    /// Returns an error if SQLite fails to start.
    pub fn in_memory() -> Result<Self, EngineError> {
        let (writer, readers) = (Database::memory()?, Vec::new());
        Ok(Self(Arc::new(EngineHandles { writer, readers, _lock: None })))
    }

    /// Whether a directory has the data of an engine.
    #[must_use]
    pub fn exists_in(directory: &Path) -> bool {
        directory.join(FILE).exists()
    }

    /// Starts an engine with its data in a directory, which is created if it does not exist. The
    /// directory and its files belong to the owner alone.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be created, if another process uses it, or if the
    /// database cannot be opened.
    pub fn in_directory(directory: &Path) -> Result<Self, EngineError> {
        owner_only::create_directory(directory)?;
        let lock = owner_only::open_file(&directory.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => EngineError::InUse,
            TryLockError::Error(error) => EngineError::Io(error),
        })?;
        let file = directory.join(FILE);
        owner_only::open_file(&file)?;
        for suffix in SIDE_FILES {
            owner_only::restrict_file(&directory.join(format!("{FILE}{suffix}")))?;
        }
        let open = || Database::new(&file.to_string_lossy());
        let writer = open()?;
        // DynamoDB removes expired items in the background. The engine removes them at each start.
        writer.sweep_ttl()?;
        let readers = std::iter::repeat_with(open).take(READERS).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(EngineHandles { writer, readers, _lock: Some(lock) })))
    }

    /// Configures an SDK client to call this engine in process, without a connection.
    ///
    /// Requests have no signatures, because the engine does not check them.
    #[must_use]
    pub fn configure(&self, config: Builder) -> Builder {
        config
            .http_client(in_process::http_client(Arc::clone(&self.0)))
            .allow_no_auth()
            .auth_scheme_preference([NO_AUTH])
    }

    /// A client of this engine.
    #[must_use]
    pub fn client(&self) -> Client {
        let config = client_config(&aws::local(EMBEDDED));
        Client::from_conf(self.configure(config).build())
    }

    /// Serves programs of this machine over HTTP until this process ends. Returns the endpoint.
    ///
    /// # Errors
    ///
    /// Returns an error if the listener has no local address.
    pub fn serve(&self, listener: TcpListener) -> io::Result<String> {
        self.serve_hosts(listener, AllowedHosts::default())
    }

    /// Serves programs that call this machine by one of these hosts. Returns the endpoint.
    ///
    /// # Errors
    ///
    /// Returns an error if the listener has no local address.
    pub fn serve_hosts(&self, listener: TcpListener, hosts: AllowedHosts) -> io::Result<String> {
        let address = engine_listener::serve(Arc::clone(&self.0), listener, hosts)?;
        Ok(format!("http://{address}"))
    }
}

impl fmt::Debug for EngineHandles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineHandles")
    }
}
