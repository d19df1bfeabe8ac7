//! Identifiers: positive integers of at most 63 bits, one type for each kind of thing.

use std::{fmt, str::FromStr};

/// The text or number was not an integer from 1 to 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an integer greater than zero")]
pub struct NotAnId;

/// An account. Numbers rise in the order of creation, with gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u64);

/// A permissions group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u64);

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
            type Error = NotAnId;

            fn try_from(number: u64) -> Result<Self, NotAnId> {
                match i64::try_from(number) {
                    Ok(1..) => Ok(Self(number)),
                    _ => Err(NotAnId),
                }
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Digits only: `u64`'s own parser would also take `+1`.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(NotAnId);
                }
                text.parse::<u64>().map_err(|_| NotAnId)?.try_into()
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
    fn refuses_everything_else() {
        for text in ["", "0", "-1", "+1", " 1", "1.5", "abc", "9223372036854775808", "1e3", "١"] {
            assert_eq!(text.parse::<UserId>(), Err(NotAnId), "{text:?}");
        }
    }
}
