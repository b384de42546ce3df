//! Random rules, anchors and zones.

use chrono::{Days, NaiveDate, NaiveTime, Weekday};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, prop_oneof};
use proptest::sample::{select, subsequence};
use todo_core::recurrence::{Day, End, Freq};
use todo_core::time::LAST_DAY;
use todo_core::{Due, Rule, Zone};

const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// Clocks that jump at midnight, by day, by half an hour, twice in Ramadan, over a whole day, and
/// not at all.
pub(super) const ZONES: [Zone; 16] = [
    chrono_tz::UTC,
    chrono_tz::Asia::Karachi,
    chrono_tz::America::New_York,
    chrono_tz::Europe::Berlin,
    chrono_tz::Africa::Cairo,
    chrono_tz::Asia::Beirut,
    chrono_tz::America::Havana,
    chrono_tz::America::Santiago,
    chrono_tz::Atlantic::Azores,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Africa::Casablanca,
    chrono_tz::Pacific::Apia,
    chrono_tz::Pacific::Kiritimati,
    chrono_tz::Asia::Tehran,
    chrono_tz::America::Asuncion,
    chrono_tz::Asia::Kathmandu,
];

pub(crate) fn zone() -> impl Strategy<Value = Zone> {
    select(ZONES.to_vec())
}

/// Any day of the calendar; the last days of months and of February more often.
pub(super) fn day() -> impl Strategy<Value = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
    let all = (LAST_DAY - first).num_days();
    let day = move |n: i64| first.checked_add_days(Days::new(n.unsigned_abs())).expect("a day");
    let ends = move |n: i64| {
        let month = day(n).format("%Y-%m-01").to_string();
        let first: NaiveDate = month.parse().expect("a first of a month");
        first.pred_opt().filter(|end| *end >= day(0)).unwrap_or(first)
    };
    let leap = (18..32_i32).prop_map(|n| NaiveDate::from_ymd_opt(n * 4 + 1900, 2, 29));
    prop_oneof![
        6 => (0..=all).prop_map(day),
        2 => (0..=all).prop_map(ends),
        1 => leap.prop_map(|day| day.expect("a leap day")),
    ]
}

pub(super) fn time() -> impl Strategy<Value = NaiveTime> {
    let at = |h, m, s| NaiveTime::from_hms_opt(h, m, s).expect("a time");
    prop_oneof![
        2 => Just(at(0, 0, 0)),
        2 => select(vec![at(0, 30, 0), at(1, 30, 0), at(2, 30, 0), at(23, 30, 0), at(23, 59, 59)]),
        1 => (0..24_u32, 0..60_u32).prop_map(move |(h, m)| at(h, m, 0)),
    ]
}

/// A whole day, or a wall time in a zone.
pub(crate) fn anchor() -> impl Strategy<Value = Due> {
    (day(), option::weighted(0.7, (time(), zone()))).prop_map(|(day, timed)| match timed {
        None => Due::Day(day),
        Some((time, zone)) => Due::at(day.and_time(time), zone, None),
    })
}

fn numbers(most: i8) -> impl Strategy<Value = i8> {
    prop_oneof![2 => 1..=most, 1 => -most..=-1]
}

fn months() -> impl Strategy<Value = Vec<u8>> {
    subsequence((1..=12).collect::<Vec<u8>>(), 1..4)
}

fn plain_days() -> impl Strategy<Value = Vec<Day>> {
    subsequence(WEEK.to_vec(), 1..5)
        .prop_map(|days| days.into_iter().map(|weekday| Day { ordinal: 0, weekday }).collect())
}

fn counted_days() -> impl Strategy<Value = Vec<Day>> {
    let counted = (prop_oneof![4 => numbers(5), 1 => Just(0)], select(WEEK.to_vec()))
        .prop_map(|(ordinal, weekday)| Day { ordinal, weekday });
    vec(counted, 1..4)
}

fn none_or<T: Clone + std::fmt::Debug + 'static>(
    some: impl Strategy<Value = Vec<T>> + 'static,
) -> BoxedStrategy<Vec<T>> {
    prop_oneof![Just(Vec::new()), some].boxed()
}

/// Which days of its period a rule names: BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS.
type Named = (Vec<u8>, Vec<i8>, Vec<Day>, Vec<i8>);

fn named(freq: Freq) -> BoxedStrategy<Named> {
    let month_days = || vec(numbers(31), 1..4);
    let with_positions =
        |days: BoxedStrategy<(Vec<i8>, Vec<Day>)>| (days, none_or(vec(numbers(6), 1..3)));
    let days_of_month = || {
        prop_oneof![
            month_days().prop_map(|days| (days, Vec::new())),
            plain_days().prop_map(|days| (Vec::new(), days)),
            counted_days().prop_map(|days| (Vec::new(), days)),
            (month_days(), plain_days()),
        ]
        .boxed()
    };
    match freq {
        Freq::Daily => (none_or(months()), none_or(month_days()), none_or(plain_days()))
            .prop_map(|(months, month_days, days)| (months, month_days, days, Vec::new()))
            .boxed(),
        Freq::Weekly => (none_or(months()), none_or(plain_days()))
            .prop_map(|(months, days)| (months, Vec::new(), days, Vec::new()))
            .boxed(),
        Freq::Monthly | Freq::Yearly => {
            let bare = none_or(months()).prop_map(|months| (months, vec![], vec![], vec![]));
            let months = if freq == Freq::Yearly { months().boxed() } else { none_or(months()) };
            let some = (months, with_positions(days_of_month())).prop_map(
                |(months, ((month_days, days), positions))| (months, month_days, days, positions),
            );
            prop_oneof![1 => bare, 5 => some].boxed()
        }
    }
}

fn interval() -> impl Strategy<Value = u16> {
    prop_oneof![4 => Just(1), 4 => 2..=5_u16, 1 => 6..=999_u16]
}

/// Any rule of the subset, without an end.
pub(super) fn endless() -> impl Strategy<Value = Rule> {
    let freq = select(vec![Freq::Daily, Freq::Weekly, Freq::Monthly, Freq::Yearly]);
    let named = freq.prop_flat_map(|freq| (Just(freq), named(freq)));
    (named, interval(), select(WEEK.to_vec())).prop_map(|((freq, named), interval, week_start)| {
        let (months, month_days, days, positions) = named;
        let rule =
            Rule { months, month_days, days, positions, week_start, ..Rule::every(interval, freq) };
        rule.checked().expect("only rules of the subset are drawn")
    })
}

/// Any rule of the subset.
pub(crate) fn rule() -> impl Strategy<Value = Rule> {
    use todo_core::recurrence::Until;
    let until = (day(), time(), 0..3_u8).prop_map(|(day, time, kind)| match kind {
        0 => Until::Day(day),
        1 => Until::Wall(day.and_time(time)),
        _ => Until::Utc(day.and_time(time)),
    });
    let end = prop_oneof![
        2 => Just(End::Never),
        1 => (1..=1000_u16).prop_map(End::Count),
        1 => until.prop_map(End::Until),
    ];
    (endless(), end).prop_map(|(rule, end)| Rule { end, ..rule })
}

/// Rules that say no more than how often: all that completions can be counted by.
pub(crate) fn plain() -> impl Strategy<Value = Rule> {
    let freq = select(vec![Freq::Daily, Freq::Weekly, Freq::Monthly, Freq::Yearly]);
    (1..40_u16, freq).prop_map(|(interval, freq)| Rule::every(interval, freq))
}
