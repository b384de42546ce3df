//! A task as JSON is read as it was written.

use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use todo_core::conformance::history::{self as histories, record};
use todo_core::conformance::{cases, history, uid};
use todo_core::event::EventData;
use todo_core::recurrence::{Slot, series_of};
use todo_core::wire::{Compact, FIELD_NAMES, TaskRecord};
use todo_core::{
    Description, EventEnvelope, Parent, Project, Revision, Step, Tags, Task, TaskFields as _,
    TaskNo, Timestamp, Title,
};

use crate::play::Play;

/// A task with any texts that pass the rules, and instants and numbers of any size.
pub(crate) fn any_task() -> impl Strategy<Value = Task> {
    let texts = (any::<String>(), option::of(any::<String>()), option::of(any::<String>()));
    let words = proptest::collection::vec(any::<String>(), 0..5);
    let numbers = (0..1_u64 << 53, 1..1_u64 << 53, option::of(0..1_u64 << 53));
    let times = (-62_135_596_800_000..253_402_300_800_000_i64, option::of(histories::date()));
    (record(), texts, words, numbers, times).prop_map(|(mut task, texts, words, numbers, times)| {
        task.title = Title::new(&texts.0).unwrap_or(task.title);
        task.description = texts.1.and_then(|text| Description::new(&text).ok());
        task.project = texts.2.and_then(|text| Project::new(&text).ok());
        let fit: Vec<_> = words.into_iter().filter(|word| Tags::parse(&[word]).is_ok()).collect();
        task.tags = Tags::parse(&fit).unwrap_or_default();
        (task.id, task.version) = (TaskNo(numbers.0), Revision(numbers.1));
        task.parent = numbers.2.map(|id| Parent { uid: uid(7), id: TaskNo(id) });
        task.created_at = Timestamp::from_millis(times.0);
        task.start_date = times.1;
        task.settle_zone();
        // One that repeats has a place in a series, and a date.
        match task.due_date.filter(|_| task.recurrence.is_some()) {
            Some(due) if task.series.is_none() || task.slot.is_none() => {
                task.series = Some(series_of(task.uid, Revision::FIRST));
                task.slot = Some(Slot::of(due));
            }
            None => task.recurrence = None,
            Some(_) => {}
        }
        task
    })
}

proptest! {
    #![proptest_config(cases(384))]

    #[test]
    fn a_task_is_read_as_it_was_written(task in any_task()) {
        for json in [serde_json::to_string(&task), serde_json::to_string(&Compact(&task))] {
            let json = json.expect("a task is an object");
            let read: Task = serde_json::from_str(&json).expect(&json);
            prop_assert_eq!(&read, &task);
            // Through a tree, where nothing can be borrowed, and by hand.
            let tree: serde_json::Value = serde_json::from_str(&json).expect(&json);
            prop_assert_eq!(&serde_json::from_value::<Task>(tree.clone()).expect(&json), &task);
            for name in tree.as_object().expect("an object").keys() {
                prop_assert!(FIELD_NAMES.contains(&name.as_str()), "{} is listed", name);
            }
            let record = TaskRecord::parse(&json).expect(&json);
            prop_assert_eq!((record.uid(), record.title()), (task.uid, task.title.as_str()));
            prop_assert_eq!((record.due_date(), record.trash()), (task.due_date, task.trash));
            prop_assert_eq!(record.into_task(), Ok(task.clone()));
        }
    }

    /// Every event and every step that a history leaves.
    #[test]
    fn events_and_steps_are_read_as_they_were_written(history in history()) {
        let mut play = Play::new();
        for step in history {
            play.later(step.wait);
            drop(play.run(&step.command));
        }
        let seen = play.seen();
        for event in &seen.events {
            let json = serde_json::to_string(event).expect("an event is an object");
            prop_assert_eq!(&serde_json::from_str::<EventEnvelope>(&json).expect(&json), event);
        }
        for step in &seen.steps {
            let json = serde_json::to_string(step).expect("a step is an object");
            prop_assert_eq!(&serde_json::from_str::<Step>(&json).expect(&json), step);
        }
    }

    #[test]
    fn any_text_is_a_task_or_refused(text in "[\\{\\}\"a-z:0-9,\\[\\] -]{0,80}|\\PC*") {
        prop_assert!(TaskRecord::parse(&text).is_err());
    }
}

const MINIMAL: &str = r#"{"id":1,"uid":"aaaa0000-0000-7000-8000-000000000001","title":"a",
    "status":"pending","created_at":"2026-11-21T12:00:00Z","updated_at":"2026-11-21T12:00:00Z",
    "version":1}"#;

/// What has a usual value may be left out; unknown names are somebody else's.
#[test]
fn little_is_needed() {
    let task: Task = serde_json::from_str(MINIMAL).expect("enough");
    assert_eq!((task.priority.as_str(), task.tags.len(), task.due_date), ("medium", 0, None));
    let more = MINIMAL.replace("\"version\"", "\"color\":{\"deep\":[1]},\"version\"");
    assert_eq!(serde_json::from_str::<Task>(&more).expect("enough"), task);
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let faults = [
        ("\"id\":1", "\"id\":-1"),
        ("\"id\":1", "\"id\":1,\"id\":2"),
        ("\"id\":1,", ""),
        ("\"id\":1", "\"id\":18446744073709551616"),
        ("aaaa0000", "zzzz0000"),
        ("\"a\"", "\"\""),
        ("\"a\"", "\"\\u0000\""),
        ("\"a\"", "7"),
        ("pending", "done"),
        ("\"version\"", "\"priority\":\"urgent\",\"version\""),
        ("\"version\"", "\"tags\":[\"a b\"],\"version\""),
        ("\"version\"", "\"due_date\":\"tomorrow\",\"version\""),
        ("\"version\"", "\"due_date\":\"2026-11-21T12:00:00Z\",\"version\""),
        ("\"version\"", "\"timezone\":\"Mars/Base\",\"version\""),
        ("2026-11-21T12:00:00Z\",\n", "2026-11-21\",\n"),
        ("}", "} {}"),
    ];
    for (part, fault) in faults {
        let json = MINIMAL.replacen(part, fault, 1);
        assert_ne!(json, MINIMAL, "{part} is there to be replaced");
        assert!(serde_json::from_str::<Task>(&json).is_err(), "{json}");
    }
}

/// A record written by hand may lack the trash group: the task is a group of its own.
#[test]
fn trash_without_a_group() {
    let json =
        MINIMAL.replace("\"version\"", "\"deleted_at\":\"2026-11-21T12:00:00Z\",\"version\"");
    let task: Task = serde_json::from_str(&json).expect("enough");
    assert_eq!(task.trash.map(|trash| trash.group), Some(task.uid.0));
}

/// An update with a field that this version does not know is refused: taken for a purge, which
/// has fewer names, it would remove the task from every read model.
#[test]
fn an_unknown_change_is_no_purge() {
    let update = r#"{"id":1,"updated_at":"2026-11-21T12:00:00Z","changes":[{"field":"mood","old":1,"new":2}]}"#;
    let read = serde_json::from_str::<EventData>(update);
    assert!(read.is_err(), "{read:?}");
    let purge = serde_json::from_str::<EventData>(r#"{"id":1}"#);
    assert_eq!(purge.ok(), Some(EventData::Purged { id: TaskNo(1) }));
}
