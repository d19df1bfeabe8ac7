//! `userctl audit`: the audit log.

use clap::Args;
use client::{AuditEvent, AuditQuery};
use futures_util::StreamExt;

use crate::{
    Context, Failure, clock,
    list::{self, Columns, ListFormat},
    references::UserRef,
};

/// The filters of the audit log.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Events by this user
    #[arg(long, value_name = "ID|ADDRESS")]
    actor: Option<UserRef>,
    /// Events on this object: a user ID, or a type and an ID such as `group:3`
    #[arg(long)]
    target: Option<String>,
    /// Events with this action, for example `update-user`
    #[arg(long)]
    action: Option<String>,
    /// Events at this time or later, for example 2026-01-31 or 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "days")]
    from: Option<String>,
    /// Events before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Events of the last days
    #[arg(long, value_name = "NUMBER")]
    days: Option<u32>,
    /// Maximum number of events, newest first
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    #[command(flatten)]
    format: ListFormat,
}

const COLUMNS: Columns<AuditEvent> = Columns {
    table: &["time", "action", "actor", "target", "client IP", "fields"],
    cells: |event| {
        let mut cells = cells(event);
        cells.remove(0);
        cells.pop();
        cells
    },
    csv: &["id", "at", "action", "actor", "target", "source_ip", "fields", "request_id"],
    csv_cells: cells,
};

fn cells(event: &AuditEvent) -> Vec<String> {
    let actor = event.actor.id.map_or_else(String::new, |id| format!("{id} "));
    let target = event.target.as_ref();
    vec![
        event.id.clone(),
        clock::text(event.at),
        event.action.clone(),
        format!("{actor}({})", event.actor.via),
        target.map_or_else(String::new, |target| format!("{}:{}", target.kind, target.id)),
        event.source_ip.clone(),
        event.fields.join(" "),
        event.request_id.clone(),
    ]
}

/// Lists the audit log.
pub(super) async fn run(context: &Context, arguments: AuditArguments) -> Result<(), Failure> {
    let client = context.client()?;
    let AuditArguments { actor, target, action, from, to, days, limit, format } = arguments;
    let actor = match actor {
        Some(actor) => Some(actor.id(&client).await?),
        None => None,
    };
    let from = match days {
        Some(days) => Some(clock::days_ago(days)?),
        None => from,
    };
    let events = client.audit(AuditQuery { actor, target, action, from, to });
    list::write(context, &format, &COLUMNS, events.take(limit.unwrap_or(usize::MAX))).await
}
