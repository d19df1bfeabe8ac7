//! `POST /api/setup`: creates the first administrator, once.

use openapi::{
    Access, Operation, Tag,
    errors::{invalid, rule},
};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde_json::json;
use shared::{
    auth::{password_hash, password_policy::NewPassword},
    authorization::SetupGrant,
    domain::{
        AuthMethod, Email, GroupSet, Instance, Locale, NewUser, PersonName, RateLimitedAction,
        RateLimits, RetryAfter, SessionGeneration, SiteName, UserId,
    },
    http::{
        ApiError, ApiResult, Call, Dialect, FieldErrors, Fields, FromFields, NonBlank, response,
        view::SessionView,
    },
    store::SetupRequest,
};

use crate::route::{Event, Lambda, Permission, Route, SetupToken};

/// The first administrator, and the name of the instance.
#[derive(JsonSchema)]
#[schemars(rename = "SetupRequest")]
#[expect(dead_code, reason = "a schema, never constructed")]
struct Setup {
    /// The setup token of the operator.
    token: NonBlank,
    user: SetupUser,
    prefs: Option<Prefs>,
}

/// The first administrator, and the name of the instance.
#[derive(JsonSchema)]
#[schemars(rename = "SetupRequest")]
#[expect(dead_code, reason = "a schema, never constructed")]
struct SetupWithName {
    /// The setup token of the operator.
    token: NonBlank,
    user: SetupUser,
    prefs: NamedPrefs,
}

/// The first administrator.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct SetupUser {
    email: Email,
    first_name: Option<PersonName>,
    last_name: Option<PersonName>,
    password: NewPassword,
}

/// The name of the instance, and its language.
#[derive(JsonSchema)]
#[schemars(rename = "SetupPrefs")]
#[expect(dead_code, reason = "a schema, never constructed")]
struct NamedPrefs {
    site_name: SiteName,
    site_locale: Option<Locale>,
}

struct Input {
    token: SecretString,
    user: InputUser,
    prefs: Prefs,
}

struct InputUser {
    new: NewUser,
    password: NewPassword,
}

/// The name of the instance, and its language.
#[derive(JsonSchema)]
#[schemars(rename = "SetupPrefs")]
struct Prefs {
    site_name: Option<SiteName>,
    site_locale: Option<Locale>,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required_or("token", ApiError::WRONG_SETUP_TOKEN);
        let user = fields.nested("user");
        let prefs = fields.nested("prefs");
        Some(Self { token: token?, user: user?, prefs: prefs? })
    }
}

impl FromFields for InputUser {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email");
        let first_name = fields.optional::<PersonName>("first_name");
        let last_name = fields.optional::<PersonName>("last_name");
        let password = fields.new_password("password");
        let new = NewUser {
            first_name,
            last_name,
            groups: GroupSet::default().with_admin(true),
            ..NewUser::with_email(email?)
        };
        Some(Self { new, password: password? })
    }
}

impl FromFields for Prefs {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { site_name: site_name(fields), site_locale: fields.optional("site_locale") })
    }
}

/// The name of the instance, which the metabase dialect requires.
fn site_name(fields: &mut Fields<'_>) -> Option<SiteName> {
    if fields.dialect().needs_site_name() {
        fields.required("site_name")
    } else {
        fields.optional("site_name")
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/setup",
    function: "setup",
    summary: "Set up the instance",
    tag: Tag::Instance,
    access: Access::SetupToken,
    lambda: Lambda::HASH.rate_limited().with_setup_token(SetupToken::Always),
    permissions: &[
        Permission::BatchGetItem(&["THROTTLE#*"]),
        Permission::ConditionCheckItem(&["THROTTLE#*"]),
        Permission::PutItem(&[
            "ADMINS",
            "AUDIT#*",
            "COUNTER#group",
            "COUNTER#user",
            "DEVICE#*",
            "GROUPS",
            "INSTANCE",
            "LOGIN#*",
            "SESSION#*",
            "TALLY#*",
            "USER#*",
        ]),
        Permission::UpdateItem(&["THROTTLE#*"]),
    ],
    event: Event::body(concat!(
        r#"{"token": "SETUP_TOKEN", "user": {"email": "admin@example.com", "#,
        r#""first_name": "Ada", "last_name": "Admin", "password": "PASSWORD"}, "#,
        r#""prefs": {"site_name": "Example"}}"#,
    )),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let session = response::ok(&SessionView::from(&operation.examples().session));
    let operation = operation
        .text("Creates the first administrator and a session, once, in one transaction.")
        .dialects(
            "metabase requires `prefs.site_name`, and has its own sentence for a second setup.",
        )
        .response::<SessionView>("The session of the administrator.", &[("session", session)])
        .sets_cookie()
        .error("invalid", invalid("user", "value must be a map."))
        .error("common-password", common_user_password())
        .error("wrong-token", rule("token", ApiError::WRONG_SETUP_TOKEN))
        .error("already-set-up", ApiError::AlreadySetUp)
        .error("cross-site", ApiError::Forbidden)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::Setup).into())
        .error("contention", ApiError::Contention);
    let example = json!({
        "token": "the operator's setup token",
        "user": {
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "password": "SecurePassword123!",
        },
        "prefs": { "site_name": "Example", "site_locale": "en" },
    });
    match dialect {
        Dialect::Documented => operation.request_body::<Setup>(&[("setup", example)]),
        Dialect::Metabase => operation.request_body::<SetupWithName>(&[("setup", example)]),
    }
}

/// The error for a common password of the first administrator.
fn common_user_password() -> ApiError {
    let mut errors = FieldErrors::default();
    errors.nest("user", FieldErrors::single("password", "password is too common."));
    errors.into()
}

/// Creates the first administrator and a session, in one transaction. Allowed once, for everyone
/// with the setup token.
///
/// # Errors
///
/// Returns 400 for invalid fields, with a message on `token` for a wrong setup token. Returns 403
/// after the setup and for a page of another site, and 429 after ten wrong setup tokens from a
/// client IP within an hour.
pub async fn handler(call: Call) -> ApiResult {
    call.check_login_site()?;
    let Input { token, user, prefs } = call.body()?;
    let (instance, rate_limits) = call.store().setup_attempt(call.client_ip()).await?;
    let grant = check_setup_token(&call, &token, &rate_limits).await?;
    if instance.is_some() {
        return Err(ApiError::AlreadySetUp);
    }

    let session = call.new_session(UserId::INSTALLER, SessionGeneration::default())?;
    let password = password_hash::hash(&user.password).await?;
    let instance = Instance { site_name: prefs.site_name, site_locale: prefs.site_locale };
    let request = SetupRequest { admin: user.new, password, instance };
    let context = call.write_context(Some(UserId::INSTALLER), AuthMethod::Setup);
    call.store().set_up(&grant, request, &session, &context).await?;

    let cookies = call.session_cookies(&session, false);
    Ok(response::ok(&SessionView::from(&session.token))?.cookies(cookies))
}

/// Checks the setup token. A wrong setup token is an attempt against the rate limit.
async fn check_setup_token<'a>(
    call: &Call,
    token: &SecretString,
    rate_limits: &'a RateLimits,
) -> Result<SetupGrant<'a>, ApiError> {
    rate_limits.check(call.now())?;
    match SetupGrant::check(token, call.settings().setup_token.as_ref(), rate_limits) {
        Ok(grant) => Ok(grant),
        Err(error) => {
            call.store().record_failure(rate_limits, call.now()).await?.within_limits?;
            Err(error.into())
        }
    }
}
