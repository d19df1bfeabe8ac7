//! `POST /api/setup`: makes the first administrator, once.

use secrecy::SecretString;
use shared::{
    auth::{password_hash, password_policy::NewPassword},
    authorization::SetupGrant,
    domain::{
        AuthMethod, GroupSet, Instance, Locale, NewUser, PersonName, RateLimits, SessionGeneration,
        SiteName, UserId,
    },
    http::{ApiError, ApiResult, Call, Fields, FromFields, response, view::SessionView},
    store::SetupRequest,
};

struct Input {
    token: SecretString,
    user: InputUser,
    prefs: Prefs,
}

struct InputUser {
    new: NewUser,
    password: NewPassword,
}

struct Prefs {
    site_name: Option<SiteName>,
    site_locale: Option<Locale>,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let token = form.secret("token", ApiError::WRONG_SETUP_TOKEN);
        let user = form.nested("user");
        let prefs = form.nested("prefs");
        Some(Self { token: token?, user: user?, prefs: prefs? })
    }
}

impl FromFields for InputUser {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let email = form.required("email");
        let first_name = form.optional::<PersonName>("first_name");
        let last_name = form.optional::<PersonName>("last_name");
        let password = form.new_password("password");
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
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            site_name: form.site_name("site_name"),
            site_locale: form.optional("site_locale"),
        })
    }
}

/// Whoever knows the setup token. All of it happens, or nothing.
///
/// # Errors
///
/// 400 naming fields, `token` among them when it is not the operator's; 403 once it has been done; 429
/// after ten wrong tokens from the source in an hour.
pub async fn handler(call: Call) -> ApiResult {
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

    let cookie = call.cookie_policy(false).set(&session.token);
    Ok(response::ok(&SessionView::from(&session.token))?.cookie(cookie))
}

/// Checks the setup token. A wrong one counts against the rate limit.
async fn check_setup_token<'a>(
    call: &Call,
    token: &SecretString,
    rate_limits: &'a RateLimits,
) -> Result<SetupGrant<'a>, ApiError> {
    rate_limits.check(call.now())?;
    match SetupGrant::check(token, call.settings().setup_token.as_ref(), rate_limits) {
        Ok(grant) => Ok(grant),
        Err(error) => {
            call.store().record_attempt(rate_limits, call.now()).await?;
            Err(error.into())
        }
    }
}
