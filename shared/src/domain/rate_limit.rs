//! Attempts that are allowed only so often, and the waits that more of them cost, on Metabase's schedule.

use std::fmt;

use super::Timestamp;

/// How long attempts are remembered, in seconds from the first of them.
const WINDOW: i64 = 3_600;
/// The wait after the first attempt too many, in seconds.
const FIRST_WAIT: i64 = 15;

/// What is attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitedAction {
    /// A login; those that fail count.
    Login,
    /// A letter with a reset token; each that is asked for counts.
    ForgotPassword,
    /// A new password for a reset token; those with a token that is worth nothing count.
    ResetPassword,
    /// A new password of one's own; those with a wrong current one count.
    ChangePassword,
    /// Setting the instance up; those with a wrong token count.
    Setup,
}

/// By what attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitKey {
    /// The address of the account, whether anybody has it or not.
    Email,
    /// Where the request came from.
    ClientIp,
    /// The number of the account.
    User,
}

/// How many attempts within an hour are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// What is attempted.
    pub action: RateLimitedAction,
    /// By what it is counted.
    pub key: RateLimitKey,
    /// How often it is free.
    pub max_attempts: u32,
}

impl RateLimit {
    /// Failed logins for one address.
    pub const LOGIN_PER_EMAIL: Self = Self::new(RateLimitedAction::Login, RateLimitKey::Email, 10);
    /// Failed logins from one source.
    pub const LOGIN_PER_IP: Self = Self::new(RateLimitedAction::Login, RateLimitKey::ClientIp, 50);
    /// Letters to one address.
    pub const RESET_EMAIL_PER_EMAIL: Self =
        Self::new(RateLimitedAction::ForgotPassword, RateLimitKey::Email, 3);
    /// Letters that one source asks for.
    pub const RESET_EMAIL_PER_IP: Self =
        Self::new(RateLimitedAction::ForgotPassword, RateLimitKey::ClientIp, 50);
    /// Reset tokens that one source guesses.
    pub const PASSWORD_RESET_PER_IP: Self =
        Self::new(RateLimitedAction::ResetPassword, RateLimitKey::ClientIp, 10);

    /// Guesses of one account's current password by whoever has a session of it.
    pub const PASSWORD_CHANGE_PER_USER: Self =
        Self::new(RateLimitedAction::ChangePassword, RateLimitKey::User, 10);
    /// Setup tokens that one source guesses.
    pub const SETUP_PER_IP: Self = Self::new(RateLimitedAction::Setup, RateLimitKey::ClientIp, 10);

    const fn new(purpose: RateLimitedAction, scope: RateLimitKey, free: u32) -> Self {
        Self { action: purpose, key: scope, max_attempts: free }
    }
}

/// An attempt that comes too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// What was attempted.
    pub purpose: RateLimitedAction,
    /// The seconds until it is allowed.
    pub seconds: i64,
}

impl RetryAfter {
    /// The wait of those whom others overtook: the first one too many, whatever is due.
    #[must_use]
    pub const fn minimum(purpose: RateLimitedAction) -> Self {
        Self { purpose, seconds: FIRST_WAIT }
    }
}

/// The attempts within one hour, in whole seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many there were.
    pub count: u32,
    /// When the last one was.
    pub last_at: i64,
    /// When all of them are forgotten.
    pub expires_at: i64,
}

impl Attempts {
    /// Whether the hour is over, so that the next attempt is a first one again.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now.epoch_seconds()
    }

    /// When an hour that begins now ends.
    #[must_use]
    pub fn window_end(now: Timestamp) -> i64 {
        now.epoch_seconds().saturating_add(WINDOW)
    }

    /// The wait until another attempt is allowed, if it is not allowed now.
    ///
    /// It never outlasts the hour, so nobody is locked out for good.
    #[must_use]
    pub fn retry_after(&self, limit: RateLimit, now: Timestamp) -> Option<RetryAfter> {
        let excess = self.count.checked_sub(limit.max_attempts)?.saturating_add(1);
        let until = self.last_at.saturating_add(delay(excess)).min(self.expires_at);
        let seconds = until.saturating_sub(now.epoch_seconds()).min(WINDOW);
        (seconds > 0).then_some(RetryAfter { purpose: limit.action, seconds })
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

/// The k-th wait is the first times k to the power of 1.5.
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
        let address = |count, now| wait(count, RateLimit::LOGIN_PER_EMAIL, now);
        assert_eq!(address(9, 100), None);
        assert_eq!(address(10, 100), Some(15));
        assert_eq!(address(10, 114), Some(1));
        assert_eq!(address(10, 115), None);
        assert_eq!(address(11, 100), Some(43));
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
