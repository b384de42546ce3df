//! Q7: walks through the pages of an expression, in every order, while tasks change and time
//! passes.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::conformance::given::{DAY, order, title};
use todo_core::conformance::{cases, history, uid};
use todo_core::memory::MemoryStore;
use todo_core::query::{CursorKey, Expression, Filters, Moment, SortKey};
use todo_core::words::Asking;
use todo_core::{
    Command, Filter, Item, Limit, NewTask, Order, Page, Status, Task, TaskError, TaskId, TaskNo,
    TaskQuery, TaskStore as _, Verb,
};

use crate::play::{Play, act, change};
use todo_core::conformance::asked::{asking, task};

const KEY: CursorKey = CursorKey::new([7; 32]);

const TEXTS: &[&str] = &[
    "due<tomorrow or due:none",
    "urgency>20",
    "not today",
    "overdue or waiting",
    "status:all not tag:absent",
    "created<=today (milk | not milk)",
];

/// What happens between two pages.
#[derive(Debug, Clone)]
enum Between {
    Nothing,
    Made(Box<NewTask>),
    Changed(u8, Box<todo_core::TaskPatch>),
    Closed(u8),
    Deleted(u8),
}

fn between() -> impl Strategy<Value = (i64, Between)> {
    let k = || 0..20_u8;
    let made = (100..200_u8, history::date()).prop_map(|(k, due)| {
        let new = NewTask::new(uid(k), title("came in between"));
        Between::Made(Box::new(NewTask { due_date: Some(due), ..new }))
    });
    let act = prop_oneof![
        1 => any::<bool>().prop_map(|_| Between::Nothing),
        2 => made,
        3 => (k(), history::patch()).prop_map(|(k, patch)| Between::Changed(k, Box::new(patch))),
        1 => k().prop_map(Between::Closed),
        1 => k().prop_map(Between::Deleted),
    ];
    (select(vec![0, 1, 3_600_000, DAY, 10 * DAY]), act)
}

/// Does it, as far as it can be done, and answers which task it was done to.
fn happen(play: &mut Play, between: &Between) -> Option<TaskId> {
    let (k, command) = match between {
        Between::Nothing => return None,
        Between::Made(new) => {
            return play.run(&Command::One(Item::Create(new.clone()))).ok().and(None);
        }
        Between::Changed(k, patch) => (*k, act(*k, change((**patch).clone()))),
        Between::Closed(k) => (*k, act(*k, Verb::Move { to: Status::Completed, cascade: false })),
        Between::Deleted(k) => (*k, act(*k, Verb::Delete)),
    };
    play.run(&command).ok().map(|_| uid(k))
}

/// Twenty tasks with ties in every key.
fn shelf(tasks: Vec<Task>) -> Play {
    let mut play = Play::new();
    let tasks: Vec<_> = (0..)
        .zip(tasks)
        .map(|(k, task)| Task {
            uid: uid(k),
            id: TaskNo::UNSTAMPED,
            parent: None,
            series: None,
            slot: None,
            recurrence: None,
            ..task
        })
        .collect();
    play.done(&Command::Import(tasks.into()));
    play
}

/// The question as it is asked anew for every page, each time at its own present.
fn query(text: &str, saved: &Filters, order: &Order, moment: Moment) -> TaskQuery {
    let asking = Asking { moment, ..asking() };
    let expression = Expression::parse(text, &asking, saved).expect("an expression of the suite");
    let filter = Filter { expression: Some(expression), ..Filter::default() };
    TaskQuery { filter, order: order.clone(), ..TaskQuery::new(moment) }
}

fn find(store: &MemoryStore, play: &Play, query: &TaskQuery) -> Page<Task> {
    store.find(play.ctx.owner, query).expect("memory answers")
}

/// Every key by itself, both ways, and two together.
fn orders() -> Vec<Order> {
    let keys = SortKey::WORDS.iter().flat_map(|key| [(*key).to_owned(), format!("-{key}")]);
    keys.chain(["-urgency,title".to_owned()]).map(|keys| order(&keys)).collect()
}

fn moment(play: &Play) -> Moment {
    Moment { now: play.ctx.now, ..asking().moment }
}

proptest! {
    #![proptest_config(cases(48))]

    /// An unchanged row that matched at the beginning is given once and in its order; urgency and
    /// days stay where the first page found them.
    #[test]
    fn q7_every_row_once_in_order(
        tasks in vec(task(), 20),
        text in select(TEXTS),
        size in 1..=7_u32,
        happenings in vec(between(), 20),
    ) {
        let start = shelf(tasks);
        for order in orders() {
            let mut play = start.clone();
            let whole = query(text, &Filters::default(), &order, moment(&play));
            let expected = find(&play.store, &play, &TaskQuery { limit: Limit::All, ..whole.clone() });
            let mut touched = BTreeSet::new();
            let mut walked = Vec::new();
            let mut happenings = happenings.iter().cycle();
            let mut asked = TaskQuery { limit: Limit::Page(size), ..whole };
            loop {
                let page = find(&play.store, &play, &asked);
                prop_assert!(page.tasks.len() <= size as usize);
                walked.extend(page.tasks.iter().map(|task| task.uid));
                let Some(cursor) = page.cursor(&asked, &KEY) else { break };
                for (wait, between) in happenings.by_ref().take(2) {
                    play.later(*wait);
                    touched.extend(happen(&mut play, between));
                }
                // Asked from elsewhere, too; the first page's zone stays.
                let elsewhere = Moment { zone: Tz::Pacific__Apia, ..moment(&play) };
                let again = query(text, &Filters::default(), &order, elsewhere);
                asked = TaskQuery { limit: Limit::Page(size), ..again };
                asked = asked.resume(&cursor, &KEY).expect("its own cursor");
            }
            let kept = |uid: &TaskId| !touched.contains(uid);
            let expected: Vec<_> = expected.tasks.iter().map(|task| task.uid).filter(kept).collect();
            let there: BTreeSet<_> = expected.iter().collect();
            let walked: Vec<_> = walked.into_iter().filter(|uid| there.contains(uid)).collect();
            prop_assert_eq!(walked, expected, "{:?}", order);
        }
    }
}

/// A cursor is good for what it was given for.
#[test]
fn q7_q9_another_question_is_refused() {
    let mut play = Play::new();
    for k in 1..=3 {
        play.add(k, "one of three");
    }
    let mut saved = Filters::default();
    saved.save("mine", "one", &asking().clone()).expect("a filter");
    let moment = moment(&play);
    let urgent = order("-urgency");
    let asked = |text: &str, saved: &Filters, order: &Order| TaskQuery {
        limit: Limit::Page(2),
        ..query(text, saved, order, moment)
    };
    let first = asked("filter:mine not due<tomorrow", &saved, &urgent);
    let cursor = find(&play.store, &play, &first).cursor(&first, &KEY).expect("there is more");
    let resumed = |query: TaskQuery| query.resume(&cursor, &KEY).map(|query| query.after.is_some());
    let refused = Err(TaskError::InvalidCursor);

    let same = "not due<tomorrow and filter:Mine";
    assert_eq!(resumed(asked("FILTER:mine  (not due<tomorrow)", &saved, &urgent)), Ok(true));
    // The same tasks, but another text: what is compared is what was said.
    assert_eq!(resumed(asked(same, &saved, &urgent)), refused);
    assert_eq!(resumed(asked("filter:mine not due<today", &saved, &urgent)), refused);
    assert_eq!(resumed(asked("filter:mine not due<tomorrow", &saved, &order("urgency"))), refused);
    assert_eq!(resumed(TaskQuery { filter: Filter::default(), ..first.clone() }), refused);
    assert_eq!(
        first.clone().resume(&cursor, &CursorKey::new([8; 32])).err(),
        refused.clone().err()
    );
    // Another name for the same is the same; another text behind the same name is not.
    saved.save("yours", "one", &asking()).expect("a filter");
    assert_eq!(resumed(asked("filter:yours not due<tomorrow", &saved, &urgent)), Ok(true));
    saved.save("mine", "one three", &asking()).expect("a filter");
    assert_eq!(resumed(asked("filter:mine not due<tomorrow", &saved, &urgent)), refused);
    // How 4/1 is read is part of what was said.
    let order_of_dates = Some(todo_core::words::DateOrder::DayFirst);
    let mut other = first;
    other.filter.expression = other.filter.expression.map(|mut expression| {
        expression.date_order = order_of_dates;
        expression
    });
    assert_eq!(resumed(other), refused);
}
