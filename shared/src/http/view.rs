//! Users in responses. Unit fields are always null; they exist for compatibility with Metabase.

mod api_key;
mod audit;
mod group;

use std::{collections::BTreeMap, ops::Not};

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::token::SessionToken,
    domain::{
        Email, GroupId, Locale, LoginAttributes, PersonName, SsoSource, Timestamp, User, UserId,
    },
};
pub use audit::AuditPageView;

pub use api_key::{ApiKeyCreated, ApiKeyView, ListedApiKeyView};
pub use group::{GroupDetails, GroupListItem, GroupView, MemberView, MembershipView};

/// A recipient of messages: the part of a user visible to all users.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recipient<'a> {
    /// User ID.
    #[schemars(with = "UserId")]
    id: u64,
    /// Email address for login, in lower case.
    #[schemars(with = "Email")]
    email: &'a str,
    #[schemars(with = "Option<PersonName>")]
    first_name: Option<&'a str>,
    #[schemars(with = "Option<PersonName>")]
    last_name: Option<&'a str>,
    /// First and last name, or the only one; the email address if both are null.
    common_name: String,
}

/// The part of a user visible to the user and to administrators.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile<'a> {
    #[serde(flatten)]
    public: Recipient<'a>,
    /// Whether the user is an administrator, a member of group 2.
    is_superuser: bool,
    /// Whether the welcome dialog `qbnewb` has not been dismissed.
    is_qbnewb: bool,
    /// Whether the user may log in.
    is_active: bool,
    /// Time of the last login.
    last_login: Option<Timestamp>,
    /// Time of creation.
    date_joined: Timestamp,
    /// Time of the last change of profile or password.
    updated_at: Timestamp,
    /// Preferred language, as `xx` or `xx_YY`.
    #[schemars(with = "Option<Locale>")]
    locale: Option<&'a str>,
    /// Identity provider of a user without a password in this service.
    #[schemars(with = "Option<SsoSource>")]
    sso_source: Option<&'a str>,
    /// Attributes set by administrators for other systems.
    login_attributes: Option<&'a BTreeMap<String, String>>,
    /// Always false; present for compatibility with Metabase.
    #[schemars(extend("const" = false))]
    is_data_analyst: bool,
    /// Always null; present for compatibility with Metabase.
    tenant_id: (),
    /// Always null; present for compatibility with Metabase.
    jwt_attributes: (),
    /// Whether the user must change their password first. Present only while it is true.
    #[schemars(extend("const" = true))]
    #[serde(skip_serializing_if = "Not::not")]
    must_change_password: bool,
}

/// A group of a user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserGroupMembership")]
struct Membership {
    /// Group ID.
    #[schemars(with = "GroupId")]
    id: u64,
}

/// A user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    /// New email address that the user has not confirmed yet. Present only while there is one.
    #[schemars(with = "Email")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_email: Option<&'a str>,
    /// Groups of the user, in ascending order of their IDs.
    user_group_memberships: Vec<Membership>,
}

/// A user in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserListItem<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    /// IDs of the user's groups, in ascending order.
    #[schemars(with = "Vec<GroupId>")]
    group_ids: Vec<u64>,
    /// The user ID, because this service has no collections.
    #[schemars(with = "UserId")]
    personal_collection_id: u64,
    /// Always null; present for compatibility with Metabase.
    tenant_collection_id: (),
}

/// Additional fields of the current user.
///
/// Fields about collections, questions and models have the values of a Metabase without any. The ID
/// of the personal collection is the user ID, and administrators may write any collection.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CurrentUserFields {
    /// IDs of the user's groups, in ascending order.
    #[schemars(with = "Vec<GroupId>")]
    group_ids: Vec<u64>,
    /// Whether the user set the instance up.
    is_installer: bool,
    /// Whether the user set the instance up and other users exist.
    has_invited_second_user: bool,
    /// Time of the first login; the current time if there was none.
    first_login: Timestamp,
    /// The user ID, because this service has no collections.
    #[schemars(with = "UserId")]
    personal_collection_id: u64,
    /// Always null; present for compatibility with Metabase.
    tenant_collection_id: (),
    /// Always false; present for compatibility with Metabase.
    #[schemars(extend("const" = false))]
    has_question_and_dashboard: bool,
    /// Always false; present for compatibility with Metabase.
    #[schemars(extend("const" = false))]
    has_model: bool,
    /// Always null; present for compatibility with Metabase.
    custom_homepage: (),
    /// Whether the user is an administrator.
    can_write_any_collection: bool,
}

/// A new session.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    /// Session token, for the header `X-Metabase-Session`.
    #[schemars(with = "SessionToken")]
    id: String,
}

/// The new session of a user who has set a new password.
#[derive(Serialize, JsonSchema)]
pub struct PasswordChanged {
    /// Always true.
    #[schemars(extend("const" = true))]
    success: bool,
    /// Session token, for the header `X-Metabase-Session`.
    #[schemars(with = "SessionToken")]
    session_id: String,
}

/// A list, or a page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Envelope<T> {
    /// Items on the page.
    pub data: Vec<T>,
    /// Number of items on all pages; null if they were not counted.
    pub total: Option<usize>,
    /// Maximum number of items on the page.
    pub limit: Option<usize>,
    /// Number of items before the page.
    pub offset: Option<usize>,
    /// The next page. Only a page of a cursor pagination has this member.
    #[serde(flatten)]
    pub next: Option<NextCursor>,
}

/// The next page of a cursor pagination.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NextCursor {
    /// Value of `cursor` for the next page; null on the last page.
    pub next_cursor: Option<String>,
}

fn name(name: Option<&PersonName>) -> Option<&str> {
    name.map(PersonName::as_str)
}

fn group_ids(user: &User) -> Vec<u64> {
    user.groups.iter().map(GroupId::get).collect()
}

impl<'a> From<&'a User> for Profile<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            public: user.into(),
            is_superuser: user.is_superuser(),
            is_qbnewb: user.is_qbnewb,
            is_active: user.is_active,
            last_login: user.last_login,
            date_joined: user.date_joined,
            updated_at: user.updated_at,
            locale: user.locale.as_ref().map(Locale::as_str),
            sso_source: user.sso_source.as_ref().map(SsoSource::as_str),
            login_attributes: user.login_attributes.as_ref().map(LoginAttributes::as_map),
            is_data_analyst: false,
            tenant_id: (),
            jwt_attributes: (),
            must_change_password: user.must_change_password,
        }
    }
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        let memberships = user.groups.iter().map(|group| Membership { id: group.get() });
        Self {
            profile: user.into(),
            pending_email: user.pending_email.as_ref().map(Email::as_str),
            user_group_memberships: memberships.collect(),
        }
    }
}

impl<'a> From<&'a User> for UserListItem<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            profile: user.into(),
            group_ids: group_ids(user),
            personal_collection_id: user.id.get(),
            tenant_collection_id: (),
        }
    }
}

impl<'a> From<&'a User> for Recipient<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.get(),
            email: user.email.as_str(),
            first_name: name(user.first_name.as_ref()),
            last_name: name(user.last_name.as_ref()),
            common_name: user.common_name(),
        }
    }
}

impl CurrentUserFields {
    /// Creates the fields at the time `now`. `has_invited` is the value of
    /// `has_invited_second_user`.
    pub(super) fn new(user: &User, has_invited: bool, now: Timestamp) -> Self {
        Self {
            group_ids: group_ids(user),
            is_installer: user.id == UserId::INSTALLER,
            has_invited_second_user: has_invited,
            first_login: user.first_login.unwrap_or(now),
            personal_collection_id: user.id.get(),
            tenant_collection_id: (),
            has_question_and_dashboard: false,
            has_model: false,
            custom_homepage: (),
            can_write_any_collection: user.is_superuser(),
        }
    }
}

impl From<&SessionToken> for SessionView {
    fn from(token: &SessionToken) -> Self {
        Self { id: token.expose() }
    }
}

impl From<&SessionToken> for PasswordChanged {
    fn from(token: &SessionToken) -> Self {
        Self { success: true, session_id: token.expose() }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        domain::NewUser,
        http::response::max_items_in_response,
        store::{MAX_LISTED_USERS, MAX_RECIPIENTS},
    };

    /// The smallest user has a one-digit ID, an email address of five characters, and no name.
    #[test]
    fn the_limits_of_lists_match_the_largest_response() {
        let new = NewUser::with_email(Email::parse("a@b.c").unwrap());
        let now = Timestamp::new(OffsetDateTime::UNIX_EPOCH);
        let user = User::new(UserId::INSTALLER, new, now);
        let item = serde_json::to_string(&UserListItem::from(&user)).unwrap();
        let recipient = serde_json::to_string(&Recipient::from(&user)).unwrap();
        assert_eq!(MAX_LISTED_USERS, max_items_in_response(&item));
        assert_eq!(MAX_RECIPIENTS, max_items_in_response(&recipient));
    }
}
