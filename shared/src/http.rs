//! The request as a handler sees it, and the answer as the gateway takes it.

mod call;
mod dialect;
mod error;
mod event;
mod field;
mod field_errors;
mod form;
mod json;
mod query;
pub mod reply;
pub mod view;

pub use call::Call;
pub use dialect::Dialect;
pub use error::{ApiError, ApiResult};
pub use event::{Event, HttpContext, RequestContext};
pub use field::{FieldValue, NonBlank};
pub use field_errors::FieldErrors;
pub use form::{Form, FromForm};
pub use query::{Flag, Limit, OfUs, Offset, QueryText, Tenancy};
pub use reply::Reply;
