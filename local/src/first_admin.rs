//! The first administrator of a new table, created with `POST /api/setup`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use lambda_http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use shared::{
    domain::Email,
    http::{ApiError, AppState, Call},
    operator::{self, ResetError},
    random,
};

/// The email address of the administrator.
pub(crate) const EMAIL: &str = "admin@example.com";

/// The name of the instance. The metabase dialect requires one; this is the default of the other.
const NAME: &str = "Metabase";

/// The credentials of the administrator, printed once.
pub(crate) struct FirstAdmin {
    pub(crate) password: String,
    pub(crate) token: String,
    /// A link to choose another password, valid once.
    pub(crate) link: String,
}

/// The response of `POST /api/setup`.
#[derive(Deserialize)]
struct SetupResponse {
    id: String,
}

/// Creates the administrator. Returns `None` if the instance is already set up.
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
    let request = Request::new(body.to_string().into());
    match functions::instance::setup::handler(Call::new(app.clone(), request)).await {
        Err(ApiError::AlreadySetUp) => Ok(None),
        Err(error) => Err(error),
        Ok(response) => {
            let parsed = serde_json::from_str(&response.body);
            let SetupResponse { id } = parsed.map_err(|error| ApiError::Internal(error.into()))?;
            let email = Email::parse(EMAIL).ok_or(ApiError::NotFound)?;
            let token = operator::reset_token(app.store(), &email, app.now()).await;
            let token = token.map_err(|error| match error {
                ResetError::Failed(error) => error.into(),
                ResetError::NoSuchUser => ApiError::NotFound,
            })?;
            let site_url = app.settings().site_url.clone().unwrap_or_default();
            let link = token.reset_url(&site_url);
            Ok(Some(FirstAdmin { password, token: id, link }))
        }
    }
}

/// Generates a password that meets every policy: 24 random characters, and at least one of each
/// required kind.
fn password() -> Result<String, ApiError> {
    Ok(format!("{}-aA1bB2", BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<18>()?)))
}

/// Generates a random setup token.
pub(crate) fn setup_token() -> Result<SecretString, ApiError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<24>()?).into())
}
