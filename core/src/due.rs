//! Dates as people mean them: a whole day, or a wall time in a zone.
//!
//! What is stored is the wall time, its zone and the offset it was given with; the instant is
//! derived, so that a dentist at 09:00 stays at 09:00 when a country changes its clocks.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::error::{Problem, excerpt};
use crate::macros::as_text;
use crate::time;
use crate::time::{
    LAST_DAY, Localised, Timestamp, Zone, day_end, day_start, localise, parse_date, parse_time,
};

/// First year a date may lie in.
pub(crate) const FIRST_YEAR: i32 = 1970;

const FORMS: &str = "write 2026-12-01, 2026-12-01T17:00, or 2026-12-01T17:00+01:00";

/// When something is due, or starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Due {
    /// The whole of a day, wherever one is.
    Day(NaiveDate),
    /// A wall time in a zone.
    At {
        /// What the clock on the wall shows.
        wall: NaiveDateTime,
        /// Where the wall stands.
        zone: Zone,
        /// The offset given or found when it was set; decides between two equal wall times.
        offset: FixedOffset,
    },
}

impl Due {
    /// A wall time in a zone; a time that the clocks skip moves to where it is shown.
    pub fn at(wall: NaiveDateTime, zone: Zone, hint: Option<FixedOffset>) -> Self {
        let Localised { offset, wall, .. } = localise(wall, zone, hint);
        Self::At { wall, zone, offset }
    }

    /// Reads what a person or a program gave: a day, a local date-time, RFC 3339 or RFC 9557.
    ///
    /// A zone in the text's brackets wins over `zone`, the one given beside it, and that over
    /// `asking`, the asker's own. A day takes no zone.
    pub fn parse(text: &str, zone: Option<Zone>, asking: Zone) -> Result<Self, Problem> {
        let not_a_date = || Problem::NotADate { text: excerpt(text), hint: FORMS };
        let trimmed = text.trim();
        let (plain, bracketed) = match trimmed.strip_suffix(']').and_then(|t| t.split_once('[')) {
            Some((plain, name)) => (plain, Some(time::zone(name)?)),
            None => (trimmed, None),
        };
        let zone = bracketed.or(zone).unwrap_or(asking);
        if let Some(day) = parse_date(plain) {
            return Ok(Self::Day(in_range(day, text)?));
        }
        let (wall, offset) = date_time(plain).ok_or_else(not_a_date)?;
        in_range(wall.date(), text)?;
        let Some(offset) = offset else { return Ok(Self::at(wall, zone, None)) };
        // With an offset the text names an instant; the wall time is what the zone shows then.
        let instant = Timestamp::from_utc((wall - offset_span(offset)).and_utc());
        let due = Self::at(instant.wall(zone), zone, Some(offset_at(instant, zone)));
        in_range(due.wall_day(), text).map(|_| due)
    }

    /// Reads what [`Due::date_text`] and [`Due::zone`] wrote. The wall time counts, not the
    /// offset, so a change of the zone's rules moves the instant and not the appointment.
    pub fn from_stored(text: &str, zone: Option<Zone>) -> Result<Self, Problem> {
        if let Some(day) = parse_date(text) {
            return Ok(Self::Day(in_range(day, text)?));
        }
        let not_a_date = || Problem::NotADate { text: excerpt(text), hint: FORMS };
        let (wall, offset) = date_time(text).ok_or_else(not_a_date)?;
        // On another zone's clock (`in_zone`) the last day may have become the next.
        if !(FIRST_YEAR - 1..=LAST_DAY.year() + 1).contains(&wall.year()) {
            return Err(Problem::DateOutOfRange(excerpt(text)));
        }
        let zone = zone.ok_or_else(|| Problem::UnknownZone(String::new()))?;
        Ok(Self::At { wall, zone, offset: offset.ok_or_else(not_a_date)? })
    }

    /// The day on the wall.
    pub fn wall_day(&self) -> NaiveDate {
        match self {
            Self::Day(day) => *day,
            Self::At { wall, .. } => wall.date(),
        }
    }

    /// The zone of a timed one.
    pub fn zone(&self) -> Option<Zone> {
        match self {
            Self::Day(_) => None,
            Self::At { zone, .. } => Some(*zone),
        }
    }

    /// When it begins: the instant of a timed one, the first instant of a day in `asking`.
    pub fn starts(&self, asking: Zone) -> Timestamp {
        match *self {
            Self::Day(day) => day_start(day, asking),
            Self::At { wall, zone, offset } => localise(wall, zone, Some(offset)).instant,
        }
    }

    /// The first instant at which it has passed (Q4): a day has passed when it is over.
    pub fn passes(&self, asking: Zone) -> Timestamp {
        match self {
            Self::Day(day) => day_end(*day, asking),
            Self::At { .. } => self.starts(asking).plus_millis(1),
        }
    }

    /// Where it stands in an order (Q6): an all-day one at the end of its day.
    pub fn order_key(&self, owner_zone: Zone) -> Timestamp {
        self.passes(owner_zone).plus_millis(-1)
    }

    /// The day it falls on for somebody in `asking`.
    pub fn day_in(&self, asking: Zone) -> NaiveDate {
        match self {
            Self::Day(day) => *day,
            Self::At { .. } => self.starts(asking).day(asking),
        }
    }

    /// The same moment on the clock of another zone; a day stays a day.
    #[must_use]
    pub fn in_zone(self, zone: Zone) -> Self {
        match self {
            Self::Day(_) => self,
            Self::At { .. } => {
                let instant = self.starts(zone);
                Self::at(instant.wall(zone), zone, Some(offset_at(instant, zone)))
            }
        }
    }

    /// So many days later on the wall, as long as that is on the calendar.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        let moved = |day: NaiveDate| {
            let day = day.checked_add_signed(chrono::TimeDelta::try_days(days)?)?;
            (FIRST_YEAR..=LAST_DAY.year()).contains(&day.year()).then_some(day)
        };
        Some(match self {
            Self::Day(day) => Self::Day(moved(day)?),
            Self::At { wall, zone, offset } => {
                Self::at(moved(wall.date())?.and_time(wall.time()), zone, Some(offset))
            }
        })
    }

    /// `due_date` as it is written: `2026-11-21`, or RFC 3339 with offset.
    pub fn date_text(&self) -> String {
        match *self {
            Self::Day(day) => day.to_string(),
            Self::At { wall, zone, offset } => {
                let Localised { offset, wall, .. } = localise(wall, zone, Some(offset));
                format!("{}{}", wall.format("%Y-%m-%dT%H:%M:%S"), offset)
            }
        }
    }
}

/// RFC 9557 (`2026-11-21T17:00:00+05:00[Asia/Karachi]`), or a date.
impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date_text())?;
        self.zone().map_or(Ok(()), |zone| write!(f, "[{zone}]"))
    }
}

impl FromStr for Due {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        match text.strip_suffix(']').and_then(|t| t.split_once('[')) {
            Some((plain, name)) => Self::from_stored(plain, Some(time::zone(name)?)),
            None => Self::from_stored(text, None),
        }
    }
}

as_text!(Due);

fn offset_span(offset: FixedOffset) -> chrono::Duration {
    chrono::Duration::seconds(i64::from(offset.local_minus_utc()))
}

fn offset_at(instant: Timestamp, zone: Zone) -> FixedOffset {
    use chrono::Offset;
    instant.utc().with_timezone(&zone).offset().fix()
}

fn in_range(day: NaiveDate, text: &str) -> Result<NaiveDate, Problem> {
    if (FIRST_YEAR..=LAST_DAY.year()).contains(&day.year()) {
        Ok(day)
    } else {
        Err(Problem::DateOutOfRange(excerpt(text)))
    }
}

/// `DATE(T| )TIME[OFFSET]`; parts of a second are dropped.
fn date_time(text: &str) -> Option<(NaiveDateTime, Option<FixedOffset>)> {
    let day = parse_date(text.get(..10)?)?;
    let rest = text.get(10..)?.strip_prefix(['T', 't', ' '])?;
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at(end);
    let time = match time.split_once('.') {
        Some((whole, part)) if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) => {
            whole
        }
        Some(_) => return None,
        None => time,
    };
    let time: NaiveTime = parse_time(time)?.with_nanosecond(0)?;
    let offset = if offset.is_empty() { None } else { Some(parse_offset(offset)?) };
    Some((day.and_time(time), offset))
}

fn parse_offset(text: &str) -> Option<FixedOffset> {
    if matches!(text, "Z" | "z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let time = parse_time(rest)?;
    let seconds = i32::try_from(time.num_seconds_from_midnight()).ok()?;
    FixedOffset::east_opt(sign * seconds)
}
