//! The request as a handler sees it, and the answer as the gateway takes it.

mod call;
pub mod dialect;
mod error;
mod etag;
mod event;
mod field;
mod field_errors;
mod file;
mod form;
mod json;
mod once;
mod query;
pub mod reply;
mod schema;
pub mod view;

pub use call::Call;
pub use dialect::Dialect;
pub use error::{ApiError, ApiResult};
pub use event::{Event, HttpContext, RequestContext};
pub use field::{FieldValue, NonBlank};
pub use field_errors::FieldErrors;
pub use file::File;
pub use form::{Form, FromForm};
pub use query::{EntryLimit, Flag, Limit, OfUs, Offset, QueryText, Tenancy};
pub use reply::Reply;
