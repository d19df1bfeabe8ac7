//! Reset tokens in the table.

use serde::{Deserialize, Serialize};

use crate::{
    auth::token::TokenHash,
    domain::{Generation, Reset},
    store::Permit,
};

/// A permission to choose a new password.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ResetItem {
    hash: String,
    generation: u32,
    email: String,
    expires_at: i64,
}

impl From<&Permit> for ResetItem {
    fn from(permit: &Permit) -> Self {
        Self {
            hash: permit.token.hash().as_str().to_owned(),
            generation: permit.reset.generation.0,
            email: permit.reset.email.clone(),
            expires_at: permit.reset.expires_at,
        }
    }
}

impl From<ResetItem> for (TokenHash, Reset) {
    fn from(item: ResetItem) -> Self {
        let ResetItem { hash, generation, email, expires_at } = item;
        (TokenHash::stored(hash), Reset { generation: Generation(generation), email, expires_at })
    }
}
