//! The first administrator of a fresh store, made as anybody would: through `POST /api/setup`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use shared::{
    http::AppState,
    http::{ApiError, Call, Event},
    random,
};

/// The administrator's address.
pub(crate) const EMAIL: &str = "admin@example.com";

/// The name of the instance, which one dialect asks for; the other calls a nameless one so, too.
const NAME: &str = "Metabase";

/// What is printed, once.
pub(crate) struct FirstAdmin {
    pub(crate) password: String,
    pub(crate) token: String,
}

/// What `POST /api/setup` answers.
#[derive(Deserialize)]
struct Answer {
    id: String,
}

/// Makes the administrator; `None` when the store is set up already.
pub(crate) async fn create(
    app: &AppState,
    setup_token: &SecretString,
) -> Result<Option<FirstAdmin>, ApiError> {
    let password = password()?;
    let body = json!({
        "token": setup_token.expose_secret(),
        "user": {
            "email": EMAIL,
            "first_name": "Ada",
            "last_name": "Admin",
            "password": password,
        },
        "prefs": { "site_name": NAME },
    });
    let event = Event { body: Some(body.to_string()), ..Event::default() };
    match functions::instance::setup::handler(Call::new(app.clone(), event)).await {
        Err(ApiError::AlreadySetUp) => Ok(None),
        Err(error) => Err(error),
        Ok(reply) => {
            let answer = serde_json::from_str(&reply.body);
            let Answer { id } = answer.map_err(|error| ApiError::Internal(error.into()))?;
            Ok(Some(FirstAdmin { password, token: id }))
        }
    }
}

/// Good enough for every policy: 24 random characters, and one of each kind that might be asked for.
fn password() -> Result<String, ApiError> {
    Ok(format!("{}-aA1bB2", BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<18>()?)))
}

/// A setup token that nobody can guess.
pub(crate) fn setup_token() -> Result<SecretString, ApiError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<24>()?).into())
}
