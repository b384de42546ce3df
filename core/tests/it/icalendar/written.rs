//! What is written, to the letter.

use todo_core::conformance::given::{ZONE, due, instant, record, tags};
use todo_core::conformance::uid;
use todo_core::recurrence::{Basis, Slot, Spawn, series_of};
use todo_core::reminder::{NewReminder, Reminders, Trigger};
use todo_core::{Description, Due, Priority, Project, Recurrence, Revision, Status, Task, Trash};

use super::{lost, write, write_in};

/// The lines of the only task, without those of its identity and times, and of no project.
fn lines(task: &Task) -> Vec<String> {
    let text = write(std::slice::from_ref(task)).replace("\r\n ", "");
    let todo = text.split("BEGIN:VTODO\r\n").nth(1).expect("a task");
    let todo = todo.split("END:VTODO").next().expect("its end");
    let known = ["UID:", "DTSTAMP:", "CREATED:", "LAST-MODIFIED:", "STATUS:NEEDS-ACTION"];
    let told = |line: &&str| {
        *line != "X-TODO-PROJECT:" && !known.iter().any(|known| line.starts_with(known))
    };
    todo.lines().filter(told).map(str::to_owned).collect()
}

fn blank() -> Task {
    record(1, "a", instant("2026-11-21T12:00:00Z"))
}

#[test]
fn a_calendar_to_the_letter() {
    let task = Task {
        description: Description::new("one, two; three\\\nfour").ok(),
        project: Project::new("home/garden").ok(),
        tags: tags(&["x", "y;z"]),
        priority: Priority::High,
        due_date: Some(Due::Day("2026-11-30".parse().expect("a day"))),
        updated_at: instant("2026-11-21T12:00:00.007Z"),
        ..blank()
    };
    let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//todo//todo//EN\r\nBEGIN:VTODO\r\nUID:";
    let text = write(&[task]);
    let body = text.strip_prefix(head).expect("a calendar with a task");
    assert_eq!(
        body,
        format!("{}\r\n", uid(1))
            + "DTSTAMP;X-TODO-MS=7:20261121T120000Z\r\nCREATED:20261121T120000Z\r\n\
         LAST-MODIFIED;X-TODO-MS=7:20261121T120000Z\r\nSUMMARY:a\r\n\
         DESCRIPTION:one\\, two\\; three\\\\\\nfour\r\nSTATUS:NEEDS-ACTION\r\nPRIORITY:1\r\n\
         CATEGORIES:x,y\\;z\r\nX-TODO-PROJECT:home/garden\r\nDUE;VALUE=DATE:20261130\r\n\
         END:VTODO\r\nEND:VCALENDAR\r\n"
    );
}

#[test]
fn folds_between_characters() {
    let title = "ü".repeat(100);
    let text = write(&[record(1, &title, instant("2026-11-21T12:00:00Z"))]);
    let start = text.find("SUMMARY").expect("a title");
    let folded: Vec<_> = text[start..].split("\r\n").take(3).collect();
    assert_eq!(folded[0].len(), 74);
    assert_eq!(folded[1], format!(" {}", "ü".repeat(37)));
}

#[test]
fn each_status_has_its_word() {
    let at = instant("2026-11-21T13:00:00Z");
    let with = |status| {
        let mut task = blank();
        task.set_status(status, at);
        lines(&task)[1..].to_vec()
    };
    assert_eq!(with(Status::InProgress), ["STATUS:IN-PROCESS"]);
    let done = ["STATUS:COMPLETED", "COMPLETED:20261121T130000Z", "PERCENT-COMPLETE:100"];
    assert_eq!(with(Status::Completed), done);
    let cancelled = ["STATUS:CANCELLED", "X-TODO-CANCELLED:20261121T130000Z"];
    assert_eq!(with(Status::Cancelled), cancelled);
}

/// RFC 5545: `DTSTART` is of the same kind as `DUE` and not later; what it hides goes with it.
#[test]
fn starts_stand_before_dues() {
    let dates = |start: &str, end: &str| {
        let task = Task { start_date: Some(due(start)), due_date: Some(due(end)), ..blank() };
        let lines = lines(&task);
        lines.into_iter().find(|line| line.starts_with("DTSTART")).expect("a start")
    };
    assert_eq!(dates("2026-11-20", "2026-11-21"), "DTSTART;VALUE=DATE:20261120");
    assert_eq!(
        dates("2026-11-21", "2026-11-21"),
        "DTSTART;X-TODO-START=2026-11-21;VALUE=DATE:20261121"
    );
    assert_eq!(
        dates("2026-11-22", "2026-11-21"),
        "DTSTART;X-TODO-START=2026-11-22;VALUE=DATE:20261121"
    );
    assert_eq!(
        dates("2026-11-20", "2026-11-21T09:00[Europe/Berlin]"),
        "DTSTART;X-TODO-START=2026-11-20;TZID=Europe/Berlin:20261120T000000"
    );
    assert_eq!(
        dates("2026-11-20T09:00[Europe/Berlin]", "2026-11-21"),
        "DTSTART;X-TODO-START=\"2026-11-20T09:00:00+01:00[Europe/Berlin]\";VALUE=DATE:20261120"
    );
}

/// The later of two equal wall times is written as the instant that it is.
#[test]
fn doubled_hours_are_told_apart() {
    let line = |text: &str| {
        let task = Task { due_date: Some(due(text)), ..blank() };
        lines(&task)[1..].to_vec()
    };
    let zone = "X-TODO-ZONE:America/New_York";
    assert_eq!(
        line("2026-11-01T01:30-04:00[America/New_York]"),
        ["DUE;TZID=America/New_York:20261101T013000", zone]
    );
    assert_eq!(line("2026-11-01T01:30-05:00[America/New_York]"), ["DUE:20261101T063000Z", zone]);
}

/// `DTSTART` is where the rule stands, `COUNT` and `UNTIL` are as they look from there.
#[test]
fn a_series_as_others_count_it() {
    let task = |rule: &str, slot: &str, now: &str, n| {
        let (anchor, slot) = (due("2026-11-06T09:00[Europe/Berlin]"), Slot::of(due(slot)));
        let recurrence = Recurrence {
            rule: rule.parse().expect("a rule"),
            from: Basis::Schedule,
            spawn: Spawn::OnSchedule,
            anchor,
            n,
        };
        Task {
            due_date: Some(due(now)),
            recurrence: Some(Box::new(recurrence)),
            series: Some(series_of(uid(1), Revision::FIRST)),
            slot: Some(slot),
            ..blank()
        }
    };
    let third = "2026-11-20T09:00[Europe/Berlin]";
    let moved = task("FREQ=WEEKLY;COUNT=5", third, "2026-11-21T09:00[Europe/Berlin]", 3);
    let written = lines(&moved);
    assert_eq!(
        written[1..6],
        [
            "DTSTART;X-TODO-START=none;TZID=Europe/Berlin:20261120T090000",
            "DUE;TZID=Europe/Berlin:20261121T090000",
            "X-TODO-ZONE:Europe/Berlin",
            "RRULE;X-TODO-RULE=\"FREQ=WEEKLY;COUNT=5\";\
             X-TODO-ANCHOR=\"2026-11-06T09:00:00+01:00[Europe/Berlin]\";X-TODO-N=3:\
             FREQ=WEEKLY;COUNT=3",
            "X-TODO-SPAWN:on_schedule",
        ]
    );
    let until = task("FREQ=WEEKLY;UNTIL=20261218", third, third, 1);
    let rule = lines(&until).into_iter().find(|line| line.starts_with("RRULE")).expect("a rule");
    assert!(rule.ends_with(":FREQ=WEEKLY;UNTIL=20261218T225959Z"), "{rule}");
}

/// R9: an all-day task reminds from 09:00 on, and other programs count from midnight.
#[test]
fn reminders_are_alarms() {
    let alarms = |date: &str, offset: &str| {
        let trigger = Trigger::Offset(offset.parse().expect("an offset"));
        let reminders = Reminders::default().replaced(&[NewReminder::new(trigger)]);
        let reminders = reminders.expect("one");
        let lines = lines(&Task { due_date: Some(due(date)), reminders, ..blank() });
        lines.into_iter().find(|line| line.starts_with("TRIGGER")).expect("a trigger")
    };
    for (date, offset, expected) in [
        ("2026-11-21T17:00", "-PT1H", ";RELATED=END:-PT1H"),
        ("2026-11-21T17:00", "-P1W", ";RELATED=END:-P7D"),
        ("2026-11-21T17:00", "-PT3601S", ";RELATED=END:-PT1H0M1S"),
        ("2026-11-21T17:00", "PT0S", ";RELATED=END:PT0S"),
        ("2026-11-21", "PT0S", ";RELATED=END;X-TODO-OFFSET=PT0S:PT9H"),
        ("2026-11-21", "-PT9H", ";RELATED=END;X-TODO-OFFSET=-PT9H:PT0S"),
        ("2026-11-21", "-P1D", ";RELATED=END;X-TODO-OFFSET=-P1D:-PT15H"),
    ] {
        assert_eq!(alarms(date, offset), format!("TRIGGER{expected}"));
    }
}

#[test]
fn the_trash_stays_behind_and_is_named() {
    let at = instant("2026-11-21T13:00:00Z");
    let trashed = Task { trash: Some(Trash { at, group: uid(2).0 }), ..record(2, "b", at) };
    let (text, losses) = write_in(ZONE, &[blank(), trashed]);
    assert_eq!(text.matches("BEGIN:VTODO").count(), 1);
    assert_eq!(lost(&losses), [("deleted_at".to_owned(), 1)]);
}

/// One description a zone, by rules where its changes follow one.
#[test]
fn zones_are_described() {
    let date =
        |k, text: &str| Task { due_date: Some(due(text)), ..record(k, "a", blank().created_at) };
    let text = write(&[
        date(1, "2026-11-21T09:00[Europe/Berlin]"),
        date(2, "2027-11-21T09:00[Europe/Berlin]"),
        date(3, "2026-11-21T09:00[UTC]"),
        date(4, "2026-11-21T09:00[Africa/Casablanca]"),
    ]);
    let zones: Vec<_> = text.split("BEGIN:VTIMEZONE\r\n").skip(1).collect();
    assert_eq!(zones.len(), 2);
    let berlin = "TZID:Europe/Berlin\r\n\
        BEGIN:STANDARD\r\nDTSTART:20250101T010000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\n\
        TZNAME:CET\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:20250330T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n\
        TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nEND:DAYLIGHT\r\n\
        BEGIN:STANDARD\r\nDTSTART:20251026T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n\
        TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    assert_eq!(zones[1].split("BEGIN:VTODO").next(), Some(berlin));
    assert!(zones[0].contains("RDATE:2026"), "Ramadan follows no rule: {}", zones[0]);
}
