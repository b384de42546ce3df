//! Bounds in time as bounds of days: an all-day date is kept as a day, and stands for that day's
//! first instant wherever one asks (Q3). The first instants of days follow each other, so what is
//! asked of them can be asked of the days.

use chrono::{Days, NaiveDate};
use todo_core::time::{LAST_DAY, day_start};
use todo_core::{Timestamp, Zone};

/// No date of a task lies before it, nor after [`LAST_DAY`] and a day.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(1960, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The first day that begins at an instant or later.
pub(super) fn first_day_from(at: Timestamp, zone: Zone) -> NaiveDate {
    let latest = LAST_DAY + Days::new(370);
    if at <= day_start(EARLIEST, zone) {
        return EARLIEST;
    }
    if at > day_start(latest, zone) {
        return latest;
    }
    // Where the clocks go back over midnight a day has begun before the one in force, and where
    // they leave one out two begin at once.
    let begun = at.day(zone) - Days::new(2);
    let days = begun.iter_days().take(6);
    days.filter(|day| day_start(*day, zone) >= at).min().unwrap_or(latest)
}

/// The first day that is not over at an instant (Q4): it is over when the next one begins.
pub(super) fn first_day_over(now: Timestamp, zone: Zone) -> NaiveDate {
    first_day_from(now.plus_millis(1), zone) - Days::new(1)
}
