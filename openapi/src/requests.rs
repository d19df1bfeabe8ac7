//! Bodies and queries. The handlers read them field by field; tests hold what is said here to what they
//! accept.

use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    domain::GroupId,
    http::{PageLimit, PageOffset},
};

mod audit;
mod groups;

pub(crate) use audit::ListAudit;
pub(crate) use groups::{
    CreateApiKey, CreateGroup, CreateMembership, ListGroups, NameGroup, UpdateApiKey,
    UpdateMembership,
};

use crate::fields::{
    AddressText, CurrentPasswordText, CursorText, DateOrDateTime, LineText, LocaleText,
    LoginAttributesSchema, NewPasswordText, NonBlankText, SearchText, Sort,
};

/// A group, by its number.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GroupRef {
    /// The group's number.
    #[schemars(with = "GroupId")]
    pub(crate) id: u64,
}

/// What a new account is made of.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(extend("anyOf" = [
    { "required": ["password"], "properties": { "password": { "type": "string" } } },
    { "required": ["sso_source"], "properties": { "sso_source": { "type": "string" } } },
]))]
pub(crate) struct CreateUser {
    pub(crate) email: AddressText,
    pub(crate) first_name: LineText,
    pub(crate) last_name: LineText,
    #[serde(flatten)]
    pub(crate) rest: NewAccount,
}

/// What a new account is made of.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CreateUser")]
pub(crate) struct InviteUser {
    pub(crate) email: AddressText,
    pub(crate) first_name: Option<LineText>,
    pub(crate) last_name: Option<LineText>,
    /// Where the invitation comes from: `setup` makes an administrator.
    #[schemars(extend("enum" = ["admin", "setup", null]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<&'static str>,
    /// What the invitation leads to in Metabase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invite_target: Option<InviteTarget>,
    /// There are no organisations but one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tenant_id: Option<()>,
    #[serde(flatten)]
    pub(crate) rest: NewAccount,
}

/// A question or a dashboard of Metabase.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InviteTarget {
    #[schemars(extend("enum" = ["dashboard", "question"]))]
    r#type: &'static str,
    #[schemars(range(min = 1, max = i64::MAX))]
    id: u64,
    name: NonBlankText,
}

/// What a new account may have besides.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct NewAccount {
    /// Needed unless `sso_source` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<NewPasswordText>,
    /// The identity provider that the account signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sso_source: Option<LineText>,
    /// Groups that exist. Group 1 goes without saying, group 2 makes an administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<GroupId>>")]
    pub(crate) group_ids: Option<Vec<u64>>,
    /// The same groups in Metabase's form. With both given, they must be the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_group_memberships: Option<Vec<GroupRef>>,
    /// The preferred language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<LocaleText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) login_attributes: Option<LoginAttributesSchema>,
    /// Whether the password must be changed before anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) must_change_password: Option<bool>,
}

/// What is to change. What is absent stays; null clears a name, the locale or the attributes, and
/// leaves the rest as it is.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct UpdateUser {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<AddressText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<LineText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<LineText>,
    /// The preferred language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) locale: Option<LocaleText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) login_attributes: Option<LoginAttributesSchema>,
    /// For administrators: whether it is one. Must agree with the groups, if both are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_superuser: Option<bool>,
    /// For administrators: whether the password must be changed before anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) must_change_password: Option<bool>,
    /// For administrators: all its groups, which exist. Group 1 goes without saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<GroupId>>")]
    pub(crate) group_ids: Option<Vec<u64>>,
    /// The same groups in Metabase's form. With both given, they must be the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_group_memberships: Option<Vec<GroupRef>>,
}

/// A new password, in the form of Metabase's page or in that of Metabase itself.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum UpdatePassword {
    /// The page's form.
    Documented {
        /// The current password, for one's own account; a blank one is as if it were absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<CurrentPasswordText>,
        new_password: NewPasswordText,
    },
    /// Metabase's own form.
    Metabase {
        /// The new password.
        password: NewPasswordText,
        /// The current password, for one's own account; a blank one is as if it were absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        old_password: Option<CurrentPasswordText>,
    },
}

/// Who logs in.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Login {
    /// The address, in any case.
    pub(crate) username: NonBlankText,
    pub(crate) password: NonBlankText,
    /// Whether the cookie outlives the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remember: Option<bool>,
}

/// A password to compare with the policy.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckPassword {
    pub(crate) password: NewPasswordText,
}

/// Who has forgotten a password.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ForgotPassword {
    pub(crate) email: AddressText,
}

/// A new password, and the right to choose it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ResetPassword {
    /// What is behind the last slash of the link.
    pub(crate) token: NonBlankText,
    pub(crate) password: NewPasswordText,
}

/// A reset token.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "a query is described, not made")]
pub(crate) struct ResetToken {
    /// What is behind the last slash of the link.
    token: NonBlankText,
}

/// The first administrator, and the instance's name.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SetUp {
    /// The operator's setup token.
    pub(crate) token: NonBlankText,
    pub(crate) user: FirstUser,
    pub(crate) prefs: Option<Prefs>,
}

/// The first administrator, and the instance's name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SetUp")]
pub(crate) struct SetUpNamed {
    /// The operator's setup token.
    pub(crate) token: NonBlankText,
    pub(crate) user: FirstUser,
    pub(crate) prefs: NamedPrefs,
}

/// The first administrator.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FirstUser {
    pub(crate) email: AddressText,
    pub(crate) first_name: Option<LineText>,
    pub(crate) last_name: Option<LineText>,
    pub(crate) password: NewPasswordText,
}

/// What the instance is called, and its language.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Prefs {
    pub(crate) site_name: Option<LineText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) site_locale: Option<LocaleText>,
}

/// What the instance is called, and its language.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Prefs")]
pub(crate) struct NamedPrefs {
    pub(crate) site_name: LineText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) site_locale: Option<LocaleText>,
}

/// What is told again in the answer, and not applied.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "a query is described, not made")]
pub(crate) struct TellAgain {
    /// Told again, and not applied.
    #[schemars(range(min = 1, max = PageLimit::MAX))]
    limit: Option<u64>,
    /// Told again, and not applied.
    #[schemars(range(max = PageOffset::MAX))]
    offset: Option<u64>,
}

/// Which accounts to list.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "a query is described, not made")]
pub(crate) struct ListUsers {
    /// `active`, `deactivated` or `all`; anything else means `active`.
    #[schemars(example = &"all")]
    status: Option<String>,
    /// Whether deactivated accounts are listed too; wins over `status`.
    include_deactivated: Option<bool>,
    /// Part of a name or an address, in any case.
    #[schemars(example = &"jane")]
    query: Option<SearchText>,
    /// A group that the accounts are in.
    group_id: Option<GroupId>,
    /// Whether only analysts are listed, of whom there are none.
    is_data_analyst: Option<bool>,
    /// Of which organisations the accounts are: there is one, and nobody is `external`. Not together with `tenant_id`.
    #[schemars(extend("enum" = ["all", "external", "internal"]))]
    tenancy: Option<String>,
    /// An organisation that the accounts are of: nobody is of any.
    tenant_id: Option<GroupId>,
    /// What the accounts are ordered by, from the greatest on with a `-` in front.
    #[schemars(with = "Option<Sort>")]
    sort: Option<String>,
    /// When the last login of the accounts was, or later.
    #[schemars(with = "Option<DateOrDateTime>")]
    last_login_after: Option<String>,
    /// Before when the last login of the accounts was.
    #[schemars(with = "Option<DateOrDateTime>")]
    last_login_before: Option<String>,
    /// Begins a walk when it is empty, and goes on with it as `next_cursor` of the answer before.
    #[schemars(with = "Option<CursorText>")]
    cursor: Option<String>,
    /// How many accounts a page has; 50 if only `offset` is given.
    #[schemars(range(min = 1, max = PageLimit::MAX), example = 10)]
    limit: Option<u64>,
    /// How many accounts come before the page; 0 if only `limit` is given.
    #[schemars(range(max = PageOffset::MAX), example = 0)]
    offset: Option<u64>,
}
