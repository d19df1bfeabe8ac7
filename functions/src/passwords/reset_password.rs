//! `POST /api/session/reset_password`: exchanges a reset token for a new password and a session.

use openapi::{
    Access, Examples, Operation, Tag,
    errors::{common_password, invalid_value, rule},
};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use shared::{
    auth::{
        password_hash::{self, PasswordMatch},
        password_policy::NewPassword,
        reset_token::ResetGrant,
    },
    domain::{Action, AuthMethod, RateLimitedAction, RetryAfter},
    http::{
        ApiError, ApiResult, Call, FieldErrors, Fields, FromFields, NonBlank, response,
        view::PasswordChanged,
    },
    mail::EmailMessage,
};

use super::update_password::SAME_PASSWORD;
use crate::{
    route::{Event, Lambda, Permission, Route},
    security_email,
};

/// The error for a password of a user of an identity provider.
const SSO_PASSWORD: &str = "The identity provider of the user manages the password.";

/// A reset token and a new password.
#[derive(JsonSchema)]
#[schemars(rename = "ResetPassword")]
struct Input {
    /// The part of the reset link after the last slash.
    #[schemars(with = "NonBlank")]
    token: SecretString,
    password: NewPassword,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token");
        let password = fields.new_password("password");
        Some(Self { token: token?, password: password? })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/session/reset_password",
    function: "reset-password",
    summary: "Reset a password",
    tag: Tag::Passwords,
    access: Access::ResetToken,
    lambda: Lambda::HASH.rate_limited().with_email(),
    permissions: &[
        Permission::BatchGetItem(&["LOGIN#*", "RESET#*", "THROTTLE#*", "USER#*"]),
        Permission::DeleteItem(&["RESET#*"]),
        Permission::PutItem(&["AUDIT#*", "DEVICE#*", "SESSION#*", "USER#*"]),
        Permission::UpdateItem(&["IMPORTEDPASSWORDS", "LOGIN#*", "THROTTLE#*"]),
    ],
    event: Event::body(
        r#"{"token": "2_bm90IGEgdG9rZW4gYnV0IGl0IGxvb2tzIGxpa2Ugb24", "password": "PASSWORD"}"#,
    ),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let session = response::ok(&PasswordChanged::from(&operation.examples().session));
    operation
        .text(
            "Revokes all sessions of the user and creates a new one. Ten invalid tokens from a \
            client IP within an hour delay the next attempt.",
        )
        .dialects("Too many attempts return 429 in documented, 400 in metabase.")
        .request_body::<Input>(&[(
            "reset",
            json!({ "token": Examples::RESET_TOKEN, "password": "An0therPassword!" }),
        )])
        .response::<PasswordChanged>("The password is replaced.", &[("session", session)])
        .sets_cookie()
        .error("invalid", invalid_value::<NonBlank>("token"))
        .error("common-password", common_password("password"))
        .error("invalid-token", ApiError::invalid_reset_token())
        .error("same-password", rule("password", SAME_PASSWORD))
        .error("identity-provider", rule("password", SSO_PASSWORD))
        .error("contention", ApiError::Contention)
        .error("cross-site", ApiError::Forbidden)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ResetPassword).into())
}

/// Replaces a password, revokes all sessions of the user and creates a new one. Allowed for
/// everyone with a valid reset token.
///
/// An invalid token costs no password hash. With mail settings the user gets an email about the
/// change.
///
/// # Errors
///
/// Returns 403 for a request from a page of another site. Returns 400 for invalid fields, with a
/// message on `password` for an invalid token, as in Metabase. So does the old password if it must
/// change, and a user of an identity provider. Returns 409 after contention, and
/// 429 after ten invalid tokens from a client IP within an hour.
pub async fn handler(call: Call) -> ApiResult {
    call.check_login_site()?;
    let input: Input = call.body()?;
    let store = call.store();
    let token = input.token.expose_secret();
    let (attempt, rate_limits) = store.throttled_reset_attempt(token, call.client_ip()).await?;
    let Some(grant) = ResetGrant::check(&attempt, call.now()) else {
        rate_limits.check(call.now())?;
        let context = call.write_context(None, AuthMethod::ResetToken);
        let event = (Action::InvalidResetToken, None);
        call.record_failed_attempt(&rate_limits, event, &context).await?;
        return Err(ApiError::invalid_reset_token());
    };

    check_new_password(&call, &grant, &input.password).await?;
    let hash = password_hash::hash(&input.password).await?;
    let user = grant.user();
    let session = call.new_session(user.id, user.generation.next())?;
    let context = call.write_context(Some(user.id), AuthMethod::ResetToken);
    store.reset_password(&grant, &hash, &session, &context).await?;
    security_email::send(&call, user, EmailMessage::password_changed).await;

    let cookies = call.session_cookies(&session, false);
    Ok(response::ok(&PasswordChanged::from(&session.token))?.cookies(cookies))
}

/// Checks that the new password differs from the old one, if the user must change it. A user of an
/// identity provider gets no password.
async fn check_new_password(
    call: &Call,
    grant: &ResetGrant<'_>,
    password: &NewPassword,
) -> Result<(), ApiError> {
    let user = grant.user();
    if user.sso_source.is_some() {
        return Err(violation(SSO_PASSWORD));
    }
    if !user.must_change_password {
        return Ok(());
    }
    let credentials = call.store().credentials_for_reset(grant).await?;
    let hash = credentials.as_ref().and_then(|credentials| credentials.hash.as_ref());
    match password_hash::verify_new(password, hash).await? {
        PasswordMatch::No => Ok(()),
        PasswordMatch::Yes | PasswordMatch::YesNeedsRehash => Err(violation(SAME_PASSWORD)),
    }
}

fn violation(message: &str) -> ApiError {
    ApiError::RuleViolation(FieldErrors::single("password", message))
}
