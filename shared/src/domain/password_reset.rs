//! Permissions to choose a new password without knowing the old one.

use super::{Email, SessionGeneration, Timestamp, User};

/// How long a permission lasts, in seconds: 48 hours, as in Metabase.
const TTL_SECONDS: i64 = 48 * 3_600;

/// What is stored of a permission beside the hash of its token: the account as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordReset {
    /// Deactivation and every new password raise it.
    pub generation: SessionGeneration,
    /// The key of the address.
    pub email: String,
    /// The first second in which it no longer counts; the table's time to live removes it later.
    pub expires_at: i64,
}

impl PasswordReset {
    /// A permission that begins now.
    #[must_use]
    pub fn new(generation: SessionGeneration, email: &Email, now: Timestamp) -> Self {
        let expires_at = now.epoch_seconds().saturating_add(TTL_SECONDS);
        Self { generation, email: email.normalized(), expires_at }
    }

    /// Whether it counts for the account: that is active, and neither its password nor its address is
    /// another than it was.
    #[must_use]
    pub fn is_valid_for(&self, user: &User, now: Timestamp) -> bool {
        self.expires_at > now.epoch_seconds()
            && user.is_active
            && self.generation == user.generation
            && self.email == user.email.normalized()
    }
}
