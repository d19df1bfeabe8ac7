//! The committed description is that of the code, and what it shows is so.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

mod document;
mod examples;
