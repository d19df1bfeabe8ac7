//! How many accounts there are, without reading them.

use std::iter::Sum;

use super::items::TallyItem;
use crate::domain::Status;

/// Counts of accounts. Each is kept by the transactions that create, deactivate and reactivate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    active: i64,
    inactive: i64,
}

impl Tally {
    /// All accounts.
    #[must_use]
    pub const fn all(self) -> i64 {
        self.active + self.inactive
    }

    /// The accounts in a state.
    #[must_use]
    pub fn of(self, status: Status) -> usize {
        let count = match status {
            Status::Active => self.active,
            Status::Deactivated => self.inactive,
            Status::All => self.all(),
        };
        usize::try_from(count).unwrap_or_default()
    }
}

impl From<TallyItem> for Tally {
    fn from(item: TallyItem) -> Self {
        Self { active: item.active, inactive: item.inactive }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(shards: I) -> Self {
        shards.fold(Self::default(), |sum, shard| Self {
            active: sum.active + shard.active,
            inactive: sum.inactive + shard.inactive,
        })
    }
}
