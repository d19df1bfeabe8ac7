//! The audit trail on the wire.

use serde::Serialize;

use crate::domain::{Entry, Subject, Timestamp, Trail, UserId, Via};

/// Entries, newest first, and where to go on.
#[derive(Debug, Serialize)]
pub struct TrailView<'a> {
    data: Vec<EntryView<'a>>,
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct EntryView<'a> {
    id: String,
    at: Timestamp,
    action: &'a str,
    actor: ActorView,
    target: Option<TargetView>,
    source_ip: &'a str,
    request_id: &'a str,
    fields: &'a [String],
}

#[derive(Debug, Serialize)]
struct ActorView {
    id: Option<u64>,
    via: Via,
}

#[derive(Debug, Serialize)]
struct TargetView {
    #[serde(rename = "type")]
    kind: &'static str,
    id: u64,
}

impl<'a> From<&'a Trail> for TrailView<'a> {
    fn from(trail: &'a Trail) -> Self {
        Self {
            data: trail.entries.iter().map(EntryView::from).collect(),
            next_cursor: trail.next.as_ref().map(ToString::to_string),
        }
    }
}

impl<'a> From<&'a Entry> for EntryView<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.arrival.at,
            action: &entry.action,
            actor: ActorView { id: entry.actor.map(UserId::get), via: entry.via },
            target: entry.target.map(TargetView::from),
            source_ip: &entry.arrival.source_ip,
            request_id: &entry.arrival.request_id,
            fields: &entry.fields,
        }
    }
}

impl From<Subject> for TargetView {
    fn from(subject: Subject) -> Self {
        Self { kind: subject.kind(), id: subject.id() }
    }
}
