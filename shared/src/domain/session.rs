//! Sessions: lifetime, revocation and client.

use super::{Timestamp, User};

/// The longest interval in seconds between two records of a session's use.
const MAX_USE_INTERVAL: i64 = 60;

/// The maximum stored length of a user agent in bytes.
const MAX_USER_AGENT: usize = 256;

/// The number of times that all sessions of a user were revoked. A session is valid only while its
/// generation equals the user's.
///
/// A number does not depend on clocks. With times, machines with different clocks could make a
/// revoked session valid again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionGeneration(pub(crate) u32);

impl SessionGeneration {
    /// The generation after a revocation of all sessions.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The generation before this one. Its sessions and API keys are invalid.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.wrapping_sub(1))
    }
}

/// The client that created a session, so that the user can recognize the session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The client IP.
    pub ip_address: Option<String>,
}

impl ClientInfo {
    /// Limits the user agent, which clients choose freely: to 256 bytes without control characters.
    #[must_use]
    pub fn new(user_agent: &str, ip_address: &str) -> Self {
        let mut user_agent = user_agent.replace(char::is_control, "");
        user_agent.truncate(user_agent.floor_char_boundary(MAX_USER_AGENT));
        Self { user_agent: non_blank(&user_agent), ip_address: non_blank(ip_address) }
    }
}

fn non_blank(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A session as stored. Times are in whole seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The generation.
    pub generation: SessionGeneration,
    /// The client that created the session.
    pub client: ClientInfo,
    /// The time of creation.
    pub created_at: i64,
    /// The first second in which the session is expired. DynamoDB deletes the item later by its
    /// time to live.
    pub expires_at: i64,
}

impl Session {
    /// A session that starts now.
    #[must_use]
    pub fn new(
        generation: SessionGeneration,
        client: ClientInfo,
        now: Timestamp,
        ttl_minutes: u32,
    ) -> Self {
        let created_at = now.epoch_seconds();
        let expires_at = created_at.saturating_add(seconds(ttl_minutes));
        Self { generation, client, created_at, expires_at }
    }

    /// The latest creation time of sessions that are expired by now.
    #[must_use]
    pub fn oldest_valid_creation(now: Timestamp, ttl_minutes: u32) -> i64 {
        now.epoch_seconds().saturating_sub(seconds(ttl_minutes))
    }

    /// The first second in which the session is expired under the current lifetime. A session keeps
    /// its own lifetime if that is shorter.
    #[must_use]
    pub fn expires_at_with(&self, ttl_minutes: u32) -> i64 {
        self.expires_at.min(self.created_at.saturating_add(seconds(ttl_minutes)))
    }

    /// Whether the session has not expired.
    #[must_use]
    pub fn is_unexpired(&self, now: Timestamp, ttl_minutes: u32) -> bool {
        self.expires_at_with(ttl_minutes) > now.epoch_seconds()
    }

    /// Whether the session is not revoked: its user is active and still has the same generation.
    #[must_use]
    pub fn is_current_for(&self, user: &User) -> bool {
        user.is_active && user.generation == self.generation
    }
}

/// The end of unused sessions, if the operator sets one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IdleTimeout(Option<u32>);

impl IdleTimeout {
    /// Ends a session that is not used for a number of minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self(Some(minutes))
    }

    /// Whether there is such an end.
    #[must_use]
    pub const fn is_set(self) -> bool {
        self.0.is_some()
    }

    /// The first second in which a session without another recorded use is ended.
    #[must_use]
    pub fn ends_at(self, last_used_at: i64) -> i64 {
        self.0.map_or(i64::MAX, |minutes| last_used_at.saturating_add(seconds(minutes)))
    }

    /// Whether a use is recorded again: after a minute, or after a tenth of a short time-out.
    #[must_use]
    pub fn records_use(self, last_used_at: i64, now: i64) -> bool {
        let interval = |minutes| (seconds(minutes) / 10).min(MAX_USE_INTERVAL);
        self.0.is_some_and(|minutes| now >= last_used_at.saturating_add(interval(minutes)))
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
    fn an_unused_session_ends_and_a_use_is_recorded_once_a_minute() {
        let idle = IdleTimeout::minutes(30);
        assert_eq!(idle.ends_at(100), 1_900);
        assert!(!idle.records_use(100, 159) && idle.records_use(100, 160));
        let short = IdleTimeout::minutes(1);
        assert!(!short.records_use(100, 105) && short.records_use(100, 106));
        let none = IdleTimeout::default();
        assert!(none.ends_at(100) == i64::MAX && !none.records_use(100, i64::MAX));
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
