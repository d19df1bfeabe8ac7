//! The rules of accounts, groups and sessions: pure values, no I/O, no clock, no wire format.

mod api_key;
mod audit;
mod audit_context;
mod cursor;
mod email;
mod group;
mod group_set;
mod idempotency;
mod ids;
mod locale;
mod login_attributes;
mod modal;
mod names;
mod password_reset;
mod patch;
mod preconditions;
mod rate_limit;
mod session;
mod site_url;
mod time;
mod user;
mod user_query;
mod user_sort;

pub use api_key::{ApiKey, ApiKeySpec};
pub use audit::{Action, AuditEvent, AuditEventId, AuditFilter, AuditPage, AuditTarget};
pub use audit_context::{AuditContext, AuthMethod, RequestMeta};
pub use cursor::Cursor;
pub use email::Email;
pub use group::{BuiltinGroup, Group};
pub use group_set::GroupSet;
pub use idempotency::{IdempotencyKey, IdempotencyRecord, IdempotentRequest, StoredResponse};
pub use ids::{GroupId, InvalidId, MembershipId, UserId};
pub use locale::Locale;
pub use login_attributes::LoginAttributes;
pub use modal::Modal;
pub(crate) use names::case_fold;
pub use names::{ApiKeyName, GroupName, PersonName, SiteName, SsoSource};
pub use password_reset::PasswordReset;
pub use patch::{Change, UserPatch};
pub use preconditions::{Preconditions, UserVersion, VersionMatch};
pub use rate_limit::{Attempts, RateLimit, RateLimitKey, RateLimitedAction, RetryAfter};
pub use session::{ClientInfo, Session, SessionGeneration};
pub use site_url::SiteUrl;
pub use time::{Day, TimeRange, Timestamp};
pub use user::{NewUser, PasswordSetBy, User, UserKind};
pub use user_query::{
    OffsetPage, PageRequest, SearchTerm, StatusFilter, UserFilter, UserPage, UserQuery,
};
pub use user_sort::UserSort;

/// Why a rule refuses a change that was well formed and permitted in general.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// The account does not exist, or is deactivated where only an active one counts.
    #[error("no such active account")]
    NotFound,
    /// The caller may change the account, but not this part of it.
    #[error("not permitted")]
    Forbidden,
    /// Only a deactivated account can be reactivated.
    #[error("the account is already active")]
    AlreadyActive,
    /// An account that was anonymized is nobody's to have back.
    #[error("the account is anonymized")]
    Anonymized,
    /// A list of all memberships leaves All Users out.
    #[error("everybody is in All Users")]
    AllUsersIsImplicit,
    /// The account is in the group.
    #[error("already a member")]
    AlreadyMember,
    /// More groups than an account may be in, or than one request may change.
    #[error("too many groups")]
    TooManyGroups,
    /// The group always exists, and has its name.
    #[error("the group cannot be edited")]
    BuiltinGroup(BuiltinGroup),
    /// `is_superuser` says one thing and the list of groups another.
    #[error("is_superuser contradicts the groups")]
    SuperuserContradictsGroups,
    /// The identity provider owns this account's first name.
    #[error("the first name belongs to the identity provider")]
    FirstNameManagedBySso,
    /// The identity provider owns this account's last name.
    #[error("the last name belongs to the identity provider")]
    LastNameManagedBySso,
}
