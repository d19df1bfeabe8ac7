//! States of an account, and those in which a request wants to meet it.

use super::{User, UserId};

/// One state of one account: every write of its profile makes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The account.
    pub user: UserId,
    /// Its version.
    pub version: u64,
}

/// All states, or some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revisions {
    /// Whatever there is.
    All,
    /// These alone.
    These(Vec<Revision>),
}

/// The states of an account in which a request wants to meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// One of these.
    pub within: Revisions,
    /// None of these.
    pub without: Revisions,
}

impl Default for Expected {
    /// Any state at all.
    fn default() -> Self {
        Self { within: Revisions::All, without: Revisions::These(vec![]) }
    }
}

impl Revisions {
    fn contains(&self, revision: Revision) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.contains(&revision),
        }
    }
}

impl Expected {
    /// Whether the account is in such a state.
    #[must_use]
    pub fn holds(&self, user: &User) -> bool {
        let revision = user.revision();
        self.within.contains(revision) && !self.without.contains(revision)
    }

    /// Whether a change that lost against another may be made on what the other left.
    #[must_use]
    pub const fn allows_another(&self) -> bool {
        matches!(self.within, Revisions::All)
    }
}
