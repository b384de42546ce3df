//! Filters where people type them: instead of ids, saved, as a context, and what a bare `todo`
//! makes of the list.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;

use crate::input::terminal::on_a_terminal;
use crate::support::{Sandbox, TODO};

/// Each command that changes tasks, with a filter instead of ids, and how many of
/// [`Sandbox::given`] it means.
const CHANGES: &[(&[&str], usize)] = &[
    (&["edit", "tag:shop or milk", "--priority", "high"], 2),
    (&["done", "milk"], 1),
    (&["start", "id:1-3"], 3),
    (&["reopen", "call"], 1),
    (&["cancel", "id:1 or id:3"], 2),
    (&["skip", "repeating"], 1),
    (&["repeat", "fence", "every friday"], 1),
    (&["remind", "fence", "1 day before"], 1),
    (&["snooze", "fence", "1h"], 1),
    (&["delete", "tag:shop or milk"], 2),
    (&["restore", "old plan"], 1),
    (&["purge", "old"], 1),
];

fn with_yes<'w>(words: &[&'w str]) -> Vec<&'w str> {
    words.iter().copied().chain(["--yes"]).collect()
}

#[test]
fn a_filter_instead_of_ids_is_not_carried_out_unasked() {
    for (words, count) in CHANGES {
        let sandbox = Sandbox::given();
        let before = sandbox.bytes();
        let answer = sandbox.fails(1, words);
        let tasks = if *count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
        assert!(answer.err.contains("error: this "), "{words:?}: {answer:?}");
        assert!(answer.err.contains(&tasks), "{words:?}: {answer:?}");
        assert!(answer.err.contains("--yes"), "{words:?}: {answer:?}");
        let json: Vec<_> = words.iter().copied().chain(["--json"]).collect();
        let answer = sandbox.run(&json);
        assert!(answer.err.contains("\"confirmation_required\""), "{words:?}: {answer:?}");
        assert_eq!(sandbox.bytes(), before, "{words:?}");
    }
}

#[test]
fn a_filter_instead_of_ids_means_what_the_ids_mean() {
    for (words, count) in CHANGES {
        let sandbox = Sandbox::given();
        let before = sandbox.bytes();
        let dry: Vec<_> = words.iter().copied().chain(["--dry-run", "--json"]).collect();
        let would = sandbox.ok(&dry).json();
        assert_eq!(sandbox.bytes(), before, "{words:?}");
        let mut yes = with_yes(words);
        yes.push("--json");
        let did = sandbox.ok(&yes).json();
        assert_ne!(sandbox.bytes(), before, "{words:?}");
        for answer in [would, did] {
            let items = ["tasks", "purged"].map(|name| answer[name].as_array().map_or(0, Vec::len));
            // The next of a series comes with it.
            let next = usize::from(words[0] == "skip");
            assert_eq!(items.iter().sum::<usize>(), count + next, "{words:?}: {answer}");
        }
    }
}

#[test]
fn on_a_terminal_it_is_shown_and_asked() {
    for (typed, done) in [("y\n", true), ("n\n", false), ("\n", false)] {
        let sandbox = Sandbox::given();
        let before = sandbox.bytes();
        let (status, shown) = on_a_terminal(&sandbox, "done 'tag:shop or milk'", typed.as_bytes());
        assert!(shown.contains("This would complete 2 tasks:"), "{shown:?}");
        assert!(shown.contains("Buy milk") && shown.contains("Buy paint"), "{shown:?}");
        assert_eq!(status, i32::from(!done), "{typed:?}: {shown:?}");
        assert_eq!(sandbox.bytes() != before, done, "{typed:?}: {shown:?}");
    }
}

/// What was asked for is what is done: a task that came to fit meanwhile stops it.
#[test]
fn what_came_to_fit_while_somebody_thought_stops_it() {
    let sandbox = Sandbox::given();
    let mut command = sandbox.command_of(Path::new("script"));
    let line = format!("{TODO} done tag:shop");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("script (util-linux) starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut asked = Vec::new();
    out.read_until(b']', &mut asked).expect("the question");
    sandbox.ok(&["add", "Buy bread", "--tag", "shop"]);
    child.stdin.take().expect("a pipe").write_all(b"y\n").expect("typed");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("UTF-8");
    assert!(rest.contains("have changed since you were asked"), "{rest:?}");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    assert!(
        sandbox
            .tasks()
            .iter()
            .all(|task| task["title"] == "Call Ann" || task["status"] != "completed")
    );
}

#[test]
fn a_filter_looks_where_its_command_works() {
    let sandbox = Sandbox::given();
    // Completed, and so not open; in the trash.
    sandbox.fails(1, &["done", "call", "--yes"]);
    sandbox.fails(1, &["delete", "old", "--yes"]);
    sandbox.fails(1, &["reopen", "milk", "--yes"]);
    sandbox.fails(1, &["restore", "milk", "--yes"]);
    // Unless it names the status.
    sandbox.ok(&["edit", "call status:completed", "--priority", "low", "--yes"]);
    let call = sandbox.ok(&["show", "4", "--json"]).json();
    assert_eq!(call["tasks"][0]["priority"], "low");
}

#[test]
fn a_context_stands_over_what_is_shown_and_changed_but_not_over_ids_and_exports() {
    let sandbox = Sandbox::given();
    let ids = |words: &[&str]| -> Vec<u64> {
        let json: Vec<_> = words.iter().copied().chain(["--json"]).collect();
        let answer = sandbox.ok(&json).json();
        let tasks = answer["tasks"].as_array().expect("tasks");
        tasks.iter().map(|task| task["id"].as_u64().expect("an id")).collect()
    };
    sandbox.ok(&["context", "home"]);
    assert_eq!(ids(&["list"]), [2]);
    assert_eq!(ids(&["list", "--all"]), [2]);
    assert_eq!(ids(&["search", "paint"]), [2], "3 is no task of the project");
    assert_eq!(ids(&["today"]), [0_u64; 0], "6 is due today");
    assert_eq!(sandbox.ok(&["count"]).out, "1\n");
    assert!(sandbox.ok(&["list"]).out.contains("(context home)"));
    let now = sandbox.ok(&["--json"]).json();
    assert_eq!((now["open"].as_u64(), now["overdue"].as_array().map(Vec::len)), (Some(1), Some(0)));
    sandbox.fails(1, &["done", "milk", "--yes"]);
    sandbox.ok(&["start", "1"]);
    assert_eq!(sandbox.ok(&["export"]).out.matches("\"uid\"").count(), 6);
    // Who removes the filter lifts the context.
    sandbox.ok(&["filter", "remove", "HOME"]);
    assert_eq!(ids(&["list"]).len(), 4);
}

#[test]
fn a_context_whose_filter_is_gone_says_how_to_lift_it() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["config", "context", "nowhere"]);
    let answer = sandbox.fails(1, &["list"]);
    assert!(answer.err.contains("todo context none"), "{answer:?}");
    sandbox.ok(&["show", "1"]);
    sandbox.ok(&["context", "none"]);
    sandbox.ok(&["list"]);
}

#[test]
fn saved_filters_of_a_newer_version_stay_in_the_file() {
    let sandbox = Sandbox::given();
    let text = String::from_utf8(sandbox.bytes()).expect("UTF-8");
    let newer = text.replace("\"filters\": {", "\"filters\": {\"later\":{\"v\":2},");
    assert_ne!(newer, text);
    sandbox.write(newer.as_bytes());
    sandbox.ok(&["filter", "save", "Money", "#finance"]);
    sandbox.ok(&["filter", "remove", "home"]);
    let text = String::from_utf8(sandbox.bytes()).expect("UTF-8");
    assert!(text.contains(r#""filters": {"later":{"v":2},"money":"tag:finance"}"#), "{text}");
    let listed = sandbox.ok(&["filter", "--json"]).json();
    assert_eq!(listed["filters"].as_array().map(Vec::len), Some(1));
}

#[test]
fn words_still_in_quotes_are_searched_as_they_stand() {
    let sandbox = Sandbox::given();
    let found = |words: &[&str]| sandbox.ok(words).out.lines().count();
    assert_eq!(found(&["search", "paint", "buy", "--format", "plain"]), 1);
    assert_eq!(found(&["search", "paint buy", "--format", "plain"]), 1);
    assert_eq!(found(&["search", "\"buy paint\"", "--format", "plain"]), 1);
    assert_eq!(found(&["search", "\"paint buy\"", "--format", "plain"]), 0);
}

#[test]
fn a_bare_todo_shows_each_task_once_where_it_matters_most() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["add", "Late", "--due", "2026-11-20"]);
    sandbox.ok(&["add", "Cook dinner", "--due", "2026-11-21"]);
    sandbox.ok(&["start", "1"]);
    for number in 0..30 {
        sandbox.ok(&["add", "--literal", &format!("Something {number}")]);
    }
    let now = sandbox.ok(&["--json"]).json();
    let ids = |part: &str| -> Vec<u64> {
        let tasks = now[part].as_array().expect("tasks");
        tasks.iter().map(|task| task["id"].as_u64().expect("an id")).collect()
    };
    // 6 was due at 9:59, a minute ago; 8 has all day.
    assert_eq!(ids("overdue"), [7, 6]);
    assert_eq!(ids("today"), [8]);
    assert_eq!(ids("in_progress"), [1]);
    // 2 has a due date and a project, 3 a tag; of the others the oldest.
    assert_eq!(ids("next"), [2, 3, 9, 10, 11]);
    assert_eq!(now["open"], 36);
}
