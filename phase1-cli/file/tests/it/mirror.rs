//! A file as a copy of what a server keeps.

use std::fs;

use serde_json::{Map, json};
use tempfile::TempDir;
use todo_core::event::Seq;
use todo_core::{Needs, Owner, Task, TaskId, TaskNo, TaskStore, Timestamp, Title, Zone};
use todo_file::{FileStore, News};
use uuid::Uuid;

fn task(n: u64, title: &str) -> Task {
    let at = Timestamp::from_millis(1_000);
    let title = Title::new(title).expect("a title");
    Task { id: TaskNo(n), ..Task::blank(TaskId(Uuid::from_u128(n.into())), title, at) }
}

fn copy(folder: &TempDir) -> FileStore {
    FileStore::open(&folder.path().join("copy.json"), Zone::UTC).expect("a copy")
}

fn titles(store: &FileStore) -> Vec<(u64, String)> {
    let tasks = [1, 2, 5, 70_000, 70_001].map(|n| TaskId(Uuid::from_u128(n)).into());
    let needs = Needs { tasks: tasks.into(), ..Needs::default() };
    let facts = store.load(Owner::LOCAL, &needs).expect("facts");
    assert_eq!(facts.count, facts.tasks.len() as u64, "there is more");
    facts.tasks.values().map(|task| (task.id.0, task.title.as_str().to_owned())).collect()
}

fn told(pairs: &[(u64, &str)]) -> Vec<(u64, String)> {
    pairs.iter().map(|(id, title)| (*id, (*title).to_owned())).collect()
}

fn whole(seq: u64, tasks: Vec<Task>) -> News {
    News { whole: true, seq: Seq(seq), tasks, ..News::default() }
}

#[test]
fn what_is_told_is_what_is_read() {
    let folder = TempDir::new().expect("a folder");
    let mut store = copy(&folder);
    assert_eq!(store.seq().expect("none yet"), Seq(0));
    // A server may have given far more numbers than it has tasks.
    store.mirror(&whole(9, vec![task(1, "one"), task(70_000, "far")])).expect("written");
    let more = News {
        since: Seq(9),
        seq: Seq(12),
        tasks: vec![task(1, "one, changed"), task(70_001, "new")],
        gone: vec![task(70_000, "far").uid],
        settings: Some(Map::from_iter([("timezone".to_owned(), json!("Asia/Karachi"))])),
        ..News::default()
    };
    store.mirror(&more).expect("written");
    assert_eq!(titles(&store), told(&[(1, "one, changed"), (70_001, "new")]));
    assert_eq!(store.seq().expect("told"), Seq(12));
    assert_eq!(store.settings().expect("told")["timezone"], "Asia/Karachi");
    // The number that the next task will have there, for who asks what would happen.
    let facts = store.load(Owner::LOCAL, &Needs::default()).expect("facts");
    assert_eq!(facts.counters.next_id, TaskNo(70_002));
}

#[test]
fn the_whole_takes_the_place_of_all_that_was() {
    let folder = TempDir::new().expect("a folder");
    let mut store = copy(&folder);
    store.mirror(&whole(9, vec![task(1, "one"), task(2, "two")])).expect("written");
    store.mirror(&whole(3, vec![task(5, "another")])).expect("written");
    assert_eq!((titles(&store), store.seq().expect("told")), (told(&[(5, "another")]), Seq(3)));
}

/// Several processes keep one copy up to date: none of them takes it back, and none fills a gap
/// with what does not fit there.
#[test]
fn who_is_behind_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let (mut first, mut second) = (copy(&folder), copy(&folder));
    first.mirror(&whole(5, vec![task(1, "at five")])).expect("written");
    let at = |since, seq, title: &str| News {
        since: Seq(since),
        seq: Seq(seq),
        tasks: vec![task(1, title)],
        ..News::default()
    };
    first.mirror(&at(5, 8, "at eight")).expect("written");
    second.mirror(&at(5, 7, "at seven")).expect("nothing to do");
    assert_eq!(titles(&second), told(&[(1, "at eight")]));
    second.mirror(&at(10, 12, "behind a gap")).expect("nothing to do");
    assert_eq!(titles(&first), told(&[(1, "at eight")]));
    second.mirror(&at(5, 9, "at nine")).expect("written");
    assert_eq!(titles(&first), told(&[(1, "at nine")]));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3, "copy, backup and lock");
}

/// What was asked of one history and comes late does not get into the copy of another, although the numbers fit.
#[test]
fn what_is_of_another_history_is_not_written() {
    let folder = TempDir::new().expect("a folder");
    let (mut first, mut second) = (copy(&folder), copy(&folder));
    let [old, new] = [1, 2].map(|n| Some(Uuid::from_u128(n)));
    let of = |of, since, title: &str| News {
        since: Seq(since),
        seq: Seq(since + 1),
        of,
        history: of,
        tasks: vec![task(1, title)],
        ..News::default()
    };
    first.mirror(&News { history: new, ..whole(5, vec![task(1, "anew")]) }).expect("written");
    for late in [old, None] {
        second.mirror(&of(late, 5, "of before")).expect("nothing to do");
    }
    assert_eq!((titles(&first), first.history().expect("told")), (told(&[(1, "anew")]), new));
    second.mirror(&of(new, 5, "of this one")).expect("written");
    let told_then = (titles(&first), first.history().expect("told"));
    assert_eq!(told_then, (told(&[(1, "of this one")]), new));
}
