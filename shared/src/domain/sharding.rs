//! Spread of the hottest keys of the table.

use super::UserId;

/// The minimum number of items that count users, so that concurrent creations do not queue.
const MIN_USER_COUNT_SHARDS: u64 = 4;

/// The number of partitions and IDs over which the hottest keys of the table are spread.
///
/// DynamoDB accepts 1,000 write units a second for each partition. Either number may be raised at
/// any time: items written under a smaller number are still found. After a reduction, users are
/// missing from lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharding {
    list_shards: u64,
    id_block: u64,
}

impl Default for Sharding {
    /// One partition for each list, and one ID at a time.
    fn default() -> Self {
        Self { list_shards: 1, id_block: 1 }
    }
}

impl Sharding {
    /// The maximum number of partitions of a list. Each page queries all of them.
    pub const MAX_LIST_SHARDS: u64 = 32;
    /// The maximum number of user IDs that a process reserves at once.
    pub const MAX_ID_BLOCK: u64 = 1_000;

    /// Sets the number of partitions of each list; `None` if it is out of range.
    #[must_use]
    pub fn with_list_shards(self, list_shards: u64) -> Option<Self> {
        let is_valid = (1..=Self::MAX_LIST_SHARDS).contains(&list_shards);
        is_valid.then_some(Self { list_shards, ..self })
    }

    /// Sets the number of user IDs that a process reserves at once; `None` if it is out of range.
    #[must_use]
    pub fn with_id_block(self, id_block: u64) -> Option<Self> {
        let is_valid = (1..=Self::MAX_ID_BLOCK).contains(&id_block);
        is_valid.then_some(Self { id_block, ..self })
    }

    /// The number of user IDs that a process reserves at once.
    pub(crate) const fn id_block(self) -> u64 {
        self.id_block
    }

    /// The number of partitions of each list.
    pub(crate) const fn list_shards(self) -> u64 {
        self.list_shards
    }

    /// The shard of a list that contains a user.
    pub(crate) const fn list_shard(self, id: UserId) -> u64 {
        id.get() % self.list_shards
    }

    /// The number of items that count users.
    pub(crate) fn user_count_shards(self) -> u64 {
        self.list_shards.max(MIN_USER_COUNT_SHARDS)
    }

    /// The shard of the counters that counts a user.
    pub(crate) fn user_count_shard(self, id: UserId) -> u64 {
        id.get() % self.user_count_shards()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numbers_have_bounds() {
        let sharding = Sharding::default();
        for (shards, block) in [(0, 0), (33, 1_001)] {
            let parsed = (sharding.with_list_shards(shards), sharding.with_id_block(block));
            assert_eq!(parsed, (None, None));
        }
        let one = sharding.with_list_shards(1).and_then(|sharding| sharding.with_id_block(1));
        assert_eq!(one, Some(sharding));
        assert_eq!(sharding.with_id_block(1_000).unwrap().id_block(), 1_000);
    }
}
