//! R7: what a change is for: this occurrence, or this and the later ones.

use todo_core::conformance::given::{DAY, go, rename};
use todo_core::conformance::uid;
use todo_core::recurrence::Slot;
use todo_core::{
    ErrorCode, NewRecurrence, Patch, Problem, Scope, Status, Task, TaskError, TaskPatch,
};

use super::{day_and_time, due, every, from_completion, on, on_schedule, set_due, set_rule, slot};
use crate::play::{Play, change};

fn anchor(task: &Task) -> Option<todo_core::Due> {
    task.recurrence.as_ref().map(|recurrence| recurrence.anchor)
}

/// Rule, due, the new due, the scope that is asked for, and when the next two are due.
type Move = (&'static str, &'static str, &'static str, Option<Scope>, [&'static str; 2]);

const MOVES: &[Move] = &[
    // The day alone: this occurrence only.
    (
        "FREQ=DAILY",
        "2026-11-21T17:30",
        "2026-11-25T17:30",
        None,
        ["2026-11-22 17:30", "2026-11-23 17:30"],
    ),
    ("FREQ=WEEKLY", "2026-11-21", "2026-11-23", None, ["2026-11-28", "2026-12-05"]),
    ("FREQ=WEEKLY", "2026-11-21", "2026-11-20", None, ["2026-11-28", "2026-12-05"]),
    // The time of day: this one and the later ones.
    (
        "FREQ=DAILY",
        "2026-11-21T17:30",
        "2026-11-21T19:00",
        None,
        ["2026-11-22 19:00", "2026-11-23 19:00"],
    ),
    (
        "FREQ=DAILY",
        "2026-11-21T17:30",
        "2026-11-21T06:00",
        None,
        ["2026-11-22 06:00", "2026-11-23 06:00"],
    ),
    // To a time of day, and to a whole day.
    (
        "FREQ=DAILY",
        "2026-11-21",
        "2026-11-21T19:00",
        None,
        ["2026-11-22 19:00", "2026-11-23 19:00"],
    ),
    ("FREQ=DAILY", "2026-11-21T17:30", "2026-11-21", None, ["2026-11-22", "2026-11-23"]),
    // Another clock on the wall is another time of day.
    (
        "FREQ=DAILY",
        "2026-11-21T17:30",
        "2026-11-21T17:30[Europe/Berlin]",
        None,
        ["2026-11-22 17:30", "2026-11-23 17:30"],
    ),
    // The scope says otherwise.
    ("FREQ=WEEKLY", "2026-11-21", "2026-11-23", Some(Scope::Future), ["2026-11-30", "2026-12-07"]),
    ("FREQ=MONTHLY", "2026-11-21", "2026-11-25", Some(Scope::Future), ["2026-12-25", "2027-01-25"]),
    (
        "FREQ=DAILY",
        "2026-11-21T17:30",
        "2026-11-21T19:00",
        Some(Scope::This),
        ["2026-11-22 17:30", "2026-11-23 17:30"],
    ),
    ("FREQ=WEEKLY", "2026-11-21", "2026-11-23", Some(Scope::This), ["2026-11-28", "2026-12-05"]),
];

#[test]
fn r7_a_moved_due_date() {
    for (rule, before, after, scope, next) in MOVES {
        let mut play = Play::with(before, every(rule));
        play.at("2026-11-20T20:00:00Z");
        let first = play.task(1);
        let moved = play.patch(uid(1), TaskPatch { scope: *scope, ..set_due(after) });
        assert_eq!(moved.due_date, Some(due(after)));
        assert_eq!((moved.series, moved.slot), (first.series, first.slot), "kept: {after}");
        assert_eq!(moved.recurrence.as_ref().map(|r| r.n), Some(1), "the baton stays: {after}");
        let second = play.complete(uid(1));
        let third = play.complete(second.uid);
        let dues = [day_and_time(second.due_date), day_and_time(third.due_date)];
        assert_eq!(dues, *next, "{rule} {before} {after} {scope:?}");
        assert_eq!(third.recurrence.map(|r| r.n), Some(3), "{rule} {before} {after} {scope:?}");
    }
}

/// In which zone the later ones are follows the change.
#[test]
fn r7_another_zone_goes_on() {
    let mut play = Play::with("2026-11-21T17:30", every("FREQ=DAILY"));
    play.patch(uid(1), set_due("2026-11-21T17:30[Europe/Berlin]"));
    let next = play.complete(uid(1));
    assert_eq!(next.due_date, Some(due("2026-11-22T17:30[Europe/Berlin]")));
}

/// A new rule is anchored here, and the due date moves to the first slot it has from here on.
#[test]
fn r7_a_new_rule_is_for_this_and_the_later_ones() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let second = play.complete(uid(1));
    let finished = play.task(1);
    let changed = play.patch(second.uid, set_rule(every("FREQ=WEEKLY;BYDAY=WE")));
    assert_eq!(changed.due_date, Some(due("2026-11-25")));
    assert_eq!((changed.series, changed.slot), (second.series, second.slot), "kept for ever");
    assert_eq!(anchor(&changed), Some(due("2026-11-25")));
    assert_eq!(play.task(1), finished, "completed ones are never rewritten");
    let third = play.complete(second.uid);
    assert_eq!((third.due_date, third.slot), (Some(due("2026-12-02")), Some(slot("2026-12-02"))));
    assert_eq!(third.series, second.series, "the series goes on");
}

/// COUNT counts from where the rule was given; a new time of day goes on counting.
#[test]
fn r7_count_across_anchors() {
    let count = |play: &Play, mut at: Task| {
        let mut play = play.clone();
        let mut made = 1;
        while at.recurrence.is_some() && made < 10 {
            let done = play.on(at.uid, super::completed());
            if super::spawned_nothing(&done) {
                break;
            }
            at = play.known(super::spawned(&done).0);
            made += 1;
        }
        made
    };
    let mut play = Play::with("2026-11-21T17:30", every("FREQ=DAILY;COUNT=4"));
    assert_eq!(count(&play, play.task(1)), 4);
    let second = play.complete(uid(1));
    assert_eq!(count(&play, second.clone()), 3);
    let later = play.patch(second.uid, set_due("2026-11-22T19:00"));
    assert_eq!((later.recurrence.as_ref().map(|r| r.n), count(&play, later)), (Some(2), 3));
    // The same rule again changes nothing; another one counts from here.
    let same = play.patch(second.uid, set_rule(every("FREQ=DAILY;COUNT=4")));
    assert_eq!(count(&play, same), 3);
    let other = play.patch(second.uid, set_rule(every("FREQ=DAILY;INTERVAL=2;COUNT=4")));
    assert_eq!((other.recurrence.as_ref().map(|r| r.n), count(&play, other)), (Some(1), 4));
}

/// S2: the rule there is, written another way, is no change.
#[test]
fn r7_the_same_rule_is_no_change() {
    let mut play = Play::with("2026-11-21", every("FREQ=WEEKLY;BYDAY=SA,MO"));
    let before = play.seen();
    let same = every("byday=mo,sa;wkst=mo;interval=1;freq=weekly");
    assert_eq!(play.on(uid(1), change(set_rule(same))).changed, []);
    assert_eq!(play.seen(), before);
}

/// S2: a date that the rule has moved, asked for again with the rule, is where it was moved to.
/// Alone, it is another date.
#[test]
fn r7_the_same_date_and_rule_again_are_no_change() {
    let mut play = Play::new();
    play.add(1, "Pay the rent");
    let both = || TaskPatch {
        due_date: Patch::Set(due("2026-11-20")),
        ..set_rule(every("FREQ=MONTHLY;BYMONTHDAY=-1"))
    };
    assert_eq!(play.patch(uid(1), both()).due_date, Some(due("2026-11-30")));
    let before = play.seen();
    assert_eq!(play.on(uid(1), change(both())).changed, []);
    assert_eq!(play.seen(), before);
    assert_eq!(play.patch(uid(1), set_due("2026-11-20")).due_date, Some(due("2026-11-20")));
}

/// S2: a task that was given a rule and finished in one change has passed the rule on already.
#[test]
fn r7_a_rule_that_has_passed_on_is_no_change() {
    let mut play = Play::new();
    play.add(1, "Pay the rent");
    let all = || TaskPatch {
        due_date: Patch::Set(due("2026-11-20")),
        status: Some(Status::Completed),
        ..set_rule(every("FREQ=MONTHLY;BYMONTHDAY=-1"))
    };
    assert_eq!(super::spawned(&play.on(uid(1), change(all()))).1, slot("2026-12-31"));
    let before = play.seen();
    assert_eq!(play.on(uid(1), change(all())).changed, []);
    assert_eq!(play.seen(), before);
}

/// How it goes on can be changed as the rule can.
#[test]
fn r7_basis_and_spawn_can_change() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let task = play.patch(uid(1), set_rule(from_completion("FREQ=DAILY")));
    assert_eq!(task.recurrence.map(|r| r.from.as_str()), Some("completion"));
    let task = play.patch(uid(1), set_rule(on_schedule("FREQ=DAILY")));
    assert!(task.recurrence.is_some_and(|recurrence| recurrence.is_scheduled()));
    play.later(DAY);
    assert_eq!(super::spawned(&play.spawn()).1, slot("2026-11-22"));
}

#[test]
fn r7_a_rule_has_no_narrower_scope() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let patch = |scope| TaskPatch { scope: Some(scope), ..set_rule(every("FREQ=WEEKLY")) };
    let error = play.refused(&on(uid(1), change(patch(Scope::This))));
    assert_eq!(error, TaskError::field("scope", Problem::RuleForThisOnly));
    assert_eq!(error.code(), ErrorCode::ValidationError);
    assert!(play.patch(uid(1), patch(Scope::Future)).recurrence.is_some());
}

/// A rule that does not fit leaves all as it was.
#[test]
fn r7_a_rule_that_does_not_fit_is_refused() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let wrong: [(NewRecurrence, ErrorCode); 4] = [
        (every("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), ErrorCode::RuleNeverMatches),
        (every("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20270101"), ErrorCode::RuleNeverMatches),
        (every("FREQ=DAILY;UNTIL=20261120"), ErrorCode::UnsupportedRule),
        (from_completion("FREQ=DAILY;BYMONTH=1"), ErrorCode::ValidationError),
    ];
    for (recurrence, code) in wrong {
        let rule = recurrence.rule.to_string();
        let error = play.refused(&on(uid(1), change(set_rule(recurrence))));
        assert_eq!(error.code(), code, "{rule}: {error}");
    }
}

/// Other edits stay with this occurrence and what is copied from it.
#[test]
fn r7_other_edits_go_on_by_copying() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let second = play.complete(uid(1));
    play.on(second.uid, rename("Water the roses"));
    assert_eq!(play.task(1).title.as_str(), "Water the plants");
    let third = play.complete(second.uid);
    assert_eq!(third.title.as_str(), "Water the roses");
    // Of a finished one, they stay with it.
    play.on(second.uid, rename("Watered"));
    assert_eq!(play.known(third.uid).title.as_str(), "Water the roses");
}

/// Taken away, the rule ends the series; given again, the series goes on; given to an occurrence
/// that the series left behind, it begins another.
#[test]
fn r7_a_rule_taken_away_and_given_again() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let second = play.complete(uid(1));
    play.later(1000);
    let clear = || TaskPatch { recurrence: Patch::Clear, ..TaskPatch::default() };
    let done = play.on(second.uid, change(clear()));
    assert!(
        matches!(done.notes.as_slice(), [todo_core::Note::SeriesEnded { .. }]),
        "{:?}",
        done.notes
    );
    let bare = play.known(second.uid);
    assert_eq!((bare.recurrence, bare.series, bare.slot), (None, second.series, second.slot));
    let again = play.patch(second.uid, set_rule(every("FREQ=WEEKLY")));
    assert_eq!((again.series, again.slot), (second.series, second.slot));
    // Nothing would ever come of it while it is completed.
    let refused = play.refused(&crate::play::act(1, change(set_rule(every("FREQ=MONTHLY")))));
    assert!(matches!(refused, TaskError::NotOpen { .. }), "{refused:?}");
    play.on(uid(1), go(Status::Pending));
    // The series goes on in the second: a rule here would be another for the same thing.
    let refused = play.refused(&crate::play::act(1, change(set_rule(every("FREQ=MONTHLY")))));
    let on = Problem::SeriesGoesOn(play.known(second.uid).id);
    assert_eq!(refused, TaskError::field("recurrence", on));
    assert_eq!(play.known(second.uid).recurrence, again.recurrence);
    // Cleared twice, it ends once.
    play.on(second.uid, change(clear()));
    assert_eq!(play.on(second.uid, change(clear())).changed, []);
    let first = play.patch(uid(1), set_rule(every("FREQ=MONTHLY")));
    assert_ne!(first.series, second.series, "its own series has gone on without it");
    assert_eq!(first.slot, Some(Slot::of(due("2026-11-21"))));
}

/// A due date and a rule in one change: the rule counts from that date.
#[test]
fn r7_a_date_and_a_rule_together() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let both = TaskPatch {
        due_date: Patch::Set(due("2027-01-31T08:00")),
        ..set_rule(every("FREQ=MONTHLY;BYMONTHDAY=-1"))
    };
    let task = play.patch(uid(1), both);
    assert_eq!(task.due_date, Some(due("2027-01-31T08:00")));
    assert_eq!(anchor(&task), task.due_date);
    assert_eq!(day_and_time(play.complete(uid(1)).due_date), "2027-02-28 08:00");
}

/// R8: the first occurrence is due when the clocks show it; those after it at the time asked for.
#[test]
fn r8_a_first_slot_that_is_skipped_keeps_the_time() {
    let mut play = Play::new();
    play.at("2026-03-27T00:00:00Z");
    // Berlin has no half past two on Sunday 2026-03-29.
    let weekly = every("FREQ=WEEKLY;BYDAY=SU");
    let first = play.create(super::repeating(1, "2026-03-27T02:30[Europe/Berlin]", weekly));
    assert_eq!(day_and_time(first.due_date), "2026-03-29 03:30");
    assert_eq!(first.slot, Some(slot("2026-03-29T02:30:00")));
    let second = play.complete(uid(1));
    assert_eq!(day_and_time(second.due_date), "2026-04-05 02:30");
    assert_eq!(second.recurrence.map(|baton| baton.n), Some(2));
}

/// Rule, due, the earlier due, the scope that is asked for, and when the next two are due.
const BACK: &[Move] = &[
    ("FREQ=WEEKLY", "2027-03-01", "2026-11-23", Some(Scope::Future), ["2026-11-30", "2026-12-07"]),
    (
        "FREQ=WEEKLY",
        "2027-03-01T09:00",
        "2026-11-23T10:00",
        None,
        ["2026-11-30 10:00", "2026-12-07 10:00"],
    ),
    ("FREQ=DAILY", "2026-11-23", "2026-11-22", Some(Scope::Future), ["2026-11-23", "2026-11-24"]),
];

/// R4, R7: anchored at an earlier date it is counted from there, and no slot is passed over. Slots
/// of a series only go forward, so it is a series of its own from here on; its number goes on.
#[test]
fn r7_anchored_at_an_earlier_date() {
    for (rule, before, after, scope, next) in BACK {
        let mut play = Play::with(before, every(rule));
        play.at("2026-11-20T20:00:00Z");
        let first = play.task(1);
        let moved = play.patch(uid(1), TaskPatch { scope: *scope, ..set_due(after) });
        assert_ne!(moved.series, first.series, "another series: {after}");
        assert_eq!(moved.slot, moved.due_date.map(Slot::of), "which begins here: {after}");
        assert_eq!(moved.recurrence.as_ref().map(|r| r.n), Some(1), "the number stays: {after}");
        let second = play.complete(uid(1));
        let third = play.complete(second.uid);
        assert_eq!((second.series, third.series), (moved.series, moved.series));
        let dues = [day_and_time(second.due_date), day_and_time(third.due_date)];
        assert_eq!(dues, *next, "{rule} {before} {after} {scope:?}");
        assert_eq!(third.recurrence.map(|r| r.n), Some(3), "{rule} {before} {after} {scope:?}");
    }
}

/// S7: taken back, it stands where it stood, and goes on there.
#[test]
fn r7_taking_back_an_earlier_anchor() {
    let mut play = Play::with("2027-03-01", every("FREQ=WEEKLY"));
    let first = play.task(1);
    play.patch(uid(1), TaskPatch { scope: Some(Scope::Future), ..set_due("2026-11-23") });
    play.undo();
    let back = play.task(1);
    assert_eq!((back.series, back.slot), (first.series, first.slot));
    assert_eq!((back.due_date, back.recurrence), (first.due_date, first.recurrence));
    assert_eq!(play.complete(uid(1)).slot, Some(slot("2027-03-08")));
}

/// R6, R7: the day alone was moved to an earlier one; a rule given then counts from there, also in
/// a series that has had later slots or has ended.
#[test]
fn r7_a_new_rule_at_an_earlier_date() {
    for ended in [false, true] {
        let mut play = Play::with("2027-03-01", every("FREQ=WEEKLY"));
        play.at("2026-11-20T20:00:00Z");
        if ended {
            play.patch(uid(1), TaskPatch { recurrence: Patch::Clear, ..TaskPatch::default() });
        }
        play.patch(uid(1), set_due("2026-11-23"));
        let daily = play.patch(uid(1), set_rule(every("FREQ=DAILY")));
        assert_eq!(daily.slot, Some(slot("2026-11-23")), "{ended}");
        let next = play.complete(uid(1));
        assert_eq!((next.due_date, next.slot), (Some(due("2026-11-24")), Some(slot("2026-11-24"))));
    }
}
