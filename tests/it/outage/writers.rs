//! Writers that do not give up.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use todo_tests::http::{Answer, Asked, Client, NoAnswer};
use todo_tests::services::until;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a writer waits before it asks again. `Retry-After` says five seconds, for many; here
/// are few.
const AGAIN: Duration = Duration::from_millis(25);

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) client: Client,
    pub(crate) token: String,
}

/// Whoever has heard nothing for so long asks again, as clients do: a server answers within thirty seconds.
const ANSWERED: Duration = Duration::from_secs(40);

impl Account {
    /// What a server answers.
    pub(crate) async fn ask(&self, asked: Asked) -> Result<Answer, NoAnswer> {
        timeout(ANSWERED, self.client.ask(asked.bearer(&self.token))).await?
    }

    pub(crate) async fn register(address: SocketAddr) -> Self {
        Self::register_as(address, "ann@example.org").await
    }

    pub(crate) async fn register_as(address: SocketAddr, email: &str) -> Self {
        let client = Client::new(address);
        let body = json!({ "email": email, "password": "correct horse battery" });
        let asked = Asked::new(Method::POST, "/api/auth/register").json(&body);
        let answer = client.ask(asked).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let session: Value = answer.json().expect("a session");
        let token = session["access_token"].as_str().expect("a token").to_owned();
        Self { client, token }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.ask(Asked::new(Method::GET, path).bearer(&self.token)).await;
        answer.expect("an answer").json().expect("JSON")
    }

    /// Every task that was acknowledged is there as it was, each once, and no other one; numbers
    /// and events have no gap.
    pub(crate) async fn holds_exactly(&self, written: &BTreeMap<String, Value>) {
        let mut found = BTreeMap::new();
        let mut path = "/api/tasks?limit=200&sort=id".to_owned();
        loop {
            let page = self.get(&path).await;
            for task in page["items"].as_array().expect("tasks") {
                let title = task["title"].as_str().expect("a title").to_owned();
                let twice = found.insert(title, task.clone());
                assert!(twice.is_none(), "twice: {twice:?}");
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/api/tasks?limit=200&sort=id&cursor={cursor}");
        }
        assert_eq!(found.len(), written.len(), "more, or fewer, than were acknowledged");
        for (title, task) in written {
            assert_eq!(found.get(title), Some(task), "{title}");
        }
        let ids: BTreeSet<_> = found.values().filter_map(|task| task["id"].as_u64()).collect();
        assert_eq!(ids, (1..=found.len() as u64).collect(), "a number was lost");
        // One event and one number in the sequence for each, behind the registration and the log-in.
        let (mut since, mut more) = (0, true);
        while more {
            let sync = self.get(&format!("/api/sync?since={since}&limit=500")).await;
            let seq = sync["seq"].as_u64().expect("a number");
            (since, more) = (seq, seq > since);
        }
        assert_eq!(since, 2 + found.len() as u64);
    }
}

/// Writers at work.
#[derive(Debug)]
pub(crate) struct Writers {
    work: JoinSet<()>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    begun: AtomicUsize,
    /// By title, as they were answered.
    written: Mutex<BTreeMap<String, Value>>,
}

impl Writers {
    pub(crate) fn start(runtime: &Runtime, account: &Account, count: usize) -> Self {
        let shared = Arc::new(Shared::default());
        let mut work = JoinSet::new();
        for _ in 0..count {
            let writer = writer(account.clone(), Arc::clone(&shared));
            work.spawn_on(writer, runtime.handle());
        }
        Self { work, shared }
    }

    /// Waits until so many tasks were acknowledged in all.
    pub(crate) fn wait_for(&self, count: usize) {
        until("writers do not get on", || {
            let written = self.shared.written.lock().expect("no writer panics").len();
            if written >= count { Ok(()) } else { Err(format!("{written} of {count} tasks")) }
        });
    }

    /// Lets them finish what they have begun, and answers what was acknowledged.
    pub(crate) fn stop(self, runtime: &Runtime) -> BTreeMap<String, Value> {
        self.shared.stop.store(true, Ordering::Relaxed);
        runtime.block_on(self.work.join_all());
        std::mem::take(&mut *self.shared.written.lock().expect("no writer panics"))
    }
}

async fn writer(account: Account, shared: Arc<Shared>) {
    while !shared.stop.load(Ordering::Relaxed) {
        let title = format!("task {}", shared.begun.fetch_add(1, Ordering::Relaxed));
        let task = write(&account, &title).await;
        shared.written.lock().expect("no writer panics").insert(title, task);
    }
}

/// Asks until it is answered, with the same key: whatever became of the request before, the task is
/// made once.
async fn write(account: &Account, title: &str) -> Value {
    loop {
        let asked = Asked::new(Method::POST, "/api/tasks")
            .header("idempotency-key", title.replace(' ', "-"))
            .json(&json!({ "title": title }));
        match account.ask(asked).await {
            Ok(answer) if answer.status == StatusCode::CREATED => {
                let told: Value = answer.json().expect("JSON");
                return told["task"].clone();
            }
            answer => assert!(passes(&answer), "{answer:?}"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Whether a refusal is one that passes: no server, no database, or the same request still under way.
pub(crate) fn passes(answer: &Result<Answer, NoAnswer>) -> bool {
    match answer {
        Err(_) => true,
        Ok(answer) if answer.status == StatusCode::SERVICE_UNAVAILABLE => {
            answer.header("retry-after").is_some()
        }
        Ok(answer) => {
            let problem: Value = answer.json().unwrap_or_default();
            problem["code"] == "request_in_progress"
        }
    }
}
