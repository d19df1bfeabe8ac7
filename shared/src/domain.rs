//! The rules of accounts, groups and sessions: pure values, no I/O, no clock, no wire format.

mod api_key;
mod attributes;
mod cursor;
mod email;
mod group;
mod ids;
mod listing;
mod locale;
mod modal;
mod once;
mod order;
mod origin;
mod patch;
mod permissions_group;
mod reset;
mod revision;
mod session;
mod site_url;
mod text;
mod throttle;
mod time;
mod trail;
mod user;

pub use api_key::{ApiKey, NewKey};
pub use attributes::LoginAttributes;
pub use cursor::Cursor;
pub use email::Email;
pub use group::Groups;
pub use ids::{GroupId, MembershipId, NotAnId, UserId};
pub use listing::{Filter, Listed, Page, Search, Selection, Status, Window};
pub use locale::Locale;
pub use modal::Modal;
pub use once::{Earlier, Kept, Once, Ticket};
pub use order::Order;
pub use origin::{Arrival, Origin, Via};
pub use patch::{Change, UserPatch};
pub use permissions_group::{Group, Magic};
pub use reset::Reset;
pub use revision::{Expected, Revision, Revisions};
pub use session::{Device, Generation, Session};
pub use site_url::SiteUrl;
pub(crate) use text::fold;
pub use text::{GroupName, KeyName, PersonName, SiteName, SsoSource};
pub use throttle::{Attempts, Limit, Purpose, Scope, Wait};
pub use time::{Day, Period, Timestamp};
pub use trail::{Action, Entry, EntryId, Subject, Trail, TrailFilter};
pub use user::{ChosenBy, Kind, NewUser, User};

/// Why a rule refuses a change that was well formed and permitted in general.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
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
    AllUsers,
    /// The account is in the group.
    #[error("already a member")]
    AlreadyMember,
    /// More groups than an account may be in, or than one request may change.
    #[error("too many groups")]
    TooManyGroups,
    /// The group always exists, and has its name.
    #[error("the group cannot be edited")]
    MagicGroup(Magic),
    /// `is_superuser` says one thing and the list of groups another.
    #[error("is_superuser contradicts the groups")]
    SuperuserContradictsGroups,
    /// The identity provider owns this account's first name.
    #[error("the first name belongs to the identity provider")]
    FirstNameOfSso,
    /// The identity provider owns this account's last name.
    #[error("the last name belongs to the identity provider")]
    LastNameOfSso,
}
