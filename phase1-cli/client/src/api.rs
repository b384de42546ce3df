//! What a server can be asked, and what it answers.

use std::fmt::Write as _;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use todo_core::event::Seq;
use todo_core::interchange::Format;
use todo_core::reminder::{Firing, FiringFate, ReminderId};
use todo_core::{Step, StepNo, Task, TaskId, Timestamp, Zone};
use ureq::http::Method;
use uuid::Uuid;

use crate::client::Client;
use crate::error::ClientError;
use crate::http::Asked;

/// Whose tasks they are, and what they prefer.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the names of the API")]
pub struct Account {
    pub id: Uuid,
    pub email: String,
    pub timezone: String,
    pub week_start: String,
    pub all_day_time: String,
    pub default_reminders: Vec<Preferred>,
}

/// A reminder that new tasks get.
#[derive(Debug, Clone, Deserialize)]
pub struct Preferred {
    /// So long before the due date.
    pub offset: String,
}

/// What changed after an event.
#[derive(Debug, Clone, Deserialize)]
pub struct Changes {
    /// The tasks, as they are now.
    pub items: Vec<Touched>,
    /// Up to which event this goes.
    pub seq: Seq,
    /// Which history that is, where the server says so: another one once a backup was put back there.
    pub history: Option<Uuid>,
    /// Whether there is more.
    pub more: bool,
}

/// A task that changed.
#[derive(Debug, Clone, Deserialize)]
pub struct Touched {
    /// Which.
    pub uid: TaskId,
    /// As it is now; `None` if it is gone for good.
    pub task: Option<Box<Task>>,
}

/// What came of a command.
#[derive(Debug, Clone, Deserialize)]
pub struct Done {
    /// The step it made, took back or did again.
    pub step: Option<StepNo>,
    /// The tasks that changed, as they are now.
    pub tasks: Vec<Task>,
    /// Those that are gone, as they were.
    pub purged: Vec<Task>,
}

/// What came of an import.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "the names of the API")]
pub struct Imported {
    pub step: Option<StepNo>,
    pub added: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub left: usize,
}

#[derive(Deserialize)]
struct Reminders {
    items: Vec<Reminded>,
}

#[derive(Deserialize)]
struct Reminded {
    reminder: ReminderId,
    remind_at: Timestamp,
    state: String,
    #[serde(default)]
    late: bool,
}

#[derive(Deserialize)]
struct Steps {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Filters {
    filters: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    filter: String,
}

impl Client {
    fn read<T: DeserializeOwned>(&self, asked: &Asked) -> Result<T, ClientError> {
        self.ask(asked)?.read(self.server())
    }

    /// Who asks.
    pub fn account(&self) -> Result<Account, ClientError> {
        self.read(&Asked::get("/api/auth/me"))
    }

    /// Changes what one prefers: a part of the account by its names.
    pub fn prefer(&self, change: &Map<String, Value>) -> Result<Account, ClientError> {
        self.read(&Asked::new(Method::PATCH, "/api/auth/me").json(change))
    }

    /// What changed after an event of a history; begin with 0.
    pub fn changes(&self, since: Seq, history: Option<Uuid>) -> Result<Changes, ClientError> {
        let mut path = format!("/api/sync?since={}", since.0);
        if let Some(history) = history {
            // Writing to a string does not fail.
            let _written = write!(path, "&history={history}");
        }
        self.read(&Asked::get(path).of_tasks())
    }

    /// The steps that are kept, the oldest first.
    pub fn steps(&self) -> Result<Vec<Step>, ClientError> {
        let Steps { mut steps } = self.read(&Asked::get("/api/steps").of_tasks())?;
        steps.reverse();
        Ok(steps)
    }

    /// The saved filters, by name.
    pub fn filters(&self) -> Result<Vec<(String, String)>, ClientError> {
        let Filters { filters } = self.read(&Asked::get("/api/filters"))?;
        Ok(filters.into_iter().map(|one| (one.name, one.filter)).collect())
    }

    /// Saves a filter.
    pub fn save_filter(&self, name: &str, filter: &str, key: &str) -> Result<(), ClientError> {
        let body = json!({ "name": name, "filter": filter });
        self.ask(&Asked::post("/api/filters").json(&body).once(key)).map(drop)
    }

    /// Forgets a filter.
    pub fn remove_filter(&self, name: &str) -> Result<(), ClientError> {
        let path = format!("/api/filters/{}", encoded(name));
        self.ask(&Asked::new(Method::DELETE, path)).map(drop)
    }

    /// Does several things at once, or nothing if one of them is refused.
    pub fn bulk(&self, items: &[Value], key: &str) -> Result<Done, ClientError> {
        let body = json!({ "items": items, "atomic": true });
        self.read(&Asked::post("/api/tasks/bulk").json(&body).once(key).of_tasks())
    }

    /// Takes a step back.
    pub fn undo(&self, step: StepNo, key: &str) -> Result<Done, ClientError> {
        self.read(&Asked::post("/api/undo").json(&json!({ "step": step })).once(key).of_tasks())
    }

    /// Does again what was taken back last.
    pub fn redo(&self, key: &str) -> Result<Done, ClientError> {
        self.read(&Asked::post("/api/redo").once(key).of_tasks())
    }

    /// What became of a task's reminders. One that is yet to come is not among them.
    pub fn firings(&self, task: TaskId) -> Result<Vec<Firing>, ClientError> {
        let path = format!("/api/tasks/{task}/reminders?trash=true");
        let Reminders { items } = self.read(&Asked::get(path))?;
        let fate = |told: &Reminded| match told.state.as_str() {
            "sent" if told.late => Some(FiringFate::Late),
            "sent" => Some(FiringFate::Sent),
            "missed" => Some(FiringFate::Missed),
            _ => None,
        };
        let firing = |told: &Reminded| {
            let Reminded { reminder, remind_at: at, .. } = *told;
            Some(Firing { task, reminder, at, fate: fate(told)?, settled_at: at })
        };
        Ok(items.iter().filter_map(firing).collect())
    }

    /// Takes over a file, as it is.
    pub fn import(
        &self,
        file: Vec<u8>,
        format: Format,
        zone: Zone,
        key: &str,
    ) -> Result<Imported, ClientError> {
        let path = format!("/api/import?format={}&tz={}", format.as_str(), encoded(zone.name()));
        let media = match format {
            Format::Json | Format::Taskwarrior => "application/json",
            _ => "application/octet-stream",
        };
        self.read(&Asked::post(path).file(media, file).once(key))
    }
}

/// A part of a path or a value of a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
