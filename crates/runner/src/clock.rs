//! The clock, read once a command and handed in from there.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use onefold_contract::{Failure, Result};

/// The moment a command began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now(DateTime<Utc>);

impl Now {
    /// The moment given, or the machine's.
    pub(crate) fn read(given: Option<&str>) -> Result<Self> {
        let Some(text) = given else { return Ok(Self(Utc::now())) };
        DateTime::parse_from_rfc3339(text)
            .map(|moment| Self(moment.to_utc()))
            .map_err(|_| Failure::usage(format!("`{text}` is no moment")).hint("write 2026-01-31T22:00:00Z"))
    }

    /// Microseconds since 1970 UTC.
    pub(crate) fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The day in UTC.
    pub(crate) fn day(self) -> NaiveDate {
        self.0.date_naive()
    }
}

/// How long something takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// The seconds since then.
    pub(crate) fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// A moment as people and programs both read it, to the second, UTC.
pub(crate) fn moment(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .map(|moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// Microseconds since 1970 UTC, by the machine's clock: when something ended.
pub(crate) fn micros_now() -> i64 {
    Utc::now().timestamp_micros()
}
