//! Series as the terminal tells of them: what is next, what was passed over, and what the clock
//! has brought (R4 to R7).

use serde_json::Value;

use crate::support::{Answer, Sandbox, file_of, row};

/// A command at another moment than that of the other tests.
fn at(sandbox: &Sandbox, now: &str, words: &[&str]) -> Answer {
    let mut command = sandbox.command();
    let output = command.env("TODO_NOW", now).args(words).output();
    let answer = Answer::from(output.expect("todo starts"));
    assert_eq!(answer.status, 0, "todo {}: {answer:?}", words.join(" "));
    answer
}

fn task(sandbox: &Sandbox, id: u64) -> Value {
    let tasks = sandbox.tasks();
    let found = tasks.iter().find(|task| task["id"] == id);
    found.unwrap_or_else(|| panic!("no task {id}")).clone()
}

#[test]
fn r4_done_says_what_is_next_and_what_was_passed_over() {
    let sandbox = Sandbox::given();
    let answer = sandbox.ok(&["done", "6"]);
    let expected =
        "Completed 6  Stretch\n  next: 7, due Sun 22 Nov 2026, 09:59 Europe/Berlin (tomorrow)\n";
    assert_eq!(answer.out, expected);

    // A few are named, more are counted.
    let answer = at(&sandbox, "2026-11-24T12:00:00Z", &["done", "7"]);
    let lines: Vec<_> = answer.out.lines().collect();
    assert_eq!(lines[1], "  next: 8, due Wed 25 Nov 2026, 09:59 Europe/Berlin (tomorrow)");
    assert_eq!(lines[2], "  passed over: 2026-11-23 09:59, 2026-11-24 09:59");
    let answer = at(&sandbox, "2027-01-10T12:00:00Z", &["done", "8", "--json"]).json();
    let note = &answer["notes"][0];
    assert_eq!(
        (&note["note"], &note["task"], &note["next"]),
        (&"spawned".into(), &8.into(), &9.into())
    );
    let skipped = &note["skipped_slots"];
    assert_eq!(skipped["count"], 46, "26 November to 10 January");
    assert_eq!(skipped["first"], "2026-11-26T09:59:00");
    assert_eq!(skipped["last"], "2027-01-10T09:59:00");
    let ids: Vec<_> = answer["tasks"].as_array().expect("tasks").iter().map(|t| &t["id"]).collect();
    assert_eq!(ids, [8, 9], "the next one is among what changed");
}

#[test]
fn r5_r7_skip_reopen_undo_and_redo_say_what_becomes_of_the_next() {
    let sandbox = Sandbox::given();
    let next = "  next: 7, due Sun 22 Nov 2026, 09:59 Europe/Berlin (tomorrow)\n";
    assert_eq!(sandbox.ok(&["skip", "6"]).out, format!("Skipped 6  Stretch\n{next}"));
    assert_eq!(task(&sandbox, 6)["status"], "cancelled");

    let answer = sandbox.ok(&["reopen", "6"]);
    let expected = "Reopened 6  Stretch\n  7, which had followed it, is in the trash\n";
    assert_eq!(answer.out, expected);
    assert!(task(&sandbox, 7)["deleted_at"].is_string());
    // The same one comes back.
    assert_eq!(sandbox.ok(&["done", "6"]).out, format!("Completed 6  Stretch\n{next}"));
    assert!(task(&sandbox, 7)["deleted_at"].is_null());
    let before = task(&sandbox, 6);

    let undone = sandbox.ok(&["undo"]).out;
    assert!(
        undone.starts_with("Undone: step ") && undone.contains("completed 1 task\n"),
        "{undone}"
    );
    assert!(undone.ends_with("\n  6  Stretch\n"), "{undone}");
    assert_eq!(task(&sandbox, 6)["status"], "pending");
    assert_eq!(sandbox.ok(&["count"]).out, "4\n", "7 went with it");
    let again = sandbox.ok(&["redo"]).out;
    assert!(again.starts_with("Done again: step "), "{again}");
    assert_eq!(task(&sandbox, 6)["completed_at"], before["completed_at"]);
    assert_eq!(sandbox.ok(&["count"]).out, "4\n", "7 for 6");
    let listed = sandbox.ok(&["list"]).out;
    assert!(listed.contains(" 7  ") && listed.contains("tomorrow 09:59 ↻"), "{listed}");
}

#[test]
fn r7_a_dry_run_tells_the_same_of_what_is_next() {
    let sandbox = Sandbox::given();
    let before = sandbox.files();
    let dry = sandbox.ok(&["done", "6", "--dry-run"]).out;
    assert_eq!(sandbox.files(), before);
    assert_eq!(dry.replace("Would complete", "Completed"), sandbox.ok(&["done", "6"]).out);
}

#[test]
fn r7_a_series_ends_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Pills", "--due", "2026-11-21", "--repeat", "every day, 2 times"]);
    sandbox.ok(&["done", "1"]);
    assert_eq!(sandbox.ok(&["done", "2"]).out, "Completed 2  Pills\n  the series ends here\n");
    assert_eq!(sandbox.ok(&["count"]).out, "0\n");

    let sandbox = Sandbox::given();
    for words in [&["repeat", "6", "none"][..], &["delete", "6"]] {
        let answer = sandbox.ok(words);
        assert!(answer.out.ends_with("  the series ends here\n"), "{answer:?}");
        sandbox.ok(&["undo"]);
    }
    assert!(sandbox.ok(&["list"]).out.contains('↻'));
}

/// With a series by the clock, of which nothing was done for two days.
fn by_the_clock() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&[
        "add",
        "Read the meter",
        "--due",
        "2026-11-21",
        "--repeat",
        "daily",
        "--spawn",
        "on_schedule",
    ]);
    sandbox.ok(&["add", "Buy milk"]);
    sandbox
}

/// Two days after the present of the other tests.
const LATER: &str = "2026-11-23T09:00:00Z";

#[test]
fn r5_what_the_clock_has_brought_is_shown_before_it_is_written() {
    let sandbox = by_the_clock();
    let before = sandbox.files();
    let listed = at(&sandbox, LATER, &["list"]).out;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(
        lines[1..4],
        [" 1  Read the meter  2 days ago", " 3  Read the meter  today ↻", " 2  Buy milk",]
    );
    let json = at(&sandbox, LATER, &["list", "--json"]).json();
    assert_eq!((&json["total"], &json["tasks"][1]["id"]), (&3.into(), &3.into()));
    assert_eq!(at(&sandbox, LATER, &["count"]).out, "3\n");
    for words in [&["today"][..], &["agenda"], &["list", "--due", "today"]] {
        assert!(at(&sandbox, LATER, words).out.contains(" 3  Read the meter"), "{words:?}");
    }
    let shown = at(&sandbox, LATER, &["show", "3"]).out;
    assert!(
        shown.contains("Read the meter") && shown.contains("every day, whether done or not"),
        "{shown}"
    );
    assert!(at(&sandbox, LATER, &["repeat", "3"]).out.contains("then  Tue 24 Nov 2026"));
    at(&sandbox, LATER, &["done", "3", "--dry-run"]);
    assert_eq!(sandbox.files(), before, "looking writes nothing");
}

#[test]
fn r5_a_row_that_was_shown_keeps_its_number_when_it_is_written() {
    // Whatever writes first.
    for words in
        [&["done", "3"][..], &["start", "3"], &["edit", "3", "-p", "high"], &["add", "New"]]
    {
        let sandbox = by_the_clock();
        let row = at(&sandbox, LATER, &["list", "--json"]).json()["tasks"][1].clone();
        let dry = at(&sandbox, LATER, &[words, &["--dry-run"]].concat());
        let answer = at(&sandbox, LATER, words);
        let told = "Came due 3  Read the meter\n  due Mon 23 Nov 2026 (today)\n  passed over: 2026-11-22\n";
        if words[0] == "add" {
            assert_eq!(answer.out, format!("Added 4  New\n{told}"));
            // Only what was asked for.
            assert_eq!(dry.out, "Would add 4  New\n");
        }
        let written = task(&sandbox, 3);
        for name in ["uid", "title", "slot", "due_date", "recurrence"] {
            assert_eq!(written[name], row[name], "{words:?}: {name}");
        }
        assert!(task(&sandbox, 1)["recurrence"].is_null(), "the rule has passed on");
        // It is no step of anybody's: undoing takes back what was asked for.
        let undone = at(&sandbox, LATER, &["undo"]).out;
        assert!(!undone.contains("Came due"), "{undone}");
        assert_eq!(task(&sandbox, 3)["status"], "pending");
        assert!(task(&sandbox, 3)["deleted_at"].is_null());
    }
}

#[test]
fn r5_finishing_one_by_the_clock_says_when_the_next_comes() {
    let sandbox = by_the_clock();
    let answer = sandbox.ok(&["done", "1"]);
    let expected =
        "Completed 1  Read the meter\n  the next comes by itself: Sun 22 Nov 2026 (tomorrow)\n";
    assert_eq!(answer.out, expected);
    assert_eq!(sandbox.ok(&["count"]).out, "1\n");
    let listed = at(&sandbox, "2026-11-22T09:00:00Z", &["list"]).out;
    assert!(listed.contains(" 3  Read the meter  today ↻"), "{listed}");
}

/// The file as the version before wrote it: it is read as it is, and becomes the new format with
/// the first write, in which nothing is lost (SPEC 6).
#[test]
fn a_file_of_the_first_format_becomes_the_second_when_something_is_written() {
    let more = r#","description":"Two litres","project":"home","tags":["a","b"],"due_date":"2026-11-30","theirs":{"kept":[1,2]}"#;
    let rows = [row(1, "Buy milk", more), row(2, "Call Ann", "")];
    let settings =
        r#""settings":{"timezone":"Asia/Karachi","later":true},"theirs":"too","next_seq""#;
    let text = file_of(3, &rows).replace("\"next_seq\"", settings);
    let sandbox = Sandbox::new();
    sandbox.write(text.as_bytes());
    let old: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(old["format"], 1);
    for words in
        [&["list"][..], &["show", "1"], &["agenda"], &["reminders"], &["export"], &["doctor"]]
    {
        sandbox.ok(words);
        assert_eq!(sandbox.bytes(), text.as_bytes(), "{words:?} wrote");
    }
    sandbox.ok(&["start", "2"]);
    let new: Value = serde_json::from_slice(&sandbox.bytes()).expect("JSON");
    assert_eq!((&new["format"], &new["firings"]), (&2.into(), &Value::Array(Vec::new())));
    assert_eq!((&new["settings"], &new["theirs"]), (&old["settings"], &old["theirs"]));
    let untouched = |document: &Value| document["tasks"][0].clone();
    assert_eq!(untouched(&new), untouched(&old));
    assert_eq!(new["tasks"][1]["status"], "in_progress");
    assert_eq!(new["tasks"][1]["uid"], old["tasks"][1]["uid"]);
    let backup = std::fs::read(sandbox.path("tasks.json.bak")).expect("the generation before");
    assert_eq!(backup, text.as_bytes());
    // And what is new can be kept in it.
    sandbox.ok(&["repeat", "1", "every month"]);
    assert_eq!(task(&sandbox, 1)["theirs"], untouched(&old)["theirs"]);
    assert_eq!(sandbox.run(&["doctor"]).status, 0);
}
