//! Sessions: how long they live and what ends them.

use super::Timestamp;

/// How often an account's sessions were all ended: a session lives while its number is the account's.
///
/// A number and not a time, so that two machines whose clocks differ cannot revive a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Generation(pub(crate) u32);

impl Generation {
    /// The number after every session so far has been ended.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// What is stored of one session, in whole seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// When it began.
    pub created_at: i64,
    /// The first second in which it no longer counts; the table's time to live removes it later.
    pub expires_at: i64,
}

impl Session {
    /// A session that begins now.
    #[must_use]
    pub fn begin(now: Timestamp, ttl_minutes: u32) -> Self {
        let created_at = now.epoch_seconds();
        Self { created_at, expires_at: created_at.saturating_add(seconds(ttl_minutes)) }
    }

    /// The last second whose sessions are too old by now.
    #[must_use]
    pub fn too_old(now: Timestamp, ttl_minutes: u32) -> i64 {
        now.epoch_seconds().saturating_sub(seconds(ttl_minutes))
    }

    /// Whether it counts: by the age it was given, and by the age that is allowed today.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, ttl_minutes: u32) -> bool {
        self.expires_at > now.epoch_seconds() && self.created_at > Self::too_old(now, ttl_minutes)
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

    #[test]
    fn lives_until_its_last_second() {
        let session = Session::begin(at(0), 1);
        assert!(session.is_live(at(59), 1));
        assert!(!session.is_live(at(60), 1));
    }

    #[test]
    fn a_shorter_limit_ends_older_sessions_and_a_longer_one_does_not_extend_them() {
        let session = Session::begin(at(0), 10);
        assert!(!session.is_live(at(60), 1));
        assert!(!session.is_live(at(600), 100));
    }
}
