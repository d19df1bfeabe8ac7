//! The audit trail, read backwards: some days at a time, all partitions of them at once.

use std::iter;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;

use super::write::AuditItem;
use crate::{
    authorization::Admin,
    domain::{AuditEvent, AuditEventId, AuditFilter, AuditPage, AuditTarget, Day, Timestamp},
    store::{
        Store, StoreError,
        expression::{Expression, ExpressionParts},
        items::{self, Item},
        keys,
        pager::Pager,
    },
};

/// How many days are read at once, one stride after the other: few where there is much to find, more
/// where there is little, and a month for one request at the most.
const DAYS_PER_ROUND: [usize; 6] = [1, 2, 4, 8, 8, 8];

/// What is left to read: from a moment on, and before a place.
struct AuditRange {
    from: Timestamp,
    before: AuditEventId,
}

/// The bounds of a query in one partition; both count.
struct PartitionRange {
    partition: String,
    first: String,
    last: String,
}

/// What one query found.
struct PartitionResult {
    entries: Vec<AuditEvent>,
    /// The place down to which it read, if there is more.
    stopped_at: Option<AuditEventId>,
}

impl Store {
    /// The newest entries that pass a filter, of a trail that began at `beginning`.
    ///
    /// What is read for one request is bounded: there may be more also when there are few.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn list_audit_events(
        &self,
        _: &Admin,
        filter: &AuditFilter,
        (set_up_at, now): (Timestamp, Timestamp),
    ) -> Result<AuditPage, StoreError> {
        let mut window = AuditRange::new(filter, set_up_at.max(now.days_ago(self.audit_days)), now);
        let mut entries = Vec::new();
        for days in DAYS_PER_ROUND {
            if window.is_empty() || entries.len() >= filter.limit {
                break;
            }
            let bounds = window.newest_ranges(days);
            let parts = bounds.into_iter().map(|bounds| self.read_partition(bounds, filter));
            entries.extend(window.take_newest(days, try_join_all(parts).await?));
        }
        if entries.len() > filter.limit {
            entries.truncate(filter.limit);
            window.before = entries.last().map_or(window.before, |last| last.id.clone());
        }
        let next = (!window.is_empty()).then_some(window.before);
        Ok(AuditPage { events: entries, next })
    }

    /// One request: of a whole partition what a page needs, of one that is searched a megabyte.
    async fn read_partition(
        &self,
        bounds: PartitionRange,
        filter: &AuditFilter,
    ) -> Result<PartitionResult, StoreError> {
        let mut reading = Pager::new(self.audit_query(bounds, filter));
        // The entry at the upper bound comes with the others, and is none of them.
        let enough = filter_expression(filter).is_none().then(|| filter.limit.saturating_add(1));
        let items = self.next_page(&mut reading, enough).await?.unwrap_or_default();
        let stopped_at = reading.last_key().and_then(keys::parse_audit_key);
        let entries = items.into_iter().map(audit_event).collect::<Result<_, _>>()?;
        Ok(PartitionResult { entries, stopped_at })
    }

    fn audit_query(&self, bounds: PartitionRange, filter: &AuditFilter) -> QueryFluentBuilder {
        let range = Expression::new("#pk = :partition AND #sk BETWEEN :first AND :last")
            .string("partition", bounds.partition)
            .string("first", bounds.first)
            .string("last", bounds.last);
        let query =
            self.query(ExpressionParts::with_filter(Some(range), filter_expression(filter)));
        query.consistent_read(true).scan_index_forward(false)
    }
}

impl AuditRange {
    /// The clocks of others may be ahead of ours, so today is read to its end.
    fn new(filter: &AuditFilter, beginning: Timestamp, now: Timestamp) -> Self {
        let from = filter.from.map_or(beginning, |from| from.max(beginning));
        let tomorrow = AuditEventId::start_of(now.day().next().start());
        let ends = [filter.to.map(AuditEventId::start_of), filter.cursor.clone()];
        Self { from, before: ends.into_iter().flatten().fold(tomorrow, AuditEventId::min) }
    }

    fn is_empty(&self) -> bool {
        self.before <= AuditEventId::start_of(self.from)
    }

    /// Its newest days, newest first.
    fn days(&self, count: usize) -> impl Iterator<Item = Day> {
        let first = self.from.day();
        let days = iter::successors(Some(self.before.latest_day()), |day| Some(day.previous()));
        days.take_while(move |day| *day >= first).take(count)
    }

    /// The queries that its newest days take.
    fn newest_ranges(&self, days: usize) -> Vec<PartitionRange> {
        let of_day = |day: Day| {
            let first = AuditEventId::start_of(self.from.max(day.start()));
            let is_last = day == self.before.at.day();
            let last = is_last.then(|| keys::audit_sort_key(&self.before));
            keys::audit_partitions(day).map(move |partition| PartitionRange {
                partition,
                first: keys::audit_sort_key(&first),
                last: last.clone().unwrap_or_else(|| keys::AUDIT_END.to_owned()),
            })
        };
        self.days(days).flat_map(of_day).collect()
    }

    /// The entries of its newest days, newest first, as far down as all partitions were read; what is
    /// older is left.
    fn take_newest(&mut self, days: usize, parts: Vec<PartitionResult>) -> Vec<AuditEvent> {
        let start = self.days(days).last().map_or(self.from, |day| self.from.max(day.start()));
        let stops = parts.iter().filter_map(|part| part.stopped_at.clone());
        let read_to = stops.fold(AuditEventId::start_of(start), AuditEventId::max);
        let all = parts.into_iter().flat_map(|part| part.entries);
        let is_read = |entry: &AuditEvent| read_to <= entry.id && entry.id < self.before;
        let mut entries: Vec<_> = all.filter(is_read).collect();
        entries.sort_by(|one, other| other.id.cmp(&one.id));
        self.before = read_to;
        entries
    }
}

/// What DynamoDB looks for before it answers.
fn filter_expression(filter: &AuditFilter) -> Option<Expression> {
    let actor = filter.actor.map(|id| Expression::new("#actor = :actor").number("actor", id));
    let target = filter.target.as_ref().map(AuditTarget::to_string);
    let target = target.map(|text| Expression::new("#target = :target").string("target", text));
    let action = filter
        .action
        .map(|action| Expression::new("#action = :action").string("action", action.as_str()));
    actor.into_iter().chain(target).chain(action).reduce(Expression::and)
}

fn audit_event(item: Item) -> Result<AuditEvent, StoreError> {
    let no_place = || StoreError::Malformed("audit", "its key is no place in the trail".into());
    let id = keys::parse_audit_key(&item).ok_or_else(no_place)?;
    items::from_item::<AuditItem>("audit", item)?.into_event(id)
}
