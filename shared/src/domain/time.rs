//! Timestamps in UTC, with microseconds.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use time::{
    Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
    format_description::well_known::Rfc3339,
};

/// A timestamp. On the wire and in the table it is RFC 3339 text in UTC, with six digits of a
/// second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A range of time. Either end may be open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first timestamp in the range.
    pub from: Option<Timestamp>,
    /// The first timestamp after the range.
    pub until: Option<Timestamp>,
}

impl Timestamp {
    /// Truncates a time to microseconds.
    #[must_use]
    pub fn new(time: OffsetDateTime) -> Self {
        let excess = i64::from(time.nanosecond() % 1_000);
        Self(time - Duration::nanoseconds(excess))
    }

    /// Parses an RFC 3339 timestamp, or a date, which means the start of the day in UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
        let time = parse(text).or_else(|| parse(&format!("{text}T00:00:00Z")))?;
        time.checked_to_offset(UtcOffset::UTC).map(Self::new)
    }

    /// The start of a second, counted from 1970. RFC 3339 ends with the year 9999. Later seconds
    /// yield the end of that year.
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

    /// The timestamp a number of microseconds after 1970; `None` if it is out of range.
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

    /// The day in UTC.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0.to_offset(UtcOffset::UTC).date())
    }

    /// The timestamp one microsecond earlier.
    #[must_use]
    pub const fn just_before(self) -> Self {
        Self(self.0.saturating_sub(Duration::MICROSECOND))
    }

    /// The timestamp a number of days earlier.
    #[must_use]
    pub fn days_ago(self, days: u32) -> Self {
        Self(self.0.saturating_sub(Duration::days(days.into())))
    }

    /// The time of day with all microseconds. The text sorts in order of time.
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
    /// Whether both ends are open.
    #[must_use]
    pub const fn is_unbounded(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Whether the range contains a time. An absent time precedes all others, so only ranges
    /// without a start contain it.
    #[must_use]
    pub fn contains(&self, time: Option<Timestamp>) -> bool {
        self.from.is_none_or(|from| time >= Some(from))
            && self.until.is_none_or(|until| time < Some(until))
    }
}

/// A day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The start of the day.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(OffsetDateTime::new_utc(self.0, Time::MIDNIGHT))
    }

    /// The next day.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.next_day().unwrap_or(Date::MAX))
    }

    /// The previous day.
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
        write!(f, "{}T{}Z", self.day(), self.time_of_day())
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
        assert_eq!(
            at("2026-01-31T02:00:00.5+02:00").map(|time| time.to_string()).as_deref(),
            Some("2026-01-31T00:00:00.500000Z")
        );
        assert!(at("2024-02-29").is_some());
    }

    #[test]
    fn reads_epoch_seconds() {
        assert_eq!(
            Timestamp::from_epoch_seconds(1_769_817_600).to_string(),
            "2026-01-31T00:00:00.000000Z"
        );
        assert_eq!(
            Timestamp::from_epoch_seconds(i64::MAX).to_string(),
            "9999-12-31T23:59:59.999999Z"
        );
    }

    #[test]
    fn rejects_everything_else() {
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
    fn a_range_contains_its_start_and_not_its_end() {
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
    fn an_absent_time_precedes_all_others() {
        let [from, until] = [at("2026-01-01"), at("2026-02-01")];
        assert!(TimeRange { from: None, until }.contains(None));
        assert!(!TimeRange { from, until: None }.contains(None));
        assert!(!TimeRange { from, until }.contains(None));
        assert!(TimeRange::default().contains(None));
    }

    #[test]
    fn a_day_begins_at_midnight_and_its_times_sort() {
        let timestamp = Timestamp::parse("2026-03-01T01:02:03.5Z").unwrap();
        assert_eq!(timestamp.time_of_day(), "01:02:03.500000");
        assert_eq!(timestamp.day().to_string(), "2026-03-01");
        assert_eq!(at("2026-03-01T01:00:00+02:00").unwrap().day(), timestamp.day().previous());
        assert_eq!(timestamp.day().previous().start().to_string(), "2026-02-28T00:00:00.000000Z");
        assert_eq!(timestamp.days_ago(1).to_string(), "2026-02-28T01:02:03.500000Z");
    }

    #[test]
    fn reads_epoch_microseconds() {
        let timestamp = Timestamp::parse("2026-03-01T01:02:03.000004Z").unwrap();
        let microseconds = timestamp.epoch_microseconds();
        assert_eq!(Timestamp::from_epoch_microseconds(microseconds), Some(timestamp));
        assert_eq!(Timestamp::from_epoch_microseconds(i64::MAX), None);
    }
}
