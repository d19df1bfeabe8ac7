//! Reset tokens in the table.

use serde::{Deserialize, Serialize};

use crate::{
    auth::reset_token::NewPasswordReset,
    domain::{PasswordReset, SessionGeneration, TokenHash},
};

/// A permission to choose a new password.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ResetItem {
    hash: String,
    generation: u32,
    email: String,
    expires_at: i64,
}

impl From<&NewPasswordReset> for ResetItem {
    fn from(permit: &NewPasswordReset) -> Self {
        Self {
            hash: permit.token.hash().as_str().to_owned(),
            generation: permit.reset.generation.0,
            email: permit.reset.email.clone(),
            expires_at: permit.reset.expires_at,
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
