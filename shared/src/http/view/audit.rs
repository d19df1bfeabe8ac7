//! The audit log in responses.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    Action, AuditEvent, AuditEventId, AuditPage, AuditTarget, AuthMethod, Timestamp, UserId,
};

/// A page of the audit log, newest event first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub struct AuditPageView<'a> {
    data: Vec<AuditEventView<'a>>,
    /// Value of `cursor` for the next page; null on the last page.
    #[schemars(with = "Option<AuditEventId>")]
    next_cursor: Option<String>,
}

/// An audit event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEvent")]
struct AuditEventView<'a> {
    /// Unique ID of the event.
    #[schemars(with = "AuditEventId")]
    id: String,
    /// Arrival time of the request.
    at: Timestamp,
    /// Name of the action.
    #[schemars(with = "Action")]
    action: &'a str,
    actor: ActorView,
    /// Target of the action; null for a failed login with an unknown email address.
    target: Option<TargetView>,
    /// Client IP.
    source_ip: &'a str,
    /// Request ID, also in the logs.
    request_id: &'a str,
    /// Names of the changed fields. A joined or left group is `user_group_memberships.<group ID>`.
    fields: &'a [String],
}

/// The actor of an audit event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditActor")]
struct ActorView {
    /// User ID; for an API key the ID of its service account; null without authentication.
    #[schemars(with = "Option<UserId>")]
    id: Option<u64>,
    via: AuthMethod,
}

/// The target of an audit event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditTarget")]
struct TargetView {
    /// Type of the target.
    #[schemars(extend("enum" = ["user", "group", "api-key"]))]
    #[serde(rename = "type")]
    kind: &'static str,
    /// ID of the user, group or API key.
    #[schemars(with = "UserId")]
    id: u64,
}

impl<'a> From<&'a AuditPage> for AuditPageView<'a> {
    fn from(page: &'a AuditPage) -> Self {
        Self {
            data: page.events.iter().map(AuditEventView::from).collect(),
            next_cursor: page.next.as_ref().map(ToString::to_string),
        }
    }
}

impl<'a> From<&'a AuditEvent> for AuditEventView<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        Self {
            id: event.id.to_string(),
            at: event.request.at,
            action: &event.action,
            actor: ActorView { id: event.actor.map(UserId::get), via: event.method },
            target: event.target.map(TargetView::from),
            source_ip: &event.request.source_ip,
            request_id: &event.request.request_id,
            fields: &event.fields,
        }
    }
}

impl From<AuditTarget> for TargetView {
    fn from(target: AuditTarget) -> Self {
        Self { kind: target.kind(), id: target.id() }
    }
}
