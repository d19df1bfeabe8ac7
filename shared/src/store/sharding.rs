//! How what many requests write is spread, and what of it a process keeps for itself.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use super::keys::{self, Key};
use crate::domain::{StatusFilter, UserId};

/// As many items count accounts at the least, so that creations do not queue up.
const MIN_USER_COUNT_SHARDS: u64 = 4;

/// Over how much the hottest keys of the table are spread. DynamoDB takes 1,000 write units a second for
/// each.
///
/// Either number may be raised at any time: what was written under a smaller one is still found. With a
/// smaller number of shards than before, accounts are missing from lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharding {
    shards: u64,
    block: u64,
}

impl Default for Sharding {
    /// One partition of each list, and a number at a time.
    fn default() -> Self {
        Self { shards: 1, block: 1 }
    }
}

impl Sharding {
    /// The most partitions of a list: each page asks all of them.
    pub const MAX_LIST_SHARDS: u64 = 32;
    /// The most numbers for accounts that a process takes at once.
    pub const MAX_ID_BLOCK: u64 = 1_000;

    /// The same, with each list in so many partitions; `None` for none, and for more than can be.
    #[must_use]
    pub fn with_list_shards(self, shards: u64) -> Option<Self> {
        (1..=Self::MAX_LIST_SHARDS).contains(&shards).then_some(Self { shards, ..self })
    }

    /// The same, with processes that take so many numbers at once; `None` for none, and for more than can
    /// be.
    #[must_use]
    pub fn with_id_block(self, block: u64) -> Option<Self> {
        (1..=Self::MAX_ID_BLOCK).contains(&block).then_some(Self { block, ..self })
    }

    /// How many numbers a process takes at once.
    pub(super) const fn id_block(self) -> u64 {
        self.block
    }

    /// Where the list is that an account is in.
    pub(super) fn index_partition(self, id: UserId, is_active: bool) -> String {
        keys::index_partition(is_active, id.get() % self.shards)
    }

    /// All partitions with accounts in a state.
    pub(super) fn index_partitions(self, status: StatusFilter) -> impl Iterator<Item = String> {
        let kinds: &[bool] = match status {
            StatusFilter::Active => &[true],
            StatusFilter::Deactivated => &[false],
            StatusFilter::All => &[true, false],
        };
        kinds.iter().flat_map(move |is_active| {
            (0..self.shards).map(|shard| keys::index_partition(*is_active, shard))
        })
    }

    /// The item that counts an account.
    pub(super) fn user_count_key(self, id: UserId) -> Key {
        Key::user_count(id.get() % self.user_count_shards())
    }

    /// All items that count accounts.
    pub(super) fn user_count_keys(self) -> impl Iterator<Item = Key> {
        (0..self.user_count_shards()).map(Key::user_count)
    }

    fn user_count_shards(self) -> u64 {
        self.shards.max(MIN_USER_COUNT_SHARDS)
    }
}

/// Numbers for accounts that were taken and not given yet. Those of a process that ends are never given.
#[derive(Debug, Clone, Default)]
pub(super) struct IdPool(Arc<Mutex<Vec<u64>>>);

impl IdPool {
    /// The least of them.
    pub(super) fn take(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps what was taken.
    pub(super) fn refill(&self, taken: RangeInclusive<u64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(taken.rev());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> UserId {
        UserId::try_from(id).unwrap()
    }

    fn sharded(shards: u64) -> Sharding {
        Sharding::default().with_list_shards(shards).unwrap()
    }

    #[test]
    fn a_layout_has_bounds() {
        let layout = Sharding::default();
        for (shards, block) in [(0, 0), (33, 1_001)] {
            assert_eq!(
                (layout.with_list_shards(shards), layout.with_id_block(block)),
                (None, None)
            );
        }
        assert_eq!(sharded(1).with_id_block(1), Some(layout));
        assert_eq!(layout.with_id_block(1_000).unwrap().id_block(), 1_000);
    }

    #[test]
    fn more_partitions_contain_those_that_there_were() {
        let lists =
            |shards| sharded(shards).index_partitions(StatusFilter::All).collect::<Vec<_>>();
        assert_eq!(lists(1), ["USERS#active", "USERS#inactive"]);
        for shards in 2..=Sharding::MAX_LIST_SHARDS {
            let (before, after) = (lists(shards - 1), lists(shards));
            assert_eq!(after.len(), before.len() + 2);
            assert!(before.iter().all(|list| after.contains(list)));
        }
    }

    #[test]
    fn each_account_is_in_one_of_the_lists_and_counted_by_one_of_the_tallies() {
        let layout = sharded(7);
        let lists: Vec<_> = layout.index_partitions(StatusFilter::Active).collect();
        let tallies: Vec<_> = layout.user_count_keys().collect();
        for number in 1..=14 {
            assert!(lists.contains(&layout.index_partition(id(number), true)));
            assert!(tallies.contains(&layout.user_count_key(id(number))));
        }
        assert_eq!((lists.len(), tallies.len()), (7, 7));
    }

    #[test]
    fn numbers_are_given_once_and_in_order() {
        let numbers = IdPool::default();
        assert_eq!(numbers.take(), None);
        numbers.refill(5..=7);
        let given: Vec<_> = std::iter::from_fn(|| numbers.clone().take()).collect();
        assert_eq!(given, [5, 6, 7]);
    }
}
