//! Object model of the OpenAPI document: an operation with its parameters, bodies and errors.
//!
//! Each route file in `functions` describes its operation with this model. `xtask` assembles the
//! documents. The linker drops all of it from the functions.

mod access;
pub mod errors;
mod examples;
mod operation;
mod parameters;
mod preconditions;
mod response;
mod schemas;
mod tag;

pub use access::Access;
pub use examples::Examples;
pub use operation::{Operation, OperationObject, Outline};
pub use response::ResponseObject;
pub use schemas::{OneOf, Schemas};
pub use tag::Tag;

/// An error while a document is assembled.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Headers and security schemes shared by all operations, as JSON.
pub const COMPONENTS: &str = include_str!("components.json");
