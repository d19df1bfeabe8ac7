//! Requests as handlers see them, and responses as the gateway accepts them.

mod call;
pub mod dialect;
mod error;
mod etag;
mod field_errors;
mod field_value;
mod fields;
mod query;
mod request;
pub mod response;
mod schema;
mod state;
mod static_file;
mod strict_json;
pub mod view;

pub use call::{
    Call, Deferred, EmailOwner, HasInvitedUsers, InstanceAttributes, Load, PathApiKey, PathGroup,
    PathGroupId, PathGroupToDelete, PathMembership, PathUser, PathUserWithInvitation,
    ReferencedGroup, ReferencedUser, SetupTime, UserAndAdminCounts, UserCountsIf,
};
pub use dialect::Dialect;
pub use error::{ApiError, ApiResult};
pub use field_errors::FieldErrors;
pub use field_value::{FieldValue, NonBlank};
pub use fields::{CURSOR_WITH_OFFSET, Fields, FromFields};
pub use query::{
    AuditLimit, PageLimit, PageOffset, QueryBool, QueryParam, Tenancy, TenancyFilter, UserIds,
    WholeNumber,
};
pub use request::{RouteKey, Unreadable, is_https, join_repeated, local_context};
pub use response::Response;
pub use state::AppState;
pub use static_file::{Freshness, StaticFile};
