//! R5 on schedule: the clock makes the next one, the newest missed one only.

use todo_core::conformance::given::{DAY, due, go};
use todo_core::conformance::uid;
use todo_core::event::EventType;
use todo_core::{Command, Note, Status, Verb};

use super::{completed, day_and_time, every, on_schedule, slot, spawned, spawned_nothing, texts};
use crate::play::Play;

#[test]
fn r5_the_clock_makes_the_next_even_if_earlier_ones_are_open() {
    let mut play = Play::with("2026-11-21T09:00", on_schedule("FREQ=DAILY"));
    assert_eq!(play.spawn().changed, [], "not before its time");
    play.at("2026-11-22T03:59:59.999Z");
    assert_eq!(play.spawn().changed, [], "never early");
    play.at("2026-11-22T04:00:00Z");
    let done = play.spawn();
    let (second, place, skipped) = spawned(&done);
    assert_eq!((place, skipped.count), (slot("2026-11-22T09:00:00"), 0));
    assert_eq!(done.changed, [uid(1), second]);
    assert_eq!(done.step, None, "what the system does by itself is no step");
    assert_eq!(play.open(), ["2026-11-21 09:00", "2026-11-22 09:00"]);
    assert_eq!(play.task(1).recurrence, None);
    assert_eq!(play.known(second).recurrence.map(|baton| baton.n), Some(2));
    play.later(DAY);
    play.spawn();
    assert_eq!(play.open().len(), 3);
}

/// An all-day one is made when its day begins for the owner.
#[test]
fn r5_a_day_comes_with_its_first_instant() {
    let mut play = Play::with("2026-11-21", on_schedule("FREQ=DAILY"));
    play.at("2026-11-21T18:59:59.999Z");
    assert!(spawned_nothing(&play.spawn()));
    play.at("2026-11-21T19:00:00Z");
    assert_eq!(spawned(&play.spawn()).1, slot("2026-11-22"));
}

/// After a time in which nothing ran: the newest missed one only, the rest reported.
#[test]
fn r5_after_downtime_only_the_newest_is_made() {
    let mut play = Play::with("2026-11-21", on_schedule("FREQ=DAILY"));
    play.later(5 * DAY);
    let (id, place, skipped) = spawned(&play.spawn());
    assert_eq!(place, slot("2026-11-26"));
    let passed = ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"];
    assert_eq!((texts(&skipped.slots), skipped.count), (passed.map(str::to_owned).to_vec(), 4));
    assert_eq!(play.open(), ["2026-11-21", "2026-11-26"]);
    assert_eq!(play.known(id).recurrence.map(|baton| baton.n), Some(6));
    assert_eq!(play.spawn().changed, [], "once");
}

/// Finishing one makes no other: that is the clock's.
#[test]
fn r5_completing_leaves_it_to_the_clock() {
    let mut play = Play::with("2026-11-21", on_schedule("FREQ=WEEKLY"));
    let done = play.on(uid(1), completed());
    let next = Note::Scheduled { task: uid(1), due: due("2026-11-28") };
    assert_eq!(done.notes, [next], "when the next comes is said");
    assert!(play.task(1).recurrence.is_some(), "the baton stays until the clock takes it");
    play.on(uid(1), go(Status::Pending));
    play.on(uid(1), Verb::Skip { cascade: false });
    assert_eq!(play.open(), Vec::<String>::new());
    play.later(7 * DAY);
    let (id, place, _) = spawned(&play.spawn());
    assert_eq!((place, play.task(1).status), (slot("2026-11-28"), Status::Cancelled));
    // Reopened, the one before leaves the newer alone.
    play.on(uid(1), go(Status::Pending));
    assert_eq!(play.open().len(), 2);
    assert!(play.known(id).recurrence.is_some());
}

#[test]
fn r5_a_series_by_the_clock_ends_with_its_last() {
    let mut play = Play::with("2026-11-21", on_schedule("FREQ=DAILY;UNTIL=20261123"));
    play.later(DAY);
    let done = play.spawn();
    assert!(matches!(done.notes.as_slice(), [Note::Spawned { .. }]), "{:?}", done.notes);
    play.later(30 * DAY);
    let done = play.spawn();
    let (last, place, _) = spawned(&done);
    assert_eq!(place, slot("2026-11-23"));
    let ended =
        Note::SeriesEnded { task: last, skipped: todo_core::recurrence::Skipped::default() };
    assert_eq!(done.notes.last(), Some(&ended));
    assert_eq!(done.events.last().map(|event| event.event_type), Some(EventType::SeriesEnded));
    assert!(done.events.iter().all(|event| event.causation_id.is_none()), "the clock is no event");
    assert!(play.known(last).recurrence.is_some(), "the baton stays");
    play.later(DAY);
    assert_eq!(play.spawn().changed, []);
    assert_eq!(play.living().len(), 3);
}

/// What lies in the trash, repeats otherwise, or has passed its baton on is not the clock's.
#[test]
fn r5_the_clock_moves_only_what_goes_by_it() {
    let mut play = Play::with("2026-11-21", on_schedule("FREQ=DAILY"));
    play.create(super::repeating(2, "2026-11-21", every("FREQ=DAILY")));
    play.create(super::repeating(3, "2026-11-21", on_schedule("FREQ=DAILY")));
    play.act(3, Verb::Delete);
    play.add(4, "once");
    play.later(DAY);
    let all = || Command::SpawnDue((1..=5).map(uid).collect());
    let done = play.done(&all());
    let (_, place, _) = spawned(&done);
    assert_eq!((place, done.items.len()), (slot("2026-11-22"), 1));
    let before = play.seen();
    assert_eq!(play.done(&all()).items.len(), 0, "task 1 holds no baton any more");
    assert_eq!(play.seen(), before);
    // Back from the trash, it goes on.
    play.act(3, Verb::Restore);
    let (id, ..) = spawned(&play.done(&all()));
    assert_eq!(day_and_time(play.known(id).due_date), "2026-11-22");
}

/// Several series at once, the earliest slot first.
#[test]
fn r5_several_series_come_in_order() {
    let mut play = Play::with("2026-11-21T18:00", on_schedule("FREQ=DAILY"));
    play.create(super::repeating(2, "2026-11-21T06:00", on_schedule("FREQ=DAILY")));
    play.create(super::repeating(3, "2026-11-21T12:00", on_schedule("FREQ=DAILY")));
    play.at("2026-11-22T18:00:00Z");
    play.spawn();
    let made: Vec<_> = play.living()[3..].iter().map(|task| day_and_time(task.due_date)).collect();
    assert_eq!(made, ["2026-11-22 06:00", "2026-11-22 12:00", "2026-11-22 18:00"]);
}
