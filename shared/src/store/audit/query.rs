//! The audit log, read backwards: some days per round, with all their partitions concurrently.

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

/// The number of days read in each round: few if the log is busy, more if it is quiet. Together
/// they are a month, the maximum for one request.
const DAYS_PER_ROUND: [usize; 6] = [1, 2, 4, 8, 8, 8];

/// The part of the log still to be read: from a time, and before a position.
struct AuditRange {
    from: Timestamp,
    before: AuditEventId,
}

/// The inclusive bounds of a query in one partition.
struct PartitionRange {
    partition: String,
    first: String,
    last: String,
}

/// The result of one query.
struct PartitionResult {
    entries: Vec<AuditEvent>,
    /// The position of the last item read, if the partition contains more.
    stopped_at: Option<AuditEventId>,
}

impl Store {
    /// Reads the newest audit events that match a filter, back to the setup of the instance.
    ///
    /// It reads at most a month and at most one request per partition. A short page may therefore
    /// still have a next page.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn list_audit_events(
        &self,
        _: &Admin,
        filter: &AuditFilter,
        (set_up_at, now): (Timestamp, Timestamp),
    ) -> Result<AuditPage, StoreError> {
        let mut range = AuditRange::new(filter, set_up_at.max(now.days_ago(self.audit_days)), now);
        let mut events = Vec::new();
        for days in DAYS_PER_ROUND {
            if range.is_empty() || events.len() >= filter.limit {
                break;
            }
            let bounds = range.newest_ranges(days);
            let reads = bounds.into_iter().map(|bounds| self.read_partition(bounds, filter));
            events.extend(range.take_newest(days, try_join_all(reads).await?));
        }
        if events.len() > filter.limit {
            events.truncate(filter.limit);
            range.before = events.last().map_or(range.before, |last| last.id.clone());
        }
        let next = (!range.is_empty()).then_some(range.before);
        Ok(AuditPage { events, next })
    }

    /// Reads one partition with one request: as many events as a page needs, or a megabyte if
    /// DynamoDB filters them.
    async fn read_partition(
        &self,
        bounds: PartitionRange,
        filter: &AuditFilter,
    ) -> Result<PartitionResult, StoreError> {
        let mut pager = Pager::new(self.audit_query(bounds, filter));
        // One more: the result includes the event at the upper bound, which the page excludes.
        let limit = filter_expression(filter).is_none().then(|| filter.limit.saturating_add(1));
        let items = self.next_page(&mut pager, limit).await?.unwrap_or_default();
        let stopped_at = pager.last_key().and_then(keys::parse_audit_key);
        let entries = items.into_iter().map(audit_event).collect::<Result<_, _>>()?;
        Ok(PartitionResult { entries, stopped_at })
    }

    fn audit_query(&self, bounds: PartitionRange, filter: &AuditFilter) -> QueryFluentBuilder {
        let keys = Expression::new("#pk = :partition AND #sk BETWEEN :first AND :last")
            .string("partition", bounds.partition)
            .string("first", bounds.first)
            .string("last", bounds.last);
        let query = self.query(ExpressionParts::with_filter(Some(keys), filter_expression(filter)));
        query.consistent_read(true).scan_index_forward(false)
    }
}

impl AuditRange {
    /// The range of a filter, from `oldest` to the end of today. Clocks of other processes may be
    /// ahead.
    fn new(filter: &AuditFilter, oldest: Timestamp, now: Timestamp) -> Self {
        let from = filter.from.map_or(oldest, |from| from.max(oldest));
        let tomorrow = AuditEventId::start_of(now.day().next().start());
        let ends = [filter.to.map(AuditEventId::start_of), filter.cursor.clone()];
        Self { from, before: ends.into_iter().flatten().fold(tomorrow, AuditEventId::min) }
    }

    fn is_empty(&self) -> bool {
        self.before <= AuditEventId::start_of(self.from)
    }

    /// The newest days of the range, newest first.
    fn days(&self, count: usize) -> impl Iterator<Item = Day> {
        let first = self.from.day();
        let days = iter::successors(Some(self.before.latest_day()), |day| Some(day.previous()));
        days.take_while(move |day| *day >= first).take(count)
    }

    /// The bounds of the queries for the newest days.
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

    /// Takes the events of the newest days, newest first, down to the position that all partitions
    /// have reached. Older events stay in the range.
    fn take_newest(&mut self, days: usize, results: Vec<PartitionResult>) -> Vec<AuditEvent> {
        let start = self.days(days).last().map_or(self.from, |day| self.from.max(day.start()));
        let stops = results.iter().filter_map(|result| result.stopped_at.clone());
        let read_to = stops.fold(AuditEventId::start_of(start), AuditEventId::max);
        let all = results.into_iter().flat_map(|result| result.entries);
        let is_read = |event: &AuditEvent| read_to <= event.id && event.id < self.before;
        let mut events: Vec<_> = all.filter(is_read).collect();
        events.sort_by(|one, other| other.id.cmp(&one.id));
        self.before = read_to;
        events
    }
}

/// The conditions of a filter that DynamoDB evaluates.
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
    let malformed = || StoreError::Malformed("audit event", "unexpected key".into());
    let id = keys::parse_audit_key(&item).ok_or_else(malformed)?;
    items::from_item::<AuditItem>("audit event", item)?.into_event(id)
}
