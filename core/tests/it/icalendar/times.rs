//! When things are: zones by their names and by what a file says of them, gaps and doubled hours,
//! reminders.

use todo_core::conformance::given::{due, instant};
use todo_core::reminder::{Offset, Trigger};
use todo_core::{Due, Timestamp, Zone};

use super::{import, losses, lost, one, read, reading_in, task, todo};
use todo_core::interchange::Format;

fn starts(lines: &str) -> Timestamp {
    task(lines).due_date.expect("a due date").starts(Zone::UTC)
}

#[test]
fn zones_have_many_names() {
    for (name, zone) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("/Europe/Berlin", "Europe/Berlin"),
        ("/UTC", "UTC"),
        ("/America/Argentina/Salta", "America/Argentina/Salta"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Indiana/Knox", "America/Indiana/Knox"),
        ("/citadel.org/20210210_1/America/Argentina/Salta", "America/Argentina/Salta"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("pacific standard time", "America/Los_Angeles"),
        ("India Standard Time", "Asia/Calcutta"),
    ] {
        let date = task(&format!("DUE;TZID={name}:20260701T093000")).due_date;
        let zone: Zone = zone.parse().expect("a zone");
        assert_eq!(date.and_then(|date| date.zone()), Some(zone), "{name}");
    }
}

/// Without a zone a time is meant where one is; an instant is shown there.
#[test]
fn floating_and_utc_times_are_the_readers() {
    let text = todo("DUE:20260701T093000\nDTSTART:20260701T013000Z");
    for (zone, start) in [("Asia/Karachi", "06:30"), ("America/New_York", "2026-06-30T21:30")] {
        let reading = reading_in(zone.parse().expect("a zone"));
        let task = one(import(Format::Icalendar, text.as_bytes(), &reading).expect("a calendar"));
        assert_eq!(task.due_date, Some(due(&format!("2026-07-01T09:30[{zone}]"))));
        let start = if start.len() > 5 { start.to_owned() } else { format!("2026-07-01T{start}") };
        assert_eq!(task.start_date, Some(due(&format!("{start}[{zone}]"))));
    }
    let own = task("DUE:20260701T093000Z\nX-TODO-ZONE:Europe/Berlin");
    assert_eq!(own.due_date, Some(due("2026-07-01T11:30[Europe/Berlin]")));
}

/// RFC 5545 section 3.3.5: of a doubled hour the earlier, of a missing one the offset before.
#[test]
fn gaps_and_doubled_hours() {
    for (wall, expected) in
        [("20261101T013000", "2026-11-01T05:30:00Z"), ("20260308T023000", "2026-03-08T07:30:00Z")]
    {
        let at = starts(&format!("DUE;TZID=America/New_York:{wall}"));
        assert_eq!(at, instant(expected), "{wall}");
    }
}

const OFFICE: &str = "BEGIN:VTIMEZONE\nTZID:Office\n\
    BEGIN:STANDARD\nDTSTART:20071104T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\n\
    TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\n\
    BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\n\
    TZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT\n\
    BEGIN:DAYLIGHT\nDTSTART:19870405T020000\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z\n\
    TZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT\n\
    BEGIN:STANDARD\nDTSTART:19671029T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z\n\
    TZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE";

/// A zone of no known name means what the file says: the same instants as the real one, which is
/// New York, before and after its rules changed.
#[test]
fn a_zone_is_what_the_file_says() {
    let calendar =
        |lines: &str| todo(lines).replacen("BEGIN:VTODO", &format!("{OFFICE}\nBEGIN:VTODO"), 1);
    for wall in [
        "19990403T120000",
        "19990404T013000",
        "19990404T023000",
        "19990404T033000",
        "20061029T013000",
        "20061029T020000",
        "20070311T013000",
        "20070311T023000",
        "20260308T023000",
        "20261101T005959",
        "20261101T013000",
        "20261101T020000",
        "20991230T235959",
    ] {
        let imported = read(calendar(&format!("DUE;TZID=Office:{wall}")));
        assert!(lost(&imported.losses).contains(&("TZID".to_owned(), 1)));
        let at = one(imported).due_date.map(|due| due.starts(Zone::UTC));
        let real = starts(&format!("DUE;TZID=America/New_York:{wall}"));
        assert_eq!(at, Some(real), "{wall}");
    }
    // Described further down, it is the same.
    let below = todo("DUE;TZID=Office:20260701T090000").replacen(
        "END:VCALENDAR",
        &format!("{OFFICE}\nEND:VCALENDAR"),
        1,
    );
    let at = one(read(below)).due_date.map(|due| due.starts(Zone::UTC));
    assert_eq!(at, Some(instant("2026-07-01T13:00:00Z")));
    // By the name that it is given beside.
    let named = calendar("DUE;TZID=Office:20260701T090000").replacen(
        "TZID:Office",
        "TZID:Office\nX-LIC-LOCATION:America/New_York",
        1,
    );
    let imported = read(named);
    assert_eq!(one(imported).due_date, Some(due("2026-07-01T09:00[America/New_York]")));
}

#[test]
fn durations_make_due_dates() {
    let due_date = |lines: &str| task(lines).due_date;
    assert_eq!(due_date("DTSTART;VALUE=DATE:20261130\nDURATION:P1W"), Some(due("2026-12-07")));
    // A day is a day on the wall, an hour is an hour.
    let night = "DTSTART;TZID=Europe/Berlin:20260328T030000\nDURATION:";
    let berlin = |text: &str| Some(due(&format!("{text}[Europe/Berlin]")));
    assert_eq!(due_date(&format!("{night}P1D")), berlin("2026-03-29T03:00"));
    assert_eq!(due_date(&format!("{night}PT24H")), berlin("2026-03-29T04:00"));
    let lines = "UID:00000000-0000-4000-8000-000000000001\nSUMMARY:a\nDURATION:P1D";
    assert_eq!((due_date(lines), losses(lines)), (None, vec!["DURATION".to_owned()]));
}

fn triggers(lines: &str) -> Vec<Trigger> {
    task(lines).reminders.iter().map(|reminder| reminder.trigger).collect()
}

fn alarm(date: &str, trigger: &str) -> (Vec<Trigger>, bool) {
    let lines = format!("{date}\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER{trigger}\nEND:VALARM");
    let named = losses(&lines).contains(&"VALARM".to_owned());
    (triggers(&lines), named)
}

/// What can be said as so long before the due date is; all else is a moment, and named.
#[test]
fn alarms_become_reminders() {
    let before = |text: &str| vec![Trigger::Offset(text.parse().expect("an offset"))];
    let at = |text: &str| vec![Trigger::At(instant(text))];
    let timed = "DUE;TZID=Asia/Karachi:20261121T170000";
    let both = "DTSTART;TZID=Asia/Karachi:20261121T160000\nDUE;TZID=Asia/Karachi:20261121T170000";
    let day = "DUE;VALUE=DATE:20261121";
    for (dates, trigger, expected, named) in [
        (timed, ";RELATED=END:-PT15M", before("-PT15M"), false),
        (timed, ":-PT15M", before("-PT15M"), false),
        (timed, ":-P1DT2H", before("-P1DT2H"), false),
        (timed, ":PT0S", before("PT0S"), false),
        (timed, ":PT10M", at("2026-11-21T12:10:00Z"), true),
        (timed, ":-P500D", at("2025-07-09T12:00:00Z"), true),
        (timed, ";VALUE=DATE-TIME:20261120T080000Z", at("2026-11-20T08:00:00Z"), false),
        (both, ":-PT15M", before("-PT1H15M"), true),
        (both, ";RELATED=END:-PT15M", before("-PT15M"), false),
        (day, ":PT9H", before("PT0S"), false),
        (day, ":-PT15H", before("-P1D"), false),
        (day, ":PT0S", before("-PT9H"), false),
        (day, ":-P1D", before("-P1DT9H"), false),
        (day, ":PT12H", at("2026-11-21T07:00:00Z"), true),
        (day, ";X-TODO-OFFSET=-P7D:-P6DT15H", before("-P1W"), false),
        ("DTSTART:20261121T120000Z", ":-PT15M", at("2026-11-21T11:45:00Z"), false),
        ("SUMMARY:a", ":-PT15M", vec![], true),
    ] {
        assert_eq!(alarm(dates, trigger), (expected, named), "{dates} {trigger}");
    }
    let same = Offset::before(0, 3600).expect("an hour");
    let twice = "BEGIN:VALARM\nTRIGGER:-PT1H\nEND:VALARM\n".repeat(2);
    assert_eq!(triggers(&format!("{timed}\n{twice}")), [Trigger::Offset(same)]);
    let many: Vec<_> =
        (1..13).map(|n| format!("BEGIN:VALARM\nTRIGGER:-PT{n}H\nEND:VALARM\n")).collect();
    assert_eq!(triggers(&format!("{timed}\n{}", many.concat())).len(), 10);
    assert!(matches!(task(day).due_date, Some(Due::Day(_))));
}
