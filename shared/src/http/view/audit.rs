//! The audit trail on the wire.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    Action, AuditEvent, AuditEventId, AuditPage, AuditTarget, AuthMethod, Timestamp, UserId,
};

/// Entries, newest first, and where to go on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditTrail")]
pub struct AuditPageView<'a> {
    data: Vec<AuditEventView<'a>>,
    /// What to send as `cursor` to go on; null at the end.
    #[schemars(with = "Option<AuditEventId>")]
    next_cursor: Option<String>,
}

/// One deed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct AuditEventView<'a> {
    /// Its place in the trail.
    #[schemars(with = "AuditEventId")]
    id: String,
    /// When the request for it arrived.
    at: Timestamp,
    /// What was done.
    #[schemars(with = "Action")]
    action: &'a str,
    actor: ActorView,
    /// What it was done to; null when a login failed for an address that nobody has.
    target: Option<TargetView>,
    /// The network address that the request came from.
    source_ip: &'a str,
    /// The number of the request, as in the log.
    request_id: &'a str,
    /// The names of the fields that it changed; of groups with their number, as `user_group_memberships.3`.
    fields: &'a [String],
}

/// Who did it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditActor")]
struct ActorView {
    /// The account, which for an API key is one of its own; null when nobody has proved who they are.
    #[schemars(with = "Option<UserId>")]
    id: Option<u64>,
    via: AuthMethod,
}

/// What it was done to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditTarget")]
struct TargetView {
    /// What kind of thing it is.
    #[schemars(extend("enum" = ["user", "group", "api-key"]))]
    #[serde(rename = "type")]
    kind: &'static str,
    /// Its number.
    #[schemars(with = "UserId")]
    id: u64,
}

impl<'a> From<&'a AuditPage> for AuditPageView<'a> {
    fn from(trail: &'a AuditPage) -> Self {
        Self {
            data: trail.events.iter().map(AuditEventView::from).collect(),
            next_cursor: trail.next.as_ref().map(ToString::to_string),
        }
    }
}

impl<'a> From<&'a AuditEvent> for AuditEventView<'a> {
    fn from(entry: &'a AuditEvent) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.request.at,
            action: &entry.action,
            actor: ActorView { id: entry.actor.map(UserId::get), via: entry.method },
            target: entry.target.map(TargetView::from),
            source_ip: &entry.request.source_ip,
            request_id: &entry.request.request_id,
            fields: &entry.fields,
        }
    }
}

impl From<AuditTarget> for TargetView {
    fn from(subject: AuditTarget) -> Self {
        Self { kind: subject.kind(), id: subject.id() }
    }
}
