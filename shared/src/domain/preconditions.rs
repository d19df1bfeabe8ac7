//! User versions, and the preconditions of requests on them.

use super::{User, UserId};

/// A version of a user. Every write of the profile creates a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserVersion {
    /// The user.
    pub user: UserId,
    /// The version number.
    pub version: u64,
}

/// A condition on a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionMatch {
    /// Matches every version.
    Any,
    /// Matches the listed versions only.
    OneOf(Vec<UserVersion>),
}

/// The preconditions of a request on the version of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preconditions {
    /// The versions of `If-Match`. The user must have one of them.
    pub if_match: VersionMatch,
    /// The versions of `If-None-Match`. The user must have none of them.
    pub if_none_match: VersionMatch,
}

impl Default for Preconditions {
    /// Preconditions that every version meets.
    fn default() -> Self {
        Self { if_match: VersionMatch::Any, if_none_match: VersionMatch::OneOf(vec![]) }
    }
}

impl VersionMatch {
    fn contains(&self, version: UserVersion) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

impl Preconditions {
    /// Whether the user meets the preconditions.
    #[must_use]
    pub fn are_met_by(&self, user: &User) -> bool {
        let version = user.version();
        self.if_match.contains(version) && !self.if_none_match.contains(version)
    }

    /// Whether a change that lost a race against another may be retried on the newer version.
    #[must_use]
    pub const fn allows_retry(&self) -> bool {
        matches!(self.if_match, VersionMatch::Any)
    }
}
