//! How what many requests write is spread, and what of it a process keeps for itself.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use super::keys::{self, Key};
use crate::domain::{Status, UserId};

/// As many items count accounts at the least, so that creations do not queue up.
const TALLIES: u64 = 4;

/// Over how much the hottest keys of the table are spread. DynamoDB takes 1,000 write units a second for
/// each.
///
/// Either number may be raised at any time: what was written under a smaller one is still found. With a
/// smaller number of shards than before, accounts are missing from lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    shards: u64,
    block: u64,
}

impl Default for Layout {
    /// One partition of each list, and a number at a time.
    fn default() -> Self {
        Self { shards: 1, block: 1 }
    }
}

impl Layout {
    /// The most partitions of a list: each page asks all of them.
    pub const MAX_SHARDS: u64 = 32;
    /// The most numbers for accounts that a process takes at once.
    pub const MAX_BLOCK: u64 = 1_000;

    /// The same, with each list in so many partitions; `None` for none, and for more than can be.
    #[must_use]
    pub fn with_shards(self, shards: u64) -> Option<Self> {
        (1..=Self::MAX_SHARDS).contains(&shards).then_some(Self { shards, ..self })
    }

    /// The same, with processes that take so many numbers at once; `None` for none, and for more than can
    /// be.
    #[must_use]
    pub fn with_block(self, block: u64) -> Option<Self> {
        (1..=Self::MAX_BLOCK).contains(&block).then_some(Self { block, ..self })
    }

    /// How many numbers a process takes at once.
    pub(super) const fn block(self) -> u64 {
        self.block
    }

    /// Where the list is that an account is in.
    pub(super) fn list_of(self, id: UserId, is_active: bool) -> String {
        keys::list_partition(is_active, id.get() % self.shards)
    }

    /// All partitions with accounts in a state.
    pub(super) fn lists(self, status: Status) -> impl Iterator<Item = String> {
        let kinds: &[bool] = match status {
            Status::Active => &[true],
            Status::Deactivated => &[false],
            Status::All => &[true, false],
        };
        kinds.iter().flat_map(move |is_active| {
            (0..self.shards).map(|shard| keys::list_partition(*is_active, shard))
        })
    }

    /// The item that counts an account.
    pub(super) fn tally(self, id: UserId) -> Key {
        Key::tally(id.get() % self.tally_count())
    }

    /// All items that count accounts.
    pub(super) fn tallies(self) -> impl Iterator<Item = Key> {
        (0..self.tally_count()).map(Key::tally)
    }

    fn tally_count(self) -> u64 {
        self.shards.max(TALLIES)
    }
}

/// Numbers for accounts that were taken and not given yet. Those of a process that ends are never given.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<Vec<u64>>>);

impl Numbers {
    /// The least of them.
    pub(super) fn give(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps what was taken.
    pub(super) fn keep(&self, taken: RangeInclusive<u64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(taken.rev());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> UserId {
        UserId::try_from(id).unwrap()
    }

    fn sharded(shards: u64) -> Layout {
        Layout::default().with_shards(shards).unwrap()
    }

    #[test]
    fn a_layout_has_bounds() {
        let layout = Layout::default();
        for (shards, block) in [(0, 0), (33, 1_001)] {
            assert_eq!((layout.with_shards(shards), layout.with_block(block)), (None, None));
        }
        assert_eq!(sharded(1).with_block(1), Some(layout));
        assert_eq!(layout.with_block(1_000).unwrap().block(), 1_000);
    }

    #[test]
    fn more_partitions_contain_those_that_there_were() {
        let lists = |shards| sharded(shards).lists(Status::All).collect::<Vec<_>>();
        assert_eq!(lists(1), ["USERS#active", "USERS#inactive"]);
        for shards in 2..=Layout::MAX_SHARDS {
            let (before, after) = (lists(shards - 1), lists(shards));
            assert_eq!(after.len(), before.len() + 2);
            assert!(before.iter().all(|list| after.contains(list)));
        }
    }

    #[test]
    fn each_account_is_in_one_of_the_lists_and_counted_by_one_of_the_tallies() {
        let layout = sharded(7);
        let lists: Vec<_> = layout.lists(Status::Active).collect();
        let tallies: Vec<_> = layout.tallies().collect();
        for number in 1..=14 {
            assert!(lists.contains(&layout.list_of(id(number), true)));
            assert!(tallies.contains(&layout.tally(id(number))));
        }
        assert_eq!((lists.len(), tallies.len()), (7, 7));
    }

    #[test]
    fn numbers_are_given_once_and_in_order() {
        let numbers = Numbers::default();
        assert_eq!(numbers.give(), None);
        numbers.keep(5..=7);
        let given: Vec<_> = std::iter::from_fn(|| numbers.clone().give()).collect();
        assert_eq!(given, [5, 6, 7]);
    }
}
