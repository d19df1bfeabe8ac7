//! The body of a new user, in both dialects.

use schemars::JsonSchema;
use serde_json::Value;
use shared::{
    auth::password_policy::NewPassword,
    domain::{Email, GroupId, Locale, LoginAttributes, NewUser, PersonName, SsoSource},
    http::{Dialect, Fields, FromFields, NonBlank},
};

/// A new user with names, and a password or an identity provider. An invitation has only an email
/// address, or `source`.
#[derive(JsonSchema)]
#[schemars(extend("anyOf" = [
    {
        "required": ["first_name", "last_name", "password"],
        "properties": {
            "first_name": { "type": "string" },
            "last_name": { "type": "string" },
            "password": { "type": "string" },
        },
    },
    {
        "required": ["first_name", "last_name", "sso_source"],
        "properties": {
            "first_name": { "type": "string" },
            "last_name": { "type": "string" },
            "sso_source": { "type": "string" },
        },
    },
    { "required": ["source"], "properties": { "source": { "const": "admin" } } },
    { "not": { "anyOf": [
        { "required": ["first_name"] },
        { "required": ["last_name"] },
        { "required": ["password"] },
        { "required": ["sso_source"] },
    ] } },
]))]
#[expect(dead_code, reason = "a schema, never constructed")]
pub(crate) struct CreateUser {
    email: Email,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    /// `admin` for an invitation, which needs neither names nor a password.
    #[schemars(example = &"admin")]
    source: Option<String>,
    #[serde(flatten)]
    options: UserOptions,
}

/// A new user.
#[derive(JsonSchema)]
#[schemars(rename = "CreateUser")]
#[expect(dead_code, reason = "a schema, never constructed")]
pub(crate) struct InviteUser {
    email: Email,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    /// The source of the invitation. `setup` creates an administrator.
    #[schemars(extend("enum" = ["admin", "setup", null]))]
    source: Option<String>,
    /// The target of the invitation in Metabase.
    invite_target: Option<InviteTarget>,
    /// Always null: there are no tenants.
    tenant_id: Option<()>,
    #[serde(flatten)]
    options: UserOptions,
}

/// A question or a dashboard of Metabase.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct InviteTarget {
    #[schemars(extend("enum" = ["dashboard", "question"]))]
    r#type: String,
    #[schemars(range(min = 1, max = i64::MAX))]
    id: u64,
    name: NonBlank,
}

/// The optional fields of a new user.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct UserOptions {
    /// Required without `sso_source`.
    password: Option<NewPassword>,
    /// The identity provider of the user.
    sso_source: Option<SsoSource>,
    /// IDs of existing groups. Group 1 is implicit, group 2 makes the user an administrator.
    group_ids: Option<Vec<GroupId>>,
    /// The same groups in the form of Metabase. If both are present, they must be equal.
    user_group_memberships: Option<Vec<GroupReference>>,
    /// The preferred language.
    locale: Option<Locale>,
    login_attributes: Option<LoginAttributes>,
    /// Whether the user must change the password first.
    must_change_password: Option<bool>,
}

/// A group in a list of memberships.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
pub(crate) struct GroupReference {
    /// The group ID.
    id: GroupId,
}

/// The parsed body, in both dialects.
pub(crate) struct Input {
    pub(crate) new: NewUser,
    pub(crate) password: Option<NewPassword>,
    /// Whether `user_group_memberships` omits group 1, which the metabase dialect forbids.
    pub(crate) omits_all_users: bool,
}

impl FromFields for Input {
    /// Users of an identity provider need no password. `is_superuser` is ignored, because
    /// membership in group 2 grants administrator permissions.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email");
        let is_invitation = is_invitation(fields);
        let first_name = name(fields, "first_name", is_invitation);
        let last_name = name(fields, "last_name", is_invitation);
        let sso_source = fields.optional("sso_source");
        let password = password(fields, is_invitation || sso_source.is_some());
        let groups = fields.groups().unwrap_or_default();
        let groups = if is_invited_by_setup(fields) { groups.with_admin(true) } else { groups };
        check_invitation(fields);
        let omits_all_users = fields.omits_all_users();
        let locale = fields.optional("locale");
        let login_attributes = fields.optional("login_attributes");
        let must_change_password = fields.bool("must_change_password").unwrap_or_default();
        let new = NewUser {
            email: email?,
            first_name,
            last_name,
            groups,
            locale,
            login_attributes,
            sso_source,
            must_change_password,
        };
        Some(Self { new, password, omits_all_users })
    }
}

/// Whether the user gets an invitation: an email address without names, password and identity
/// provider. In the metabase dialect every user without a password does.
fn is_invitation(fields: &Fields<'_>) -> bool {
    const OTHERS: [&str; 4] = ["first_name", "last_name", "password", "sso_source"];
    let has_source = fields.json("source").and_then(Value::as_str) == Some("admin");
    let has_only_email = fields.is_set("email") && !OTHERS.iter().any(|name| fields.contains(name));
    fields.dialect().password_is_optional() || has_only_email || has_source
}

/// A name. An invitation does not require it.
fn name(fields: &mut Fields<'_>, field: &str, is_invitation: bool) -> Option<PersonName> {
    if is_invitation { fields.optional(field) } else { fields.required(field) }
}

/// The password, unless it is optional and absent.
fn password(fields: &mut Fields<'_>, is_optional: bool) -> Option<NewPassword> {
    let is_expected = fields.is_set("password") || !is_optional;
    is_expected.then(|| fields.new_password("password")).flatten()
}

/// Whether the user is invited during setup. Such a user becomes an administrator.
fn is_invited_by_setup(fields: &mut Fields<'_>) -> bool {
    if !fields.dialect().accepts_invitation_fields() || !fields.is_set("source") {
        return false;
    }
    let source = fields.json("source").and_then(Value::as_str);
    let (is_valid, is_setup) = (matches!(source, Some("admin" | "setup")), source == Some("setup"));
    if !is_valid {
        fields.add_error("source", "value must be either admin or setup.");
    }
    is_setup
}

/// Checks the other fields of an invitation. Its target must be well-formed, and there are no
/// tenants.
fn check_invitation(fields: &mut Fields<'_>) {
    if !fields.dialect().accepts_invitation_fields() {
        return;
    }
    if fields.is_set("tenant_id") {
        fields.add_error("tenant_id", "There are no tenants.");
    }
    let dialect = fields.dialect();
    if fields.json("invite_target").is_some_and(|target| !is_invite_target(target, dialect)) {
        fields.add_error("invite_target", "nullable value must be a map of type, id and name.");
    }
}

fn is_invite_target(target: &Value, dialect: Dialect) -> bool {
    let text = |name: &str| target.get(name).and_then(Value::as_str);
    let id = target.get("id").and_then(|id| dialect.integer(id));
    matches!(text("type"), Some("dashboard" | "question"))
        && id.is_some_and(|id| id > 0)
        && text("name").is_some_and(|name| !name.trim().is_empty())
}
