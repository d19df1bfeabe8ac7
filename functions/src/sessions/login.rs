//! `POST /api/session`: exchanges a password for a session.

use openapi::{Access, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde_json::json;
use shared::{
    auth::{
        login::{LoginError, VerifiedCredentials},
        session::NewSession,
        token::SessionToken,
    },
    domain::{AuthMethod, RateLimitedAction, RetryAfter},
    http::{
        ApiError, ApiResult, Call, Dialect, Fields, FromFields, NonBlank, response,
        view::SessionView,
    },
    store::{Conflict, WriteError},
};

use crate::{
    route::{Event, Lambda, Permission, Route},
    security_email,
};

/// Credentials.
#[derive(JsonSchema)]
#[schemars(rename = "Login")]
struct Input {
    /// The email address, ignoring case.
    username: NonBlank,
    #[schemars(with = "NonBlank")]
    password: SecretString,
    /// Whether the cookie outlives the browser.
    #[schemars(with = "Option<bool>")]
    remember: bool,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let username = fields.required("username");
        let password = fields.required("password");
        let remember = fields.bool("remember").unwrap_or_default();
        Some(Self { username: username?, password: password?, remember })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/session",
    function: "login",
    summary: "Log in",
    tag: Tag::Sessions,
    access: Access::Public,
    lambda: Lambda::HASH.rate_limited().with_email(),
    permissions: &[
        Permission::BatchGetItem(&[
            "DEVICE#*",
            "IMPORTEDPASSWORDS",
            "LOGIN#*",
            "THROTTLE#*",
            "USER#*",
        ]),
        Permission::ConditionCheckItem(&["THROTTLE#*"]),
        Permission::DeleteItem(&["SESSION#*"]),
        Permission::PutItem(&["AUDIT#*", "DEVICE#*", "SESSION#*"]),
        Permission::Query(&["SESSION#*"]),
        Permission::UpdateItem(&["IMPORTEDPASSWORDS", "LOGIN#*", "THROTTLE#*", "USER#*"]),
    ],
    event: Event::body(r#"{"username": "admin@example.com", "password": "PASSWORD"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let session = response::ok(&SessionView::from(&operation.examples().session));
    operation
        .text(
            "Exchanges a password for a session. An unknown email address and a wrong password \
            have the same response after the same work. Ten failures for an email address, or \
            fifty from a network, within an hour return a wait of at most a minute.",
        )
        .paragraph(
            "A login ends the session that it comes with. It sets a second cookie, \
            `metabase.DEVICE`: failures of other clients do not delay a device that has signed in \
            before. With security emails, a login from another device sends an email.",
        )
        .dialects(
            "In documented, a deactivated user gets the response to a wrong password, and too many \
            attempts return 429. metabase returns 401 with its own sentences.",
        )
        .request_body::<Input>(&[(
            "login",
            json!({
                "username": "newuser@example.com",
                "password": "SecurePassword123!",
                "remember": true,
            }),
        )])
        .response::<SessionView>("The session.", &[("session", session)])
        .sets_cookie()
        .error("invalid", invalid_value::<NonBlank>("username"))
        .error("invalid-credentials", ApiError::InvalidCredentials)
        .error_if(dialect == Dialect::Metabase, "deactivated", ApiError::UserDeactivated)
        .error("cross-site", ApiError::Forbidden)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::Login).into())
}

/// Exchanges an email address and a password for a session. Allowed for everyone.
///
/// An unknown email address, a wrong password and a deactivated user cost the same work. In the
/// documented dialect, they also have the same response.
///
/// # Errors
///
/// Returns 403 for a login from a page of another site, 400 for invalid fields, and 401 for wrong
/// credentials. Returns 429 after ten failures for an email address, or fifty from a network,
/// within an hour.
pub async fn handler(call: Call) -> ApiResult {
    call.check_login_site()?;
    let input: Input = call.body()?;
    let store = call.store();
    let now = call.now();
    let replaced = call.tokens().unwrap_or_default();
    let (username, devices) = (&input.username.0, call.devices());
    let attempt = store.login_attempt(username, call.client_ip(), &devices, now).await?;
    attempt.rate_limits.check(now)?;

    let verified = match VerifiedCredentials::check(&attempt, &input.password).await {
        Ok(verified) => verified,
        Err(LoginError::Hash(error)) => return Err(error.into()),
        Err(rejected) => {
            let context = call.write_context(None, AuthMethod::Password);
            store.record_failed_login(&attempt, &context).await?.within_limits?;
            return Err(rejected.into());
        }
    };
    let session = create_session(&call, &verified, &replaced).await?;
    security_email::send_if_new_device(&call, &attempt).await;

    let cookies = call.session_cookies(&session, input.remember);
    Ok(response::ok(&SessionView::from(&session.token))?.cookies(cookies))
}

/// Creates the session.
///
/// If the credentials have changed since the check, the login fails as with a wrong password.
/// Deactivation, a new password and a revocation of all sessions change the credentials.
async fn create_session(
    call: &Call,
    verified: &VerifiedCredentials<'_>,
    replaced: &[SessionToken],
) -> Result<NewSession, ApiError> {
    let credentials = verified.credentials();
    let session = call.new_session(credentials.user, credentials.generation)?;
    let session = session.on_device(verified.device());
    let context = call.write_context(Some(credentials.user), AuthMethod::Password);
    match call.store().create_session(verified, &session, replaced, &context).await {
        Ok(()) => Ok(session),
        Err(WriteError::Conflict(Conflict::StaleCredentials)) => Err(ApiError::InvalidCredentials),
        Err(error) => Err(error.into()),
    }
}
