//! Public properties of the instance, for clients before a login.

use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    auth::password_policy::PasswordRequirements,
    domain::{Instance, Locale, SiteName},
    http::Call,
};

/// Metabase's name for an instance without one.
pub const DEFAULT_NAME: &str = "Metabase";
/// The language of an instance without one.
pub const DEFAULT_LOCALE: &str = "en";

/// Public properties of the instance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "InstanceProperties")]
pub struct Documented<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    version: ServiceVersion,
}

/// Properties of both dialects.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Common<'a> {
    /// Whether the instance is set up.
    has_user_setup: bool,
    /// Name of the instance.
    site_name: &'a str,
    /// Language of users without a preferred language.
    #[schemars(with = "Locale")]
    site_locale: &'a str,
    /// Minimum requirements for a new password.
    password_complexity: Requirements,
    /// Always true.
    #[schemars(extend("const" = true))]
    enable_password_login: bool,
    /// Whether the service sends emails.
    #[serde(rename = "email-configured?")]
    email_configured: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Version")]
struct ServiceVersion {
    /// Version of this service.
    tag: &'static str,
}

/// Minimum number of characters, in total and of each kind. Kinds without a minimum are absent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PasswordComplexity")]
struct Requirements {
    /// Minimum number of characters of any kind.
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    special: Option<usize>,
}

impl From<PasswordRequirements> for Requirements {
    fn from(requirements: PasswordRequirements) -> Self {
        let minimum = |count: usize| (count > 0).then_some(count);
        Self {
            total: requirements.total,
            lower: minimum(requirements.lower),
            upper: minimum(requirements.upper),
            digit: minimum(requirements.digit),
            special: minimum(requirements.special),
        }
    }
}

impl<'a> Common<'a> {
    fn new(call: &Call, instance: Option<&'a Instance>) -> Self {
        let name = instance.and_then(|instance| instance.site_name.as_ref());
        let locale = instance.and_then(|instance| instance.site_locale.as_ref());
        Self {
            has_user_setup: instance.is_some(),
            site_name: name.map_or(DEFAULT_NAME, SiteName::as_str),
            site_locale: locale.map_or(DEFAULT_LOCALE, Locale::as_str),
            password_complexity: call.settings().password_policy.minimum().into(),
            enable_password_login: true,
            email_configured: call.settings().mail.is_enabled(),
        }
    }
}

impl<'a> Documented<'a> {
    pub(super) fn new(call: &Call, instance: Option<&'a Instance>) -> Self {
        let version = ServiceVersion { tag: concat!("v", env!("CARGO_PKG_VERSION")) };
        Self { common: Common::new(call, instance), version }
    }
}

/// The Metabase version of this API. Clients compare the tag and do not interpret the rest.
const VERSION: Version =
    Version { tag: "v0.58.0", date: "2026-01-01", hash: "0000000", branch: "release-x.58.x" };

/// The Metabase version of this API in a header, as Metabase formats it.
pub(super) const VERSION_HEADER: &str = "v0.58.0 (0000000)";

/// The languages of Metabase's user interface. Users may have any other language, too.
const LOCALES: [[&str; 2]; 24] = [
    ["ar", "Arabic"],
    ["bg", "Bulgarian"],
    ["ca", "Catalan"],
    ["cs", "Czech"],
    ["da", "Danish"],
    ["de", "German"],
    ["en", "English"],
    ["es", "Spanish"],
    ["fa", "Persian"],
    ["fi", "Finnish"],
    ["fr", "French"],
    ["hu", "Hungarian"],
    ["it", "Italian"],
    ["ja", "Japanese"],
    ["ko", "Korean"],
    ["nl", "Dutch"],
    ["pl", "Polish"],
    ["pt_BR", "Portuguese (Brazil)"],
    ["ru", "Russian"],
    ["sv", "Swedish"],
    ["tr", "Turkish"],
    ["uk", "Ukrainian"],
    ["vi", "Vietnamese"],
    ["zh_CN", "Chinese (China)"],
];

/// Metabase's public settings about users and access. Settings about questions and databases are
/// absent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "InstanceProperties")]
pub struct Metabase<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    /// URL of the site.
    site_url: String,
    /// Token for `POST /api/setup`; null after setup.
    setup_token: Option<&'a str>,
    version: Version,
    available_locales: &'static [[&'static str; 2]],
    application_name: &'static str,
    /// Always null: `remember` of a login decides the lifetime of the cookie.
    session_cookies: (),
    token_features: TokenFeatures,
    #[serde(flatten)]
    absent: UnsupportedSettings,
}

#[derive(Serialize, JsonSchema)]
struct Version {
    tag: &'static str,
    date: &'static str,
    hash: &'static str,
    branch: &'static str,
}

/// Paid features of Metabase. All are false, as in Metabase's open source edition.
#[derive(Default, Serialize, JsonSchema)]
struct TokenFeatures {
    advanced_permissions: bool,
    audit_app: bool,
    cache_granular_controls: bool,
    config_text_file: bool,
    content_verification: bool,
    dashboard_subscription_filters: bool,
    disable_password_login: bool,
    email_allow_list: bool,
    email_restrict_recipients: bool,
    embedding: bool,
    hosting: bool,
    official_collections: bool,
    sandboxes: bool,
    scim: bool,
    session_timeout_config: bool,
    snippet_collections: bool,
    sso_google: bool,
    sso_jwt: bool,
    sso_ldap: bool,
    sso_saml: bool,
    tenants: bool,
    whitelabel: bool,
}

/// Features of Metabase that this service does not have. All are false.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct UnsupportedSettings {
    anon_tracking_enabled: bool,
    google_auth_enabled: bool,
    jwt_enabled: bool,
    ldap_enabled: bool,
    saml_enabled: bool,
    use_tenants: bool,
    #[serde(rename = "has-sample-database?")]
    has_sample_database: bool,
    #[serde(rename = "is-hosted?")]
    is_hosted: bool,
    #[serde(rename = "ldap-configured?")]
    ldap_configured: bool,
    #[serde(rename = "other-sso-enabled?")]
    other_sso_enabled: bool,
}

impl<'a> Metabase<'a> {
    pub(super) fn new(call: &'a Call, instance: Option<&'a Instance>) -> Self {
        let common = Common::new(call, instance);
        let token = call.settings().setup_token.as_ref().filter(|_| !common.has_user_setup);
        Self {
            site_url: call.site_url().to_string(),
            setup_token: token.map(ExposeSecret::expose_secret),
            version: VERSION,
            available_locales: &LOCALES,
            application_name: DEFAULT_NAME,
            session_cookies: (),
            token_features: TokenFeatures::default(),
            absent: UnsupportedSettings::default(),
            common,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_same_in_the_header() {
        assert_eq!(VERSION_HEADER, format!("{} ({})", VERSION.tag, VERSION.hash));
    }
}
