//! Calendars in the shape of the programs that people come from.

use todo_core::conformance::given::{due, instant};
use todo_core::recurrence::Basis;
use todo_core::reminder::{Channel, Offset, Trigger};
use todo_core::{Description, Due, Priority, Project, Status, Tag, Task};

use super::{Imported, lost, read};

pub(super) const APPLE: &str = include_str!("apple.ics");
pub(super) const NEXTCLOUD: &str = include_str!("nextcloud.ics");
pub(super) const TASKS_ORG: &str = include_str!("tasks_org.ics");
pub(super) const THUNDERBIRD: &str = include_str!("thunderbird.ics");
pub(super) const TODOMAN: &str = include_str!("todoman.ics");
pub(super) const VIKUNJA: &str = include_str!("vikunja.ics");
pub(super) const ALL: [&str; 6] = [APPLE, NEXTCLOUD, TASKS_ORG, THUNDERBIRD, TODOMAN, VIKUNJA];

fn called<'t>(imported: &'t Imported, title: &str) -> &'t Task {
    let found = imported.tasks.iter().find(|task| task.title.as_str() == title);
    found.unwrap_or_else(|| panic!("{title:?} is not among {:#?}", imported.tasks))
}

fn triggers(task: &Task) -> Vec<Trigger> {
    task.reminders.iter().map(|reminder| reminder.trigger).collect()
}

fn before(text: &str) -> Trigger {
    Trigger::Offset(text.parse().expect("an offset"))
}

/// The same file again is the same tasks.
#[test]
fn every_file_is_read_alike_twice() {
    for file in ALL {
        assert_eq!(read(file), read(file));
        assert_eq!(read(file), read(file.replace('\n', "\r\n")));
        assert_eq!(read(file), read(file.replace('\n', "\r")));
        assert_eq!(read(file), read(format!("\u{feff}{file}")));
    }
}

#[test]
fn apple_reminders() {
    let imported = read(APPLE);
    let bins = called(&imported, "Put the bins out");
    assert_eq!(bins.uid.to_string(), "5f2d1b7a-93c4-4e0f-9a51-0b6c2d8e7f10");
    assert_eq!(bins.due_date, Some(due("2026-11-26T19:00[Europe/Berlin]")));
    // Written twice because a rule needs it; nobody meant to hide the task.
    assert_eq!(bins.start_date, None);
    let rule = bins.recurrence.as_deref().expect("it repeats");
    assert_eq!(rule.rule.to_string(), "FREQ=WEEKLY;BYDAY=TH");
    assert_eq!((rule.n, Some(rule.anchor)), (1, bins.due_date));
    assert_eq!(bins.priority, Priority::High);
    assert_eq!(triggers(bins), [Trigger::At(instant("2026-11-26T17:30:00Z"))]);
    assert_eq!(bins.created_at, instant("2026-11-20T08:00:00Z"));
    let passport = called(&imported, "Renew passport");
    assert_eq!(passport.due_date, Some(due("2027-01-15")));
    assert_eq!(passport.status, Status::Completed);
    assert_eq!(passport.completed_at, Some(instant("2026-11-21T09:12:44Z")));
    assert_eq!(passport.project.as_ref().map(Project::as_str), Some("Household"));
    assert_eq!(lost(&imported.losses), [("X-APPLE-SORT-ORDER".to_owned(), 2)]);
}

#[test]
fn nextcloud_tasks() {
    let imported = read(NEXTCLOUD);
    let parent = called(&imported, "Paint the hallway");
    let child = called(&imported, "Buy paint, brushes; tape");
    assert_eq!(child.parent.map(|parent| parent.uid), Some(parent.uid));
    assert_eq!(parent.start_date, Some(due("2026-11-23T08:00[Europe/Paris]")));
    assert_eq!(parent.due_date, Some(due("2026-11-28T18:00[Europe/Paris]")));
    assert_eq!(parent.status, Status::InProgress);
    let tags: Vec<_> = parent.tags.iter().map(Tag::as_str).collect();
    assert_eq!(tags, ["home", "big-job"]);
    assert_eq!(parent.priority, Priority::High);
    assert_eq!(
        parent.description.as_ref().map(Description::as_str),
        Some(
            "Two coats\n- walls\n- doors\n\nLocation: Rue de l'Église 5, Lyon\nURL: https://example.org/paint?a=1"
        ),
    );
    // Fifteen minutes before the start is five days, ten hours and a quarter before the end.
    let offset = Offset::before(0, (5 * 24 + 10) * 3600 + 900).expect("within a year");
    assert_eq!(triggers(parent), [Trigger::Offset(offset), before("-PT1H")]);
    assert_eq!(child.due_date, Some(due("2026-11-25")));
    // At 08:00 on the day, counted from midnight there and from 09:00 here.
    assert_eq!(triggers(child), [before("-PT1H")]);
    let fields: Vec<_> = lost(&imported.losses).into_iter().map(|(field, _)| field).collect();
    let expected =
        ["LOCATION", "URL", "X-PINNED", "PRIORITY", "tags", "PERCENT-COMPLETE", "VALARM"];
    assert_eq!(fields, expected);
}

#[test]
fn tasks_org() {
    let imported = read(TASKS_ORG);
    let water = called(&imported, "Water the plants");
    assert_eq!(water.due_date, Some(due("2026-11-22T18:00[Asia/Karachi]")));
    assert_eq!(water.priority, Priority::Low);
    let rule = water.recurrence.as_deref().expect("it repeats");
    assert_eq!(rule.rule.to_string(), "FREQ=DAILY;INTERVAL=3;COUNT=5");
    assert_eq!(rule.from, Basis::Schedule);
    assert_eq!(triggers(water), [before("PT0S")]);
    // A list of it: deep and deeper, until the fourth level, which comes to the top.
    let parents: Vec<_> = ["one", "two", "three", "four"]
        .map(|title| called(&imported, title).parent.is_some())
        .into();
    assert_eq!(parents, [true, true, true, false]);
    // A rule by the hour has no home.
    let pills = called(&imported, "Take the pills");
    assert_eq!(pills.recurrence, None);
    let text = pills.description.as_ref().map(Description::as_str);
    assert_eq!(text, Some("RRULE: FREQ=HOURLY;INTERVAL=8"));
    let lost = lost(&imported.losses);
    let count = |field: &str| lost.iter().filter(|(known, _)| known == field).count();
    assert_eq!((count("RRULE"), count("RELATED-TO"), count("UID")), (1, 1, 1), "{lost:?}");
}

#[test]
fn thunderbird() {
    let imported = read(THUNDERBIRD);
    assert_eq!(imported.tasks.len(), 2);
    let call = called(&imported, "Call Aunt Ayşe");
    // Behind a prefix; and a zone of no name, which the file itself describes.
    assert_eq!(call.due_date, Some(due("2026-12-01T10:00[America/New_York]")));
    let report = called(&imported, "Report");
    let shown = Due::parse("2026-07-01T07:00Z", Some(super::ZONE), super::ZONE).ok();
    assert_eq!(report.due_date, shown);
    assert_eq!(call.reminders.iter().next().map(|r| r.channel), Some(Channel::Email));
    let fields = lost(&imported.losses);
    let names: Vec<_> = fields.iter().map(|(field, _)| field.as_str()).collect();
    assert!(fields.iter().all(|(_, count)| *count == 1), "each once a task: {fields:?}");
    for name in ["VEVENT", "X-MOZ-LASTACK", "TZID", "VALARM ATTENDEE", "CLASS", "EXDATE"] {
        assert!(names.contains(&name), "{name} is named in {names:?}");
    }
    let rule = report.recurrence.as_deref().expect("it repeats");
    assert_eq!(rule.rule.to_string(), "FREQ=MONTHLY;UNTIL=20271231T230000Z;BYMONTHDAY=1");
}

#[test]
fn todoman() {
    let imported = read(TODOMAN);
    let task = called(&imported, "Return the books");
    assert_eq!(task.due_date, Some(due("2026-11-24T21:00[Asia/Karachi]")));
    assert_eq!(task.status, Status::Cancelled);
    assert_eq!(task.cancelled_at, Some(instant("2026-11-20T10:00:01Z")));
    assert_eq!(task.updated_at, instant("2026-11-20T10:00:01Z"));
    assert_eq!(lost(&imported.losses), [("UID".to_owned(), 1), ("LOCATION".to_owned(), 1)]);
}

#[test]
fn vikunja() {
    let imported = read(VIKUNJA);
    let done = called(&imported, "Send the invoice");
    assert_eq!(done.status, Status::Completed);
    assert_eq!(done.completed_at, Some(instant("2026-11-19T15:00:00Z")));
    assert_eq!(done.due_date, Some(due("2026-11-20T17:00[Asia/Karachi]")));
    let next = called(&imported, "Order paper");
    assert_eq!(next.status, Status::Pending);
    // A start and a duration make a due date.
    assert_eq!(next.start_date, Some(due("2026-11-25T14:00[Asia/Karachi]")));
    assert_eq!(next.due_date, Some(due("2026-11-26T15:30[Asia/Karachi]")));
    assert_eq!(next.project.as_ref().map(Project::as_str), Some("Office"));
}
