//! Reset tokens.

use serde::{Deserialize, Serialize};

use crate::{
    auth::reset_token::NewPasswordReset,
    domain::{PasswordReset, SessionGeneration, TokenHash},
    store::expression::Expression,
};

/// The hash of a reset token, and the state in which the token is valid.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ResetItem {
    hash: String,
    generation: u32,
    email: String,
    expires_at: i64,
}

/// The last two reset tokens of one origin. The earlier one stays valid, because the mail service
/// may not have taken the email with the later one.
#[derive(Deserialize)]
pub(in crate::store) struct ResetsItem {
    #[serde(flatten)]
    last: ResetItem,
    #[serde(default)]
    earlier_hash: Option<String>,
    #[serde(default)]
    earlier_generation: u32,
    #[serde(default)]
    earlier_email: String,
    #[serde(default)]
    earlier_expires_at: i64,
}

impl From<&NewPasswordReset> for ResetItem {
    fn from(new: &NewPasswordReset) -> Self {
        Self {
            hash: new.token.hash().as_str().to_owned(),
            generation: new.reset.generation.0,
            email: new.reset.email.clone(),
            expires_at: new.reset.expires_at,
        }
    }
}

impl From<ResetItem> for (TokenHash, PasswordReset) {
    fn from(item: ResetItem) -> Self {
        let ResetItem { hash, generation, email, expires_at } = item;
        (
            TokenHash::from_stored(hash),
            PasswordReset { generation: SessionGeneration(generation), email, expires_at },
        )
    }
}

impl ResetsItem {
    /// The last two tokens.
    pub(in crate::store) fn resets(self) -> impl Iterator<Item = (TokenHash, PasswordReset)> {
        let earlier = self.earlier_hash.map(|hash| ResetItem {
            hash,
            generation: self.earlier_generation,
            email: self.earlier_email,
            expires_at: self.earlier_expires_at,
        });
        [self.last].into_iter().chain(earlier).map(ResetItem::into)
    }

    /// The update that adds a token, and keeps the last one as the earlier one.
    pub(in crate::store) fn update(new: &NewPasswordReset) -> Expression {
        let ResetItem { hash, generation, email, expires_at } = new.into();
        Expression::new(
            "SET #earlier_hash = if_not_exists(#hash, :hash), \
             #earlier_generation = if_not_exists(#generation, :generation), \
             #earlier_email = if_not_exists(#email, :email), \
             #earlier_expires_at = if_not_exists(#expires_at, :expires_at), \
             #hash = :hash, #generation = :generation, #email = :email, \
             #expires_at = :expires_at",
        )
        .string("hash", hash)
        .number("generation", generation)
        .string("email", email)
        .number("expires_at", expires_at)
    }

    /// The update after an email that the mail service did not take.
    pub(in crate::store) fn withdrawal() -> Expression {
        Expression::new(
            "SET #hash = #earlier_hash, #generation = #earlier_generation, \
             #email = #earlier_email, #expires_at = #earlier_expires_at",
        )
    }
}
