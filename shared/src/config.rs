//! Configuration: the only reader of the environment.

use secrecy::SecretString;

use crate::{
    auth::password_policy::PasswordPolicy,
    aws::{AwsCredentials, DynamoDbConfig},
    domain::{AUDIT_RETENTION_DAYS, Dialect, Email, Sharding, SiteUrl},
    mail::{Mailer, Ses},
};

/// Sessions live for 14 days, as in Metabase.
const SESSION_TTL_MINUTES: u32 = 20_160;
/// What an instance without a name is called.
const SERVICE_NAME: &str = "users";

/// What the operator decides about the service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `API_DIALECT`: which API is spoken.
    pub dialect: Dialect,
    /// `SERVICE_NAME`: the instance, as logs and metrics name it.
    pub service_name: String,
    /// `SESSION_TTL_MINUTES`: how long a session lives.
    pub session_ttl_minutes: u32,
    /// `AUDIT_RETENTION_DAYS`: how long the audit trail is kept.
    pub audit_retention_days: u32,
    /// `PASSWORD_COMPLEXITY`: how strong a new password must be.
    pub password_policy: PasswordPolicy,
    /// `SETUP_TOKEN`: what `POST /api/setup` asks for. Without one, nobody can set the instance up.
    pub setup_token: Option<SecretString>,
    /// `SITE_URL`: where people find the service, for links. Without one it is where API Gateway is.
    pub site_url: Option<SiteUrl>,
    /// `LIST_SHARDS` and `ID_BLOCK_SIZE`: how what many requests write is spread.
    pub sharding: Sharding,
    /// `MAIL_FROM`: the sender of emails. Without one, emails are disabled.
    pub mail: Mailer,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            service_name: SERVICE_NAME.to_owned(),
            session_ttl_minutes: SESSION_TTL_MINUTES,
            audit_retention_days: AUDIT_RETENTION_DAYS,
            password_policy: PasswordPolicy::default(),
            setup_token: None,
            site_url: None,
            sharding: Sharding::default(),
            mail: Mailer::default(),
        }
    }
}

/// The environment lacks a variable or has one that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable without which nothing works.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable with a value of the wrong kind; the value is not repeated.
    #[error("the environment variable {0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Settings {
    /// Reads the settings, with defaults for what is not set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Invalid`]; [`ConfigError::Missing`] when mail needs what is not there.
    pub fn from_env() -> Result<Self, ConfigError> {
        let defaults = Self::default();
        Ok(Self {
            dialect: parsed("API_DIALECT", Dialect::parse, "documented or metabase")?
                .unwrap_or_default(),
            service_name: optional("SERVICE_NAME").unwrap_or(defaults.service_name),
            session_ttl_minutes: positive("SESSION_TTL_MINUTES")?
                .unwrap_or(defaults.session_ttl_minutes),
            audit_retention_days: positive("AUDIT_RETENTION_DAYS")?
                .unwrap_or(defaults.audit_retention_days),
            password_policy: parsed(
                "PASSWORD_COMPLEXITY",
                PasswordPolicy::parse,
                "one of weak, normal, strong, nist",
            )?
            .unwrap_or_default(),
            setup_token: optional("SETUP_TOKEN").map(SecretString::from),
            site_url: parsed("SITE_URL", SiteUrl::parse, "an address like https://example.com")?,
            sharding: sharding()?,
            mail: mail()?,
        })
    }
}

impl DynamoDbConfig {
    /// Reads what Lambda sets for each function, and the name of the table.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Missing`].
    pub fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            table: required("TABLE_NAME")?,
            endpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            credentials: AwsCredentials::from_env()?,
        })
    }
}

impl AwsCredentials {
    fn from_env() -> Result<Self, ConfigError> {
        Ok(Self {
            region: required("AWS_REGION")?,
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?.into(),
            session_token: optional("AWS_SESSION_TOKEN").map(SecretString::from),
            has_custom_ca: ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().any(is_set),
        })
    }
}

/// Each number may be absent.
fn sharding() -> Result<Sharding, ConfigError> {
    let sharded = |text: &str| Sharding::default().with_list_shards(text.parse().ok()?);
    let layout = parsed("LIST_SHARDS", sharded, "a whole number from 1 to 32")?.unwrap_or_default();
    let taking = |text: &str| layout.with_id_block(text.parse().ok()?);
    Ok(parsed("ID_BLOCK_SIZE", taking, "a whole number from 1 to 1000")?.unwrap_or(layout))
}

/// SES sends emails if there is a sender.
fn mail() -> Result<Mailer, ConfigError> {
    let Some(sender) = parsed("MAIL_FROM", Email::parse, "an email address")? else {
        return Ok(Mailer::Disabled);
    };
    Ok(Mailer::Ses(Ses {
        sender,
        endpoint: endpoint("AWS_ENDPOINT_URL_SESV2"),
        credentials: AwsCredentials::from_env()?,
    }))
}

/// Where a service of AWS is, if it is not where the region's own is.
fn endpoint(name: &'static str) -> Option<String> {
    optional(name).or_else(|| optional("AWS_ENDPOINT_URL"))
}

/// A whole number from 1.
fn positive(name: &'static str) -> Result<Option<u32>, ConfigError> {
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    parsed(name, number, "a whole number from 1")
}

fn is_set(name: &str) -> bool {
    optional(name).is_some()
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

/// A variable that may be absent, and must have a value of one kind otherwise.
fn parsed<T>(
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
    kind: &'static str,
) -> Result<Option<T>, ConfigError> {
    let value = optional(name).map(|text| parse(&text).ok_or(ConfigError::Invalid(name, kind)));
    value.transpose()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
