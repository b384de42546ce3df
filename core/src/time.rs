//! The only place that turns wall time into instants.
//!
//! A wall time may occur twice or not at all when clocks change, and the first instant of a day is
//! not always midnight. Every other module asks here, so that there is one answer: a doubled time
//! is the earlier one unless an offset says otherwise, and a missing one is read with the offset
//! in force before the gap (RFC 5545 section 3.3.5).

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Duration, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime,
    NaiveTime, Offset, SecondsFormat, TimeZone, Timelike, Utc,
};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Problem, excerpt};

/// A time zone of the IANA database.
pub type Zone = chrono_tz::Tz;

/// Last day of the calendar: beyond it the zone rules of `chrono-tz` are not right.
pub const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2099, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A source of the current time, read once per command, at the edge.
pub trait Clock {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// An instant, in milliseconds since 1970-01-01T00:00:00Z; written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch; what chrono cannot hold is cut to its bounds.
    pub fn from_millis(millis: i64) -> Self {
        let bounds = DateTime::<Utc>::MIN_UTC.timestamp_millis()
            ..=DateTime::<Utc>::MAX_UTC.timestamp_millis();
        Self(millis.clamp(*bounds.start(), *bounds.end()))
    }

    /// From chrono's instant; finer parts than a millisecond are dropped.
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// As chrono's instant.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// The calendar day at this instant in a zone.
    pub fn day(self, zone: Zone) -> NaiveDate {
        self.wall(zone).date()
    }

    /// What a clock on the wall shows at this instant in a zone.
    pub fn wall(self, zone: Zone) -> NaiveDateTime {
        self.utc().with_timezone(&zone).naive_local()
    }

    /// This instant, later by a number of milliseconds.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two or three of these are written with every task, so not through a format string.
        let at = self.utc().naive_utc();
        let Ok(year @ 0..=9999) = u32::try_from(at.year()) else {
            return f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true));
        };
        let mut text = *b"0000-00-00T00:00:00.000Z";
        put(&mut text[..4], year);
        put(&mut text[5..7], at.month());
        put(&mut text[8..10], at.day());
        put(&mut text[11..13], at.hour());
        put(&mut text[14..16], at.minute());
        put(&mut text[17..19], at.second());
        put(&mut text[20..23], at.and_utc().timestamp_subsec_millis());
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// A number in decimal, filling the field from the right.
pub(crate) fn put(field: &mut [u8], mut number: u32) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

impl FromStr for Timestamp {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        canonical(text)
            .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()))
            // An offset can lead to a year that RFC 3339 has no form for.
            .filter(|at| (0..=9999).contains(&at.year()))
            .map(Self::from_utc)
            .ok_or_else(|| Problem::NotATimestamp(excerpt(text)))
    }
}

/// `2026-11-21T17:00:00.000Z`, the form written here: read several times faster than RFC 3339 in
/// general, which counts when a file of a hundred thousand tasks is read to list ten.
fn canonical(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    if bytes.len() != 24 || bytes[10] != b'T' || bytes[19] != b'.' || bytes[23] != b'Z' {
        return None;
    }
    let date = parse_date(&text[..10])?;
    let time = parse_time(&text[11..19])?;
    let millis = digits(&bytes[20..23])?;
    Some(date.and_time(time).and_utc() + Duration::milliseconds(i64::from(millis)))
}

/// `YYYY-MM-DD`, exactly.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(&bytes[..4])?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(&bytes[5..7])?, digits(&bytes[8..])?)
}

/// `HH:MM` or `HH:MM:SS`, exactly.
pub(crate) fn parse_time(text: &str) -> Option<NaiveTime> {
    let bytes = text.as_bytes();
    let colons = bytes.len() >= 5 && bytes[2] == b':' && bytes.get(5).is_none_or(|b| *b == b':');
    if !colons || !matches!(bytes.len(), 5 | 8) {
        return None;
    }
    let second = if bytes.len() == 8 { digits(&bytes[6..])? } else { 0 };
    NaiveTime::from_hms_opt(digits(&bytes[..2])?, digits(&bytes[3..5])?, second)
}

pub(crate) fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time in RFC 3339")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A wall time brought to earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Localised {
    /// When it is.
    pub instant: Timestamp,
    /// Seconds east of UTC in force at it.
    pub offset: FixedOffset,
    /// What the wall shows then: the same, except for a time that the clocks skipped.
    pub wall: NaiveDateTime,
}

/// The instant of a wall time in a zone. `hint` decides which of two a doubled time is.
pub fn localise(wall: NaiveDateTime, zone: Zone, hint: Option<FixedOffset>) -> Localised {
    let offset = match mapped(wall, zone) {
        MappedLocalTime::Single(offset) => offset,
        MappedLocalTime::Ambiguous(earlier, later) => {
            if hint == Some(later) {
                later
            } else {
                earlier
            }
        }
        MappedLocalTime::None => {
            let instant = at(wall, offset_before_gap(wall, zone));
            let there = instant.utc().with_timezone(&zone);
            let offset = there.offset().fix();
            return Localised { instant, offset, wall: there.naive_local() };
        }
    };
    Localised { instant: at(wall, offset), offset, wall }
}

fn at(wall: NaiveDateTime, offset: FixedOffset) -> Timestamp {
    Timestamp(wall.and_utc().timestamp_millis() - i64::from(offset.local_minus_utc()) * 1000)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that localises")]
fn mapped(wall: NaiveDateTime, zone: Zone) -> MappedLocalTime<FixedOffset> {
    zone.offset_from_local_datetime(&wall).map(|offset| offset.fix())
}

/// Walks back until the wall time exists. Gaps last an hour as a rule, a day at most (Samoa 2011).
fn offset_before_gap(wall: NaiveDateTime, zone: Zone) -> FixedOffset {
    (1..=30)
        .find_map(|hours| mapped(wall - Duration::hours(hours), zone).latest())
        .unwrap_or_else(|| Utc.fix())
}

/// The first instant of a local day: midnight, or what follows it where midnight was skipped.
pub fn day_start(day: NaiveDate, zone: Zone) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    let localised = localise(midnight, zone, None);
    if localised.wall == midnight {
        return localised.instant;
    }
    // The gap may begin before midnight (23:30 → 00:30): look for the moment the day turns.
    let (mut before, mut after) = (localised.instant.plus_millis(-86_400_000), localised.instant);
    while after.0 - before.0 > 1 {
        let middle = Timestamp(before.0 + (after.0 - before.0) / 2);
        if middle.day(zone) < day { before = middle } else { after = middle }
    }
    after
}

/// The first instant after a local day.
pub fn day_end(day: NaiveDate, zone: Zone) -> Timestamp {
    day_start(day.succ_opt().unwrap_or(day), zone)
}

/// A zone by its IANA name, compared without case.
pub fn zone(name: &str) -> Result<Zone, Problem> {
    // The table lookup is exact and fast; only a foreign spelling pays for the search.
    name.parse().or_else(|_| {
        Zone::from_str_insensitive(name).map_err(|_| Problem::UnknownZone(excerpt(name)))
    })
}
