//! Lists of accounts, from the index that orders them by name.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    INDEX, Store, StoreError, Tally,
    expression::{Expression, Parts},
    items::{self, Item, LISTED, UserItem},
    keys,
    query::Reading,
};
use crate::{
    domain::{Cursor, Filter, Listed, Selection, User, Window},
    permissions::{Admin, Caller},
};

/// The most accounts that an answer could list, were each the first one without a name: where there are so
/// many, longer numbers make up for names of one letter. `http::view` holds both.
pub(crate) const MOST_LISTED: usize = 13_492;
/// The same of recipients, of whom less is told.
pub(crate) const MOST_RECIPIENTS: usize = 65_493;
/// How many megabytes are looked at for a page of what a filter leaves.
const STRETCH: u32 = 4;

impl Store {
    /// The accounts of a selection, or those in a window.
    ///
    /// A page of a list as it is kept has its total from the tally, and only it and what comes before it are
    /// read. A walk reads on from its place. For anything else all accounts in
    /// the state are read.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooMany`] when no answer could hold them. When the table does not answer.
    pub async fn list_users(
        &self,
        _: &Admin,
        selection: &Selection,
        (window, tally): (&Window, Tally),
    ) -> Result<Listed, StoreError> {
        let Selection { filter, order } = selection;
        let total = selection.is_as_kept().then(|| tally.of(filter.status));
        match (window, total) {
            (Window::Page(page), Some(total)) => {
                let wanted = Wanted::First(page.end().min(total));
                let users = self.gathered(filter, wanted).await?;
                return Ok(Listed { users: page.of(users), total: Some(total), next: None });
            }
            (Window::Walk { from, limit }, total) => {
                return Ok(Listed { total, ..self.walk(filter, from.place(), *limit).await? });
            }
            _ => {}
        }
        // Of what is narrowed by its last login, only some is listed.
        let is_listed = *window == Window::All && filter.last_login.is_all();
        let most = if is_listed { MOST_LISTED } else { MOST_RECIPIENTS };
        let mut users = self.all_users(filter, most).await?;
        users.retain(|user| filter.last_login.has(user.last_login));
        order.arrange(&mut users);
        Ok(Listed::new(users, window))
    }

    /// All active accounts, by last name, first name and number.
    ///
    /// # Errors
    ///
    /// As [`Store::list_users`].
    pub async fn recipients(&self, _: &Caller) -> Result<Vec<User>, StoreError> {
        let mut users = self.all_users(&Filter::default(), MOST_RECIPIENTS).await?;
        users.sort_by_cached_key(|user| {
            let [first, last] = user.folded_names();
            (last, first, user.id)
        });
        Ok(users)
    }

    /// All accounts that a filter leaves, unless they are more than `most`.
    pub(super) async fn all_users(
        &self,
        filter: &Filter,
        most: usize,
    ) -> Result<Vec<User>, StoreError> {
        let users = self.gathered(filter, Wanted::AllOf(most)).await?;
        if users.len() > most { Err(StoreError::TooMany) } else { Ok(users) }
    }

    /// Accounts by first name, last name and number.
    async fn gathered(&self, filter: &Filter, wanted: Wanted) -> Result<Vec<User>, StoreError> {
        let gathering = Gathering { wanted, found: AtomicUsize::new(0), tally: OnceCell::new() };
        let lists = self.layout.lists(filter.status);
        let read = lists.map(|list| self.in_list(list, filter, &gathering));
        let mut lists = try_join_all(read).await?;
        if lists.len() == 1 {
            return Ok(lists.pop().unwrap_or_default());
        }
        let mut all: Vec<User> = lists.into_iter().flatten().collect();
        all.sort_by_cached_key(keys::list_position);
        Ok(all)
    }

    /// The accounts of one list, as many as are wanted.
    async fn in_list(
        &self,
        list: String,
        filter: &Filter,
        gathering: &Gathering,
    ) -> Result<Vec<User>, StoreError> {
        let mut reading = Reading::new(self.accounts(list, filter, ""));
        let mut users = Vec::new();
        while gathering.needs_more_than(users.len()) {
            let left = gathering.wanted.left_after(users.len());
            let Some(items) = self.more(&mut reading, left).await? else { break };
            gathering.found.fetch_add(items.len(), Relaxed);
            extend(&mut users, items)?;
            if reading.last().is_some() {
                self.must_be_few(filter, gathering).await?;
            }
        }
        Ok(users)
    }

    /// A list that goes on after a megabyte may be too long: if the state is all that is asked for, the
    /// tally knows before the rest is read.
    async fn must_be_few(&self, filter: &Filter, gathering: &Gathering) -> Result<(), StoreError> {
        let Wanted::AllOf(most) = gathering.wanted else { return Ok(()) };
        if !filter.is_status_only() {
            return Ok(());
        }
        let tally = gathering.tally.get_or_try_init(|| self.tally()).await?;
        if tally.of(filter.status) > most { Err(StoreError::TooMany) } else { Ok(()) }
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        self.read(self.tallies().collect()).await?.take_tally()
    }

    /// The accounts after a place, and where to go on. A walk through what a filter leaves looks at no
    /// more than some megabytes for a page, which may therefore be short.
    async fn walk(&self, filter: &Filter, place: &str, limit: usize) -> Result<Listed, StoreError> {
        let lists = self.layout.lists(filter.status);
        let read = lists.map(|list| self.stretch(list, filter, (place, limit)));
        let stretches = try_join_all(read).await?;
        let Stretch { mut users, end } =
            stretches.into_iter().reduce(Stretch::merged).unwrap_or_default();
        let more = users.len() > limit;
        users.truncate(limit);
        let last = users.last().filter(|_| more).map(keys::list_position);
        users.retain(|user| filter.last_login.has(user.last_login));
        Ok(Listed { users, total: None, next: last.or(end).map(Cursor::after) })
    }

    /// Accounts of one list after a place: one more than the limit, unless there are not so many.
    async fn stretch(
        &self,
        list: String,
        filter: &Filter,
        (place, limit): (&str, usize),
    ) -> Result<Stretch, StoreError> {
        let mut reading = Reading::new(self.accounts(list, filter, place));
        let mut users = Vec::new();
        let mut megabytes = 0;
        while users.len() <= limit && megabytes < STRETCH {
            let left = selection(filter).is_none().then(|| limit + 1 - users.len());
            let Some(items) = self.more(&mut reading, left).await? else { break };
            extend(&mut users, items)?;
            megabytes += 1;
        }
        let end = reading.last().and_then(|key| key.get("list_sk")?.as_s().ok().cloned());
        Ok(Stretch { users, end })
    }

    /// The query for accounts of one list that are kept after a place.
    fn accounts(&self, list: String, filter: &Filter, place: &str) -> QueryFluentBuilder {
        let keys = if place.is_empty() {
            Expression::new("#list_pk = :partition")
        } else {
            Expression::new("#list_pk = :partition AND #list_sk > :place").text("place", place)
        };
        let parts = Parts::filtered(Some(keys.text("partition", list)), selection(filter));
        self.query(parts.projected(LISTED)).index_name(INDEX).projection_expression(LISTED)
    }
}

/// How many accounts are wanted.
#[derive(Clone, Copy)]
enum Wanted {
    /// Those that come first: so many of each list.
    First(usize),
    /// All, if together they are no more than so many.
    AllOf(usize),
}

impl Wanted {
    /// How many of one list are still wanted after some, if that is known.
    const fn left_after(self, in_list: usize) -> Option<usize> {
        match self {
            Self::First(limit) => Some(limit.saturating_sub(in_list)),
            Self::AllOf(_) => None,
        }
    }
}

/// What is known while some lists are read at once.
struct Gathering {
    wanted: Wanted,
    found: AtomicUsize,
    tally: OnceCell<Tally>,
}

impl Gathering {
    /// Whether to read on in a list of which there are so many already.
    fn needs_more_than(&self, in_list: usize) -> bool {
        match self.wanted {
            Wanted::First(limit) => in_list < limit,
            Wanted::AllOf(most) => self.found.load(Relaxed) <= most,
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
struct Stretch {
    users: Vec<User>,
    end: Option<String>,
}

impl Stretch {
    /// The accounts of both, as far as both go.
    fn merged(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let mut users = self.users;
        users.extend(other.users);
        users.retain(|user| end.as_ref().is_none_or(|end| keys::list_position(user) <= *end));
        users.sort_by_cached_key(keys::list_position);
        Self { users, end }
    }
}

/// What DynamoDB looks for before it answers. Times are no such thing: as texts, a fraction of a second
/// sorts before the second that it is a part of.
fn selection(filter: &Filter) -> Option<Expression> {
    let search = filter
        .search
        .as_ref()
        .map(|part| Expression::new("contains(#search, :part)").text("part", part.as_str()));
    let group = filter
        .group
        .map(|group| Expression::new("contains(#groups, :group)").number("group", group));
    search.into_iter().chain(group).reduce(Expression::and)
}
