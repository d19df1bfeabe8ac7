//! The table. Nothing outside this module knows DynamoDB's SDK, a key or an attribute.
//!
//! `docs/data-model.md` has the items, the access patterns and what each costs.

mod api_keys;
mod audit_query;
mod audit_write;
mod backoff;
mod batch_get;
mod client;
mod counters;
mod credentials;
mod error;
mod expression;
mod group_removal;
mod groups;
mod idempotency;
mod instance;
mod items;
mod keys;
mod listing;
mod memberships;
mod pager;
mod password_resets;
mod passwords;
mod rate_limits;
mod reset_attempts;
mod sessions;
mod sharding;
mod transaction;
mod usage;
mod user_counts;
mod user_writes;
mod users;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::config;
use sharding::IdPool;
use usage::CapacityMeter;

pub use api_keys::{ApiKeyList, ApiKeyPatch, ApiKeyRotation, ApiKeyWithUser};
pub use batch_get::LoadedItems;
pub use client::client_config;
pub use credentials::{Credentials, LoginAttempt};
pub use error::{Conflict, StoreError, WriteError};
pub use instance::{Instance, SetupRequest};
pub use keys::{INDEX, Key};
#[cfg(test)]
pub(crate) use listing::{MAX_LISTED_USERS, MAX_RECIPIENTS};
pub use password_resets::{ForgotPasswordAttempt, NewPasswordReset};
pub use passwords::PasswordChange;
pub use rate_limits::RateLimits;
pub use reset_attempts::ResetAttempt;
pub use sessions::{ActiveSession, NewSession};
pub use sharding::Sharding;
pub use usage::Usage;
pub use user_counts::UserCounts;
pub use users::InitialCredentials;

/// The table of one instance, and a client that reaches it.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: Arc<str>,
    audit_days: u32,
    meter: CapacityMeter,
    sharding: Sharding,
    id_pool: IdPool,
}

impl Store {
    /// A table behind a client.
    #[must_use]
    pub fn new(client: Client, table: &str) -> Self {
        Self {
            client,
            table: table.into(),
            audit_days: config::AUDIT_RETENTION_DAYS,
            meter: CapacityMeter::default(),
            sharding: Sharding::default(),
            id_pool: IdPool::default(),
        }
    }

    /// The same table, with its hottest keys spread in a way.
    #[must_use]
    pub fn with_sharding(self, layout: Sharding) -> Self {
        Self { sharding: layout, ..self }
    }

    /// The same table, whose audit trail is kept for so many days.
    #[must_use]
    pub fn with_audit_retention(self, days: u32) -> Self {
        Self { audit_days: days, ..self }
    }

    /// The same table, with a count of its own of what it is asked.
    #[must_use]
    pub fn metered(&self) -> Self {
        Self { meter: CapacityMeter::default(), ..self.clone() }
    }

    /// All items that count accounts.
    pub(crate) fn user_count_keys(&self) -> impl Iterator<Item = Key> + use<> {
        self.sharding.user_count_keys()
    }

    /// What this table was asked, since [`Store::metered`].
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }
}
