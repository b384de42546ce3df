//! Q1–Q9: whatever is asked of whatever tasks, a database answers what the core would.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{FixedOffset, NaiveDate};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};
use proptest::test_runner::{TestCaseResult, TestRunner};
use todo_core::batch::Meta;
use todo_core::conformance::agree::{same_answer, same_stats};
use todo_core::conformance::given::{due, ids, record};
use todo_core::conformance::{Stage, asked, cases, uid, wanted};
use todo_core::event::EventData;
use todo_core::memory::{MemoryStore, Shared};
use todo_core::query::expression::{Compare, IdRange, Is, Node, Term};
use todo_core::query::{Filter, Moment, SortKey};
use todo_core::{
    AsyncTaskStore, Batch, Description, Due, Limit, Owner, Parent, Project, Tags, Task, TaskEvent,
    TaskNo, TaskQuery, TaskRef, Title,
};
use todo_store::Store;
use uuid::Uuid;

use crate::support::{self, on_both};

/// Texts that fold into each other, into something longer, or into nothing like themselves; and
/// those that mean something to SQL.
const HOSTILE: &[&str] = &[
    "İstanbul",
    "i\u{307}stanbul",
    "istanbul",
    "ﬁne",
    "FINE",
    "straße",
    "STRASSE",
    "e\u{301}",
    "É",
    "\u{2126}",
    "ω",
    "ǅ",
    "ſ",
    "\u{212a}",
    "k",
    "\u{345}",
    "\u{1fb3}",
    "\u{ad}",
    "\u{1f3f4}\u{200d}\u{2620}",
    "𝔘",
    "\u{fdfa}",
    "%",
    "_",
    "a'b\"c\\",
    "$1",
    "?",
    "home",
    "home/garden",
    "home0",
    "home.",
    "work",
];

/// Where days begin late, twice or not at all, and where they are offset by odd minutes.
pub(crate) const ZONES: &[Tz] = &[
    Tz::UTC,
    Tz::Pacific__Apia,
    Tz::America__Havana,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Kiritimati,
    Tz::America__St_Johns,
];

fn hostile() -> impl Strategy<Value = String> {
    let one = || select(HOSTILE).prop_map(str::to_owned);
    prop_oneof![3 => one(), 1 => (one(), one()).prop_map(|(a, b)| format!("{a}{b}"))]
}

/// A date as it may stand in a row: also one whose offset its zone does not know any more.
fn stored() -> impl Strategy<Value = Due> {
    let offset = (-1_080..1_080_i32).prop_map(|m| FixedOffset::east_opt(m * 60));
    let day = (0..47_481_u64).prop_map(|days| NaiveDate::default() + chrono::Days::new(days));
    let time = (0..24_u32, 0..60_u32, 0..60_u32);
    let at = (day.clone(), time, select(chrono_tz::TZ_VARIANTS.to_vec()), offset).prop_filter_map(
        "no such time",
        |(day, (hour, minute, second), zone, offset)| {
            Some(Due::At { wall: day.and_hms_opt(hour, minute, second)?, zone, offset: offset? })
        },
    );
    prop_oneof![3 => at, 1 => day.prop_map(Due::Day)]
}

fn task() -> impl Strategy<Value = Task> {
    let beside = select(vec!["home", "home0", "home.", "home/garden", "homework"]);
    let path = prop_oneof![hostile(), beside.prop_map(str::to_owned)];
    let texts = (option::of(hostile()), option::of(hostile()), option::of(path));
    let dates = (option::weighted(0.1, stored()), option::weighted(0.1, stored()));
    let parts = (asked::task(), texts, vec(hostile(), 0..3), dates, option::of(0..20_u8));
    parts.prop_map(|(task, (title, description, project), tags, dates, above)| {
        let tags = tags.iter().filter(|text| todo_core::Tag::new(text).is_ok());
        let tags = Tags::parse(&tags.collect::<Vec<_>>());
        let parent = above.map(|k| Parent { uid: uid(k), id: TaskNo(u64::from(k) + 1) });
        Task {
            title: title.and_then(|text| Title::new(&text).ok()).unwrap_or(task.title),
            description: description.and_then(|t| Description::new(&t).ok()).or(task.description),
            project: project.and_then(|text| Project::new(&text).ok()).or(task.project),
            tags: tags.ok().filter(|tags| !tags.is_empty()).unwrap_or(task.tags),
            due_date: dates.0.or(task.due_date),
            start_date: dates.1.or(task.start_date),
            parent: parent.or(task.parent),
            ..task
        }
    })
}

fn tasks() -> impl Strategy<Value = Vec<Task>> {
    vec(task(), 0..20).prop_map(|tasks| {
        let numbered = (0_u8..).zip(tasks).map(|(k, task)| Task {
            uid: uid(k),
            id: TaskNo::UNSTAMPED,
            series: None,
            slot: None,
            ..task
        });
        numbered.collect()
    })
}

/// Conditions with hostile values, beside all others.
fn node() -> BoxedStrategy<Node> {
    let text = || hostile().prop_map(Box::from);
    let labels = || vec(text(), 0..4).prop_map(Is::A);
    let compare = select(vec![Compare::Less, Compare::AtMost, Compare::More, Compare::AtLeast]);
    let refs = vec("[0-9a-f]{1,33}".prop_map(|hex| TaskRef::Prefix(hex.into())), 0..3);
    let homes = || select(vec!["home", "home/garden", "k", "work"]).prop_map(Box::from);
    let term = prop_oneof![
        1 => text().prop_map(Term::Text),
        1 => text().prop_map(Term::Title),
        2 => prop_oneof![text(), homes()].prop_map(|text| Term::Description(Is::A(text))),
        2 => homes().prop_map(|path| Term::Project(Is::A(vec![path]))),
        1 => Just(Term::Text("\0".into())),
        1 => Just(Term::Title("a\u{1f}b".into())),
        1 => labels().prop_map(Term::Project),
        1 => labels().prop_map(Term::Tag),
        1 => refs.prop_map(|any| Term::Parent(Is::A(any))),
        1 => Just(Term::Id(Vec::new())),
        1 => (0..30_u64, any::<u64>()).prop_map(|(from, to)| Term::Id(vec![IdRange::Range(from, to)])),
        1 => (compare, 0..150_i64).prop_map(|(by, points)| Term::Urgency(by, points)),
    ];
    let term = term.prop_map(Node::Term).boxed();
    let both = (term.clone(), asked::node(), any::<bool>()).prop_map(|(ours, theirs, all)| {
        let parts = vec![ours, Node::Not(Box::new(theirs))];
        if all { Node::And(parts) } else { Node::Or(parts) }
    });
    prop_oneof![2 => asked::node(), 1 => term, 1 => both].boxed()
}

fn order() -> impl Strategy<Value = String> {
    let keys = subsequence(SortKey::WORDS.to_vec(), 1..=3).prop_shuffle();
    (keys, vec(any::<bool>(), 3)).prop_map(|(keys, falls)| {
        let key =
            |(key, falls): (&&str, &bool)| if *falls { format!("-{key}") } else { (*key).into() };
        keys.iter().zip(&falls).map(key).collect::<Vec<String>>().join(",")
    })
}

fn query() -> impl Strategy<Value = TaskQuery> {
    let filter = (wanted::filter(), any::<bool>(), vec(hostile(), 0..2)).prop_map(
        |(filter, plain, words)| {
            let filter = if plain { Filter::default() } else { filter };
            words.iter().fold(filter, |filter, word| filter.search(word))
        },
    );
    let limit = prop_oneof![4 => (1..6_u32).prop_map(Limit::Page), 1 => Just(Limit::All)];
    let moment = (asked::moment(), select(ZONES));
    (filter, option::of(node()), order(), limit, any::<bool>(), moment).prop_map(
        |(filter, said, order, limit, count, (moment, zone))| TaskQuery {
            filter: Filter { expression: said.map(asked::expression), ..filter },
            order: order.parse().expect("an order"),
            limit,
            count,
            ..TaskQuery::new(Moment { zone, ..moment })
        },
    )
}

/// Puts tasks there as they are, whatever the rules would say to them.
pub(crate) async fn put<S: AsyncTaskStore>(stage: &Stage<'_, S>, tasks: &[Task]) {
    let tasks: Vec<_> = tasks.iter().cloned().map(Arc::new).collect();
    let event = |task: &Arc<Task>| TaskEvent {
        task: task.uid,
        version: task.version,
        data: EventData::Created { task: Arc::clone(task), origin: None },
    };
    let batch = Batch {
        expected: Vec::new(),
        expected_seq: None,
        seen: None,
        events: tasks.iter().map(event).collect(),
        upserts: tasks,
        deletes: Vec::new(),
        step: None,
        firings: Vec::new(),
        receipt: None,
        inbox: None,
        meta: Meta::from(&stage.ctx),
    };
    stage.store.commit(stage.ctx.owner, batch).await.expect("the tasks are written");
}

static OWNERS_MADE: AtomicU64 = AtomicU64::new(1 << 32);

/// Both are asked page by page, and once for each key that a page can end at.
async fn agree(store: &Store, tasks: &[Task], queries: &[TaskQuery], zone: Tz) -> TestCaseResult {
    let made = OWNERS_MADE.fetch_add(1, Ordering::Relaxed);
    let owner = Owner(Uuid::from_u128(u128::from(made)));
    store.add_owner(owner, zone).await.expect("a new owner");
    let reference = Shared::new(MemoryStore::default());
    let (ours, theirs) = (Stage::of(store, owner), Stage::of(&reference, owner));
    put(&ours, tasks).await;
    put(&theirs, tasks).await;
    for query in queries {
        let mut query = query.clone();
        query.moment.owner_zone = zone;
        same_stats(&ours, &theirs, &query).await?;
        while let Some(next) = same_answer(&ours, &theirs, &query).await?.next {
            query.after = Some(next);
        }
        // The place of every row, too: of one that is no answer as well.
        for task in theirs.all().await {
            query.after = Some(query.order.key(&task, &query.moment));
            same_answer(&ours, &theirs, &query).await?;
        }
    }
    Ok(())
}

fn check<T>(make: impl Future<Output = (Store, T)>, affordable: u32) {
    let runtime = support::runtime();
    let (store, _kept) = runtime.block_on(make);
    let given = (tasks(), vec(query(), 1..5), select(ZONES));
    let outcome = TestRunner::new(cases(affordable)).run(&given, |(tasks, queries, zone)| {
        runtime.block_on(agree(&store, &tasks, &queries, zone))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn q1_to_q9_sqlite_answers_as_the_core() {
    check(support::sqlite(), 64);
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn q1_to_q9_postgres_answers_as_the_core() {
    check(support::postgres(), 64);
}

/// Q7: who asks may know the owner's zone as it was a moment ago. The pages are still cut where
/// the database sorted, so that they have every task once.
async fn q7_pages_in_a_zone_that_has_changed(store: &Store) {
    let far = [Tz::Pacific__Kiritimati, Tz::Pacific__Pago_Pago];
    for (stored, known) in [(far[0], far[1]), (far[1], far[0])] {
        let made = OWNERS_MADE.fetch_add(1, Ordering::Relaxed);
        let owner = Owner(Uuid::from_u128(u128::from(made)));
        store.add_owner(owner, stored).await.expect("a new owner");
        let stage = Stage::of(store, owner);
        let now = stage.ctx.now;
        let dues = ["2026-11-22", "2026-11-22", "2026-11-22T20:00", "2026-11-23", "2026-11-24"];
        let tasks: Vec<_> = (1..)
            .zip(dues)
            .map(|(k, day)| Task { due_date: Some(due(day)), ..record(k, day, now) })
            .collect();
        put(&stage, &tasks).await;
        for order in ["due", "-due", "priority,-due"] {
            let moment = Moment { owner_zone: known, ..stage.moment() };
            let order = order.parse().expect("an order");
            let mut query = TaskQuery { order, limit: Limit::All, ..TaskQuery::new(moment) };
            let all = store.find(owner, &query).await.expect("an answer");
            query.limit = Limit::Page(1);
            let mut seen = Vec::new();
            loop {
                let page = store.find(owner, &query).await.expect("an answer");
                seen.extend(page.tasks);
                query.after = page.next;
                if query.after.is_none() || seen.len() > tasks.len() {
                    break;
                }
            }
            assert_eq!(ids(&seen), ids(&all.tasks), "{stored} {known} {:?}", query.order);
        }
    }
}

on_both! { q7_pages_in_a_zone_that_has_changed }
