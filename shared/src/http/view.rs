//! Accounts on the wire. A unit field is always null: Metabase has it, this service does not.

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

/// Somebody whom a message can be sent to: what everybody sees of an account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recipient<'a> {
    /// The account's number.
    #[schemars(with = "UserId")]
    id: u64,
    /// The address to sign in with, in lower case.
    #[schemars(with = "Email")]
    email: &'a str,
    #[schemars(with = "Option<PersonName>")]
    first_name: Option<&'a str>,
    #[schemars(with = "Option<PersonName>")]
    last_name: Option<&'a str>,
    /// Both names, or the one that there is, or the address.
    common_name: String,
}

/// What every view of an account has for its owner and administrators.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile<'a> {
    #[serde(flatten)]
    public: Recipient<'a>,
    /// Whether it is an administrator: a member of group 2.
    is_superuser: bool,
    /// Whether the welcome to questions is still to be shown.
    is_qbnewb: bool,
    /// Whether it may sign in.
    is_active: bool,
    /// When it last signed in.
    last_login: Option<Timestamp>,
    /// When it was created.
    date_joined: Timestamp,
    /// When its profile or password last changed.
    updated_at: Timestamp,
    /// The preferred language, `xx` or `xx_YY`.
    #[schemars(with = "Option<Locale>")]
    locale: Option<&'a str>,
    /// The identity provider that it signs in with, if it has no password here.
    #[schemars(with = "Option<SsoSource>")]
    sso_source: Option<&'a str>,
    /// What an administrator notes for other systems to read.
    login_attributes: Option<&'a BTreeMap<String, String>>,
    /// Always false: Metabase has it.
    #[schemars(extend("const" = false))]
    is_data_analyst: bool,
    /// Always null: Metabase has it.
    tenant_id: (),
    /// Always null: Metabase has it.
    jwt_attributes: (),
    /// That the password must be changed before anything else; there only while it is so.
    #[schemars(extend("const" = true))]
    #[serde(skip_serializing_if = "Not::not")]
    must_change_password: bool,
}

/// A group that an account is in.
#[derive(Debug, Serialize, JsonSchema)]
struct Membership {
    /// The group's number.
    #[schemars(with = "GroupId")]
    id: u64,
}

/// An account by itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    /// Its groups, ascending.
    user_group_memberships: Vec<Membership>,
}

/// An account in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListedUser")]
pub struct UserListItem<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    /// Its groups, ascending.
    #[schemars(with = "Vec<GroupId>")]
    group_ids: Vec<u64>,
    /// The account's own number: there are no collections here.
    #[schemars(with = "UserId")]
    personal_collection_id: u64,
    /// Always null: Metabase has it.
    tenant_collection_id: (),
}

/// What the caller's own account has besides.
///
/// The keys about collections, questions and models are those of a Metabase without any: an account's
/// personal collection has the account's number, and administrators may do all.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CurrentUserFields {
    /// Its groups, ascending.
    #[schemars(with = "Vec<GroupId>")]
    group_ids: Vec<u64>,
    /// Whether it is the account that set the instance up.
    is_installer: bool,
    /// Whether it set the instance up and there are other accounts by now.
    has_invited_second_user: bool,
    /// When it first signed in.
    first_login: Timestamp,
    /// The account's own number: there are no collections here.
    #[schemars(with = "UserId")]
    personal_collection_id: u64,
    /// Always null: Metabase has it.
    tenant_collection_id: (),
    /// Always false: Metabase has it.
    #[schemars(extend("const" = false))]
    has_question_and_dashboard: bool,
    /// Always false: Metabase has it.
    #[schemars(extend("const" = false))]
    has_model: bool,
    /// Always null: Metabase has it.
    custom_homepage: (),
    /// Whether it is an administrator.
    can_write_any_collection: bool,
}

/// A session that has just begun.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct SessionView {
    /// The session itself, for `X-Metabase-Session`.
    #[schemars(with = "SessionToken")]
    id: String,
}

/// A password that its owner has replaced, and the session that goes on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewSession")]
pub struct PasswordChanged {
    /// Always true.
    #[schemars(extend("const" = true))]
    success: bool,
    /// The session itself, for `X-Metabase-Session`.
    #[schemars(with = "SessionToken")]
    session_id: String,
}

/// A list, or a page of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Envelope<T> {
    /// The items of the page.
    pub data: Vec<T>,
    /// How many items there are on all pages; null where nobody has counted them.
    pub total: Option<usize>,
    /// How many items the page may have.
    pub limit: Option<usize>,
    /// How many items come before it.
    pub offset: Option<usize>,
    /// Where a walk goes on; no member in what is no walk.
    #[serde(flatten)]
    pub next: Option<NextCursor>,
}

/// Where a walk goes on: null at its end.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NextCursor {
    /// What to ask for next as `cursor`; null at the end.
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
