//! The table. Nothing outside this module knows the AWS SDK, a key or an attribute.
//!
//! `docs/data-model.md` has the items, the access patterns and what each costs.

mod connect;
mod error;
mod expression;
mod instance;
mod items;
mod keys;
mod listing;
mod logins;
mod passwords;
mod read;
mod retry;
mod save;
mod sessions;
mod tally;
mod transaction;
mod update;
mod users;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

pub use connect::client_config;
pub use error::{Conflict, StoreError, WriteError};
pub use instance::{Installation, Instance};
pub use keys::{INDEX, Key};
pub use logins::{Login, LoginAttempt};
pub use passwords::Replacement;
pub use read::Found;
pub use sessions::Opening;
pub use tally::Tally;

/// The table of one instance, and a client that reaches it.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: Arc<str>,
}

impl Store {
    /// A table behind a client.
    #[must_use]
    pub fn new(client: Client, table: &str) -> Self {
        Self { client, table: table.into() }
    }
}
