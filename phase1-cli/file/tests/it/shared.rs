//! Any number of stores on one file.

use std::collections::BTreeSet;
use std::thread;

use todo_core::conformance::given::{go, instant, rename, title};
use todo_core::conformance::uid;
use todo_core::service::execute;
use todo_core::{Command, Item, Needs, NewTask, Owner, Status, TaskId, TaskStore as _, Verb};
use uuid::Uuid;

use crate::given::{Folder, act, add, list, now, steps, titles};

/// Each sees what the other committed, also one that has read before.
#[test]
fn two_stores_see_each_others_commits() {
    let folder = Folder::new();
    let (mut one, mut other) = (folder.store(), folder.store());
    assert_eq!(titles(&other), [""; 0]);
    add(&mut one, 1, "from one");
    assert_eq!(titles(&other), ["from one"]);
    add(&mut other, 2, "from the other");
    assert_eq!(titles(&one), ["from one", "from the other"]);
    // The same length at the same moment, as far as a clock can tell.
    for text in ["AAAA", "BBBB", "CCCC", "DDDD"] {
        act(&mut one, 1, rename(text)).expect("it is written");
        assert_eq!(titles(&other)[0], text);
        act(&mut other, 1, rename(&text.to_lowercase())).expect("it is written");
        assert_eq!(titles(&one)[0], text.to_lowercase());
    }
    act(&mut one, 2, Verb::Purge).expect("it is written");
    assert_eq!(titles(&other).len(), 1);
    assert_eq!(steps(&one), steps(&other));
}

/// What was planned on an older generation is planned again.
#[test]
fn a_change_meets_the_newest_generation() {
    let folder = Folder::with_tasks();
    let (mut one, mut other) = (folder.store(), folder.store());
    assert_eq!(titles(&one), titles(&other));
    act(&mut one, 1, rename("renamed")).expect("it is written");
    act(&mut other, 1, go(Status::Completed)).expect("it is written");
    let task = &list(&one).expect("it can be read")[0];
    assert_eq!(
        (task.title.as_str(), task.status, task.version.0),
        ("renamed", Status::Completed, 3)
    );
}

/// Concurrent writers lose nothing (SPEC 6).
#[test]
fn eight_writers_lose_nothing() {
    const WRITERS: u64 = 8;
    const EACH: u64 = 25;
    let folder = Folder::new();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let mut store = folder.store();
            scope.spawn(move || {
                for count in 0..EACH {
                    let uid = TaskId(Uuid::from_u64_pair(writer, count + 1));
                    let new = NewTask::new(uid, title(&format!("{writer}.{count}")));
                    let create = Command::One(Item::Create(Box::new(new)));
                    let done = execute(&mut store, &create, &now()).expect("it is written");
                    assert!(done.tasks.contains_key(&uid));
                }
            });
        }
    });
    let all = WRITERS * EACH;
    let tasks = list(&folder.store()).expect("it can be read");
    let ids: Vec<_> = tasks.iter().map(|task| task.id.0).collect();
    assert_eq!(ids, (1..=all).collect::<Vec<_>>());
    let uids: BTreeSet<_> = tasks.iter().map(|task| task.uid).collect();
    assert_eq!(uids.len() as u64, all);
    let facts = folder.store().load(Owner::LOCAL, &Needs::all_steps()).expect("it can be read");
    assert_eq!((facts.counters.next_seq.0, facts.count), (all + 1, all));
    let kept: Vec<_> = facts.steps.iter().map(|step| step.no.0).collect();
    assert_eq!(kept, (all - 99..=all).collect::<Vec<_>>());
}

/// Writers that change the same task at once each have their change.
#[test]
fn changes_of_one_task_are_all_made() {
    let folder = Folder::with_tasks();
    thread::scope(|scope| {
        for writer in 0..4 {
            let mut store = folder.store();
            scope.spawn(move || {
                for count in 0..5 {
                    // Holding the lock over load and commit, as the terminal does.
                    store.lock().expect("it gets its turn");
                    act(&mut store, 1, rename(&format!("{writer}.{count}")))
                        .expect("it is written");
                    store.unlock();
                }
            });
        }
    });
    assert_eq!(list(&folder.store()).expect("it can be read")[0].version.0, 21);
}

/// S4: what has lain in the trash for 30 days is named, and nothing else.
#[test]
fn s4_expired_tasks_are_found() {
    let folder = Folder::with_tasks();
    let mut store = folder.store();
    act(&mut store, 2, Verb::Delete).expect("it is written");
    assert_eq!(store.expired(instant("2026-12-21T12:00:00Z")).expect("it can be read"), []);
    let late = instant("2026-12-21T12:00:00.001Z");
    assert_eq!(store.expired(late).expect("it can be read"), [uid(2)]);
}
