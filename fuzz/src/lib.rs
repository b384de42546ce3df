//! What the targets share: who asks, when and where, chosen by the first byte of the input.

pub mod imports;

use chrono::Weekday;
use todo_core::query::Moment;
use todo_core::words::{Asking, DateOrder};
use todo_core::{Timestamp, Zone};

const ZONES: [Zone; 4] =
    [Zone::UTC, Zone::Africa__Cairo, Zone::America__Havana, Zone::Pacific__Apia];
/// Near changes of clocks, ends of months, and the ends of the calendar.
const NOWS: [&str; 6] = [
    "2026-03-11T10:30:00Z",
    "2026-04-23T21:30:00Z",
    "2026-11-01T04:30:00Z",
    "2011-12-30T09:30:00Z",
    "2028-02-29T12:00:00Z",
    "2099-12-31T12:00:00Z",
];

/// Who asks, and the text, if the input is one.
pub fn asked(data: &[u8]) -> Option<(Asking, &str)> {
    let (seed, text) = data.split_first()?;
    Some((asking(*seed), std::str::from_utf8(text).ok()?))
}

fn asking(seed: u8) -> Asking {
    let seed = usize::from(seed);
    let zone = ZONES[seed % ZONES.len()];
    let now: Timestamp = NOWS[seed / 4 % NOWS.len()].parse().expect("an instant");
    let week_start = if seed / 24 % 2 == 0 { Weekday::Mon } else { Weekday::Sun };
    let date_order = [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)][seed / 48 % 3];
    Asking { moment: Moment { now, zone, owner_zone: zone, week_start }, date_order }
}
