//! Attempts that are allowed only so often, and the waits that more of them cost, on Metabase's schedule.

use super::Timestamp;

/// How long attempts are remembered, in seconds from the first of them.
const WINDOW: i64 = 3_600;
/// The wait after the first attempt too many, in seconds.
const FIRST_WAIT: i64 = 15;

/// What is attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A login; those that fail count.
    Login,
    /// A letter with a reset token; each that is asked for counts.
    Forgot,
    /// A new password for a reset token; those with a token that is worth nothing count.
    Reset,
    /// A new password of one's own; those with a wrong current one count.
    Password,
    /// Setting the instance up; those with a wrong token count.
    Setup,
}

/// By what attempts are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The address of the account, whether anybody has it or not.
    Address,
    /// Where the request came from.
    Source,
    /// The number of the account.
    Account,
}

/// How many attempts within an hour are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is attempted.
    pub purpose: Purpose,
    /// By what it is counted.
    pub scope: Scope,
    /// How often it is free.
    pub free: u32,
}

impl Limit {
    /// Failed logins for one address.
    pub const LOGINS_OF_ADDRESS: Self = Self::new(Purpose::Login, Scope::Address, 10);
    /// Failed logins from one source.
    pub const LOGINS_FROM_SOURCE: Self = Self::new(Purpose::Login, Scope::Source, 50);
    /// Letters to one address.
    pub const LETTERS_TO_ADDRESS: Self = Self::new(Purpose::Forgot, Scope::Address, 3);
    /// Letters that one source asks for.
    pub const LETTERS_FROM_SOURCE: Self = Self::new(Purpose::Forgot, Scope::Source, 50);
    /// Reset tokens that one source guesses.
    pub const RESETS_FROM_SOURCE: Self = Self::new(Purpose::Reset, Scope::Source, 10);

    /// Guesses of one account's current password by whoever has a session of it.
    pub const PASSWORDS_OF_ACCOUNT: Self = Self::new(Purpose::Password, Scope::Account, 10);
    /// Setup tokens that one source guesses.
    pub const SETUPS_FROM_SOURCE: Self = Self::new(Purpose::Setup, Scope::Source, 10);

    const fn new(purpose: Purpose, scope: Scope, free: u32) -> Self {
        Self { purpose, scope, free }
    }
}

/// An attempt that comes too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// What was attempted.
    pub purpose: Purpose,
    /// The seconds until it is allowed.
    pub seconds: i64,
}

impl Wait {
    /// The wait of those whom others overtook: the first one too many, whatever is due.
    #[must_use]
    pub const fn first(purpose: Purpose) -> Self {
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
    pub fn is_over(&self, now: Timestamp) -> bool {
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
    pub fn wait(&self, limit: Limit, now: Timestamp) -> Option<Wait> {
        let excess = self.count.checked_sub(limit.free)?.saturating_add(1);
        let until = self.last_at.saturating_add(delay(excess)).min(self.expires_at);
        let seconds = until.saturating_sub(now.epoch_seconds()).min(WINDOW);
        (seconds > 0).then_some(Wait { purpose: limit.purpose, seconds })
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

    fn wait(count: u32, limit: Limit, now: i64) -> Option<i64> {
        let attempts = Attempts { count, last_at: 100, expires_at: 3_700 };
        attempts.wait(limit, at(now)).map(|wait| wait.seconds)
    }

    #[test]
    fn waits_15_seconds_after_the_tenth_then_longer() {
        let address = |count, now| wait(count, Limit::LOGINS_OF_ADDRESS, now);
        assert_eq!(address(9, 100), None);
        assert_eq!(address(10, 100), Some(15));
        assert_eq!(address(10, 114), Some(1));
        assert_eq!(address(10, 115), None);
        assert_eq!(address(11, 100), Some(43));
        assert_eq!(wait(49, Limit::LOGINS_FROM_SOURCE, 100), None);
        assert_eq!(wait(50, Limit::LOGINS_FROM_SOURCE, 100), Some(15));
    }

    #[test]
    fn never_waits_past_the_hour() {
        assert_eq!(wait(u32::MAX, Limit::LOGINS_OF_ADDRESS, 3_600), Some(100));
        assert_eq!(wait(u32::MAX, Limit::LOGINS_OF_ADDRESS, 3_700), None);
        assert!(Attempts { count: 1, last_at: 100, expires_at: 3_700 }.is_over(at(3_700)));
    }

    #[test]
    fn a_clock_that_was_set_back_costs_an_hour_at_most() {
        assert_eq!(wait(10, Limit::LOGINS_OF_ADDRESS, -90_000), Some(3_600));
    }
}
