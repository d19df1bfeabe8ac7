//! Permissions groups.

use super::{DomainError, GroupId, GroupName, names::case_fold};

/// A group that always exists, and is what its members are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltinGroup {
    /// Everybody.
    AllUsers,
    /// Those who may do everything.
    Administrators,
}

impl BuiltinGroup {
    /// Both, by number.
    pub const ALL: [Self; 2] = [Self::AllUsers, Self::Administrators];

    /// The group's number.
    #[must_use]
    pub const fn id(self) -> GroupId {
        match self {
            Self::AllUsers => GroupId::ALL_USERS,
            Self::Administrators => GroupId::ADMINISTRATORS,
        }
    }

    /// The group's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AllUsers => "All Users",
            Self::Administrators => "Administrators",
        }
    }

    /// What Metabase calls the kind.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::AllUsers => "all-internal-users",
            Self::Administrators => "admin",
        }
    }
}

impl GroupId {
    /// Which of the groups that always exist it is, if any.
    #[must_use]
    pub fn builtin(self) -> Option<BuiltinGroup> {
        BuiltinGroup::ALL.into_iter().find(|magic| magic.id() == self)
    }
}

impl GroupName {
    /// Whether one of the groups that always exist has the name.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        BuiltinGroup::ALL.into_iter().any(|magic| case_fold(magic.name()) == self.normalized())
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// Its name.
    pub name: GroupName,
    /// How many active people are in it. Of the groups that always exist others keep the count.
    pub members: usize,
    /// Raised by everything that happens to the group or its memberships.
    pub revision: u64,
    /// Whether it is being deleted, and nobody may join any more.
    pub is_being_deleted: bool,
}

impl Group {
    /// A new group, without members.
    #[must_use]
    pub const fn new(id: GroupId, name: GroupName) -> Self {
        Self { id, name, members: 0, revision: 0, is_being_deleted: false }
    }

    /// The group, if it is one that somebody made.
    ///
    /// # Errors
    ///
    /// [`Refusal::MagicGroup`].
    pub fn ensure_custom(self) -> Result<Self, DomainError> {
        match self.id.builtin() {
            Some(magic) => Err(DomainError::BuiltinGroup(magic)),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_magic_groups_are_taken_in_any_case() {
        for text in ["All Users", "ALL USERS", "administrators"] {
            assert!(GroupName::parse(text).unwrap().is_builtin(), "{text}");
        }
        assert!(!GroupName::parse("Users").unwrap().is_builtin());
    }

    #[test]
    fn two_numbers_are_magic() {
        let magic: Vec<_> =
            (1..5).filter_map(|id| GroupId::try_from(id).unwrap().builtin()).collect();
        assert_eq!(magic, BuiltinGroup::ALL);
    }
}
