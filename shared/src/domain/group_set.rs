//! The groups of a user.

use std::collections::BTreeSet;

use super::GroupId;

/// A set of groups in ascending order. It always contains All Users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSet(BTreeSet<GroupId>);

impl GroupSet {
    /// The maximum number of groups of a user, and of group changes in one request. Each change
    /// takes two of the 100 items of a transaction. The other 12 are for the rest of the change.
    pub const MAX: usize = 44;

    /// Whether the groups include Administrators.
    #[must_use]
    pub fn has_admin(&self) -> bool {
        self.0.contains(&GroupId::ADMINISTRATORS)
    }

    /// Adds or removes Administrators.
    #[must_use]
    pub fn with_admin(mut self, admin: bool) -> Self {
        if admin {
            self.0.insert(GroupId::ADMINISTRATORS);
        } else {
            self.0.remove(&GroupId::ADMINISTRATORS);
        }
        self
    }

    /// The groups in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.0.iter().copied()
    }

    /// Whether the set contains a group.
    #[must_use]
    pub fn contains(&self, group: GroupId) -> bool {
        self.0.contains(&group)
    }

    /// The number of groups, including All Users.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds a group.
    #[must_use]
    pub fn with(mut self, group: GroupId) -> Self {
        self.0.insert(group);
        self
    }

    /// Removes a group. All Users cannot be removed.
    #[must_use]
    pub fn without(mut self, group: GroupId) -> Self {
        if group != GroupId::ALL_USERS {
            self.0.remove(&group);
        }
        self
    }

    /// The custom groups: all except the two builtin ones.
    pub(crate) fn custom(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.iter().filter(|group| group.builtin().is_none())
    }

    /// The custom groups in either set.
    pub(crate) fn custom_in_either(&self, other: &Self) -> BTreeSet<GroupId> {
        self.custom().chain(other.custom()).collect()
    }

    /// The number of custom groups that only one of the sets contains.
    pub(crate) fn custom_changes_since(&self, before: &Self) -> usize {
        self.difference(before).filter(|group| group.builtin().is_none()).count()
    }

    /// The groups that only one of the sets contains, in ascending order.
    pub(crate) fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = GroupId> + 'a {
        self.0.symmetric_difference(&other.0).copied()
    }
}

impl Default for GroupSet {
    fn default() -> Self {
        Self::from_iter([])
    }
}

impl FromIterator<GroupId> for GroupSet {
    fn from_iter<I: IntoIterator<Item = GroupId>>(ids: I) -> Self {
        Self(ids.into_iter().chain([GroupId::ALL_USERS]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_contains_all_users() {
        assert!(GroupSet::default().contains(GroupId::ALL_USERS));
        assert!(GroupSet::from_iter([GroupId::ADMINISTRATORS]).contains(GroupId::ALL_USERS));
    }

    #[test]
    fn admin_is_a_group() {
        let admin = GroupSet::default().with_admin(true);
        assert!(admin.has_admin());
        assert!(!admin.with_admin(false).has_admin());
    }
}
