//! Due dates as events, for calendars that only show them.

use todo_core::interchange::icalendar::agenda;
use todo_core::{Status, Task};

use super::task;

const UID: &str = "UID:00000000-0000-0000-0000-000000000001\nDTSTAMP:20261121T120000Z\nSUMMARY:a";

fn written(tasks: &[Task]) -> String {
    let mut file = Vec::new();
    agenda(tasks.iter(), "Mine, all", &mut file).expect("a buffer takes it");
    String::from_utf8(file).expect("a text")
}

/// The lines between an event's stamps and its end.
fn event(lines: &str) -> Vec<String> {
    let written = written(&[task(&format!("{UID}\n{lines}"))]);
    let (_, event) = written.split_once("BEGIN:VEVENT\r\n").expect("an event");
    let known = ["UID", "DTSTAMP", "LAST-MODIFIED", "TRANSP", "END", "SUMMARY"];
    let own = |line: &&str| !known.iter().any(|name| line.starts_with(name));
    event.lines().filter(own).map(str::to_owned).collect()
}

#[test]
fn a_day_and_a_time_are_written_as_calendars_read_them() {
    assert_eq!(event("DUE;VALUE=DATE:20261224"), ["DTSTART;VALUE=DATE:20261224"]);
    assert_eq!(event("DUE:20261224T170000Z\nX-TODO-ZONE:UTC"), ["DTSTART:20261224T170000Z"]);
    assert_eq!(
        event("DUE;TZID=Europe/Berlin:20261224T170000\nCATEGORIES:x,y\nDESCRIPTION:b\\, c"),
        ["DESCRIPTION:b\\, c", "CATEGORIES:x,y", "DTSTART;TZID=Europe/Berlin:20261224T170000"]
    );
    let berlin = written(&[task(&format!("{UID}\nDUE;TZID=Europe/Berlin:20261224T170000"))]);
    assert!(berlin.contains("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"), "{berlin}");
    let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//todo//todo//EN\r\nMETHOD:PUBLISH\r\n\
        X-WR-CALNAME:Mine\\, all\r\n";
    assert!(berlin.starts_with(head) && berlin.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
}

/// R4: only a series by schedule has dates to come that are known.
#[test]
fn a_series_by_schedule_goes_on_and_no_other() {
    let dates = "DTSTART;VALUE=DATE:20261221\nDUE;VALUE=DATE:20261221";
    let weekly = format!("{dates}\nRRULE:FREQ=WEEKLY;BYDAY=MO");
    assert_eq!(event(&weekly), ["DTSTART;VALUE=DATE:20261221", "RRULE:FREQ=WEEKLY;BYDAY=MO"]);
    let completion = format!("{dates}\nRRULE:FREQ=WEEKLY\nX-TODO-FROM:completion");
    assert_eq!(event(&completion), ["DTSTART;VALUE=DATE:20261221"]);
    // R7: a date that was moved alone says nothing of those to come.
    let mut moved = task(&format!("{UID}\n{weekly}"));
    moved.due_date = Some(todo_core::conformance::given::due("2026-12-22"));
    let moved = written(&[moved]);
    assert!(moved.contains("DTSTART;VALUE=DATE:20261222") && !moved.contains("RRULE"), "{moved}");
}

#[test]
fn what_has_no_date_or_is_in_the_trash_is_no_event() {
    let undated = task(UID);
    let mut trashed = task(&format!("{UID}\nDUE;VALUE=DATE:20261224"));
    assert_eq!(trashed.status, Status::Pending);
    let one = trashed.clone();
    trashed.trash = Some(todo_core::Trash { at: one.created_at, group: one.uid.0 });
    let written = written(&[undated, one, trashed]);
    assert_eq!(written.matches("BEGIN:VEVENT").count(), 1, "{written}");
}
