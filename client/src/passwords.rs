//! Passwords, reset links and password rules.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Client, Error, UserId, operations as op, secret};

#[derive(Debug, Deserialize)]
pub(crate) struct PasswordChanged {
    #[serde(deserialize_with = "secret::deserialize")]
    session_id: SecretString,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PasswordResetUrl {
    #[serde(deserialize_with = "secret::deserialize")]
    password_reset_url: SecretString,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TokenCheck {
    valid: bool,
}

#[derive(Serialize)]
struct UpdatePassword<'a> {
    #[serde(serialize_with = "secret::serialize")]
    new_password: &'a SecretString,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

#[derive(Serialize)]
struct ResetPassword<'a> {
    #[serde(serialize_with = "secret::serialize")]
    token: &'a SecretString,
    #[serde(serialize_with = "secret::serialize")]
    password: &'a SecretString,
}

/// # Passwords
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Requests a password reset email. `POST /api/session/forgot_password`
    pub async fn forgot_password(&self, email: &str) -> Result<(), Error> {
        let body = json!({ "email": email });
        self.request(op::FORGOT_PASSWORD, &[]).json(&body).done().await
    }

    /// Checks a password with the rules of the service. The error contains the violated rule.
    /// `POST /api/session/password-check`
    pub async fn check_password(&self, password: &SecretString) -> Result<(), Error> {
        let body = json!({ "password": password.expose_secret() });
        self.request(op::CHECK_PASSWORD, &[]).json(&body).done().await
    }

    /// Returns whether a reset token is valid. `GET /api/session/password_reset_token_valid`
    pub async fn is_reset_token_valid(&self, token: &SecretString) -> Result<bool, Error> {
        let request = self.request(op::CHECK_RESET_TOKEN, &[]);
        Ok(request.query("token", token.expose_secret()).send().await?.valid)
    }

    /// Sets a password with a reset token and returns a session.
    /// `POST /api/session/reset_password`
    pub async fn reset_password(
        &self,
        token: &SecretString,
        password: &SecretString,
    ) -> Result<SecretString, Error> {
        let body = ResetPassword { token, password };
        Ok(self.request(op::RESET_PASSWORD, &[]).json(&body).send().await?.session_id)
    }

    /// Sets the password of a user and revokes their sessions. Users need their current password
    /// and get a new session. `PUT /api/user/{id}/password`
    pub async fn update_password(
        &self,
        id: UserId,
        new_password: &SecretString,
        current: Option<&SecretString>,
    ) -> Result<Option<SecretString>, Error> {
        let password = current.map(ExposeSecret::expose_secret);
        let body = UpdatePassword { new_password, password };
        let changed = self.request(op::UPDATE_PASSWORD, &[&id]).json(&body).send().await?;
        Ok(changed.map(|changed| changed.session_id))
    }

    /// Creates a link for a new password, valid once and for two days.
    /// `POST /api/user/{id}/password-reset-url`
    pub async fn password_reset_url(&self, id: UserId) -> Result<SecretString, Error> {
        Ok(self.request(op::PASSWORD_RESET_URL, &[&id]).send().await?.password_reset_url)
    }
}
