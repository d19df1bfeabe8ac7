//! `GET /api/user/{id}/sessions`: where an account is logged in.

use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    domain::{SessionId, Timestamp},
    http::{ApiResult, Call, PathUser, response},
    store::ActiveSession,
};

/// A session that counts.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SessionOfUser")]
pub struct Output<'a> {
    /// What the session is called; it is not the session itself.
    #[schemars(with = "SessionId")]
    id: &'a str,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// What the program called itself that logged in.
    user_agent: Option<&'a str>,
    /// Where the login came from.
    ip_address: Option<&'a str>,
    /// Whether it is the session that the request came with.
    is_current: bool,
}

impl<'a> Output<'a> {
    fn new(active: &'a ActiveSession, current: Option<&SessionId>, ttl_minutes: u32) -> Self {
        let ActiveSession { id, session, .. } = active;
        Self {
            id: id.as_str(),
            created_at: Timestamp::from_epoch_seconds(session.created_at),
            expires_at: Timestamp::from_epoch_seconds(session.expires_at_with(ttl_minutes)),
            user_agent: session.client.user_agent.as_deref(),
            ip_address: session.client.ip_address.as_deref(),
            is_current: current == Some(id),
        }
    }
}

/// The account's owner or an administrator. Sessions that no longer count are not shown.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let access = caller.self_or_admin(target)?;

    let ttl = call.settings().session_ttl_minutes;
    let sessions = call.store().sessions(&access, call.now(), ttl).await?;

    let current = call.session_id();
    let list = sessions.iter().map(|session| Output::new(session, current.as_ref(), ttl));
    response::ok(&list.collect::<Vec<_>>())
}
