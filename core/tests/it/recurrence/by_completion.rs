//! R4 from completion: an interval after the day on which it was done.

use todo_core::conformance::given::{DAY, go};
use todo_core::conformance::uid;
use todo_core::{Note, Status};

use super::{completed, day_and_time, from_completion, slot, spawned, texts};
use crate::play::Play;

/// Rule, due, when it is completed, the next due. The asker is in Karachi.
const NEXT: &[(&str, &str, &str, &str)] = &[
    ("FREQ=DAILY;INTERVAL=3", "2026-11-21", "2026-11-21T12:00:00Z", "2026-11-24"),
    ("FREQ=DAILY;INTERVAL=3", "2026-11-21", "2026-11-30T12:00:00Z", "2026-12-03"),
    // The day is the local one: one in the morning of the 22nd in Karachi.
    ("FREQ=DAILY", "2026-11-21", "2026-11-21T20:00:00Z", "2026-11-23"),
    // At the anchor's time of day, whenever it was done.
    ("FREQ=DAILY", "2026-11-21T08:00", "2026-11-21T15:00:00Z", "2026-11-22 08:00"),
    ("FREQ=WEEKLY;INTERVAL=2", "2026-11-21T08:00", "2026-11-25T15:00:00Z", "2026-12-09 08:00"),
    // A month without that day gives its last; counted from the day it was done.
    ("FREQ=MONTHLY", "2027-01-31", "2027-01-31T12:00:00Z", "2027-02-28"),
    ("FREQ=MONTHLY", "2027-01-15", "2027-01-30T12:00:00Z", "2027-02-28"),
    ("FREQ=MONTHLY;INTERVAL=3", "2027-01-15", "2027-01-31T12:00:00Z", "2027-04-30"),
    ("FREQ=YEARLY", "2028-02-29", "2028-02-29T12:00:00Z", "2029-02-28"),
    ("FREQ=YEARLY;INTERVAL=4", "2028-02-29", "2028-02-29T12:00:00Z", "2032-02-29"),
    // Early: the interval counts from then, even to a day before the one it was due.
    ("FREQ=DAILY;INTERVAL=3", "2026-12-21", "2026-11-21T12:00:00Z", "2026-11-24"),
];

#[test]
fn r4_the_next_is_an_interval_after_completion() {
    for (rule, due, now, expected) in NEXT {
        let mut play = Play::with(due, from_completion(rule));
        play.at(now);
        let (id, place, skipped) = spawned(&play.on(uid(1), completed()));
        let next = play.known(id);
        assert_eq!(day_and_time(next.due_date), *expected, "{rule} {due} {now}");
        assert_eq!(next.recurrence.map(|recurrence| recurrence.n), Some(2));
        assert_eq!(skipped.count, 0, "nothing is passed over: {rule} {due} {now}");
        assert!(Some(place) > play.task(1).slot, "slots go on: {rule} {due} {now}");
    }
}

/// The last day of a month comes back after a shorter one only if it is done then.
#[test]
fn r4_months_count_from_the_day_of_completion() {
    let mut play = Play::with("2027-01-31", from_completion("FREQ=MONTHLY"));
    play.at("2027-01-31T12:00:00Z");
    let second = play.complete(uid(1));
    play.at("2027-02-28T12:00:00Z");
    assert_eq!(day_and_time(play.complete(second.uid).due_date), "2027-03-28");
}

/// Completions are counted.
#[test]
fn r4_count_counts_completions() {
    let mut play = Play::with("2026-11-21", from_completion("FREQ=DAILY;INTERVAL=5;COUNT=3"));
    let second = play.complete(uid(1));
    play.later(DAY);
    let third = play.complete(second.uid);
    assert_eq!(third.recurrence.as_ref().map(|recurrence| recurrence.n), Some(3));
    play.later(DAY);
    let done = play.on(third.uid, completed());
    assert!(matches!(done.notes.as_slice(), [Note::SeriesEnded { .. }]), "{:?}", done.notes);
}

/// UNTIL is the last day on which one may be due, whatever its slot is called.
#[test]
fn r4_until_bounds_the_due_date() {
    let rule = "FREQ=DAILY;INTERVAL=3;UNTIL=20261130";
    // Days after which it is done, and the next due date, if there is one.
    for (days, expected) in
        [(0, Some("2026-11-24")), (6, Some("2026-11-30")), (7, None), (20, None)]
    {
        let mut play = Play::with("2026-11-21", from_completion(rule));
        play.later(days * DAY);
        play.on(uid(1), completed());
        let next = play.living().into_iter().nth(1).map(|task| day_and_time(task.due_date));
        assert_eq!(next.as_deref(), expected, "{days} days later");
    }
    // Done nine days early on the last day there is: the next is due before that.
    let mut play = Play::with("2026-11-30", from_completion(rule));
    assert_eq!(day_and_time(play.complete(uid(1)).due_date), "2026-11-24");
}

/// An occurrence that was finished already is not the next one, nor is its place given again.
#[test]
fn r6_what_was_finished_is_not_made_again() {
    let mut play = Play::with("2026-11-21", from_completion("FREQ=DAILY;INTERVAL=3"));
    let second = play.complete(uid(1));
    play.on(uid(1), go(Status::Pending));
    play.on(second.uid, todo_core::Verb::Restore);
    play.on(second.uid, completed());
    let next = play.complete(uid(1));
    assert_ne!(next.uid, second.uid);
    assert_eq!((next.status, day_and_time(next.due_date)), (Status::Pending, "2026-11-24".into()));
    assert!(next.slot > second.slot, "{next:?}");
}

/// Done again and again on one day, each occurrence has its own place.
#[test]
fn r6_early_completions_do_not_collide() {
    let mut play = Play::with("2026-11-21T09:00", from_completion("FREQ=DAILY"));
    let mut at = uid(1);
    let mut places = Vec::new();
    for _ in 0..4 {
        let next = play.complete(at);
        assert_eq!(day_and_time(next.due_date), "2026-11-22 09:00");
        places.extend(next.slot);
        at = next.uid;
    }
    let days = ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"];
    assert_eq!(texts(&places), days.map(|day| format!("{day}T09:00:00")));
    assert_eq!(places[0], slot("2026-11-22T09:00:00"));
    assert_eq!(play.living().len(), 5);
}
