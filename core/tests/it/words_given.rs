//! What the laws of W1–W3 are tried on.

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Africa::Cairo;
use chrono_tz::America::Havana;
use chrono_tz::Pacific::Apia;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use todo_core::query::Moment;
use todo_core::words::{Asking, DateOrder};
use todo_core::{Due, Timestamp, Zone};

/// Words that mean something, and what stands between them.
const VOCABULARY: &[&str] = &[
    "today",
    "tomorrow",
    "tonight",
    "now",
    "noon",
    "midnight",
    "morning",
    "monday",
    "fri",
    "sat",
    "sun",
    "weekend",
    "weekday",
    "business",
    "jan",
    "may",
    "april",
    "feb",
    "min",
    "h",
    "d",
    "day",
    "days",
    "week",
    "weeks",
    "m",
    "month",
    "quarter",
    "year",
    "a",
    "the",
    "half",
    "two",
    "first",
    "second",
    "3rd",
    "15th",
    "31st",
    "29th",
    "last",
    "next",
    "this",
    "end",
    "start",
    "eom",
    "sow",
    "am",
    "pm",
    "of",
    "in",
    "on",
    "by",
    "at",
    "from",
    "after",
    "before",
    "ago",
    "and",
    "or",
    "every",
    "every!",
    "other",
    "daily",
    "weekly",
    "quarterly",
    "until",
    "for",
    "times",
    "starting",
    "completion",
    "remind",
    "me",
    "when",
    "it",
    "is",
    "due",
    "due:",
    "time",
    "5pm",
    "17:00",
    "25:99",
    "3d",
    "2w",
    "1h30m",
    "+3d",
    "2026-04-01",
    "2026-02-30",
    "2026-04-01T14:30",
    "20260401",
    "21/11",
    "4/1",
    "4/1/2026",
    "01.04.2026",
    "2026-",
    "2026-04-",
    "T",
    ":",
    "/",
    "1.",
    "[",
    "1.4.",
    "12",
    "2027",
    "99999999999",
    "0",
    "#tag",
    "@home",
    "+work",
    "!high",
    "!1",
    "\\#x",
    "\\tomorrow",
    "\"",
    "“x”",
    ",",
    ".",
    "-",
    "milk",
    "牛乳",
    "\u{a0}",
    "-PT1H",
    "PT0S",
    "FREQ=DAILY",
    "[Asia/Karachi]",
    "&",
    "@",
];

pub(crate) fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        12 => select(VOCABULARY).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => (0_u32..4000).prop_map(|number| number.to_string()),
    ];
    let between = prop_oneof![8 => Just(" "), 1 => Just(""), 1 => Just(", "), 1 => Just("\t")];
    vec((word, between), 0..12)
        .prop_map(|words| words.into_iter().map(|(word, space)| word + space).collect())
}

pub(crate) fn anybody() -> impl Strategy<Value = Asking> {
    let zone = select(vec![Zone::UTC, Cairo, Havana, Apia, Zone::Asia__Karachi]);
    let week = select(vec![Weekday::Mon, Weekday::Sat, Weekday::Sun]);
    let order = select(vec![None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)]);
    // From 1970 to 2099, often near a change of clocks, sometimes far outside.
    let near = select(vec![
        "2026-04-23T21:30:00Z",
        "2026-10-29T21:30:00Z",
        "2026-03-08T04:30:00Z",
        "2026-11-01T04:30:00Z",
        "2011-12-30T09:30:00Z",
        "2026-03-31T12:00:00Z",
        "2028-02-29T12:00:00Z",
        "2099-12-31T12:00:00Z",
        "1970-01-01T00:00:00Z",
    ]);
    let now = prop_oneof![
        4 => near.prop_map(|text| text.parse().expect("an instant")),
        4 => (0_i64..4_102_444_800_000).prop_map(Timestamp::from_millis),
        1 => any::<i64>().prop_map(Timestamp::from_millis),
    ];
    (now, zone, week, order).prop_map(|(now, zone, week_start, date_order)| {
        let moment = Moment { now, zone, owner_zone: zone, week_start };
        Asking { moment, date_order }
    })
}

pub(crate) fn any_due() -> impl Strategy<Value = Due> {
    let day = (0_i64..47_000).prop_map(|days| {
        let first = NaiveDate::from_ymd_opt(1970, 1, 2).expect("a day");
        first + chrono::Duration::days(days)
    });
    let time = (0_u32..86_400)
        .prop_map(|s| NaiveTime::from_num_seconds_from_midnight_opt(s, 0).expect("a time"));
    let zone = select(vec![Zone::UTC, Cairo, Havana, Apia]);
    prop_oneof![
        day.clone().prop_map(Due::Day),
        (day, time, zone).prop_map(|(day, time, zone)| Due::at(day.and_time(time), zone, None)),
    ]
}

const DAYS: &[&str] = &["mon", "tue", "wednesday", "thu", "fri", "sat", "sunday"];
const ORDINALS: &[&str] = &["first", "2nd", "3rd", "4th", "5th", "last", "2nd last"];
const MONTHS: &[&str] = &["jan", "february", "mar", "april", "dec"];

/// Recurrences that are understood, most of them.
pub(crate) fn recurrence() -> impl Strategy<Value = String> {
    let lists = |words: &'static [&'static str], most: usize| {
        vec(select(words), 1..=most).prop_map(|words| words.join(" and "))
    };
    let number = (1_u32..=31).prop_map(|n| match (n % 10, n) {
        (1, n) if n != 11 => format!("{n}st"),
        (2, n) if n != 12 => format!("{n}nd"),
        (3, n) if n != 13 => format!("{n}rd"),
        (_, n) => format!("{n}th"),
    });
    let numbers = vec(number, 1..4).prop_map(|numbers| numbers.join(", "));
    let place = prop_oneof![
        numbers,
        (lists(ORDINALS, 3), select(DAYS)).prop_map(|(n, day)| format!("{n} {day}")),
        lists(ORDINALS, 2).prop_map(|n| format!("{n} weekday")),
        select(ORDINALS).prop_map(|n| format!("{n} day of the month")),
        Just("30th, or the last day".to_owned()),
        Just("15th and last day".to_owned()),
    ];
    let units = (1_u32..100, select(vec!["day", "week", "month", "year", "quarter"]))
        .prop_map(|(n, unit)| format!("{n} {unit}"));
    let body = prop_oneof![
        units.clone(),
        lists(DAYS, 4),
        (1_u32..9, lists(DAYS, 4)).prop_map(|(n, days)| format!("{n} weeks on {days}")),
        place.clone(),
        (1_u32..9, place.clone()).prop_map(|(n, place)| format!("{n} months on the {place}")),
        (place.clone(), lists(MONTHS, 2))
            .prop_map(|(place, months)| format!("{place} of {months}")),
        (1_u32..9, place, lists(MONTHS, 2))
            .prop_map(|(n, place, months)| format!("{n} years on the {place} of {months}")),
        (1_u32..=31, lists(MONTHS, 2)).prop_map(|(day, months)| format!("{day} {months}")),
        Just("weekday".to_owned()),
    ];
    let tail = select(vec!["", "", " 9am", " 5 times", " until 31 dec 2099", ", 1 time"]);
    prop_oneof![
        6 => (body, tail.clone()).prop_map(|(body, tail)| format!("every {body}{tail}")),
        1 => (units, tail).prop_map(|(units, tail)| format!("every! {units}{tail}")),
    ]
}
