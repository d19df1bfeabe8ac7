//! Partitions of lists and counters, and the pool of reserved user IDs.

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, PoisonError},
};

use super::keys::{self, Key};
use crate::domain::{Sharding, StatusFilter, UserId};

impl Sharding {
    /// The index partition that lists a user.
    pub(super) fn index_partition(self, id: UserId, is_active: bool) -> String {
        keys::index_partition(is_active, self.list_shard(id))
    }

    /// All index partitions with users of a status.
    pub(super) fn index_partitions(self, status: StatusFilter) -> impl Iterator<Item = String> {
        let kinds: &[bool] = match status {
            StatusFilter::Active => &[true],
            StatusFilter::Deactivated => &[false],
            StatusFilter::All => &[true, false],
        };
        kinds.iter().flat_map(move |is_active| {
            (0..self.list_shards()).map(|shard| keys::index_partition(*is_active, shard))
        })
    }

    /// The key of the item that counts a user.
    pub(super) fn user_count_key(self, id: UserId) -> Key {
        Key::user_count(self.user_count_shard(id))
    }

    /// The keys of all items that count users.
    pub(super) fn user_count_keys(self) -> impl Iterator<Item = Key> {
        (0..self.user_count_shards()).map(Key::user_count)
    }
}

/// User IDs that a process has reserved and not yet used. Unused IDs of a process are never
/// assigned.
#[derive(Debug, Clone, Default)]
pub(super) struct IdPool(Arc<Mutex<Vec<u64>>>);

impl IdPool {
    /// Takes the smallest ID.
    pub(super) fn take(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Adds a reserved range.
    pub(super) fn refill(&self, reserved: RangeInclusive<u64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(reserved.rev());
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
    fn additional_shards_keep_the_existing_partitions() {
        let partitions =
            |shards| sharded(shards).index_partitions(StatusFilter::All).collect::<Vec<_>>();
        assert_eq!(partitions(1), ["USERS#active", "USERS#inactive"]);
        for shards in 2..=Sharding::MAX_LIST_SHARDS {
            let (before, after) = (partitions(shards - 1), partitions(shards));
            assert_eq!(after.len(), before.len() + 2);
            assert!(before.iter().all(|partition| after.contains(partition)));
        }
    }

    #[test]
    fn each_user_is_in_one_index_partition_and_one_counter() {
        let sharding = sharded(7);
        let partitions: Vec<_> = sharding.index_partitions(StatusFilter::Active).collect();
        let counters: Vec<_> = sharding.user_count_keys().collect();
        for number in 1..=14 {
            assert!(partitions.contains(&sharding.index_partition(id(number), true)));
            assert!(counters.contains(&sharding.user_count_key(id(number))));
        }
        assert_eq!((partitions.len(), counters.len()), (7, 7));
    }

    #[test]
    fn a_pool_returns_each_id_once_and_in_order() {
        let pool = IdPool::default();
        assert_eq!(pool.take(), None);
        pool.refill(5..=7);
        let ids: Vec<_> = std::iter::from_fn(|| pool.clone().take()).collect();
        assert_eq!(ids, [5, 6, 7]);
    }
}
