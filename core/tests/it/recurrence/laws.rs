//! P5–P7, P9: what holds of every series and every reminder.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::Index;
use todo_core::conformance::given::{DAY, MINUTE, content, go};
use todo_core::conformance::history::{patch, reminder};
use todo_core::conformance::uid;
use todo_core::conformance::{cases, history};
use todo_core::event::EventData;
use todo_core::recurrence::{Basis, Spawn};
use todo_core::reminder::{FiringFate, ReminderId, planned};
use todo_core::{
    Command, Due, NewRecurrence, NewTask, Rule, Status, Task, TaskId, TaskPatch, Timestamp, Verb,
};

use super::given::{anchor, endless, plain, zone};
use super::{on, repeating};
use crate::play::{Play, change};

/// A series of any kind whose next occurrence is made on completion.
fn recurrence() -> impl Strategy<Value = NewRecurrence> {
    let by_completion =
        |rule| NewRecurrence { from: Basis::Completion, ..NewRecurrence::new(rule) };
    prop_oneof![
        2 => endless().prop_map(NewRecurrence::new),
        1 => plain().prop_map(by_completion),
    ]
}

/// A series that begins at any time of the calendar, and an asker anywhere; nothing if the rule
/// comes to no day.
fn begun(play: &mut Play, due: Due, recurrence: NewRecurrence, reminders: bool) -> Option<Task> {
    let new = NewTask { due_date: Some(due), ..repeating(1, "2026-11-21", recurrence) };
    let new = NewTask { reminders: (!reminders).then(Vec::new), ..new };
    play.ctx.now = due.starts(play.ctx.zone);
    play.run(&Command::One(todo_core::Item::Create(Box::new(new)))).ok()?;
    Some(play.task(1))
}

/// Early by a month at most, late by a year at most.
fn wait() -> impl Strategy<Value = i64> {
    prop_oneof![2 => -30 * DAY..0, 1 => Just(0), 4 => 0..40 * DAY, 1 => 0..400 * DAY]
}

proptest! {
    #![proptest_config(cases(192))]

    /// P5: complete∘complete = complete; complete∘reopen = what it was, apart from the version.
    /// P6: the new occurrence has not passed.
    #[test]
    fn p5_p6_complete(
        due in anchor(),
        recurrence in recurrence(),
        wait in wait(),
        zone in zone(),
        child in any::<bool>(),
    ) {
        let mut play = Play::new();
        play.ctx.zone = zone;
        let Some(_) = begun(&mut play, due, recurrence.clone(), true) else { return Ok(()) };
        if child {
            play.add_below(2, 1);
            play.act(2, go(Status::Completed));
        }
        play.later(wait);
        let before = play.contents();
        let done = play.act(1, go(Status::Completed));
        let once = play.seen();
        prop_assert_eq!(play.act(1, go(Status::Completed)).changed, Vec::<TaskId>::new());
        prop_assert_eq!(&play.seen(), &once);
        if !super::spawned_nothing(&done) {
            let (next, slot, _) = super::spawned(&done);
            let next = play.known(next);
            let due = next.due_date.expect("an occurrence is due");
            let passed = match due {
                Due::Day(_) => due.passes(zone) <= play.ctx.now,
                Due::At { .. } => due.starts(zone) <= play.ctx.now,
            };
            prop_assert!(!passed, "{:?} at {}", due, play.ctx.now);
            prop_assert!(Some(slot) > play.task(1).slot);
        }
        play.later(1);
        play.act(1, go(Status::Pending));
        let mut after = play.contents();
        after.retain(|id, _| play.known(*id).trash.is_none());
        prop_assert_eq!(after, before, "{:?}", recurrence);
        // And completed again it is as it was completed first.
        play.later(-1);
        play.act(1, go(Status::Completed));
        let first: BTreeMap<_, _> = once.tasks.values().map(|t| (t.uid, content(t))).collect();
        prop_assert_eq!(play.contents(), first);
    }

    /// P7: whether anything ran in between makes no difference to completions at given times.
    #[test]
    fn p7_downtime(
        due in anchor(),
        recurrence in recurrence(),
        waits in vec(0..60 * DAY, 1..6),
    ) {
        let mut idle = Play::new();
        let Some(_) = begun(&mut idle, due, recurrence, true) else { return Ok(()) };
        let mut busy = idle.clone();
        let mut at = uid(1);
        for wait in waits {
            idle.later(wait);
            for _ in 0..3 {
                busy.later(wait / 4);
                busy.spawn();
                let all: BTreeSet<_> = busy.seen().tasks.into_keys().collect();
                busy.done(&Command::Remind(all.clone()));
                busy.done(&Command::PurgeExpired(all));
            }
            busy.ctx.now = idle.ctx.now;
            let done = idle.on(at, go(Status::Completed));
            prop_assert_eq!(&done.notes, &busy.on(at, go(Status::Completed)).notes);
            prop_assert_eq!(idle.seen().tasks, busy.seen().tasks);
            if super::spawned_nothing(&done) {
                break;
            }
            at = super::spawned(&done).0;
        }
    }

    /// P7 by the clock: looking often or seldom, the series stands at the same slot, with the same
    /// number, and what was not made was reported.
    #[test]
    fn p7_downtime_of_the_clock(due in anchor(), rule in endless(), waits in vec(0..9 * DAY, 1..8)) {
        let recurrence = NewRecurrence { spawn: Spawn::OnSchedule, ..NewRecurrence::new(rule) };
        let mut often = Play::new();
        let Some(_) = begun(&mut often, due, recurrence, false) else { return Ok(()) };
        let mut seldom = often.clone();
        let (mut made, mut told) = (1, 1);
        for wait in &waits {
            often.later(*wait);
            let done = often.spawn();
            for note in &done.notes {
                if let todo_core::Note::Spawned { skipped, .. } = note {
                    (made, told) = (made + 1, told + 1 + skipped.count);
                }
            }
        }
        seldom.later(waits.iter().sum());
        seldom.spawn();
        let holder = |play: &Play| {
            let holder = play.living().into_iter().find(|task| task.recurrence.is_some());
            holder.map(|task| (task.uid, task.slot, task.due_date, task.recurrence))
        };
        prop_assert_eq!(holder(&often), holder(&seldom));
        prop_assert_eq!(often.living().len(), made);
        let n = holder(&often).and_then(|(.., recurrence)| recurrence).map(|r| r.n);
        prop_assert!(n.is_some_and(|n| n >= told), "{:?} {}", n, told);
    }

    /// P9: an instant changes only with the due date, its zone, or what the reminder says.
    #[test]
    fn p9_reminders_move_only_with_the_due_date(
        due in anchor(),
        reminders in vec(reminder(), 0..5),
        patch in patch(),
        zone in zone(),
    ) {
        let mut play = Play::new();
        play.ctx.zone = zone;
        let new = NewTask { due_date: Some(due), ..repeating(1, "2026-11-21", super::every("FREQ=DAILY")) };
        play.create(NewTask { recurrence: None, reminders: Some(reminders), ..new });
        let instants = |play: &Play| planned(&play.task(1), &play.ctx.preferences, zone);
        let before = instants(&play);
        let kept = TaskPatch::default();
        let other = TaskPatch {
            due_date: kept.due_date,
            recurrence: kept.recurrence,
            reminders: kept.reminders,
            ..patch
        };
        drop(play.run(&on(uid(1), change(other))));
        prop_assert_eq!(instants(&play), before);
    }

    /// R10: however often and whenever it is looked, each (task, reminder, instant) is settled
    /// once, never early, and for a task that may speak.
    #[test]
    fn p9_each_key_once(history in history(), at in any::<Index>(), waits in vec(0..2 * DAY, 30)) {
        let mut play = Play::new();
        let mut keys: BTreeSet<(TaskId, ReminderId, Timestamp)> = BTreeSet::new();
        let often = at.index(4);
        for (place, (step, wait)) in history.iter().zip(waits).enumerate() {
            play.later(step.wait.min(DAY) + wait / 8);
            let known = play.seen().events.len();
            drop(play.run(&step.command));
            for event in play.seen().events.drain(known..) {
                // Purged and made again, it is another task, of which nothing was kept.
                if matches!(event.data, EventData::Purged { .. }) {
                    keys.retain(|(task, ..)| *task != event.aggregate_id);
                }
            }
            // Once, twice, or after a while only.
            for _ in 0..if place % 4 < often { 2 } else { 0 } {
                let before = play.seen().events.len();
                let all: BTreeSet<_> = play.seen().tasks.into_keys().collect();
                play.done(&Command::Remind(all));
                for event in play.seen().events.drain(before..) {
                    let EventData::Reminded { firing, .. } = event.data else { continue };
                    let task = play.known(firing.task);
                    prop_assert!(keys.insert(firing.key()), "twice: {:?}", firing);
                    let late = firing.settled_at.millis() - firing.at.millis();
                    let expected = match late {
                        ..0 => None,
                        0..=MINUTE => Some(FiringFate::Sent),
                        late if late <= DAY => Some(FiringFate::Late),
                        _ => Some(FiringFate::Missed),
                    };
                    prop_assert_eq!(Some(firing.fate), expected);
                    prop_assert!(task.status.is_open() && task.trash.is_none());
                }
            }
        }
    }
}

/// Skipping and cancelling are like completing, as far as the series goes.
#[test]
fn p6_skipping_goes_on_alike() {
    let rules = ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYMONTHDAY=-1"];
    let verbs = [go(Status::Completed), go(Status::Cancelled), Verb::Skip { cascade: false }];
    for rule in rules.map(|rule| rule.parse::<Rule>().expect("a rule")) {
        let next = verbs.clone().map(|verb| {
            let mut play = Play::with("2026-11-21", NewRecurrence::new(rule.clone()));
            play.later(9 * DAY);
            let (id, slot, skipped) = super::spawned(&play.on(uid(1), verb));
            (id, slot, skipped, content(&play.known(id)))
        });
        assert_eq!(next[0], next[1], "{rule}");
        assert_eq!(next[0], next[2], "{rule}");
    }
}
