//! `POST /api/setup`: makes the first administrator, once.

use secrecy::SecretString;
use shared::{
    auth::{hash, password::NewPassword},
    domain::{Generation, Groups, Locale, NewUser, PersonName, SiteName, UserId},
    http::{ApiError, ApiResult, Call, Form, FromForm, reply, view::SessionView},
    permissions::SetupGrant,
    store::{Installation, Instance, Throttles},
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

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let token = form.secret("token", SetupGrant::MISMATCH);
        let user = form.nested("user");
        let prefs = form.nested("prefs");
        Some(Self { token: token?, user: user?, prefs: prefs? })
    }
}

impl FromForm for InputUser {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let email = form.required("email");
        let first_name = form.optional::<PersonName>("first_name");
        let last_name = form.optional::<PersonName>("last_name");
        let password = form.new_password("password");
        let new = NewUser {
            first_name,
            last_name,
            groups: Groups::default().with_admin(true),
            ..NewUser::of(email?)
        };
        Some(Self { new, password: password? })
    }
}

impl FromForm for Prefs {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
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
    let (instance, guesses) = call.store().setup_attempt(call.source()).await?;
    let grant = grant(&call, &token, &guesses).await?;
    if instance.is_some() {
        return Err(ApiError::AlreadySetUp);
    }

    let opening = call.opening(UserId::INSTALLER, Generation::default())?;
    let password = hash::hash(&user.password).await?;
    let instance = Instance { site_name: prefs.site_name, site_locale: prefs.site_locale };
    let installation = Installation { admin: user.new, password, instance };
    call.store().set_up(&grant, installation, &opening).await?;

    let cookie = call.cookie_policy(false).set(&opening.token);
    Ok(reply::ok(&SessionView::from(&opening.token))?.cookie(cookie))
}

async fn grant<'a>(
    call: &Call,
    token: &SecretString,
    guesses: &'a Throttles,
) -> Result<SetupGrant<'a>, ApiError> {
    guesses.check(call.now())?;
    let grant = SetupGrant::check(token, call.settings(), guesses, call.arrival());
    if grant.is_err() {
        call.store().count(guesses, call.now()).await?;
    }
    grant
}
