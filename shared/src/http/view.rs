//! Users in responses. A unit field is always null: it exists only for Metabase's clients.

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

pub use api_key::{ApiKeyCreated, ApiKeyView};
pub use group::{GroupDetails, GroupListItem, GroupView, MemberView, MembershipView};

/// The recipient of a message: the fields of a user visible to every user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recipient<'a> {
    /// The user ID.
    #[schemars(with = "UserId")]
    id: u64,
    /// The email address, in lower case.
    #[schemars(with = "Email")]
    email: &'a str,
    #[schemars(with = "Option<PersonName>")]
    first_name: Option<&'a str>,
    #[schemars(with = "Option<PersonName>")]
    last_name: Option<&'a str>,
    /// Both names, or the only one, or the email address.
    common_name: String,
}

/// The profile of a user, for the user and for administrators.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile<'a> {
    #[serde(flatten)]
    public: Recipient<'a>,
    /// Whether the user is an administrator, a member of group 2.
    is_superuser: bool,
    /// Whether the welcome dialog for questions is pending.
    is_qbnewb: bool,
    /// Whether the user can log in.
    is_active: bool,
    /// The time of the last login.
    last_login: Option<Timestamp>,
    /// The time of the creation.
    date_joined: Timestamp,
    /// The time of the last change of the profile or password.
    updated_at: Timestamp,
    /// The preferred language, `xx` or `xx_YY`.
    #[schemars(with = "Option<Locale>")]
    locale: Option<&'a str>,
    /// The identity provider of a user without a password.
    #[schemars(with = "Option<SsoSource>")]
    sso_source: Option<&'a str>,
    /// Attributes for use by other systems.
    login_attributes: Option<&'a BTreeMap<String, String>>,
    /// Always false. Only for Metabase's clients.
    #[schemars(extend("const" = false))]
    is_data_analyst: bool,
    /// Always null. Only for Metabase's clients.
    tenant_id: (),
    /// Always null. Only for Metabase's clients.
    jwt_attributes: (),
    /// Present while the user must change the password first.
    #[schemars(extend("const" = true))]
    #[serde(skip_serializing_if = "Not::not")]
    must_change_password: bool,
}

/// A group of a user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserGroupMembership")]
struct Membership {
    /// The group ID.
    #[schemars(with = "GroupId")]
    id: u64,
}

/// A user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    /// The groups of the user, by ID.
    user_group_memberships: Vec<Membership>,
}

/// A user in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserListItem<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    /// The groups of the user, by ID.
    #[schemars(with = "Vec<GroupId>")]
    group_ids: Vec<u64>,
    /// The user ID: there are no collections here.
    #[schemars(with = "UserId")]
    personal_collection_id: u64,
    /// Always null. Only for Metabase's clients.
    tenant_collection_id: (),
}

/// Additional fields of the current user.
///
/// The fields for collections, questions and models are those of a Metabase without any of them.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CurrentUserFields {
    /// The groups of the user, by ID.
    #[schemars(with = "Vec<GroupId>")]
    group_ids: Vec<u64>,
    /// Whether the user is the first administrator, created by setup.
    is_installer: bool,
    /// Whether the user is the first administrator and other users exist.
    has_invited_second_user: bool,
    /// The time of the first login.
    first_login: Timestamp,
    /// The user ID: there are no collections here.
    #[schemars(with = "UserId")]
    personal_collection_id: u64,
    /// Always null. Only for Metabase's clients.
    tenant_collection_id: (),
    /// Always false. Only for Metabase's clients.
    #[schemars(extend("const" = false))]
    has_question_and_dashboard: bool,
    /// Always false. Only for Metabase's clients.
    #[schemars(extend("const" = false))]
    has_model: bool,
    /// Always null. Only for Metabase's clients.
    custom_homepage: (),
    /// Whether the user is an administrator.
    can_write_any_collection: bool,
}

/// A new session.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    /// The session token, for `X-Metabase-Session`.
    #[schemars(with = "SessionToken")]
    id: String,
}

/// The new session after a password change.
#[derive(Serialize, JsonSchema)]
pub struct PasswordChanged {
    /// Always true.
    #[schemars(extend("const" = true))]
    success: bool,
    /// The session token, for `X-Metabase-Session`.
    #[schemars(with = "SessionToken")]
    session_id: String,
}

/// A list, or a page of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Envelope<T> {
    /// The items of the page.
    pub data: Vec<T>,
    /// The number of items on all pages, or null if it is unknown.
    pub total: Option<usize>,
    /// The maximum number of items of the page.
    pub limit: Option<usize>,
    /// The number of items before the page.
    pub offset: Option<usize>,
    /// The next cursor. Only with cursor pagination.
    #[serde(flatten)]
    pub next: Option<NextCursor>,
}

/// The cursor of the next page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NextCursor {
    /// The `cursor` for the next page, or null after the last one.
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
        Self { profile: user.into(), user_group_memberships: memberships.collect() }
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
    /// The account as it is `now`; `invited` is whether others have accounts.
    pub(super) fn new(user: &User, invited: bool, now: Timestamp) -> Self {
        Self {
            group_ids: group_ids(user),
            is_installer: user.id == UserId::INSTALLER,
            has_invited_second_user: invited,
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

    /// The account whose number has one digit, whose address has five characters, and that has no name.
    #[test]
    fn no_answer_holds_more_accounts_than_are_read_for_one() {
        let new = NewUser::with_email(Email::parse("a@b.c").unwrap());
        let now = Timestamp::new(OffsetDateTime::UNIX_EPOCH);
        let user = User::new(UserId::INSTALLER, new, now);
        let item = serde_json::to_string(&UserListItem::from(&user)).unwrap();
        let recipient = serde_json::to_string(&Recipient::from(&user)).unwrap();
        assert_eq!(MAX_LISTED_USERS, max_items_in_response(&item));
        assert_eq!(MAX_RECIPIENTS, max_items_in_response(&recipient));
    }
}
