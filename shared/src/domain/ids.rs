//! Identifiers: positive integers of at most 63 bits, one type for each kind of thing.

use std::{fmt, str::FromStr};

/// The text or number was not an integer from 1 to 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an integer greater than zero")]
pub struct InvalidId;

/// An account. Numbers rise in the order of creation, with gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u64);

/// A permissions group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u64);

/// That an account is in a group: one number for the pair, so that nothing must be stored for it.
///
/// It is [Cantor's pairing](https://en.wikipedia.org/wiki/Pairing_function#Cantor_pairing_function), which every
/// number but those of impossible pairs can be taken apart from. It stays below 2^53, which clients in
/// JavaScript need, while the numbers of account and group together stay below 134 million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MembershipId(u64);

/// What both kinds of numbers can do.
macro_rules! id {
    ($name:ident) => {
        impl $name {
            /// The number, from 1 to 2^63 - 1.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = InvalidId;

            fn try_from(number: u64) -> Result<Self, InvalidId> {
                match i64::try_from(number) {
                    Ok(1..) => Ok(Self(number)),
                    _ => Err(InvalidId),
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Digits only: `u64`'s own parser would also take `+1`.
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

id!(UserId);
id!(GroupId);
id!(MembershipId);

impl UserId {
    /// The account that setup creates.
    pub const INSTALLER: Self = Self(1);
}

impl GroupId {
    /// "All Users": everyone is a member, always.
    pub const ALL_USERS: Self = Self(1);
    /// "Administrators": membership and `is_superuser` are the same fact.
    pub const ADMINISTRATORS: Self = Self(2);
}

impl MembershipId {
    /// The number of a pair.
    #[must_use]
    pub fn encode(user: UserId, group: GroupId) -> Self {
        let sum = u128::from(user.0) + u128::from(group.0);
        let number = sum * (sum + 1) / 2 + u128::from(group.0);
        Self(u64::try_from(number).unwrap_or(u64::MAX))
    }

    /// The pair of the number, if there can be one.
    #[must_use]
    pub fn decode(self) -> Option<(UserId, GroupId)> {
        let number = u128::from(self.0);
        let sum = ((8 * number + 1).isqrt() - 1) / 2;
        let group = number - sum * (sum + 1) / 2;
        let part = |part: u128| u64::try_from(part).ok();
        let user = UserId::try_from(part(sum.checked_sub(group)?)?).ok()?;
        Some((user, GroupId::try_from(part(group)?).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_positive_integers_of_63_bits() {
        assert_eq!("1".parse(), Ok(UserId(1)));
        assert_eq!("007".parse(), Ok(UserId(7)));
        assert_eq!("9223372036854775807".parse(), Ok(UserId(i64::MAX.unsigned_abs())));
    }

    #[test]
    fn a_membership_is_a_pair_and_a_pair_is_a_membership() {
        for user in [1, 2, 3, 1_000, 134_000_000, 4_000_000_000] {
            for group in [1, 2, 3, 90, 100_000] {
                let pair = (UserId(user), GroupId(group));
                assert_eq!(MembershipId::encode(pair.0, pair.1).decode(), Some(pair));
            }
        }
        let numbers: std::collections::BTreeSet<u64> = (1..50)
            .flat_map(|user| (1..50).map(move |group| (user, group)))
            .map(|(user, group)| MembershipId::encode(UserId(user), GroupId(group)).get())
            .collect();
        assert_eq!(numbers.len(), 49 * 49);
        assert!(MembershipId::encode(UserId(134_000_000), GroupId(90)).get() < 1 << 53);
    }

    #[test]
    fn some_numbers_are_no_membership() {
        for number in [1, 2, 3, 5, 6, i64::MAX.unsigned_abs()] {
            let pair = MembershipId(number).decode();
            let back = pair.map(|(user, group)| MembershipId::encode(user, group));
            assert!(back.is_none_or(|back| back.get() == number), "{number}");
        }
        assert_eq!(MembershipId(1).decode(), None);
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "0", "-1", "+1", " 1", "1.5", "abc", "9223372036854775808", "1e3", "١"] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text:?}");
        }
    }
}
