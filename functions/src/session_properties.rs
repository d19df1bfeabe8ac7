//! `GET /api/session/properties`: what a client must know before anybody logs in.

use secrecy::ExposeSecret;
use serde::Serialize;
use shared::{
    auth::password::Minimum,
    domain::{Locale, SiteName},
    http::{ApiResult, Call, reply},
};

/// Metabase's name for an instance without one.
const DEFAULT_NAME: &str = "Metabase";
const DEFAULT_LOCALE: &str = "en";

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Properties<'a> {
    has_user_setup: bool,
    site_name: &'a str,
    site_locale: &'a str,
    password_complexity: Requirements,
    enable_password_login: bool,
    version: Version,
    #[serde(flatten)]
    setup: Option<Setup<'a>>,
}

/// Null once the instance is set up.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Setup<'a> {
    setup_token: Option<&'a str>,
}

/// Kinds of characters that are not asked for are left out, as in Metabase.
#[derive(Serialize)]
struct Requirements {
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

#[derive(Serialize)]
struct Version {
    tag: &'static str,
}

impl From<Minimum> for Requirements {
    fn from(minimum: Minimum) -> Self {
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

/// Anybody.
///
/// # Errors
///
/// None but those of the table.
pub async fn handler(call: Call) -> ApiResult {
    let instance = call.store().instance().await?;

    let is_set_up = instance.is_some();
    let name = instance.as_ref().and_then(|instance| instance.site_name.as_ref());
    let locale = instance.as_ref().and_then(|instance| instance.site_locale.as_ref());
    reply::ok(&Properties {
        has_user_setup: is_set_up,
        site_name: name.map_or(DEFAULT_NAME, SiteName::as_str),
        site_locale: locale.map_or(DEFAULT_LOCALE, Locale::as_str),
        password_complexity: call.settings().password_complexity.minimum().into(),
        enable_password_login: true,
        setup: call.dialect().publishes_setup_token().then(|| setup(&call, is_set_up)),
        version: Version { tag: concat!("v", env!("CARGO_PKG_VERSION")) },
    })
}

fn setup(call: &Call, is_set_up: bool) -> Setup<'_> {
    let token = call.settings().setup_token.as_ref().filter(|_| !is_set_up);
    Setup { setup_token: token.map(ExposeSecret::expose_secret) }
}
