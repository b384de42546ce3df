//! Tools on a file of their own, at a moment that the test decides.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use todo_core::{Timestamp, Zone};
use todo_mcp::{Backend, Clock, File, Secrets, Tools};
use tokio::runtime::Runtime;

/// Noon on a Saturday.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// Tools, and what they run on.
pub(crate) struct World<B = File> {
    pub(crate) tools: Tools<B>,
    runtime: Arc<Runtime>,
    now: Arc<Mutex<Timestamp>>,
    folder: TempDir,
}

/// A call that was answered.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) told: Value,
    pub(crate) text: String,
}

pub(crate) fn runtime() -> Arc<Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Arc::new(runtime.expect("a runtime"))
}

impl World {
    /// On a file that is not there yet, asked from Karachi.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let zone: Zone = "Asia/Karachi".parse().expect("a zone");
        let file = File::open(&folder.path().join("tasks.json"), zone).expect("a file");
        Self::on(file, runtime(), folder)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("tasks.json")
    }
}

impl<B: Backend> World<B> {
    pub(crate) fn on(backend: B, runtime: Arc<Runtime>, folder: TempDir) -> Self {
        let now = Arc::new(Mutex::new(NOW.parse().expect("an instant")));
        let shared = Arc::clone(&now);
        let clock = Clock::new(move || *shared.lock().expect("no panic"));
        let tools = Tools::new(backend, clock, Secrets::new(&[7; 32]));
        Self { tools, runtime, now, folder }
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: i64) {
        let mut now = self.now.lock().expect("no panic");
        *now = now.plus_millis(seconds * 1000);
    }

    /// Calls a tool; a refusal is the JSON of it.
    pub(crate) fn call(&self, tool: &str, arguments: Value) -> Result<Done, Value> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let done = self.runtime.block_on(self.tools.call(tool, arguments));
        match done.unwrap_or_else(|| panic!("there is no tool {tool}")) {
            Ok(answer) => Ok(Done { told: answer.structured, text: answer.text }),
            Err(fault) => Err(fault.to_json()["error"].clone()),
        }
    }

    /// Calls a tool that must not refuse.
    pub(crate) fn done(&self, tool: &str, arguments: Value) -> Done {
        self.call(tool, arguments).unwrap_or_else(|error| panic!("{tool} was refused: {error}"))
    }

    /// Calls a tool that must refuse.
    pub(crate) fn refused(&self, tool: &str, arguments: Value) -> Value {
        match self.call(tool, arguments) {
            Ok(done) => panic!("{tool} was not refused: {}", done.text),
            Err(error) => error,
        }
    }

    /// Adds tasks with these titles.
    pub(crate) fn add(&self, titles: &[&str]) {
        for title in titles {
            self.done("add_task", json!({ "title": title }));
        }
    }

    /// The whole of a task.
    pub(crate) fn task(&self, id: u64) -> Map<String, Value> {
        let told = self.done("get_task", json!({ "task_id": id, "trash": true })).told;
        told["task"].as_object().expect("a task").clone()
    }
}

/// The ids of the tasks that are told.
pub(crate) fn ids(told: &Value) -> Vec<u64> {
    let tasks = told["tasks"].as_array().expect("tasks");
    tasks.iter().filter_map(|task| task["id"].as_u64()).collect()
}
