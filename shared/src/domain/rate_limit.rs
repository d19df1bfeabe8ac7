//! Rate limits: the attempts allowed within an hour, and the waits between further ones.

use std::fmt;

use super::{SessionGeneration, Timestamp};

/// The window in which attempts count, in seconds from the first one.
const WINDOW: i64 = 3_600;
/// The first wait, in seconds, as in Metabase.
const FIRST_WAIT: i64 = 15;
/// The longest wait of a client that may know the secret, in seconds.
const SHORT_WAIT: i64 = 60;

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
    /// A change of the caller's own email address. Each change counts.
    ChangeEmail,
    /// The setup of the instance. Requests with a wrong token count.
    Setup,
}

/// The kind of subject whose attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitKey {
    /// The email address, registered or not.
    Email,
    /// The email address, for the clients of one network.
    EmailInNetwork,
    /// A device that has signed in to the account before.
    Device,
    /// The network of the client IP.
    Network,
    /// The user ID.
    User,
}

/// A rate limit: the attempts allowed within an hour, and the waits after them.
///
/// Beyond the limit, a failed attempt returns an error with a wait. The wait begins after some more
/// attempts only, so that a client with the right password does not wait for each guess of another
/// client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The action.
    pub action: RateLimitedAction,
    /// The kind of subject.
    pub key: RateLimitKey,
    /// The number of attempts allowed without an error.
    pub max_attempts: u32,
    /// The number of attempts between the limit and the first wait.
    before_first_wait: u32,
    /// The number of attempts between two waits.
    between_waits: u32,
    /// The longest wait in seconds.
    longest_wait: i64,
}

impl RateLimit {
    /// Failed logins for an email address, from unknown devices of all networks.
    pub const LOGIN_PER_EMAIL: Self =
        Self::new(RateLimitedAction::Login, RateLimitKey::Email, 10).with_waits(0, 9);
    /// Failed logins for an email address, from unknown devices of one network.
    pub const LOGIN_PER_EMAIL_IN_NETWORK: Self =
        Self::new(RateLimitedAction::Login, RateLimitKey::EmailInNetwork, 10).with_waits(0, 3);
    /// Failed logins of a known device.
    pub const LOGIN_PER_DEVICE: Self =
        Self::new(RateLimitedAction::Login, RateLimitKey::Device, 10).with_waits(0, 3);
    /// Failed logins from unknown devices of a network.
    pub const LOGIN_PER_NETWORK: Self =
        Self::new(RateLimitedAction::Login, RateLimitKey::Network, 50).with_waits(20, 20);
    /// Requests for password reset emails to an email address.
    pub const RESET_EMAIL_PER_EMAIL: Self =
        Self::new(RateLimitedAction::ForgotPassword, RateLimitKey::Email, 3);
    /// Requests for password reset emails from a network.
    pub const RESET_EMAIL_PER_NETWORK: Self =
        Self::new(RateLimitedAction::ForgotPassword, RateLimitKey::Network, 50).with_waits(0, 20);
    /// Invalid reset tokens from a network.
    pub const PASSWORD_RESET_PER_NETWORK: Self =
        Self::new(RateLimitedAction::ResetPassword, RateLimitKey::Network, 10);
    /// Wrong current passwords from the sessions of a user.
    pub const PASSWORD_CHANGE_PER_USER: Self =
        Self::new(RateLimitedAction::ChangePassword, RateLimitKey::User, 10).with_waits(0, 3);
    /// Changes of their own email address by a user.
    pub const EMAIL_CHANGE_PER_USER: Self =
        Self::new(RateLimitedAction::ChangeEmail, RateLimitKey::User, 10);
    /// Wrong setup tokens from a network.
    pub const SETUP_PER_NETWORK: Self =
        Self::new(RateLimitedAction::Setup, RateLimitKey::Network, 10).with_waits(10, 10);

    /// A limit with a growing wait after each attempt over it.
    const fn new(action: RateLimitedAction, key: RateLimitKey, max_attempts: u32) -> Self {
        let (before_first_wait, between_waits, longest_wait) = (0, 1, WINDOW);
        Self { action, key, max_attempts, before_first_wait, between_waits, longest_wait }
    }

    /// Shortens the waits, and allows attempts before and between them.
    const fn with_waits(self, before_first_wait: u32, between_waits: u32) -> Self {
        Self { before_first_wait, between_waits, longest_wait: SHORT_WAIT, ..self }
    }

    /// The same limit for a network that is `factor` times as large.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self { max_attempts: self.max_attempts.saturating_mul(factor), ..self }
    }

    /// The session generation that the attempts belong to: that of the user, if the attempts are
    /// guesses of the password. A new password must not permit more emails to new addresses.
    #[must_use]
    pub fn generation(self, of_user: SessionGeneration) -> SessionGeneration {
        let is_guess =
            self.key != RateLimitKey::Network && self.action != RateLimitedAction::ChangeEmail;
        if is_guess { of_user } else { SessionGeneration::default() }
    }

    /// The number of waits after so many attempts, and whether an attempt may not follow.
    fn waits(self, count: u32) -> (u32, bool) {
        let first = self.max_attempts.saturating_add(self.before_first_wait);
        match count.checked_sub(first) {
            None => (0, false),
            Some(excess) => {
                (excess / self.between_waits + 1, excess.is_multiple_of(self.between_waits))
            }
        }
    }

    /// The number of attempts at which the next wait begins.
    fn next_wait_at(self, count: u32) -> u32 {
        let first = self.max_attempts.saturating_add(self.before_first_wait);
        let (waits, _) = self.waits(count);
        first.saturating_add(self.between_waits.saturating_mul(waits))
    }

    /// The wait that a failed attempt returns if it was beyond the limit.
    fn wait_of_failure(self, count: u32) -> Option<RetryAfter> {
        let (number, _) = self.waits(count.saturating_sub(1));
        let seconds = self.wait(number.max(1));
        (count > self.max_attempts).then_some(RetryAfter { action: self.action, seconds })
    }

    /// The length of a wait in seconds: the first wait times `number` to the power of 1.5.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a float cast saturates, and the first wait is small"
    )]
    fn wait(self, number: u32) -> i64 {
        let seconds = (FIRST_WAIT as f64 * f64::from(number).powf(1.5)).ceil() as i64;
        seconds.min(self.longest_wait)
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
    /// The session generation of the user at the attempts.
    pub generation: SessionGeneration,
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
}

/// One rate limit for one subject, with the attempts counted when it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct RateLimitState {
    /// The limit.
    pub limit: RateLimit,
    /// The email address, the network, the device or the user ID.
    pub subject: String,
    /// The attempts so far.
    pub attempts: Attempts,
    /// The session generation of the user. Attempts of another generation no longer count.
    pub generation: SessionGeneration,
}

impl RateLimitState {
    /// Whether the attempts no longer count: their hour is over, or the user has got another
    /// password since.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.attempts.is_expired(now) || self.attempts.generation != self.generation
    }

    /// The number of attempts at which the next wait begins.
    #[must_use]
    pub fn next_wait_at(&self, now: Timestamp) -> u32 {
        self.limit.next_wait_at(self.count(now))
    }

    fn count(&self, now: Timestamp) -> u32 {
        if self.is_over(now) { 0 } else { self.attempts.count }
    }

    /// The wait before the next attempt; `None` if it is allowed now.
    ///
    /// The wait never exceeds the end of the hour, so no user is locked out permanently.
    fn retry_after(&self, now: Timestamp) -> Option<RetryAfter> {
        let (number, true) = self.limit.waits(self.count(now)) else { return None };
        let Attempts { last_at, expires_at, .. } = self.attempts;
        let until = last_at.saturating_add(self.limit.wait(number)).min(expires_at);
        let seconds = until.saturating_sub(now.epoch_seconds()).min(WINDOW);
        (seconds > 0).then_some(RetryAfter { action: self.limit.action, seconds })
    }
}

/// A failed attempt, after it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct CountedFailure {
    /// Whether the attempt is the last one within a limit.
    pub reaches_limit: bool,
    /// The longest wait of the limits that the attempt is beyond, as an error.
    pub within_limits: Result<(), RetryAfter>,
}

/// All rate limits that apply to one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// The limit that a success is checked against again.
    pub first: RateLimitState,
    /// The further limits.
    pub others: Vec<RateLimitState>,
}

impl RateLimits {
    /// Checks if the attempt is allowed.
    ///
    /// # Errors
    ///
    /// Returns the longest wait if a limit requires one.
    pub fn check(&self, now: Timestamp) -> Result<(), RetryAfter> {
        longest(self.iter().filter_map(|one| one.retry_after(now)))
    }

    /// Compares a failed attempt with all limits. `counts` are the attempts of each limit,
    /// including this one.
    pub(crate) fn compare(&self, counts: &[u32]) -> CountedFailure {
        let limits = || self.iter().map(|state| state.limit).zip(counts.iter().copied());
        CountedFailure {
            reaches_limit: limits().any(|(limit, count)| count == limit.max_attempts),
            within_limits: longest(limits().filter_map(|(limit, n)| limit.wait_of_failure(n))),
        }
    }

    /// The limits.
    pub fn iter(&self) -> impl Iterator<Item = &RateLimitState> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

fn longest(waits: impl Iterator<Item = RetryAfter>) -> Result<(), RetryAfter> {
    waits.max_by_key(|wait| wait.seconds).map_or(Ok(()), Err)
}

/// Omits the subject: users type passwords into the field for the user name.
impl fmt::Debug for RateLimitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimitState({:?}, {:?})", self.limit, self.attempts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(OffsetDateTime::from_unix_timestamp(seconds).unwrap())
    }

    fn state(count: u32, limit: RateLimit) -> RateLimitState {
        let attempts = Attempts { count, last_at: 100, expires_at: 3_700, ..Attempts::default() };
        let generation = SessionGeneration::default();
        RateLimitState { limit, subject: String::new(), attempts, generation }
    }

    fn wait(count: u32, limit: RateLimit, now: i64) -> Option<i64> {
        state(count, limit).retry_after(at(now)).map(|wait| wait.seconds)
    }

    fn failure(count: u32, limit: RateLimit) -> Option<i64> {
        limit.wait_of_failure(count).map(|wait| wait.seconds)
    }

    #[test]
    fn waits_15_seconds_after_the_tenth_then_a_minute_at_most() {
        let login = |count, now| wait(count, RateLimit::LOGIN_PER_EMAIL_IN_NETWORK, now);
        assert_eq!(login(9, 100), None);
        assert_eq!(login(10, 100), Some(15));
        assert_eq!(login(10, 114), Some(1));
        assert_eq!(login(10, 115), None);
        assert_eq!([login(11, 100), login(12, 100)], [None; 2]);
        assert_eq!(login(13, 100), Some(43));
        assert_eq!([login(16, 100), login(3_000_001, 100)], [Some(60); 2]);
        assert_eq!(wait(19, RateLimit::LOGIN_PER_EMAIL, 100), Some(43));
    }

    #[test]
    fn a_network_waits_after_the_seventieth_failure_but_each_from_the_51st_has_a_wait() {
        let limit = RateLimit::LOGIN_PER_NETWORK;
        assert_eq!([wait(50, limit, 100), wait(69, limit, 100)], [None; 2]);
        assert_eq!(wait(70, limit, 100), Some(15));
        assert_eq!(failure(50, limit), None);
        assert_eq!([failure(51, limit), failure(90, limit)], [Some(15); 2]);
        assert_eq!(failure(91, limit), Some(43));
        assert_eq!(wait(100, limit.times(4), 100), None);
        assert_eq!(wait(220, limit.times(4), 100), Some(15));
    }

    #[test]
    fn reset_emails_wait_after_each_request_over_the_limit() {
        let email = |count| wait(count, RateLimit::RESET_EMAIL_PER_EMAIL, 100);
        assert_eq!([email(2), email(3), email(4)], [None, Some(15), Some(43)]);
    }

    #[test]
    fn the_next_wait_begins_after_the_attempts_between_two_waits() {
        let next = |count| state(count, RateLimit::LOGIN_PER_DEVICE).next_wait_at(at(100));
        assert_eq!([next(0), next(9), next(10), next(12), next(13)], [10, 10, 13, 13, 16]);
    }

    #[test]
    fn never_waits_past_the_hour() {
        assert_eq!(wait(u32::MAX, RateLimit::RESET_EMAIL_PER_EMAIL, 3_600), Some(100));
        assert_eq!(wait(u32::MAX, RateLimit::RESET_EMAIL_PER_EMAIL, 3_700), None);
        assert!(state(1, RateLimit::LOGIN_PER_EMAIL).is_over(at(3_700)));
    }

    #[test]
    fn attempts_against_an_earlier_password_no_longer_count() {
        let before = state(10, RateLimit::LOGIN_PER_EMAIL);
        let after = RateLimitState { generation: before.generation.next(), ..before.clone() };
        assert!(before.retry_after(at(100)).is_some());
        assert_eq!(after.retry_after(at(100)), None);
        assert_eq!(after.next_wait_at(at(100)), 10);
    }

    #[test]
    fn a_clock_that_was_set_back_costs_an_hour_at_most() {
        assert_eq!(wait(10, RateLimit::LOGIN_PER_EMAIL, -90_000), Some(3_600));
    }
}
