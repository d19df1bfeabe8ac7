//! `PUT /api/user/{id}/password`: replaces a password and revokes all sessions of the user.

use openapi::{
    Access, Operation, Tag,
    errors::{common_password, invalid, rule},
};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde_json::json;
use shared::{
    auth::{password_hash, password_policy::NewPassword},
    authorization::UserAccess,
    domain::{RateLimitedAction, RateLimits, RetryAfter, WriteContext},
    http::{
        ApiError, ApiResult, Call, FieldErrors, Fields, FromFields, PathUser, response,
        view::PasswordChanged,
    },
    mail::EmailMessage,
    store::PasswordChange,
};

use crate::{
    current_password::{ANY_PASSWORD, verify_current, wrong_password},
    route::{Event, Lambda, Permission, Route},
    security_email,
};

pub(super) const SAME_PASSWORD: &str = "password must not be the current one.";

/// A new password, in one of two forms.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "a schema, never constructed")]
enum UpdatePassword {
    /// The form documented by Metabase.
    Documented {
        /// The current password. A blank one counts as absent.
        #[schemars(extend("pattern" = ANY_PASSWORD))]
        password: Option<String>,
        new_password: NewPassword,
    },
    /// The form sent by Metabase's own client.
    Metabase {
        /// The new password.
        password: NewPassword,
        /// The current password. A blank one counts as absent.
        #[schemars(extend("pattern" = ANY_PASSWORD))]
        old_password: Option<String>,
    },
}

/// The parsed body: both forms of [`UpdatePassword`].
struct Input {
    new: NewPassword,
    new_field: &'static str,
    current: Option<SecretString>,
    current_field: &'static str,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let (new_field, current_field) = if fields.contains("new_password") {
            ("new_password", "password")
        } else {
            ("password", "old_password")
        };
        let current = fields.current_password(current_field);
        Some(Self { new: fields.new_password(new_field)?, new_field, current, current_field })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/user/{id}/password",
    function: "update-password",
    summary: "Replace a password",
    tag: Tag::Passwords,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::HASH.rate_limited().with_email(),
    permissions: &[
        Permission::BatchGetItem(&["LOGIN#*", "THROTTLE#*", "USER#*"]),
        Permission::ConditionCheckItem(&["THROTTLE#*"]),
        Permission::PutItem(&["AUDIT#*", "DEVICE#*", "SESSION#*", "USER#*"]),
        Permission::UpdateItem(&["IMPORTEDPASSWORDS", "LOGIN#*", "THROTTLE#*"]),
    ],
    event: Event::path(&[("id", "2")]).with_body(r#"{"password": "PASSWORD"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let own = PasswordChanged::from(&operation.examples().session);
    field_errors(operation)
        .text(
            "Users must send their current password. The change revokes all sessions of the user, \
            and users with a changed password of their own get a new session.",
        )
        .paragraph(
            "The body has one of two forms. With `new_password`, `password` is the current \
            password, as documented by Metabase. Without it, `password` is the new one and \
            `old_password` the current one, as sent by Metabase's own client.",
        )
        .dialects(
            "Administrators must send the current password for their own change in documented \
            only.",
        )
        .path_user_id()
        .request_body::<UpdatePassword>(&[
            (
                "documented",
                json!({ "password": "SecurePassword123!", "new_password": "An0therPassword!" }),
            ),
            (
                "metabase",
                json!({ "password": "An0therPassword!", "old_password": "SecurePassword123!" }),
            ),
        ])
        .response::<PasswordChanged>(
            "The caller's own password is replaced.",
            &[("own", response::ok(&own))],
        )
        .sets_cookie()
        .no_content("The password of another user is replaced.")
        .conditional_write()
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ChangePassword).into())
        .error("contention", ApiError::Contention)
}

/// Adds the errors on a field, in both forms of the body.
fn field_errors(operation: Operation<'_>) -> Operation<'_> {
    operation
        .error("invalid", invalid("new_password", "value must be a non-blank string."))
        .error("common-password", common_password("new_password"))
        .error("common-password-metabase", common_password("password"))
        .error("same-password", rule("new_password", SAME_PASSWORD))
        .error("same-password-metabase", rule("password", SAME_PASSWORD))
        .error("wrong-password", wrong_password("password"))
        .error("wrong-password-metabase", wrong_password("old_password"))
}

/// Replaces a password and revokes all sessions of the user. Allowed for the user and for
/// administrators.
///
/// Users must send their current password, except administrators in the metabase dialect. They get
/// a new session. Users with a pending password change must choose a different password. With mail
/// settings the user gets an email about the change.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, an invalid new password or a wrong current password. Returns 404 for an unknown or
/// deactivated user, 409 after contention, and 412 for a failed precondition. Returns 429 after ten
/// wrong current passwords of a user within an hour.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate(PathUser).await?;
    let input: Input = call.body()?;
    let context = caller.write_context().clone();
    let access = caller.authorize_password_change(target)?;
    access.require_active()?;

    if access.is_own() {
        change_own(&call, &access, input, &context).await
    } else {
        set_password(&call, &access, input, &context).await
    }
}

/// Replaces the caller's own password, and creates a session.
async fn change_own(
    call: &Call,
    access: &UserAccess,
    input: Input,
    context: &WriteContext,
) -> ApiResult {
    let is_required = call.dialect().asks_current_password(access.is_admin());
    let rate_limits =
        if is_required { Some(verify(call, access, &input, context).await?) } else { None };
    let user = access.user();
    let session = call.new_session(user.id, user.generation.next())?;
    let hash = password_hash::hash(&input.new).await?;
    let change = PasswordChange::new(&hash, Some(&session)).with_rate_limits(rate_limits.as_ref());
    call.store().replace_password(access, change, context).await?;
    security_email::send(call, user, EmailMessage::password_changed).await;

    let cookies = call.session_cookies(&session, false);
    Ok(response::ok(&PasswordChanged::from(&session.token))?.cookies(cookies))
}

/// Verifies the current password. A required change needs a different one.
async fn verify(
    call: &Call,
    access: &UserAccess,
    input: &Input,
    context: &WriteContext,
) -> Result<RateLimits, ApiError> {
    let current = input.current.as_ref();
    let rate_limits = verify_current(call, access, (input.current_field, current), context).await?;
    let is_same = current.is_some_and(|current| input.new.is(current));
    if access.user().must_change_password && is_same {
        return Err(ApiError::RuleViolation(FieldErrors::single(input.new_field, SAME_PASSWORD)));
    }
    Ok(rate_limits)
}

/// Replaces the password of another user.
async fn set_password(
    call: &Call,
    access: &UserAccess,
    input: Input,
    context: &WriteContext,
) -> ApiResult {
    let hash = password_hash::hash(&input.new).await?;
    call.store().replace_password(access, PasswordChange::new(&hash, None), context).await?;
    security_email::send(call, access.user(), EmailMessage::password_set).await;

    Ok(response::no_content())
}
