//! The tools for assistants (SPEC 8): whatever a model writes as arguments, it is answered and nothing
//! fails. What is refused says so by a code and changes nothing, and no call changes several tasks
//! unconfirmed.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};
use tempfile::TempDir;
use todo_core::{Timestamp, Zone};
use todo_mcp::{Clock, File, Secrets, Tools};
use tokio::runtime::Runtime;

/// A Saturday in March 2026.
const NOW: i64 = 1_773_489_600_000;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((kind, text)) = data.split_first() else { return Corpus::Reject };
    let Ok(Value::Object(arguments)) = serde_json::from_slice(text) else { return Corpus::Reject };
    let world = &*WORLD;
    let tools = todo_mcp::list();
    let tool = &tools[usize::from(*kind) % tools.len()];
    std::fs::write(&world.path, world.tasks.as_bytes()).expect("a file");
    let called = world.runtime.block_on(world.tools.call(&tool.name, arguments));
    let after = std::fs::read_to_string(&world.path).expect("a file");
    match called.expect("a tool that is listed") {
        Ok(answer) => {
            assert!(answer.structured.is_object(), "{answer:?}");
            let reads = tool.annotations.as_ref().and_then(|hints| hints.read_only_hint);
            assert!(reads != Some(true) || after == world.tasks, "{} wrote", tool.name);
            if tool.name != "undo" {
                assert!(changed(&after) <= 1, "unconfirmed: {answer:?}");
            }
            Corpus::Keep
        }
        Err(fault) => {
            let told = fault.to_json();
            assert!(told["error"]["code"].is_string(), "{told}");
            assert_eq!(after, world.tasks, "{told}");
            Corpus::Keep
        }
    }
});

/// How many of the tasks that were there are not as they were.
fn changed(file: &str) -> usize {
    let file: Value = serde_json::from_str(file).expect("JSON");
    let old = |task: &&Value| task["id"].as_u64().is_some_and(|id| id <= 4);
    let tasks = file["tasks"].as_array().expect("tasks");
    tasks.iter().filter(old).filter(|task| task["version"] != 1).count()
}

/// Tools on a file that is the same before each call.
struct World {
    runtime: Runtime,
    tools: Tools<File>,
    path: PathBuf,
    tasks: String,
    _folder: TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("tasks.json");
    let zone: Zone = "Asia/Karachi".parse().expect("a zone");
    let file = File::open(&path, zone).expect("a file");
    let tools =
        Tools::new(file, Clock::new(|| Timestamp::from_millis(NOW)), Secrets::new(&[7; 32]));
    World { runtime, tools, path, tasks: tasks(), _folder: folder }
});

fn tasks() -> String {
    let task = |id: u64, more: Value| {
        let mut task = json!({
            "id": id, "uid": format!("01a1fdfa-4600-7c3b-99d1-{id:012x}"), "title": format!("Task {id}"),
            "status": "pending", "priority": "medium", "version": 1,
            "created_at": "2026-03-01T00:00:00.000Z", "updated_at": "2026-03-01T00:00:00.000Z",
        });
        task.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        task
    };
    let tasks = [
        task(1, json!({ "title": "Buy milk", "tags": ["shop"], "due_date": "2026-03-20" })),
        task(2, json!({ "title": "Pay rent", "project": "home", "priority": "high" })),
        task(3, json!({ "status": "completed", "completed_at": "2026-03-02T00:00:00.000Z" })),
        task(4, json!({ "description": "Line one\nline two" })),
    ];
    json!({ "format": 2, "next_id": 5, "next_seq": 5, "tasks": tasks }).to_string()
}
