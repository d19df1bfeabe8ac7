//! The two dialects of the wire, and every difference between them.
//!
//! The documented one is that of Metabase's published API page, the other is what Metabase's current
//! open source edition really answers, so that clients written for it work unchanged. Handlers ask
//! the dialect and do not know which it is.

pub mod documented;
pub mod metabase;
pub mod properties;

use serde_json::Value;

use super::{ApiError, ApiResult, Call, File, Reply, reply, view};
use crate::{
    domain::{Cursor, Listed, Page, Timestamp, User, Window},
    permissions::{Access, Admin, Caller, Target},
    store::Instance,
};

/// Which API the service speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// The page's.
    #[default]
    Documented,
    /// The program's.
    Metabase,
}

/// How a refusal is told.
pub(super) enum Told {
    Json(Value),
    Text(String),
}

impl Dialect {
    /// Reads the name that an operator gives.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "documented" => Some(Self::Documented),
            "metabase" => Some(Self::Metabase),
            _ => None,
        }
    }

    /// Refusals.
    pub(super) fn error(self, error: &ApiError, request_id: &str) -> Reply {
        let (status, told) = match self {
            Self::Documented => (documented::status(error), documented::told(error, request_id)),
            Self::Metabase => (metabase::status(error), metabase::told(error, request_id)),
        };
        match told {
            Told::Json(body) => Reply::json(status, body.to_string()),
            Told::Text(body) => Reply::text(status, body),
        }
    }

    /// What the gateway tells of a path that no route has.
    #[must_use]
    pub fn no_route(self, path: &str) -> Reply {
        match self {
            Self::Metabase if path.starts_with("/api/") => self.error(&ApiError::NoRoute, ""),
            _ => Reply::json(404, r#"{"message":"Not Found"}"#.to_owned()),
        }
    }

    /// The right to list all accounts, or `None` for the right to list one's own.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`] where nobody lists but administrators.
    pub fn lister(self, caller: &Caller) -> Result<Option<Admin>, ApiError> {
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
    pub fn invitee(self, target: Target, admin: &Admin) -> Result<Option<Access>, ApiError> {
        match (target.active(admin), self) {
            (Err(ApiError::NotFound), Self::Metabase) => Ok(None),
            (access, _) => access.map(Some),
        }
    }

    /// Whether accounts may be created without names and without a password.
    pub(super) const fn creates_by_invitation(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether an invitation says where it comes from and leads to, and for which organisation it is.
    pub(super) const fn reads_invitations(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether a list of memberships must name All Users.
    pub(super) const fn lists_all_users(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether setting an instance up needs its name.
    pub(super) const fn needs_site_name(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether what a query says of order, pages and logins is as if it were not there when it makes
    /// no sense.
    pub(super) const fn ignores_nonsense(self) -> bool {
        matches!(self, Self::Metabase)
    }

    /// Whether whoever replaces their own password must know the current one.
    #[must_use]
    pub const fn asks_current_password(self, is_admin: bool) -> bool {
        !is_admin || matches!(self, Self::Documented)
    }

    /// The one of two files that is this dialect's.
    #[must_use]
    pub const fn file<'f>(self, documented: &'f File, metabase: &'f File) -> &'f File {
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
            Self::Documented => reply::ok(&properties::Documented::new(call, instance)),
            Self::Metabase => reply::ok(&properties::Metabase::new(call, instance)),
        }
    }

    /// An account that was created or changed.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn user(self, user: &User) -> ApiResult {
        reply::of_user(user, &view::UserView::from(user))
    }

    /// An account that was asked for.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn found_user(self, user: &User) -> ApiResult {
        match self {
            Self::Documented => self.user(user),
            Self::Metabase => reply::of_user(user, &metabase::FoundUser::from(user)),
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
            Self::Metabase => reply::of_user(user, &view::Profile::from(user)),
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
                reply::of_user(user, &documented::CurrentUser::new(user, invited, now))
            }
            Self::Metabase => reply::of_user(user, &metabase::CurrentUser::new(user, invited, now)),
        }
    }

    /// A list of accounts, or a page of it.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn users(self, listed: &Listed, window: &Window) -> ApiResult {
        let data: Vec<_> = listed.users.iter().map(view::ListItem::from).collect();
        let (limit, offset) = match window {
            Window::All if self == Self::Documented => return reply::ok(&data),
            Window::All => (None, None),
            Window::Page(page) => (Some(page.limit), Some(page.offset)),
            Window::Walk { limit, .. } => (Some(*limit), None),
        };
        let next_cursor = listed.next.as_ref().map(Cursor::reveal);
        let next = matches!(window, Window::Walk { .. }).then_some(view::Next { next_cursor });
        reply::ok(&view::Envelope { data, total: listed.total, limit, offset, next })
    }

    /// Whom a message can be sent to.
    ///
    /// # Errors
    ///
    /// As [`reply::ok`].
    pub fn recipients(self, caller: &Caller, users: &[User], page: Option<Page>) -> ApiResult {
        if self == Self::Metabase && caller.user().is_superuser() {
            return self.list(users.iter().map(view::Profile::from).collect(), page);
        }
        self.list(users.iter().map(view::Recipient::from).collect(), page)
    }

    /// All items are an array in one dialect, and an envelope in the other.
    fn list<T: serde::Serialize>(self, data: Vec<T>, page: Option<Page>) -> ApiResult {
        if self == Self::Documented {
            return reply::ok(&data);
        }
        let total = Some(data.len());
        let (limit, offset) = page.map(|Page { limit, offset }| (limit, offset)).unzip();
        reply::ok(&view::Envelope { data, total, limit, offset, next: None })
    }
}

/// JSON does not tell 5 from 5.0.
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}
