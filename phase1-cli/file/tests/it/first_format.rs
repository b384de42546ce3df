//! The first format: a plain array, `description` as the text (SPEC 6).

use std::fs;

use todo_core::conformance::given::{instant, rename};
use todo_core::{Command, Item, Priority, Status, Task, TaskNo};

use crate::given::{Folder, ZONE, add, list, run, titles};

const OLD: &str = r#"[
  {"id": 1, "description": "Buy milk", "status": "pending", "priority": "high",
   "tags": ["home", "two words", "Home", " "], "due_date": "2026-12-01", "created_at": "2026-11-20T10:00:00.123456"},
  {"id": 7, "description": "Call", "status": "completed", "created_at": "2026-11-20 10:00:00", "project": "work"},
  {"id": 3, "description": "A long\nstory", "status": null, "priority": "LOW", "tags": null, "due_date": "2026-12-01T17:00"}
]"#;

fn task(tasks: &[Task], id: u64) -> &Task {
    tasks.iter().find(|task| task.id == TaskNo(id)).expect("it is there")
}

#[test]
fn is_read() {
    let folder = Folder::with(OLD);
    let tasks = list(&folder.store()).expect("it can be read");
    assert_eq!(tasks.iter().map(|task| task.id.0).collect::<Vec<_>>(), [1, 3, 7]);
    let milk = task(&tasks, 1);
    assert_eq!(
        (milk.title.as_str(), milk.priority, milk.status),
        ("Buy milk", Priority::High, Status::Pending)
    );
    let tags: Vec<_> = milk.tags.iter().map(todo_core::Tag::as_str).collect();
    assert_eq!(tags, ["home", "two-words"]);
    assert_eq!(milk.due_date.map(|due| due.to_string()).as_deref(), Some("2026-12-01"));
    // Its times are local ones.
    assert_eq!(milk.created_at, instant("2026-11-20T05:00:00.123Z"));
    let call = task(&tasks, 7);
    assert_eq!(
        (call.status, call.completed_at),
        (Status::Completed, Some(instant("2026-11-20T05:00:00Z")))
    );
    let story = task(&tasks, 3);
    assert_eq!(
        (story.title.as_str(), story.description.as_ref().map(todo_core::Description::as_str)),
        ("A long", Some("A long\nstory"))
    );
    assert_eq!(story.due_date.and_then(|due| due.zone()), Some(ZONE));
}

/// Reading changes nothing, and gives the same tasks each time.
#[test]
fn reading_it_twice_gives_the_same_uids() {
    let folder = Folder::with(OLD);
    let first = list(&folder.store()).expect("it can be read");
    assert_eq!(list(&folder.store()).expect("it can be read"), first);
    assert_eq!((folder.text().as_str(), folder.names()), (OLD, vec!["tasks.json".to_owned()]));
    let elsewhere = Folder::with(OLD);
    assert_eq!(list(&elsewhere.store()).expect("it can be read"), first);
}

/// The first write brings it up to date and keeps the old file for good.
#[test]
fn is_renewed_by_the_first_write_and_kept() {
    let folder = Folder::with(OLD);
    let before = list(&folder.store()).expect("it can be read");
    let mut store = folder.store();
    assert_eq!(add(&mut store, 1, "New").id, TaskNo(8), "no number is used again");
    let kept = || fs::read_to_string(folder.beside(".v0")).expect("the first format is kept");
    assert_eq!(kept(), OLD);
    assert!(folder.text().starts_with("{\n  \"format\": 2,"));
    for count in 1..4 {
        let change = Item::act(TaskNo(3), rename(&format!("Renamed {count}")));
        run(&mut store, &Command::One(change)).expect("it is written");
        assert_eq!(kept(), OLD);
    }
    let after = list(&folder.store()).expect("it can be read");
    assert_eq!(after.len(), 4);
    for old in before.iter().filter(|task| task.id != TaskNo(3)) {
        assert_eq!(task(&after, old.id.0), old);
    }
    assert_eq!(task(&after, 3).title.as_str(), "Renamed 3");
}

/// A change of an old task as the very first write.
#[test]
fn an_old_task_is_changed() {
    let folder = Folder::with(OLD);
    let mut store = folder.store();
    run(&mut store, &Command::One(Item::act(TaskNo(7), rename("Called")))).expect("it is written");
    assert_eq!(titles(&folder.store()), ["Buy milk", "A long", "Called"]);
    run(&mut store, &Command::Undo(None)).expect("it is undone");
    assert_eq!(titles(&folder.store()), ["Buy milk", "A long", "Call"]);
}

#[test]
fn empty_and_marked_ones_are_read() {
    for (text, count) in [("[]", 0), (" [ ] \n", 0)] {
        let folder = Folder::with(text);
        assert_eq!(titles(&folder.store()).len(), count);
        assert_eq!(add(&mut folder.store(), 1, "First").id, TaskNo(1));
    }
    let folder = Folder::with(format!("\u{feff}{OLD}"));
    assert_eq!(titles(&folder.store()).len(), 3);
}

/// What it cannot mean is refused and left as it is.
#[test]
fn faults_are_refused() {
    let faults = [
        ("\"id\": 7", "\"id\": 0", "id"),
        ("\"id\": 7", "\"id\": -7", "invalid"),
        ("\"id\": 7", "\"id\": 18446744073709551615", "next_id"),
        ("completed", "done", "status"),
        ("2026-12-01\"", "soon\"", "due_date"),
        ("\"Call\"", "\"\"", "title"),
        ("2026-11-20 10:00:00", "once", "created_at"),
        ("{\"id\": 3", "{{\"id\": 3", "line 5"),
    ];
    for (part, fault, named) in faults {
        let text = OLD.replacen(part, fault, 1);
        assert_ne!(text, OLD, "{part} is there to be replaced");
        let what = Folder::with(text).damaged();
        assert!(what.contains(named), "{fault}: {what}");
    }
    let cut = &OLD[..OLD.len() - 1];
    Folder::with(cut).damaged();
}

/// Tasks with one number cannot be told apart; they are shown, and none is changed.
#[test]
fn a_number_that_occurs_twice() {
    let text = OLD.replacen("\"id\": 7", "\"id\": 1", 1);
    let folder = Folder::with(&text);
    assert_eq!(titles(&folder.store()).len(), 3);
    let change = Command::One(Item::act(TaskNo(3), rename("Never")));
    let error = run(&mut folder.store(), &change).expect_err("which is task 1?");
    assert!(error.to_string().contains("the id 1 occurs twice"), "{error}");
    assert_eq!((folder.text(), folder.beside(".v0").exists()), (text, false));
}
