//! `GET /api/user/{id}/sessions`: lists the sessions of a user.

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::{
    domain::{SessionId, Timestamp},
    http::{ApiResult, Call, PathUser, response},
    store::ActiveSession,
};

use crate::route::{Event, Lambda, Permission, Route};

/// A valid session.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserSession")]
pub struct Output<'a> {
    /// The session ID, for `DELETE`. It is not the session token.
    #[schemars(with = "SessionId")]
    id: &'a str,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// The `User-Agent` of the login.
    user_agent: Option<&'a str>,
    /// The client IP of the login.
    ip_address: Option<&'a str>,
    /// Whether it is the session of the request.
    is_current: bool,
}

impl<'a> Output<'a> {
    fn new(active: &'a ActiveSession, is_current: bool, ttl_minutes: u32) -> Self {
        let ActiveSession { id, session, .. } = active;
        Self {
            id: id.as_str(),
            created_at: Timestamp::from_epoch_seconds(session.created_at),
            expires_at: Timestamp::from_epoch_seconds(session.expires_at_with(ttl_minutes)),
            user_agent: session.client.user_agent.as_deref(),
            ip_address: session.client.ip_address.as_deref(),
            is_current,
        }
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/user/{id}/sessions",
    function: "list-sessions",
    summary: "List the sessions of a user",
    tag: Tag::Sessions,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"]), Permission::Query(&["SESSION#*"])],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let sessions = json!([{
        "id": "AAAAAAAAAAAAAAAAAAAAAA",
        "created_at": "2026-01-01T00:00:00Z",
        "expires_at": "2026-01-15T00:00:00Z",
        "user_agent": "curl/8.5.0",
        "ip_address": "192.0.2.1",
        "is_current": true,
    }]);
    operation
        .text("Lists valid sessions, newest first.")
        .dialects("Metabase has no such route. Both dialects are the same.")
        .path_user_id()
        .response::<Vec<Output<'_>>>("The sessions.", &[("sessions", response::ok(&sessions))])
        .link(&[("revoke-sessions", "$request.path.id")])
}

/// Lists the valid sessions of a user, newest first. Allowed for the user and for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, and 404 for an unknown user.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let access = caller.self_or_admin(target)?;

    let ttl = call.settings().session_ttl_minutes;
    let sessions = call.store().sessions(&access, call.now(), ttl).await?;

    let current = call.session_ids();
    let list = sessions.iter().map(|one| Output::new(one, current.contains(&one.id), ttl));
    response::ok(&list.collect::<Vec<_>>())
}
