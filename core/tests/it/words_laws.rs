//! What holds of any text (W1–W3): nothing panics, answers come fast, and what is printed is read
//! again as the same.

use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Africa::Cairo;
use chrono_tz::America::Havana;
use chrono_tz::Pacific::Apia;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::conformance::cases;
use todo_core::query::Moment;
use todo_core::recurrence::{Basis, NewRecurrence, Slot, Slots};
use todo_core::words::{
    Asking, DateOrder, Every, PartKind, every, quick_add, remind, snooze, when,
};
use todo_core::{Due, Timestamp, Zone};

use crate::words::wednesday;

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

fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        12 => select(VOCABULARY).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => (0_u32..4000).prop_map(|number| number.to_string()),
    ];
    let between = prop_oneof![8 => Just(" "), 1 => Just(""), 1 => Just(", "), 1 => Just("\t")];
    vec((word, between), 0..12)
        .prop_map(|words| words.into_iter().map(|(word, space)| word + space).collect())
}

fn anybody() -> impl Strategy<Value = Asking> {
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

fn any_due() -> impl Strategy<Value = Due> {
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

/// Asks everything about a text; each answer is a value or names a place in the text.
fn ask_all(text: &str, asking: &Asking) {
    let length = text.chars().count();
    let morning = NaiveTime::from_hms_opt(9, 0, 0).expect("a time");
    let refused = [
        when(text, asking).err(),
        every(text, asking, None).err(),
        remind(text, asking).err(),
        snooze(text, asking, morning).err(),
        quick_add(text, asking).err(),
    ];
    for error in refused.into_iter().flatten() {
        assert!(error.at.start <= error.at.end && error.at.end <= length, "{text:?}: {error:?}");
        assert!(!error.problem.is_empty() && error.text.chars().count() <= 41, "{error:?}");
    }
}

/// The due date lies on the rule (R1): the series begins there.
fn is_a_slot(every: &Every) -> bool {
    let Every { recurrence, due } = every;
    let slot = Slot::of(*due);
    Slots::from(&recurrence.rule, *due, slot).next() == Some(slot)
}

fn is_white(c: char) -> bool {
    c.is_whitespace() || "\u{200b}\u{200e}\u{200f}\u{2060}\u{feff}".contains(c)
}

/// The line without its parts is the title, apart from white space.
fn covers(text: &str, asking: &Asking) {
    let Ok(add) = quick_add(text, asking) else { return };
    let mut kept: Vec<Option<char>> = text.chars().map(Some).collect();
    let mut before = 0;
    let separates = |c: &char| matches!(c, ',' | ';') || c.is_whitespace();
    let chars: Vec<char> = text.chars().collect();
    for (place, part) in add.parts.iter().enumerate() {
        // What only separated two that are gone, or the last from the end, goes with them.
        let next = add.parts.get(place + 1).map_or(chars.len(), |next| next.at.start);
        if part.kind == PartKind::Escape {
            continue;
        }
        if chars[part.at.end..next].iter().all(|c| separates(c) || is_white(*c)) {
            kept[part.at.end..next].fill(None);
        }
    }
    for part in &add.parts {
        assert!(before <= part.at.start && part.at.start < part.at.end, "{text:?}: {part:?}");
        before = part.at.end;
        kept[part.at.clone()].fill(None);
    }
    let plain = |text: &str| -> String { text.chars().filter(|c| !is_white(*c)).collect() };
    let left: String = kept.into_iter().flatten().collect();
    // Without the spaces, marks may join the letter before them: the same on both sides.
    let nfc = |text: &str| {
        todo_core::Title::new(&format!("|{}", plain(text))).expect("a title").to_string()
    };
    let (title, nfc) = (nfc(add.title.as_str()), nfc(&left));
    // At the start of a title there is no punctuation that stood behind something taken out.
    let punctuation = [',', ';', ':', '.', '!', '?'];
    let bare = |text: &str| text[1..].trim_start_matches(punctuation).to_owned();
    assert_eq!(bare(&title), bare(&nfc), "{text:?}: {add:?}");
    let has = |kind| add.parts.iter().any(|part| part.kind == kind);
    assert_eq!(has(PartKind::Tag), !add.tags.is_empty());
    assert_eq!(has(PartKind::Project), add.project.is_some());
    assert_eq!(has(PartKind::Priority), add.priority.is_some());
    assert_eq!(has(PartKind::Recurrence), add.recurrence.is_some());
    assert_eq!(has(PartKind::Reminder), !add.reminders.is_empty());
    assert_eq!(has(PartKind::Due) || has(PartKind::Recurrence), add.due.is_some());
}

/// What a person reads can be typed again and means the same.
fn sentence_is_read_again(made: &Every, asking: &Asking) {
    let NewRecurrence { rule, from, .. } = &made.recurrence;
    let sentence = rule.sentence(*from);
    let again = every(&sentence, asking, Some(made.due));
    let same = again.as_ref().is_ok_and(|again| again == made);
    assert!(same, "{rule} is said {sentence:?}, which is {again:?}");
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// W1–W3
    #[test]
    fn any_text_is_understood_or_refused(text in "\\PC{0,40}|[ -~]{0,60}", asking in anybody()) {
        ask_all(&text, &asking);
        covers(&text, &asking);
    }

    /// W1–W3
    #[test]
    fn any_words_are_understood_or_refused(text in line(), asking in anybody()) {
        ask_all(&text, &asking);
        covers(&text, &asking);
    }

    /// W2: a due date as it is shown is a due date as it is typed.
    #[test]
    fn w2_a_printed_date_is_read(due in any_due(), asking in anybody()) {
        // A clock that stands outside the calendar knows no dates.
        if when("today", &asking).is_ok() {
            prop_assert_eq!(when(&due.to_string(), &asking), Ok(due));
        }
    }

    /// W2: the range of years holds for every answer.
    #[test]
    fn w2_dates_lie_in_the_calendar(text in line(), asking in anybody()) {
        if let Ok(due) = when(&text, &asking) {
            let year = chrono::Datelike::year(&due.wall_day());
            prop_assert!((1970..=2099).contains(&year), "{text:?}: {due}");
        }
    }

    /// W3, R1: whatever was said, the first date is one of the rule's own.
    #[test]
    fn w3_a_series_begins_on_its_rule(
        text in line(),
        given in proptest::option::of(any_due()),
        asking in anybody(),
    ) {
        if let Ok(made) = every(&format!("every {text}"), &asking, given) {
            prop_assert!(is_a_slot(&made), "{text:?}: {made:?}");
            prop_assert!(made.recurrence.check().is_ok());
        }
    }

    /// W3
    #[test]
    fn w3_a_sentence_is_read_again(
        text in recurrence(),
        given in proptest::option::of(any_due()),
        asking in anybody(),
    ) {
        if let Ok(made) = every(&text, &asking, given) {
            prop_assert!(is_a_slot(&made), "{text:?}: {made:?}");
            sentence_is_read_again(&made, &asking);
        }
    }
}

const DAYS: &[&str] = &["mon", "tue", "wednesday", "thu", "fri", "sat", "sunday"];
const ORDINALS: &[&str] = &["first", "2nd", "3rd", "4th", "5th", "last", "2nd last"];
const MONTHS: &[&str] = &["jan", "february", "mar", "april", "dec"];

/// Recurrences that are understood, most of them.
fn recurrence() -> impl Strategy<Value = String> {
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

/// W1–W3: hostile texts of the greatest length are answered in time. The bound is a tenth of a
/// second in a build without optimisation; `tests/bench` has the figures.
#[test]
fn answers_come_fast() {
    let pieces = [
        "in ",
        "3d ",
        "1y 1m 1w 1d 1h 1min ",
        "every ",
        "every mon and ",
        "every 1st and ",
        "mon, ",
        "next ",
        "the ",
        "due: ",
        "by ",
        "on ",
        "remind ",
        "remind 1h before ",
        "\"",
        "\"a ",
        "“",
        "#a ",
        "#a",
        "#a,",
        "@",
        "\\",
        "5pm ",
        "5",
        "5:",
        "1/",
        "1.",
        "2026-",
        "2026-04-01T",
        "(",
        "a ",
        "a week from ",
        "until ",
        "every day until ",
        "tomorrow ",
        "tomorrow, ",
        "5 times ",
        "first ",
        "last ",
        "of ",
        "fri 13 ",
        "é",
        "\u{200b}x",
        "+",
        "! ",
        "every 3d 9am 5 times until fri ",
        "remind at the due time ",
        "jan ",
        "jan 1 ",
        "half an ",
    ];
    for piece in pieces {
        let text: String = piece.chars().cycle().take(500).collect();
        for text in [format!("x {text}"), format!("{text} x"), text] {
            let start = Instant::now();
            ask_all(&text, &wednesday());
            let took = start.elapsed();
            assert!(took < Duration::from_millis(100), "{piece:?}: {took:?}");
        }
    }
}

/// The sentence of a rule names the basis it is counted from.
#[test]
fn w3_a_sentence_tells_completion() {
    let made = every("every! 3 days", &wednesday(), None).expect("a recurrence");
    assert_eq!(made.recurrence.rule.sentence(Basis::Completion), "3 days after completion");
    assert_eq!(made.recurrence.rule.sentence(Basis::Schedule), "every 3 days");
}
