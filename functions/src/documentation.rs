//! The OpenAPI document and the page that shows it.

pub mod docs;
pub mod openapi;
