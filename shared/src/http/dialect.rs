//! The two dialects of the wire, and every difference between them.
//!
//! The documented one is that of Metabase's published API page, the other is what Metabase's current
//! open source edition really answers, so that clients written for it work unchanged. Handlers ask
//! the dialect and do not know which it is.

pub mod documented;
pub mod metabase;
pub mod properties;

use serde_json::Value;

pub use crate::domain::Dialect;

use super::{ApiError, ApiResult, Call, Response, StaticFile, response, view};
use crate::{
    authorization::{Admin, AuthzError, Caller, TargetUser, UserAccess},
    domain::{Cursor, Instance, OffsetPage, PageRequest, Timestamp, User, UserPage},
};

/// How a refusal is told.
pub(super) enum ErrorBody {
    Json(Value),
    Text(String),
}

impl Dialect {
    /// Refusals.
    pub(super) fn error(self, error: &ApiError, request_id: &str) -> Response {
        let (status, told) = match self {
            Self::Documented => (documented::status(error), documented::body(error, request_id)),
            Self::Metabase => (metabase::status(error), metabase::body(error, request_id)),
        };
        match told {
            ErrorBody::Json(body) => Response::json(status, body.to_string()),
            ErrorBody::Text(body) => Response::text(status, body),
        }
    }

    /// What the gateway tells of a path that no route has.
    #[must_use]
    pub fn route_not_found(self, path: &str) -> Response {
        match self {
            Self::Metabase if path.starts_with("/api/") => self.error(&ApiError::RouteNotFound, ""),
            _ => Response::json(404, r#"{"message":"Not Found"}"#.to_owned()),
        }
    }

    /// The right to list all accounts, or `None` for the right to list one's own.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] where nobody lists but administrators.
    pub fn list_access(self, caller: &Caller) -> Result<Option<Admin>, AuthzError> {
        match (caller.admin(), self) {
            (Ok(admin), _) => Ok(Some(admin)),
            (Err(_), Self::Documented) => Ok(None),
            (Err(refusal), Self::Metabase) => Err(refusal),
        }
    }

    /// Whom an invitation is sent to. The versions of Metabase that sent any did not tell that there is
    /// nobody.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] where it is told.
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

    /// Whether accounts may be created without names and without a password.
    pub(super) const fn password_is_optional(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether an invitation says where it comes from and leads to, and for which organisation it is.
    pub(super) const fn accepts_invitation_fields(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether a list of memberships must name All Users.
    pub(super) const fn requires_all_users(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether setting an instance up needs its name.
    pub(super) const fn needs_site_name(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether what a query says of order, pages and logins is as if it were not there when it makes
    /// no sense.
    pub(super) const fn ignores_invalid_query(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether whoever replaces their own password must know the current one.
    #[must_use]
    pub const fn asks_current_password(self, is_admin: bool) -> bool {
        !is_admin || matches!(self, Self::Documented)
    }

    /// The one of two files that is this dialect's.
    #[must_use]
    pub const fn file<'f>(
        self,
        documented: &'f StaticFile,
        metabase: &'f StaticFile,
    ) -> &'f StaticFile {
        match self {
            Self::Documented => documented,
            Self::Metabase => metabase,
        }
    }

    /// A boolean of a body.
    pub(super) fn flag(self, value: &Value) -> Option<bool> {
        match (self, value) {
            (Self::Metabase, Value::String(text)) => text.to_ascii_lowercase().parse().ok(),
            _ => value.as_bool(),
        }
    }

    /// A whole number of a body.
    pub(super) fn integer(self, value: &Value) -> Option<u64> {
        match (self, value) {
            (Self::Metabase, Value::String(text)) => text.parse().ok(),
            _ => value.as_u64().or_else(|| whole(value.as_f64()?)),
        }
    }

    /// What a client must know before anybody logs in; `instance` is there once it is set up.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`], like all that follow.
    pub fn properties(self, call: &Call, instance: Option<&Instance>) -> ApiResult {
        match self {
            Self::Documented => response::ok(&properties::Documented::new(call, instance)),
            Self::Metabase => response::ok(&properties::Metabase::new(call, instance)),
        }
    }

    /// An account that was created or changed.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn user(self, user: &User) -> ApiResult {
        response::user(user, &view::UserView::from(user))
    }

    /// An account that was asked for.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn found_user(self, user: &User) -> ApiResult {
        match self {
            Self::Documented => self.user(user),
            Self::Metabase => response::user(user, &metabase::FoundUser::from(user)),
        }
    }

    /// An account that has its access back.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn reactivated(self, user: &User) -> ApiResult {
        match self {
            Self::Documented => self.user(user),
            Self::Metabase => response::user(user, &view::Profile::from(user)),
        }
    }

    /// The caller's own account; `invited` is whether others have accounts.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn current_user(self, user: &User, invited: bool, now: Timestamp) -> ApiResult {
        match self {
            Self::Documented => {
                response::user(user, &documented::CurrentUser::new(user, invited, now))
            }
            Self::Metabase => response::user(user, &metabase::CurrentUser::new(user, invited, now)),
        }
    }

    /// A list of accounts, or a page of it.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn users(self, listed: &UserPage, window: &PageRequest) -> ApiResult {
        let data: Vec<_> = listed.users.iter().map(view::UserListItem::from).collect();
        let (limit, offset) = match window {
            PageRequest::All if self == Self::Documented => return response::ok(&data),
            PageRequest::All => (None, None),
            PageRequest::Offset(page) => (Some(page.limit), Some(page.offset)),
            PageRequest::Cursor { limit, .. } => (Some(*limit), None),
        };
        let next_cursor = listed.next.as_ref().map(Cursor::encode);
        let next = matches!(window, PageRequest::Cursor { .. })
            .then_some(view::NextCursor { next_cursor });
        response::ok(&view::Envelope { data, total: listed.total, limit, offset, next })
    }

    /// Whom a message can be sent to.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn recipients(
        self,
        caller: &Caller,
        users: &[User],
        page: Option<OffsetPage>,
    ) -> ApiResult {
        if self == Self::Metabase && caller.user().is_superuser() {
            return self.list(users.iter().map(view::Profile::from).collect(), page);
        }
        self.list(users.iter().map(view::Recipient::from).collect(), page)
    }

    /// All items are an array in one dialect, and an envelope in the other.
    fn list<T: serde::Serialize>(self, data: Vec<T>, page: Option<OffsetPage>) -> ApiResult {
        if self == Self::Documented {
            return response::ok(&data);
        }
        let total = Some(data.len());
        let (limit, offset) = page.map(|OffsetPage { limit, offset }| (limit, offset)).unzip();
        response::ok(&view::Envelope { data, total, limit, offset, next: None })
    }
}

/// JSON does not tell 5 from 5.0.
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}
