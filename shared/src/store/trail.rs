//! The audit trail, read backwards: some days at a time, all partitions of them at once.

use std::iter;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;

use super::{
    Store, StoreError,
    audit::AuditItem,
    expression::{Expression, Parts},
    items::{self, Item},
    keys,
    query::Reading,
};
use crate::{
    domain::{Day, Entry, EntryId, Subject, Timestamp, Trail, TrailFilter},
    permissions::Admin,
};

/// How many days are read at once, one stride after the other: few where there is much to find, more
/// where there is little, and a month for one request at the most.
const STRIDES: [usize; 6] = [1, 2, 4, 8, 8, 8];

/// What is left to read: from a moment on, and before a place.
struct Window {
    from: Timestamp,
    before: EntryId,
}

/// The bounds of a query in one partition; both count.
struct Bounds {
    partition: String,
    first: String,
    last: String,
}

/// What one query found.
struct Part {
    entries: Vec<Entry>,
    /// The place down to which it read, if there is more.
    stopped_at: Option<EntryId>,
}

impl Store {
    /// The newest entries that pass a filter, of a trail that began at `beginning`.
    ///
    /// What is read for one request is bounded: there may be more also when there are few.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn audit_trail(
        &self,
        admin: &Admin,
        filter: &TrailFilter,
        beginning: Timestamp,
    ) -> Result<Trail, StoreError> {
        let now = admin.origin().arrival().at;
        let mut window = Window::new(filter, beginning.max(now.days_ago(self.audit_days)), now);
        let mut entries = Vec::new();
        for days in STRIDES {
            if window.is_empty() || entries.len() >= filter.limit {
                break;
            }
            let bounds = window.newest(days);
            let parts = bounds.into_iter().map(|bounds| self.part(bounds, filter));
            entries.extend(window.pass(days, try_join_all(parts).await?));
        }
        if entries.len() > filter.limit {
            entries.truncate(filter.limit);
            window.before = entries.last().map_or(window.before, |last| last.id.clone());
        }
        let next = (!window.is_empty()).then_some(window.before);
        Ok(Trail { entries, next })
    }

    /// One request: of a whole partition what a page needs, of one that is searched a megabyte.
    async fn part(&self, bounds: Bounds, filter: &TrailFilter) -> Result<Part, StoreError> {
        let mut reading = Reading::new(self.audit_query(bounds, filter));
        // The entry at the upper bound comes with the others, and is none of them.
        let enough = selection(filter).is_none().then(|| filter.limit.saturating_add(1));
        let items = self.more(&mut reading, enough).await?.unwrap_or_default();
        let stopped_at = reading.last().and_then(keys::audit_entry);
        let entries = items.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Part { entries, stopped_at })
    }

    fn audit_query(&self, bounds: Bounds, filter: &TrailFilter) -> QueryFluentBuilder {
        let range = Expression::new("#pk = :partition AND #sk BETWEEN :first AND :last")
            .text("partition", bounds.partition)
            .text("first", bounds.first)
            .text("last", bounds.last);
        let query = self.query(Parts::filtered(Some(range), selection(filter)));
        query.consistent_read(true).scan_index_forward(false)
    }
}

impl Window {
    /// The clocks of others may be ahead of ours, so today is read to its end.
    fn new(filter: &TrailFilter, beginning: Timestamp, now: Timestamp) -> Self {
        let from = filter.from.map_or(beginning, |from| from.max(beginning));
        let tomorrow = EntryId::before(now.day().next().start());
        let ends = [filter.to.map(EntryId::before), filter.cursor.clone()];
        Self { from, before: ends.into_iter().flatten().fold(tomorrow, EntryId::min) }
    }

    fn is_empty(&self) -> bool {
        self.before <= EntryId::before(self.from)
    }

    /// Its newest days, newest first.
    fn days(&self, count: usize) -> impl Iterator<Item = Day> {
        let first = self.from.day();
        let days = iter::successors(Some(self.before.last_day()), |day| Some(day.previous()));
        days.take_while(move |day| *day >= first).take(count)
    }

    /// The queries that its newest days take.
    fn newest(&self, days: usize) -> Vec<Bounds> {
        let of_day = |day: Day| {
            let first = EntryId::before(self.from.max(day.start()));
            let is_last = day == self.before.at.day();
            let last = is_last.then(|| keys::audit_position(&self.before));
            keys::audit_partitions(day).map(move |partition| Bounds {
                partition,
                first: keys::audit_position(&first),
                last: last.clone().unwrap_or_else(|| keys::AUDIT_END.to_owned()),
            })
        };
        self.days(days).flat_map(of_day).collect()
    }

    /// The entries of its newest days, newest first, as far down as all partitions were read; what is
    /// older is left.
    fn pass(&mut self, days: usize, parts: Vec<Part>) -> Vec<Entry> {
        let start = self.days(days).last().map_or(self.from, |day| self.from.max(day.start()));
        let stops = parts.iter().filter_map(|part| part.stopped_at.clone());
        let read_to = stops.fold(EntryId::before(start), EntryId::max);
        let all = parts.into_iter().flat_map(|part| part.entries);
        let is_read = |entry: &Entry| read_to <= entry.id && entry.id < self.before;
        let mut entries: Vec<_> = all.filter(is_read).collect();
        entries.sort_by(|one, other| other.id.cmp(&one.id));
        self.before = read_to;
        entries
    }
}

/// What DynamoDB looks for before it answers.
fn selection(filter: &TrailFilter) -> Option<Expression> {
    let actor = filter.actor.map(|id| Expression::new("#actor = :actor").number("actor", id));
    let target = filter.target.as_ref().map(Subject::to_string);
    let target = target.map(|text| Expression::new("#target = :target").text("target", text));
    let action = filter
        .action
        .map(|action| Expression::new("#action = :action").text("action", action.as_str()));
    actor.into_iter().chain(target).chain(action).reduce(Expression::and)
}

fn entry(item: Item) -> Result<Entry, StoreError> {
    let no_place = || StoreError::Malformed("audit", "its key is no place in the trail".into());
    let id = keys::audit_entry(&item).ok_or_else(no_place)?;
    items::from_item::<AuditItem>("audit", item)?.into_entry(id)
}
