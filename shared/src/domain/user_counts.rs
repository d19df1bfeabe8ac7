//! Numbers of users.

use std::iter::Sum;

use super::StatusFilter;

/// The numbers of active and inactive users.
///
/// The transactions that create, deactivate and reactivate users maintain them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserCounts {
    /// Users that can sign in.
    pub active: i64,
    /// Deactivated users.
    pub inactive: i64,
}

impl UserCounts {
    /// The number of all users.
    #[must_use]
    pub const fn all(self) -> i64 {
        self.active + self.inactive
    }

    /// The number of users with a status.
    #[must_use]
    pub fn of(self, status: StatusFilter) -> usize {
        let count = match status {
            StatusFilter::Active => self.active,
            StatusFilter::Deactivated => self.inactive,
            StatusFilter::All => self.all(),
        };
        usize::try_from(count).unwrap_or_default()
    }
}

impl Sum for UserCounts {
    fn sum<I: Iterator<Item = Self>>(shards: I) -> Self {
        shards.fold(Self::default(), |sum, shard| Self {
            active: sum.active + shard.active,
            inactive: sum.inactive + shard.inactive,
        })
    }
}
