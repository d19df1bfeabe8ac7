//! The generated files are up to date, and the OpenAPI documents are correct.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test without its preconditions must stop"
)]

mod document;
mod examples;
mod generated;
