//! Which accounts a list shows.

use super::{Cursor, GroupId, TimeRange, User, UserSort, names::case_fold};

/// Active accounts, deactivated ones, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// Accounts that can sign in.
    #[default]
    Active,
    /// Accounts that cannot.
    Deactivated,
    /// Both.
    All,
}

impl StatusFilter {
    /// Knows `deactivated` and `all`; anything else means active, as in Metabase.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "deactivated" => Self::Deactivated,
            "all" => Self::All,
            _ => Self::Active,
        }
    }

    /// Whether accounts in this state are shown.
    #[must_use]
    pub fn shows(self, is_active: bool) -> bool {
        match self {
            Self::Active => is_active,
            Self::Deactivated => !is_active,
            Self::All => true,
        }
    }
}

/// Part of a first name, a last name or an address, in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm(String);

impl SearchTerm {
    /// Takes a text without control characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (!text.chars().any(char::is_control)).then(|| Self(case_fold(text)))
    }

    /// Whether it is part of everything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text as it is compared with [`User::search_text`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an account must be to be listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Its state.
    pub status: StatusFilter,
    /// Part of its names or address.
    pub search: Option<SearchTerm>,
    /// A group that it is in.
    pub group: Option<GroupId>,
    /// When its last login was.
    pub last_login: TimeRange,
}

impl UserFilter {
    /// Whether the state is the only thing that is asked for.
    #[must_use]
    pub(crate) const fn has_only_status(&self) -> bool {
        self.search.is_none() && self.group.is_none() && self.last_login.is_unbounded()
    }

    /// Whether `user` is listed.
    #[must_use]
    pub fn matches(&self, user: &User) -> bool {
        self.status.shows(user.is_active)
            && self.group.is_none_or(|group| user.groups.contains(group))
            && self.search.as_ref().is_none_or(|part| user.search_text().contains(part.as_str()))
            && self.last_login.contains(user.last_login)
    }
}

/// Which accounts a list shows, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// What an account must be.
    pub filter: UserFilter,
    /// What comes first.
    pub order: UserSort,
}

impl UserQuery {
    /// Whether a page of the list is a run of accounts as they are kept, by state and by name, so
    /// that no more than the page and what comes before it need be read.
    #[must_use]
    pub fn is_index_order(&self) -> bool {
        self.filter.has_only_status() && self.order.is_by_name()
    }
}

/// A window on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetPage {
    /// How many accounts it shows at the most, from 1 to 1000.
    pub limit: usize,
    /// How many accounts it passes over.
    pub offset: usize,
}

impl OffsetPage {
    /// The page of a list that has more before and after it.
    #[must_use]
    pub fn slice<T>(self, list: Vec<T>) -> Vec<T> {
        list.into_iter().skip(self.offset).take(self.limit).collect()
    }

    /// How many accounts must be read to fill the page.
    #[must_use]
    pub const fn end(self) -> usize {
        self.offset.saturating_add(self.limit)
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageRequest {
    /// All of it.
    All,
    /// A page, by its place.
    Offset(OffsetPage),
    /// So many accounts from the beginning, or from a place, and where to go on.
    Cursor {
        /// The place.
        from: Cursor,
        /// How many accounts it shows at the most, from 1 to 1000.
        limit: usize,
    },
}

impl PageRequest {
    /// Whether it is in the middle of a walk.
    #[must_use]
    pub fn is_continuation(&self) -> bool {
        matches!(self, Self::Cursor { from: cursor, .. } if !cursor.position().is_empty())
    }
}

/// Accounts in order, and how many there are beyond the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The accounts of the window.
    pub users: Vec<User>,
    /// How many accounts pass the filter, unless all would have to be read to know.
    pub total: Option<usize>,
    /// Where a walk goes on, unless it is at its end.
    pub next: Option<Cursor>,
}

impl UserPage {
    /// All accounts of a list, or those in a window on it.
    #[must_use]
    pub fn new(all: Vec<User>, window: &PageRequest) -> Self {
        let total = Some(all.len());
        let users = match window {
            PageRequest::All => all,
            PageRequest::Offset(page) => page.slice(all),
            PageRequest::Cursor { limit, .. } => OffsetPage { limit: *limit, offset: 0 }.slice(all),
        };
        Self { users, total, next: None }
    }
}
