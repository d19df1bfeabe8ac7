//! Queries for lists of users: filter, order and page.

use std::collections::BTreeSet;

use super::{
    Cursor, Email, GroupId, NamePrefix, TimeRange, User, UserId, UserKind, UserSort,
    names::{accent_fold, case_fold},
};

/// A filter by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatusFilter {
    /// Active users.
    #[default]
    Active,
    /// Deactivated users.
    Deactivated,
    /// All users.
    All,
}

impl StatusFilter {
    /// Parses `active`, `deactivated` and `all`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "active" => Some(Self::Active),
            "deactivated" => Some(Self::Deactivated),
            "all" => Some(Self::All),
            _ => None,
        }
    }

    /// Whether users with the status are listed.
    #[must_use]
    pub fn shows(self, is_active: bool) -> bool {
        match self {
            Self::Active => is_active,
            Self::Deactivated => !is_active,
            Self::All => true,
        }
    }
}

/// Words, each of which is a part of a first name, a last name or an email address. Case and
/// accents do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    words: Vec<SearchWord>,
    email: Option<Email>,
}

/// A word of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    /// The word without case and accents, for comparison with [`User::search_text`].
    pub folded: String,
    /// The word with accents, for comparison with the search text of earlier versions.
    pub earlier: String,
}

impl SearchTerm {
    /// Parses words without control characters, separated by white space.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().any(char::is_control) {
            return None;
        }
        let words = text.split_whitespace();
        let words =
            words.map(|word| SearchWord { folded: accent_fold(word), earlier: case_fold(word) });
        let mut words: Vec<_> = words.filter(|word| !word.folded.is_empty()).collect();
        words.sort_unstable_by(|a, b| a.folded.cmp(&b.folded));
        words.dedup_by(|a, b| a.folded == b.folded);
        Some(Self { words, email: Email::parse(text) })
    }

    /// Whether the term is empty and therefore matches every user.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words, without repetitions.
    #[must_use]
    pub fn words(&self) -> &[SearchWord] {
        &self.words
    }

    /// The email address, if the term is one.
    #[must_use]
    pub const fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    fn matches(&self, user: &User) -> bool {
        let text = user.search_text();
        self.words.iter().all(|word| text.contains(&word.folded))
    }
}

/// The conditions for a user to be listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The status.
    pub status: StatusFilter,
    /// IDs of the users. No ID means any user.
    pub ids: BTreeSet<UserId>,
    /// Parts of the names or of the email address.
    pub search: Option<SearchTerm>,
    /// The beginning of the names.
    pub name_prefix: Option<NamePrefix>,
    /// Groups with the user as a member of at least one. No group means any user.
    pub groups: BTreeSet<GroupId>,
    /// Whether the users are administrators.
    pub is_admin: Option<bool>,
    /// The range of the last login.
    pub last_login: TimeRange,
}

impl UserFilter {
    /// Whether the status is the only condition.
    #[must_use]
    pub(crate) fn has_only_status(&self) -> bool {
        self.search.is_none()
            && self.name_prefix.is_none()
            && self.ids.is_empty()
            && self.groups.is_empty()
            && self.is_admin.is_none()
            && self.last_login.is_unbounded()
    }

    /// Whether a user meets all conditions.
    #[must_use]
    pub fn matches(&self, user: &User) -> bool {
        self.matches_except_search(user) && self.matches_search(user)
    }

    /// Whether the search matches a user.
    pub(crate) fn matches_search(&self, user: &User) -> bool {
        self.search.as_ref().is_none_or(|term| term.matches(user))
    }

    /// Whether a user meets all conditions except the search.
    pub(crate) fn matches_except_search(&self, user: &User) -> bool {
        self.status.shows(user.is_active)
            && user.kind == UserKind::Person
            && (self.ids.is_empty() || self.ids.contains(&user.id))
            && (self.groups.is_empty()
                || self.groups.iter().any(|group| user.groups.contains(*group)))
            && self.name_prefix.as_ref().is_none_or(|prefix| prefix.matches(user))
            && self.is_admin.is_none_or(|is_admin| user.is_superuser() == is_admin)
            && self.last_login.contains(user.last_login)
    }
}

/// A filter and an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// The filter.
    pub filter: UserFilter,
    /// The order of the list.
    pub order: UserSort,
}

impl UserQuery {
    /// Whether a page is a contiguous range of the index, so that a read ends with the page: by
    /// name, and filtered by status alone. A cursor also follows the reversed index.
    #[must_use]
    pub fn is_index_order(&self, page: &PageRequest) -> bool {
        let is_cursor = matches!(page, PageRequest::Cursor { .. });
        let is_in_order = self.order.is_by_name() || is_cursor && self.order.is_by_name_reversed();
        self.filter.has_only_status() && is_in_order
    }
}

/// A page of a list, by limit and offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetPage {
    /// The maximum number of users on the page.
    pub limit: usize,
    /// The number of users before the page.
    pub offset: usize,
}

impl OffsetPage {
    /// Cuts the page out of a complete list.
    #[must_use]
    pub fn slice<T>(self, list: Vec<T>) -> Vec<T> {
        list.into_iter().skip(self.offset).take(self.limit).collect()
    }

    /// The number of users on the page, out of a total.
    #[must_use]
    pub fn count(self, total: usize) -> usize {
        total.saturating_sub(self.offset).min(self.limit)
    }

    /// The number of users to read to fill the page.
    #[must_use]
    pub const fn end(self) -> usize {
        self.offset.saturating_add(self.limit)
    }
}

/// The requested part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageRequest {
    /// The complete list.
    All,
    /// A page, by limit and offset.
    Offset(OffsetPage),
    /// A page of cursor pagination, with a cursor for the next page.
    Cursor {
        /// The position after which the page starts.
        from: Cursor,
        /// The maximum number of users on the page.
        limit: usize,
    },
}

impl PageRequest {
    /// Whether the request continues cursor pagination after a first page.
    #[must_use]
    pub fn is_continuation(&self) -> bool {
        matches!(self, Self::Cursor { from, .. } if !from.position().is_empty())
    }
}

/// A part of a list of users, with the total and the next cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The users, in order.
    pub users: Vec<User>,
    /// The number of users that match the filter; `None` if only a read of all users could count
    /// them.
    pub total: Option<usize>,
    /// The cursor of the next page; `None` at the end of the list.
    pub next: Option<Cursor>,
}

impl UserPage {
    /// Cuts the requested part out of a complete list.
    #[must_use]
    pub fn new(all: Vec<User>, page: &PageRequest) -> Self {
        let total = Some(all.len());
        let users = match page {
            PageRequest::All => all,
            PageRequest::Offset(offset_page) => offset_page.slice(all),
            PageRequest::Cursor { limit, .. } => OffsetPage { limit: *limit, offset: 0 }.slice(all),
        };
        Self { users, total, next: None }
    }
}
