//! Rate limits: the attempts allowed within an hour, and the wait before further ones, as in
//! Metabase.

use std::fmt;

use super::Timestamp;

/// The window in which attempts count, in seconds from the first one.
const WINDOW: i64 = 3_600;
/// The wait after the first attempt over the limit, in seconds.
const FIRST_WAIT: i64 = 15;

/// A rate-limited action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitedAction {
    /// A login. Failed logins count.
    Login,
    /// A request for a password reset email. Each request counts.
    ForgotPassword,
    /// A password reset. Resets with an invalid token count.
    ResetPassword,
    /// A change of the caller's own password. Changes with a wrong current password count.
    ChangePassword,
    /// The setup of the instance. Requests with a wrong token count.
    Setup,
}

/// The kind of subject whose attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitKey {
    /// The email address, registered or not.
    Email,
    /// The client IP.
    ClientIp,
    /// The user ID.
    User,
}

/// A rate limit: the attempts allowed within an hour without a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The action.
    pub action: RateLimitedAction,
    /// The kind of subject.
    pub key: RateLimitKey,
    /// The number of attempts allowed without a wait.
    pub max_attempts: u32,
}

impl RateLimit {
    /// Failed logins for an email address.
    pub const LOGIN_PER_EMAIL: Self = Self::new(RateLimitedAction::Login, RateLimitKey::Email, 10);
    /// Failed logins from a client IP.
    pub const LOGIN_PER_IP: Self = Self::new(RateLimitedAction::Login, RateLimitKey::ClientIp, 50);
    /// Requests for password reset emails to an email address.
    pub const RESET_EMAIL_PER_EMAIL: Self =
        Self::new(RateLimitedAction::ForgotPassword, RateLimitKey::Email, 3);
    /// Requests for password reset emails from a client IP.
    pub const RESET_EMAIL_PER_IP: Self =
        Self::new(RateLimitedAction::ForgotPassword, RateLimitKey::ClientIp, 50);
    /// Invalid reset tokens from a client IP.
    pub const PASSWORD_RESET_PER_IP: Self =
        Self::new(RateLimitedAction::ResetPassword, RateLimitKey::ClientIp, 10);
    /// Wrong current passwords from the sessions of a user.
    pub const PASSWORD_CHANGE_PER_USER: Self =
        Self::new(RateLimitedAction::ChangePassword, RateLimitKey::User, 10);
    /// Wrong setup tokens from a client IP.
    pub const SETUP_PER_IP: Self = Self::new(RateLimitedAction::Setup, RateLimitKey::ClientIp, 10);

    const fn new(action: RateLimitedAction, key: RateLimitKey, max_attempts: u32) -> Self {
        Self { action, key, max_attempts }
    }
}

/// The wait after which a client may try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// The action.
    pub action: RateLimitedAction,
    /// The seconds until the next attempt is allowed.
    pub seconds: i64,
}

impl RetryAfter {
    /// The minimum wait, for an attempt that lost a race against other attempts.
    #[must_use]
    pub const fn minimum(action: RateLimitedAction) -> Self {
        Self { action, seconds: FIRST_WAIT }
    }
}

/// The attempts within an hour. Times are in whole seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// The number of attempts.
    pub count: u32,
    /// The time of the last attempt.
    pub last_at: i64,
    /// The end of the hour.
    pub expires_at: i64,
}

impl Attempts {
    /// Whether the hour is over, so that the next attempt starts a new one.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now.epoch_seconds()
    }

    /// The end of an hour that starts now.
    #[must_use]
    pub fn window_end(now: Timestamp) -> i64 {
        now.epoch_seconds().saturating_add(WINDOW)
    }

    /// The wait before the next attempt; `None` if it is allowed now.
    ///
    /// The wait never exceeds the end of the hour, so no user is locked out permanently.
    #[must_use]
    pub fn retry_after(&self, limit: RateLimit, now: Timestamp) -> Option<RetryAfter> {
        let excess = self.count.checked_sub(limit.max_attempts)?.saturating_add(1);
        let until = self.last_at.saturating_add(delay(excess)).min(self.expires_at);
        let seconds = until.saturating_sub(now.epoch_seconds()).min(WINDOW);
        (seconds > 0).then_some(RetryAfter { action: limit.action, seconds })
    }
}

/// One rate limit for one subject, with the attempts counted when it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct RateLimitState {
    /// The limit.
    pub limit: RateLimit,
    /// The email address, the client IP or the user ID.
    pub subject: String,
    /// The attempts so far.
    pub attempts: Attempts,
}

/// All rate limits that apply to one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// The limit that a success is checked against again.
    pub first: RateLimitState,
    /// A further limit.
    pub second: Option<RateLimitState>,
}

impl RateLimits {
    /// Checks if the attempt is allowed.
    ///
    /// # Errors
    ///
    /// Returns the longest wait if a limit is exceeded.
    pub fn check(&self, now: Timestamp) -> Result<(), RetryAfter> {
        let waits = self.iter().filter_map(|one| one.attempts.retry_after(one.limit, now));
        waits.max_by_key(|wait| wait.seconds).map_or(Ok(()), Err)
    }

    /// Whether one more attempt reaches a limit.
    #[must_use]
    pub fn reach_limit_with_next(&self, now: Timestamp) -> bool {
        self.iter().any(|RateLimitState { limit, attempts, .. }| {
            let count = if attempts.is_expired(now) { 0 } else { attempts.count };
            count.saturating_add(1) == limit.max_attempts
        })
    }

    fn iter(&self) -> impl Iterator<Item = &RateLimitState> {
        std::iter::once(&self.first).chain(&self.second)
    }
}

/// Omits the subject: users type passwords into the field for the user name.
impl fmt::Debug for RateLimitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimitState({:?}, {:?})", self.limit, self.attempts)
    }
}

/// The wait in seconds after the `excess`-th attempt over the limit: the first wait times `excess`
/// to the power of 1.5.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a float cast saturates, and the first wait is small"
)]
fn delay(excess: u32) -> i64 {
    (FIRST_WAIT as f64 * f64::from(excess).powf(1.5)).ceil() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(OffsetDateTime::from_unix_timestamp(seconds).unwrap())
    }

    fn wait(count: u32, limit: RateLimit, now: i64) -> Option<i64> {
        let attempts = Attempts { count, last_at: 100, expires_at: 3_700 };
        attempts.retry_after(limit, at(now)).map(|wait| wait.seconds)
    }

    #[test]
    fn waits_15_seconds_after_the_tenth_then_longer() {
        let login = |count, now| wait(count, RateLimit::LOGIN_PER_EMAIL, now);
        assert_eq!(login(9, 100), None);
        assert_eq!(login(10, 100), Some(15));
        assert_eq!(login(10, 114), Some(1));
        assert_eq!(login(10, 115), None);
        assert_eq!(login(11, 100), Some(43));
        assert_eq!(wait(49, RateLimit::LOGIN_PER_IP, 100), None);
        assert_eq!(wait(50, RateLimit::LOGIN_PER_IP, 100), Some(15));
    }

    #[test]
    fn never_waits_past_the_hour() {
        assert_eq!(wait(u32::MAX, RateLimit::LOGIN_PER_EMAIL, 3_600), Some(100));
        assert_eq!(wait(u32::MAX, RateLimit::LOGIN_PER_EMAIL, 3_700), None);
        assert!(Attempts { count: 1, last_at: 100, expires_at: 3_700 }.is_expired(at(3_700)));
    }

    #[test]
    fn a_clock_that_was_set_back_costs_an_hour_at_most() {
        assert_eq!(wait(10, RateLimit::LOGIN_PER_EMAIL, -90_000), Some(3_600));
    }
}
