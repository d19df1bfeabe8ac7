//! Permissions groups.

use super::{DomainError, GroupId, GroupName, names::case_fold};

/// A group that always exists and has a fixed meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltinGroup {
    /// The group of all users.
    AllUsers,
    /// The group of the users with all permissions.
    Administrators,
}

impl BuiltinGroup {
    /// Both groups, by ID.
    pub const ALL: [Self; 2] = [Self::AllUsers, Self::Administrators];

    /// The ID of the group.
    #[must_use]
    pub const fn id(self) -> GroupId {
        match self {
            Self::AllUsers => GroupId::ALL_USERS,
            Self::Administrators => GroupId::ADMINISTRATORS,
        }
    }

    /// The name of the group.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllUsers => "All Users",
            Self::Administrators => "Administrators",
        }
    }

    /// Metabase's name for the kind of group, its `magic_group_type`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::AllUsers => "all-internal-users",
            Self::Administrators => "admin",
        }
    }
}

impl GroupId {
    /// The builtin group with this ID, if there is one.
    #[must_use]
    pub fn builtin(self) -> Option<BuiltinGroup> {
        BuiltinGroup::ALL.into_iter().find(|builtin| builtin.id() == self)
    }
}

impl GroupName {
    /// Whether the name is the name of a builtin group, in any case.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        BuiltinGroup::ALL.into_iter().any(|builtin| case_fold(builtin.name()) == self.normalized())
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group ID.
    pub id: GroupId,
    /// The name.
    pub name: GroupName,
    /// The number of active persons in the group. The table counts the members of builtin groups
    /// elsewhere.
    pub members: usize,
    /// Incremented by every change of the group or of its memberships.
    pub revision: u64,
    /// Whether the group is being deleted. No user can join it any more.
    pub is_being_deleted: bool,
}

impl Group {
    /// A new group, without members.
    #[must_use]
    pub const fn new(id: GroupId, name: GroupName) -> Self {
        Self { id, name, members: 0, revision: 0, is_being_deleted: false }
    }

    /// Returns the group if it is a custom group.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::BuiltinGroup`] for a builtin group.
    pub fn ensure_custom(self) -> Result<Self, DomainError> {
        match self.id.builtin() {
            Some(builtin) => Err(DomainError::BuiltinGroup(builtin)),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_builtin_groups_are_reserved_in_any_case() {
        for text in ["All Users", "ALL USERS", "administrators"] {
            assert!(GroupName::parse(text).unwrap().is_builtin(), "{text}");
        }
        assert!(!GroupName::parse("Users").unwrap().is_builtin());
    }

    #[test]
    fn two_ids_are_builtin() {
        let builtin: Vec<_> =
            (1..5).filter_map(|id| GroupId::try_from(id).unwrap().builtin()).collect();
        assert_eq!(builtin, BuiltinGroup::ALL);
    }
}
