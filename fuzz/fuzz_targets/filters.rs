//! Filter expressions (Q9): refused with a place in the text, or written one way that is read as the
//! same; whatever was read can be asked of tasks, and its opposite means the others.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use todo_core::query::expression::{Node, TEXT_MAX};
use todo_core::query::{Cursor, Expression, Filters};
use todo_core::text::{Description, Project, Tags, Title};
use todo_core::words::Asking;
use todo_core::{Due, Filter, Priority, Status, Task, TaskId, TaskNo, TaskQuery, Zone};

const SAVED: [(&str, &str); 3] =
    [("mine", "#work or !high"), ("soon", "week"), ("both", "filter:mine and not filter:soon")];

fuzz_target!(|data: &[u8]| {
    let Some((asking, text)) = todo_fuzz::asked(data) else { return };
    let saved = saved(&asking);
    let expression = match Expression::parse(text, &asking, &saved) {
        Ok(expression) => expression,
        Err(error) => {
            let length = text.chars().count();
            assert!(error.at.start <= error.at.end && error.at.end <= length, "{error:?}");
            return;
        }
    };
    let written = expression.to_string();
    if written.len() <= TEXT_MAX {
        let again = Expression::parse(&written, &asking, &saved);
        assert_eq!(again.as_ref(), Ok(&expression), "{written}");
    }
    let all = |root| {
        let filter = Filter {
            status: Some(Status::ALL.to_vec()),
            waiting: true,
            expression: Some(Expression { root, date_order: asking.date_order }),
            ..Filter::default()
        };
        TaskQuery { filter, ..TaskQuery::new(asking.moment) }
    };
    let meant = all(expression.root.clone());
    let others = all(Node::Not(Box::new(expression.root)));
    for task in TASKS.iter() {
        assert_ne!(meant.matches(task), others.matches(task), "{written}: {task:?}");
    }
    assert_ne!(Cursor::digest(&meant), Cursor::digest(&others), "{written}");
});

fn saved(asking: &Asking) -> Filters {
    let mut saved = Filters::default();
    for (name, text) in SAVED {
        saved.save(name, text, asking).expect("a filter of the target");
    }
    saved
}

/// A bare one, one with everything, and one that is done.
static TASKS: LazyLock<[Task; 3]> = LazyLock::new(|| {
    let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
    let day = |text: &str| Due::parse(text, None, Zone::America__Havana).expect("a date");
    let blank = |no: u8, title: &str| {
        let uid =
            TaskId(format!("0198720{no}-0000-7000-8000-000000000001").parse().expect("a uid"));
        Task { id: TaskNo(no.into()), ..Task::blank(uid, Title::new(title).expect("a title"), now) }
    };
    let full = Task {
        description: Some(Description::new("straße \"quoted\"").expect("a text")),
        priority: Priority::High,
        project: Some(Project::new("Home/Garden").expect("a project")),
        tags: Tags::parse(&["work", "none", "ｎｅｘｔ"]).expect("tags"),
        start_date: Some(day("2026-12-01")),
        due_date: Some(day("2026-03-08T00:30")),
        ..blank(2, "Buy milk")
    };
    let mut done = Task { due_date: Some(day("2026-11-01")), ..blank(3, "اختبار") };
    done.set_status(Status::Completed, now);
    [blank(1, "a"), full, done]
});
