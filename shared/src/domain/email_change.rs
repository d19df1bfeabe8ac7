//! Changes of a user's own email address: pending until the new address is confirmed, and
//! reversible from the old one.

use super::{Email, SessionGeneration, Timestamp, User};

/// The lifetime of a confirmation link in seconds: 48 hours, as for a password reset.
const CONFIRMATION_TTL: i64 = 48 * 3_600;

/// The lifetime of a reversal link in seconds: a week.
const REVERSAL_TTL: i64 = 7 * 24 * 3_600;

/// The permission to confirm a pending email address, as stored under its token hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailConfirmation {
    /// The normalized new address.
    pub email: String,
    /// The session generation. A new password and revocation of all sessions change it, so each of
    /// them invalidates the confirmation.
    pub generation: SessionGeneration,
    /// The first second in which the link is expired.
    pub expires_at: i64,
}

/// The permission to go back to the old email address, as stored under its token hash.
///
/// It does not depend on the session generation: a thief of a session may have changed the password
/// since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailReversal {
    /// The old address.
    pub email: Email,
    /// The time of the change.
    pub issued_at: Timestamp,
    /// The first second in which the link is expired.
    pub expires_at: i64,
}

/// A stored permission of a link in an email.
pub trait EmailLink {
    /// Whether the link is valid for a user.
    fn is_valid_for(&self, user: &User, now: Timestamp) -> bool;

    /// The second of its issue.
    fn issued_at(&self) -> i64;
}

impl EmailConfirmation {
    /// A confirmation that starts now.
    #[must_use]
    pub fn new(generation: SessionGeneration, email: &Email, now: Timestamp) -> Self {
        let expires_at = now.epoch_seconds().saturating_add(CONFIRMATION_TTL);
        Self { email: email.normalized(), generation, expires_at }
    }
}

impl EmailReversal {
    /// A reversal to the user's present address that starts now.
    #[must_use]
    pub fn new(user: &User, now: Timestamp) -> Self {
        let expires_at = now.epoch_seconds().saturating_add(REVERSAL_TTL);
        Self { email: user.email.clone(), issued_at: now, expires_at }
    }
}

impl EmailLink for EmailConfirmation {
    /// The address must still be the pending one.
    fn is_valid_for(&self, user: &User, now: Timestamp) -> bool {
        let is_pending =
            user.pending_email.as_ref().is_some_and(|email| email.normalized() == self.email);
        self.expires_at > now.epoch_seconds()
            && user.is_active_person()
            && self.generation == user.generation
            && is_pending
    }

    fn issued_at(&self) -> i64 {
        self.expires_at.saturating_sub(CONFIRMATION_TTL)
    }
}

impl EmailLink for EmailReversal {
    /// An earlier reversal and an administrator's change invalidate the link.
    fn is_valid_for(&self, user: &User, now: Timestamp) -> bool {
        self.expires_at > now.epoch_seconds()
            && user.is_active_person()
            && user.email_settled_at.is_none_or(|at| at < self.issued_at)
    }

    fn issued_at(&self) -> i64 {
        self.issued_at.epoch_seconds()
    }
}

impl User {
    /// Applies the pending email address. Without one, nothing changes.
    #[must_use]
    pub fn with_confirmed_email(&self, now: Timestamp) -> Self {
        match self.pending_email.clone() {
            Some(email) => Self { email, pending_email: None, updated_at: now, ..self.clone() },
            None => self.clone(),
        }
    }

    /// Goes back to an earlier email address, revokes all sessions and invalidates all links for
    /// such a change.
    #[must_use]
    pub fn with_reverted_email(&self, email: Email, now: Timestamp) -> Self {
        Self {
            email,
            pending_email: None,
            email_settled_at: Some(now),
            generation: self.generation.next(),
            updated_at: now,
            ..self.clone()
        }
    }

    /// Invalidates the links to go back to an earlier email address, if the address has changed.
    #[must_use]
    pub fn with_settled_email(self, before: &Self, now: Timestamp) -> Self {
        let has_changed = self.email.normalized() != before.email.normalized();
        let email_settled_at = if has_changed { Some(now) } else { self.email_settled_at };
        Self { email_settled_at, ..self }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::{NewUser, UserId};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(OffsetDateTime::from_unix_timestamp(seconds).unwrap())
    }

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    fn user() -> User {
        let user = User::new(UserId::INSTALLER, NewUser::with_email(email("old@a.com")), at(0));
        User { pending_email: Some(email("new@a.com")), ..user }
    }

    #[test]
    fn a_confirmation_is_valid_for_its_address_generation_and_two_days() {
        let user = user();
        let link = EmailConfirmation::new(user.generation, &email("New@a.com"), at(0));
        assert!(link.is_valid_for(&user, at(CONFIRMATION_TTL - 1)));
        assert!(!link.is_valid_for(&user, at(CONFIRMATION_TTL)));
        assert!(!link.is_valid_for(&user.with_sessions_revoked(), at(1)));
        assert!(!link.is_valid_for(&user.with_confirmed_email(at(1)), at(1)));
        let other = User { pending_email: Some(email("other@a.com")), ..user.clone() };
        assert!(!link.is_valid_for(&other, at(1)));
        assert!(!link.is_valid_for(&User { is_active: false, ..user }, at(1)));
    }

    #[test]
    fn a_reversal_survives_new_passwords_but_not_another_reversal() {
        let user = user();
        let link = EmailReversal::new(&user, at(10));
        let moved = user.with_confirmed_email(at(11)).with_sessions_revoked();
        assert!(link.is_valid_for(&moved, at(12)));
        assert!(!link.is_valid_for(&moved, at(10 + REVERSAL_TTL)));
        let back = moved.with_reverted_email(link.email.clone(), at(13));
        assert_eq!((back.email.as_str(), back.pending_email.as_ref()), ("old@a.com", None));
        assert!(!link.is_valid_for(&back, at(14)));
        assert!(EmailReversal::new(&back, at(14)).is_valid_for(&back, at(15)));
    }

    #[test]
    fn an_administrator_settles_the_address() {
        let before = user();
        let link = EmailReversal::new(&before, at(1));
        let after = User { email: email("b@a.com"), ..before.clone() };
        assert!(!link.is_valid_for(&after.with_settled_email(&before, at(2)), at(3)));
        assert!(link.is_valid_for(&before.clone().with_settled_email(&before, at(2)), at(3)));
    }
}
