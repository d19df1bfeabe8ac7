//! Points in time, to the microsecond, in UTC.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{
    Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
    format_description::well_known::Rfc3339,
};

/// A moment, on the wire and in the table as RFC 3339 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

/// The time from one moment on, and before another; either end may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first moment in it.
    pub from: Option<Timestamp>,
    /// The first moment after it.
    pub until: Option<Timestamp>,
}

impl Timestamp {
    /// Cuts a moment to the microsecond.
    #[must_use]
    pub fn new(moment: OffsetDateTime) -> Self {
        let excess = i64::from(moment.nanosecond() % 1_000);
        Self(moment - Duration::nanoseconds(excess))
    }

    /// Takes a timestamp of RFC 3339, or a date, which stands for its first moment in UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
        parse(text).or_else(|| parse(&format!("{text}T00:00:00Z"))).map(Self::new)
    }

    /// The beginning of a second, counted from 1970. What is beyond the year 9999, which RFC 3339
    /// cannot write, is its end.
    #[must_use]
    pub fn from_epoch_seconds(second: i64) -> Self {
        let end = PrimitiveDateTime::MAX.assume_utc();
        Self::new(OffsetDateTime::from_unix_timestamp(second).unwrap_or(end))
    }

    /// Whole seconds since 1970: the unit of DynamoDB's time to live.
    #[must_use]
    pub const fn epoch_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The moment so many microseconds after 1970 began.
    #[must_use]
    pub fn from_epoch_microseconds(microseconds: i64) -> Option<Self> {
        let nanoseconds = i128::from(microseconds) * 1_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok().map(Self)
    }

    /// Whole microseconds since 1970.
    #[must_use]
    pub fn epoch_microseconds(self) -> i64 {
        self.epoch_seconds() * 1_000_000 + i64::from(self.0.microsecond())
    }

    /// The day.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.to_offset(UtcOffset::UTC).date())
    }

    /// The last moment before.
    #[must_use]
    pub const fn just_before(self) -> Self {
        Self(self.0.saturating_sub(Duration::MICROSECOND))
    }

    /// So many days earlier.
    #[must_use]
    pub fn days_ago(self, days: u32) -> Self {
        Self(self.0.saturating_sub(Duration::days(days.into())))
    }

    /// The time of the day with all of its microseconds, which sorts as text.
    #[must_use]
    pub fn time_of_day(self) -> String {
        let (hour, minute, second, microsecond) = self.0.to_offset(UtcOffset::UTC).to_hms_micro();
        format!("{hour:02}:{minute:02}:{second:02}.{microsecond:06}")
    }

    /// Whole milliseconds since 1970.
    #[must_use]
    pub fn epoch_milliseconds(self) -> i64 {
        self.epoch_seconds() * 1_000 + i64::from(self.0.millisecond())
    }
}

impl TimeRange {
    /// Whether it is all time.
    #[must_use]
    pub const fn is_unbounded(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Whether something was in it. What never was is before every moment, so it is in a period
    /// without a beginning and in no other.
    #[must_use]
    pub fn contains(&self, moment: Option<Timestamp>) -> bool {
        self.from.is_none_or(|from| moment >= Some(from))
            && self.until.is_none_or(|until| moment < Some(until))
    }
}

/// A day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// Its first moment.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(OffsetDateTime::new_utc(self.0, Time::MIDNIGHT))
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.next_day().unwrap_or(Date::MAX))
    }

    /// The day before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.previous_day().unwrap_or(Date::MIN))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Timestamp::parse(text)
    }

    #[test]
    fn reads_timestamps_and_dates() {
        let midnight = at("2026-01-31T00:00:00Z");
        assert!(midnight.is_some());
        assert_eq!(at("2026-01-31"), midnight);
        assert_eq!(at("2026-01-31T02:00:00+02:00"), midnight);
        assert_eq!(
            at("2026-01-30T23:59:59.9999999Z").map(|time| time.to_string()).as_deref(),
            Some("2026-01-30T23:59:59.999999Z")
        );
        assert!(at("2024-02-29").is_some());
    }

    #[test]
    fn a_second_is_a_moment() {
        assert_eq!(
            Timestamp::from_epoch_seconds(1_769_817_600).to_string(),
            "2026-01-31T00:00:00Z"
        );
        assert_eq!(
            Timestamp::from_epoch_seconds(i64::MAX).to_string(),
            "9999-12-31T23:59:59.999999Z"
        );
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-02-30",
            "20260131",
            "2026-W05",
            "2026-031",
            " 2026-01-31",
            "2026-01-31T12:00:00",
            "2026-01-31 12:00",
            "2026-01-31T25:00:00Z",
            "1769817600",
            "2026-01-31T00:00:00ZT00:00:00Z",
            "+2026-01-31",
            "-0001-01-01",
            "10000-01-01",
            "now",
        ] {
            assert_eq!(at(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_period_has_its_first_moment_and_not_the_one_after_it() {
        let january = TimeRange { from: at("2026-01-01"), until: at("2026-02-01") };
        assert!(
            january.contains(at("2026-01-01"))
                && january.contains(at("2026-01-31T23:59:59.999999Z"))
        );
        assert!(
            !january.contains(at("2025-12-31T23:59:59.999999Z"))
                && !january.contains(at("2026-02-01"))
        );
        assert!(!january.is_unbounded() && TimeRange::default().is_unbounded());
    }

    #[test]
    fn what_never_was_is_before_everything() {
        let [from, until] = [at("2026-01-01"), at("2026-02-01")];
        assert!(TimeRange { from: None, until }.contains(None));
        assert!(!TimeRange { from, until: None }.contains(None));
        assert!(!TimeRange { from, until }.contains(None));
        assert!(TimeRange::default().contains(None));
    }

    #[test]
    fn a_day_begins_at_midnight_and_its_times_sort() {
        let moment = Timestamp::parse("2026-03-01T01:02:03.5Z").unwrap();
        assert_eq!(moment.time_of_day(), "01:02:03.500000");
        assert_eq!(moment.day().to_string(), "2026-03-01");
        assert_eq!(at("2026-03-01T01:00:00+02:00").unwrap().day(), moment.day().previous());
        assert_eq!(moment.day().previous().start().to_string(), "2026-02-28T00:00:00Z");
        assert_eq!(moment.days_ago(1).to_string(), "2026-02-28T01:02:03.5Z");
    }

    #[test]
    fn microseconds_are_a_moment() {
        let moment = Timestamp::parse("2026-03-01T01:02:03.000004Z").unwrap();
        let microseconds = moment.epoch_microseconds();
        assert_eq!(Timestamp::from_epoch_microseconds(microseconds), Some(moment));
        assert_eq!(Timestamp::from_epoch_microseconds(i64::MAX), None);
    }
}
