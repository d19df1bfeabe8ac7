//! IDs: positive integers of at most 63 bits, with one type for each kind of thing.

use std::{fmt, str::FromStr};

/// The error for a text or number that is not an integer from 1 to 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an integer greater than zero")]
pub struct InvalidId;

/// A user ID. IDs have gaps. They follow the order of creation unless processes reserve blocks of
/// IDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u64);

/// The ID of a permissions group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u64);

/// The ID of a membership: one number for the pair of user and group, so that the table stores
/// nothing for it.
///
/// It is [Cantor's pairing function][Cantor]. Every ID decodes to its pair, except the IDs of
/// impossible pairs. Clients in JavaScript need IDs below 2^53. That holds while user ID and group
/// ID together are below 134 million.
///
/// [Cantor]: https://en.wikipedia.org/wiki/Pairing_function#Cantor_pairing_function
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MembershipId(u64);

/// Implements the methods of all IDs.
macro_rules! id_type {
    ($name:ident) => {
        impl $name {
            /// The ID as an integer from 1 to 2^63 - 1.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = InvalidId;

            fn try_from(id: u64) -> Result<Self, InvalidId> {
                match i64::try_from(id) {
                    Ok(1..) => Ok(Self(id)),
                    _ => Err(InvalidId),
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Parses digits only. The parser of `u64` would also accept `+1`.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(InvalidId);
                }
                text.parse::<u64>().map_err(|_| InvalidId)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id_type!(UserId);
id_type!(GroupId);
id_type!(MembershipId);

impl UserId {
    /// The user created by setup.
    pub const INSTALLER: Self = Self(1);
    /// The ID of Metabase's internal user, which does not exist here. Clients skip it by its error.
    pub const INTERNAL: Self = Self(13_371_338);
}

impl GroupId {
    /// The builtin group All Users. Every user is always a member.
    pub const ALL_USERS: Self = Self(1);
    /// The builtin group Administrators. Membership and `is_superuser` are the same fact.
    pub const ADMINISTRATORS: Self = Self(2);
}

impl MembershipId {
    /// The ID of a pair.
    #[must_use]
    pub fn encode(user: UserId, group: GroupId) -> Self {
        let sum = u128::from(user.0) + u128::from(group.0);
        let id = sum * (sum + 1) / 2 + u128::from(group.0);
        Self(u64::try_from(id).unwrap_or(u64::MAX))
    }

    /// The pair of the ID, if it has one.
    #[must_use]
    pub fn decode(self) -> Option<(UserId, GroupId)> {
        let id = u128::from(self.0);
        let sum = ((8 * id + 1).isqrt() - 1) / 2;
        let group = id - sum * (sum + 1) / 2;
        let part = |part: u128| u64::try_from(part).ok();
        let user = UserId::try_from(part(sum.checked_sub(group)?)?).ok()?;
        Some((user, GroupId::try_from(part(group)?).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_positive_integers_of_63_bits() {
        assert_eq!("1".parse(), Ok(UserId(1)));
        assert_eq!("007".parse(), Ok(UserId(7)));
        assert_eq!("9223372036854775807".parse(), Ok(UserId(i64::MAX.unsigned_abs())));
    }

    #[test]
    fn pairs_and_membership_ids_correspond_one_to_one() {
        for user in [1, 2, 3, 1_000, 134_000_000, 4_000_000_000] {
            for group in [1, 2, 3, 90, 100_000] {
                let pair = (UserId(user), GroupId(group));
                assert_eq!(MembershipId::encode(pair.0, pair.1).decode(), Some(pair));
            }
        }
        let ids: std::collections::BTreeSet<u64> = (1..50)
            .flat_map(|user| (1..50).map(move |group| (user, group)))
            .map(|(user, group)| MembershipId::encode(UserId(user), GroupId(group)).get())
            .collect();
        assert_eq!(ids.len(), 49 * 49);
        assert!(MembershipId::encode(UserId(134_000_000), GroupId(90)).get() < 1 << 53);
    }

    #[test]
    fn some_numbers_are_not_membership_ids() {
        for id in [1, 2, 3, 5, 6, i64::MAX.unsigned_abs()] {
            let pair = MembershipId(id).decode();
            let back = pair.map(|(user, group)| MembershipId::encode(user, group));
            assert!(back.is_none_or(|back| back.get() == id), "{id}");
        }
        assert_eq!(MembershipId(1).decode(), None);
    }

    #[test]
    fn rejects_everything_else() {
        for text in ["", "0", "-1", "+1", " 1", "1.5", "abc", "9223372036854775808", "1e3", "١"] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text:?}");
        }
    }
}
