//! The request as a handler sees it, and the answer as the gateway takes it.

mod call;
pub mod dialect;
mod error;
mod etag;
mod event;
mod field_errors;
mod field_value;
mod fields;
mod idempotency;
mod query;
pub mod response;
mod schema;
mod static_file;
mod strict_json;
pub mod view;

pub use call::Call;
pub use dialect::Dialect;
pub use error::{ApiError, ApiResult};
pub use event::{Event, HttpContext, RequestContext};
pub use field_errors::FieldErrors;
pub use field_value::{FieldValue, NonBlank};
pub use fields::{Fields, FromFields};
pub use query::{AuditLimit, PageLimit, PageOffset, QueryBool, QueryParam, Tenancy, TenancyFilter};
pub use response::Response;
pub use static_file::StaticFile;
