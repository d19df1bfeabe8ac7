//! The time of the machine.

use std::time::SystemTime;

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::Failure;

/// The time some days ago, as an RFC 3339 timestamp.
#[expect(clippy::disallowed_methods, reason = "the only reader of the system clock")]
pub(crate) fn days_ago(days: u32) -> Result<String, Failure> {
    let now = OffsetDateTime::from(SystemTime::now());
    let past = now.checked_sub(Duration::days(days.into()));
    let past = past.ok_or_else(|| Failure::usage("--days is too large"))?;
    past.format(&Rfc3339).map_err(Failure::usage)
}

/// A time for people: UTC, to the second.
pub(crate) fn text(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0).ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// A time for people, or nothing.
pub(crate) fn optional(time: Option<OffsetDateTime>) -> String {
    time.map(text).unwrap_or_default()
}
