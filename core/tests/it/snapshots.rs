//! The JSON that others rely on: files, exports, consumers of events. A change here is a change of
//! contract: raise the version that belongs to it, then renew with `INSTA_UPDATE=always`.

use todo_core::conformance::given::{due, go, record, rename, tags, title};
use todo_core::conformance::uid;
use todo_core::event::EventType;
use todo_core::wire::Compact;
use todo_core::{
    Command, Description, Item, NewTask, Patch, Priority, Project, Status, TaskPatch, Verb,
};

use crate::play::{Play, change};

/// A task with every field that a new one can have, below another.
fn full() -> Play {
    let mut play = Play::new();
    play.add(1, "Parent");
    play.later(60_000);
    play.create(NewTask {
        description: Some(Description::new("**Two** lines\nof text").expect("good")),
        priority: Priority::High,
        project: Some(Project::new("home/bills").expect("good")),
        tags: tags(&["Finance", "überweisung"]),
        parent: Some(uid(1).into()),
        start_date: Some(due("2026-11-30")),
        due_date: Some(due("2026-12-01T17:00[Europe/Berlin]")),
        ..NewTask::new(uid(2), title("Pay \"rent\""))
    });
    play.later(60_000);
    play
}

#[test]
fn task() {
    let mut play = full();
    insta::assert_json_snapshot!("task_full", play.task(2));
    play.act(2, go(Status::Completed));
    play.act(2, Verb::Delete);
    insta::assert_json_snapshot!("task_completed_and_deleted", play.task(2));
    insta::assert_json_snapshot!("task_blank", play.task(1));
    insta::assert_json_snapshot!("task_blank_as_kept_in_a_file", Compact(&play.task(1)));
}

#[test]
fn every_event_type() {
    use EventType::{Cancelled, Completed, Created, Deleted, Purged, Reopened, Restored, Updated};
    let mut play = full();
    let edit = TaskPatch {
        title: Some(title("Pay the rent")),
        description: Patch::Clear,
        priority: Some(Priority::Low),
        project: Patch::Set(Project::new("home").expect("good")),
        tags: todo_core::TagsPatch::Set(tags(&["finance"])),
        parent: Patch::Clear,
        start_date: Patch::Clear,
        due_date: Patch::Set(due("2026-12-02")),
        ..TaskPatch::default()
    };
    let verbs = [
        change(edit),
        go(Status::Completed),
        go(Status::Pending),
        go(Status::Cancelled),
        Verb::Delete,
        Verb::Restore,
        Verb::Purge,
    ];
    for verb in verbs {
        play.later(1000);
        play.act(2, verb);
    }
    let events = &play.seen().events[1..];
    let types: Vec<_> = events.iter().map(|event| event.event_type).collect();
    let all = [Created, Updated, Completed, Reopened, Cancelled, Deleted, Restored, Purged];
    assert_eq!(types, all);
    for event in events {
        let name = serde_json::to_value(event.event_type).expect("a word");
        let name = name.as_str().expect("a word").replace('.', "_");
        insta::assert_json_snapshot!(format!("event_{name}"), event);
    }
}

#[test]
fn steps() {
    let mut play = full();
    play.act(2, rename("Pay the rent"));
    play.act(1, Verb::Delete);
    play.undo();
    play.done(&Command::One(Item::act(uid(1), go(Status::InProgress))));
    play.done(&Command::Import(vec![record(3, "From elsewhere", play.ctx.now)].into()));
    play.undo();
    insta::assert_json_snapshot!("steps", play.seen().steps);
}
