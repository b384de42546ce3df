//! Dates, times and durations as iCalendar writes them (RFC 5545 sections 3.3.4–3.3.6).

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::property::Property;
use super::zones::{Clock, Zones};
use crate::due::{Due, FIRST_YEAR};
use crate::interchange::ImportError;
use crate::interchange::fit::Fit;
use crate::reminder::units;
use crate::time::{LAST_DAY, Timestamp, Zone, day_start, digits, localise};

pub(super) const FORMS: &str = "write 20261121, 20261121T170000 or 20261121T170000Z";

/// A date, or a time of one of two kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Day(NaiveDate),
    /// On a wall: in the zone that `TZID` names, or wherever one is.
    Wall(NaiveDateTime),
    Utc(NaiveDateTime),
}

impl When {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let day = |text: &str| {
            let bytes = text.as_bytes();
            let parts = (bytes.len() == 8).then(|| (&bytes[..4], &bytes[4..6], &bytes[6..]))?;
            let year = i32::try_from(digits(parts.0)?).ok()?;
            NaiveDate::from_ymd_opt(year, digits(parts.1)?, digits(parts.2)?)
        };
        let Some((date, time)) = text.split_once(['T', 't']) else {
            return day(text).map(Self::Day);
        };
        let (time, utc) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, true),
            None => (time, false),
        };
        let bytes = time.as_bytes();
        let parts = (bytes.len() == 6).then(|| (&bytes[..2], &bytes[2..4], &bytes[4..]))?;
        // A leap second is the last one of its minute here.
        let second = digits(parts.2).filter(|second| *second <= 60)?.min(59);
        let wall = day(date)?.and_hms_opt(digits(parts.0)?, digits(parts.1)?, second)?;
        Some(if utc { Self::Utc(wall) } else { Self::Wall(wall) })
    }

    fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Wall(at) | Self::Utc(at) => at.date(),
        }
    }
}

/// Where the dates of a task are meant.
pub(super) struct Clocks<'z> {
    /// What the file says of zones.
    pub(super) zones: &'z Zones,
    /// The zone on whose clock an instant is shown: the task's own if it names one.
    pub(super) shown: Zone,
    /// Where times without a zone are meant.
    pub(super) floating: Zone,
}

impl Clocks<'_> {
    /// A date of a task; none if it lies outside the calendar.
    pub(super) fn due(
        &self,
        property: &Property,
        fit: &mut Fit<'_, '_>,
    ) -> Result<Option<Due>, ImportError> {
        let when = When::parse(property.value()).ok_or_else(|| property.expected(FORMS))?;
        let years = FIRST_YEAR..=LAST_DAY.year();
        // What is far outside is not asked of a zone; on another clock, the last day may be over.
        let due = if years.contains(&when.day().year()) {
            Some(self.shown(when, property, fit)?)
        } else {
            None
        };
        let due = due.filter(|due| years.contains(&due.wall_day().year()));
        if due.is_none() {
            fit.lose(&property.name, "outside 1970-2099; the date is left out");
        }
        Ok(due)
    }

    fn shown(
        &self,
        when: When,
        property: &Property,
        fit: &mut Fit<'_, '_>,
    ) -> Result<Due, ImportError> {
        Ok(match when {
            When::Day(day) => Due::Day(day),
            When::Utc(at) => self.on_the_clock(Timestamp::from_utc(at.and_utc())),
            When::Wall(wall) => match self.clock(property)? {
                Clock::Zone(zone) => Due::at(wall, zone, None),
                Clock::Observed(observed) => {
                    fit.lose("TZID", "not a zone known here; the moment is kept");
                    self.on_the_clock(observed.instant(wall))
                }
            },
        })
    }

    /// An instant; of a day, its first one.
    pub(super) fn instant(&self, property: &Property) -> Result<Timestamp, ImportError> {
        let when = When::parse(property.value()).ok_or_else(|| property.expected(FORMS))?;
        let at = match when {
            When::Day(day) => day_start(day, self.floating),
            When::Utc(at) => Timestamp::from_utc(at.and_utc()),
            When::Wall(wall) => match self.clock(property)? {
                Clock::Zone(zone) => localise(wall, zone, None).instant,
                Clock::Observed(observed) => observed.instant(wall),
            },
        };
        // On the way to UTC it may leave the years that have four digits.
        if !(0..=9999).contains(&at.utc().year()) {
            return Err(property.expected(FORMS));
        }
        let millis = property.param("X-TODO-MS").and_then(|text| text.parse().ok());
        Ok(at.plus_millis(millis.filter(|millis| (0..1000).contains(millis)).unwrap_or(0)))
    }

    /// A moment on the clock of the task's zone.
    pub(super) fn on_the_clock(&self, at: Timestamp) -> Due {
        Due::at(at.wall(Zone::UTC), Zone::UTC, None).in_zone(self.shown)
    }

    fn clock(&self, property: &Property) -> Result<Clock<'_>, ImportError> {
        let Some(name) = property.param("TZID") else { return Ok(Clock::Zone(self.floating)) };
        self.zones.clock(name).ok_or_else(|| {
            let what = "is not a time zone known here, and the file has no VTIMEZONE of that name \
                        that could be read";
            property.refuse(format!("{:?} {what}", crate::error::excerpt(name)))
        })
    }
}

/// A duration: days count on the calendar, the rest exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Whether it leads back.
    pub(super) back: bool,
    pub(super) days: u32,
    pub(super) seconds: u32,
}

pub(super) const SECONDS_A_DAY: i64 = 86_400;

impl Span {
    /// `P15DT5H0M20S`, `-PT15M`, `P7W`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (back, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let rest = rest.strip_prefix(['P', 'p'])?;
        let (date, time) = match rest.split_once(['T', 't']) {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None if rest.is_empty() => return None,
            None => (rest, ""),
        };
        let days = units(date, &[('W', 7), ('D', 1)])?;
        let seconds = units(time, &[('H', 3600), ('M', 60), ('S', 1)])?;
        Some(Self { back, days, seconds })
    }

    /// So many seconds, with 24 hours a day.
    pub(super) fn of_seconds(seconds: i64) -> Self {
        let part = |seconds: i64| u32::try_from(seconds.abs()).unwrap_or(u32::MAX);
        let (days, rest) = (seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY);
        Self { back: seconds < 0, days: part(days), seconds: part(rest) }
    }

    /// In seconds, with 24 hours a day.
    pub(super) fn seconds(self) -> i64 {
        let seconds = i64::from(self.days) * SECONDS_A_DAY + i64::from(self.seconds);
        if self.back { -seconds } else { seconds }
    }

    /// What a due date is that lies so far after a start.
    pub(super) fn after(self, start: Due) -> Option<Due> {
        if self.back {
            return None;
        }
        let day = start.plus_days(i64::from(self.days))?;
        match day {
            Due::Day(_) => day.plus_days(i64::from(self.seconds) / SECONDS_A_DAY),
            Due::At { zone, .. } => {
                let at = day.starts(zone).plus_millis(i64::from(self.seconds) * 1000);
                let later = Due::at(at.wall(Zone::UTC), Zone::UTC, None).in_zone(zone);
                (later.wall_day() <= LAST_DAY).then_some(later)
            }
        }
    }
}

/// `-P1DT2H`, `PT0S`. RFC 5545 has no hours with seconds and without minutes between them.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { back, days, seconds } = *self;
        if (days, seconds) == (0, 0) {
            return f.write_str("PT0S");
        }
        f.write_str(if back { "-P" } else { "P" })?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if seconds > 0 {
            f.write_str("T")?;
        }
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 || (hours > 0 && rest > 0) {
            write!(f, "{minutes}M")?;
        }
        if rest > 0 {
            write!(f, "{rest}S")?;
        }
        Ok(())
    }
}
