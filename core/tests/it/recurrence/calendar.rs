//! Leap days, ends of months, weeks and positions: dates by rule, as on a calendar on the wall.

use chrono::NaiveDate;
use todo_core::recurrence::{Basis, Slots, Spawn, coming};
use todo_core::{Due, Recurrence, Rule, Slot};

use super::due;

/// `1997-09: 2-4,9; 1997-10: 1`.
pub(super) fn dates(text: &str) -> Vec<NaiveDate> {
    let mut dates = Vec::new();
    for month in text.split("; ") {
        let (month, days) = month.split_once(": ").unwrap_or_else(|| panic!("{month}"));
        for days in days.split(',') {
            let (first, last) = days.split_once('-').unwrap_or((days, days));
            let number = |day: &str| day.parse::<u8>().unwrap_or_else(|_| panic!("{day}"));
            let day = |day: u8| format!("{month}-{day:02}").parse::<NaiveDate>().expect("a day");
            dates.extend((number(first)..=number(last)).map(day));
        }
    }
    dates
}

/// The due dates of a series from its first on, all of them.
pub(super) fn occurrences(rule: &str, first: &str) -> impl Iterator<Item = Due> + use<> {
    let rule: Rule = rule.parse().unwrap_or_else(|error| panic!("{rule}: {error}"));
    let anchor = due(first);
    let slot = Slots::from(&rule, anchor, Slot::of(anchor)).next();
    let slot = slot.unwrap_or_else(|| panic!("{rule} comes to nothing"));
    let (from, spawn) = (Basis::Schedule, Spawn::OnCompletion);
    let series = Recurrence { rule, from, spawn, anchor, n: 1 };
    let later: Vec<_> = coming(&series, slot).map(|next| next.due).take(400).collect();
    std::iter::once(slot.due(anchor)).chain(later)
}

/// The rule, the day it is set from, and the days it comes to first.
const DAYS: &[(&str, &str, &str)] = &[
    // A day that a month has not is left out; the last day is each month's own.
    (
        "FREQ=MONTHLY",
        "2027-01-31",
        "2027-01: 31; 2027-03: 31; 2027-05: 31; 2027-07: 31; 2027-08: 31",
    ),
    ("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31", "2027-01: 31; 2027-03: 31; 2027-05: 31"),
    ("FREQ=MONTHLY;BYMONTHDAY=30", "2027-01-30", "2027-01: 30; 2027-03: 30; 2027-04: 30"),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "2027-12-31",
        "2027-12: 31; 2028-01: 31; 2028-02: 29; 2028-03: 31; 2028-04: 30",
    ),
    ("FREQ=MONTHLY;BYMONTHDAY=-31", "2027-01-01", "2027-01: 1; 2027-03: 1; 2027-05: 1"),
    ("FREQ=MONTHLY;BYMONTHDAY=-29,29", "2027-01-01", "2027-01: 3,29; 2027-03: 3,29; 2027-04: 2,29"),
    ("FREQ=MONTHLY;INTERVAL=11", "2026-11-30", "2026-11: 30; 2027-10: 30; 2028-09: 30"),
    (
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=-1",
        "2026-02-28",
        "2026-02: 28; 2027-02: 28; 2028-02: 29",
    ),
    // Leap days. 2000 has one, and so has every fourth year until the end of the calendar.
    ("FREQ=YEARLY", "1996-02-29", "1996-02: 29; 2000-02: 29; 2004-02: 29; 2008-02: 29"),
    ("FREQ=YEARLY;INTERVAL=3", "2028-02-29", "2028-02: 29; 2040-02: 29; 2052-02: 29"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-11-21", "2028-02: 29; 2032-02: 29; 2036-02: 29"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2026-11-21", "2027-02: 28; 2028-02: 29; 2029-02: 28"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2026-11-21", "2028-02: 29; 2032-02: 29"),
    ("FREQ=DAILY", "2028-02-28", "2028-02: 28-29; 2028-03: 1-2"),
    ("FREQ=DAILY", "2027-02-28", "2027-02: 28; 2027-03: 1"),
    ("FREQ=DAILY;INTERVAL=365", "2027-03-01", "2027-03: 1; 2028-02: 29; 2029-02: 28"),
    // Months bound days and weeks.
    ("FREQ=DAILY;BYMONTH=12,1;BYDAY=SU", "2026-11-21", "2026-12: 6,13,20,27; 2027-01: 3,10"),
    ("FREQ=WEEKLY;BYMONTH=12", "2026-11-21", "2026-12: 5,12,19,26; 2027-12: 4"),
    ("FREQ=DAILY;BYMONTHDAY=1,-1", "2026-11-21", "2026-11: 30; 2026-12: 1,31; 2027-01: 1"),
    // Where weeks begin matters from two of them on.
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", "2026-11-21", "2026-11: 22,30; 2026-12: 6,14"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "2026-11-21", "2026-11: 29-30; 2026-12: 13-14"),
    ("FREQ=WEEKLY;BYDAY=SU,MO;WKST=SU", "2026-11-21", "2026-11: 22-23,29-30"),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SA", "2026-11-21", "2026-11: 21; 2026-12: 5,19"),
    // Weeks go on over the turn of the year.
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-12-18", "2026-12: 18; 2027-01: 1,15"),
    // Counted weekdays, from either end, also those that a month has not.
    ("FREQ=MONTHLY;BYDAY=5SA", "2026-11-21", "2027-01: 30; 2027-05: 29; 2027-07: 31"),
    ("FREQ=MONTHLY;BYDAY=-5SA", "2026-11-21", "2027-01: 2; 2027-05: 1; 2027-07: 3"),
    ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-21", "2026-11: 27; 2026-12: 25; 2027-01: 29"),
    ("FREQ=MONTHLY;BYDAY=MO,1TU", "2026-12-01", "2026-12: 1,7,14,21,28; 2027-01: 4-5,11"),
    ("FREQ=MONTHLY;BYDAY=MO,1MO", "2026-12-01", "2026-12: 7,14,21,28; 2027-01: 4,11"),
    ("FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "2026-11-21", "2027-05: 9; 2028-05: 14; 2029-05: 13"),
    ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-11-01", "2026-11: 26; 2027-11: 25"),
    ("FREQ=YEARLY;BYMONTH=1,7;BYDAY=-5MO", "2026-11-21", "2028-01: 3; 2028-07: 3; 2029-01: 1"),
    // Positions are of the whole month or year, the days before the first one included.
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
        "2026-11-21",
        "2026-12: 1; 2027-01: 1; 2027-02: 1",
    ),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-21", "2026-11: 30; 2026-12: 31"),
    ("FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1,-1", "2026-11-21", "2026-11: 29; 2026-12: 5,27"),
    (
        "FREQ=MONTHLY;BYMONTHDAY=13,14,15;BYDAY=MO;BYSETPOS=1",
        "2026-11-21",
        "2026-12: 14; 2027-02: 15",
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=1,10,20,-1;BYSETPOS=2,-2",
        "2026-11-21",
        "2026-12: 10,20; 2027-01: 10,20",
    ),
    ("FREQ=MONTHLY;BYDAY=-5MO,1FR;BYSETPOS=2", "2027-03-01", "2027-03: 5; 2027-05: 7; 2027-08: 6"),
    (
        "FREQ=YEARLY;BYMONTH=1,12;BYDAY=MO;BYSETPOS=1,-1",
        "2026-11-21",
        "2026-12: 28; 2027-01: 4; 2027-12: 27",
    ),
    ("FREQ=YEARLY;BYMONTH=3,6;BYMONTHDAY=1,2;BYSETPOS=3", "2026-11-21", "2027-06: 1; 2028-06: 1"),
];

#[test]
fn r2_dates_by_rule() {
    for (rule, first, expected) in DAYS {
        let expected = dates(expected);
        let found = occurrences(rule, first).take(expected.len());
        let found: Vec<_> = found.map(|due| due.wall_day()).collect();
        assert_eq!(found, expected, "{rule} from {first}");
        // At a time of day they are the same.
        let timed = occurrences(rule, &format!("{first}T09:00")).take(expected.len());
        assert_eq!(timed.map(|due| due.wall_day()).collect::<Vec<_>>(), expected, "{rule} at nine");
    }
}

/// R4: ends of months do not wear off, however many there were.
#[test]
fn r4_the_last_day_stays_the_last() {
    let found: Vec<_> = occurrences("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-31").take(240).collect();
    assert_eq!(found.len(), 240);
    for due in found {
        let next = due.wall_day().succ_opt().expect("a day");
        assert_eq!(next.format("%d").to_string(), "01", "{due}");
    }
}

/// The calendar ends with 2099, and no rule goes beyond it.
#[test]
fn r2_nothing_is_after_2099() {
    for (rule, first, last) in [
        ("FREQ=DAILY", "2099-12-25", "2099-12-31"),
        ("FREQ=WEEKLY;BYDAY=TH", "2099-12-01", "2099-12-31"),
        ("FREQ=MONTHLY;INTERVAL=11;BYDAY=-5TH", "2099-01-01", "2099-12-03"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2090-01-01", "2096-02-29"),
    ] {
        let found = occurrences(rule, first).last().map(|due| due.wall_day().to_string());
        assert_eq!(found.as_deref(), Some(last), "{rule} from {first}");
    }
}
