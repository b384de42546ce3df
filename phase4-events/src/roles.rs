//! Which parts a process runs, and how they begin and end.
//!
//! On SQLite one process is everything. On PostgreSQL each part may have processes of its own, any number
//! of each: what only one may do at a time is led by one of them, and the others stand by.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use todo_web::App;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::{error, warn};

use crate::consumer::{AnyConsumer, panicked};
use crate::live::Live;
use crate::metrics::Measures;
use crate::worker::Worker;
use crate::{Stop, Stopper, relay, scheduler};

/// How long a part may take to finish what it is at.
const LAST_WORK: Duration = Duration::from_secs(5);
/// Before a part that broke begins again: what broke it may be there still.
const REST: Duration = Duration::from_secs(1);

/// A part of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Answers requests.
    Api,
    /// Tells sockets what happens.
    Live,
    /// Gives what was written its place in the log.
    Relay,
    /// Drives the consumers.
    Worker,
    /// Does what the clock brings.
    Scheduler,
}

impl Role {
    const ALL: [Self; 5] = [Self::Api, Self::Live, Self::Relay, Self::Worker, Self::Scheduler];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Live => "live",
            Self::Relay => "relay",
            Self::Worker => "worker",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Some parts, with commas between; `all` is every one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

/// A part that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role: write all, or some of api, live, relay, worker, scheduler with commas")]
pub struct NoRole(String);

impl Roles {
    /// Every one.
    pub fn all() -> Self {
        Self(Role::ALL.into())
    }

    /// Whether this is one of them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether these are all there are.
    pub fn are_all(&self) -> bool {
        self.0.len() == Role::ALL.len()
    }
}

impl FromStr for Roles {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        let named = |word: &str| Role::ALL.into_iter().find(|role| role.as_str() == word);
        let mut roles = BTreeSet::new();
        for word in text.split(',').map(str::trim) {
            match named(word) {
                _ if word == "all" => roles.extend(Role::ALL),
                Some(role) => drop(roles.insert(role)),
                None => return Err(NoRole(word.chars().take(40).collect())),
            }
        }
        Ok(Self(roles))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|role| role.as_str()).collect();
        f.write_str(&words.join(","))
    }
}

/// Parts that run beside the answering of requests.
#[derive(Debug)]
pub struct Background {
    /// In the order in which they are stopped: who makes work before who does it.
    parts: Vec<Part>,
    /// What other processes are told, and tell.
    wakes: JoinHandle<()>,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    stopper: Stopper,
    tasks: Vec<JoinHandle<()>>,
}

impl Part {
    fn start<F, R>(name: &'static str, runs: impl IntoIterator<Item = F>) -> Self
    where
        F: Fn(Stop) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let (stopper, stop) = Stopper::new();
        let keep = |run| tokio::spawn(keep_running(name, run, stop.clone()));
        let tasks = runs.into_iter().map(keep).collect();
        Self { name, stopper, tasks }
    }

    /// Lets it finish what it is at, and no more.
    async fn end(self) {
        self.stopper.stop();
        for mut task in self.tasks {
            if timeout(LAST_WORK, &mut task).await.is_err() {
                // What it was writing is undone, and the next one does it.
                warn!(part = self.name, "a part was cut off");
                task.abort();
            }
        }
    }
}

/// Runs a part until it ends by itself. When it panics, what it led ends with it; it begins again after a
/// while, here or elsewhere.
async fn keep_running<F, R>(name: &'static str, run: F, mut stop: Stop)
where
    F: Fn(Stop) -> R,
    R: Future<Output = ()>,
{
    // Nothing of it is left but what is in the database, and what was half written there is undone.
    while let Err(panic) = AssertUnwindSafe(run(stop.clone())).catch_unwind().await {
        error!(part = name, reason = %panicked(&*panic), "a part broke, and begins again");
        tokio::select! {
            () = stop.come() => {}
            () = sleep(REST) => {}
        }
        if stop.has_come() {
            return;
        }
    }
}

impl Background {
    /// Starts the parts that these roles have.
    pub fn start(
        app: &App,
        roles: &Roles,
        consumers: Vec<Arc<dyn AnyConsumer>>,
        live: Option<Live>,
    ) -> Self {
        let store = app.store.clone();
        let wakes = tokio::spawn(async move { match store.keep_told().await {} });
        let measures = Measures::of(app);
        let mut parts = Vec::new();
        if roles.has(Role::Scheduler) {
            let (app, measures) = (app.clone(), measures.clone());
            let run = move |stop| scheduler::run(app.clone(), measures.clone(), stop);
            parts.push(Part::start("scheduler", [run]));
        }
        if roles.has(Role::Relay) {
            let (app, measures) = (app.clone(), measures.clone());
            let run = move |stop| relay::run(app.clone(), measures.clone(), stop);
            parts.push(Part::start("relay", [run]));
        }
        if roles.has(Role::Worker) {
            let run = |consumer| {
                let worker = Worker::new(app.clone(), consumer, measures.clone());
                move |stop| worker.clone().run(stop)
            };
            parts.push(Part::start("worker", consumers.into_iter().map(run)));
        }
        if let Some(live) = live {
            let app = app.clone();
            let run = move |mut stop: Stop| {
                let (live, app) = (live.clone(), app.clone());
                async move {
                    tokio::select! {
                        never = live.follow(app) => match never {},
                        () = stop.come() => {}
                    }
                }
            };
            parts.push(Part::start("live", [run]));
        }
        Self { parts, wakes }
    }

    /// Ends them one after the other, each with what it is at.
    pub async fn end(self) {
        for part in self.parts {
            part.end().await;
        }
        self.wakes.abort();
    }
}
