//! What holds of every history.

use std::collections::BTreeMap;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use todo_core::conformance::{History, cases, history};
use todo_core::event::{EventData, Seq, apply, event_id};
use todo_core::{Command, Item, Revision, Task, TaskId, Verb};

use crate::play::Play;

fn played(history: &History) -> Play {
    let mut play = Play::new();
    for step in history {
        play.later(step.wait);
        // A refusal is as good as a success here; it must only leave nothing behind.
        drop(play.run(&step.command));
    }
    play
}

proptest! {
    #![proptest_config(cases(128))]

    /// Replaying stamped events gives the tasks that the store holds; nothing that exists is ever
    /// created over; each event raises its task's version by one (S3).
    #[test]
    fn events_tell_all(history in history()) {
        let play = played(&history);
        let seen = play.seen();
        let mut tasks: BTreeMap<TaskId, Task> = BTreeMap::new();
        let mut versions: BTreeMap<TaskId, Revision> = BTreeMap::new();
        for envelope in &seen.events {
            let event = envelope.event();
            let before = tasks.remove(&event.task);
            match &event.data {
                EventData::Created { task, .. } => {
                    prop_assert!(before.is_none(), "created over: {:?}", task);
                    prop_assert_eq!(task.version, event.version);
                }
                EventData::Changed { id, .. } | EventData::Purged { id } => {
                    let before = before.as_ref().expect("there is something to change");
                    prop_assert_eq!(*id, before.id);
                    prop_assert_eq!(event.version, before.version.next());
                    prop_assert_eq!(versions.get(&event.task), Some(&before.version));
                }
                // Told about the task as it stands.
                EventData::Spawned { id, .. }
                | EventData::SeriesEnded { id, .. }
                | EventData::Reminded { id, .. } => {
                    let task = before.as_ref().expect("there is something to tell of");
                    prop_assert_eq!((*id, event.version), (task.id, task.version));
                }
            }
            versions.insert(event.task, event.version);
            tasks.extend(apply(before, &event).map(|task| (event.task, task)));
        }
        prop_assert_eq!(tasks, seen.tasks);
    }

    /// An owner's `seq` is contiguous from 1, and event ids follow from it (SPEC 9).
    #[test]
    fn seq_is_contiguous(history in history()) {
        let play = played(&history);
        let seen = play.seen();
        for (expected, event) in (1..).zip(&seen.events) {
            prop_assert_eq!(event.seq, Seq(expected));
            prop_assert_eq!(event.event_id, event_id(play.ctx.owner, event.seq));
        }
        prop_assert_eq!(seen.counters.next_seq.0, seen.events.len() as u64 + 1);
        for task in seen.tasks.values() {
            prop_assert!(task.id.0 >= 1 && task.id < seen.counters.next_id, "{:?}", task);
        }
    }

    /// S2: whatever was done with success is done: asking again writes nothing, however old the
    /// version is that was named.
    #[test]
    fn twice_is_once(history in history()) {
        let mut play = Play::new();
        for step in history {
            play.later(step.wait);
            let repeatable = match &step.command {
                Command::One(Item::Act(action)) => action.verb != Verb::Purge,
                Command::One(Item::Create(_))
                | Command::Import(_)
                | Command::PurgeExpired(_)
                | Command::SpawnDue(_)
                | Command::Remind(_) => true,
                Command::Bulk(_) | Command::Undo(_) | Command::Redo => false,
            };
            if play.run(&step.command).is_ok() && repeatable {
                let before = play.seen();
                let again = play.run(&step.command);
                prop_assert!(again.is_ok(), "{:?}: {:?}", step.command, again);
                prop_assert_eq!(play.seen(), before, "{:?}", step.command);
            }
        }
    }
}
