//! Any task goes to Taskwarrior and back: what is another then was named.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::change::{Field, diff};
use todo_core::conformance::given::{cases, due, instant, record, title};
use todo_core::conformance::uid;
use todo_core::interchange::Format;
use todo_core::recurrence::{Basis, Recurrence, Spawn, series_of};
use todo_core::{
    Description, Due, Priority, Project, Revision, Slot, Status, Tag, Tags, Task, Trash, Zone,
};

use crate::interchange_json::written;
use crate::interchange_taskwarrior::{ZONE, taken};

const RULES: &[&str] = &[
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;COUNT=5",
    "FREQ=DAILY;BYDAY=MO",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;INTERVAL=2;UNTIL=20980101",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;INTERVAL=5;UNTIL=20980101T120000Z",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=YEARLY",
    "FREQ=YEARLY;INTERVAL=4",
];

/// A date at a whole minute, midnight included.
fn any_due() -> impl Strategy<Value = Due> {
    let day = (0_i64..40_000).prop_map(|days| due("1971-01-01").plus_days(days).expect("a day"));
    let zone = select(vec![ZONE, ZONE, ZONE, Zone::Asia__Karachi]);
    let time = prop_oneof![Just(0), 0_u32..1440];
    (day, option::of((time, zone))).prop_map(|(day, time)| match time {
        None => day,
        Some((minutes, zone)) => {
            let wall = day.wall_day().and_hms_opt(minutes / 60, minutes % 60, 0);
            Due::at(wall.expect("a time"), zone, None)
        }
    })
}

/// Tasks of every sort, times in whole seconds.
pub(crate) fn any_task() -> impl Strategy<Value = Task> {
    let texts = select(vec![
        None,
        Some("more about it"),
        Some("## Notes\n\n- 2026-11-21: seen\n- 2026-11-21: again"),
        Some("before\n\n## Notes\n\n- 2026-11-21: seen"),
        Some("## Notes\nno list"),
        Some("two\nlines"),
    ]);
    let looks = (
        select(vec!["Buy milk", "買牛奶", "a \"b\" \\ c", "x…"]),
        texts,
        select(Status::ALL.to_vec()),
        select(Priority::ALL.to_vec()),
        option::of(select(vec!["home", "home/garden", "v1.0"])),
        vec(select(vec!["a", "b", "+c", "d-e"]), 0..3),
    );
    let dates = (option::of(any_due()), option::of(any_due()), option::of(select(RULES.to_vec())));
    let fate =
        (1_u8..200, any::<bool>(), select(vec![None, Some(false), Some(true)]), any::<bool>());
    (looks, dates, fate).prop_map(|(looks, (start, due, rule), (k, scheduled, trash, apart))| {
        let (text, description, status, priority, project, tags) = looks;
        let now = instant("2026-11-20T09:00:00Z");
        let mut task = Task {
            title: title(text),
            description: description.map(|text| Description::new(text).expect("a text")),
            priority,
            project: project.map(|text| Project::new(text).expect("a project")),
            tags: Tags::new(tags.into_iter().map(|t| Tag::new(t).expect("a tag"))).expect("few"),
            start_date: start,
            due_date: due,
            updated_at: instant("2026-11-21T08:00:00Z"),
            ..record(k, text, now)
        };
        task.settle_zone();
        task.set_status(status, now);
        let group = if apart { uid(201).0 } else { task.uid.0 };
        task.trash = trash.filter(|trash| *trash).map(|_| Trash { at: now, group });
        if let Some((rule, anchor)) = rule.zip(task.due_date) {
            let rule = rule.parse().expect("a rule");
            let spawn = if scheduled { Spawn::OnSchedule } else { Spawn::OnCompletion };
            let recurrence = Recurrence { rule, from: Basis::Schedule, spawn, anchor, n: 1 };
            task.recurrence = Some(Box::new(recurrence));
            task.series = Some(series_of(task.uid, Revision::FIRST));
            task.slot = Some(Slot::of(anchor));
        }
        task
    })
}

/// The losses under whose names a field may be another.
fn names(field: Field) -> &'static [&'static str] {
    match field {
        Field::Description => &["description"],
        Field::Status | Field::CompletedAt | Field::CancelledAt => &["status"],
        Field::Project => &["project"],
        Field::Tags => &["tags"],
        Field::Trash => &["status", "trash"],
        Field::StartDate => &["start_date", "timezone"],
        Field::DueDate => &["due_date", "timezone"],
        Field::Recurrence => &["recurrence", "due_date", "timezone"],
        Field::Series => &["series"],
        Field::Slot => &["series", "slot", "due_date", "timezone"],
        _ => &[],
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// SPEC 6: what comes back otherwise was named, and nothing else does.
    #[test]
    fn what_is_lost_is_named(task in any_task()) {
        let (text, losses) = written(Format::Taskwarrior, std::slice::from_ref(&task), ZONE);
        let lost: BTreeSet<_> = losses.iter().map(|loss| loss.field.as_str()).collect();
        let back = taken(&text).tasks;
        prop_assert_eq!(back.len(), 1, "{}", text);
        let back = &back[0];
        prop_assert_eq!(
            (back.uid, &back.title, back.created_at, back.updated_at),
            (task.uid, &task.title, task.created_at, task.updated_at)
        );
        for change in diff(&task, back) {
            let named = names(change.field()).iter().any(|name| lost.contains(name));
            prop_assert!(named, "{change:?} of {task:?}: {losses:?}\n{text}");
        }
    }
}
