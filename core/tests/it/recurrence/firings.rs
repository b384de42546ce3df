//! R10: each firing once, never early, a day late at most.

use chrono::NaiveTime;
use todo_core::conformance::given::ZONE;
use todo_core::conformance::given::{DAY, MINUTE, go, title};
use todo_core::conformance::uid;
use todo_core::event::{EventData, EventType};
use todo_core::reminder::{
    Channel, Firing, FiringFate, Offset, Preferences, ReminderState, Trigger, planned, state,
};
use todo_core::{
    Command, Facts, Needs, NewReminder, NewTask, Outcome, Status, TaskPatch, TaskStore, Timestamp,
    Title, Verb,
};

use super::{due, every, set_due};
use crate::play::{Play, change};

/// When task 1 is due, and reminds.
const DUE: &str = "2026-11-21T18:00";

fn instant() -> Timestamp {
    due(DUE).starts(ZONE)
}

/// A task that reminds when it is due.
fn reminding() -> Play {
    let mut play = Play::new();
    play.create(NewTask { due_date: Some(due(DUE)), ..NewTask::new(uid(1), title("Dentist")) });
    play
}

fn remind(play: &mut Play) -> Outcome {
    play.done(&Command::Remind([uid(1)].into()))
}

fn kept(play: &Play) -> Vec<Firing> {
    let needs = Needs { firings: [uid(1).into()].into(), ..Needs::default() };
    let Facts { firings, .. } = play.store.load(play.ctx.owner, &needs).expect("it is loaded");
    firings
}

fn fates(play: &Play) -> Vec<FiringFate> {
    kept(play).iter().map(|firing| firing.fate).collect()
}

/// How long after its instant it is settled, and what becomes of it.
const FATES: &[(i64, Option<FiringFate>)] = &[
    (-MINUTE, None),
    (-1, None),
    (0, Some(FiringFate::Sent)),
    (MINUTE, Some(FiringFate::Sent)),
    (MINUTE + 1, Some(FiringFate::Late)),
    (DAY, Some(FiringFate::Late)),
    (DAY + 1, Some(FiringFate::Missed)),
    (400 * DAY, Some(FiringFate::Missed)),
];

#[test]
fn r10_never_early_and_a_day_late_at_most() {
    for (late, expected) in FATES {
        let mut play = reminding();
        play.ctx.now = instant().plus_millis(*late);
        let done = remind(&mut play);
        assert_eq!(fates(&play), Vec::from_iter(*expected), "{late}");
        assert_eq!(done.events.len(), usize::from(expected.is_some()), "{late}");
        assert_eq!(done.step, None, "the system's own: {late}");
        assert_eq!(play.task(1).version.0, 1, "it raises no version: {late}");
    }
}

#[test]
fn r10_once() {
    for late in [0, 2 * MINUTE, 2 * DAY] {
        let mut play = reminding();
        play.ctx.now = instant().plus_millis(late);
        assert_eq!(remind(&mut play).events.len(), 1);
        let before = play.seen();
        for wait in [0, MINUTE, DAY] {
            play.later(wait);
            assert_eq!(remind(&mut play).events.len(), 0, "{late} {wait}");
        }
        assert_eq!(play.seen(), before);
        assert_eq!(kept(&play).len(), 1);
    }
}

/// What is told: the reminder with its message and channel, and when it was planned.
#[test]
fn r10_a_firing_is_told() {
    let mut play = Play::new();
    let at = instant();
    let reminder = NewReminder {
        message: Some(title("Take the card along")),
        channel: Channel::Push,
        ..NewReminder::new(Trigger::At(at))
    };
    play.create(NewTask {
        reminders: Some(vec![reminder]),
        ..NewTask::new(uid(1), title("Dentist"))
    });
    play.ctx.now = at.plus_millis(5);
    let done = remind(&mut play);
    let event = done.events.first().expect("it is told");
    assert_eq!((event.event_type, event.aggregate_id), (EventType::ReminderTriggered, uid(1)));
    let EventData::Reminded { id, reminder, firing } = &event.data else { panic!("{event:?}") };
    assert_eq!((id.0, reminder.channel), (1, Channel::Push));
    assert_eq!(reminder.message.as_ref().map(Title::as_str), Some("Take the card along"));
    assert_eq!((firing.at, firing.settled_at, firing.fate), (at, play.ctx.now, FiringFate::Sent));
    assert_eq!(kept(&play), [*firing]);
    let mut late = reminding();
    late.ctx.now = instant().plus_millis(3 * DAY);
    let missed = remind(&mut late);
    assert_eq!(missed.events[0].event_type, EventType::ReminderMissed);
    let told = serde_json::to_value(&missed.events[0]).expect("it is written as JSON");
    assert_eq!(
        (&told["event_type"], &told["data"]["firing"]["fate"]),
        (&"reminder.missed".into(), &"missed".into())
    );
}

/// Completed, cancelled, trashed and waiting tasks send nothing; nor do those begun later than the
/// reminder would have gone off.
#[test]
fn r10_what_is_not_open_is_silent() {
    let started = |text: &str| {
        let start_date = todo_core::Patch::Set(due(text));
        change(TaskPatch { start_date, ..TaskPatch::default() })
    };
    let silent = [
        go(Status::Completed),
        go(Status::Cancelled),
        Verb::Delete,
        started("2026-11-25"),
        started("2026-11-21T18:00:01"),
    ];
    for verb in silent {
        let mut play = reminding();
        play.act(1, verb.clone());
        for late in [0, MINUTE, 5 * DAY] {
            play.ctx.now = instant().plus_millis(late);
            assert_eq!(remind(&mut play).events.len(), 0, "{verb:?} {late}");
        }
        assert_eq!(kept(&play), []);
    }
    // One that begins at that instant, or is in progress, is not waiting.
    for verb in [started(DUE), go(Status::InProgress)] {
        let mut play = reminding();
        play.act(1, verb);
        play.ctx.now = instant();
        assert_eq!(remind(&mut play).events.len(), 1);
    }
}

/// Open again within a day, it is told late.
#[test]
fn r10_reopened_it_speaks_again() {
    let mut play = reminding();
    play.act(1, go(Status::Completed));
    play.ctx.now = instant().plus_millis(MINUTE);
    assert_eq!(remind(&mut play).events.len(), 0);
    play.act(1, go(Status::Pending));
    play.later(MINUTE);
    remind(&mut play);
    assert_eq!(fates(&play), [FiringFate::Late]);
}

/// R9: a moved due date plans anew; moved back to where it was sent already, it is not sent again.
#[test]
fn r9_a_moved_due_date_is_another_firing() {
    let mut play = reminding();
    play.ctx.now = instant();
    remind(&mut play);
    play.patch(uid(1), set_due("2026-11-21T19:00"));
    assert_eq!(remind(&mut play).events.len(), 0);
    play.later(60 * MINUTE);
    assert_eq!(remind(&mut play).events.len(), 1);
    assert_eq!(kept(&play).len(), 2);
    play.patch(uid(1), set_due(DUE));
    assert_eq!(remind(&mut play).events.len(), 0, "it was sent an hour ago");
}

/// What it shows of each reminder, without settling anything.
#[test]
fn r10_states() {
    let mut play = reminding();
    let shown = |play: &Play| {
        let task = play.task(1);
        let planned = planned(&task, &Preferences::default(), ZONE)[0];
        let fate = kept(play).first().map(|firing| firing.fate);
        state(&task, planned, fate, play.ctx.now, ZONE)
    };
    assert_eq!(shown(&play), ReminderState::Scheduled);
    play.ctx.now = instant();
    assert_eq!(shown(&play), ReminderState::Due);
    play.ctx.now = instant().plus_millis(DAY + 1);
    assert_eq!(shown(&play), ReminderState::Missed);
    play.ctx.now = instant();
    remind(&mut play);
    assert_eq!(shown(&play), ReminderState::Sent);
    play.act(1, go(Status::Completed));
    assert_eq!(shown(&play), ReminderState::Sent, "what was sent was sent");
    let mut play = reminding();
    play.act(1, go(Status::Completed));
    assert_eq!(shown(&play), ReminderState::Silent);
}

/// Purged, nothing is remembered of it.
#[test]
fn r10_firings_go_with_their_task() {
    let mut play = reminding();
    play.ctx.now = instant();
    remind(&mut play);
    play.act(1, Verb::Purge);
    assert_eq!(kept(&play), []);
    assert_eq!(remind(&mut play).items.len(), 0);
}

/// Each occurrence of a series reminds for itself.
#[test]
fn r10_each_occurrence_reminds() {
    let mut play = Play::new();
    let new = NewTask { reminders: None, ..super::repeating(1, DUE, every("FREQ=DAILY")) };
    play.create(new);
    play.ctx.now = instant();
    remind(&mut play);
    let next = play.complete(uid(1));
    let remind_next = |play: &mut Play| play.done(&Command::Remind([next.uid].into())).events.len();
    assert_eq!(remind_next(&mut play), 0);
    play.later(DAY);
    assert_eq!(remind_next(&mut play), 1);
}

/// R9, R10: a profile that moves the reminders of days sends none of them twice; what it moves into the
/// past before it was sent is sent late.
#[test]
fn r9_another_hour_reminds_of_the_same_day_once() {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    let reminders = Some(vec![NewReminder::new(Trigger::Offset(Offset::ZERO))]);
    let due_date = Some(due("2026-11-22"));
    for (sent, change, other, expected) in [
        // Sent at nine, moved at noon to seven, eleven, or five in the afternoon.
        (9, 12, 7, &[FiringFate::Sent][..]),
        (9, 12, 11, &[FiringFate::Sent]),
        (9, 17, 17, &[FiringFate::Sent, FiringFate::Sent]),
        // Moved at eight from nine to seven.
        (8, 8, 7, &[FiringFate::Late]),
    ] {
        let mut play = Play::new();
        let new = NewTask::new(uid(1), title("Water the plants"));
        play.create(NewTask { due_date, reminders: reminders.clone(), ..new });
        for (hour, counts) in [(sent, 9), (change, other), (change, other)] {
            let midnight = due("2026-11-22").starts(ZONE);
            play.ctx.now = midnight.plus_millis(i64::from(hour) * 60 * MINUTE);
            play.ctx.preferences.all_day_time = at(counts);
            remind(&mut play);
        }
        assert_eq!(fates(&play), expected, "{sent} {change} {other}");
    }
}
