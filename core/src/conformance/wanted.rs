//! Random filters (Q1–Q5), over the words that [`history`](super::history()) uses.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};

use super::given::{due, instant, uid};
use super::history::date;
use crate::query::{Bound, DueFilter, Filter, ParentFilter, ProjectFilter};
use crate::task::{Priority, Status};

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

/// Filters without an expression.
pub fn filter() -> impl Strategy<Value = Filter> {
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
