//! `GET /api/session/properties`: returns the settings for clients before a login.

use openapi::{Access, Operation, Tag};
use serde_json::json;
use shared::http::{ApiResult, Call, Dialect, dialect::properties, response};

use crate::route::{Event, Lambda, Route, SetupToken};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/session/properties",
    function: "session-properties",
    summary: "Get the public instance settings",
    tag: Tag::Instance,
    access: Access::Public,
    lambda: Lambda::READ.with_setup_token(SetupToken::InMetabase).with_sender(),
    permissions: &[],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let description = "The settings.";
    let operation = operation.text("Returns the settings for clients before a login.").dialects(
        "metabase also returns the settings read by Metabase's own clients, and the setup \
        token until the setup.",
    );
    match operation.dialect() {
        Dialect::Documented => {
            operation.response::<properties::Documented<'_>>(description, &[("set-up", example())])
        }
        Dialect::Metabase => operation.response::<properties::Metabase<'_>>(description, &[]),
    }
}

fn example() -> ApiResult {
    response::ok(&json!({
        "has-user-setup": true,
        "site-name": "Example",
        "site-locale": "en",
        "password-complexity": { "total": 6, "digit": 1 },
        "enable-password-login": true,
        "email-configured?": true,
        "version": { "tag": concat!("v", env!("CARGO_PKG_VERSION")) },
    }))
}

/// Returns the public settings of the instance. Allowed for everyone.
///
/// # Errors
///
/// Returns no errors except those of every route.
pub async fn handler(call: Call) -> ApiResult {
    let instance = call.store().instance().await?;

    call.dialect().properties(&call, instance.as_ref())
}
