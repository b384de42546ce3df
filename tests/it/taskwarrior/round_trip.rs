//! Out to the real program and back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use todo_core::Zone;
use todo_tests::surfaces::cli::program::Todo;

use super::{Fields, all, fixture, import, now, text, todo};

/// Back into an empty file: every task is there, and differs only
/// where a loss was named.
#[test]
#[ignore = "needs Taskwarrior: tests/run"]
fn a_round_trip_needs_taskwarrior() {
    for zone in ["UTC", "Asia/Karachi", "America/Havana"] {
        round_trip(zone.parse().expect("a zone"));
    }
}

fn round_trip(zone: Zone) {
    let mut todo = todo();
    todo.travel(now(), zone);
    import(&todo, &fixture());
    todo.run(["add", "A day", "--due=2031-05-06", "--start=2031-05-01", "--tag=x,y"]).done();
    todo.run(["add", "No midnight there", "--due=2031-03-09"]).done();
    todo.run(["add", "A time", "--due=2031-05-06T17:30", "--priority=high"]).done();
    todo.run(["add", "A description", "--description=two\nlines"]).done();
    todo.run(["add", "Water the cactus", "--due=2031-05-06", "--repeat=every 2 weeks"]).done();
    todo.run(["add", "Pay the gas", "--due=2031-05-06T08:00", "--repeat=monthly until 2032-01-01"])
        .done();
    todo.run(["add", "No period", "--due=2031-05-09", "--repeat=every last friday"]).done();
    let given_up = todo.run(["--json", "add", "Given up", "--project=home/attic"]).json();
    todo.run(["cancel", &given_up["tasks"][0]["id"].to_string()]).done();
    let out = todo.folder().join("out.json");
    let out = out.to_str().expect("a path in UTF-8");
    let told = todo.run(["--json", "export", "--to", "taskwarrior", "--output", out]).json();
    let losses: Vec<Fields> = serde_json::from_value(told["losses"].clone()).expect("losses");
    let lost: BTreeSet<_> = losses.iter().map(|loss| text(loss, "field")).collect();
    assert_eq!(
        lost,
        BTreeSet::from(["description", "recurrence", "reminders", "series", "status"]),
        "{told}"
    );

    let back = through_taskwarrior(todo.folder(), out);
    let mut fresh = Todo::fresh();
    fresh.travel(now(), zone);
    import(&fresh, &back);
    let key = |task: &Fields| text(task, "uid").to_owned();
    let came: BTreeMap<_, _> = all(&fresh).into_iter().map(|task| (key(&task), task)).collect();
    let sent: BTreeMap<_, _> = all(&todo).into_iter().map(|task| (key(&task), task)).collect();
    assert_eq!(came.keys().collect::<Vec<_>>(), sent.keys().collect::<Vec<_>>());
    let mut faults = Vec::new();
    for (uid, sent) in &sent {
        for field in [
            "title",
            "status",
            "priority",
            "project",
            "tags",
            "start_date",
            "due_date",
            "created_at",
            "updated_at",
            "completed_at",
            "deleted_at",
            "description",
            "recurrence",
            "series",
            "slot",
        ] {
            let named = match field {
                "description" => sent["description"] != Value::Null,
                // Cancelled comes back as deleted.
                "status" | "deleted_at" => text(sent, "status") == "cancelled",
                "recurrence" | "series" | "slot" => text(sent, "title") == "No period",
                _ => false,
            };
            if !named && sent[field] != came[uid][field] {
                faults.push(format!(
                    "{}: {field} was {} and is {}",
                    sent["title"], sent[field], came[uid][field]
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    // And onto itself: nothing of what is here is overwritten by what made the trip.
    let before = all(&todo);
    let again = import(&todo, &back);
    assert_eq!(again["added"], 0, "{again}");
    assert_eq!(again["updated"], 0, "{again}");
    assert_eq!(all(&todo), before);
}

/// Imports a file into a new Taskwarrior and exports it again.
fn through_taskwarrior(folder: &Path, file: &str) -> PathBuf {
    let data = folder.join("task");
    fs::create_dir(&data).expect("a folder");
    let rc = folder.join("taskrc");
    fs::write(
        &rc,
        "confirmation=no\nhooks=off\nnews.version=9.9.9\njson.array=on\nverbose=nothing\n",
    )
    .expect("a configuration");
    let task = |args: &[&str]| {
        let output = Command::new("task")
            .env("TASKRC", &rc)
            .env("TASKDATA", &data)
            .env("HOME", folder)
            .env("TZ", "UTC")
            .args(args)
            .output()
            .expect("Taskwarrior can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    task(&["import", file]);
    // A report makes what is missing of a series: nothing, because each has its next date.
    let count = || String::from_utf8_lossy(&task(&["rc.gc=off", "count"])).into_owned();
    let imported = count();
    task(&["list"]);
    assert_eq!(count(), imported, "Taskwarrior makes nothing twice");
    let back = folder.join("back.json");
    fs::write(&back, task(&["rc.gc=off", "export"])).expect("a file");
    back
}
