//! Reset tokens.

use serde::{Deserialize, Serialize};

use crate::{
    auth::reset_token::NewPasswordReset,
    domain::{PasswordReset, SessionGeneration, TokenHash},
};

/// The hash of a reset token, and the state in which the token is valid.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ResetItem {
    hash: String,
    generation: u32,
    email: String,
    expires_at: i64,
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
