//! How many accounts there are, without reading them.

use std::iter::Sum;

use super::items::UserCountItem;
use crate::domain::StatusFilter;

/// Counts of accounts. Each is kept by the transactions that create, deactivate and reactivate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserCounts {
    active: i64,
    inactive: i64,
}

impl UserCounts {
    /// All accounts.
    #[must_use]
    pub const fn all(self) -> i64 {
        self.active + self.inactive
    }

    /// The accounts in a state.
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

impl From<UserCountItem> for UserCounts {
    fn from(item: UserCountItem) -> Self {
        Self { active: item.active, inactive: item.inactive }
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
