//! R1, R5: the baton lies with the newest occurrence and passes on when that is finished.

use todo_core::conformance::given::{go, title};
use todo_core::conformance::uid;
use todo_core::event::{EventData, EventType};
use todo_core::recurrence::{Basis, Spawn, occurrence};
use todo_core::{
    Command, ErrorCode, Item, NewRecurrence, NewTask, Note, Patch, Problem, Status, TaskError,
    TaskNo, TaskPatch, Verb,
};

use super::{due, every, from_completion, on, repeating, set_rule, slot, spawned, spawned_nothing};
use crate::play::{Play, act, change};

#[test]
fn r1_the_first_occurrence_holds_the_baton() {
    let mut play = Play::new();
    let task = play.create(repeating(1, "2026-11-21T17:30", every("freq=weekly;byday=sa")));
    let recurrence = task.recurrence.expect("it holds the baton");
    assert_eq!(recurrence.rule.to_string(), "FREQ=WEEKLY;BYDAY=SA");
    assert_eq!((recurrence.from, recurrence.spawn), (Basis::Schedule, Spawn::OnCompletion));
    assert_eq!((recurrence.anchor, recurrence.n), (due("2026-11-21T17:30"), 1));
    assert_eq!(task.slot, Some(slot("2026-11-21T17:30:00")));
    assert!(task.series.is_some());
}

/// A due date that the rule does not come to moves to the first one that it does.
#[test]
fn r1_a_series_begins_with_the_first_slot() {
    let mut play = Play::new();
    let task = play.create(repeating(1, "2026-11-21", every("FREQ=MONTHLY;BYMONTHDAY=1")));
    assert_eq!((task.due_date, task.slot), (Some(due("2026-12-01")), Some(slot("2026-12-01"))));
    // Given later, it does the same.
    play.create(NewTask {
        due_date: Some(due("2026-11-21T09:00")),
        ..NewTask::new(uid(2), title("once"))
    });
    let task = play.patch(uid(2), set_rule(every("FREQ=WEEKLY;BYDAY=MO")));
    assert_eq!(task.due_date, Some(due("2026-11-23T09:00")));
    assert_eq!(task.slot, Some(slot("2026-11-23T09:00:00")));
}

#[test]
fn r1_a_recurrence_needs_a_due_date() {
    let mut play = Play::new();
    let mut new = repeating(1, "2026-11-21", every("FREQ=DAILY"));
    new.due_date = None;
    let error = play.refused(&Command::One(Item::Create(Box::new(new))));
    assert_eq!(error.code(), ErrorCode::DueRequired);
    play.add(2, "without a date");
    let rule = || set_rule(every("FREQ=DAILY"));
    assert_eq!(play.refused(&act(2, change(rule()))).code(), ErrorCode::DueRequired);
    // With a date in the same change it has one.
    let both = TaskPatch { due_date: Patch::Set(due("2026-11-25")), ..rule() };
    assert!(play.patch(uid(2), both).recurrence.is_some());
    // And cannot lose it while it repeats.
    let bare = || TaskPatch { due_date: Patch::Clear, ..TaskPatch::default() };
    assert_eq!(play.refused(&act(2, change(bare()))).code(), ErrorCode::DueRequired);
    let neither = TaskPatch { recurrence: Patch::Clear, ..bare() };
    let task = play.patch(uid(2), neither);
    assert_eq!((task.due_date, task.recurrence), (None, None));
}

#[test]
fn r1_from_completion_goes_with_no_clock_and_no_calendar() {
    let mut play = Play::new();
    let scheduled = NewRecurrence { spawn: Spawn::OnSchedule, ..from_completion("FREQ=DAILY") };
    let named = from_completion("FREQ=WEEKLY;BYDAY=MO");
    for (recurrence, problem) in
        [(scheduled, Problem::CompletionOnSchedule), (named, Problem::CompletionRule)]
    {
        let new = repeating(1, "2026-11-21", recurrence);
        let error = play.refused(&Command::One(Item::Create(Box::new(new))));
        assert_eq!(error, TaskError::field("recurrence", problem));
        assert_eq!(error.code(), ErrorCode::ValidationError);
    }
}

/// Completing, cancelling and skipping all make the next one, in the same commit.
#[test]
fn r5_finishing_makes_the_next() {
    let skip = || Verb::Skip { cascade: false };
    for verb in [go(Status::Completed), go(Status::Cancelled), skip()] {
        let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
        let first = play.task(1);
        let done = play.on(uid(1), verb.clone());
        let (id, place, skipped) = spawned(&done);
        assert_eq!((place, skipped.count), (slot("2026-11-22"), 0));
        assert_eq!(done.changed, [uid(1), id], "both are answered: {verb:?}");
        let (before, next) = (play.task(1), play.known(id));
        assert_eq!((before.series, before.slot), (first.series, first.slot), "kept for ever");
        assert_eq!(before.recurrence, None, "the baton has passed on");
        let baton = next.recurrence.clone().expect("the baton");
        assert_eq!((baton.n, baton.anchor), (2, due("2026-11-21")));
        assert_eq!((next.series, next.slot), (first.series, Some(slot("2026-11-22"))));
        assert_eq!((next.due_date, next.status), (Some(due("2026-11-22")), Status::Pending));
        assert_eq!(next.uid, occurrence(first.series.expect("it has one"), place), "derived");
        assert_eq!(next.id, TaskNo(2));
    }
}

/// What is told of it: the change, the new task, and that the series went on.
#[test]
fn r5_events_tell_of_the_next() {
    let mut play = Play::with("2026-11-18", every("FREQ=DAILY"));
    let done = play.on(uid(1), go(Status::Completed));
    let types: Vec<_> = done.events.iter().map(|event| event.event_type).collect();
    assert_eq!(types, [EventType::Completed, EventType::Created, EventType::Spawned]);
    let causes: Vec<_> = done.events.iter().map(|event| event.causation_id).collect();
    let completed = Some(done.events[0].event_id);
    assert_eq!(causes, [None, completed, completed], "SPEC 9: the event that set it off");
    let EventData::Spawned { id, after, slot: place, skipped_slots } = &done.events[2].data else {
        panic!("{:?}", done.events)
    };
    assert_eq!((*id, *after, *place), (TaskNo(2), uid(1), slot("2026-11-21")));
    assert_eq!(skipped_slots.count, 2);
    let told = serde_json::to_value(&done.events[2]).expect("it is written as JSON");
    assert_eq!(told["event_type"], "recurring.spawned");
    assert_eq!(told["data"]["skipped_slots"]["first"], "2026-11-19");
}

/// Time alone never stacks copies.
#[test]
fn r5_time_alone_makes_nothing() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    play.at("2027-11-21T12:00:00Z");
    assert_eq!(play.spawn().changed, []);
    assert_eq!(play.living().len(), 1);
}

/// What is copied from one occurrence to the next: everything that says what is to be done.
#[test]
fn r7_the_next_is_like_the_one_before() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    play.add(2, "home of it");
    let patch = TaskPatch {
        title: Some(title("Water the roses")),
        priority: Some(todo_core::Priority::High),
        project: Patch::Set(todo_core::Project::new("home/garden").expect("a project")),
        description: Patch::Set(todo_core::Description::new("with the can").expect("a text")),
        tags: todo_core::TagsPatch::Set(todo_core::Tags::parse(&["wet"]).expect("tags")),
        parent: Patch::Set(uid(2).into()),
        start_date: Patch::Set(due("2026-11-20")),
        status: Some(Status::InProgress),
        ..TaskPatch::default()
    };
    let before = play.patch(uid(1), patch);
    let next = play.complete(uid(1));
    assert_eq!(next.title.as_str(), "Water the roses");
    assert_eq!((next.priority, &next.project), (before.priority, &before.project));
    assert_eq!((&next.description, &next.tags), (&before.description, &before.tags));
    assert_eq!(next.parent, before.parent);
    assert_eq!(next.start_date, Some(due("2026-11-21")), "as many days before as it was");
    assert_eq!((next.status, next.completed_at), (Status::Pending, None));
    assert_eq!((next.created_at, next.version.0), (play.ctx.now, 1));
}

/// S2: asked twice, done once.
#[test]
fn r6_completing_twice_makes_one() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    let before = play.seen();
    let again = play.on(uid(1), go(Status::Completed));
    assert!(spawned_nothing(&again) && again.changed.is_empty());
    assert_eq!(play.seen(), before);
    // Nor does going through another status do it.
    let error = play.refused(&on(uid(1), go(Status::Cancelled)));
    assert_eq!(error.code(), ErrorCode::InvalidTransition);
    assert_eq!(play.living().last().map(|task| task.uid), Some(next.uid));
}

/// A skip is for what still repeats; it names the task with which the series goes on.
#[test]
fn r5_only_the_newest_can_be_skipped() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    play.add(2, "not repeating");
    let skip = || Verb::Skip { cascade: false };
    let error = play.refused(&act(2, skip()));
    assert_eq!(error, TaskError::field("recurrence", Problem::NotRecurring));
    let next = play.complete(uid(1));
    let error = play.refused(&act(1, skip()));
    assert_eq!(error, TaskError::field("recurrence", Problem::SeriesGoesOn(next.id)));
    let skipped = play.on(next.uid, skip());
    let note = skipped.notes.first().expect("it is told");
    assert!(matches!(note, Note::Spawned { from, .. } if *from == next.uid), "{note:?}");
    assert_eq!(play.known(next.uid).status, Status::Cancelled);
    // Skipped already (S2).
    let before = play.seen();
    assert_eq!(play.on(next.uid, skip()).changed, []);
    assert_eq!(play.seen(), before);
}

/// A change that closes the task does what closing does.
#[test]
fn r5_a_patch_that_completes_makes_the_next() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let patch = TaskPatch {
        status: Some(Status::Completed),
        title: Some(title("Watered")),
        ..TaskPatch::default()
    };
    let done = play.on(uid(1), change(patch));
    let (id, place, _) = spawned(&done);
    assert_eq!((place, play.known(id).title.as_str()), (slot("2026-11-22"), "Watered"));
}
