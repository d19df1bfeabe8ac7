//! Access to the table itself, for commands without an API.

use std::path::Path;

use aws_config::Region;
use aws_sdk_dynamodb::Client;
use local::{engine::Engine, table};
use shared::{
    aws,
    clock::{Clock, SystemClock},
    config,
    domain::{Timestamp, WriteContext},
    operator,
    store::{Store, StoreError, WriteError, client_config},
};

use crate::{Exit, Failure, TableSource};

/// The reaction to a directory without a local store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfAbsent {
    /// Creates a store.
    Create,
    /// Uses an empty store in memory, which leaves no trace.
    UseMemory,
    /// Fails.
    Fail,
}

/// An open table.
pub(crate) struct OpenTable {
    /// The store.
    pub(crate) store: Store,
    /// The engine of a local store. Its lock lasts as long as the engine.
    _engine: Option<Engine>,
}

impl OpenTable {
    /// Opens the table.
    pub(crate) async fn open(source: &TableSource, if_absent: IfAbsent) -> Result<Self, Failure> {
        match source {
            TableSource::Directory { data, table } => {
                let engine = open_engine(data, if_absent)?;
                let client = engine.client();
                table::ensure(&client, table).await.map_err(Failure::failed)?;
                Ok(Self { store: Store::new(client, table), _engine: Some(engine) })
            }
            TableSource::Aws { table, profile, region } => {
                let mut loader = aws::loader(config::root_certificates());
                if let Some(profile) = profile {
                    loader = loader.profile_name(profile);
                }
                if let Some(region) = region.clone() {
                    loader = loader.region(Region::new(region));
                }
                let client = Client::from_conf(client_config(&loader.load().await).build());
                let described = client.describe_table().table_name(table).send().await;
                described.map_err(|error| {
                    let error = StoreError::from(error);
                    Failure::new(
                        Exit::Unreachable,
                        format!("cannot open the table {table}: {error}"),
                    )
                })?;
                Ok(Self { store: Store::new(client, table), _engine: None })
            }
        }
    }
}

/// Opens the engine of a local store.
fn open_engine(data: &Path, if_absent: IfAbsent) -> Result<Engine, Failure> {
    let engine = match if_absent {
        _ if Engine::exists_in(data) => Engine::in_directory(data),
        IfAbsent::Create => Engine::in_directory(data),
        IfAbsent::UseMemory => Engine::in_memory(),
        IfAbsent::Fail => {
            return Err(Failure::usage(format!("there is no local store in {}", data.display())));
        }
    };
    engine.map_err(|error| Failure::usage(format!("cannot open {}: {error}", data.display())))
}

/// The current time.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// The circumstances of a write by the operator.
pub(crate) fn write_context() -> WriteContext {
    operator::write_context(now())
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::Unreachable, error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Store(error) => error.into(),
            error => Self::failed(error),
        }
    }
}
