//! Consumers that begin with what happens now (SPEC 9), on a database that others have used before.

use std::fmt;
use std::sync::Arc;

use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::given::{self, ctx};
use todo_core::event::Seq;
use todo_core::reminder::Trigger;
use todo_core::{NewReminder, Owner, TaskId, Timestamp};
use todo_events::consumer::{AnyConsumer, Consumer, Start, Verdict};
use todo_events::effects;
use todo_events::roles::{Background, Roles};
use todo_store::effects::Deed;
use todo_store::log::{Entry, Work};
use uuid::Uuid;

use crate::support::{ANN, BOB, START, TestApp, until};

const DAY: &str = "2026-11-21";
const NEXT_DAY: &str = "2026-11-22";
const A_DAY: i64 = 86_400;

/// Counts what happens.
#[derive(Debug)]
struct FromNow;

impl Consumer for FromNow {
    const NAME: &'static str = "from now";
    const START: Start = Start::Now;

    async fn handle(&self, _: &Entry, work: &mut Work) -> Verdict {
        work.count(DAY.to_owned(), Deed::Created);
        Verdict::Done
    }
}

async fn counted(test: &TestApp, owner: Owner) -> u64 {
    let days = test.app.store.activity(owner, DAY, NEXT_DAY).await.unwrap();
    days.iter().map(|day| day.created).sum()
}

/// Something happens so many seconds after the start, or before.
async fn happens(test: &TestApp, owner: Owner, title: impl fmt::Display, seconds: i64) {
    made(test, owner, &title.to_string(), seconds, None).await;
}

/// So many seconds after the start.
fn after(seconds: i64) -> Timestamp {
    Timestamp::from_millis(START + seconds * 1_000)
}

/// A task is made that may remind of itself.
async fn made(test: &TestApp, owner: Owner, title: &str, seconds: i64, reminds: Option<i64>) {
    let uid = TaskId(Uuid::new_v5(&owner.0, title.as_bytes()));
    let reminder = |seconds| vec![NewReminder::new(Trigger::At(after(seconds)))];
    let new = NewTask::new(uid, given::title(title));
    let new = NewTask { reminders: reminds.map(reminder), ..new };
    let command = Command::One(Item::Create(Box::new(new)));
    test.app.server().execute(&command, &ctx(owner, after(seconds))).await.unwrap();
}

fn start(test: &TestApp, roles: &str) -> Background {
    let consumers: Vec<Arc<dyn AnyConsumer>> = vec![Arc::new(FromNow)];
    Background::start(&test.app, &roles.parse::<Roles>().unwrap(), consumers, None)
}

async fn is_counted(test: &TestApp, ann: u64, bob: u64) {
    until("all is handled", async || {
        [counted(test, ANN).await, counted(test, BOB).await] == [ann, bob]
    })
    .await;
}

#[tokio::test]
async fn months_of_which_nobody_was_told_are_not_told_at_the_first_start() {
    let test = TestApp::new().await;
    for k in 0..10 {
        happens(&test, ANN, k, -90 * A_DAY + k).await;
        happens(&test, BOB, k, -A_DAY + k).await;
    }
    // Some parts of a system begin before others.
    happens(&test, BOB, "just now", -5).await;
    let parts = start(&test, "all");
    happens(&test, ANN, "after the start", 5).await;
    is_counted(&test, 1, 1).await;
    parts.end().await;
    happens(&test, ANN, "while nothing runs", 10).await;
    let parts = start(&test, "all");
    is_counted(&test, 2, 1).await;
    happens(&test, BOB, "at last", 15).await;
    is_counted(&test, 2, 2).await;
    parts.end().await;
}

/// However much a relay has told by the time at which the consumer begins.
#[tokio::test]
async fn a_relay_that_was_faster_makes_no_difference() {
    let test = TestApp::new().await;
    for k in 0..10 {
        happens(&test, ANN, k, -90 * A_DAY + k).await;
    }
    happens(&test, BOB, "just now", -5).await;
    let relay = start(&test, "relay");
    until("all is told", async || test.app.store.unpublished().await.unwrap() == 0).await;
    relay.end().await;
    let parts = start(&test, "all");
    happens(&test, ANN, "after the start", 5).await;
    is_counted(&test, 1, 1).await;
    parts.end().await;
}

/// The first scheduler settles them only now: nobody is told of what was to come before anybody could tell.
#[tokio::test]
async fn reminders_of_months_without_a_scheduler_are_not_told_at_the_first_start() {
    let test = TestApp::new().await;
    let begins = -100 * A_DAY;
    for days in 0..10 {
        made(&test, ANN, &format!("{days} days ago"), begins, Some(-days * A_DAY - 3_600)).await;
    }
    made(&test, ANN, "just now", begins, Some(-5)).await;
    let start = || {
        let consumers = effects::consumers(&test.app.store);
        Background::start(&test.app, &Roles::all(), consumers, None)
    };
    let told = async || {
        let told = test.app.store.notifications(ANN, false, None, 100).await.unwrap();
        told.items.into_iter().map(|told| told.title).collect::<Vec<_>>()
    };
    let settled = async || {
        let history = test.app.store.read_history(ANN, Seq(0), 100).await.unwrap();
        history.iter().filter(|entry| entry.event_type.starts_with("reminder.")).count()
    };
    let parts = start();
    until("one is told", async || settled().await == 11 && told().await == ["just now"]).await;
    parts.end().await;
    // What nobody told because nothing ran is told.
    made(&test, ANN, "while nothing ran", begins, Some(-50)).await;
    let parts = start();
    until("another is told", async || told().await.len() > 1).await;
    assert_eq!(told().await, ["while nothing ran", "just now"]);
    parts.end().await;
}
