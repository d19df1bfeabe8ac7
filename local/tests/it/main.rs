//! The program in a separate process, with real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must stop"
)]

mod aws;
mod engine;
mod exposure;
mod failures;
mod http;
mod kill;
mod program;
mod start;
