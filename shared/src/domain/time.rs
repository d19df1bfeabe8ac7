//! Points in time, to the microsecond, in UTC.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment, on the wire and in the table as RFC 3339 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

impl Timestamp {
    /// Cuts a moment to the microsecond.
    #[must_use]
    pub fn new(moment: OffsetDateTime) -> Self {
        let excess = i64::from(moment.nanosecond() % 1_000);
        Self(moment - Duration::nanoseconds(excess))
    }

    /// Whole seconds since 1970: the unit of DynamoDB's time to live.
    #[must_use]
    pub const fn epoch_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Whole milliseconds since 1970.
    #[must_use]
    pub fn epoch_milliseconds(self) -> i64 {
        self.epoch_seconds() * 1_000 + i64::from(self.0.millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}
