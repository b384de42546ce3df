//! P1–P3, P10, P11: the engine against a walk over the calendar, and rules as texts.

use chrono::{Days, NaiveDate, NaiveDateTime};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseError;
use todo_core::conformance::cases;
use todo_core::recurrence::{Basis, End, Freq, Next, RULE_MAX, Slots, Spawn, Until, coming};
use todo_core::time::LAST_DAY;
use todo_core::{Due, Recurrence, Rule, Slot, Timestamp, Zone};

use super::given::{anchor, day, endless, rule, time, zone};
use super::oracle;

/// How far the slow walk goes at a time: six years, which hold a leap day and more than one round
/// of the months.
const WINDOW: Days = Days::new(6 * 366);

fn window(first: NaiveDate) -> NaiveDate {
    first.checked_add_days(WINDOW).unwrap_or(LAST_DAY).min(LAST_DAY)
}

fn walls(slots: impl Iterator<Item = Slot>, last: NaiveDate) -> Vec<NaiveDateTime> {
    slots.map(Slot::wall).take_while(|wall| wall.date() <= last).collect()
}

fn expected(rule: &Rule, anchor: Due, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDateTime> {
    let wall = Slot::of(anchor).wall();
    let days = oracle::days(rule, wall.date(), first, last);
    days.into_iter().map(|day| day.and_time(wall.time())).collect()
}

/// A series that begins with its anchor, as a task has it.
fn series(rule: Rule, anchor: Due) -> Recurrence {
    Recurrence { rule, from: Basis::Schedule, spawn: Spawn::OnCompletion, anchor, n: 1 }
}

fn instant(next: &Next) -> Timestamp {
    next.due.starts(next.due.zone().unwrap_or(Zone::UTC))
}

/// A series with its first slot, if the rule has one.
fn begun(rule: Rule, anchor: Due) -> Option<(Recurrence, Slot)> {
    let first = Slots::from(&rule, anchor, Slot::of(anchor)).next()?;
    Some((series(rule, anchor), first))
}

/// Where two lists part, for lists too long to read.
fn same(found: &[NaiveDateTime], expected: &[NaiveDateTime]) -> Result<(), String> {
    let longest = found.len().max(expected.len());
    match (0..longest).find(|at| found.get(*at) != expected.get(*at)) {
        None => Ok(()),
        Some(at) => Err(format!("at {at} {:?}, not {:?}", found.get(at), expected.get(at))),
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// P1: from its anchor on, and from any later place, a rule comes to the days that a walk over
    /// the calendar finds, at the anchor's time of day.
    #[test]
    fn p1_slots_are_those_of_the_calendar(
        rule in endless(),
        anchor in anchor(),
        later in day(),
    ) {
        let wall = Slot::of(anchor).wall();
        let last = window(wall.date());
        let found = walls(Slots::from(&rule, anchor, Slot::of(anchor)), last);
        same(&found, &expected(&rule, anchor, wall.date(), last))
            .map_err(|differ| TestCaseError::fail(format!("{rule} {anchor}: {differ}")))?;
        let first = later.max(wall.date());
        let place = Slot::At(first.and_time(chrono::NaiveTime::MIN));
        let last = window(first);
        let found = walls(Slots::from(&rule, anchor, place), last);
        let expected = expected(&rule, anchor, first, last);
        same(&found, &expected)
            .map_err(|differ| TestCaseError::fail(format!("{rule} {anchor} {first}: {differ}")))?;
        // After a slot is after it.
        if let Some(wall) = expected.first() {
            let after = walls(Slots::after(&rule, anchor, Slot::At(*wall)), last);
            same(&after, &expected[1..])
                .map_err(|differ| TestCaseError::fail(format!("{rule} {anchor} {wall}: {differ}")))?;
        }
    }

    /// P2: slots go up, none is there twice, none is before the anchor or after the calendar, and
    /// asking from the middle is asking from the start.
    #[test]
    fn p2_slots_go_up(rule in rule(), anchor in anchor(), at in any::<Index>()) {
        let Some((series, first)) = begun(rule, anchor) else { return Ok(()) };
        let all: Vec<_> = coming(&series, first).take(60).collect();
        prop_assert!(first.wall() >= Slot::of(anchor).wall());
        let mut before = Next { slot: first, due: first.due(anchor), n: 1 };
        for next in &all {
            prop_assert!(next.slot > before.slot && next.n > before.n, "{:?} {:?}", before, next);
            prop_assert!(next.slot.wall().date() <= LAST_DAY);
            let later = match next.due {
                Due::Day(day) => day > before.due.wall_day(),
                Due::At { .. } => instant(next) > instant(&before),
            };
            prop_assert!(later, "{:?} {:?}", before, next);
            let ended = match series.rule.end {
                End::Never => false,
                End::Count(count) => next.n > u32::from(count),
                End::Until(Until::Day(day)) => next.slot.wall().date() > day,
                End::Until(Until::Wall(wall)) if anchor.zone().is_some() => next.slot.wall() > wall,
                End::Until(Until::Utc(utc)) if anchor.zone().is_some() => {
                    instant(next) > Timestamp::from_utc(utc.and_utc())
                }
                End::Until(until) => next.due.wall_day() > until.day(),
            };
            prop_assert!(!ended, "{} {:?}", series.rule, next);
            before = next.clone();
        }
        if !all.is_empty() {
            let place = at.index(all.len());
            let middle = Recurrence { n: all[place].n, ..series };
            let rest: Vec<_> =
                coming(&middle, all[place].slot).take(all.len() - place - 1).collect();
            prop_assert_eq!(&rest[..], &all[place + 1..]);
        }
    }

    /// P3: an occurrence is due at the anchor's time on the wall; where the clock jumped over it,
    /// later by as much; where it is shown twice, the first time.
    #[test]
    fn p3_wall_times_stay(rule in endless(), anchor in anchor()) {
        let Some((series, first)) = begun(rule, anchor) else { return Ok(()) };
        for next in coming(&series, first).take(40) {
            prop_assert_eq!(next.slot.wall().time(), first.wall().time());
            let Due::At { wall, zone, .. } = next.due else {
                prop_assert_eq!(next.due, Due::Day(next.slot.wall().date()));
                continue;
            };
            prop_assert_eq!(instant(&next), oracle::instant(next.slot.wall(), zone), "{:?}", next);
            let moved = wall - next.slot.wall();
            prop_assert_eq!(moved, oracle::gap(next.slot.wall(), zone), "{:?}", next);
        }
    }

    /// P3: no day is lost: a daily rule has as many slots as there are days, in any zone and at
    /// any time of day.
    #[test]
    fn p3_no_day_is_lost(from in day(), time in time(), zone in zone()) {
        let anchor = Due::at(from.and_time(time), zone, None);
        let last = from.checked_add_days(Days::new(800)).unwrap_or(LAST_DAY).min(LAST_DAY);
        let slots = Slots::from(&Rule::every(1, Freq::Daily), anchor, Slot::of(anchor));
        let found = walls(slots, last);
        let first = Slot::of(anchor).wall().date();
        let days: Vec<_> = first.iter_days().take_while(|day| *day <= last).collect();
        let found: Vec<_> = found.into_iter().map(|wall| wall.date()).collect();
        prop_assert_eq!(found, days);
    }

    /// P10: one rule has one text, and that text is the rule.
    #[test]
    fn p10_canonical_form(rule in rule(), order in any::<u64>()) {
        let text = rule.to_string();
        prop_assert_eq!(&text.parse(), &Ok(rule.clone()));
        prop_assert!(text.len() <= RULE_MAX && text.is_ascii());
        let mut parts: Vec<_> = text.split(';').map(str::to_ascii_lowercase).collect();
        if !text.contains("INTERVAL") {
            parts.push("Interval=01".to_owned());
        }
        if !text.contains("WKST") {
            parts.push("wkst=mo".to_owned());
        }
        for part in &mut parts {
            // Lists in another order, and with a value twice.
            if let Some((name, values)) = part.split_once('=').filter(|(n, _)| n.starts_with("by")) {
                let mut values: Vec<_> = values.split(',').collect();
                let turn = usize::try_from(order % 3).unwrap_or(0) % values.len();
                values.rotate_left(turn);
                values.push(values[0]);
                *part = format!("{name}={}", values.join(","));
            }
        }
        let turn = usize::try_from(order % 7).unwrap_or(0) % parts.len();
        parts.rotate_left(turn);
        let other = format!(" RRule:{} ", parts.join(";"));
        if other.len() <= RULE_MAX {
            prop_assert_eq!(&other.parse(), &Ok(rule.clone()), "{}", other);
        }
        let json = serde_json::to_string(&rule).expect("it is written as JSON");
        prop_assert_eq!(json, format!("\"{text}\""));
    }

    /// P11: no text makes it panic, and what is taken for a rule is one.
    #[test]
    fn p11_any_text(text in text(), anchor in anchor()) {
        if let Ok(rule) = text.parse::<Rule>() {
            prop_assert_eq!(rule.to_string().parse(), Ok(rule.clone()), "{}", text);
            let slots: Vec<_> = Slots::from(&rule, anchor, Slot::of(anchor)).take(3).collect();
            prop_assert!(slots.windows(2).all(|pair| pair[0] < pair[1]), "{} {:?}", rule, slots);
        }
    }

    #[test]
    fn p11_any_bytes(bytes in vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(rule) = text.parse::<Rule>() {
            prop_assert_eq!(rule.to_string().parse(), Ok(rule));
        }
    }
}

/// Texts that are nearly rules.
fn text() -> impl Strategy<Value = String> {
    let name = select(vec![
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "WKST",
        "BYMONTH",
        "BYMONTHDAY",
        "BYDAY",
        "BYSETPOS",
        "BYHOUR",
        "RSCALE",
        "X-NAME",
        "",
        "freq",
        "RRULE:FREQ",
    ]);
    let value = prop_oneof![
        4 => select(vec![
            "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "SECONDLY", "MO", "TU,FR", "1MO", "-1SU", "5SA",
            "6MO", "0MO", "MOO", "20261231", "20261231T000000Z", "00010101", "99991231", "1", "31",
        ]).prop_map(str::to_owned),
        2 => vec(-40..40_i32, 1..4)
            .prop_map(|ns| ns.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        1 => "[ -~]{0,12}",
        1 => any::<String>(),
    ];
    let part = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
    let freq =
        select(vec!["FREQ=DAILY", "FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=2", "rrule:freq=weekly"]);
    prop_oneof![
        4 => (freq, vec(part.clone(), 0..4)).prop_map(|(freq, mut parts)| {
            parts.insert(0, freq.to_owned());
            parts.join(";")
        }),
        2 => vec(part, 0..6).prop_map(|parts| parts.join(";")),
        1 => any::<String>(),
        1 => Just("FREQ=DAILY;BYMONTHDAY=".to_owned() + &"1,".repeat(20_000)),
    ]
}
