//! What we write as todo.txt and as CSV, in the hands of other programs, and what they make of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value};
use todo_core::{Timestamp, Zone};
use todo_tests::built::workspace;
use todo_tests::surfaces::cli::program::Todo;

type Fields = Map<String, Value>;

/// Saturday noon.
fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().expect("an instant")
}

const HOUR: i64 = 3_600_000;

fn todo(now: Timestamp) -> Todo {
    let mut todo = Todo::fresh();
    todo.travel(now, Zone::UTC);
    todo
}

fn all(todo: &Todo) -> Vec<Fields> {
    let mut answer = todo.run(["--json", "list", "--all", "--waiting", "--sort", "id"]).json();
    serde_json::from_value(answer["tasks"].take()).expect("tasks")
}

fn text<'v>(fields: &'v Fields, name: &str) -> &'v str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn one<'t>(tasks: &'t [Fields], title: &str) -> &'t Fields {
    let named: Vec<_> = tasks.iter().filter(|task| text(task, "title") == title).collect();
    assert_eq!(named.len(), 1, "{title:?} in {tasks:?}");
    named[0]
}

/// A file's own time, which the format needs to tell what is newer.
fn saved(path: &Path, at: Timestamp) {
    let file = File::options().append(true).open(path).expect("the file");
    file.set_modified(at.utc().into()).expect("a time is set");
}

fn import(todo: &Todo, file: &Path) -> Value {
    let file = file.to_str().expect("a path in UTF-8");
    todo.run(["--json", "import", "--from", "todotxt", file]).json()
}

fn export(todo: &Todo, format: &str, file: &str) -> PathBuf {
    todo.run(["export", "--to", format, "--output", file]).done();
    todo.folder().join(file)
}

/// What `fixtures/todo_txt/make.sh` had todo.txt-cli write.
#[test]
fn a_real_file_is_taken_over_line_by_line() {
    let file = workspace().join("tests/fixtures/todo_txt/todo.txt");
    let todo = todo(now());
    let lines = fs::read_to_string(&file).expect("the fixture").lines().count();
    assert_eq!(import(&todo, &file)["added"], lines);
    let tasks = all(&todo);
    let tulips = one(&tasks, "Plant the tulip bulbs");
    assert_eq!((text(tulips, "priority"), text(tulips, "project")), ("high", "home/garden"));
    assert_eq!(tulips["tags"], serde_json::json!(["outdoor"]));
    assert_eq!(text(tulips, "due_date"), "2031-10-15");
    let done = one(&tasks, "Pay the rent");
    assert_eq!(text(done, "status"), "completed");
    assert!(text(done, "completed_at") >= text(done, "created_at"), "{done:?}");
    one(&tasks, "Read https://example.org/a?b=c:d about 17:30 note:word for word");
    // The same file again is the same tasks.
    let again = import(&todo, &file);
    assert_eq!((&again["unchanged"], &again["step"]), (&lines.into(), &Value::Null), "{again}");
    assert_eq!(all(&todo), tasks);
}

/// Lists, completes, adds to, and changes what we wrote; what it wrote comes back.
#[test]
#[ignore = "needs todo-txt: tests/run"]
fn a_round_trip_needs_todo_txt() {
    let mut todo = todo(now());
    for line in ["Pay rent tomorrow 5pm #finance @home !high every month remind 1h before", "Sub"] {
        todo.run(["add", line]).done();
    }
    todo.run(["edit", "2", "--parent", "1"]).done();
    let odd = ["add", "--literal", "x (A) Add +1 to @home due:soon", "--project", "my house"];
    todo.run(odd).done();
    todo.run(["add", "Old news"]).done();
    todo.run(["done", "4"]).done();
    let before = all(&todo);
    let file = export(&todo, "todotxt", "todo.txt");
    saved(&file, now());
    let unchanged = import(&todo, &file);
    assert_eq!(unchanged["unchanged"], before.len(), "{unchanged}");

    let program = |args: &[&str]| todo_txt(todo.folder(), args);
    let listed = program(&["ls"]);
    assert!(listed.contains("TODO: 4 of 4 tasks shown"), "{listed}");
    // What we escape is no mark to it either.
    assert_eq!(program(&["lsprj"]), "+home\n+my%20house\n");
    assert_eq!(program(&["lsc"]), "@finance\n");
    program(&["-a", "do", "3"]);
    program(&["-t", "add", "(B) Written there +home @shop due:2026-12-24"]);
    program(&["pri", "2", "C"]);
    program(&["append", "1", "@bank"]);

    let later = now().plus_millis(HOUR);
    saved(&file, later);
    todo.travel(later, Zone::UTC);
    let taken = import(&todo, &file);
    assert_eq!((&taken["added"], &taken["updated"]), (&1.into(), &3.into()), "{taken}");
    let after = all(&todo);
    let odd = one(&after, "x (A) Add +1 to @home due:soon");
    assert_eq!((text(odd, "status"), text(odd, "project")), ("completed", "my house"));
    let rent = one(&after, "Pay rent");
    assert_eq!(rent["tags"], serde_json::json!(["finance", "bank"]));
    for field in ["due_date", "timezone", "recurrence", "reminders", "created_at", "series"] {
        assert_eq!(rent[field], before[0][field], "{field}");
    }
    let sub = one(&after, "Sub");
    assert_eq!((text(sub, "priority"), &sub["parent"]), ("low", &before[1]["parent"]));
    let new = one(&after, "Written there");
    assert_eq!((text(new, "project"), text(new, "due_date")), ("home", "2026-12-24"));
    let again = import(&todo, &file);
    assert_eq!(again["unchanged"], after.len(), "{again}");
}

fn todo_txt(folder: &Path, args: &[&str]) -> String {
    let config = folder.join("config");
    let place = folder.display();
    let lines = format!(
        "export TODO_DIR='{place}'\nexport TODO_FILE='{place}/todo.txt'\n\
         export DONE_FILE='{place}/done.txt'\nexport REPORT_FILE='{place}/report.txt'\n"
    );
    fs::write(&config, lines).expect("a configuration");
    let output = Command::new("todo-txt")
        .env("HOME", folder)
        .env("TODO_DIR", folder)
        .arg("-d")
        .arg(&config)
        .args(["-p", "-f"])
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("todo.txt-cli can be run");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Another reader of CSV finds the same cells in the same columns.
#[test]
#[ignore = "needs python3: tests/run"]
fn a_table_is_read_by_python3() {
    let todo = todo(now());
    let title = "Say \"hello\", twice; =1+1";
    todo.run([
        "add",
        "--literal",
        title,
        "--description",
        "=two\nlines, \"quoted\"",
        "--tag",
        "a,b",
    ])
    .done();
    let file = export(&todo, "csv", "tasks.csv");
    let script = "import csv, json, sys\n\
        print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8')))))";
    let output = Command::new("python3").args(["-c", script]).arg(&file).output().expect("python3");
    assert!(output.status.success(), "{output:?}");
    let rows: Vec<Fields> = serde_json::from_slice(&output.stdout).expect("rows");
    assert_eq!(rows.len(), 1);
    let there = &all(&todo)[0];
    for field in ["uid", "title", "status", "priority", "created_at", "updated_at"] {
        assert_eq!(rows[0][field], there[field], "{field}");
    }
    assert_eq!(rows[0]["tags"], "a,b");
    assert_eq!(rows[0]["description"], "'=two\nlines, \"quoted\"");
}
