//! Configuration: the only reader of the environment.

use aws_config::{
    SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
};
use secrecy::SecretString;

use crate::{
    auth::{
        password_policy::PasswordPolicy,
        trusted_proxy::{ClientIpHeader, TrustedProxy},
    },
    aws::{self, RootCertificates},
    domain::{
        AUDIT_RETENTION_DAYS, CredentialCutoff, Dialect, Email, IdleTimeout, Sharding, SiteUrl,
        Timestamp,
    },
    mail::{Mailer, Ses},
};

/// The default lifetime of a session: 14 days, as in Metabase.
const SESSION_TTL_MINUTES: u32 = 20_160;
/// The default name of an instance.
const SERVICE_NAME: &str = "users";

/// The operator's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `API_DIALECT`: the dialect of the API.
    pub dialect: Dialect,
    /// `SERVICE_NAME`: the name of the instance in logs and metrics.
    pub service_name: String,
    /// `SESSION_TTL_MINUTES`: the lifetime of a session.
    pub session_ttl_minutes: u32,
    /// `SESSION_IDLE_MINUTES`: the end of unused sessions.
    pub session_idle: IdleTimeout,
    /// `MAX_SESSIONS_PER_USER`: the number of sessions after which a login ends the oldest.
    pub max_sessions: Option<u32>,
    /// `CREDENTIALS_NOT_BEFORE`: the end of older credentials after a restore.
    pub credential_cutoff: CredentialCutoff,
    /// `AUDIT_RETENTION_DAYS`: the retention of audit events.
    pub audit_retention_days: u32,
    /// `PASSWORD_COMPLEXITY`: the policy for new passwords.
    pub password_policy: PasswordPolicy,
    /// `SETUP_TOKEN`: the token for `POST /api/setup`. Without one, the instance cannot be set up.
    pub setup_token: Option<SecretString>,
    /// `CLIENT_IP_HEADER` and `PROXY_SECRET`: the proxy that reports the client IP.
    pub trusted_proxy: Option<TrustedProxy>,
    /// `SITE_URL`: the site of links. Without one, links lead to the API Gateway.
    pub site_url: Option<SiteUrl>,
    /// `LIST_SHARDS` and `ID_BLOCK_SIZE`: the distribution of frequent writes.
    pub sharding: Sharding,
    /// `MAIL_FROM`: the sender of emails. Without one, emails are disabled.
    pub mail: Mailer,
    /// `SECURITY_EMAILS`: whether users get an email about a change of their password or
    /// permissions.
    pub security_emails: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            service_name: SERVICE_NAME.to_owned(),
            session_ttl_minutes: SESSION_TTL_MINUTES,
            session_idle: IdleTimeout::default(),
            max_sessions: None,
            credential_cutoff: CredentialCutoff::default(),
            audit_retention_days: AUDIT_RETENTION_DAYS,
            password_policy: PasswordPolicy::default(),
            setup_token: None,
            trusted_proxy: None,
            site_url: None,
            sharding: Sharding::default(),
            mail: Mailer::default(),
            security_emails: true,
        }
    }
}

/// An environment variable is missing or invalid.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A required variable is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable has an invalid value. The message does not contain the value.
    #[error("the environment variable {0} must be {1}")]
    Invalid(&'static str, &'static str),
}

impl Settings {
    /// Reads the settings except [`mail`], with defaults for variables that are not set.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Invalid`] if a variable is invalid.
    pub fn from_env() -> Result<Self, ConfigError> {
        let defaults = Self::default();
        Ok(Self {
            dialect: parsed("API_DIALECT", Dialect::parse, "documented or metabase")?
                .unwrap_or_default(),
            service_name: optional("SERVICE_NAME").unwrap_or(defaults.service_name),
            session_ttl_minutes: positive("SESSION_TTL_MINUTES")?
                .unwrap_or(defaults.session_ttl_minutes),
            session_idle: positive("SESSION_IDLE_MINUTES")?
                .map(IdleTimeout::minutes)
                .unwrap_or_default(),
            max_sessions: positive("MAX_SESSIONS_PER_USER")?,
            credential_cutoff: parsed(
                "CREDENTIALS_NOT_BEFORE",
                Timestamp::parse,
                "a time like 2026-01-31T12:00:00Z",
            )?
            .map(CredentialCutoff::at)
            .unwrap_or_default(),
            audit_retention_days: positive("AUDIT_RETENTION_DAYS")?
                .unwrap_or(defaults.audit_retention_days),
            password_policy: parsed(
                "PASSWORD_COMPLEXITY",
                PasswordPolicy::parse,
                "one of weak, normal, strong, nist",
            )?
            .unwrap_or_default(),
            setup_token: optional("SETUP_TOKEN").map(SecretString::from),
            trusted_proxy: trusted_proxy()?,
            site_url: parsed("SITE_URL", SiteUrl::parse, "a URL like https://example.com")?,
            sharding: sharding()?,
            mail: defaults.mail,
            security_emails: parsed("SECURITY_EMAILS", on_or_off, "on or off")?
                .unwrap_or(defaults.security_emails),
        })
    }
}

/// Reads `TABLE_NAME`, the name of the table.
///
/// # Errors
///
/// Returns [`ConfigError::Missing`] if the variable is not set.
pub fn table_name() -> Result<String, ConfigError> {
    required("TABLE_NAME")
}

/// Loads the configuration of the AWS clients: region, credentials and endpoints.
///
/// Lambda sets region and credentials in the environment, where `aws-config` looks first. The
/// providers after the environment are then left out. They would create clients of STS and of the
/// instance metadata, which is a quarter of the instructions before the first event.
///
/// # Errors
///
/// Returns [`ConfigError::Missing`] if there is no region.
pub async fn aws() -> Result<SdkConfig, ConfigError> {
    let mut loader = aws::loader(root_certificates());
    if is_set("AWS_REGION") {
        loader = loader.region(EnvironmentVariableRegionProvider::new());
    }
    if is_set("AWS_ACCESS_KEY_ID") {
        loader = loader.credentials_provider(EnvironmentVariableCredentialsProvider::new());
    }
    let config = loader.load().await;
    config.region().is_some().then_some(config).ok_or(ConfigError::Missing("AWS_REGION"))
}

/// Reads the operator's choice of root certificates.
#[must_use]
pub fn root_certificates() -> RootCertificates {
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().any(is_set) {
        RootCertificates::Custom
    } else {
        RootCertificates::Default
    }
}

/// Reads the two settings of a trusted proxy. Both are set or absent.
fn trusted_proxy() -> Result<Option<TrustedProxy>, ConfigError> {
    let kind = "CloudFront-Viewer-Address, or X-Forwarded-For:<position from the end>";
    let header = parsed("CLIENT_IP_HEADER", ClientIpHeader::parse, kind)?;
    let secret = optional("PROXY_SECRET").map(SecretString::from);
    let Some(header) = header else {
        return secret.map_or(Ok(None), |_| Err(ConfigError::Missing("CLIENT_IP_HEADER")));
    };
    let secret = secret.ok_or(ConfigError::Missing("PROXY_SECRET"))?;
    let proxy = TrustedProxy::new(header, &secret);
    proxy.map(Some).ok_or(ConfigError::Invalid("PROXY_SECRET", "at least 16 characters"))
}

/// Reads the two settings of sharding. Both may be absent.
fn sharding() -> Result<Sharding, ConfigError> {
    let with_shards = |text: &str| Sharding::default().with_list_shards(text.parse().ok()?);
    let sharding =
        parsed("LIST_SHARDS", with_shards, "an integer from 1 to 32")?.unwrap_or_default();
    let with_block = |text: &str| sharding.with_id_block(text.parse().ok()?);
    Ok(parsed("ID_BLOCK_SIZE", with_block, "an integer from 1 to 1000")?.unwrap_or(sharding))
}

/// Reads `MAIL_FROM`. With a sender, SES sends the emails.
///
/// # Errors
///
/// Returns [`ConfigError::Invalid`] if the sender is not an email address.
pub fn mail(aws: &SdkConfig) -> Result<Mailer, ConfigError> {
    let sender = parsed("MAIL_FROM", Email::parse_ascii, "an email address in ASCII")?;
    Ok(sender.map_or(Mailer::Disabled, |sender| Mailer::Ses(Box::new(Ses::new(sender, aws)))))
}

fn on_or_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Reads an optional positive integer.
fn positive(name: &'static str) -> Result<Option<u32>, ConfigError> {
    let parse = |text: &str| text.parse().ok().filter(|number| *number > 0);
    parsed(name, parse, "a positive integer")
}

fn is_set(name: &str) -> bool {
    optional(name).is_some()
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

/// Reads and parses an optional variable. `kind` describes valid values.
fn parsed<T>(
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
    kind: &'static str,
) -> Result<Option<T>, ConfigError> {
    let value = optional(name).map(|text| parse(&text).ok_or(ConfigError::Invalid(name, kind)));
    value.transpose()
}

#[expect(clippy::disallowed_methods, reason = "the only reader of the environment")]
fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
