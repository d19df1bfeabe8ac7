//! Lists of accounts, from the index that orders them by name.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    INDEX, Store, StoreError,
    expression::{Expression, ExpressionParts},
    items::{self, Item, LIST_PROJECTION, UserItem},
    keys,
    pager::Pager,
};
use crate::{
    authorization::{Admin, Caller},
    domain::{Cursor, PageRequest, User, UserCounts, UserFilter, UserPage, UserQuery},
};

/// The most accounts that an answer could list, were each the first one without a name: where there are so
/// many, longer numbers make up for names of one letter. `http::view` holds both.
pub(crate) const MAX_LISTED_USERS: usize = 13_492;
/// The same of recipients, of whom less is told.
pub(crate) const MAX_RECIPIENTS: usize = 65_493;
/// How many megabytes are looked at for a page of what a filter leaves.
const MAX_PAGES_PER_REQUEST: u32 = 4;

impl Store {
    /// Reads the users that match a query, or a page of them.
    ///
    /// In index order, a page with an offset takes its total from the counters and reads only the page and
    /// what precedes it. A page with a cursor reads from the cursor. Everything else reads all users of the
    /// status.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::ResultTooLarge`] if no response can hold the users, and an error if the table
    /// is unavailable.
    pub async fn list_users(
        &self,
        _: &Admin,
        query: &UserQuery,
        page: &PageRequest,
        counts: UserCounts,
    ) -> Result<UserPage, StoreError> {
        let UserQuery { filter, order } = query;
        let total = query.is_index_order().then(|| counts.of(filter.status));
        match (page, total) {
            (PageRequest::Offset(page), Some(total)) => {
                let limit = ScanLimit::First(page.end().min(total));
                let users = self.scan(filter, limit).await?;
                return Ok(UserPage { users: page.slice(users), total: Some(total), next: None });
            }
            (PageRequest::Cursor { from, limit }, total) => {
                return Ok(UserPage {
                    total,
                    ..self.list_from_cursor(filter, from.position(), *limit).await?
                });
            }
            _ => {}
        }
        // A filter by last sign-in removes some of the users after they are read.
        let is_complete = *page == PageRequest::All && filter.last_login.is_unbounded();
        let max = if is_complete { MAX_LISTED_USERS } else { MAX_RECIPIENTS };
        let mut users = self.all_users(filter, max).await?;
        users.retain(|user| filter.last_login.contains(user.last_login));
        order.sort(&mut users);
        Ok(UserPage::new(users, page))
    }

    /// All active accounts, by last name, first name and number.
    ///
    /// # Errors
    ///
    /// As [`Store::list_users`].
    pub async fn recipients(&self, _: &Caller) -> Result<Vec<User>, StoreError> {
        let mut users = self.all_users(&UserFilter::default(), MAX_RECIPIENTS).await?;
        users.sort_by_cached_key(|user| {
            let [first, last] = user.folded_names();
            (last, first, user.id)
        });
        Ok(users)
    }

    /// All accounts that a filter leaves, unless they are more than `most`.
    pub(super) async fn all_users(
        &self,
        filter: &UserFilter,
        most: usize,
    ) -> Result<Vec<User>, StoreError> {
        let users = self.scan(filter, ScanLimit::AtMost(most)).await?;
        if users.len() > most { Err(StoreError::ResultTooLarge) } else { Ok(users) }
    }

    /// Accounts by first name, last name and number.
    async fn scan(&self, filter: &UserFilter, wanted: ScanLimit) -> Result<Vec<User>, StoreError> {
        let gathering =
            UserScan { limit: wanted, found: AtomicUsize::new(0), counts: OnceCell::new() };
        let lists = self.sharding.index_partitions(filter.status);
        let read = lists.map(|list| self.scan_partition(list, filter, &gathering));
        let mut lists = try_join_all(read).await?;
        if lists.len() == 1 {
            return Ok(lists.pop().unwrap_or_default());
        }
        let mut all: Vec<User> = lists.into_iter().flatten().collect();
        all.sort_by_cached_key(keys::index_sort_key);
        Ok(all)
    }

    /// The accounts of one list, as many as are wanted.
    async fn scan_partition(
        &self,
        list: String,
        filter: &UserFilter,
        gathering: &UserScan,
    ) -> Result<Vec<User>, StoreError> {
        let mut reading = Pager::new(self.index_query(list, filter, ""));
        let mut users = Vec::new();
        while gathering.needs_more(users.len()) {
            let left = gathering.limit.remaining(users.len());
            let Some(items) = self.next_page(&mut reading, left).await? else { break };
            gathering.found.fetch_add(items.len(), Relaxed);
            extend(&mut users, items)?;
            if reading.last_key().is_some() {
                self.check_size(filter, gathering).await?;
            }
        }
        Ok(users)
    }

    /// A list that goes on after a megabyte may be too long: if the state is all that is asked for, the
    /// tally knows before the rest is read.
    async fn check_size(
        &self,
        filter: &UserFilter,
        gathering: &UserScan,
    ) -> Result<(), StoreError> {
        let ScanLimit::AtMost(most) = gathering.limit else { return Ok(()) };
        if !filter.has_only_status() {
            return Ok(());
        }
        let tally = gathering.counts.get_or_try_init(|| self.user_counts()).await?;
        if tally.of(filter.status) > most { Err(StoreError::ResultTooLarge) } else { Ok(()) }
    }

    async fn user_counts(&self) -> Result<UserCounts, StoreError> {
        self.read(self.user_count_keys().collect()).await?.take_user_counts()
    }

    /// The accounts after a place, and where to go on. A walk through what a filter leaves looks at no
    /// more than some megabytes for a page, which may therefore be short.
    async fn list_from_cursor(
        &self,
        filter: &UserFilter,
        place: &str,
        limit: usize,
    ) -> Result<UserPage, StoreError> {
        let lists = self.sharding.index_partitions(filter.status);
        let read = lists.map(|list| self.read_partition_page(list, filter, (place, limit)));
        let stretches = try_join_all(read).await?;
        let PartitionPage { mut users, end } =
            stretches.into_iter().reduce(PartitionPage::merge).unwrap_or_default();
        let more = users.len() > limit;
        users.truncate(limit);
        let last = users.last().filter(|_| more).map(keys::index_sort_key);
        users.retain(|user| filter.last_login.contains(user.last_login));
        Ok(UserPage { users, total: None, next: last.or(end).map(Cursor::after) })
    }

    /// Accounts of one list after a place: one more than the limit, unless there are not so many.
    async fn read_partition_page(
        &self,
        list: String,
        filter: &UserFilter,
        (place, limit): (&str, usize),
    ) -> Result<PartitionPage, StoreError> {
        let mut reading = Pager::new(self.index_query(list, filter, place));
        let mut users = Vec::new();
        let mut megabytes = 0;
        while users.len() <= limit && megabytes < MAX_PAGES_PER_REQUEST {
            let left = filter_expression(filter).is_none().then(|| limit + 1 - users.len());
            let Some(items) = self.next_page(&mut reading, left).await? else { break };
            extend(&mut users, items)?;
            megabytes += 1;
        }
        let end = reading.last_key().and_then(|key| key.get("list_sk")?.as_s().ok().cloned());
        Ok(PartitionPage { users, end })
    }

    /// The query for accounts of one list that are kept after a place.
    fn index_query(&self, list: String, filter: &UserFilter, place: &str) -> QueryFluentBuilder {
        let keys = if place.is_empty() {
            Expression::new("#list_pk = :partition")
        } else {
            Expression::new("#list_pk = :partition AND #list_sk > :place").string("place", place)
        };
        let parts = ExpressionParts::with_filter(
            Some(keys.string("partition", list)),
            filter_expression(filter),
        );
        self.query(parts.with_projection(LIST_PROJECTION))
            .index_name(INDEX)
            .projection_expression(LIST_PROJECTION)
    }
}

/// How many accounts are wanted.
#[derive(Clone, Copy)]
enum ScanLimit {
    /// Those that come first: so many of each list.
    First(usize),
    /// All, if together they are no more than so many.
    AtMost(usize),
}

impl ScanLimit {
    /// How many of one list are still wanted after some, if that is known.
    const fn remaining(self, in_list: usize) -> Option<usize> {
        match self {
            Self::First(limit) => Some(limit.saturating_sub(in_list)),
            Self::AtMost(_) => None,
        }
    }
}

/// What is known while some lists are read at once.
struct UserScan {
    limit: ScanLimit,
    found: AtomicUsize,
    counts: OnceCell<UserCounts>,
}

impl UserScan {
    /// Whether to read on in a list of which there are so many already.
    fn needs_more(&self, in_list: usize) -> bool {
        match self.limit {
            ScanLimit::First(limit) => in_list < limit,
            ScanLimit::AtMost(most) => self.found.load(Relaxed) <= most,
        }
    }
}

fn extend(users: &mut Vec<User>, items: Vec<Item>) -> Result<(), StoreError> {
    for item in items {
        users.push(items::from_item::<UserItem>("user", item)?.try_into()?);
    }
    Ok(())
}

/// Accounts that follow each other, and the place up to which they are all, unless that is the end.
#[derive(Default)]
struct PartitionPage {
    users: Vec<User>,
    end: Option<String>,
}

impl PartitionPage {
    /// The accounts of both, as far as both go.
    fn merge(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let mut users = self.users;
        users.extend(other.users);
        users.retain(|user| end.as_ref().is_none_or(|end| keys::index_sort_key(user) <= *end));
        users.sort_by_cached_key(keys::index_sort_key);
        Self { users, end }
    }
}

/// What DynamoDB looks for before it answers. Times are no such thing: as texts, a fraction of a second
/// sorts before the second that it is a part of.
fn filter_expression(filter: &UserFilter) -> Option<Expression> {
    let search = filter
        .search
        .as_ref()
        .map(|part| Expression::new("contains(#search, :part)").string("part", part.as_str()));
    let group = filter
        .group
        .map(|group| Expression::new("contains(#groups, :group)").number("group", group));
    search.into_iter().chain(group).reduce(Expression::and)
}
