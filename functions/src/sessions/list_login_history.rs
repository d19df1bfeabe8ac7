//! `GET /api/login-history/current`: lists the caller's logins that still have a valid session.

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::{
    domain::Timestamp,
    http::{ApiResult, Call, response},
    store::ActiveSession,
};

use crate::route::{Event, Lambda, Permission, Route};

/// A login.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LoginHistoryEntry")]
struct Output<'a> {
    timestamp: Timestamp,
    /// The `User-Agent` of the login.
    device_description: Option<&'a str>,
    /// The client IP of the login.
    ip_address: Option<&'a str>,
    /// Always true: the list contains logins with a valid session only.
    #[schemars(extend("const" = true))]
    active: bool,
    /// Always null: the service does not locate addresses.
    location: (),
    /// Always null: the service does not locate addresses.
    timezone: (),
}

impl<'a> From<&'a ActiveSession> for Output<'a> {
    fn from(ActiveSession { session, .. }: &'a ActiveSession) -> Self {
        Self {
            timestamp: Timestamp::from_epoch_seconds(session.created_at),
            device_description: session.client.user_agent.as_deref(),
            ip_address: session.client.ip_address.as_deref(),
            active: true,
            location: (),
            timezone: (),
        }
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/login-history/current",
    function: "list-login-history",
    summary: "List the caller's logins",
    tag: Tag::Sessions,
    access: Access::User,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"]), Permission::Query(&["SESSION#*"])],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let logins = json!([{
        "timestamp": "2026-01-01T00:00:00Z",
        "device_description": "curl/8.5.0",
        "ip_address": "192.0.2.1",
        "active": true,
        "location": null,
        "timezone": null,
    }]);
    operation
        .text("Lists the logins of valid sessions, newest first.")
        .response::<Vec<Output<'_>>>("The logins.", &[("logins", response::ok(&logins))])
}

/// Lists the caller's logins with a valid session, newest first. Allowed for every user.
///
/// # Errors
///
/// Returns 401 without a valid session or API key.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;

    let ttl = call.settings().session_ttl_minutes;
    let sessions = call.store().sessions(&caller.own_access(), call.now(), ttl).await?;

    response::ok(&sessions.iter().map(Output::from).collect::<Vec<_>>())
}
