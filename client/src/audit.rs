//! The audit log.

use futures_util::Stream;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{
    Client, Error, UserId, operations as op,
    pages::{self, Position},
};

/// The number of events in a page, the maximum of the service.
const PAGE: usize = 100;

/// An audit event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Event ID.
    pub id: String,
    /// Arrival time of the request.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// Name of the action.
    pub action: String,
    /// The actor.
    pub actor: AuditActor,
    /// The target, if it is known.
    pub target: Option<AuditTarget>,
    /// Client IP.
    pub source_ip: String,
    /// Request ID, also in the logs.
    pub request_id: String,
    /// Names of the changed fields.
    pub fields: Vec<String>,
}

/// The actor of an audit event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditActor {
    /// User ID, if the actor has authenticated.
    pub id: Option<UserId>,
    /// Kind of the credential, for example `session`.
    pub via: String,
}

/// The target of an audit event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditTarget {
    /// `user`, `group` or `api-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// ID of the target.
    pub id: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AuditPage {
    data: Vec<AuditEvent>,
    next_cursor: Option<String>,
}

/// Filters of the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// Events by this user.
    pub actor: Option<UserId>,
    /// Events on this object: a user ID, or a type and an ID such as `group:3`.
    pub target: Option<String>,
    /// Events with this action.
    pub action: Option<String>,
    /// Events at this time or later: a date or an RFC 3339 timestamp.
    pub from: Option<String>,
    /// Events before this time.
    pub to: Option<String>,
}

impl Client {
    /// Returns the audit events that match, newest first. `GET /api/audit`
    pub fn audit(&self, query: AuditQuery) -> impl Stream<Item = Result<AuditEvent, Error>> {
        let client = self.clone();
        pages::all(Position::Offset(0), move |position| {
            let (client, query) = (client.clone(), query.clone());
            async move {
                let cursor = match position {
                    Position::Cursor(cursor) => Some(cursor),
                    Position::Offset(_) => None,
                };
                let AuditPage { data, next_cursor } = client.audit_page(&query, cursor).await?;
                Ok((data, next_cursor.map(Position::Cursor)))
            }
        })
    }

    async fn audit_page(
        &self,
        query: &AuditQuery,
        cursor: Option<String>,
    ) -> Result<AuditPage, Error> {
        let request = self.request(op::LIST_AUDIT, &[]).query("limit", &PAGE);
        let request = request
            .optional_query("actor", query.actor)
            .optional_query("target", query.target.as_ref())
            .optional_query("action", query.action.as_ref())
            .optional_query("from", query.from.as_ref())
            .optional_query("to", query.to.as_ref())
            .optional_query("cursor", cursor);
        request.send().await
    }
}
