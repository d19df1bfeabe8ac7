//! The table. Nothing outside this module knows DynamoDB's SDK, a key or an attribute.
//!
//! `docs/data-model.md` has the items, the access patterns and what each costs.

mod api_keys;
mod audit;
mod connect;
mod dissolve;
mod error;
mod expression;
mod groups;
mod instance;
mod items;
mod keys;
mod layout;
mod listing;
mod logins;
mod memberships;
mod once;
mod passwords;
mod permits;
mod query;
mod read;
mod resets;
mod retry;
mod save;
mod sessions;
mod tally;
mod throttles;
mod trail;
mod transaction;
mod update;
mod usage;
mod users;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::config;
use layout::Numbers;
use usage::Meter;

pub use api_keys::{ApiKeys, KeyAccount, KeyChange, KeySecret};
pub use connect::client_config;
pub use error::{Conflict, StoreError, WriteError};
pub use instance::{Installation, Instance};
pub use keys::{INDEX, Key};
pub use layout::Layout;
#[cfg(test)]
pub(crate) use listing::{MOST_LISTED, MOST_RECIPIENTS};
pub use logins::{Login, LoginAttempt};
pub use passwords::Replacement;
pub use permits::{ForgottenPassword, Permit};
pub use read::Found;
pub use resets::ResetClaim;
pub use sessions::{ActiveSession, Opening};
pub use tally::Tally;
pub use throttles::Throttles;
pub use usage::Usage;
pub use users::Entry;

/// The table of one instance, and a client that reaches it.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: Arc<str>,
    audit_days: u32,
    meter: Meter,
    layout: Layout,
    numbers: Numbers,
}

impl Store {
    /// A table behind a client.
    #[must_use]
    pub fn new(client: Client, table: &str) -> Self {
        Self {
            client,
            table: table.into(),
            audit_days: config::AUDIT_RETENTION_DAYS,
            meter: Meter::default(),
            layout: Layout::default(),
            numbers: Numbers::default(),
        }
    }

    /// The same table, with its hottest keys spread in a way.
    #[must_use]
    pub fn laid_out(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// The same table, whose audit trail is kept for so many days.
    #[must_use]
    pub fn keeping_audit(self, days: u32) -> Self {
        Self { audit_days: days, ..self }
    }

    /// The same table, with a count of its own of what it is asked.
    #[must_use]
    pub fn metered(&self) -> Self {
        Self { meter: Meter::default(), ..self.clone() }
    }

    /// All items that count accounts.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = Key> + use<> {
        self.layout.tallies()
    }

    /// What this table was asked, since [`Store::metered`].
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }
}
