//! IDs. Each kind is a type of its own.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A text that is not an ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an ID must be {0}")]
pub struct ParseIdError(&'static str);

macro_rules! numeric_id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The ID with this number.
            #[must_use]
            pub const fn new(id: u64) -> Self {
                Self(id)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let id = text.parse().ok().filter(|id| *id > 0);
                id.map(Self).ok_or(ParseIdError("a number greater than zero"))
            }
        }
    )+};
}

numeric_id! {
    /// ID of a user.
    UserId,
    /// ID of a group.
    GroupId,
    /// ID of a membership: one user in one group.
    MembershipId,
    /// ID of an API key.
    ApiKeyId,
}

impl GroupId {
    /// The group of all users.
    pub const ALL_USERS: Self = Self(1);
    /// The group of administrators.
    pub const ADMINISTRATORS: Self = Self(2);
}

/// Public ID of a session. It does not authenticate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = ParseIdError;

    /// Parses 22 characters of the alphabet of Base64 for URLs.
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.len() == 22 && text.bytes().all(is_valid) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError("the 22 characters of a session ID"))
        }
    }
}
