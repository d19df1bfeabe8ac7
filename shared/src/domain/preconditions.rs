//! States of an account, and those in which a request wants to meet it.

use super::{User, UserId};

/// One state of one account: every write of its profile makes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserVersion {
    /// The account.
    pub user: UserId,
    /// Its version.
    pub version: u64,
}

/// All states, or some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionMatch {
    /// Whatever there is.
    Any,
    /// These alone.
    OneOf(Vec<UserVersion>),
}

/// The states of an account in which a request wants to meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preconditions {
    /// One of these.
    pub if_match: VersionMatch,
    /// None of these.
    pub if_none_match: VersionMatch,
}

impl Default for Preconditions {
    /// Any state at all.
    fn default() -> Self {
        Self { if_match: VersionMatch::Any, if_none_match: VersionMatch::OneOf(vec![]) }
    }
}

impl VersionMatch {
    fn contains(&self, revision: UserVersion) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(these) => these.contains(&revision),
        }
    }
}

impl Preconditions {
    /// Whether the account is in such a state.
    #[must_use]
    pub fn are_met_by(&self, user: &User) -> bool {
        let revision = user.version();
        self.if_match.contains(revision) && !self.if_none_match.contains(revision)
    }

    /// Whether a change that lost against another may be made on what the other left.
    #[must_use]
    pub const fn allows_retry(&self) -> bool {
        matches!(self.if_match, VersionMatch::Any)
    }
}
