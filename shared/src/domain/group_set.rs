//! The groups that one account is in.

use std::collections::BTreeSet;

use super::GroupId;

/// A set of groups that always has All Users in it, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSet(BTreeSet<GroupId>);

impl GroupSet {
    /// The most groups one account may be in, and the most that one request may change: each that
    /// changes costs two legs of a transaction, which has 100, and 12 are for all else.
    pub const MAX: usize = 44;

    /// Whether the groups include Administrators.
    #[must_use]
    pub fn has_admin(&self) -> bool {
        self.0.contains(&GroupId::ADMINISTRATORS)
    }

    /// The same groups with Administrators in or out.
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

    /// Whether the account is in `group`.
    #[must_use]
    pub fn contains(&self, group: GroupId) -> bool {
        self.0.contains(&group)
    }

    /// How many groups there are, All Users included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The same groups and one more.
    #[must_use]
    pub fn with(mut self, group: GroupId) -> Self {
        self.0.insert(group);
        self
    }

    /// The same groups without one; All Users stays.
    #[must_use]
    pub fn without(mut self, group: GroupId) -> Self {
        if group != GroupId::ALL_USERS {
            self.0.remove(&group);
        }
        self
    }

    /// The groups that somebody made: all but the two that always exist.
    pub(crate) fn custom(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.iter().filter(|group| group.builtin().is_none())
    }

    /// The groups that somebody made and that are in either set.
    pub(crate) fn custom_in_either(&self, other: &Self) -> BTreeSet<GroupId> {
        self.custom().chain(other.custom()).collect()
    }

    /// How many groups that somebody made are in one set alone.
    pub(crate) fn custom_changes_since(&self, before: &Self) -> usize {
        self.difference(before).filter(|group| group.builtin().is_none()).count()
    }

    /// The groups that are in one set alone, ascending.
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
    fn everyone_is_in_all_users() {
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
