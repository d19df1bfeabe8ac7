//! The description of the API in OpenAPI, made of what the code itself has.
//!
//! Methods and paths are those of [`functions::routes::ROUTES`], answers are described by the types that are
//! serialized, and refusals are rendered by the dialect. `cargo run -p openapi` writes the documents
//! that `GET /api/openapi.json` serves, one for each dialect; tests hold them, and every answer of the
//! whole test suite, to what is said here.

mod document;
mod errors;
mod examples;
mod fields;
mod operation;
mod parameters;
mod preconditions;
mod requests;
mod response;
mod routes;
mod schemas;

pub use document::{Error, FILES, document, text};
