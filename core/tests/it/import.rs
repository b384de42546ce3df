//! Taking over tasks: repeatable, all or nothing, one step (SPEC 6).

use todo_core::change::Field;
use todo_core::conformance::given::{DAY, below, due, record};
use todo_core::conformance::uid;
use todo_core::{
    Command, Fate, FieldError, Import, Left, Note, Parent, Problem, Revision, Status, Task,
    TaskError, TaskNo, Trash, Verb,
};

use crate::play::Play;

fn import(tasks: Vec<Task>) -> Command {
    Command::Import(tasks.into())
}

/// The same again is unchanged, a newer one is taken, an older one is left and reported.
#[test]
fn is_repeatable() {
    let mut play = Play::new();
    let first = record(1, "first", play.ctx.now);
    play.done(&import(vec![first.clone()]));
    let made = play.seen();
    assert_eq!(play.task(1).created_at, first.created_at);
    play.later(DAY);
    assert_eq!(play.done(&import(vec![first.clone()])).step, None);
    let older = Task {
        updated_at: first.updated_at.plus_millis(-1),
        ..record(1, "older", first.created_at)
    };
    let left = play.done(&import(vec![older]));
    assert!(left.items.iter().flatten().all(|decided| !decided.changed()));
    assert_eq!(play.seen(), made);
    let newer = Task {
        updated_at: first.updated_at.plus_millis(1),
        ..record(1, "newer", first.created_at)
    };
    play.done(&import(vec![newer.clone()]));
    let task = play.task(1);
    assert_eq!((task.title, task.updated_at, task.id), (newer.title, newer.updated_at, TaskNo(1)));
    assert_eq!(task.version, Revision(2));
}

#[test]
fn refuses_all_for_one_fault() {
    let mut play = Play::new();
    let now = play.ctx.now;
    let twice = vec![record(1, "a", now), record(2, "b", now), record(1, "c", now)];
    let duplicate = TaskError::field("uid", Problem::Duplicate(uid(1)));
    assert_eq!(play.refused(&import(twice)), duplicate);
    let circle = vec![
        Task { parent: below(2), ..record(1, "a", now) },
        Task { parent: below(1), ..record(2, "b", now) },
        record(3, "innocent", now),
    ];
    let error = play.refused(&import(circle));
    assert_eq!(error.code().as_str(), "validation_error");
    let itself = Task { parent: below(1), ..record(1, "a", now) };
    assert_eq!(play.refused(&import(vec![itself])).code().as_str(), "validation_error");
    let chain = (1..=5).map(|k| Task {
        parent: (k > 1).then(|| below(k - 1)).flatten(),
        ..record(k, "deep", now)
    });
    let error = play.refused(&import(chain.collect()));
    let deep = FieldError::new("parent", Problem::TooDeep { max: 3 });
    assert_eq!(error, TaskError::Validation(vec![deep]));
}

/// A parent that is nowhere is let go, with a word; one among the imported is found whatever the order.
#[test]
fn finds_parents() {
    let mut play = Play::new();
    let now = play.ctx.now;
    let orphan = Task { parent: below(9), ..record(1, "orphan", now) };
    let child = Task { parent: below(3), ..record(2, "child", now) };
    let orphans = vec![orphan, child, record(3, "parent", now)];
    let done = play.done(&import(orphans.clone()));
    assert_eq!(done.notes, [Note::Orphaned { task: uid(1) }]);
    // The same again changes nothing, and has nothing to tell.
    let before = play.seen();
    let again = play.done(&import(orphans));
    assert!(again.items.iter().flatten().all(|decided| decided.fate == Fate::Unchanged));
    assert_eq!((again.notes, play.seen()), (vec![], before));
    assert_eq!(play.task(1).parent, None);
    let parent = play.task(3);
    assert_eq!(play.task(2).parent, Some(Parent { uid: uid(3), id: parent.id }));
}

/// What is left or unchanged keeps its place, though the record knows of no parent.
#[test]
fn what_is_left_stays_where_it_is() {
    let mut play = Play::new();
    play.add(1, "parent");
    play.add_below(2, 1);
    let before = play.seen();
    let older = record(2, "older", play.ctx.now.plus_millis(-1));
    play.done(&import(vec![older]));
    assert_eq!(play.seen(), before);
}

/// A parent's number is the one it has here, whatever it had where the task comes from.
#[test]
fn numbers_parents_as_they_are_here() {
    let mut play = Play::new();
    let parent = play.add(1, "parent").uid;
    let child = |uid, id| Some(Parent { uid, id: TaskNo(id) });
    let task = Task { parent: child(parent, 77), ..record(2, "child", play.ctx.now) };
    play.done(&import(vec![task.clone()]));
    assert_eq!(play.task(2).parent, child(parent, 1));
    // Nor is another number a change.
    let before = play.seen();
    let later = Task { updated_at: task.updated_at.plus_millis(1), ..task };
    play.done(&import(vec![later]));
    assert_eq!(play.seen(), before);
}

/// Whoever reads that something was not taken reads why.
#[test]
fn what_is_left_has_a_reason() {
    let mut play = Play::new();
    play.later(500);
    let now = play.ctx.now;
    let deleted = Some(Trash { at: now.plus_millis(-31 * DAY), group: uid(5).0 });
    for k in 1..=3 {
        play.add(k, "here");
    }
    play.act(3, Verb::Delete);
    let tasks = vec![
        record(1, "older", now.plus_millis(-501)),
        // A format without parts of a second.
        record(2, "changed in the same second", now.plus_millis(-500)),
        record(3, "newer", now.plus_millis(1)),
        Task { trash: deleted, ..record(5, "long gone", now) },
    ];
    let keeps = vec![Field::Trash];
    let before = play.seen();
    let done = play.done(&Command::Import(Import { tasks, keeps: keeps.into() }));
    let fates: Vec<_> = done.items.iter().flatten().map(|decided| decided.fate).collect();
    let reasons = [Left::Older, Left::AsOld, Left::Trashed, Left::Expired].map(Fate::Left);
    assert_eq!((fates.as_slice(), play.seen()), (reasons.as_slice(), before));
    // A format that knows the trash may bring it back (S4).
    play.done(&import(vec![record(3, "restored", now.plus_millis(1))]));
    assert_eq!(play.task(3).trash, None);
}

/// S8: a newer state that puts a task into the trash takes what lives below it along.
#[test]
fn s8_leaves_nothing_alive_below_the_trash() {
    let mut play = Play::new();
    play.add(1, "parent");
    play.add_below(2, 1);
    let now = play.ctx.now.plus_millis(1);
    let trash = Some(Trash { at: now, group: uid(1).0 });
    play.done(&import(vec![Task { trash, ..record(1, "parent", now) }]));
    let (parent, child) = (play.task(1), play.task(2));
    assert!(parent.trash.is_some());
    assert!(child.trash.is_some() || child.parent.is_none(), "{child:?}");
}

/// S8: a newer state that moves a task with all below it is under the same bounds as a move.
#[test]
fn s8_nests_nothing_too_deep() {
    let mut play = Play::new();
    play.add(1, "moves");
    play.add_below(2, 1);
    play.add_below(3, 2);
    play.add(4, "new parent");
    play.add_below(5, 4);
    let now = play.ctx.now.plus_millis(1);
    let moved = Task { parent: below(5), ..record(1, "moves", now) };
    let error = play.refused(&import(vec![moved]));
    let deep = FieldError::new("parent", Problem::TooDeep { max: 3 });
    assert_eq!(error, TaskError::Validation(vec![deep]));
}

/// What other programs leave out or contradict is set right: a closed task has its instant, an
/// open one has none, and a task has one zone.
#[test]
fn sets_right_what_contradicts_itself() {
    let mut play = Play::new();
    let now = play.ctx.now;
    let closed = Task { status: Status::Completed, ..record(1, "no instant", now) };
    let open = Task { completed_at: Some(now), cancelled_at: Some(now), ..record(2, "open", now) };
    let zones = Task {
        start_date: Some(due("2026-12-01T09:00[Asia/Karachi]")),
        due_date: Some(due("2026-12-01T09:00[Europe/Berlin]")),
        ..record(3, "two zones", now)
    };
    let starts = zones.start_date.map(|start| start.starts(play.ctx.zone));
    play.done(&import(vec![closed, open, zones]));
    assert_eq!(play.task(1).completed_at, Some(now));
    assert_eq!((play.task(2).completed_at, play.task(2).cancelled_at), (None, None));
    let task = play.task(3);
    assert_eq!(task.start_date.and_then(|s| s.zone()), task.due_date.and_then(|d| d.zone()));
    assert_eq!(task.start_date.map(|start| start.starts(play.ctx.zone)), starts);
}

/// A number beyond what readers of JSON hold exactly is no wish worth keeping.
#[test]
fn takes_no_absurd_numbers() {
    let mut play = Play::new();
    let now = play.ctx.now;
    let greedy =
        Task { id: TaskNo(u64::MAX), version: Revision(u64::MAX), ..record(1, "greedy", now) };
    play.done(&import(vec![greedy]));
    assert_eq!(play.task(1).id, TaskNo(1));
    play.act(1, todo_core::conformance::given::rename("still to be changed"));
    assert_eq!(play.add(2, "next").id, TaskNo(2));
}

/// One absurd number must not use up all others, nor make a file that cannot be read again.
#[test]
fn absurd_wishes_are_not_granted() {
    let mut play = Play::new();
    let wish = |k: u8, id: u64| Task { id: TaskNo(id), ..record(k, "wishes", play.ctx.now) };
    let tasks = vec![wish(1, 9_007_199_254_740_990), wish(2, 7)];
    play.done(&Command::Import(tasks.into()));
    assert_eq!((play.task(2).id, play.task(1).id), (TaskNo(7), TaskNo(8)));
}

/// The ids of another program are not the numbers of a list; one that has lost most of its tasks
/// keeps its numbers all the same.
#[test]
fn foreign_numbers_are_not_granted() {
    let mut play = Play::new();
    let wish = |k: u8, id: u64| Task { id: TaskNo(id), ..record(k, "wishes", play.ctx.now) };
    let (foreign, restored) = (wish(1, 845_233), wish(2, 9_000));
    play.done(&import(vec![foreign]));
    assert_eq!((play.task(1).id, play.add(3, "next").id), (TaskNo(1), TaskNo(2)));
    play.done(&import(vec![restored]));
    assert_eq!(play.task(2).id, TaskNo(9_000));
}
