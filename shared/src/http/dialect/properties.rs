//! What a client must know before anybody logs in.

use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    auth::password_policy::PasswordRequirements,
    domain::{Instance, Locale, SiteName},
    http::Call,
};

/// Metabase's name for an instance without one.
const DEFAULT_NAME: &str = "Metabase";
const DEFAULT_LOCALE: &str = "en";

/// The public settings of the instance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "InstanceProperties")]
pub struct Documented<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    version: ServiceVersion,
}

/// The settings in both dialects.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Common<'a> {
    /// Whether the instance is set up.
    has_user_setup: bool,
    /// The name of the instance.
    site_name: &'a str,
    /// The default language.
    #[schemars(with = "Locale")]
    site_locale: &'a str,
    /// The requirements for a new password.
    password_complexity: Requirements,
    /// Always true.
    #[schemars(extend("const" = true))]
    enable_password_login: bool,
}

/// The version of the service.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Version")]
struct ServiceVersion {
    /// The version number with a leading `v`.
    tag: &'static str,
}

/// The minimum number of characters, in total and by kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PasswordComplexity")]
struct Requirements {
    /// Characters of any kind.
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
    fn from(minimum: PasswordRequirements) -> Self {
        let asked = |count: usize| (count > 0).then_some(count);
        Self {
            total: minimum.total,
            lower: asked(minimum.lower),
            upper: asked(minimum.upper),
            digit: asked(minimum.digit),
            special: asked(minimum.special),
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
        }
    }
}

impl<'a> Documented<'a> {
    pub(super) fn new(call: &Call, instance: Option<&'a Instance>) -> Self {
        let version = ServiceVersion { tag: concat!("v", env!("CARGO_PKG_VERSION")) };
        Self { common: Common::new(call, instance), version }
    }
}

/// The version of Metabase whose API this is. Clients compare the tag; the rest are texts to them.
const VERSION: Version =
    Version { tag: "v0.58.0", date: "2026-01-01", hash: "0000000", branch: "release-x.58.x" };

/// The languages that Metabase offers for its pages. An account may have any other, too.
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

/// The public settings of the instance, including those for Metabase's clients.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "InstanceProperties")]
pub struct Metabase<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    /// The URL of the instance.
    site_url: String,
    /// The token for `POST /api/setup`, or null after setup.
    setup_token: Option<&'a str>,
    version: Version,
    available_locales: &'static [[&'static str; 2]],
    application_name: &'static str,
    /// Whether the instance sends email.
    #[serde(rename = "email-configured?")]
    email_configured: bool,
    /// Always null: `remember` determines the lifetime of a cookie.
    session_cookies: (),
    token_features: TokenFeatures,
    #[serde(flatten)]
    absent: UnsupportedSettings,
}

/// The version of Metabase with the same API.
#[derive(Serialize, JsonSchema)]
struct Version {
    tag: &'static str,
    date: &'static str,
    hash: &'static str,
    branch: &'static str,
}

/// Paid features of Metabase, all absent.
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

/// Settings of Metabase without a counterpart.
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
            email_configured: call.settings().mail.is_enabled(),
            session_cookies: (),
            token_features: TokenFeatures::default(),
            absent: UnsupportedSettings::default(),
            common,
        }
    }
}
