//! State shared by all requests of a process.

use std::sync::Arc;

use crate::{clock::Clock, config::Settings, domain::Timestamp, store::Store};

/// The table, the settings and the clock. It is built once for each process and cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    store: Store,
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
}

impl AppState {
    /// Creates the state of a service.
    #[must_use]
    pub fn new(store: Store, settings: Settings, clock: impl Clock + 'static) -> Self {
        let store = store
            .with_sharding(settings.sharding)
            .with_audit_retention(settings.audit_retention_days)
            .with_credential_cutoff(settings.credential_cutoff)
            .with_session_limits(settings.session_idle, settings.max_sessions);
        Self { store, settings: Arc::new(settings), clock: Arc::new(clock) }
    }

    /// The table.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
