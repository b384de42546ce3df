//! Calendars between us and programs that others wrote: the Python package icalendar, and todoman,
//! a terminal for to-dos that lie one in a file.
//!
//! `ICALENDAR_VENV` names a virtual environment that has both; `tests/run` makes one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDateTime;
use serde_json::{Value, json};
use todo_core::conformance::given::{instant, title};
use todo_core::interchange::{Format, Writing, export};
use todo_core::reminder::{NewReminder, Offset, Trigger};
use todo_core::{Due, Recurrence, Reminders, Slot, Status, Tags, Task, TaskId, Timestamp, Zone};
use todo_tests::built::workspace;
use todo_tests::surfaces::cli::program::Todo;
use uuid::Uuid;

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;
/// Long before any machine that runs this: what todoman writes is later.
const NOW: &str = "2025-06-01T12:00:00Z";

fn tool(name: &str) -> PathBuf {
    let venv = std::env::var_os("ICALENDAR_VENV").expect("ICALENDAR_VENV, as tests/run sets it");
    Path::new(&venv).join("bin").join(name)
}

/// What a program of the environment prints.
fn ran(name: &str, home: &Path, args: &[&str]) -> String {
    let mut command = Command::new(tool(name));
    command.env_clear().env("HOME", home).env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    let output = command.args(args).output().expect("it can be run");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {args:?}: {err}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn script(name: &str, home: &Path, file: &Path) -> String {
    let script = workspace().join("tests/fixtures/icalendar").join(name);
    let path = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
    ran("python", home, &[&path(&script), &path(file)])
}

/// What the package understands of an export of these tasks.
fn understood(tasks: &[Task]) -> Vec<Value> {
    let folder = Todo::fresh();
    let file = folder.folder().join("out.ics");
    let mut out = Vec::new();
    let writing = Writing { now: instant(NOW), zone: Zone::UTC };
    export(Format::Icalendar, tasks, &writing, &mut out).expect("memory");
    fs::write(&file, out).expect("a file");
    let told = script("read.py", folder.folder(), &file);
    serde_json::from_str(&told).expect("an array")
}

fn task(k: u128, text: &str) -> Task {
    Task::blank(TaskId(Uuid::from_u128(k)), title(text), instant(NOW))
}

fn seconds(at: Timestamp) -> String {
    at.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
#[ignore = "needs python3 and its package icalendar: tests/run"]
fn the_package_understands_every_field() {
    let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
    let wall = |text: &str| text.parse::<NaiveDateTime>().expect("a wall time");
    let due = Due::at(wall("2026-03-27T17:00:00"), berlin, None);
    let before = |days, seconds| {
        let offset = Offset::before(days, seconds).expect("within a year");
        NewReminder::new(Trigger::Offset(offset))
    };
    let at = NewReminder::new(Trigger::At(instant("2026-03-20T08:00:00Z")));
    let reminders = [before(1, 1800), before(0, 3601), at];
    let mut full = Task {
        description: todo_core::Description::new("a, b; c\\\nd — ünïcode 買い物 \"q\"").ok(),
        tags: Tags::parse(&["home", "straße"]).expect("tags"),
        priority: todo_core::Priority::High,
        due_date: Some(due),
        recurrence: Some(Box::new(Recurrence {
            rule: "FREQ=WEEKLY;COUNT=9;BYDAY=MO,FR".parse().expect("a rule"),
            from: todo_core::recurrence::Basis::Schedule,
            spawn: todo_core::recurrence::Spawn::OnSchedule,
            anchor: Due::at(wall("2026-03-20T17:00:00"), berlin, None),
            n: 3,
        })),
        slot: Some(Slot::of(due)),
        reminders: Reminders::default().replaced(&reminders).expect("three"),
        ..task(1, &"Pay; the rent, \\ please: ü ".repeat(10))
    };
    full.set_status(Status::InProgress, instant(NOW));
    let mut done = Task {
        due_date: Due::parse("2026-12-01", None, Zone::UTC).ok(),
        start_date: Due::parse("2026-11-01", None, Zone::UTC).ok(),
        parent: Some(todo_core::Parent { uid: full.uid, id: full.id }),
        ..task(2, "done")
    };
    done.reminders = Reminders::default().replaced(&[before(1, 0)]).expect("one");
    done.set_status(Status::Completed, instant("2025-06-01T12:00:00.250Z"));
    let text = |task: &Task| task.title.as_str().to_owned();
    let alarm = |when: Value, task: &Task| {
        let mut alarm = when;
        alarm["action"] = "DISPLAY".into();
        alarm["text"] = text(task).into();
        alarm
    };
    let relative = |seconds: f64| json!({ "seconds": seconds, "related": "END" });
    let date = json!({
        "instant": "2026-03-27T16:00:00Z",
        "described": "2026-03-27T16:00:00Z",
        "zone": "Europe/Berlin",
    });
    let expected = [
        json!({
            "uid": full.uid.to_string(),
            "summary": text(&full),
            "description": "a, b; c\\\nd — ünïcode 買い物 \"q\"",
            "status": "IN-PROCESS",
            "priority": 1,
            "categories": ["home", "straße"],
            "parent": null,
            "created": "2025-06-01T12:00:00Z",
            "completed": null,
            "start": date,
            "due": date,
            "rule": "FREQ=WEEKLY;COUNT=7;BYDAY=MO,FR",
            "alarms": [
                alarm(relative(-88_200.0), &full),
                alarm(relative(-3601.0), &full),
                alarm(json!({ "instant": "2026-03-20T08:00:00Z" }), &full),
            ],
        }),
        json!({
            "uid": done.uid.to_string(),
            "summary": "done",
            "description": null,
            "status": "COMPLETED",
            "priority": 0,
            "categories": [],
            "parent": full.uid.to_string(),
            "created": "2025-06-01T12:00:00Z",
            "completed": "2025-06-01T12:00:00Z",
            "start": { "day": "2026-11-01" },
            "due": { "day": "2026-12-01" },
            "rule": null,
            // Fifteen hours before midnight is 09:00 on the day before (R9).
            "alarms": [alarm(relative(-54_000.0), &done)],
        }),
    ];
    assert_eq!(understood(&[full, done]), expected);
}

/// Zones mean the same instants there by what the file says of them, in some years and in the
/// calendar's last.
#[test]
#[ignore = "needs python3 and its packages icalendar and dateutil: tests/run"]
fn zones_mean_the_same_instants() {
    let zones = [
        "Africa/Cairo",
        "Africa/Casablanca",
        "America/Havana",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Asia/Karachi",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Australia/Lord_Howe",
        "Europe/Berlin",
        "Europe/Dublin",
        "Pacific/Apia",
        "Pacific/Chatham",
    ];
    let mut tasks = Vec::new();
    for zone in zones {
        let zone: Zone = zone.parse().expect("a zone");
        for year in [2007, 2026, 2037, 2060, 2099] {
            let new_year = instant(&format!("{year}-01-02T00:00:00Z"));
            for hours in 0..8700 {
                let at = new_year.plus_millis(hours * HOUR);
                let wall = at.wall(zone);
                let later = at.plus_millis(3 * HOUR).wall(zone);
                // Now and then, and in the hours before and in each change of clocks.
                if hours % 97 == 0 || (later - wall).num_milliseconds() != 3 * HOUR {
                    let k = tasks.len() as u128;
                    let due_date = Some(Due::at(wall, zone, None));
                    tasks.push(Task { due_date, ..task(k, "a") });
                }
            }
        }
    }
    let told = understood(&tasks);
    assert_eq!(told.len(), tasks.len());
    let mut faults = Vec::new();
    for (task, told) in tasks.iter().zip(&told) {
        let due = task.due_date.expect("a due date");
        let expected = seconds(due.starts(Zone::UTC));
        if told["due"]["described"] != expected.as_str() {
            faults.push(format!("{due}: {told}"));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {}: {:#?}",
        faults.len(),
        tasks.len(),
        &faults[..5.min(faults.len())]
    );
}

fn import(todo: &Todo, file: &Path) -> Value {
    let file = file.to_str().expect("a path in UTF-8");
    todo.run(["--json", "import", "--from", "icalendar", file]).json()
}

fn tasks(todo: &Todo) -> Vec<Value> {
    let list = ["--json", "list", "--all", "--waiting", "--sort", "id"];
    todo.run(list).json()["tasks"].as_array().expect("tasks").clone()
}

#[test]
#[ignore = "needs python3 and its package icalendar: tests/run"]
fn what_the_package_writes_is_understood() {
    let mut todo = Todo::fresh();
    let karachi: Zone = "Asia/Karachi".parse().expect("a zone");
    todo.travel(instant(NOW), karachi);
    let file = todo.folder().join("python.ics");
    script("write.py", todo.folder(), &file);
    let answer = import(&todo, &file);
    assert_eq!((&answer["added"], &answer["left"]), (&json!(3), &json!(0)), "{answer}");
    let losses = answer["losses"].as_array().expect("losses");
    let lost: Vec<_> = losses.iter().map(|loss| &loss["field"]).collect();
    assert_eq!(lost, ["UID"], "{answer}");
    let tasks = tasks(&todo);
    let [call, day, night] = tasks.as_slice() else { panic!("three tasks: {tasks:?}") };
    let title = format!("Call; the doctor, \\ at nine — {}", "ü".repeat(60));
    assert_eq!(call["title"], title);
    assert_eq!(call["description"], "first\nsecond, third;");
    assert_eq!(call["due_date"], "2031-07-01T09:00:00+02:00");
    assert_eq!(call["timezone"], "Europe/Berlin");
    assert_eq!(call["start_date"], Value::Null);
    assert_eq!(call["recurrence"]["rule"], "FREQ=WEEKLY;COUNT=6;BYDAY=TU,FR");
    assert_eq!(call["priority"], "high");
    assert_eq!(call["tags"], json!(["health", "phone"]));
    assert_eq!(call["reminders"][0]["offset"], "-PT1H30M");
    assert_eq!(call["reminders"][0]["message"], "Soon");
    assert_eq!(call["created_at"], "2031-01-02T03:04:05.000Z");
    assert_eq!(day["due_date"], "2031-03-04");
    assert_eq!(day["parent"], call["id"]);
    assert_eq!(night["due_date"], "2031-11-02T11:30:00+05:00");
    assert_eq!(night["status"], "in_progress");
    assert_eq!(import(&todo, &file)["unchanged"], 3);
}

/// One file a task: listed there, one of them done there, and back again.
#[test]
#[ignore = "needs python3 and todoman: tests/run"]
fn todoman_shows_and_completes_tasks() {
    let mut todo = Todo::fresh();
    todo.travel(instant(NOW), "Europe/Berlin".parse().expect("a zone"));
    todo.run(["add", "Pay the rent", "--due=2025-07-01T09:00", "--project=home", "--tag=money"])
        .done();
    todo.run(["add", "Sort the photos", "--priority=low"]).done();
    let out = todo.folder().join("out.ics");
    let path = out.to_str().expect("a path in UTF-8");
    todo.run(["export", "--to", "icalendar", "--output", path]).done();
    let list = todo.folder().join("lists/mine");
    split(&out, &list);
    let config = todo.folder().join("config.py");
    let folder = todo.folder().to_str().expect("a path in UTF-8");
    let lines = [
        format!("path = {:?}", format!("{folder}/lists/*")),
        format!("cache_path = {:?}", format!("{folder}/cache.sqlite3")),
        "date_format = \"%Y-%m-%d\"\ntime_format = \"%H:%M\"\n".to_owned(),
    ];
    fs::write(&config, lines.join("\n")).expect("a configuration");
    let todoman = |args: &[&str]| {
        let config = ["--config", config.to_str().expect("a path in UTF-8")];
        ran("todo", todo.folder(), &[&config, args].concat())
    };
    let told: Vec<Value> =
        serde_json::from_str(&todoman(&["--porcelain", "list"])).expect("an array");
    let of = |name: &str| told.iter().find(|task| task["summary"] == name).expect("it is listed");
    let rent = of("Pay the rent");
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(rent["due"], instant("2025-07-01T07:00:00Z").millis() / 1000);
    assert_eq!(rent["categories"], json!(["money"]));
    assert_eq!(of("Sort the photos")["priority"], 9);
    todoman(&["done", &rent["id"].to_string()]);
    let before = tasks(&todo);
    let mut answers = [0, 1].map(|k| import(&todo, &list.join(format!("{k}.ics"))));
    answers.sort_by_key(|answer| answer["updated"].as_u64());
    assert_eq!((&answers[0]["unchanged"], &answers[1]["updated"]), (&json!(1), &json!(1)));
    assert!(answers.iter().all(|answer| answer["losses"] == json!([])), "{answers:?}");
    let after = tasks(&todo);
    assert_eq!((&after[0]["status"], &after[1]), (&json!("completed"), &before[1]));
    // todoman writes instants; the clock on which they are meant stays beside them.
    for field in ["due_date", "timezone", "project", "tags", "reminders", "created_at"] {
        assert_eq!(after[0][field], before[0][field], "{field}");
    }
}

/// A file for each task, with the zones of all.
fn split(file: &Path, into: &Path) {
    let text = fs::read_to_string(file).expect("an export");
    let mut parts = text.split("BEGIN:VTODO");
    let head = parts.next().expect("what stands before the tasks");
    fs::create_dir_all(into).expect("a folder");
    for (k, part) in parts.enumerate() {
        let part = part.split("END:VTODO").next().expect("a task");
        let whole = format!("{head}BEGIN:VTODO{part}END:VTODO\r\nEND:VCALENDAR\r\n");
        fs::write(into.join(format!("{k}.ics")), whole).expect("a file");
    }
}
