//! Password resets: permissions to set a new password without the old one.

use super::{Email, SessionGeneration, Timestamp, User};

/// The lifetime in seconds: 48 hours, as in Metabase.
const TTL_SECONDS: i64 = 48 * 3_600;

/// A password reset as stored next to its token hash: the expiry, and the state of the user at the
/// time of issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordReset {
    /// The session generation. Deactivation, a new password and revocation of all sessions change
    /// it, so each of them invalidates the reset.
    pub generation: SessionGeneration,
    /// The normalized email address.
    pub email: String,
    /// The first second in which the reset is expired. DynamoDB deletes the item later by its time
    /// to live.
    pub expires_at: i64,
}

impl PasswordReset {
    /// A password reset that starts now.
    #[must_use]
    pub fn new(generation: SessionGeneration, email: &Email, now: Timestamp) -> Self {
        let expires_at = now.epoch_seconds().saturating_add(TTL_SECONDS);
        Self { generation, email: email.normalized(), expires_at }
    }

    /// The second of its issue.
    #[must_use]
    pub const fn issued_at(&self) -> i64 {
        self.expires_at.saturating_sub(TTL_SECONDS)
    }

    /// Whether the reset is valid for a user. The user must be active, and must still have the same
    /// generation and email address.
    #[must_use]
    pub fn is_valid_for(&self, user: &User, now: Timestamp) -> bool {
        self.expires_at > now.epoch_seconds()
            && user.is_active
            && self.generation == user.generation
            && self.email == user.email.normalized()
    }
}
