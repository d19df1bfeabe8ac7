//! The store on the embedded engine: the conditions of each transaction, and the table after a
//! failure.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod api_keys;
mod credentials;
mod groups;
mod idempotency;
mod instance;
mod listing;
mod password_resets;
mod proofs;
mod sessions;
mod users;
