//! The report of an import: a line for each row that differs or cannot be imported, and the counts.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::compare::Plan;
use crate::{Context, Exit, Failure, table::Table};

/// The kind of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Group,
    Membership,
    ApiKey,
}

impl Kind {
    const ALL: [Self; 4] = [Self::User, Self::Group, Self::Membership, Self::ApiKey];

    /// The name in JSON, in the singular.
    const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Membership => "membership",
            Self::ApiKey => "api_key",
        }
    }

    /// The name of the count.
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Membership => "memberships",
            Self::ApiKey => "api_keys",
        }
    }
}

/// The counts of a kind.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    new: usize,
    same: usize,
    differs: usize,
    refused: usize,
}

/// The report of an import.
pub(super) struct Report<'c> {
    context: &'c Context,
    dry_run: bool,
    table: Table,
    counts: BTreeMap<Kind, Counts>,
    skipped: BTreeMap<&'static str, usize>,
}

impl<'c> Report<'c> {
    pub(super) fn new(context: &'c Context, dry_run: bool) -> Self {
        let table = Table::new(&context.output, &["place", "row", "result", "reason"]);
        Self { context, dry_run, table, counts: BTreeMap::new(), skipped: BTreeMap::new() }
    }

    /// A progress bar over the bytes of a source.
    pub(super) fn progress(&self, size: Option<u64>) -> indicatif::ProgressBar {
        self.context.output.progress(size.unwrap_or_default())
    }

    /// The number of refused rows.
    pub(super) fn refused(&self) -> usize {
        self.counts.values().map(|counts| counts.refused).sum()
    }

    /// Counts a row that exists.
    pub(super) fn same(&mut self, kind: Kind) {
        self.count(kind).same += 1;
    }

    /// Counts created rows.
    pub(super) fn created(&mut self, kind: Kind, count: usize) {
        self.count(kind).new += count;
    }

    /// Counts what a plan creates.
    pub(super) fn planned(&mut self, plan: &Plan) {
        for (kind, count) in plan.numbers() {
            self.created(kind, count);
        }
    }

    /// The numbers of created rows, for the audit log.
    pub(super) fn numbers(&self) -> Vec<(&'static str, u64)> {
        let new = |(kind, counts): (&Kind, &Counts)| {
            (kind.plural(), u64::try_from(counts.new).unwrap_or(u64::MAX))
        };
        self.counts.iter().map(new).collect()
    }

    /// Counts a row that no import takes. The row has no line of its own.
    pub(super) fn skipped(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    /// Reports a row that cannot be imported.
    pub(super) fn refuse(
        &mut self,
        place: &str,
        (kind, id): (Kind, Option<u64>),
        reason: &str,
    ) -> Result<(), Failure> {
        self.count(kind).refused += 1;
        self.line(place, (kind, id), "refused", reason)
    }

    /// Reports a row that is imported without a part of it.
    pub(super) fn note(
        &mut self,
        place: &str,
        subject: (Kind, Option<u64>),
        note: &str,
    ) -> Result<(), Failure> {
        self.line(place, subject, "note", note)
    }

    /// Reports a row that exists and differs.
    pub(super) fn differs(
        &mut self,
        place: &str,
        (kind, id): (Kind, Option<u64>),
        fields: &[&str],
    ) -> Result<(), Failure> {
        self.count(kind).differs += 1;
        let reason = format!("exists, and differs here in {}", fields.join(", "));
        self.line(place, (kind, id), "differs", &reason)
    }

    fn line(
        &mut self,
        place: &str,
        (kind, id): (Kind, Option<u64>),
        result: &str,
        reason: &str,
    ) -> Result<(), Failure> {
        if self.context.output.is_json() {
            return self.context.output.json(&json!({
                "place": place, "kind": kind.name(), "id": id, "result": result, "reason": reason,
            }));
        }
        let id = id.map(|id| format!(" {id}")).unwrap_or_default();
        let row = format!("{}{id}", kind.name().replace('_', " "));
        self.table.push(&[place.to_owned(), row, result.to_owned(), reason.to_owned()])
    }

    fn count(&mut self, kind: Kind) -> &mut Counts {
        self.counts.entry(kind).or_default()
    }

    /// Writes the counts and returns the exit code.
    pub(super) fn finish(mut self) -> Result<Exit, Failure> {
        let is_json = self.context.output.is_json();
        if !is_json && (self.refused() > 0 || self.table.has_rows()) {
            self.table.flush()?;
        }
        let mut summary = Map::new();
        let mut lines = Vec::new();
        for kind in Kind::ALL {
            let Counts { new, same, differs, refused } = *self.count(kind);
            summary.insert(
                kind.plural().to_owned(),
                json!({
                    "new": new, "same": same, "differs": differs, "refused": refused,
                }),
            );
            if kind != Kind::Membership || refused > 0 {
                let name = kind.plural().replace('_', " ");
                lines.push(format!(
                    "{name}: new {new}, same {same}, different {differs}, refused {refused}"
                ));
            }
        }
        let skipped = self.skipped.iter();
        lines.extend(skipped.map(|(reason, count)| format!("left out: {count} × {reason}")));
        summary.insert("skipped".to_owned(), json!(self.skipped));
        summary.insert("dry_run".to_owned(), self.dry_run.into());
        if is_json {
            self.context.output.json(&json!({ "summary": summary }))?;
        } else {
            if self.dry_run {
                self.context.output.line("Dry run, nothing changes:")?;
            }
            lines.iter().try_for_each(|line| self.context.output.line(line))?;
        }
        Ok(if self.refused() == 0 { Exit::Success } else { Exit::SomeRowsFailed })
    }
}
