//! The two dialects of the API, and all differences between them.
//!
//! The documented dialect follows Metabase's published API page. The metabase dialect follows the
//! responses of Metabase's current open source edition, so existing clients work unchanged.
//! Handlers call the dialect and do not depend on its value.

pub mod documented;
pub mod metabase;
pub mod properties;

use serde_json::Value;

pub use crate::domain::Dialect;

use super::{ApiError, ApiResult, Call, FieldErrors, FieldValue, Response, response, view};
use crate::{
    authorization::{Admin, AuthzError, Caller, TargetUser, UserAccess},
    domain::{Cursor, Instance, PageRequest, Timestamp, User, UserPage},
};

/// The body of an error.
pub(super) enum ErrorBody {
    Json(Value),
    Text(String),
}

impl Dialect {
    /// Renders an error.
    pub(super) fn error(self, error: &ApiError, request_id: &str) -> Response {
        let (status, body) = match self {
            Self::Documented => (documented::status(error), documented::body(error, request_id)),
            Self::Metabase => (metabase::status(error), metabase::body(error, request_id)),
        };
        match body {
            ErrorBody::Json(body) => Response::json(status, body.to_string()),
            ErrorBody::Text(body) => Response::text(status, body),
        }
    }

    /// Adds the headers of the dialect to a response.
    #[must_use]
    pub fn with_headers(self, response: Response) -> Response {
        match self {
            Self::Documented => response,
            Self::Metabase => response.metabase_version(properties::VERSION_HEADER),
        }
    }

    /// The gateway's response for a path without a route.
    #[must_use]
    pub fn route_not_found(self, path: &str) -> Response {
        self.with_headers(match self {
            Self::Metabase if path.starts_with("/api/") => self.error(&ApiError::RouteNotFound, ""),
            _ => Response::json(404, r#"{"message":"Not Found"}"#.to_owned()),
        })
    }

    /// Proves that the caller may list all users. `None` permits a list with the caller only.
    ///
    /// # Errors
    ///
    /// Returns 403 in the metabase dialect if the caller is not an administrator.
    pub fn list_access(self, caller: &Caller) -> Result<Option<Admin>, AuthzError> {
        match (caller.admin(), self) {
            (Ok(admin), _) => Ok(Some(admin)),
            (Err(_), Self::Documented) => Ok(None),
            (Err(error), Self::Metabase) => Err(error),
        }
    }

    /// Proves access to the recipient of an invitation.
    ///
    /// The metabase dialect returns `None` if there is no such active user, because the Metabase
    /// versions with this route did not report it.
    ///
    /// # Errors
    ///
    /// Returns 404 in the documented dialect if there is no such active user, and 412 if a
    /// precondition fails.
    pub fn invitation_target(
        self,
        target: TargetUser,
        admin: &Admin,
    ) -> Result<Option<UserAccess>, AuthzError> {
        match (target.require_active(admin), self) {
            (Err(AuthzError::NotFound), Self::Metabase) => Ok(None),
            (access, _) => access.map(Some),
        }
    }

    /// Whether the names and the password of a new user are optional, also without an invitation.
    #[must_use]
    pub const fn password_is_optional(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether an invitation without an email returns its link.
    #[must_use]
    pub const fn returns_invitation_links(self) -> bool {
        matches!(self, Self::Documented)
    }

    /// Whether a new user may have `source`, `invite_target` and `tenant_id`. The documented
    /// dialect ignores them.
    #[must_use]
    pub const fn accepts_invitation_fields(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether a single user has the end of an open invitation.
    pub(super) const fn shows_invitations(self) -> bool {
        matches!(self, Self::Documented)
    }

    /// Whether a list of memberships must contain All Users.
    pub(super) const fn requires_all_users(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether Metabase's probes `/livez` and `/readyz` exist.
    #[must_use]
    pub const fn has_probes(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether setup requires a name of the instance.
    #[must_use]
    pub const fn needs_site_name(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether an invalid status or page is ignored, and a page may have any limit.
    pub(super) const fn ignores_invalid_query(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether all values of a repeated query parameter are read, instead of the first one.
    pub(super) const fn reads_repeated_parameters(self) -> bool {
        matches!(self, Self::Documented)
    }

    /// The part of the recipients to read. The metabase dialect only repeats the requested one.
    #[must_use]
    pub fn recipients_to_read(self, requested: &PageRequest) -> PageRequest {
        match self {
            Self::Documented => requested.clone(),
            Self::Metabase => PageRequest::All,
        }
    }

    /// Whether users must send their current password to set a new one.
    #[must_use]
    pub const fn asks_current_password(self, is_admin: bool) -> bool {
        !is_admin || matches!(self, Self::Documented)
    }

    /// Whether users prove that they change their own email address themselves, and confirm the new
    /// one.
    #[must_use]
    pub const fn protects_own_email(self) -> bool {
        matches!(self, Self::Documented)
    }

    /// Selects the value of this dialect.
    #[must_use]
    pub const fn select<'v, T>(self, documented: &'v T, metabase: &'v T) -> &'v T {
        match self {
            Self::Documented => documented,
            Self::Metabase => metabase,
        }
    }

    /// The errors of the members of an invalid map, or none if the dialect has one for the map.
    pub(super) fn member_errors<T: FieldValue>(self, value: &Value) -> FieldErrors {
        match self {
            Self::Documented => FieldErrors::default(),
            Self::Metabase => T::member_errors(value),
        }
    }

    /// Decodes a boolean of a body.
    pub(super) fn flag(self, value: &Value) -> Option<bool> {
        match (self, value) {
            (Self::Metabase, Value::String(text)) => text.to_ascii_lowercase().parse().ok(),
            _ => value.as_bool(),
        }
    }

    /// Decodes an integer of a body.
    #[must_use]
    pub fn integer(self, value: &Value) -> Option<u64> {
        match (self, value) {
            (Self::Metabase, Value::String(text)) => text.parse().ok(),
            _ => value.as_u64().or_else(|| whole(value.as_f64()?)),
        }
    }

    /// Renders the public properties. `instance` is present after setup.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn properties(self, call: &Call, instance: Option<&Instance>) -> ApiResult {
        match self {
            Self::Documented => response::ok(&properties::Documented::new(call, instance)),
            Self::Metabase => response::ok(&properties::Metabase::new(call, instance)),
        }
    }

    /// Renders a created or changed user.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn user(self, user: &User) -> ApiResult {
        response::user(user, &view::UserView::from(user))
    }

    /// Renders a user for a read. `invited_until` is the end of an invitation that the user has not
    /// accepted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn found_user(self, user: &User, invited_until: Option<Timestamp>) -> ApiResult {
        match self {
            Self::Documented => {
                response::user(user, &documented::FoundUser::new(user, invited_until))
            }
            Self::Metabase => response::user(user, &metabase::FoundUser::from(user)),
        }
    }

    /// Renders a reactivated user.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn reactivated(self, user: &User) -> ApiResult {
        match self {
            Self::Documented => self.user(user),
            Self::Metabase => response::user(user, &view::Profile::from(user)),
        }
    }

    /// Renders the current user. `has_invited` is true if they set the instance up and other users
    /// exist.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn current_user(self, user: &User, has_invited: bool, now: Timestamp) -> ApiResult {
        match self {
            Self::Documented => {
                response::user(user, &documented::CurrentUser::new(user, has_invited, now))
            }
            Self::Metabase => {
                response::user(user, &metabase::CurrentUser::new(user, has_invited, now))
            }
        }
    }

    /// Renders a list of users, or a page of it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn users(self, page: &UserPage, request: &PageRequest) -> ApiResult {
        self.list::<view::UserListItem<'_>>(page, request)
    }

    /// Renders the list of recipients. Administrators see whole users in the metabase dialect.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`response::ok`].
    pub fn recipients(self, caller: &Caller, page: &UserPage, request: &PageRequest) -> ApiResult {
        if self == Self::Metabase && caller.user().is_superuser() {
            return self.list::<view::Profile<'_>>(page, request);
        }
        self.list::<view::Recipient<'_>>(page, request)
    }

    /// Renders a list: a page, or without one an array in the documented dialect.
    fn list<'u, T>(self, page: &'u UserPage, request: &PageRequest) -> ApiResult
    where
        T: From<&'u User> + serde::Serialize,
    {
        let data: Vec<T> = page.users.iter().map(T::from).collect();
        let (limit, offset) = match request {
            PageRequest::All if self == Self::Documented => return response::ok(&data),
            PageRequest::All => (None, None),
            PageRequest::Offset(range) => (Some(range.limit), Some(range.offset)),
            PageRequest::Cursor { limit, .. } => (Some(*limit), None),
        };
        let next_cursor = page.next.as_ref().map(Cursor::encode);
        let next = matches!(request, PageRequest::Cursor { .. })
            .then_some(view::NextCursor { next_cursor });
        response::ok(&view::Envelope { data, total: page.total, limit, offset, next })
    }
}

/// Converts a float without a fraction. JSON does not distinguish 5 from 5.0.
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}
