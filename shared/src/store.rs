//! The table. No code outside this module uses the SDK of DynamoDB, a key or an attribute.
//!
//! `docs/data-model.md` lists the items, the access patterns and their costs.

mod api_key_uses;
mod api_keys;
mod audit;
mod backoff;
mod batch_get;
mod client;
mod counters;
mod credentials;
mod email_changes;
mod error;
#[cfg(feature = "operator")]
mod export;
mod expression;
mod group_removal;
mod groups;
mod idempotency;
#[cfg(feature = "operator")]
mod import;
mod imported_api_keys;
mod imported_passwords;
mod index_range;
mod instance;
mod items;
mod keys;
mod listing;
mod memberships;
mod pager;
mod password_resets;
mod passwords;
mod rate_limits;
mod session_uses;
mod sessions;
mod sharding;
mod transaction;
mod usage;
mod user_filter;
mod user_writes;
mod users;
mod write;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::domain::{AUDIT_RETENTION_DAYS, CredentialCutoff, IdleTimeout, Sharding};
use audit::RecentRejections;
use sharding::IdPool;
use usage::CapacityMeter;

pub use audit::Rejection;
pub use batch_get::LoadedItems;
pub use client::client_config;
pub use email_changes::{ConfirmationAttempt, EmailChangeAttempt, ReversalAttempt};
pub use error::{Conflict, StoreError, WriteError};
#[cfg(feature = "operator")]
pub use export::ExportedCredentials;
#[cfg(feature = "operator")]
pub use import::{ImportPreparation, ImportedApiKeySecret, ImportedKey, ImportedUser};
pub use instance::SetupRequest;
pub use keys::{INDEX, Key};
#[cfg(test)]
pub(crate) use listing::{MAX_LISTED_USERS, MAX_RECIPIENTS};
pub use passwords::PasswordChange;
pub use sessions::ActiveSession;
pub use usage::Usage;
pub use users::InitialCredentials;

/// The table of one instance, with a client that reaches it.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: Arc<str>,
    audit_days: u32,
    cutoff: CredentialCutoff,
    session_idle: IdleTimeout,
    max_sessions: Option<u32>,
    meter: CapacityMeter,
    sharding: Sharding,
    id_pool: IdPool,
    recent_rejections: RecentRejections,
}

impl Store {
    /// Creates a store for a table.
    #[must_use]
    pub fn new(client: Client, table: &str) -> Self {
        Self {
            client,
            table: table.into(),
            audit_days: AUDIT_RETENTION_DAYS,
            cutoff: CredentialCutoff::default(),
            session_idle: IdleTimeout::default(),
            max_sessions: None,
            meter: CapacityMeter::default(),
            sharding: Sharding::default(),
            id_pool: IdPool::default(),
            recent_rejections: RecentRejections::default(),
        }
    }

    /// Sets the spread of the hottest keys.
    #[must_use]
    pub fn with_sharding(self, sharding: Sharding) -> Self {
        Self { sharding, ..self }
    }

    /// Sets the retention of audit events in days.
    #[must_use]
    pub fn with_audit_retention(self, days: u32) -> Self {
        Self { audit_days: days, ..self }
    }

    /// Sets the time before which issued credentials are invalid.
    #[must_use]
    pub fn with_credential_cutoff(self, cutoff: CredentialCutoff) -> Self {
        Self { cutoff, ..self }
    }

    /// Sets the end of unused sessions, and the maximum number of sessions of a user.
    #[must_use]
    pub fn with_session_limits(self, session_idle: IdleTimeout, max_sessions: Option<u32>) -> Self {
        Self { session_idle, max_sessions, ..self }
    }

    /// Returns the same table with a meter of its own.
    #[must_use]
    pub fn metered(&self) -> Self {
        Self { meter: CapacityMeter::default(), ..self.clone() }
    }

    /// The keys of all items that count users.
    pub(crate) fn user_count_keys(&self) -> impl Iterator<Item = Key> + use<> {
        self.sharding.user_count_keys()
    }

    /// The requests and capacity units since [`Store::metered`].
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }
}
