//! How the databases go about each documented question: never over what is not the owner's.

use todo_core::conformance::given::{self, expression, instant, order};
use todo_core::conformance::{Stage, uid};
use todo_core::event::Seq;
use todo_core::query::{Bound, DueFilter, Filter, Moment, ParentFilter, ProjectFilter};
use todo_core::stats::StatsQuery;
use todo_core::{AsyncTaskStore, Limit, NewTask, Owner, Priority, Project, Status, Tag, TaskQuery};
use todo_store::{Question, Store};

use crate::support;

fn moment() -> Moment {
    let now = instant("2026-11-21T12:00:00Z");
    let zone = chrono_tz::Tz::UTC;
    Moment { now, zone, owner_zone: zone, week_start: chrono::Weekday::Mon }
}

/// What SPEC 2 says can be asked, each by its name, in the order of due dates unless it says
/// otherwise.
pub(crate) fn documented() -> Vec<(&'static str, TaskQuery)> {
    let none = Filter::default;
    let all = || Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..none() };
    let due = |due| Filter { due: Some(due), ..none() };
    let said = |text| Filter { expression: Some(expression(text)), ..none() };
    let day = |text: &str| Some(Bound::Day(text.parse().expect("a day")));
    let project = ProjectFilter::within(&Project::new("project/7").expect("a project"));
    let tag = |word| Tag::new(word).expect("a tag");
    let filters = vec![
        ("default list", none()),
        ("status=all", all()),
        ("status=completed", Filter { status: Some(vec![Status::Completed]), ..none() }),
        ("status=in_progress", Filter { status: Some(vec![Status::InProgress]), ..none() }),
        ("priority=high", Filter { priority: vec![Priority::High], ..none() }),
        ("project=project/7", Filter { project: vec![project], ..none() }),
        ("tag=tag3", none().tag(&tag("tag3"))),
        ("tag=rare", none().tag(&tag("rare"))),
        ("tag_none=tag3", Filter { tags_none: vec!["tag3".into()], ..none() }),
        ("parent=1", Filter { parent: Some(ParentFilter::Of(uid(1))), ..none() }),
        ("due=none", due(DueFilter::None)),
        ("due=overdue", due(DueFilter::Overdue)),
        ("due=today", due(DueFilter::Today)),
        ("due=week", due(DueFilter::Week)),
        (
            "due_from, due_to",
            Filter { due_from: day("2026-12-01"), due_to: day("2026-12-08"), ..none() },
        ),
        ("search=milk (many)", none().search("milk")),
        ("search=needle (one)", none().search("needle")),
        ("search=absent (none)", none().search("absent")),
        ("trash=true", Filter { trash: true, ..none() }),
        ("filter id:5", said("status:all id:5")),
        ("filter #rare or priority:high due<today", said("#rare or priority:high due<today")),
        ("filter urgency>200", said("urgency>200")),
        ("series that go by the clock", Filter { scheduled: true, ..all() }),
    ];
    let query = |filter| TaskQuery { filter, ..TaskQuery::new(moment()) };
    let sorted = ["-due", "priority", "-created", "-updated", "title", "-urgency", "id"];
    let by = |keys| TaskQuery { order: order(keys), ..query(none()) };
    filters
        .into_iter()
        .map(|(name, filter)| (name, query(filter)))
        .chain(sorted.map(|keys| (keys, by(keys))))
        .collect()
}

/// Each documented question with a name, and its second page too.
pub(crate) async fn explain(store: &Store, owner: Owner) -> Vec<(String, Vec<String>)> {
    let mut plans = Vec::new();
    let mut add = async |name: String, question: Question<'_>| {
        let plan = store.explain(owner, question).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        plans.push((name, plan));
    };
    for (name, query) in documented() {
        add(name.to_owned(), Question::Find(&query)).await;
        let first = store.find(owner, &query).await.expect("an answer");
        if first.next.is_some() {
            let next = TaskQuery { after: first.next, ..query.clone() };
            add(format!("{name}, next page"), Question::Find(&next)).await;
        }
    }
    let counted = TaskQuery { limit: Limit::Page(1), ..TaskQuery::new(moment()) };
    add("count".to_owned(), Question::Count(&counted)).await;
    let rare = Filter { expression: Some(expression("#rare due<today")), ..Filter::default() };
    for (name, filter) in [("stats", Filter::default()), ("stats of #rare due<today", rare)] {
        let asked = StatsQuery::new(filter, moment());
        add(name.to_owned(), Question::Stats(&asked)).await;
    }
    add("labels".to_owned(), Question::Labels).await;
    add("history".to_owned(), Question::History(uid(1))).await;
    add("changes".to_owned(), Question::Changes(Seq(5))).await;
    plans
}

/// Q1: a filter of as many tags as one likes is planned in no time: they are no joins of so many
/// tables.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn many_tags_are_few_joins() {
    support::run(async {
        let (store, _kept) = support::postgres().await;
        let stage = Stage::new(&store);
        let words: Vec<_> = (0..40).map(|k| format!("t{k}")).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let tags = given::tags(&words);
        let new = NewTask::new(uid(1), given::title("tagged"));
        stage.create(NewTask { tags: tags.clone(), ..new }).await;
        stage.add(2, "without").await;
        let folded = tags.iter().map(|tag| tag.as_str().into()).collect();
        let listed = Filter { tags: folded, ..Filter::default() };
        let said: Vec<_> = words.iter().map(|word| format!("tag:{word}")).collect();
        let said = expression(&said.join(" "));
        let said = Filter { expression: Some(said), ..Filter::default() };
        for filter in [listed, said] {
            let query = TaskQuery { filter, ..TaskQuery::new(moment()) };
            assert_eq!(given::ids(&stage.find(&query).await.tasks), [1]);
            let plan =
                store.explain(stage.ctx.owner, Question::Find(&query)).await.expect("a plan");
            let joins = |line: &&String| {
                ["Nested Loop", "Hash Join", "Merge Join", "Semi Join"]
                    .iter()
                    .any(|join| line.contains(join))
            };
            assert!(plan.iter().filter(joins).count() <= 4, "{plan:#?}");
        }
    });
}

#[test]
fn no_documented_question_goes_through_all_tasks() {
    support::run(async {
        let (store, _kept) = support::sqlite().await;
        let stage = Stage::new(&store);
        for k in 0..60 {
            stage.add(k, "milk").await;
        }
        let plans = explain(&store, stage.ctx.owner).await;
        assert!(plans.len() > documented().len(), "second pages are among them");
        for (name, plan) in plans {
            let owned = ["tasks", "clocks", "task_tags", "events", "t", "owners"];
            let scans = |line: &&String| {
                let mut words = line.split(' ');
                words.next() == Some("SCAN") && words.next().is_some_and(|t| owned.contains(&t))
            };
            assert_eq!(plan.iter().find(scans), None, "{name}: {plan:#?}");
            assert!(plan.iter().any(|line| line.contains("owner=?")), "{name}: {plan:#?}");
        }
    });
}
