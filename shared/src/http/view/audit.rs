//! The audit log in responses.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{
    Action, AuditEvent, AuditEventId, AuditPage, AuditTarget, AuthMethod, Timestamp, UserId,
};

/// Audit events, newest first, and the cursor of the next page.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub struct AuditPageView<'a> {
    data: Vec<AuditEventView<'a>>,
    /// The `cursor` for the next page, or null after the last one.
    #[schemars(with = "Option<AuditEventId>")]
    next_cursor: Option<String>,
}

/// An audit event: one change, or a failed login.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEvent")]
struct AuditEventView<'a> {
    /// The ID, and the position in the log.
    #[schemars(with = "AuditEventId")]
    id: String,
    /// The time of the request.
    at: Timestamp,
    /// The action: the name of the function, or `failed-login`.
    #[schemars(with = "Action")]
    action: &'a str,
    actor: ActorView,
    /// The changed object. Null for a failed login with an unregistered email address.
    target: Option<TargetView>,
    /// The client IP.
    source_ip: &'a str,
    /// The request ID, as in the logs.
    request_id: &'a str,
    /// The names of the changed fields. Those of groups contain the group ID, for example
    /// `user_group_memberships.3`.
    fields: &'a [String],
}

/// The actor of an audit event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditActor")]
struct ActorView {
    /// The user, or the service account of an API key. Null without authentication.
    #[schemars(with = "Option<UserId>")]
    id: Option<u64>,
    /// The credentials. `self` is a password, or no valid credentials at a failed login.
    via: AuthMethod,
}

/// The changed object of an audit event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditTarget")]
struct TargetView {
    /// The type of the object.
    #[schemars(extend("enum" = ["user", "group", "api-key"]))]
    #[serde(rename = "type")]
    kind: &'static str,
    /// The ID of the object.
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
