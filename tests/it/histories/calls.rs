//! Random calls: what people and programs could do to a handful of tasks.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use todo_core::{Zone, time};
use todo_tests::scenarios::call::Call;
use todo_tests::surfaces::asked::{
    Change, Draft, Edits, How, Question, Ref, Refs, Remind, Repeat, Verb, Which,
};

/// Numbers that calls name: some are there, some are not yet or no more.
const NUMBERS: std::ops::Range<u64> = 1..8;

const DAY: i64 = 86_400_000;
/// How long the trash keeps a task.
pub(super) const MONTH: i64 = todo_core::task::TRASH_KEPT_MILLIS;

#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) wait: i64,
    pub(super) call: Call,
    pub(super) how: How,
}

#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) zone: Zone,
    pub(super) moves: Vec<Move>,
}

pub(super) fn history() -> impl Strategy<Value = History> {
    let zones = ["UTC", "Asia/Karachi", "America/Havana", "Australia/Lord_Howe"];
    let zone = select(zones.to_vec()).prop_map(|name| time::zone(name).expect("a zone"));
    (zone, vec(a_move(), 1..20)).prop_map(|(zone, moves)| History { zone, moves })
}

fn a_move() -> impl Strategy<Value = Move> {
    let wait = prop_oneof![6 => 0..10_000_i64, 2 => Just(DAY), 1 => Just(MONTH + DAY)];
    (wait, call(), any::<bool>(), 0..8_u8, option::weighted(0.2, 1..4_u64)).prop_map(
        |(wait, call, cascade, luck, version)| {
            let edit = matches!(call, Call::Edit { .. });
            let closes = matches!(call, Call::Complete(_) | Call::Cancel(_) | Call::Skip(_));
            let how = How {
                dry_run: luck == 0,
                cascade: cascade && closes,
                atomic: false,
                version: version.filter(|_| edit),
            };
            Move { wait, call, how }
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        5 => draft().prop_map(Call::Add),
        4 => (which(), edits()).prop_map(|(tasks, set)| Call::Edit { tasks, set: Box::new(set) }),
        8 => (select(Verb::ALL.to_vec()), which()).prop_map(|(verb, tasks)| match verb {
            Verb::Start => Call::Start(tasks),
            Verb::Complete => Call::Complete(tasks),
            Verb::Cancel => Call::Cancel(tasks),
            Verb::Skip => Call::Skip(tasks),
            Verb::Reopen => Call::Reopen(tasks),
            Verb::Delete => Call::Delete(tasks),
            Verb::Restore => Call::Restore(tasks),
            Verb::Purge => Call::Purge(tasks),
        }),
        3 => Just(Call::Undo(None)),
        1 => (0..12_u64).prop_map(|at| Call::Undo(Some(at.to_string()))),
        2 => Just(Call::Redo),
        1 => (one(), of(LATER)).prop_map(|(tasks, until)| Call::Snooze { tasks, until }),
        1 => (one(), option::of(remind()), option::of(1..3_u32)).prop_map(|(tasks, add, remove)| {
            // Neither is a question, and no change.
            let add = add.or_else(|| remove.is_none().then(at_due));
            Call::Remind { tasks, add, remove: remove.into_iter().collect() }
        }),
        2 => Just(Call::RemindNow),
        1 => Just(Call::Today),
        1 => (NUMBERS, 1..5_usize).prop_map(|(id, count)| Call::Coming { task: id.into(), count }),
        1 => NUMBERS.prop_map(|id| Call::Show(id.into())),
        2 => filter().prop_map(|filter| Call::List(Box::new(asks(filter)))),
        1 => NUMBERS.prop_map(|id| Call::Urgency(id.into())),
        1 => option::of(filter()).prop_map(|filter| {
            Call::Stats(Box::new(Question { filter, ..Question::default() }))
        }),
        1 => (of(NAMES), filter()).prop_map(|(name, filter)| Call::SaveFilter { name, filter }),
        1 => of(NAMES).prop_map(Call::RemoveFilter),
    ]
}

fn refs() -> impl Strategy<Value = Refs> {
    let several = subsequence(NUMBERS.collect::<Vec<_>>(), 2..4);
    prop_oneof![3 => NUMBERS.prop_map(|id| vec![id]), 1 => several]
        .prop_map(|ids| Refs(ids.into_iter().map(Ref::from).collect()))
}

/// Tasks by their numbers, or by what is known of them.
fn which() -> impl Strategy<Value = Which> {
    prop_oneof![4 => refs().prop_map(Which::Named), 1 => filter().prop_map(Which::Meant)]
}

/// Filters, and some that are broken.
fn filter() -> impl Strategy<Value = String> {
    let joined = (term(), of(&["and", "or", "", "| not"]), term())
        .prop_map(|(one, join, other)| format!("{one} {join} {other}"));
    let inside = (term(), term(), term()).prop_map(|(a, b, c)| format!("({a} or {b}) not ({c})"));
    prop_oneof![3 => term(), 3 => joined, 1 => inside]
}

fn term() -> impl Strategy<Value = String> {
    prop_oneof![30 => of(TERMS), 1 => of(&["due<blue", "filter:none_such", "(", "tag:"])]
}

/// A question about them, in an order that the moment decides.
fn asks(filter: String) -> Question {
    let sort = Some("-urgency,title".to_owned());
    Question { filter: Some(filter), sort, ..Question::default() }
}

fn one() -> impl Strategy<Value = Refs> {
    NUMBERS.prop_map(|id| Refs(vec![id.into()]))
}

fn of(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(texts).prop_map(str::to_owned)
}

fn change<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Change<T>> {
    let set = value.prop_map(Change::Set);
    prop_oneof![3 => Just(Change::Keep), 1 => Just(Change::Clear), 1 => set]
}

const TITLES: &[&str] = &["Buy milk", "Straße", "-n", "مهمة", "say \"so\" \\ 'or not'"];
const PROJECTS: &[&str] = &["home", "Home/Garden", "work"];
const TAGS: [&str; 4] = ["work", "WORK", "straße", "x"];
const PRIORITIES: &[&str] = &["high", "Medium", "LOW"];
const STATUSES: &[&str] = &["pending", "in_progress", "completed", "cancelled"];
const DATES: &[&str] = &[
    "2026-11-20",
    "2026-11-21",
    "2026-11-22",
    "2026-11-21T17:00",
    "2026-11-01T01:30-05:00[America/New_York]",
    "2027-03-14T00:30",
    "2026-11-25T09:00[Europe/Berlin]",
];

const NAMES: &[&str] = &["mine", "Mine", "other"];
const TERMS: &[&str] = &[
    "#work",
    "tag:none",
    "@home",
    "!high",
    "priority>=medium",
    "overdue",
    "today",
    "week",
    "due<eow",
    "due>=\"in 3 days\"",
    "due:none",
    "waiting",
    "start:any",
    "repeating",
    "reminder:any",
    "status:all",
    "status:completed",
    "completed:today",
    "created>yesterday",
    "strasse",
    "\"buy milk\"",
    "title:o",
    "description:any",
    "parent:1",
    "parent:none",
    "id:2-4",
    "urgency>60",
    "filter:mine",
    "filter:OTHER",
];

/// Far off, as instants that have passed are refused where they are typed.
const LATER: &[&str] = &["2035-01-01T08:00:00Z", "2036-06-01T17:30:00Z"];
const RULES: &[&str] = &[
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=3",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=2SU",
    "FREQ=YEARLY;COUNT=1",
];
const PLAIN_RULES: &[&str] = &["FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY", "FREQ=MONTHLY;COUNT=2"];
const SPAWNS: &[&str] = &["on_completion", "on_schedule"];
const SCOPES: &[&str] = &["this", "future"];
const OFFSETS: &[&str] = &["PT0S", "-PT1H", "-P1D"];

fn repeat() -> impl Strategy<Value = Repeat> {
    let from = |from: &str| Some(from.to_owned());
    prop_oneof![
        2 => of(RULES).prop_map(|rule| Repeat { rule, ..Repeat::default() }),
        1 => (of(RULES), of(SPAWNS)).prop_map(move |(rule, spawn)| {
            Repeat { rule, from: from("schedule"), spawn: Some(spawn) }
        }),
        1 => of(PLAIN_RULES).prop_map(move |rule| {
            Repeat { rule, from: from("completion"), spawn: None }
        }),
    ]
}

fn remind() -> impl Strategy<Value = Remind> {
    prop_oneof![
        2 => of(OFFSETS).prop_map(|offset| Remind { offset: Some(offset), ..Remind::default() }),
        1 => of(LATER).prop_map(|at| Remind { at: Some(at), ..Remind::default() }),
    ]
}

fn at_due() -> Remind {
    Remind { offset: Some("PT0S".to_owned()), ..Remind::default() }
}

fn tags() -> impl Strategy<Value = Vec<String>> {
    subsequence(TAGS.to_vec(), 0..3).prop_map(|tags| tags.into_iter().map(str::to_owned).collect())
}

fn parent() -> impl Strategy<Value = Ref> {
    NUMBERS.prop_map(Ref::from)
}

fn draft() -> impl Strategy<Value = Draft> {
    let texts = (of(TITLES), option::of(of(&["a\nb", "milk"])), option::of(of(PROJECTS)), tags());
    let places = (option::of(of(PRIORITIES)), option::weighted(0.4, parent()));
    let dates = (option::weighted(0.2, of(DATES)), option::of(of(DATES)));
    let times = (option::weighted(0.4, repeat()), option::weighted(0.2, vec(remind(), 0..3)));
    (texts, places, dates, times).prop_map(|(texts, places, dates, times)| {
        let (title, description, project, tags) = texts;
        let ((priority, parent), (start_date, due_date)) = (places, dates);
        let (recurrence, reminders) = times;
        let recurrence = recurrence.filter(|_| due_date.is_some());
        let draft = Draft { title, description, priority, project, tags, ..Draft::default() };
        Draft { parent, start_date, due_date, recurrence, reminders, ..draft }
    })
}

fn edits() -> impl Strategy<Value = Edits> {
    let texts = (option::of(of(TITLES)), change(of(&["long"])), change(of(PROJECTS)));
    let words = (option::weighted(0.2, of(STATUSES)), option::of(of(PRIORITIES)));
    let places = (option::of(tags()), change(parent()));
    let dates = (change(of(DATES)), change(of(DATES)));
    let times = (change(repeat()), option::weighted(0.2, vec(remind(), 0..3)));
    let times = (times, option::weighted(0.1, of(SCOPES)));
    (texts, words, places, dates, times).prop_map(|(texts, words, places, dates, times)| {
        let ((title, description, project), (status, priority)) = (texts, words);
        let ((tags, parent), (start_date, due_date)) = (places, dates);
        let edits = Edits { title, description, status, priority, project, ..Edits::default() };
        let edits = Edits { tags, parent, start_date, due_date, ..edits };
        let ((recurrence, reminders), scope) = times;
        let edits = Edits { recurrence, reminders, scope, ..edits };
        of_something(edits)
    })
}

/// An edit of nothing is a slip where people type.
pub(super) fn of_something(edits: Edits) -> Edits {
    if edits == Edits::default() {
        return Edits { title: Some("something".to_owned()), ..edits };
    }
    edits
}
