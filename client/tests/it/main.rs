//! The client against the real service on a free port.
#![expect(clippy::cognitive_complexity, reason = "the macro of each assertion counts")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod document;
mod every_route;
mod failures;
mod lists;
mod service;
