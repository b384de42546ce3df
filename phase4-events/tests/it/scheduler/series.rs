//! R5: series that go by the clock.

use todo_core::conformance::given::{DAY, due, go};
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::query::Moment;
use todo_core::recurrence::Spawn;
use todo_core::{Filter, NewRecurrence, NewTask, Status, Task, Verb};

use super::given::{Place, firings, on_both, settle};
use super::reminders::reminding;

pub(super) fn daily(k: u8, text: &str) -> NewTask {
    let rule = "FREQ=DAILY".parse().expect("a rule");
    let recurrence = NewRecurrence { spawn: Spawn::OnSchedule, ..NewRecurrence::new(rule) };
    NewTask { recurrence: Some(recurrence), ..reminding(k, text, &[0]) }
}

/// When the open ones are due, the earliest first.
async fn open(ann: &Stage<'_, todo_store::Store>) -> Vec<Task> {
    let Moment { .. } = ann.moment();
    ann.filtered(Filter::default()).await
}

async fn dates(ann: &Stage<'_, todo_store::Store>) -> Vec<String> {
    open(ann).await.iter().filter_map(|task| task.due_date).map(|due| due.date_text()).collect()
}

/// R5, R6: with its slot, once; it reminds like its predecessor. After downtime the newest missed one.
async fn r5_the_next_comes_with_its_slot(place: &Place) {
    let mut ann = Stage::new(&place.store);
    let first = "2026-11-22T09:00+05:00[Asia/Karachi]";
    ann.create(daily(1, first)).await;
    let mut scheduler = place.scheduler();
    let second = due("2026-11-23T09:00+05:00[Asia/Karachi]").starts(ann.ctx.zone);
    ann.ctx.now = second.plus_millis(-1);
    place.set(ann.ctx.now);
    settle(&mut scheduler).await;
    assert_eq!(open(&ann).await.len(), 1, "never early");
    ann.ctx.now = second;
    place.set(second);
    settle(&mut scheduler).await;
    settle(&mut scheduler).await;
    let tasks = open(&ann).await;
    assert_eq!(tasks.len(), 2);
    for task in &tasks {
        assert_eq!(firings(&place.store, OWNERS[0], task.uid).await.len(), 1, "{task:?}");
    }
    ann.later(3 * DAY);
    place.set(ann.ctx.now);
    settle(&mut place.scheduler()).await;
    let expected =
        ["2026-11-22", "2026-11-23", "2026-11-26"].map(|day| format!("{day}T09:00:00+05:00"));
    assert_eq!(dates(&ann).await, expected);
}

/// S8: below a closed task nothing comes; it comes when that is opened again.
async fn s8_what_lies_below_a_closed_task_waits(place: &Place) {
    let mut ann = Stage::new(&place.store);
    ann.add(1, "garden").await;
    let parent = Some(uid(1).into());
    ann.create(NewTask { parent, ..daily(2, "2026-11-22") }).await;
    ann.act(1, Verb::Move { to: Status::Completed, cascade: true }).await;
    ann.later(5 * DAY);
    place.set(ann.ctx.now);
    let mut scheduler = place.scheduler();
    settle(&mut scheduler).await;
    assert_eq!(open(&ann).await.len(), 0);
    assert_eq!(settle(&mut scheduler).await, 0, "it waits, and is not looked at again and again");
    ann.act(1, go(Status::Pending)).await;
    settle(&mut scheduler).await;
    let dates = dates(&ann).await;
    assert_eq!(dates, ["2026-11-26"], "and what it lies below, which has no date");
}

on_both! {
    r5_the_next_comes_with_its_slot
    s8_what_lies_below_a_closed_task_waits
}
