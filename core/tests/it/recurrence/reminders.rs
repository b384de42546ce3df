//! R9: when a task reminds, and what keeps it from doing so.

use todo_core::conformance::given::ZONE;
use todo_core::conformance::given::title;
use todo_core::conformance::uid;
use todo_core::reminder::{Channel, Offset, Preferences, ReminderId, Trigger, instant};
use todo_core::{
    Bulk, Command, Due, ErrorCode, Item, NewReminder, NewTask, Note, Patch, Problem,
    RemindersPatch, Revision, Status, Task, TaskError, TaskPatch, Timestamp, Verb,
};

use super::{due, every, repeating, set_due};
use crate::play::{Play, act, change};

fn offset(text: &str) -> Trigger {
    Trigger::Offset(text.parse().unwrap_or_else(|problem| panic!("{text}: {problem}")))
}

fn at(text: &str) -> Trigger {
    Trigger::At(text.parse().unwrap_or_else(|problem| panic!("{text}: {problem}")))
}

fn dated(due_date: Option<&str>, reminders: Option<Vec<Trigger>>) -> NewTask {
    NewTask {
        due_date: due_date.map(due),
        reminders: reminders.map(|all| all.into_iter().map(NewReminder::new).collect()),
        ..NewTask::new(uid(1), title("Dentist"))
    }
}

fn triggers(task: &Task) -> Vec<Trigger> {
    task.reminders.iter().map(|reminder| reminder.trigger).collect()
}

fn set(reminders: Vec<Trigger>) -> TaskPatch {
    let wanted = reminders.into_iter().map(NewReminder::new).collect();
    TaskPatch { reminders: RemindersPatch::Set(wanted), ..TaskPatch::default() }
}

fn no_due() -> TaskPatch {
    TaskPatch { due_date: Patch::Clear, ..TaskPatch::default() }
}

/// Due, offset, and when it goes off. Days are days on the wall, hours are exact.
const INSTANTS: &[(&str, &str, &str)] = &[
    ("2026-11-21T17:00[Asia/Karachi]", "PT0S", "2026-11-21T12:00:00Z"),
    ("2026-11-21T17:00[Asia/Karachi]", "-PT1H30M", "2026-11-21T10:30:00Z"),
    ("2026-11-21T17:00[Asia/Karachi]", "-P1W", "2026-11-14T12:00:00Z"),
    // Berlin sets its clocks back in the night to 2026-10-25: a day before is 25 hours before.
    ("2026-10-25T12:00[Europe/Berlin]", "-P1D", "2026-10-24T10:00:00Z"),
    ("2026-10-25T12:00[Europe/Berlin]", "-PT24H", "2026-10-24T11:00:00Z"),
    // And forward in the night to 2026-03-29: 23 hours.
    ("2026-03-29T12:00[Europe/Berlin]", "-P1D", "2026-03-28T11:00:00Z"),
    ("2026-03-29T12:00[Europe/Berlin]", "-PT24H", "2026-03-28T10:00:00Z"),
    ("2026-03-29T12:00[Europe/Berlin]", "-P1DT1H", "2026-03-28T10:00:00Z"),
    // A wall time that is not there on that day is read with the offset before the gap.
    ("2026-03-30T02:30[Europe/Berlin]", "-P1D", "2026-03-29T01:30:00Z"),
    // One that is there twice is the earlier; the due date's own offset is for its own day.
    ("2026-10-26T02:30[Europe/Berlin]", "-P1D", "2026-10-25T00:30:00Z"),
    ("2026-11-01T01:30-05:00[America/New_York]", "PT0S", "2026-11-01T06:30:00Z"),
    ("2026-11-01T01:30-05:00[America/New_York]", "-PT1H", "2026-11-01T05:30:00Z"),
    ("2026-11-01T01:30-05:00[America/New_York]", "-P7D", "2026-10-25T05:30:00Z"),
    // All day: from nine in the morning where the owner is, in Karachi.
    ("2026-11-21", "PT0S", "2026-11-21T04:00:00Z"),
    ("2026-11-21", "-PT1H", "2026-11-21T03:00:00Z"),
    ("2026-11-21", "-P1D", "2026-11-20T04:00:00Z"),
];

#[test]
fn r9_days_are_on_the_wall_and_hours_exact() {
    for (due_date, before, expected) in INSTANTS {
        let found = instant(offset(before), Some(due(due_date)), &Preferences::default(), ZONE);
        assert_eq!(
            found.map(|at| at.to_string().replace(".000", "")).as_deref(),
            Some(*expected),
            "{due_date} {before}"
        );
    }
}

/// An all-day due date counts from the time that the owner prefers, where the owner is.
#[test]
fn r9_all_day_counts_from_a_preference() {
    let preferences = Preferences {
        all_day_time: chrono::NaiveTime::from_hms_opt(7, 15, 0).expect("a time"),
        ..Preferences::default()
    };
    let day = Some(due("2026-04-24"));
    let when = |preferences: &Preferences, zone| instant(offset("PT0S"), day, preferences, zone);
    let utc = |text: &str| text.parse::<Timestamp>().ok();
    assert_eq!(when(&preferences, ZONE), utc("2026-04-24T02:15:00Z"));
    assert_eq!(when(&preferences, chrono_tz::UTC), utc("2026-04-24T07:15:00Z"));
    // Cairo skips the first hour of that day.
    let midnight = Preferences { all_day_time: chrono::NaiveTime::MIN, ..preferences };
    assert_eq!(when(&midnight, chrono_tz::Africa::Cairo), utc("2026-04-23T22:00:00Z"));
}

/// An instant is an instant, whatever the task is due.
#[test]
fn r9_an_instant_needs_no_due_date() {
    let trigger = at("2026-11-21T12:00:00Z");
    for date in [None, Some(due("2026-11-25"))] {
        let found = instant(trigger, date, &Preferences::default(), ZONE);
        assert_eq!(found.map(Trigger::At), Some(trigger));
    }
    assert_eq!(instant(offset("PT0S"), None, &Preferences::default(), ZONE), None);
}

/// As they are written: each length has one form.
#[test]
fn r9_offsets_are_read_and_written() {
    let forms = [
        ("-PT1H", "-PT1H"),
        ("-pt90m", "-PT1H30M"),
        ("-PT3600S", "-PT1H"),
        ("-P1D", "-P1D"),
        ("-P7D", "-P1W"),
        ("-P1W1D", "-P8D"),
        ("-P1DT30M", "-P1DT30M"),
        ("PT0S", "PT0S"),
        ("-PT0S", "PT0S"),
        ("+PT0S", "PT0S"),
        // Exact hours stay hours: a day is not always 24 of them.
        ("-PT24H", "-PT24H"),
        ("-P366D", "-P366D"),
        ("-P364D", "-P52W"),
    ];
    for (given, written) in forms {
        let read: Offset = given.parse().unwrap_or_else(|problem| panic!("{given}: {problem}"));
        assert_eq!(read.to_string(), written, "{given}");
        assert_eq!(written.parse(), Ok(read));
    }
    let refused = [
        "",
        "P",
        "-P",
        "-PT",
        "PT",
        "1H",
        "-1H",
        "-P1H",
        "-PT1D",
        "-P1D1W",
        "-PT1M1H",
        "-P1DT",
        "-P1M",
        "-P1Y",
        "-P-1D",
        "--P1D",
        "-P1.5D",
        "-PT1H1H",
        "-P99999999999D",
        "-P4294967296D",
    ];
    for text in refused {
        let found = text.parse::<Offset>();
        assert!(matches!(found, Err(Problem::NotAnOffset(_))), "{text}: {found:?}");
    }
    assert_eq!("PT1H".parse::<Offset>(), Err(Problem::ReminderAfter));
    for early in ["-P367D", "-P366DT1S", "-P53W", "-PT8785H"] {
        assert_eq!(early.parse::<Offset>(), Err(Problem::ReminderTooEarly), "{early}");
    }
}

/// A new timed due date gets what the owner prefers; an empty list is none.
#[test]
fn r9_a_new_timed_due_date_gets_the_defaults() {
    type Case = (Option<&'static str>, Option<Vec<Trigger>>, Vec<Trigger>);
    let cases: [Case; 5] = [
        (Some("2026-11-25T17:00"), None, vec![offset("PT0S")]),
        (Some("2026-11-25T17:00"), Some(vec![]), vec![]),
        (Some("2026-11-25T17:00"), Some(vec![offset("-P1D")]), vec![offset("-P1D")]),
        (Some("2026-11-25"), None, vec![]),
        (None, None, vec![]),
    ];
    for (date, asked, expected) in cases {
        let mut play = Play::new();
        assert_eq!(
            triggers(&play.create(dated(date, asked.clone()))),
            expected,
            "{date:?} {asked:?}"
        );
    }
    let mut play = Play::new();
    play.ctx.preferences.default_reminders =
        vec![NewReminder { channel: Channel::Email, ..NewReminder::new(offset("-PT1H")) }];
    let task = play.create(dated(Some("2026-11-25T17:00"), None));
    assert_eq!(triggers(&task), [offset("-PT1H")]);
    assert_eq!(task.reminders.iter().next().map(|reminder| reminder.channel), Some(Channel::Email));
}

/// A task that becomes timed gets them too, unless it has reminders or is asked not to.
#[test]
fn r9_a_due_date_that_becomes_timed_gets_the_defaults() {
    let timed = || set_due("2026-11-25T17:00");
    for date in [None, Some("2026-11-25")] {
        let mut play = Play::new();
        play.create(dated(date, None));
        assert_eq!(triggers(&play.patch(uid(1), timed())), [offset("PT0S")], "{date:?}");
        // Moved on, it does not get them again.
        play.patch(uid(1), set(vec![]));
        assert_eq!(triggers(&play.patch(uid(1), set_due("2026-11-26T17:00"))), []);
    }
    let mut play = Play::new();
    play.create(dated(Some("2026-11-25"), Some(vec![offset("-P1D")])));
    assert_eq!(triggers(&play.patch(uid(1), timed())), [offset("-P1D")]);
    let mut play = Play::new();
    play.create(dated(None, None));
    let none = TaskPatch { reminders: RemindersPatch::Set(vec![]), ..timed() };
    assert_eq!(triggers(&play.patch(uid(1), none)), []);
}

#[test]
fn r9_an_offset_needs_a_due_date() {
    let mut play = Play::new();
    let new = dated(None, Some(vec![offset("-PT1H")]));
    let error = play.refused(&Command::One(Item::Create(Box::new(new))));
    assert_eq!(error.code(), ErrorCode::DueRequired);
    play.create(dated(None, Some(vec![at("2026-11-25T00:00:00Z")])));
    let error = play.refused(&act(1, change(set(vec![offset("-PT1H")]))));
    assert_eq!(error.code(), ErrorCode::DueRequired);
    let add = vec![NewReminder::new(offset("PT0S"))];
    let edit = RemindersPatch::Edit { add, remove: vec![] };
    let edit = TaskPatch { reminders: edit, ..TaskPatch::default() };
    assert_eq!(play.refused(&act(1, change(edit))).code(), ErrorCode::DueRequired);
}

/// Removing the due date removes what counts from it, and says so.
#[test]
fn r9_without_a_due_date_offsets_go() {
    let mut play = Play::new();
    let instant = at("2026-11-25T00:00:00Z");
    play.create(dated(
        Some("2026-11-25T17:00"),
        Some(vec![offset("-PT1H"), instant, offset("-P1D")]),
    ));
    let done = play.act(1, change(no_due()));
    assert_eq!(done.notes, [Note::RemindersRemoved { task: uid(1), count: 2 }]);
    assert_eq!(triggers(&play.task(1)), [instant]);
    // Nothing more to say the second time.
    assert_eq!(play.act(1, change(no_due())).notes, []);
    play.undo();
    assert_eq!((play.task(1).reminders.len(), play.task(1).due_date.is_some()), (3, true));
}

/// What is refused says nothing: nothing was removed.
#[test]
fn r9_a_refused_change_removes_nothing() {
    let mut play = Play::new();
    play.create(dated(Some("2026-11-25T17:00"), None));
    play.add_below(2, 1);
    let closing = TaskPatch { status: Some(Status::Completed), ..no_due() };
    let stale = todo_core::Action {
        task: uid(1).into(),
        verb: change(no_due()),
        expect: Some(Revision(9)),
    };
    let items = vec![Item::act(uid(1), change(closing)), Item::Act(stale)];
    let done = play.done(&Command::Bulk(Bulk { items, atomic: false }));
    assert_eq!(done.refused().count(), 2);
    assert_eq!((done.notes, play.task(1).reminders.len()), (vec![], 1));
}

/// S2, R10: one that only says something else, or in another way, is the same: it was set when it was, and goes off
/// once.
#[test]
fn r9_other_words_make_no_other_reminder() {
    let hour = NewReminder::new(offset("-PT1H"));
    let says = |text: &str| NewReminder { message: Some(title(text)), ..hour.clone() };
    let mut play = Play::new();
    play.create(dated(Some("2026-11-25T17:00"), Some(vec![offset("-P1D"), offset("-PT1H")])));
    let mut numbers = |patch| {
        let task = play.patch(uid(1), TaskPatch { reminders: patch, ..TaskPatch::default() });
        task.reminders.iter().map(|reminder| reminder.id.0).collect::<Vec<_>>()
    };
    assert_eq!(numbers(RemindersPatch::Set(vec![says("now")])), [2]);
    let mail = NewReminder { channel: Channel::Email, ..hour.clone() };
    let swap = RemindersPatch::Edit { add: vec![mail.clone()], remove: vec![ReminderId(2)] };
    assert_eq!(numbers(swap), [2]);
    // Beside it there may be another, and who is wanted as they are gives nobody their number.
    assert_eq!(numbers(RemindersPatch::Set(vec![says("then"), mail, says("now")])), [3, 2, 4]);
    let more = RemindersPatch::Edit { add: vec![says("at last")], remove: vec![] };
    assert_eq!(numbers(more), [3, 2, 4, 5]);
}

/// At most ten; two alike are one, which keeps its number.
#[test]
fn r9_ten_at_most_and_no_two_alike() {
    let hours = |n: u32| Trigger::Offset(Offset::before(0, n * 3600).expect("an offset"));
    let mut play = Play::new();
    let twice = vec![hours(1), hours(1), hours(2)];
    let task = play.create(dated(Some("2026-11-25T17:00"), Some(twice)));
    assert_eq!(triggers(&task), [hours(1), hours(2)]);
    let task = play.patch(uid(1), set((2..12).map(hours).collect()));
    assert_eq!(task.reminders.len(), 10);
    let numbers: Vec<_> = task.reminders.iter().map(|reminder| reminder.id.0).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "the one that stays keeps its number");
    let too_many = Problem::TooMany { max: 10, got: 11 };
    let error = play.refused(&act(1, change(set((1..12).map(hours).collect()))));
    assert_eq!(error, TaskError::field("reminders", too_many.clone()));
    let one_more = |remove| TaskPatch {
        reminders: RemindersPatch::Edit { add: vec![NewReminder::new(hours(99))], remove },
        ..TaskPatch::default()
    };
    let error = play.refused(&act(1, change(one_more(vec![]))));
    assert_eq!(error, TaskError::field("reminders", too_many));
    let error = play.refused(&act(1, change(one_more(vec![ReminderId(1)]))));
    assert_eq!(error, TaskError::field("reminders", Problem::TooMany { max: 10, got: 11 }));
    let task = play.patch(uid(1), one_more(vec![ReminderId(5)]));
    assert_eq!(task.reminders.iter().last().map(|r| r.id), Some(ReminderId(12)), "a new number");
    // Taken away and added in one, it stays as it is; what is gone is gone (S2).
    let both = RemindersPatch::Edit {
        add: vec![NewReminder::new(hours(99))],
        remove: vec![ReminderId(12)],
    };
    let both = TaskPatch { reminders: both, ..TaskPatch::default() };
    assert_eq!(play.act(1, change(both)).changed, []);
    let gone = RemindersPatch::Edit { add: vec![], remove: vec![ReminderId(5)] };
    let gone = TaskPatch { reminders: gone, ..TaskPatch::default() };
    assert_eq!(play.act(1, change(gone)).changed, []);
}

/// Snooze adds an instant and changes no due date.
#[test]
fn r9_snooze() {
    let mut play = Play::new();
    let before = play.create(dated(Some("2026-11-25T17:00"), None));
    let until: Timestamp = "2026-11-21T13:00:00Z".parse().expect("an instant");
    let snooze = |until| Verb::Snooze { until };
    play.act(1, snooze(until));
    let task = play.task(1);
    assert_eq!(triggers(&task), [offset("PT0S"), Trigger::At(until)]);
    assert_eq!((task.due_date, task.version.0), (before.due_date, 2));
    let unchanged = play.seen();
    assert_eq!(play.act(1, snooze(until)).changed, [], "to the same instant again (S2)");
    assert_eq!(play.seen(), unchanged);
    for past in [play.ctx.now, play.ctx.now.plus_millis(-1)] {
        let error = play.refused(&act(1, snooze(past)));
        assert_eq!(error, TaskError::field("until", Problem::NotInFuture));
    }
    play.act(1, super::completed());
    let error = play.refused(&act(1, snooze(until)));
    assert_eq!(error.code(), ErrorCode::InvalidTransition);
    // It is not for the next time.
    let mut play = Play::with("2026-11-25T17:00", every("FREQ=DAILY"));
    play.act(1, snooze(until));
    assert_eq!(triggers(&play.complete(uid(1))), []);
}

/// Snoozed again and again, instants that have passed make room; those to come do not.
#[test]
fn r9_snoozing_makes_room() {
    let mut play = Play::new();
    play.add(1, "put off for ever");
    for _ in 0..25 {
        let until = play.ctx.now.plus_millis(60_000);
        play.act(1, Verb::Snooze { until });
        play.later(60_000);
    }
    assert!(play.task(1).reminders.len() <= 10, "{:?}", play.task(1).reminders);
    let mut play = Play::new();
    play.add(1, "ten to come");
    for n in 1..=10 {
        let until = play.ctx.now.plus_millis(n * 60_000);
        play.act(1, Verb::Snooze { until });
    }
    let until = play.ctx.now.plus_millis(3_600_000);
    let error = play.refused(&act(1, Verb::Snooze { until }));
    assert_eq!(error, TaskError::field("reminders", Problem::TooMany { max: 10, got: 11 }));
}

/// R8, R9: what is planned follows the due date; a later one takes its reminders along.
#[test]
fn r9_reminders_follow_the_due_date() {
    let mut play = Play::new();
    play.create(repeating(1, "2026-10-24T12:00[Europe/Berlin]", every("FREQ=DAILY")));
    play.patch(uid(1), set(vec![offset("-P1D"), offset("-PT1H")]));
    let planned = |task: &Task| {
        let planned = todo_core::reminder::planned(task, &Preferences::default(), ZONE);
        planned.iter().map(|planned| planned.at.to_string()).collect::<Vec<_>>()
    };
    let before = planned(&play.task(1));
    assert_eq!(before, ["2026-10-23T10:00:00.000Z", "2026-10-24T09:00:00.000Z"]);
    play.at("2026-10-24T12:00:00Z");
    let next = play.complete(uid(1));
    assert!(matches!(next.due_date, Some(Due::At { .. })));
    // The same wall time, an hour later by the sun.
    assert_eq!(planned(&next), ["2026-10-24T10:00:00.000Z", "2026-10-25T10:00:00.000Z"]);
    assert_eq!(planned(&play.task(1)), before);
}
