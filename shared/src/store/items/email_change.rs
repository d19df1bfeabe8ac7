//! Links for changes of email addresses.

use serde::{Deserialize, Serialize};

use crate::domain::{Email, EmailConfirmation, EmailReversal, SessionGeneration, Timestamp};

/// The confirmation of a new email address.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct EmailConfirmationItem {
    email: String,
    generation: u32,
    expires_at: i64,
}

/// The reversal of a change of the email address.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct EmailReversalItem {
    email: String,
    issued_at: Timestamp,
    expires_at: i64,
}

impl From<&EmailConfirmation> for EmailConfirmationItem {
    fn from(link: &EmailConfirmation) -> Self {
        let EmailConfirmation { email, generation, expires_at } = link.clone();
        Self { email, generation: generation.0, expires_at }
    }
}

impl From<EmailConfirmationItem> for EmailConfirmation {
    fn from(item: EmailConfirmationItem) -> Self {
        let EmailConfirmationItem { email, generation, expires_at } = item;
        Self { email, generation: SessionGeneration(generation), expires_at }
    }
}

impl From<&EmailReversal> for EmailReversalItem {
    fn from(link: &EmailReversal) -> Self {
        let EmailReversal { email, issued_at, expires_at } = link;
        Self { email: email.as_str().to_owned(), issued_at: *issued_at, expires_at: *expires_at }
    }
}

impl From<EmailReversalItem> for EmailReversal {
    fn from(item: EmailReversalItem) -> Self {
        let EmailReversalItem { email, issued_at, expires_at } = item;
        Self { email: Email::from_stored(email), issued_at, expires_at }
    }
}
