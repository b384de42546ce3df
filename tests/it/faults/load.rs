//! Writers who know what was accepted, and of which requests they never heard again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use todo_core::Timestamp;
use todo_tests::http::Asked;
use todo_tests::services::until;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::outage::writers::{Account, passes};

/// Writers at a time.
const WRITERS: usize = 3;
/// Between two requests of one of them: enough must happen, and no more than can be looked through.
const PACE: Duration = Duration::from_millis(20);
/// Before a request that was not answered is sent again.
const AGAIN: Duration = Duration::from_millis(25);
/// How long after it was set a reminder comes.
const SOON: i64 = 300;
const DAYS: i64 = 24 * 60 * 60 * 1_000;

/// Writers at work.
#[derive(Debug)]
pub(super) struct Load {
    work: JoinSet<()>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    begun: AtomicUsize,
    written: Mutex<Written>,
}

/// What came of all requests.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Tasks by their titles, as they were answered last.
    pub(super) accepted: BTreeMap<String, Task>,
    /// Titles of those that may be there or not.
    pub(super) unknown: BTreeSet<String>,
}

/// What is looked at of a task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Task {
    pub(super) id: u64,
    pub(super) uid: String,
    pub(super) title: String,
    pub(super) version: u64,
    pub(super) status: String,
}

impl Load {
    pub(super) fn start(runtime: &Runtime, account: &Account) -> Self {
        let shared = Arc::new(Shared::default());
        let mut work = JoinSet::new();
        for _ in 0..WRITERS {
            let writer = write_on(account.clone(), Arc::clone(&shared));
            work.spawn_on(writer, runtime.handle());
        }
        Self { work, shared }
    }

    /// Waits until so many more tasks were accepted.
    pub(super) fn wait_for_more(&self, count: usize) {
        let accepted = || self.shared.written.lock().expect("no writer panics").accepted.len();
        let goal = accepted() + count;
        until("writers do not get on", || match accepted() {
            there if there >= goal => Ok(()),
            there => Err(format!("{there} of {goal} tasks")),
        });
    }

    /// Lets them finish what they have begun.
    pub(super) fn stop(mut self, runtime: &Runtime) -> Written {
        self.shared.stop.store(true, Ordering::Relaxed);
        runtime.block_on(async {
            while let Some(ended) = self.work.join_next().await {
                ended.expect("a writer went on");
            }
        });
        std::mem::take(&mut *self.shared.written.lock().expect("no writer panics"))
    }
}

async fn write_on(account: Account, shared: Arc<Shared>) {
    while !shared.stop.load(Ordering::Relaxed) {
        let no = shared.begun.fetch_add(1, Ordering::Relaxed);
        let (title, body) = draft(no);
        // One in four does not ask again.
        let patient = !no.is_multiple_of(4);
        let key = format!("create-{no}");
        let made = ask(&account, "/api/tasks", &key, &body, patient).await;
        note(&shared, &title, made.clone());
        if let Some(task) = made.filter(|_| no % 3 == 2) {
            let path = format!("/api/tasks/{}/complete", task.id);
            let done = ask(&account, &path, &format!("complete-{no}"), &json!({}), patient).await;
            if done.is_some() {
                note(&shared, &title, done);
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Tasks of all kinds: some that remind soon, and now and then a series that is late.
fn draft(no: usize) -> (String, Value) {
    if no % 30 == 3 {
        let title = format!("series {no}");
        let begun = day(-3);
        let rule = json!({ "rule": "FREQ=DAILY", "spawn": "on_schedule" });
        // The beginning of each day: past whenever the next occurrence is made, and told all the same.
        let before = json!([{ "offset": "-PT9H" }]);
        let body = json!({
            "title": title, "due_date": begun, "recurrence": rule, "reminders": before,
        });
        return (title, body);
    }
    if no.is_multiple_of(6) {
        let title = format!("remind {no}");
        let at = Timestamp::from_millis(now() + SOON).to_string();
        let body = json!({ "title": title, "reminders": [{ "at": at }] });
        return (title, body);
    }
    let title = format!("task {no}");
    let body = json!({ "title": title });
    (title, body)
}

#[expect(
    clippy::disallowed_methods,
    reason = "servers in processes of their own go by the machine's clock"
)]
pub(super) fn now() -> i64 {
    let since =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock that is set");
    i64::try_from(since.as_millis()).expect("a year of few digits")
}

fn day(days: i64) -> String {
    let text = Timestamp::from_millis(now() + days * DAYS).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

fn note(shared: &Shared, title: &str, task: Option<Task>) {
    let mut written = shared.written.lock().expect("no writer panics");
    match task {
        Some(task) => drop(written.accepted.insert(title.to_owned(), task)),
        None => drop(written.unknown.insert(title.to_owned())),
    }
}

/// What was answered. Who is patient asks until it is, with the same key; who is not asks once.
async fn ask(
    account: &Account,
    path: &str,
    key: &str,
    body: &Value,
    patient: bool,
) -> Option<Task> {
    #[derive(Deserialize)]
    struct Told {
        task: Task,
    }
    loop {
        let asked = Asked::new(Method::POST, path).header("idempotency-key", key).json(body);
        let answer = account.ask(asked).await;
        match answer {
            Ok(answer) if matches!(answer.status, StatusCode::CREATED | StatusCode::OK) => {
                let told: Told = answer.json().expect("a task");
                return Some(told.task);
            }
            answer => assert!(passes(&answer), "{path} {body}: {answer:?}"),
        }
        if !patient {
            return None;
        }
        tokio::time::sleep(AGAIN).await;
    }
}
