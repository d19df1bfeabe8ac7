//! Sort orders of lists of users.

use super::User;

/// The field to sort by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum SortField {
    #[default]
    Name,
    Email,
    LastLogin,
    DateJoined,
    Id,
}

/// A sort order; by name unless the client requests another one. Users with equal values are
/// ordered by ID, in the same direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserSort {
    by: SortField,
    reversed: bool,
}

impl UserSort {
    /// Parses the name of a field. A prefix `-` reverses the order.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, reversed) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        let by = match name {
            "name" => SortField::Name,
            "email" => SortField::Email,
            "last_login" => SortField::LastLogin,
            "date_joined" => SortField::DateJoined,
            "id" => SortField::Id,
            _ => return None,
        };
        Some(Self { by, reversed })
    }

    /// Whether the order is the order of the index.
    #[must_use]
    pub fn is_by_name(self) -> bool {
        self == Self::default()
    }

    /// Whether the order is the reversed order of the index.
    #[must_use]
    pub fn is_by_name_reversed(self) -> bool {
        self == Self { reversed: true, ..Self::default() }
    }

    /// Sorts users that are already in order of name. A missing last login precedes all others.
    pub fn sort(self, users: &mut [User]) {
        match self.by {
            SortField::Name => {}
            SortField::Email => users.sort_by_cached_key(|user| user.email.normalized()),
            SortField::LastLogin => users.sort_by_key(|user| (user.last_login, user.id)),
            SortField::DateJoined => users.sort_by_key(|user| (user.date_joined, user.id)),
            SortField::Id => users.sort_by_key(|user| user.id),
        }
        if self.reversed {
            users.reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_five_fields_in_both_directions() {
        for name in ["name", "email", "last_login", "date_joined", "id"] {
            let order = UserSort::parse(name).unwrap();
            let reversed = UserSort::parse(&format!("-{name}")).unwrap();
            assert!(!order.reversed && reversed == UserSort { reversed: true, ..order }, "{name}");
            assert_eq!(order.is_by_name(), name == "name");
            assert!(!reversed.is_by_name());
            assert_eq!(reversed.is_by_name_reversed(), name == "name");
            assert!(!order.is_by_name_reversed());
        }
        for text in ["", "-", "--id", "ID", " id", "id,name", "password_hash"] {
            assert_eq!(UserSort::parse(text), None, "{text:?}");
        }
    }
}
