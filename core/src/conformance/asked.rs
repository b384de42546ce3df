//! What is asked of random tasks: filters and expressions (Q9) of every kind with the worst of
//! texts, at moments where days begin late, twice or not at all.

use chrono::Weekday;
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};

use super::given::{due, instant, uid};
use super::history;
use crate::due::Due;
use crate::query::expression::{Compare, DateField, DateTest, IdRange, Is, Node, Term};
use crate::query::{Expression, Filters, Moment};
use crate::reference::TaskRef;
use crate::task::{Parent, Priority, Status, Task, TaskNo};
use crate::text::{Project, Tag};
use crate::words::Asking;

/// Texts that look like something else.
const TEXTS: &[&str] = &[
    "a",
    "milk",
    "day",
    "STRASSE",
    "none",
    "Any",
    "and",
    "OR",
    "not",
    "today",
    "Overdue",
    "-",
    "-work",
    "!high",
    "!",
    "#tag",
    "@home",
    "+work",
    "+",
    "http://x",
    "due:tomorrow",
    "17:00",
    "1:a:b:",
    "a\"b",
    "\"",
    "\\",
    "\\\"",
    "“quoted”",
    "”",
    "a,b",
    "(",
    ")",
    "a|b & c",
    "<=",
    "!=",
    "two words",
    "tab\tand\nline",
    "\u{9b}31m",
    "مهمة",
    "\u{202e}gnp.exe",
    "👩‍👩‍👧",
    "e\u{301}",
    "ﷺ",
    "it’s",
    "a.b/c-d_e",
];

/// Days in words (W2), as the laws of printing use them.
const DAYS: &[&str] = &[
    "2026-11-21",
    "monday",
    "next friday",
    "eom",
    "15th",
    "in 3 days",
    "+3d",
    "yesterday",
    "last friday of next month",
    "nov 21",
];

/// Moments in words.
const MOMENTS: &[&str] = &[
    "17:00",
    "tomorrow 5pm",
    "2026-12-01T17:00",
    "2026-12-01T17:00[Asia/Karachi]",
    "1h",
    "2d and 3h",
    "now",
    "1h ago",
    "Today",
];

/// Saved filters, some under names that mean something elsewhere.
const SAVED: &[(&str, &str)] = &[
    ("mine", "#work or !high"),
    ("any", "due<tomorrow"),
    ("not", "not filter:mine"),
    ("ünï-5_x", "status:closed or waiting"),
];

/// Noon on Saturday 2026-11-21.
pub fn asking() -> Asking {
    let now = instant("2026-11-21T12:00:00Z");
    let moment = Moment { now, zone: Tz::UTC, owner_zone: Tz::UTC, week_start: Weekday::Mon };
    Asking { moment, date_order: None }
}

/// Saved filters that [`node`] names.
pub fn saved() -> Filters {
    let mut saved = Filters::default();
    for (name, text) in SAVED {
        saved.save(name, text, &asking()).expect("a filter of the suite");
    }
    saved
}

/// What was said, as an expression.
pub fn expression(root: Node) -> Expression {
    Expression { root, date_order: None }
}

/// A text to look for: there is something in it, and no white space around it.
fn text() -> impl Strategy<Value = Box<str>> {
    let long = (select(TEXTS), 20..60_usize).prop_map(|(text, times)| text.repeat(times));
    let texts = prop_oneof![
        8 => select(TEXTS).prop_map(str::to_owned),
        2 => "\\PC{1,12}",
        1 => any::<String>(),
        1 => long,
    ];
    texts.prop_filter_map("blank", |text| {
        Some(text.trim()).filter(|text| !text.is_empty()).map(Box::from)
    })
}

fn tag() -> impl Strategy<Value = Box<str>> {
    let known = select(vec!["work", "WORK", "straße", "👩‍👩‍👧", "none", "and", "a\"”b"]);
    let tags = prop_oneof![known.prop_map(Box::from), text()];
    tags.prop_filter_map("no tag", |text| Tag::new(&text).ok().map(|tag| tag.as_str().into()))
}

fn project() -> impl Strategy<Value = Box<str>> {
    let known = select(vec!["home", "Home/Garden", "hom", "work", "my home/my bed"]);
    let paths = prop_oneof![known.prop_map(Box::from), text()];
    paths.prop_filter_map("no project", |text| {
        Project::new(&text).ok().map(|project| project.as_str().into())
    })
}

fn is<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Is<T>> {
    prop_oneof![1 => Just(Is::None), 1 => Just(Is::Any), 6 => value.prop_map(Is::A)]
}

fn reference() -> impl Strategy<Value = TaskRef> {
    prop_oneof![
        4 => (1..20_u64).prop_map(|no| TaskRef::No(TaskNo(no))),
        2 => (0..10_u8).prop_map(|k| TaskRef::Uid(uid(k))),
        1 => "[0-9a-f]{4,31}".prop_map(|hex| TaskRef::Prefix(hex.into())),
        1 => "[0-9]{4,31}".prop_map(|hex| TaskRef::Prefix(hex.into())),
        1 => select(vec!["aaaa", "bbbb", "aaaa02"]).prop_map(|hex| TaskRef::Prefix(hex.into())),
    ]
}

fn id_range() -> impl Strategy<Value = IdRange> {
    let range = (0..20_u64, 0..20_u64).prop_map(|(a, b)| IdRange::Range(a.min(b), a.max(b)));
    prop_oneof![reference().prop_map(IdRange::One), range]
}

fn compare() -> impl Strategy<Value = Compare> {
    select(vec![Compare::Less, Compare::AtMost, Compare::More, Compare::AtLeast])
}

fn date(
    days: &'static [&'static str],
    moments: &'static [&'static str],
) -> impl Strategy<Value = Term> {
    let fields = vec![
        DateField::Due,
        DateField::Due,
        DateField::Start,
        DateField::Created,
        DateField::Updated,
        DateField::Completed,
        DateField::Cancelled,
    ];
    let words =
        vec![DateTest::None, DateTest::Any, DateTest::Today, DateTest::Tomorrow, DateTest::Week];
    let any_text = prop_oneof![select(days), select(moments)];
    let test = prop_oneof![
        2 => select(words),
        1 => select(days).prop_map(|text| DateTest::On(text.into())),
        2 => (compare(), any_text).prop_map(|(compare, text)| DateTest::Bound(compare, text.into())),
    ];
    (select(fields), test)
        .prop_filter("what has happened is not asked of a day to come", |(field, test)| {
            let ahead = matches!(field, DateField::Due | DateField::Start);
            let comes = |text: &str| {
                ["monday", "next friday", "15th", "last friday of next month", "17:00"]
                    .contains(&text)
            };
            ahead || !matches!(test, DateTest::On(t) | DateTest::Bound(_, t) if comes(t))
        })
        .prop_map(|(field, test)| Term::Date(field, test))
}

/// Every kind of condition, with dates in these words.
fn term(
    days: &'static [&'static str],
    moments: &'static [&'static str],
) -> impl Strategy<Value = Term> {
    let statuses = subsequence(Status::ALL.to_vec(), 1..=4).prop_shuffle();
    let priorities = subsequence(Priority::ALL.to_vec(), 1..=3).prop_shuffle();
    let texts = prop_oneof![
        text().prop_map(Term::Text),
        text().prop_map(Term::Title),
        is(text()).prop_map(Term::Description),
        is(vec(project(), 1..3)).prop_map(Term::Project),
        is(vec(tag(), 1..3)).prop_map(Term::Tag),
    ];
    let words = prop_oneof![
        statuses.prop_map(Term::Status),
        priorities.prop_map(Term::Priority),
        (compare(), select(Priority::ALL)).prop_map(|(by, level)| Term::Rank(by, level)),
        any::<bool>().prop_map(Term::Repeating),
        any::<bool>().prop_map(Term::Reminders),
        Just(Term::Overdue),
        Just(Term::Waiting),
    ];
    let numbers = prop_oneof![
        vec(id_range(), 1..4).prop_map(Term::Id),
        (compare(), prop_oneof![0..20_u64, any::<u64>()]).prop_map(|(by, no)| Term::IdRank(by, no)),
        is(vec(reference(), 1..3)).prop_map(Term::Parent),
        (compare(), prop_oneof![-30..200_i64, -9_999..=9_999_i64])
            .prop_map(|(by, points)| Term::Urgency(by, points)),
    ];
    prop_oneof![texts, words, numbers, date(days, moments)]
}

fn tree(leaf: impl Strategy<Value = Node> + 'static) -> BoxedStrategy<Node> {
    let grown = leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Node::all),
            vec(inner.clone(), 2..4).prop_map(Node::one_of),
            inner.prop_map(|node| Node::Not(Box::new(node))),
        ]
    });
    grown.boxed()
}

/// Expressions of every kind, as [`asking`] could have typed them over [`saved`].
pub fn node() -> BoxedStrategy<Node> {
    let filters = saved();
    let named = SAVED.iter().map(|(name, _)| {
        let inner = filters.expression(name, &asking()).expect("a filter of the suite");
        Node::Saved((*name).into(), Box::new(inner.root))
    });
    let named: Vec<_> = named.collect();
    tree(prop_oneof![8 => term(DAYS, MOMENTS).prop_map(Node::Term), 1 => select(named)])
}

/// Expressions with no other dates than these.
pub fn node_with(
    days: &'static [&'static str],
    moments: &'static [&'static str],
) -> BoxedStrategy<Node> {
    tree(term(days, moments).prop_map(Node::Term))
}

/// Where clocks change at midnight, by half an hour, or left out a day.
pub fn moment() -> impl Strategy<Value = Moment> {
    let zones = [
        Tz::UTC,
        Tz::Asia__Karachi,
        Tz::America__New_York,
        Tz::Africa__Cairo,
        Tz::Australia__Lord_Howe,
        Tz::America__Havana,
        Tz::Pacific__Apia,
    ];
    let moments = [
        "2026-11-21T12:00:00Z",
        "2026-11-20T19:00:00Z",
        "2026-11-20T18:59:59.999Z",
        "2026-11-22T05:00:00Z",
        "2026-12-21T12:00:00Z",
        "2026-03-08T04:59:59.999Z",
        "2026-03-08T05:00:00Z",
        "2026-11-01T04:30:00Z",
        "2026-11-01T05:30:00Z",
        "2026-10-03T15:30:00Z",
        "2026-04-04T15:00:00.001Z",
        "2011-12-30T09:59:59.999Z",
        "2011-12-30T10:00:00Z",
    ];
    let weeks = select(vec![Weekday::Mon, Weekday::Sun, Weekday::Sat]);
    (select(moments.to_vec()), select(zones.to_vec()), weeks).prop_map(|(now, zone, week_start)| {
        Moment { now: instant(now), zone, owner_zone: zone, week_start }
    })
}

/// Dates near those moments.
fn near() -> impl Strategy<Value = Due> {
    let dates = [
        "2026-03-07",
        "2026-03-08",
        "2026-03-08T00:30[America/Havana]",
        "2026-11-01",
        "2026-11-01T00:30-05:00[America/Havana]",
        "2026-10-04",
        "2026-10-04T02:15[Australia/Lord_Howe]",
        "2011-12-29",
        "2011-12-30",
        "2011-12-31",
        "2011-12-31T00:00[Pacific/Apia]",
    ];
    prop_oneof![1 => select(dates.to_vec()).prop_map(due), 2 => history::date()]
}

/// A task with numbers, also its parent's.
pub fn task() -> impl Strategy<Value = Task> {
    let dates = (option::weighted(0.3, near()), option::weighted(0.2, near()));
    (history::record(), dates, 1..20_u64).prop_map(|(mut task, (due, start), above)| {
        task.id = TaskNo(task.id.0 + 1);
        task.parent = task.parent.map(|parent| Parent { id: TaskNo(above), ..parent });
        task.due_date = due.or(task.due_date);
        task.start_date = start.or(task.start_date);
        task
    })
}
