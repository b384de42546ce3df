//! Q8: urgency, point by point.

use chrono::Weekday;
use chrono_tz::Tz;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use todo_core::conformance::cases;
use todo_core::conformance::given::{DAY, due, instant, record, tags};
use todo_core::query::Moment;
use todo_core::text::{Description, Project};
use todo_core::urgency::{Factor, Part, explain, urgency};
use todo_core::{Due, Priority, Status, Task, Timestamp};

use todo_core::conformance::asked::{moment, task};

fn now() -> Timestamp {
    instant("2026-11-21T12:00:00Z")
}

fn at(now: Timestamp, zone: Tz) -> Moment {
    Moment { now, zone, owner_zone: zone, week_start: Weekday::Mon }
}

/// Of low priority and just made: nothing adds to it.
fn calm() -> Task {
    Task { priority: Priority::Low, ..record(1, "calm", now()) }
}

fn points(task: &Task) -> i64 {
    urgency(task, &at(now(), Tz::UTC))
}

/// Due so many milliseconds from now.
fn due_in(millis: i64) -> Task {
    let due = Due::at(now().plus_millis(millis).wall(Tz::UTC), Tz::UTC, None);
    Task { due_date: Some(due), ..calm() }
}

#[test]
fn q8_each_factor_alone() {
    let project = Project::new("home").expect("a project");
    let description = Description::new("more").expect("a text");
    let mut begun = calm();
    begun.set_status(Status::InProgress, now());
    let tagged = |words: &[&str]| Task { tags: tags(words), ..calm() };
    let made = |age: i64| Task { created_at: now().plus_millis(-age), ..calm() };
    let starts = |text: &str| Task { start_date: Some(due(text)), ..calm() };
    let table = [
        ("nothing", calm(), 0),
        ("medium", Task { priority: Priority::Medium, ..calm() }, 20),
        ("high", Task { priority: Priority::High, ..calm() }, 60),
        ("in progress", begun, 40),
        ("one tag", tagged(&["a"]), 8),
        ("two tags", tagged(&["a", "b"]), 9),
        ("three tags", tagged(&["a", "b", "c"]), 10),
        ("four tags", tagged(&["a", "b", "c", "d"]), 10),
        ("next", tagged(&["next"]), 158),
        ("next in capitals, beside another", tagged(&["a", "NEXT"]), 159),
        ("next in wide letters is the same tag", tagged(&["ｎｅｘｔ"]), 158),
        ("no next", tagged(&["nexts"]), 8),
        ("a project", Task { project: Some(project), ..calm() }, 10),
        ("a description", Task { description: Some(description), ..calm() }, 10),
        ("made later than now", made(-DAY), 0),
        ("a year is 20 points: not yet one", made(365 * DAY / 20 - 1), 0),
        ("one", made(365 * DAY / 20), 1),
        ("not yet a year", made(365 * DAY - 1), 19),
        ("a year", made(365 * DAY), 20),
        ("ten years", made(3650 * DAY), 20),
        ("waiting", starts("2026-11-22"), -30),
        ("waiting, by a minute", starts("2026-11-21T17:01"), -30),
        ("begins now", starts("2026-11-21T17:00"), 0),
    ];
    for (name, task, expected) in table {
        assert_eq!(points(&task), expected, "{name}");
    }
}

/// Three weeks are 96 points, so a point is 5 hours and 15 minutes. A timed date has passed a
/// millisecond after its instant (Q4).
#[test]
fn q8_a_due_date_rises_for_three_weeks() {
    const POINT: i64 = 21 * DAY / 96;
    let table = [
        ("far away", 100 * DAY, 24),
        ("two weeks before", 14 * DAY, 24),
        ("not yet a point", 14 * DAY - POINT, 24),
        ("a point", 14 * DAY - POINT - 1000, 25),
        ("a week before", 7 * DAY, 55),
        ("a second before", 1000, 87),
        ("at its instant", 0, 87),
        ("a second late", -1000, 88),
        ("a week late", -7 * DAY, 119),
        ("more than a week late", -7 * DAY - 1000, 120),
        ("a year late", -365 * DAY, 120),
    ];
    for (name, millis, expected) in table {
        assert_eq!(points(&due_in(millis)), expected, "{name}");
    }
}

/// An all-day date has passed when its day is over for the asker: in Havana that is 01:00 on the
/// 8th of March, and in Apia eleven hours before it is so in UTC.
#[test]
fn q8_a_day_passes_where_the_asker_is() {
    let table = [
        ("2026-11-21", Tz::America__Havana, "2026-11-22T05:00:00Z"),
        ("2026-03-07", Tz::America__Havana, "2026-03-08T05:00:00Z"),
        ("2026-11-21", Tz::Pacific__Apia, "2026-11-21T11:00:00Z"),
        ("2011-12-29", Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
        ("2026-11-21", Tz::UTC, "2026-11-22T00:00:00Z"),
    ];
    for (day, zone, over) in table {
        let over = instant(over);
        let task =
            Task { due_date: Some(due(day)), created_at: over.plus_millis(DAY * 30), ..calm() };
        for (later, expected) in
            [(-14 * DAY, 24), (-1, 87), (0, 88), (7 * DAY - 1, 119), (7 * DAY, 120)]
        {
            let points = urgency(&task, &at(over.plus_millis(later), zone));
            assert_eq!(points, expected, "{day} in {zone}, {later} ms from its end");
        }
    }
}

#[test]
fn q8_explained() {
    let mut task = Task {
        tags: tags(&["next", "home"]),
        priority: Priority::High,
        created_at: now().plus_millis(-40 * DAY),
        start_date: Some(due("2026-11-30")),
        ..due_in(DAY)
    };
    task.set_status(Status::InProgress, now());
    let part = |factor, points| Part { factor, points };
    let expected = [
        part(Factor::Priority(Priority::High), 60),
        part(Factor::Due, 83),
        part(Factor::InProgress, 40),
        part(Factor::Next, 150),
        part(Factor::Tags(2), 9),
        part(Factor::Age(40), 2),
        part(Factor::Waiting, -30),
    ];
    assert_eq!(explain(&task, &at(now(), Tz::UTC)), expected);
    assert_eq!(points(&task), 314);
    let json = serde_json::to_value(expected[3]).expect("JSON");
    assert_eq!(json, serde_json::json!({"factor": "next", "points": 150}));
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// The sum of its parts, none of which is nothing; nothing for what is closed or in the trash.
    #[test]
    fn q8_the_sum_of_its_parts(task in task(), moment in moment()) {
        let parts = explain(&task, &moment);
        prop_assert_eq!(parts.iter().map(|part| part.points).sum::<i64>(), urgency(&task, &moment));
        prop_assert!(parts.iter().all(|part| part.points != 0));
        if !task.status.is_open() || task.trash.is_some() {
            prop_assert_eq!(parts, []);
        }
    }

    /// The present and the asker's zone are all that it depends on beside the task, and the zone
    /// only where there are whole days.
    #[test]
    fn q8_pure(task in task(), moment in moment(), other in moment()) {
        let elsewhere = Moment { now: moment.now, zone: moment.zone, ..other };
        prop_assert_eq!(urgency(&task, &moment), urgency(&task, &elsewhere));
        let is_timed = |due: Option<Due>| due.is_none_or(|due| due.zone().is_some());
        if is_timed(task.due_date) && is_timed(task.start_date) {
            let elsewhere = Moment { now: moment.now, ..other };
            prop_assert_eq!(urgency(&task, &moment), urgency(&task, &elsewhere));
        }
    }

    /// Time alone never makes a task less urgent, and a due date makes it more so by 24 at least.
    #[test]
    fn q8_only_rises(task in task(), moment in moment(), wait in 0..40 * DAY) {
        let later = Moment { now: moment.now.plus_millis(wait), ..moment };
        prop_assert!(urgency(&task, &moment) <= urgency(&task, &later));
        if let Some(due) = task.due_date.filter(|_| task.status.is_open() && task.trash.is_none()) {
            let without = urgency(&Task { due_date: None, ..task.clone() }, &moment);
            let more = urgency(&task, &moment) - without;
            prop_assert!((24..=120).contains(&more), "{}: {}", due, more);
        }
    }
}
