//! By what tasks come to be, and series end: by hand, by a series that goes on, or by an import (SPEC 9).

use serde_json::json;
use todo_core::conformance::given::{DAY, due, go, record, title};
use todo_core::conformance::uid;
use todo_core::event::{EventData, Origin};
use todo_core::recurrence::{Skipped, Spawn};
use todo_core::task::Trash;
use todo_core::{
    Command, EventEnvelope, NewRecurrence, NewTask, Status, Task, TaskId, TaskNo, Verb,
};
use uuid::Uuid;

use crate::play::Play;

fn repeating(k: u8, rule: &str, spawn: Spawn) -> NewTask {
    let rule = rule.parse().expect("a rule");
    let recurrence = Some(NewRecurrence { spawn, ..NewRecurrence::new(rule) });
    let new = NewTask::new(uid(k), title("Water the plants"));
    NewTask { due_date: Some(due("2026-11-21")), recurrence, ..new }
}

/// A series with a subtask.
fn garden(spawn: Spawn) -> Play {
    let mut play = Play::new();
    play.create(repeating(1, "FREQ=DAILY", spawn));
    play.add_below(2, 1);
    play
}

/// What was made, and what ended.
fn origins(events: &[EventEnvelope]) -> Vec<Option<Origin>> {
    let origin = |event: &EventEnvelope| match &event.data {
        EventData::Created { origin, .. } | EventData::SeriesEnded { origin, .. } => Some(*origin),
        _ => None,
    };
    events.iter().filter_map(origin).collect()
}

fn complete() -> Verb {
    Verb::Move { to: Status::Completed, cascade: true }
}

#[test]
fn what_a_series_makes_says_so() {
    for spawn in [Spawn::OnCompletion, Spawn::OnSchedule] {
        let mut play = garden(spawn);
        assert_eq!(origins(&play.seen().events), [None; 2], "made by hand");
        play.later(DAY);
        let made = match spawn {
            Spawn::OnCompletion => play.act(1, complete()),
            Spawn::OnSchedule => play.done(&Command::SpawnDue([uid(1)].into())),
        };
        assert_eq!(origins(&made.events), [Some(Origin::Series); 2], "{spawn:?}");
    }
}

/// S7: what comes back was not made anew.
#[test]
fn what_is_undone_and_done_again_makes_nothing() {
    let mut play = garden(Spawn::OnCompletion);
    play.act(1, complete());
    for _ in 0..2 {
        assert_eq!(origins(&play.undo().events), []);
        assert_eq!(origins(&play.redo().events), []);
    }
    play.act(1, go(Status::Pending));
    assert_eq!(origins(&play.act(1, complete()).events), []);
}

#[test]
fn what_an_import_makes_and_ends_says_so() {
    let mut play = garden(Spawn::OnCompletion);
    play.create(repeating(3, "FREQ=DAILY;COUNT=1", Spawn::OnCompletion));
    play.add(4, "above");
    play.create(NewTask {
        parent: Some(uid(4).into()),
        ..repeating(5, "FREQ=DAILY", Spawn::OnCompletion)
    });
    play.later(1_000);
    let now = play.ctx.now;
    let done = |task: Task| Task { status: Status::Completed, updated_at: now, ..task };
    let trash = Some(Trash { at: now, group: Uuid::from_u128(7) });
    let come = vec![
        record(6, "new", now),
        done(play.task(1)),
        done(play.task(3)),
        Task { trash, updated_at: now, ..play.task(4) },
    ];
    let imported = play.done(&Command::Import(come.into()));
    // The new one, two ends, and the next occurrence with what lies below it.
    assert_eq!(origins(&imported.events), [Some(Origin::Import); 5], "{:?}", imported.events);
    let ended = play.act(6, Verb::Delete);
    assert_eq!(origins(&ended.events), []);
    play.create(repeating(7, "FREQ=DAILY", Spawn::OnCompletion));
    assert_eq!(origins(&play.act(7, Verb::Delete).events), [None], "by hand");
}

/// What was written before there were origins is read, and what nobody knows is refused.
#[test]
fn an_origin_may_be_absent() {
    let task = Task { id: TaskNo(1), ..record(1, "old", Play::new().ctx.now) };
    let old = json!({"task": task});
    let read: EventData = serde_json::from_value(old.clone()).expect("it is read");
    let EventData::Created { origin, .. } = &read else { panic!("{read:?}") };
    assert_eq!(*origin, None);
    assert_eq!(serde_json::to_value(&read).expect("JSON"), old);
    let new = json!({"task": task, "origin": "series"});
    let read: EventData = serde_json::from_value(new.clone()).expect("it is read");
    assert_eq!(serde_json::to_value(&read).expect("JSON"), new);
    let nil = TaskId(Uuid::nil());
    let skipped = Skipped::default();
    let ended = json!({"id": 1, "series": nil, "skipped_slots": skipped, "origin": "import"});
    let read: EventData = serde_json::from_value(ended.clone()).expect("it is read");
    assert_eq!(serde_json::to_value(&read).expect("JSON"), ended);
    for wrong in [json!({"task": task, "origin": "moon"}), json!({"task": task, "orign": null})] {
        assert!(serde_json::from_value::<EventData>(wrong.clone()).is_err(), "{wrong}");
    }
}
