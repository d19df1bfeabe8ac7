//! Sessions: how long they live, what ends them, and where they were begun.

use super::{Timestamp, User};

/// The most bytes of a user agent that are kept.
const MAX_USER_AGENT: usize = 256;

/// How often an account's sessions were all ended: a session lives while its number is the account's.
///
/// A number and not a time, so that two machines whose clocks differ cannot revive a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionGeneration(pub(crate) u32);

impl SessionGeneration {
    /// The number after every session so far has been ended.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// What a session was begun with, so that its owner knows it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// What the program calls itself.
    pub user_agent: Option<String>,
    /// The address that it came from, as the gateway saw it.
    pub ip_address: Option<String>,
}

impl ClientInfo {
    /// Cuts what a client may choose, the user agent, to 256 bytes without control characters.
    #[must_use]
    pub fn new(user_agent: &str, ip_address: &str) -> Self {
        let mut user_agent = user_agent.replace(char::is_control, "");
        user_agent.truncate(user_agent.floor_char_boundary(MAX_USER_AGENT));
        Self { user_agent: text(&user_agent), ip_address: text(ip_address) }
    }
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What is stored of one session, times in whole seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which sessions of its account it is one of.
    pub generation: SessionGeneration,
    /// Where it was begun.
    pub client: ClientInfo,
    /// When it began.
    pub created_at: i64,
    /// The first second in which it no longer counts; the table's time to live removes it later.
    pub expires_at: i64,
}

impl Session {
    /// A session that begins now.
    #[must_use]
    pub fn new(
        generation: SessionGeneration,
        device: ClientInfo,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Self {
        let created_at = now.epoch_seconds();
        let expires_at = created_at.saturating_add(seconds(ttl_minutes));
        Self { generation, client: device, created_at, expires_at }
    }

    /// The last second whose sessions are too old by now.
    #[must_use]
    pub fn oldest_valid_creation(now: Timestamp, ttl_minutes: u32) -> i64 {
        now.epoch_seconds().saturating_sub(seconds(ttl_minutes))
    }

    /// The first second in which it is too old: by the age it was given, or by the one that is allowed
    /// today.
    #[must_use]
    pub fn expires_at_with(&self, ttl_minutes: u32) -> i64 {
        self.expires_at.min(self.created_at.saturating_add(seconds(ttl_minutes)))
    }

    /// Whether it is young enough.
    #[must_use]
    pub fn is_unexpired(&self, now: Timestamp, ttl_minutes: u32) -> bool {
        self.expires_at_with(ttl_minutes) > now.epoch_seconds()
    }

    /// Whether it was not revoked: `user`, whose it is, is active, and has not ended all sessions since.
    #[must_use]
    pub fn is_current_for(&self, user: &User) -> bool {
        user.is_active && user.generation == self.generation
    }
}

fn seconds(minutes: u32) -> i64 {
    i64::from(minutes) * 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(OffsetDateTime::from_unix_timestamp(1_700_000_000 + seconds).unwrap())
    }

    fn session(ttl_minutes: u32) -> Session {
        Session::new(SessionGeneration::default(), ClientInfo::default(), at(0), ttl_minutes)
    }

    #[test]
    fn lives_until_its_last_second() {
        let session = session(1);
        assert!(session.is_unexpired(at(59), 1));
        assert!(!session.is_unexpired(at(60), 1));
    }

    #[test]
    fn a_shorter_limit_ends_older_sessions_and_a_longer_one_does_not_extend_them() {
        let session = session(10);
        assert!(!session.is_unexpired(at(60), 1));
        assert!(!session.is_unexpired(at(600), 100));
        assert_eq!(session.expires_at_with(1), session.created_at + 60);
        assert_eq!(session.expires_at_with(100), session.created_at + 600);
    }

    #[test]
    fn a_user_agent_is_a_line_of_256_bytes() {
        let user_agent = |text: &str| ClientInfo::new(text, "").user_agent;
        assert_eq!(
            user_agent(" curl/8.5.0\r\nX: y\u{7f}\u{9b} "),
            Some("curl/8.5.0X: y".to_owned())
        );
        assert_eq!(user_agent(&"x".repeat(10_000)), Some("x".repeat(256)));
        assert_eq!(user_agent(&"€".repeat(100)), Some("€".repeat(85)));
        assert_eq!(user_agent(" \t\n"), None);
        assert_eq!(ClientInfo::new("", "").ip_address, None);
    }
}
