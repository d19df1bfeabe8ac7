//! `GET /api/setting`: lists the settings of the instance.

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    auth::password_policy::PasswordPolicy,
    config::Settings,
    domain::{Instance, Locale, SiteName},
    http::{
        ApiResult, Call, Dialect, InstanceAttributes,
        dialect::properties::{DEFAULT_LOCALE, DEFAULT_NAME},
        response,
    },
};

use crate::route::{Event, Lambda, Permission, Route};

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Setting")]
struct Output<'a> {
    key: &'static str,
    /// The stored value. Null for the default, and for a value of an environment variable.
    value: Option<&'a str>,
    /// Whether an environment variable sets a value other than the default.
    is_env_setting: bool,
    /// The environment variable. Metabase's name for a stored setting, which no variable sets.
    env_name: &'static str,
    description: &'static str,
    /// The default. The name of the variable if an environment variable sets the value.
    default: Value,
}

impl<'a> Output<'a> {
    fn stored(
        (key, env_name, description): (&'static str, &'static str, &'static str),
        value: Option<&'a str>,
        default: &str,
    ) -> Self {
        let value = value.filter(|value| *value != default);
        Self { key, value, is_env_setting: false, env_name, description, default: json!(default) }
    }

    fn env(
        (key, env_name, description): (&'static str, &'static str, &'static str),
        is_env_setting: bool,
        default: Value,
    ) -> Self {
        let default = if is_env_setting {
            json!(format!("Using value of env var ${env_name}"))
        } else {
            default
        };
        Self { key, value: None, is_env_setting, env_name, description, default }
    }
}

/// The settings by key. Secrets are absent.
fn list<'a>(instance: Option<&'a Instance>, settings: &Settings) -> Vec<Output<'a>> {
    let mut list: Vec<Output<'a>> = limits(settings).into();
    list.extend(forms(settings));
    list.extend(stored(instance));
    list.sort_unstable_by_key(|setting| setting.key);
    list
}

/// Whether an environment variable sets a setting.
pub(super) fn is_environment_setting(key: &str) -> bool {
    let settings = Settings::default();
    let keys = limits(&settings).into_iter().chain(forms(&settings));
    keys.map(|setting| setting.key).any(|known| known == key)
}

/// The settings of the instance in the table.
fn stored(instance: Option<&Instance>) -> [Output<'_>; 2] {
    let name = instance.and_then(|instance| instance.site_name.as_ref()).map(SiteName::as_str);
    let locale = instance.and_then(|instance| instance.site_locale.as_ref()).map(Locale::as_str);
    let name_setting = ("site-name", "MB_SITE_NAME", "The name of the instance.");
    let locale_setting = ("site-locale", "MB_SITE_LOCALE", "The language of users without one.");
    [
        Output::stored(name_setting, name, DEFAULT_NAME),
        Output::stored(locale_setting, locale, DEFAULT_LOCALE),
    ]
}

/// The settings of environment variables with a time or a number.
fn limits(settings: &Settings) -> [Output<'static>; 5] {
    let defaults = Settings::default();
    [
        Output::env(
            ("audit-retention-days", "AUDIT_RETENTION_DAYS", "The retention of audit events."),
            settings.audit_retention_days != defaults.audit_retention_days,
            json!(defaults.audit_retention_days),
        ),
        Output::env(
            ("credentials-not-before", "CREDENTIALS_NOT_BEFORE", "The end of older credentials."),
            settings.credential_cutoff != defaults.credential_cutoff,
            Value::Null,
        ),
        Output::env(
            ("max-sessions-per-user", "MAX_SESSIONS_PER_USER", "The maximum number of sessions."),
            settings.max_sessions.is_some(),
            Value::Null,
        ),
        Output::env(
            ("session-idle-minutes", "SESSION_IDLE_MINUTES", "The idle time-out of a session."),
            settings.session_idle.is_set(),
            Value::Null,
        ),
        Output::env(
            ("session-ttl-minutes", "SESSION_TTL_MINUTES", "The lifetime of a session."),
            settings.session_ttl_minutes != defaults.session_ttl_minutes,
            json!(defaults.session_ttl_minutes),
        ),
    ]
}

/// The other settings of environment variables.
fn forms(settings: &Settings) -> [Output<'static>; 3] {
    [
        Output::env(
            ("api-dialect", "API_DIALECT", "The dialect of the API."),
            settings.dialect != Dialect::default(),
            json!("documented"),
        ),
        Output::env(
            ("password-complexity", "PASSWORD_COMPLEXITY", "The policy for new passwords."),
            settings.password_policy != PasswordPolicy::default(),
            json!("normal"),
        ),
        Output::env(
            ("site-url", "SITE_URL", "The site of links."),
            settings.site_url.is_some(),
            Value::Null,
        ),
    ]
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/setting",
    function: "list-settings",
    summary: "List settings",
    tag: Tag::Instance,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"])],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let settings = response::ok(&list(None, &Settings::default()));
    operation
        .text("Lists the settings of this service by key, without secrets.")
        .paragraph("The values of environment variables are hidden, as in Metabase.")
        .response::<Vec<Output<'_>>>("The settings.", &[("settings", settings)])
}

/// Lists the settings of the instance. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, instance) = call.authenticate_active(InstanceAttributes).await?;
    caller.admin()?;

    response::ok(&list(instance.as_ref(), call.settings()))
}
