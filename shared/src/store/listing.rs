//! Lists of users, from the index of users by name.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    INDEX, Store, StoreError,
    expression::ExpressionParts,
    index_range::IndexRange,
    items::{self, Item, LIST_PROJECTION, UserItem},
    keys,
    pager::Pager,
    user_filter::{filter_expression, has_other_conditions, meets_other_conditions},
};
use crate::{
    authorization::{Admin, Caller},
    domain::{Cursor, PageRequest, User, UserCounts, UserFilter, UserId, UserPage, UserQuery},
};

/// The maximum number of users in a response.
///
/// It assumes the user with ID 1 and without names, repeated. A one-character name is shorter than
/// `null`, but a list of this length has longer IDs, which outweigh it. Tests of `http::view`
/// assert both limits.
pub(crate) const MAX_LISTED_USERS: usize = 13_098;
/// The same limit for recipients, whose JSON is shorter.
pub(crate) const MAX_RECIPIENTS: usize = 65_493;
/// The maximum number of active users that a page of recipients reads. They fit into the memory of
/// the function.
const MAX_PAGED_RECIPIENTS: usize = 200_000;
/// The maximum number of megabytes read from a partition for one page of cursor pagination.
const MAX_PAGES_PER_REQUEST: u32 = 4;

impl Store {
    /// Reads the users that match a query, or a page of them.
    ///
    /// In index order, a page with an offset takes its total from the counters and reads the users
    /// up to its end. A page with a cursor reads from the cursor. Every other list reads all users
    /// of the status.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::ResultTooLarge`] if no response can hold the users, and an error if
    /// the table is unavailable.
    pub async fn list_users(
        &self,
        _: &Admin,
        query: &UserQuery,
        page: &PageRequest,
        counts: UserCounts,
    ) -> Result<UserPage, StoreError> {
        let UserQuery { filter, order } = query;
        if !filter.ids.is_empty() {
            return Ok(UserPage::new(self.users_with_ids(query).await?, page));
        }
        let total = query.is_index_order(page).then(|| counts.of(filter.status));
        match (page, total) {
            (PageRequest::Offset(page), Some(total)) => {
                if page.count(total) > MAX_LISTED_USERS {
                    return Err(StoreError::ResultTooLarge);
                }
                let limit = ScanLimit::First(page.end().min(total));
                let users = self.scan(query, limit).await?;
                return Ok(UserPage { users: page.slice(users), total: Some(total), next: None });
            }
            (PageRequest::Cursor { from, limit: 0 }, total) => {
                return Ok(UserPage { users: Vec::new(), total, next: Some(from.clone()) });
            }
            (PageRequest::Cursor { from, limit }, total) => {
                return Ok(UserPage {
                    total,
                    ..self.list_from_cursor(query, from.position(), *limit).await?
                });
            }
            _ => {}
        }
        // A filter by last login or many words removes some of the users after the read.
        let is_complete = *page == PageRequest::All && !has_other_conditions(filter);
        let max = if is_complete { MAX_LISTED_USERS } else { MAX_RECIPIENTS };
        let mut users = self.all_users(filter, max).await?;
        users.retain(|user| meets_other_conditions(user, filter));
        order.sort(&mut users);
        Ok(UserPage::new(users, page))
    }

    /// Reads the users of a query with IDs.
    async fn users_with_ids(&self, query: &UserQuery) -> Result<Vec<User>, StoreError> {
        let ids: Vec<UserId> = query.filter.ids.iter().copied().collect();
        let mut users = self.users_by_id(&ids).await?;
        users.retain(|user| query.filter.matches(user));
        User::sort_by_name(&mut users);
        query.order.sort(&mut users);
        Ok(users)
    }

    /// Reads the owner of the email address that a filter searches for, if they meet its other
    /// conditions.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn exact_match(
        &self,
        _: &Admin,
        owner: UserId,
        filter: &UserFilter,
    ) -> Result<Option<User>, StoreError> {
        let user = self.users_by_id(&[owner]).await?.pop();
        Ok(user.filter(|user| filter.matches_except_search(user)))
    }

    /// Reads the active users, ordered by last name, first name and ID, or a page of them.
    ///
    /// No index has this order, so every page reads all active users.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`Store::list_users`].
    pub async fn recipients(&self, _: &Caller, page: &PageRequest) -> Result<UserPage, StoreError> {
        let max = if *page == PageRequest::All { MAX_RECIPIENTS } else { MAX_PAGED_RECIPIENTS };
        let mut users = self.all_users(&UserFilter::default(), max).await?;
        users.sort_by_cached_key(keys::recipient_sort_key);
        let PageRequest::Cursor { from, limit } = page else {
            return Ok(UserPage::new(users, page));
        };
        let total = Some(users.len());
        users.retain(|user| keys::recipient_sort_key(user).as_str() > from.position());
        let has_more = users.len() > *limit;
        users.truncate(*limit);
        let last = users.last().filter(|_| has_more).map(keys::recipient_sort_key);
        Ok(UserPage { users, total, next: last.map(Cursor::after) })
    }

    /// Reads all users that match a filter, or fails if there are more than `max`.
    pub(super) async fn all_users(
        &self,
        filter: &UserFilter,
        max: usize,
    ) -> Result<Vec<User>, StoreError> {
        let query = UserQuery { filter: filter.clone(), ..UserQuery::default() };
        let users = self.scan(&query, ScanLimit::AtMost(max)).await?;
        if users.len() > max { Err(StoreError::ResultTooLarge) } else { Ok(users) }
    }

    /// Reads users in index order, from all partitions of the status concurrently.
    async fn scan(&self, query: &UserQuery, limit: ScanLimit) -> Result<Vec<User>, StoreError> {
        let filter = &query.filter;
        let range = IndexRange::forward(query);
        let scan = UserScan { limit, found: AtomicUsize::new(0), counts: OnceCell::new() };
        let partitions = self.sharding.index_partitions(filter.status);
        let reads =
            partitions.map(|partition| self.scan_partition(partition, (filter, &range), &scan));
        let mut parts = try_join_all(reads).await?;
        let is_complete = matches!(limit, ScanLimit::AtMost(_));
        let is_moved = |user: &User| is_complete && user.has_earlier_position;
        if parts.len() == 1 && !parts.iter().flatten().any(is_moved) {
            return Ok(parts.pop().unwrap_or_default());
        }
        let mut all: Vec<User> = parts.into_iter().flatten().collect();
        // A complete list needs no order of the index.
        all.sort_by_cached_key(if is_complete {
            keys::new_index_sort_key
        } else {
            keys::index_sort_key
        });
        Ok(all)
    }

    /// Reads the users of one partition, up to the limit of the scan.
    async fn scan_partition(
        &self,
        partition: String,
        (filter, range): (&UserFilter, &IndexRange),
        scan: &UserScan,
    ) -> Result<Vec<User>, StoreError> {
        let Some(query) = self.index_query(partition, filter, range) else { return Ok(Vec::new()) };
        let mut pager = Pager::new(query);
        let mut users = Vec::new();
        while scan.needs_more(users.len()) {
            let remaining = scan.limit.remaining(users.len());
            let Some(items) = self.next_page(&mut pager, remaining).await? else { break };
            scan.found.fetch_add(items.len(), Relaxed);
            extend(&mut users, items)?;
            if pager.last_key().is_some() {
                self.check_size(filter, scan).await?;
            }
        }
        Ok(users)
    }

    /// Fails early if the list is too long.
    ///
    /// A partition of more than a megabyte may be too long. If the filter contains only the status,
    /// the user counts decide before the rest is read.
    async fn check_size(&self, filter: &UserFilter, scan: &UserScan) -> Result<(), StoreError> {
        let ScanLimit::AtMost(max) = scan.limit else { return Ok(()) };
        if !filter.has_only_status() {
            return Ok(());
        }
        let counts = scan.counts.get_or_try_init(|| self.user_counts()).await?;
        if counts.of(filter.status) > max { Err(StoreError::ResultTooLarge) } else { Ok(()) }
    }

    async fn user_counts(&self) -> Result<UserCounts, StoreError> {
        self.read(self.user_count_keys().collect()).await?.take_user_counts()
    }

    /// Reads the users after a position, and the cursor of the next page.
    ///
    /// It reads a limited number of megabytes. A page of a filtered list may therefore be short.
    async fn list_from_cursor(
        &self,
        query: &UserQuery,
        position: &str,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let filter = &query.filter;
        let range = IndexRange::after(position, query);
        let partitions = self.sharding.index_partitions(filter.status);
        let reads = partitions
            .map(|partition| self.read_partition_page(partition, filter, (&range, limit)));
        let pages = try_join_all(reads).await?;
        let merged = pages.into_iter().reduce(|one, other| one.merge(other, range.is_reversed));
        let PartitionPage { mut users, end } = merged.unwrap_or_default();
        let has_more = users.len() > limit;
        users.truncate(limit);
        let last = users.last().filter(|_| has_more).map(keys::index_sort_key);
        users.retain(|user| meets_other_conditions(user, filter));
        Ok(UserPage { users, total: None, next: last.or(end).map(Cursor::after) })
    }

    /// Reads the users of one partition in a range, one more than the limit if possible.
    async fn read_partition_page(
        &self,
        partition: String,
        filter: &UserFilter,
        (range, limit): (&IndexRange, usize),
    ) -> Result<PartitionPage, StoreError> {
        let Some(query) = self.index_query(partition, filter, range) else {
            return Ok(PartitionPage::default());
        };
        let mut pager = Pager::new(query);
        let mut users = Vec::new();
        let mut megabytes = 0;
        let wanted = limit.saturating_add(1 + usize::from(range.includes_position()));
        while users.len() < wanted && megabytes < MAX_PAGES_PER_REQUEST {
            let remaining = filter_expression(filter).is_none().then(|| wanted - users.len());
            let Some(items) = self.next_page(&mut pager, remaining).await? else { break };
            extend(&mut users, items)?;
            megabytes += 1;
        }
        if range.includes_position() {
            users.retain(|user| keys::index_sort_key(user) != range.position());
        }
        let end = pager.last_key().and_then(|key| key.get("list_sk")?.as_s().ok().cloned());
        Ok(PartitionPage { users, end })
    }

    /// Builds the query for the users of one partition in a range. `None` if there can be none.
    fn index_query(
        &self,
        partition: String,
        filter: &UserFilter,
        range: &IndexRange,
    ) -> Option<QueryFluentBuilder> {
        let keys = range.condition()?.string("partition", partition);
        let parts = ExpressionParts::with_filter(Some(keys), filter_expression(filter));
        let query = self
            .query(parts.with_projection(LIST_PROJECTION))
            .index_name(INDEX)
            .projection_expression(LIST_PROJECTION);
        Some(if range.is_reversed { query.scan_index_forward(false) } else { query })
    }
}

/// The limit of a scan.
#[derive(Clone, Copy)]
enum ScanLimit {
    /// The first users: this number of each partition.
    First(usize),
    /// All users, unless the partitions together contain more than this number.
    AtMost(usize),
}

impl ScanLimit {
    /// The remaining number of users in a partition, if the partition has its own limit.
    const fn remaining(self, read: usize) -> Option<usize> {
        match self {
            Self::First(limit) => Some(limit.saturating_sub(read)),
            Self::AtMost(_) => None,
        }
    }
}

/// The shared state of concurrent reads of partitions.
struct UserScan {
    limit: ScanLimit,
    found: AtomicUsize,
    counts: OnceCell<UserCounts>,
}

impl UserScan {
    /// Whether to continue in a partition, given the number of users read from it.
    fn needs_more(&self, read: usize) -> bool {
        match self.limit {
            ScanLimit::First(limit) => read < limit,
            ScanLimit::AtMost(max) => self.found.load(Relaxed) <= max,
        }
    }
}

fn extend(users: &mut Vec<User>, items: Vec<Item>) -> Result<(), StoreError> {
    for item in items {
        users.push(items::from_item::<UserItem>("user", item)?.try_into()?);
    }
    Ok(())
}

/// Consecutive users, and the position up to which they are complete; `None` at the end of the
/// list.
#[derive(Default)]
struct PartitionPage {
    users: Vec<User>,
    end: Option<String>,
}

impl PartitionPage {
    /// Merges two pages, up to the end position that comes first.
    fn merge(self, other: Self, is_reversed: bool) -> Self {
        let first = if is_reversed { String::max } else { String::min };
        let end = match (self.end, other.end) {
            (Some(one), Some(other)) => Some(first(one, other)),
            (one, other) => one.or(other),
        };
        let mut users = self.users;
        users.extend(other.users);
        users.retain(|user| end.as_ref().is_none_or(|end| is_up_to(user, end, is_reversed)));
        users.sort_by_cached_key(keys::index_sort_key);
        if is_reversed {
            users.reverse();
        }
        Self { users, end }
    }
}

/// Whether a user comes before the end of a page, or is its last one.
fn is_up_to(user: &User, end: &str, is_reversed: bool) -> bool {
    let position = keys::index_sort_key(user);
    if is_reversed { position.as_str() >= end } else { position.as_str() <= end }
}
