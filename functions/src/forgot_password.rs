//! `POST /api/session/forgot_password`: sends whoever has an address a link for a new password.

use std::time::Duration;

use shared::{
    domain::Email,
    http::{ApiError, ApiResult, Call, Form, FromForm, reply},
    mail::Letter,
    pace::exactly,
    store::ForgottenPassword,
};

/// How long every request takes that is not refused, whether somebody has the address or not. A letter
/// that is not handed over by then is given up.
const DURATION: Duration = Duration::from_millis(500);

struct Input {
    email: Email,
}

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        Some(Self { email: form.required("email")? })
    }
}

/// Anybody. Neither the answer, nor what is asked of the table, nor the time tells whether somebody has
/// the address. Without mail there is nothing to do, and tokens that were given out stay.
///
/// # Errors
///
/// 400 `email`, 429 after three requests for the address or fifty from the source in an hour.
pub async fn handler(call: Call) -> ApiResult {
    let Input { email } = call.body()?;
    let forgotten = call.store().forgotten_password(email, call.arrival()).await?;
    forgotten.throttles().check(call.now())?;
    call.store().count(forgotten.throttles(), call.now()).await?;

    if call.settings().mail.is_on() {
        exactly(DURATION, write(&call, &forgotten)).await.unwrap_or(Ok(()))?;
    }

    Ok(reply::no_content())
}

/// Only what is told of every address alike may fail.
async fn write(call: &Call, forgotten: &ForgottenPassword) -> Result<(), ApiError> {
    let permit = forgotten.permit(call.now())?;
    let is_permitted = call.store().permit_forgotten(forgotten, &permit).await?;
    let Some(login) = forgotten.login() else { return Ok(()) };

    let (to, site) = (&login.email, call.site_url());
    let letter = if is_permitted {
        Letter::reset(to, &site, &permit.token)
    } else {
        Letter::no_reset(to, &site)
    };
    call.settings().mail.try_send(letter).await;
    Ok(())
}
