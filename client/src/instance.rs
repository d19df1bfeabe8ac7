//! The instance: setup, settings and health.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Client, Error, operations as op, secret};

/// The state of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// The version of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The version.
    pub tag: String,
}

/// The rules for passwords: minimum numbers of characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRules {
    /// All characters.
    pub total: u64,
    /// Digits.
    pub digit: Option<u64>,
    /// Lower case letters.
    pub lower: Option<u64>,
    /// Upper case letters.
    pub upper: Option<u64>,
    /// Other characters.
    pub special: Option<u64>,
}

/// Public settings of the instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct InstanceProperties {
    /// Whether the first administrator exists.
    pub has_user_setup: bool,
    /// Name of the instance.
    pub site_name: String,
    /// Language of users without one.
    pub site_locale: String,
    /// Rules for passwords.
    pub password_complexity: PasswordRules,
    /// Whether the service sends emails.
    #[serde(rename = "email-configured?")]
    pub is_email_configured: bool,
    /// Version of the service.
    pub version: Version,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Name.
    pub key: String,
    /// Stored value, if it is not the default.
    pub value: Option<String>,
    /// Whether an environment variable sets the value.
    pub is_env_setting: bool,
    /// The environment variable.
    pub env_name: String,
    /// Meaning.
    pub description: String,
    /// Default value.
    pub default: Value,
}

/// The first administrator of an instance.
#[derive(Debug)]
pub struct SetupRequest {
    /// Setup token of the operator.
    pub token: SecretString,
    /// Email address.
    pub email: String,
    /// Password.
    pub password: SecretString,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Name of the instance.
    pub site_name: Option<String>,
}

#[derive(Serialize)]
struct SetupBody<'a> {
    #[serde(serialize_with = "secret::serialize")]
    token: &'a SecretString,
    user: SetupUser<'a>,
    prefs: SetupPrefs<'a>,
}

#[derive(Serialize)]
struct SetupUser<'a> {
    email: &'a str,
    #[serde(serialize_with = "secret::serialize")]
    password: &'a SecretString,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
}

#[derive(Serialize)]
struct SetupPrefs<'a> {
    site_name: Option<&'a str>,
}

/// # Instance
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Creates the first administrator and returns a session. `POST /api/setup`
    pub async fn setup(&self, setup: &SetupRequest) -> Result<SecretString, Error> {
        let SetupRequest { token, email, password, first_name, last_name, site_name } = setup;
        let (first_name, last_name) = (first_name.as_deref(), last_name.as_deref());
        let user = SetupUser { email, password, first_name, last_name };
        let body = SetupBody { token, user, prefs: SetupPrefs { site_name: site_name.as_deref() } };
        Ok(self.request(op::SETUP, &[]).json(&body).send().await?.id)
    }

    /// Returns the state of the service. `GET /api/health`
    pub async fn health(&self) -> Result<Health, Error> {
        self.request(op::HEALTH, &[]).send().await
    }

    /// Returns the public settings of the instance. `GET /api/session/properties`
    pub async fn properties(&self) -> Result<InstanceProperties, Error> {
        self.request(op::SESSION_PROPERTIES, &[]).send().await
    }

    /// Returns the settings of the instance. `GET /api/setting`
    pub async fn settings(&self) -> Result<Vec<Setting>, Error> {
        self.request(op::LIST_SETTINGS, &[]).send().await
    }

    /// Sets a setting, or restores its default. `PUT /api/setting/{key}`
    pub async fn update_setting(&self, key: &str, value: Option<&str>) -> Result<(), Error> {
        let body = json!({ "value": value });
        self.request(op::UPDATE_SETTING, &[&key]).json(&body).done().await
    }

    /// Sends an email to the current user. `POST /api/email/test`
    pub async fn test_email(&self) -> Result<(), Error> {
        self.request(op::TEST_EMAIL, &[]).done().await
    }

    /// Returns the OpenAPI document of the service. `GET /api/openapi.json`
    pub async fn openapi(&self) -> Result<Value, Error> {
        self.request(op::OPENAPI, &[]).send().await
    }
}
