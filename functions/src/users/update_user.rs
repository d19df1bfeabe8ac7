//! `PUT /api/user/{id}`: updates a user. Administrators also change permissions and groups.

use openapi::{
    Access, Operation, Tag,
    errors::{different_groups, invalid, rule},
};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde_json::json;
use shared::{
    domain::{Email, GroupId, Locale, LoginAttributes, PersonName, UserPatch},
    http::{ApiError, ApiResult, Call, Dialect, Fields, FromFields, PathUser, view::UserView},
};

use crate::{
    current_password::ANY_PASSWORD,
    new_user::GroupReference,
    own_email,
    route::{Event, Lambda, Permission, Route},
    security_email,
};

const CONTRADICTING_GROUPS: &str =
    "Value of is_superuser must correspond to presence of Admin group ID in group_ids.";
const SSO_FIRST_NAME: &str = "Editing first name is not allowed for SSO users.";
const SSO_LAST_NAME: &str = "Editing last name is not allowed for SSO users.";

/// Changes of a user. Absent fields do not change. Null clears a name, the locale or the
/// attributes, and does not change other fields.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct UpdateUser {
    /// The email address. Users who change their own one in documented must also send `password`,
    /// or have signed in within ten minutes.
    email: Option<Email>,
    /// The current password of the caller, for a new email address of their own.
    #[schemars(extend("pattern" = ANY_PASSWORD))]
    password: Option<String>,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    /// The preferred language.
    locale: Option<Locale>,
    login_attributes: Option<LoginAttributes>,
    /// For administrators: whether the user is an administrator. Must agree with the groups.
    is_superuser: Option<bool>,
    /// For administrators: whether the user must change the password first.
    must_change_password: Option<bool>,
    /// For administrators: IDs of all groups of the user. Group 1 is implicit.
    group_ids: Option<Vec<GroupId>>,
    /// The same groups in the form of Metabase. If both are present, they must be equal.
    user_group_memberships: Option<Vec<GroupReference>>,
}

struct Input {
    patch: UserPatch,
    password: Option<SecretString>,
}

impl FromFields for Input {
    /// Absent fields do not change. Null clears a name, the locale or the attributes, and does not
    /// change other fields.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        // There are no data analysts. A value that is not a boolean is still an error.
        fields.bool("is_data_analyst");
        let patch = UserPatch {
            email: fields.optional("email"),
            first_name: fields.patch("first_name"),
            last_name: fields.patch("last_name"),
            locale: fields.patch("locale"),
            login_attributes: fields.patch("login_attributes"),
            is_superuser: fields.bool("is_superuser"),
            must_change_password: fields.bool("must_change_password"),
            groups: fields.groups(),
            omits_all_users: fields.omits_all_users(),
            ..UserPatch::default()
        };
        Some(Self { patch, password: fields.current_password("password") })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/user/{id}",
    function: "update-user",
    summary: "Update a user",
    tag: Tag::Users,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::HASH.with_email(),
    permissions: &[
        Permission::BatchGetItem(&["LOGIN#*", "THROTTLE#*", "USER#*"]),
        Permission::ConditionCheckItem(&["LOGIN#*"]),
        Permission::DeleteItem(&["GROUP#*", "LOGIN#*", "RESET#*"]),
        Permission::PutItem(&["AUDIT#*", "EMAIL#*", "GROUP#*", "LOGIN#*", "USER#*"]),
        Permission::UpdateItem(&["ADMINS", "GROUPS", "LOGIN#*", "THROTTLE#*"]),
    ],
    event: Event::path(&[("id", "2")])
        .with_body(r#"{"first_name": "Updated", "last_name": "Name"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    own_email::doc(profile(operation))
}

fn profile(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let group = operation.examples().analysts.id;
    let mut updated = operation.examples().jane.clone();
    updated.first_name = PersonName::parse("Updated");
    updated.last_name = PersonName::parse("Name");
    operation
        .text(
            "Without administrator permissions, `is_superuser` and `login_attributes` have no \
            effect, and different groups return 403. A deactivated user returns 404.",
        )
        .dialects(
            "A taken email address returns 409 in documented, 400 with another sentence in \
            metabase. In metabase, `user_group_memberships` must include group 1.",
        )
        .path_user_id()
        .request_body::<UpdateUser>(&[
            ("rename", json!({ "first_name": "Updated", "last_name": "Name" })),
            ("promote", json!({ "is_superuser": true })),
        ])
        .response::<UserView<'_>>("The updated user.", &[("renamed", dialect.user(&updated))])
        .with_etag()
        .conditional_write()
        .error("invalid", invalid("email", "nullable value must be a valid email address."))
        .error("contradicting-groups", rule("is_superuser", CONTRADICTING_GROUPS))
        .error("sso-first-name", rule("first_name", SSO_FIRST_NAME))
        .error("sso-last-name", rule("last_name", SSO_LAST_NAME))
        .error("different-groups", different_groups())
        .error("unknown-group", ApiError::UnknownGroup(group))
        .error("too-many-groups", ApiError::TooManyGroups)
        .error("last-admin", ApiError::LastAdmin)
        .error("email-taken", ApiError::EmailTakenOnUpdate)
        .error("contention", ApiError::Contention)
        .error_if(dialect == Dialect::Metabase, "without-all-users", ApiError::AllUsersIsImplicit)
}

/// Updates a user. Allowed for the user and for administrators.
///
/// In a request of the user, fields for administrators have no effect. Different groups are an
/// error. A new email address of the caller's own may have to be confirmed first.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Users also get 403
/// for different groups, or for another email address if their identity provider manages it.
/// Returns 400 for an invalid ID, invalid fields or the last administrator, and 404 for an unknown
/// or deactivated user. Returns 409 for a taken email address or after contention, and 412 for a
/// failed precondition. For a new email address of their own, users get 400 for a wrong current
/// password or an address to which no email can be sent, 429 after ten changes within an hour, and
/// 503 if the mail service does not accept the email.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let Input { patch, password } = call.body()?;
    let access = caller.self_or_admin(target)?;
    let context = caller.write_context();

    let before = access.user();
    let user = match access.own_new_email(&patch) {
        Some(email) => own_email::change(&call, &access, (patch, email, password), context).await?,
        None => call.store().update_user(&access, patch, context).await?,
    };
    security_email::send_if_promoted(&call, Some(before), &user).await;

    call.dialect().user(&user)
}
