//! Rules of users, groups, sessions and API keys: pure values without I/O, clock or wire format.

mod api_key;
mod audit;
mod audit_context;
mod characters;
mod client_networks;
mod credential_cutoff;
mod cursor;
mod dialect;
mod email;
mod email_change;
mod email_domain;
mod group;
mod group_set;
mod host_name;
mod idempotency;
mod ids;
mod instance;
mod locale;
mod login_attributes;
mod modal;
mod name_prefix;
mod names;
mod password_reset;
mod patch;
mod preconditions;
mod rate_limit;
mod session;
mod sharding;
mod site_url;
mod time;
mod token_hash;
mod user;
mod user_counts;
mod user_query;
mod user_sort;
mod write_context;

pub use api_key::{
    ApiKey, ApiKeyList, ApiKeyPatch, ApiKeySpec, ApiKeyValidity, ApiKeyWithUser, next_recorded_use,
};
pub use audit::{
    AUDIT_RETENTION_DAYS, Action, AuditEvent, AuditEventId, AuditFilter, AuditPage, AuditTarget,
};
pub use audit_context::{Actor, AuditContext, AuthMethod, RequestMeta};
pub use client_networks::ClientNetworks;
pub use credential_cutoff::CredentialCutoff;
pub use cursor::Cursor;
pub use dialect::Dialect;
pub use email::Email;
pub use email_change::{EmailConfirmation, EmailLink, EmailReversal};
pub use group::{BuiltinGroup, Group};
pub use group_set::GroupSet;
pub use host_name::HostName;
pub use idempotency::{
    IdempotencyKey, IdempotencyRecord, IdempotentPayload, IdempotentRequest, MAX_STORED_RESPONSE,
    Replay, StoredResponse,
};
pub use ids::{GroupId, InvalidId, MembershipId, UserId};
pub use instance::{Instance, InstanceSetting};
pub use locale::Locale;
pub use login_attributes::LoginAttributes;
pub use modal::Modal;
pub use name_prefix::NamePrefix;
pub(crate) use names::case_fold;
pub use names::{ApiKeyName, GroupName, PersonName, SiteName, SsoSource};
pub use password_reset::PasswordReset;
pub use patch::{Change, UserPatch};
pub use preconditions::{Preconditions, UserVersion, VersionMatch};
pub use rate_limit::{
    Attempts, CountedFailure, RateLimit, RateLimitKey, RateLimitState, RateLimitedAction,
    RateLimits, RetryAfter,
};
pub use session::{ClientInfo, IdleTimeout, Session, SessionGeneration};
pub use sharding::Sharding;
pub use site_url::SiteUrl;
pub use time::{Day, TimeRange, Timestamp};
pub use token_hash::{SessionId, TokenHash};
pub use user::{NewUser, PasswordSetBy, User, UserKind};
pub use user_counts::UserCounts;
pub use user_query::{
    OffsetPage, PageRequest, SearchTerm, SearchWord, StatusFilter, UserFilter, UserPage, UserQuery,
};
pub use user_sort::UserSort;
pub use write_context::WriteContext;

/// The reason why a rule rejects a change that is well-formed and permitted in general.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// The user or group does not exist, or the change requires an active user.
    #[error("there is no such active user or group")]
    NotFound,
    /// The caller may change the user, but not this part of them.
    #[error("the caller may not change this part of the user")]
    Forbidden,
    /// The user is active. Only deactivated users can be reactivated.
    #[error("the user is already active")]
    AlreadyActive,
    /// The user is anonymized, which is permanent.
    #[error("the user is anonymized")]
    Anonymized,
    /// The request changes the membership in All Users, which every user has.
    #[error("every user is in All Users")]
    AllUsersIsImplicit,
    /// The user is a member of the group.
    #[error("the user is already a member of the group")]
    AlreadyMember,
    /// The user would be in too many groups, or the request changes too many.
    #[error("too many groups")]
    TooManyGroups,
    /// The group is builtin and cannot be renamed or deleted.
    #[error("the group is builtin")]
    BuiltinGroup(BuiltinGroup),
    /// `is_superuser` contradicts the list of groups.
    #[error("is_superuser contradicts the groups")]
    SuperuserContradictsGroups,
    /// The identity provider manages the user's first name.
    #[error("the identity provider manages the first name")]
    FirstNameManagedBySso,
    /// The identity provider manages the user's last name.
    #[error("the identity provider manages the last name")]
    LastNameManagedBySso,
}
