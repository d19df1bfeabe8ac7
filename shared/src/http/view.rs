//! Accounts on the wire. A unit field is always null: Metabase has it, this service does not.

mod api_key;
mod group;

use std::{collections::BTreeMap, ops::Not};

use serde::Serialize;

use crate::{
    auth::token::SessionToken,
    domain::{GroupId, Locale, LoginAttributes, PersonName, SsoSource, Timestamp, User, UserId},
};

pub use api_key::{ApiKeyView, NewApiKey};
pub use group::{GroupView, GroupWithMembers, ListedGroup, MemberView, MembershipView};

/// Somebody whom a message can be sent to: what everybody sees of an account.
#[derive(Debug, Serialize)]
pub(super) struct Recipient<'a> {
    id: u64,
    email: &'a str,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    common_name: String,
}

/// What every view of an account has for its owner and administrators.
#[derive(Debug, Serialize)]
pub(super) struct Profile<'a> {
    #[serde(flatten)]
    public: Recipient<'a>,
    is_superuser: bool,
    is_qbnewb: bool,
    is_active: bool,
    last_login: Option<Timestamp>,
    date_joined: Timestamp,
    updated_at: Timestamp,
    locale: Option<&'a str>,
    sso_source: Option<&'a str>,
    login_attributes: Option<&'a BTreeMap<String, String>>,
    is_data_analyst: bool,
    tenant_id: (),
    jwt_attributes: (),
    /// There only while it is so.
    #[serde(skip_serializing_if = "Not::not")]
    must_change_password: bool,
}

#[derive(Debug, Serialize)]
struct Membership {
    id: u64,
}

/// An account by itself.
#[derive(Debug, Serialize)]
pub(super) struct UserView<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    user_group_memberships: Vec<Membership>,
}

/// An account in a list.
#[derive(Debug, Serialize)]
pub(super) struct ListItem<'a> {
    #[serde(flatten)]
    profile: Profile<'a>,
    group_ids: Vec<u64>,
    personal_collection_id: u64,
    tenant_collection_id: (),
}

/// What the caller's own account has besides.
///
/// The keys about collections, questions and models are those of a Metabase without any: an account's
/// personal collection has the account's number, and administrators may do all.
#[derive(Debug, Serialize)]
pub(super) struct Current {
    group_ids: Vec<u64>,
    is_installer: bool,
    has_invited_second_user: bool,
    first_login: Timestamp,
    personal_collection_id: u64,
    tenant_collection_id: (),
    has_question_and_dashboard: bool,
    has_model: bool,
    custom_homepage: (),
    can_write_any_collection: bool,
}

/// A session that has just begun.
#[derive(Serialize)]
pub struct SessionView {
    id: String,
}

/// A password that its owner has replaced, and the session that goes on.
#[derive(Serialize)]
pub struct ReplacedView {
    success: bool,
    session_id: String,
}

/// A list, or a page of it.
#[derive(Debug, Serialize)]
pub(super) struct Envelope<T> {
    /// The items of the page.
    pub(super) data: Vec<T>,
    /// How many items there are on all pages.
    pub(super) total: Option<usize>,
    /// How many items the page may have.
    pub(super) limit: Option<usize>,
    /// How many items come before it.
    pub(super) offset: Option<usize>,
    /// Where a walk goes on; no member in what is no walk.
    #[serde(flatten)]
    pub(super) next: Option<Next>,
}

/// Where a walk goes on: null at its end.
#[derive(Debug, Serialize)]
pub(super) struct Next {
    pub(super) next_cursor: Option<String>,
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

impl<'a> From<&'a User> for ListItem<'a> {
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

impl Current {
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
        Self { id: token.reveal() }
    }
}

impl From<&SessionToken> for ReplacedView {
    fn from(token: &SessionToken) -> Self {
        Self { success: true, session_id: token.reveal() }
    }
}
