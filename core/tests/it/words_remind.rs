//! Reminders in words, and putting them off (W1, R9), on Wednesday 2026-03-11 at 10:30.

use chrono::NaiveTime;
use todo_core::reminder::Trigger;
use todo_core::words::{remind, snooze};

use crate::words::{refusal, wednesday};

#[test]
fn r9_reminders() {
    let table = [
        ("1h before", "-PT1H"),
        ("an hour before", "-PT1H"),
        ("half an hour before", "-PT30M"),
        ("1 day before", "-P1D"),
        ("the day before", "-P1D"),
        ("1 week before", "-P1W"),
        ("1 day 2 hours before the due date", "-P1DT2H"),
        ("1h before it is due", "-PT1H"),
        ("10m", "-PT10M"),
        ("10 min", "-PT10M"),
        ("1h30m", "-PT1H30M"),
        ("2 days", "-P2D"),
        ("0 min", "PT0S"),
        ("at the due time", "PT0S"),
        ("at due time", "PT0S"),
        ("on time", "PT0S"),
        ("when due", "PT0S"),
        ("when it is due", "PT0S"),
        ("when it's due", "PT0S"),
        ("-PT1H", "-PT1H"),
        ("PT0S", "PT0S"),
        ("-P1DT2H", "-P1DT2H"),
        ("tomorrow 9am", "2026-03-12T09:00:00.000Z"),
        ("tomorrow", "2026-03-12T09:00:00.000Z"),
        ("5pm", "2026-03-11T17:00:00.000Z"),
        ("in 10 minutes", "2026-03-11T10:40:00.000Z"),
        ("in 10m", "2026-03-11T10:40:00.000Z"),
        ("2 hours from now", "2026-03-11T12:30:00.000Z"),
        ("2026-03-12T09:00:00+01:00", "2026-03-12T08:00:00.000Z"),
        ("", "0..0 there is nothing to read; write for example 1h before, or tomorrow 9am"),
        ("in 1 second", "2026-03-11T10:30:01.000Z"),
        ("in 10 seconds", "2026-03-11T10:30:10.000Z"),
        ("10 seconds before", "-PT10S"),
        (
            "1 day before at 9",
            "0..17 a reminder comes so long before the due date, or at a time; write 1 day before, or tomorrow 9am",
        ),
        (
            "tomorrow banana",
            "9..15 \"banana\" is not understood here; write for example 1h before, or tomorrow 9am",
        ),
        (
            "in banana",
            "3..9 \"banana\" stands where days, weeks or another length of time has to follow; write for example 1h before, or tomorrow 9am",
        ),
        (
            "every monday",
            "0..5 \"every\" is not understood here; write for example 1h before, or tomorrow 9am",
        ),
        ("yesterday", "0..9 \"yesterday\" has passed"),
        (
            "1 month before",
            "0..14 only weeks, days, hours and minutes are counted back from a due date; write 4 weeks before",
        ),
        ("400 days before", "0..15 the reminder lies more than a year before the due date"),
        (
            "PT1H",
            "0..4 the reminder must not lie after the due date; write -PT1H for an hour before it",
        ),
        (
            "1 day before at 9am",
            "0..19 a reminder comes so long before the due date, or at a time; write 1 day before, or tomorrow 9am",
        ),
        (
            "bob about cake",
            "0..3 \"bob\" is not understood here; write for example 1h before, or tomorrow 9am",
        ),
    ];
    let mut wrong = Vec::new();
    for (text, wanted) in table {
        let answer = match remind(text, &wednesday()) {
            Ok(Trigger::Offset(offset)) => offset.to_string(),
            Ok(Trigger::At(at)) => at.to_string(),
            Err(error) => refusal(&error),
        };
        wrong.extend((answer != wanted).then(|| format!("{text:?}: {answer}\n  not {wanted}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn r9_putting_off() {
    let morning = NaiveTime::from_hms_opt(8, 30, 0).expect("a time");
    let table = [
        ("10m", "2026-03-11T10:40:00.000Z"),
        ("30m", "2026-03-11T11:00:00.000Z"),
        ("1h", "2026-03-11T11:30:00.000Z"),
        ("in 2 hours", "2026-03-11T12:30:00.000Z"),
        ("2 days", "2026-03-13T10:30:00.000Z"),
        ("tomorrow", "2026-03-12T08:30:00.000Z"),
        ("tomorrow 9am", "2026-03-12T09:00:00.000Z"),
        ("monday", "2026-03-16T08:30:00.000Z"),
        ("next week", "2026-03-16T08:30:00.000Z"),
        ("tonight", "2026-03-11T20:00:00.000Z"),
        ("today", "0..5 \"today\" has passed"),
        ("until monday", "2026-03-16T08:30:00.000Z"),
        ("for 10 minutes", "2026-03-11T10:40:00.000Z"),
        ("for 10m", "2026-03-11T10:40:00.000Z"),
        ("on friday", "2026-03-13T08:30:00.000Z"),
        ("until 5pm", "2026-03-11T17:00:00.000Z"),
        ("until tomorrow 9am", "2026-03-12T09:00:00.000Z"),
        ("in 1 second", "2026-03-11T10:30:01.000Z"),
        ("in 10 seconds", "2026-03-11T10:30:10.000Z"),
        (
            "tomorrow banana",
            "9..15 \"banana\" is not understood here; write for example 10m, or tomorrow 9am",
        ),
        (
            "in banana",
            "3..9 \"banana\" stands where days, weeks or another length of time has to follow; write for example 10m, or tomorrow 9am",
        ),
        (
            "until",
            "5..5 the text ends where a date or a time has to follow; write for example 10m, or tomorrow 9am",
        ),
        (
            "every monday",
            "0..5 \"every\" is not understood here; write for example 10m, or tomorrow 9am",
        ),
        ("2 hours ago", "0..11 \"2 hours ago\" has passed"),
        ("now", "0..3 \"now\" has passed"),
        ("later", "0..5 \"later\" is not understood here; write for example 10m, or tomorrow 9am"),
    ];
    let mut wrong = Vec::new();
    for (text, wanted) in table {
        let answer = match snooze(text, &wednesday(), morning) {
            Ok(at) => at.to_string(),
            Err(error) => refusal(&error),
        };
        wrong.extend((answer != wanted).then(|| format!("{text:?}: {answer}\n  not {wanted}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
