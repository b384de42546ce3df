//! Consumers that begin with what happens now (SPEC 9), on a database that others have used before.

use std::fmt;
use std::sync::Arc;

use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::given::{self, ctx};
use todo_core::{Owner, TaskId, Timestamp};
use todo_events::consumer::{AnyConsumer, Consumer, Start, Verdict};
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
    let uid = TaskId(Uuid::new_v5(&owner.0, title.to_string().as_bytes()));
    let new = NewTask::new(uid, given::title(&title.to_string()));
    let now = Timestamp::from_millis(START + seconds * 1_000);
    let command = Command::One(Item::Create(Box::new(new)));
    test.app.server().execute(&command, &ctx(owner, now)).await.unwrap();
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
