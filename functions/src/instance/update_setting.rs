//! `PUT /api/setting/{key}`: changes a setting of the instance.

use openapi::{Access, Operation, Tag, errors::invalid};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    domain::{InstanceSetting, SiteName},
    http::{ApiError, ApiResult, Call, FieldValue, Fields, FromFields, response},
};

use crate::route::{Event, Lambda, Permission, Route};

const ENVIRONMENT_SETTING: &str = "An environment variable sets this setting.";

/// The error for a `site-locale` that is no language.
const NO_LOCALE: &str = "nullable String must be a valid two-letter ISO language or \
    language-country code e.g. 'en' or 'en_US'.";

/// The new value of a setting. Null restores the default.
#[derive(JsonSchema)]
#[schemars(rename = "UpdateSetting")]
#[expect(dead_code, reason = "a schema, never constructed")]
struct UpdateSetting {
    value: Option<SiteName>,
}

/// A new value, or none.
struct NewValue<T>(Option<T>);

impl<T: FieldValue> FromFields for NewValue<T> {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self(fields.optional("value")))
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/setting/{key}",
    function: "update-setting",
    summary: "Change a setting",
    tag: Tag::Instance,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*"]),
        Permission::UpdateItem(&["INSTANCE"]),
    ],
    event: Event::path(&[("key", "site-name")]).with_body(r#"{"value": "Example"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "The settings `site-name` and `site-locale` can be changed. Environment variables set \
            the others.",
        )
        .path_enum("key", "The setting.", &["site-name", "site-locale"])
        .request_body::<UpdateSetting>(&[("rename", json!({ "value": "Example" }))])
        .no_content("The setting has the value.")
        .error("invalid", invalid("value", "nullable value must be a non-blank string."))
        .error("no-locale", invalid("value", NO_LOCALE))
        .error("environment", ApiError::BadRequest(ENVIRONMENT_SETTING))
        .error("unknown", ApiError::NotFound)
}

/// Changes a setting of the instance. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid value or a setting of an environment variable, and 404 for an unknown one.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let setting = match call.path("key").as_ref() {
        "site-name" => {
            let NewValue(name) = call.body()?;
            Ok(InstanceSetting::SiteName(name))
        }
        "site-locale" => {
            let NewValue(locale) = call.body()?;
            Ok(InstanceSetting::SiteLocale(locale))
        }
        key if super::list_settings::is_environment_setting(key) => {
            Err(ApiError::BadRequest(ENVIRONMENT_SETTING))
        }
        _ => Err(ApiError::NotFound),
    };
    let admin = caller.admin()?;

    call.store().update_setting(&admin, setting?, caller.write_context()).await?;

    Ok(response::no_content())
}
