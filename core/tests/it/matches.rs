//! Q1–Q5: the filter against a naive reading of the specification.

use chrono::Weekday;
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use todo_core::conformance::given::{due, instant};
use todo_core::conformance::history::{date, record};
use todo_core::conformance::{cases, uid};
use todo_core::query::{Bound, DueFilter, Matcher, Moment, ParentFilter, ProjectFilter};
use todo_core::{Filter, Priority, Status, TaskQuery};

use crate::naive;

fn moment() -> impl Strategy<Value = Moment> {
    let zones = [
        Tz::UTC,
        Tz::Asia__Karachi,
        Tz::America__New_York,
        Tz::Africa__Cairo,
        Tz::Australia__Lord_Howe,
        Tz::America__Havana,
    ];
    let moments = [
        "2026-11-21T12:00:00Z",
        "2026-11-20T19:00:00Z",
        "2026-11-20T18:59:59.999Z",
        "2026-11-21T22:00:00Z",
        "2026-11-22T05:00:00Z",
        "2026-04-23T22:00:00Z",
        "2026-04-23T22:00:00.001Z",
        "2026-11-01T05:30:00Z",
        "2026-11-01T06:30:00.001Z",
        "2026-12-21T12:00:00Z",
    ];
    let weeks = select(vec![Weekday::Mon, Weekday::Sun, Weekday::Sat]);
    (select(moments.to_vec()), select(zones.to_vec()), weeks).prop_map(|(now, zone, week_start)| {
        Moment { now: instant(now), zone, owner_zone: zone, week_start }
    })
}

fn bound() -> impl Strategy<Value = Bound> {
    let at = [
        "2026-11-20T19:00:00Z",
        "2026-11-21T00:00:00Z",
        "2026-11-21T12:00:00Z",
        "2026-04-23T22:00:00Z",
    ];
    prop_oneof![
        date().prop_map(Bound::from),
        select(at.to_vec()).prop_map(|at| Bound::At(instant(at))),
        Just(Bound::from(due("2026-04-24"))),
    ]
}

pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let folded =
        |words: Vec<&'static str>| words.into_iter().map(Box::from).collect::<Vec<Box<str>>>();
    let some = move |most: usize| {
        let words = vec!["work", "strasse", "👩‍👩‍👧", "absent"];
        prop_oneof![3 => Just(Vec::new()), 1 => subsequence(words, 0..=most).prop_map(folded)]
    };
    let places = (
        option::weighted(0.6, subsequence(Status::ALL.to_vec(), 1..=4)),
        prop_oneof![2 => Just(Vec::new()), 1 => subsequence(Priority::ALL.to_vec(), 0..=3)],
        prop_oneof![2 => Just(Vec::new()), 1 => vec(project(), 1..3)],
        option::weighted(
            0.2,
            prop_oneof![Just(ParentFilter::None), (0..8_u8).prop_map(|k| ParentFilter::Of(uid(k)))],
        ),
    );
    let words = ["none", "any", "overdue", "today", "tomorrow", "week"];
    let word = select(words.to_vec()).prop_map(|word| word.parse::<DueFilter>().expect("a word"));
    let dates = (
        option::weighted(0.5, word),
        option::weighted(0.2, bound()),
        option::weighted(0.2, bound()),
    );
    let search = select(vec!["", "", "", "a", "MILK", "straße", "milk a", "day work"]);
    let flags = (proptest::bool::weighted(0.2), any::<bool>(), proptest::bool::weighted(0.2));
    (places, (some(1), some(2), some(1)), dates, search, flags).prop_map(
        |(places, tags, dates, search, flags)| {
            let (status, priority, project, parent) = places;
            let (due, due_from, due_to) = dates;
            let ((tags, tags_any, tags_none), (trash, waiting, scheduled)) = (tags, flags);
            let filter = Filter {
                status,
                priority,
                project,
                tags,
                tags_any,
                tags_none,
                parent,
                due,
                due_from,
                due_to,
                search: Vec::new(),
                trash,
                waiting,
                scheduled,
                expression: None,
            };
            filter.search(search)
        },
    )
}

fn project() -> impl Strategy<Value = ProjectFilter> {
    let paths = ["home", "home/garden", "hom", "work"];
    prop_oneof![
        Just(ProjectFilter::None),
        select(paths.to_vec()).prop_map(|path| ProjectFilter::Within(path.into())),
    ]
}

proptest! {
    #![proptest_config(cases(2048))]

    #[test]
    fn as_the_specification_says(filter in filter(), tasks in vec(record(), 8), moment in moment()) {
        let query = TaskQuery { filter, ..TaskQuery::new(moment) };
        let matcher: Matcher<'_> = query.filter.matcher(&moment);
        for task in tasks {
            let expected = naive::matches(&query.filter, &task, &moment);
            prop_assert_eq!(matcher.matches(&task), expected, "{:?}", task);
            prop_assert_eq!(query.matches(&task), expected);
        }
    }
}
