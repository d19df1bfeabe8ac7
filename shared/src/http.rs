//! The request as a handler sees it, and the answer as the gateway takes it.

mod call;
mod error;
mod event;
mod field;
mod form;
mod json;
mod query;
pub mod reply;
pub mod view;

pub use call::Call;
pub use error::{ApiError, ApiResult, FieldErrors};
pub use event::{Event, HttpContext, RequestContext};
pub use field::{FieldValue, NonBlank};
pub use form::{Form, FromForm};
pub use query::{Flag, Limit, Offset, QueryText};
pub use reply::Reply;
