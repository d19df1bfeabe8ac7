//! The report of an export: its numbers, and what it leaves out.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Value, json};
use shared::domain::UserCounts;

use crate::{Context, Exit, Failure};

/// The number of IDs that a note lists.
const MAX_IDS: usize = 100;

/// What an export leaves out, and for how many rows.
#[derive(Default)]
struct Note {
    count: u64,
    ids: Vec<u64>,
}

/// The report of an export.
pub(super) struct Report<'c> {
    context: &'c Context,
    counts: BTreeMap<&'static str, u64>,
    notes: BTreeMap<&'static str, Note>,
    missing: Option<String>,
}

impl<'c> Report<'c> {
    pub(super) const fn new(context: &'c Context) -> Self {
        Self { context, counts: BTreeMap::new(), notes: BTreeMap::new(), missing: None }
    }

    /// A progress bar over the users.
    pub(super) fn progress(&self, total: i64) -> indicatif::ProgressBar {
        self.context.output.progress(u64::try_from(total).unwrap_or_default())
    }

    /// Counts exported rows.
    pub(super) fn count(&mut self, kind: &'static str, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let total = self.counts.entry(kind).or_default();
        *total = total.saturating_add(count);
    }

    /// Notes what the export leaves out of a row.
    pub(super) fn note(&mut self, reason: &'static str, id: u64) {
        let note = self.notes.entry(reason).or_default();
        note.count += 1;
        if note.ids.len() < MAX_IDS {
            note.ids.push(id);
        }
    }

    /// Compares the number of users with the counters of the table.
    pub(super) fn check_total(&mut self, found: usize, counted: UserCounts) {
        let counted = counted.active.saturating_add(counted.inactive);
        if i64::try_from(found) != Ok(counted) {
            self.missing = Some(format!(
                "the table has {counted} users, but {found} were found. Users changed during the \
                 export: run it again"
            ));
        }
    }

    /// Writes the report: text to standard error, JSON to standard output unless the export is
    /// there.
    pub(super) fn finish(self, is_stdout_used: bool) -> Result<(), Failure> {
        let output = &self.context.output;
        if output.is_json() {
            let report = self.to_json();
            if is_stdout_used {
                drop(writeln!(io::stderr(), "{report}"));
            } else {
                output.json(&report)?;
            }
        } else {
            let name = |(kind, count): (&&str, &u64)| format!("{kind} {count}");
            let counts: Vec<_> = self.counts.iter().map(name).collect();
            output.hint(&format!("exported: {}", counts.join(", ")));
            for (reason, note) in &self.notes {
                let (count, list) = (note.count, note.list());
                output.hint(&format!("left out: {count} × {reason} ({list})"));
            }
        }
        self.missing.map_or(Ok(()), |missing| Err(Failure::new(Exit::SomeRowsFailed, missing)))
    }

    fn to_json(&self) -> Value {
        let notes = self.notes.iter();
        let notes: Vec<_> = notes
            .map(|(reason, note)| json!({ "reason": reason, "count": note.count, "ids": note.ids }))
            .collect();
        json!({ "exported": self.counts, "left_out": notes, "is_complete": self.missing.is_none() })
    }
}

impl Note {
    /// The first IDs, for people.
    fn list(&self) -> String {
        let first: Vec<_> = self.ids.iter().take(5).map(u64::to_string).collect();
        let more = if self.count > 5 { ", …" } else { "" };
        format!("ID {}{more}", first.join(", "))
    }
}
