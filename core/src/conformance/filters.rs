//! What each filter means (Q1–Q5, Q9), by a shelf of tasks and the numbers expected of it.

use super::given::{Stage, below, due, expression, ids, instant, record, tags, uid};
use crate::command::Command;
use crate::ports::AsyncTaskStore;
use crate::query::{Bound, DueFilter, Filter, ParentFilter, ProjectFilter};
use crate::task::{Priority, Status, Task, Trash};
use crate::text::{Description, Project, Tag};

fn project(path: &str) -> Project {
    Project::new(path).expect("a project of the suite")
}

/// Numbered from 1 in this order. It is Saturday 2026-11-21, 17:00 in Karachi.
fn shelf(now: crate::Timestamp) -> Vec<Task> {
    let task = |k, text| record(k, text, now);
    let rent = Task {
        priority: Priority::High,
        project: Some(project("home/bills")),
        tags: tags(&["finance"]),
        due_date: Some(due("2026-11-21")),
        ..task(1, "Pay rent")
    };
    let milk = Task {
        status: Status::InProgress,
        project: Some(project("Home")),
        tags: tags(&["Errand", "shop"]),
        due_date: Some(due("2026-11-21T10:00")),
        ..task(2, "Buy milk")
    };
    let call = Task {
        priority: Priority::Low,
        tags: tags(&["work"]),
        due_date: Some(due("2026-11-20")),
        ..task(3, "Call José")
    };
    let mut report = Task {
        project: Some(project("Work/Reports")),
        tags: tags(&["WORK", "writing"]),
        due_date: Some(due("2026-11-22")),
        ..task(4, "Écrire le rapport")
    };
    report.set_status(Status::Completed, now);
    let trip = Task {
        project: Some(project("homework")),
        tags: tags(&["travel"]),
        due_date: Some(due("2026-11-23")),
        ..task(5, "Plan trip")
    };
    let bags = Task {
        parent: below(5),
        description: Some(Description::new("socks\nand the map of the STRASSE").expect("a text")),
        ..task(6, "Pack bags")
    };
    let mut dream = task(7, "Dream");
    dream.set_status(Status::Cancelled, now);
    let someday = Task { start_date: Some(due("2026-12-01")), ..task(8, "Someday") };
    let old = Task {
        trash: Some(Trash { at: now, group: uid(9).0 }),
        due_date: Some(due("2026-11-21")),
        ..task(9, "Old")
    };
    let midnight = Task { due_date: Some(due("2026-11-22T00:00")), ..task(10, "At midnight") };
    let tonight = Task { due_date: Some(due("2026-11-21T23:59:59")), ..task(11, "Late tonight") };
    vec![rent, milk, call, report, trip, bags, dream, someday, old, midnight, tonight]
}

async fn expect<S: AsyncTaskStore>(store: &S, table: Vec<(&str, Filter, &[u64])>) {
    let stage = Stage::new(store);
    stage.done(&Command::Import(shelf(stage.ctx.now).into())).await;
    for (name, filter, expected) in table {
        let found = ids(&stage.filtered(filter).await);
        assert_eq!(found, expected, "{name}");
    }
}

/// An expression beside flags.
fn said(text: &str, filter: Filter) -> Filter {
    Filter { expression: Some(expression(text)), ..filter }
}

fn none() -> Filter {
    Filter::default()
}

fn tag(word: &str) -> Tag {
    Tag::new(word).expect("a tag of the suite")
}

fn folded(words: &[&str]) -> Vec<Box<str>> {
    words.iter().map(|word| (*word).into()).collect()
}

fn within(path: &str) -> ProjectFilter {
    ProjectFilter::within(&project(path))
}

fn day(text: &str) -> Bound {
    due(text).into()
}

fn word(due: DueFilter) -> Filter {
    Filter { due: Some(due), ..none() }
}

/// Every filter by itself.
pub async fn every_filter_alone<S: AsyncTaskStore>(store: &S) {
    use DueFilter::{Any, None as NoDue, Overdue, Today, Tomorrow, Week};
    let status = |any: &[Status]| Filter { status: Some(any.to_vec()), ..none() };
    let priority = |any: &[Priority]| Filter { priority: any.to_vec(), ..none() };
    let projects = |any: Vec<ProjectFilter>| Filter { project: any, ..none() };
    let at = Some(Bound::At(instant("2026-11-21T19:00:00Z")));
    let table: Vec<(&str, Filter, &[u64])> = vec![
        ("Q1 default", none(), &[1, 2, 3, 5, 6, 10, 11]),
        ("Q2 completed", status(&[Status::Completed]), &[4]),
        ("Q2 in progress or cancelled", status(&[Status::InProgress, Status::Cancelled]), &[2, 7]),
        ("Q2 all", status(Status::ALL), &[1, 2, 3, 4, 5, 6, 7, 10, 11]),
        ("Q2 no status", status(&[]), &[]),
        ("Q2 high", priority(&[Priority::High]), &[1]),
        ("Q2 high or low", priority(&[Priority::High, Priority::Low]), &[1, 3]),
        ("Q2 project and below", projects(vec![within("HOME")]), &[1, 2]),
        ("Q2 project below", projects(vec![within("home/bills")]), &[1]),
        ("Q2 no project", projects(vec![ProjectFilter::None]), &[3, 6, 10, 11]),
        ("Q2 any", projects(vec![ProjectFilter::None, within("home")]), &[1, 2, 3, 6, 10, 11]),
        ("Q2 tag", none().tag(&tag("ERRAND")), &[2]),
        ("Q2 all tags", none().tag(&tag("errand")).tag(&tag("shop")), &[2]),
        ("Q2 all tags, not one", none().tag(&tag("errand")).tag(&tag("work")), &[]),
        ("Q2 any tag", Filter { tags_any: folded(&["shop", "work"]), ..none() }, &[2, 3]),
        ("Q2 no tag", Filter { tags_none: folded(&["work"]), ..none() }, &[1, 2, 5, 6, 10, 11]),
        ("Q2 top", Filter { parent: Some(ParentFilter::None), ..none() }, &[1, 2, 3, 5, 10, 11]),
        ("Q2 parent", Filter { parent: Some(ParentFilter::Of(uid(5))), ..none() }, &[6]),
        ("Q2 unknown parent", Filter { parent: Some(ParentFilter::Of(uid(99))), ..none() }, &[]),
        ("Q3 none", word(NoDue), &[6]),
        ("Q3 any", word(Any), &[1, 2, 3, 5, 10, 11]),
        ("Q4 overdue", word(Overdue), &[2, 3]),
        ("Q3 today", word(Today), &[1, 2, 11]),
        ("Q3 tomorrow", word(Tomorrow), &[10]),
        ("Q3 week", word(Week), &[1, 2, 10, 11]),
        ("Q3 from a day", Filter { due_from: Some(day("2026-11-22")), ..none() }, &[5, 10]),
        ("Q3 to a day", Filter { due_to: Some(day("2026-11-22")), ..none() }, &[1, 2, 3, 11]),
        ("Q3 from an instant", Filter { due_from: at, ..none() }, &[5, 10]),
        ("Q3 to an instant", Filter { due_to: at, ..none() }, &[1, 2, 3, 11]),
        ("Q5 title", none().search("MILK"), &[2]),
        ("Q5 part of a word", none().search("ay"), &[1]),
        ("Q5 folded", none().search("straße"), &[6]),
        ("Q5 another form of é", none().search("jose\u{301}"), &[3]),
        ("Q5 without the accent", none().search("jose"), &[]),
        ("Q5 words in several texts", none().search("milk  errand HOME"), &[2]),
        ("Q5 never across two", none().search("rentfinance"), &[]),
        ("Q5 a tag", none().search("travel"), &[5]),
        ("Q5 nothing special", none().search("%"), &[]),
        ("S4 trash", Filter { trash: true, ..none() }, &[9]),
        ("Q1 waiting", Filter { waiting: true, ..none() }, &[1, 2, 3, 5, 6, 8, 10, 11]),
    ];
    expect(store, table).await;
}

/// Different filters AND together (Q1).
pub async fn filters_together<S: AsyncTaskStore>(store: &S) {
    let today = word(DueFilter::Today);
    let no_due = word(DueFilter::None);
    let table: Vec<(&str, Filter, &[u64])> = vec![
        ("priority, due", Filter { priority: vec![Priority::High], ..today.clone() }, &[1]),
        ("due, search", today.clone().search("late"), &[11]),
        ("due, trash", Filter { trash: true, ..today }, &[9]),
        (
            "project, without tag",
            Filter { project: vec![within("home")], tags_none: folded(&["errand"]), ..none() },
            &[1],
        ),
        (
            "status, tag",
            Filter { status: Some(vec![Status::Completed]), ..none() }.tag(&tag("work")),
            &[4],
        ),
        ("parent, due", Filter { parent: Some(ParentFilter::Of(uid(5))), ..no_due.clone() }, &[6]),
        ("waiting, due", Filter { waiting: true, ..no_due.clone() }, &[6, 8]),
        (
            "week, from",
            Filter { due_from: Some(day("2026-11-22")), ..word(DueFilter::Week) },
            &[10],
        ),
        (
            "from, to",
            Filter { due_from: Some(day("2026-11-21")), due_to: Some(day("2026-11-22")), ..none() },
            &[1, 2, 11],
        ),
        ("Q4 no due, from", Filter { due_from: Some(day("1970-01-01")), ..no_due }, &[]),
        (
            "overdue, from",
            Filter { due_from: Some(day("2026-11-21")), ..word(DueFilter::Overdue) },
            &[2],
        ),
        (
            "any tag, without tag",
            Filter {
                tags_any: folded(&["shop", "work"]),
                tags_none: folded(&["errand"]),
                ..none()
            },
            &[3],
        ),
        ("top, search", Filter { parent: Some(ParentFilter::None), ..none() }.search("pa"), &[1]),
    ];
    expect(store, table).await;
}

/// Every kind of expression by itself (Q9).
pub async fn every_expression_alone<S: AsyncTaskStore>(store: &S) {
    let table: [(&str, &[u64]); 21] = [
        ("today | overdue", &[1, 2, 3, 11]),
        ("priority:high or #work", &[1, 3]),
        ("priority<high not due:any", &[6]),
        ("not #work", &[1, 2, 5, 6, 10, 11]),
        ("tag:none", &[6, 10, 11]),
        ("@home not overdue", &[1]),
        ("due<tomorrow", &[1, 2, 3, 11]),
        ("due>=tomorrow", &[5, 10]),
        ("due:tomorrow or due<=2026-11-20", &[3, 10]),
        ("due<2026-11-21T23:59:59", &[1, 2, 3]),
        ("due:none parent:any", &[6]),
        ("parent:5 or id:1-2,11", &[1, 2, 6, 11]),
        ("\"the map of the strasse\" or title:José", &[3, 6]),
        ("(milk or rent) and not status:in_progress", &[1]),
        ("description:any", &[6]),
        ("urgency>110", &[1, 2, 5]),
        // What it says of statuses and start dates, the default list does not say (Q1).
        ("status:done", &[4]),
        ("not status:open", &[4, 7]),
        ("completed:any or cancelled:today", &[4, 7]),
        ("waiting", &[8]),
        ("start>today or priority:low", &[3, 8]),
    ];
    let table = table.map(|(text, expected)| (text, said(text, none()), expected));
    expect(store, table.into()).await;
}

/// An expression ANDs with every flag, and nothing that it says opens the trash (Q1, Q9).
pub async fn expressions_and_filters_together<S: AsyncTaskStore>(store: &S) {
    let status = |status| Filter { status: Some(vec![status]), ..none() };
    let high = Filter { priority: vec![Priority::High], ..none() };
    let table: Vec<(&str, Filter, &[u64])> = vec![
        ("priority", said("today or overdue", high), &[1]),
        ("status", said("#work or priority:low", status(Status::Completed)), &[4]),
        ("status twice", said("status:pending", status(Status::Completed)), &[]),
        ("waiting", said("not today", Filter { waiting: true, ..none() }), &[3, 5, 6, 8, 10]),
        ("search", said("status:all", none().search("call")), &[3]),
        ("S4 trash", said("today", Filter { trash: true, ..none() }), &[9]),
        ("S4 no trash", said("status:all and title:old", none()), &[]),
    ];
    expect(store, table).await;
}
