//! What every request shares.

use std::sync::Arc;

use crate::{
    clock::{Clock, SystemClock},
    config::{ConfigError, DynamoDbConfig, Settings},
    domain::Timestamp,
    store::Store,
};

/// The service: built once for each process, and cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
}

impl App {
    /// A service over a table, with a clock of its own.
    #[must_use]
    pub fn new(store: Store, settings: Settings, clock: impl Clock + 'static) -> Self {
        let store = store
            .with_sharding(settings.sharding)
            .with_audit_retention(settings.audit_retention_days);
        Self { store, settings: Arc::new(settings), clock: Arc::new(clock) }
    }

    /// The service that the environment describes.
    ///
    /// # Errors
    ///
    /// When the environment lacks something.
    pub fn from_env() -> Result<Self, ConfigError> {
        let store = Store::connect(DynamoDbConfig::from_env()?);
        Ok(Self::new(store, Settings::from_env()?, SystemClock))
    }

    /// The table.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
