//! The handlers over the real store on an embedded engine.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod concurrency;
mod deployment;
mod docs;
mod faults;
mod model;
mod routes;
mod security;
mod support;
