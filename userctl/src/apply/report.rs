//! The result of each row, as a table or as lines of JSON.

use std::collections::BTreeMap;

use client::UserId;
use serde_json::{Value, json};

use super::{
    RowError,
    plan::{Action, FieldChange, Step},
};
use crate::{Context, Exit, Failure, table::Table};

/// The report of a run.
pub(super) struct Report<'c> {
    context: &'c Context,
    dry_run: bool,
    table: Table,
    counts: BTreeMap<&'static str, usize>,
    failed: usize,
    left_out: usize,
}

impl<'c> Report<'c> {
    pub(super) fn new(context: &'c Context, dry_run: bool) -> Self {
        let header = ["line", "action", "email", "result", "changes"];
        let table = Table::new(&context.output, &header);
        Self { context, dry_run, table, counts: BTreeMap::new(), failed: 0, left_out: 0 }
    }

    /// A progress bar for the steps.
    pub(super) fn progress(&self, steps: usize) -> indicatif::ProgressBar {
        self.context.output.progress(steps.try_into().unwrap_or(u64::MAX))
    }

    /// Reports an invalid row.
    pub(super) fn invalid(&mut self, error: &RowError) -> Result<(), Failure> {
        self.failed += 1;
        let RowError { line, email, message } = error;
        if self.context.output.is_json() {
            return self.context.output.json(&json!({
                "line": line, "action": null, "email": email, "id": null, "changes": [],
                "result": "invalid", "error": message, "errors": {},
            }));
        }
        let cells = [&line.to_string(), "", email, "invalid", message];
        self.table.push(&cells.map(str::to_owned))
    }

    /// Reports a step of a dry run.
    pub(super) fn planned(&mut self, step: &Step) -> Result<(), Failure> {
        self.count(step.action);
        self.step(step, step.id, "planned", None)
    }

    /// Reports a finished step.
    pub(super) fn done(
        &mut self,
        step: &Step,
        result: &Result<Option<UserId>, Failure>,
    ) -> Result<(), Failure> {
        match result {
            Ok(id) => {
                self.count(step.action);
                self.step(step, *id, "done", None)
            }
            Err(failure) => {
                self.failed += 1;
                self.step(step, step.id, "failed", Some(failure))
            }
        }
    }

    fn count(&mut self, action: Action) {
        *self.counts.entry(action.name()).or_default() += 1;
    }

    fn step(
        &mut self,
        step: &Step,
        id: Option<UserId>,
        result: &str,
        failure: Option<&Failure>,
    ) -> Result<(), Failure> {
        let Step { line, action, email, diff, .. } = step;
        if self.context.output.is_json() {
            let error = failure.map(Failure::to_json).unwrap_or_default();
            let errors = error.get("errors").cloned().unwrap_or_else(|| json!({}));
            return self.context.output.json(&json!({
                "line": line, "action": action, "email": email, "id": id, "changes": diff,
                "result": result, "error": error.get("error"), "errors": errors,
            }));
        }
        if *action == Action::Unchanged && failure.is_none() {
            return Ok(());
        }
        let details = failure.map_or_else(|| changes(diff), Failure::sentence);
        let line = line.map(|line| line.to_string()).unwrap_or_default();
        let cells = [&line, action.name(), email, result, &details];
        self.table.push(&cells.map(str::to_owned))
    }

    /// Counts steps that did not begin.
    pub(super) const fn left_out(&mut self, steps: usize) {
        self.left_out = steps;
    }

    /// Writes the rows so far.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        if self.context.output.is_json() || self.table.is_empty() {
            return Ok(());
        }
        self.table.flush()
    }

    /// Writes the counts.
    pub(super) fn summary(&mut self) -> Result<(), Failure> {
        self.flush()?;
        let count = |action: Action| self.counts.get(action.name()).copied().unwrap_or_default();
        let counts = [
            ("created", count(Action::Create)),
            ("changed", count(Action::Change)),
            ("reactivated", count(Action::Reactivate)),
            ("deactivated", count(Action::Deactivate)),
            ("unchanged", count(Action::Unchanged)),
            ("failed", self.failed),
            ("left_out", self.left_out),
        ];
        let mut summary: serde_json::Map<String, Value> =
            counts.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
        summary.insert("dry_run".to_owned(), self.dry_run.into());
        let texts = counts.map(|(name, count)| format!("{} {count}", name.replace('_', " ")));
        let prefix = if self.dry_run { "Dry run, nothing changes: " } else { "" };
        let sentence = format!("{prefix}{}", texts.join(", "));
        self.context.output.result(&json!({ "summary": summary }), &sentence)
    }

    /// Writes the counts and returns the exit code.
    pub(super) fn finish(mut self) -> Result<Exit, Failure> {
        self.summary()?;
        Ok(if self.failed == 0 { Exit::Success } else { Exit::SomeRowsFailed })
    }
}

/// Changes for people.
fn changes(diff: &[FieldChange]) -> String {
    let changes = diff.iter().map(|FieldChange { field, from, to }| {
        if from.is_empty() { format!("{field}: {to}") } else { format!("{field}: {from} → {to}") }
    });
    changes.collect::<Vec<_>>().join(", ")
}
