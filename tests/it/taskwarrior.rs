//! What the real Taskwarrior wrote, taken in by the terminal, and given back.
//!
//! The fixture was made by `fixtures/taskwarrior/make.sh`: recurring, waiting, annotated, dependent
//! tasks, fields of one's own, and texts of every sort. What is expected is worked out from the
//! fixture itself where it can be, so that a fresh one can be put in its place.

mod round_trip;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use todo_core::{Timestamp, Zone};
use todo_tests::built::workspace;
use todo_tests::surfaces::cli::program::Todo;

type Fields = Map<String, Value>;

fn fixture() -> PathBuf {
    workspace().join("tests/fixtures/taskwarrior/export.json")
}

fn records() -> Vec<Fields> {
    let text = fs::read_to_string(fixture()).expect("the fixture");
    serde_json::from_str(&text).expect("an array of objects")
}

fn text<'v>(fields: &'v Fields, name: &str) -> &'v str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// `20261121T170000Z`.
fn stamp(text: &str) -> Timestamp {
    let at = |from, to| text.get(from..to).unwrap_or_default();
    let date = format!("{}-{}-{}", at(0, 4), at(4, 6), at(6, 8));
    let time = format!("T{}:{}:{}Z", at(9, 11), at(11, 13), at(13, 15));
    (date + &time).parse().expect("a stamp of Taskwarrior")
}

/// An hour after the newest change in the fixture.
fn now() -> Timestamp {
    let newest = records().iter().map(|record| stamp(text(record, "modified"))).max();
    newest.expect("a fixture with records").plus_millis(3_600_000)
}

fn todo() -> Todo {
    let mut todo = Todo::fresh();
    todo.travel(now(), Zone::UTC);
    todo
}

fn import(todo: &Todo, file: &Path) -> Value {
    let file = file.to_str().expect("a path in UTF-8");
    todo.run(["--json", "import", "--from", "taskwarrior", file]).json()
}

fn list(todo: &Todo, flags: &[&str]) -> Vec<Fields> {
    let mut args = vec!["--json", "list", "--sort", "id"];
    args.extend(flags);
    let mut answer = todo.run(args).json();
    serde_json::from_value(answer["tasks"].take()).expect("tasks")
}

fn all(todo: &Todo) -> Vec<Fields> {
    let mut all = list(todo, &["--all", "--waiting"]);
    all.extend(list(todo, &["--trash"]));
    all
}

fn named<'t>(tasks: &'t [Fields], title: &str) -> Vec<&'t Fields> {
    tasks.iter().filter(|task| text(task, "title") == title).collect()
}

fn one<'t>(tasks: &'t [Fields], title: &str) -> &'t Fields {
    match named(tasks, title).as_slice() {
        [task] => task,
        several => panic!("{} tasks are called {title:?}", several.len()),
    }
}

/// Templates whose occurrences are there do not come themselves.
fn templates() -> BTreeSet<String> {
    let records = records();
    let recurring = records.iter().filter(|record| text(record, "status") == "recurring");
    recurring.map(|record| text(record, "uuid").to_owned()).collect()
}

#[test]
fn everything_comes_but_the_templates() {
    let todo = todo();
    let answer = import(&todo, &fixture());
    let expected = records().len() - templates().len();
    assert_eq!(answer["read"], expected, "{answer}");
    assert_eq!(answer["added"], expected, "{answer}");
    assert_eq!(answer["left"], 0, "{answer}");
    let there: BTreeSet<_> = all(&todo).iter().map(|task| text(task, "uid").to_owned()).collect();
    let wanted: BTreeSet<_> = records()
        .iter()
        .map(|record| text(record, "uuid").to_owned())
        .filter(|uuid| !templates().contains(uuid))
        .collect();
    assert_eq!(there, wanted);
}

#[test]
fn each_status_has_its_place() {
    let todo = todo();
    import(&todo, &fixture());
    let records = records();
    let count = |fits: &dyn Fn(&Fields) -> bool| records.iter().filter(|r| fits(r)).count();
    let pending = |record: &Fields| matches!(text(record, "status"), "pending" | "waiting");
    let active = count(&|r| pending(r) && r.contains_key("start"));
    let status = |word: &str| list(&todo, &["--waiting", "--status", word]).len();
    assert!(active > 0, "the fixture has an active task");
    assert_eq!(status("in_progress"), active);
    assert_eq!(status("pending"), count(&pending) - active);
    assert_eq!(status("completed"), count(&|r| text(r, "status") == "completed"));
    assert_eq!(status("cancelled"), 0);
    assert_eq!(list(&todo, &["--trash"]).len(), count(&|r| text(r, "status") == "deleted"));
    let tasks = all(&todo);
    assert_eq!(text(one(&tasks, "Write the release notes"), "status"), "in_progress");
    assert_eq!(text(one(&tasks, "Sort the photo archive"), "status"), "pending");
}

#[test]
fn what_waits_is_hidden_until_then() {
    let todo = todo();
    import(&todo, &fixture());
    let waits = |record: &Fields| {
        let open = matches!(text(record, "status"), "pending" | "waiting");
        open && record.get("wait").and_then(Value::as_str).is_some_and(|at| stamp(at) > now())
    };
    let waiting = records().iter().filter(|record| waits(record)).count();
    assert!(waiting > 0, "the fixture has waiting tasks");
    let (shown, open) = (list(&todo, &[]), list(&todo, &["--waiting"]));
    assert_eq!(open.len() - shown.len(), waiting);
    assert!(named(&shown, "Check the snow tyres").is_empty());
    assert_eq!(text(one(&open, "Check the snow tyres"), "start_date"), "2035-10-01T06:00:00+00:00");
    assert_eq!(text(one(&open, "Book summer holiday"), "start_date"), "2035-05-01");
}

#[test]
fn fields_are_translated() {
    let todo = todo();
    import(&todo, &fixture());
    let tasks = all(&todo);
    let bulbs = one(&tasks, "Plant the tulip bulbs");
    assert_eq!(text(bulbs, "project"), "home/garden");
    assert_eq!(bulbs["tags"], serde_json::json!(["autumn", "outdoor"]));
    assert_eq!(text(one(&tasks, "File the tax return"), "project"), "finance/tax/2031");
    let priorities = [
        ("File the tax return", "high"),
        ("Compare electricity tariffs", "medium"),
        ("Order printer paper", "low"),
        ("Buy milk", "medium"),
    ];
    for (title, priority) in priorities {
        assert_eq!(text(one(&tasks, title), "priority"), priority, "{title}");
    }
    // Local midnight is how Taskwarrior says a day; the last second of one is a time.
    assert_eq!(text(one(&tasks, "Renew the passport"), "due_date"), "2031-03-15");
    let report = one(&tasks, "Submit the expense report");
    assert_eq!(text(report, "due_date"), "2031-01-31T23:59:59+00:00");
    assert_eq!(text(one(&tasks, "Dentist"), "due_date"), "2031-04-02T14:30:00+00:00");
    let minutes = one(&tasks, "Old minutes");
    assert_eq!(text(minutes, "created_at"), "2019-03-31T08:15:00.000Z");
    assert_eq!(text(minutes, "completed_at"), "2019-04-02T17:45:00.000Z");
    assert_eq!(text(one(&tasks, "买牛奶和面包"), "project"), "家/厨房");
    assert_eq!(text(one(&tasks, "Two lines: the second one"), "status"), "pending");
    one(&tasks, "Brackets [x] (A) {y} <z> & % $HOME `id` #1 @home");
    one(&tasks, "Decomposed: é, zero\u{200b}width, right-to-left mark \u{200f}!");
}

#[test]
fn annotations_become_dated_notes() {
    let todo = todo();
    import(&todo, &fixture());
    let records = records();
    let bicycle = records.iter().find(|r| text(r, "description") == "Fix the bicycle");
    let notes = bicycle.and_then(|r| r["annotations"].as_array()).expect("annotations");
    let day = |note: &Value| {
        let at = note["entry"].as_str().expect("a stamp");
        format!("{}-{}-{}", &at[..4], &at[4..6], &at[6..8])
    };
    let tasks = all(&todo);
    let expected = format!(
        "## Notes\n\n- {}: The chain is from https://example.org/chains?id=7&size=10\n\
         - {}: Needs \"special\" tool: 8 mm key / a vice",
        day(&notes[0]),
        day(&notes[1]),
    );
    assert_eq!(text(one(&tasks, "Fix the bicycle"), "description"), expected);
    assert!(text(one(&tasks, "Pay the rent"), "description").starts_with("## Notes\n\n- "));
}

#[test]
fn every_loss_is_named() {
    let todo = todo();
    let answer = import(&todo, &fixture());
    let losses: Vec<Fields> = serde_json::from_value(answer["losses"].clone()).expect("losses");
    let losses: BTreeMap<_, _> = losses.iter().map(|loss| (text(loss, "field"), loss)).collect();
    // Of the templates, what has no home is lost with them: only `recur` is said of those.
    let templates = templates();
    let came: Vec<_> =
        records().into_iter().filter(|r| !templates.contains(text(r, "uuid"))).collect();
    for field in ["depends", "scheduled", "until", "annotations", "estimate", "ghost"] {
        // The end of a series is its rule's.
        let kept = |record: &Fields| field == "until" && record.contains_key("parent");
        let lost = came.iter().filter(|record| record.contains_key(field) && !kept(record));
        let count = lost.count();
        assert!(count > 0, "the fixture has {field}");
        assert_eq!(losses[field]["count"], count, "{field}: {answer}");
    }
    for derived in ["id", "urgency", "recur", "mask", "imask", "rtype", "uuid", "entry", "modified"]
    {
        assert!(!losses.contains_key(derived), "{derived} is no loss");
    }
    let bins = all(&todo);
    let statuses: BTreeSet<_> =
        named(&bins, "Take out the bins").iter().map(|task| text(task, "status")).collect();
    assert_eq!(statuses, BTreeSet::from(["pending", "completed"]));
}

/// R1: each series goes on from its newest open occurrence, where its template stood.
#[test]
fn r1_series_go_on() {
    let todo = todo();
    import(&todo, &fixture());
    let tasks = all(&todo);
    for (title, rule, due) in [
        ("Take out the bins", "FREQ=WEEKLY", "2031-01-13"),
        ("Transfer the savings", "FREQ=MONTHLY;BYMONTHDAY=-1", "2031-02-28T10:00:00+00:00"),
        (
            "Back up the laptop",
            "FREQ=DAILY;INTERVAL=3;UNTIL=20310301T000000Z",
            "2031-02-04T20:00:00+00:00",
        ),
        ("Inspect the smoke alarms", "FREQ=YEARLY", "2032-01-10"),
    ] {
        let named = named(&tasks, title);
        let holders: Vec<_> = named.iter().filter(|task| task["recurrence"].is_object()).collect();
        let [holder] = holders.as_slice() else { panic!("{title}: {holders:?}") };
        assert_eq!(holder["recurrence"]["rule"], rule, "{title}");
        assert_eq!(text(holder, "due_date"), due, "{title}");
        let open =
            |task: &&&Fields| text(task, "status") == "pending" && task["deleted_at"].is_null();
        for task in named.iter().filter(open) {
            assert_eq!(task["series"], holder["series"], "{title}");
        }
    }
    let bins = named(&tasks, "Take out the bins");
    let open = bins.iter().find(|task| text(task, "status") == "pending").expect("an open one");
    let done = todo.run(["--json", "done", &open["id"].to_string()]).json();
    assert_eq!(done["notes"][0]["note"], "spawned", "{done}");
    let next = list(&todo, &["--search", "bins"]);
    assert_eq!(text(one(&next, "Take out the bins"), "due_date"), "2031-01-20");
}

#[test]
fn a_second_import_changes_nothing() {
    let todo = todo();
    let first = import(&todo, &fixture());
    let before = all(&todo);
    let second = import(&todo, &fixture());
    assert_eq!(second["unchanged"], first["added"]);
    for none in ["added", "updated", "left"] {
        assert_eq!(second[none], 0, "{none}");
    }
    assert_eq!(second["step"], Value::Null);
    assert_eq!(all(&todo), before);
}

#[test]
fn one_undo_takes_all_of_it_back() {
    let todo = todo();
    todo.run(["add", "mine"]).done();
    let added = import(&todo, &fixture())["added"].clone();
    let undone = todo.run(["--json", "undo"]).json();
    let trashed = records().iter().filter(|r| text(r, "status") == "deleted").count();
    let changed = undone["tasks"].as_array().map_or(0, Vec::len);
    assert_eq!(added, changed + trashed, "what came deleted lies in the trash already");
    let left = list(&todo, &["--all", "--waiting"]);
    assert_eq!(left.iter().map(|task| text(task, "title")).collect::<Vec<_>>(), ["mine"]);
}

#[test]
fn a_dry_run_reports_and_changes_nothing() {
    let todo = todo();
    let file = fixture();
    let file = file.to_str().expect("a path in UTF-8");
    let answer = todo.run(["--json", "--dry-run", "import", "--from", "taskwarrior", file]).json();
    assert_eq!(answer["added"], records().len() - templates().len());
    assert_eq!(answer["dry_run"], true);
    assert_eq!(all(&todo), Vec::<Fields>::new());
}

#[test]
fn what_was_deleted_long_ago_is_left() {
    let mut todo = todo();
    todo.travel(now().plus_millis(40 * 86_400_000), Zone::UTC);
    let answer = import(&todo, &fixture());
    let deleted = records().iter().filter(|r| text(r, "status") == "deleted").count();
    assert_eq!(answer["left"], deleted, "{answer}");
    assert!(list(&todo, &["--trash"]).is_empty());
}
