//! Filters where people type them: instead of ids, saved, as a context, and what a bare `todo`
//! makes of the list.

use crate::input::terminal::{on_a_terminal, while_it_asks};
use crate::support::Sandbox;

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
    let (status, rest) = while_it_asks(&sandbox, "done tag:shop", || {
        sandbox.ok(&["add", "Buy bread", "--tag", "shop"]);
    });
    assert!(rest.contains("have changed since you were asked"), "{rest:?}");
    assert_eq!(status, Some(1));
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
    sandbox.ok(&["context", "home"]);
    let text = String::from_utf8(sandbox.bytes()).expect("UTF-8");
    sandbox.write(text.replace("\"home\":\"project:home\"", "").as_bytes());
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

#[test]
fn the_question_counts_what_goes_along() {
    let sandbox = Sandbox::given();
    let answer = sandbox.fails(1, &["delete", "fence"]);
    assert!(answer.err.contains("this would delete 2 tasks"), "its subtask goes too: {answer:?}");
    let answer = sandbox.fails(1, &["done", "fence", "--cascade"]);
    assert!(answer.err.contains("this would complete 2 tasks"), "{answer:?}");
    let answer = sandbox.fails(1, &["done", "fence"]);
    assert!(answer.err.contains("this would complete 1 task"), "{answer:?}");
}

#[test]
fn a_word_of_hex_letters_is_a_word() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["add", "feed the cat"]);
    let answer = sandbox.fails(1, &["done", "feed"]);
    assert!(answer.err.contains("this would complete 1 task"), "{answer:?}");
    sandbox.ok(&["done", "feed", "--yes"]);
    assert_eq!(sandbox.ok(&["show", "7", "--json"]).json()["tasks"][0]["status"], "completed");
}

#[test]
fn more_than_a_command_may_change_is_refused_before_it_is_asked() {
    let sandbox = Sandbox::with_tasks(1001);
    for flag in [&[][..], &["--yes"]] {
        let words: Vec<_> = ["done", "task"].iter().chain(flag).copied().collect();
        let answer = sandbox.fails(1, &words);
        assert!(answer.err.contains("at most 1000"), "{answer:?}");
        assert!(answer.err.contains("narrow the filter"), "{answer:?}");
    }
}

#[test]
fn what_is_to_be_changed_is_understood_before_it_is_asked() {
    let sandbox = Sandbox::given();
    let (_, shown) = on_a_terminal(&sandbox, "edit milk --due blah", b"y\n");
    assert!(shown.contains("not understood") && !shown.contains("Go on?"), "{shown:?}");
    let (_, shown) = on_a_terminal(&sandbox, "edit milk", b"y\n");
    assert!(shown.contains("nothing to change") && !shown.contains("Go on?"), "{shown:?}");
}

#[test]
fn what_a_context_says_of_a_status_changes_nothing_for_writes() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["filter", "save", "everything", "status:all"]);
    sandbox.ok(&["context", "everything"]);
    let answer = sandbox.fails(1, &["delete", "call", "--yes"]);
    assert!(answer.err.contains("no open task is like that"), "{answer:?}");
    assert!(answer.err.contains("--no-context"), "{answer:?}");
    sandbox.ok(&["delete", "call status:completed", "--yes"]);
    // What is reopened is closed, whatever else is said.
    let answer = sandbox.fails(1, &["reopen", "milk and not completed<2026-01-01", "--yes"]);
    assert!(answer.err.contains("no closed task"), "{answer:?}");
}

#[test]
fn a_number_alone_is_no_filter() {
    let sandbox = Sandbox::given();
    for words in [&["list", "1"][..], &["export", "3"], &["count", "2-4", "6"]] {
        let answer = sandbox.fails(2, words);
        assert!(answer.err.contains("did you mean id:"), "{answer:?}");
    }
    sandbox.ok(&["list", "id:1"]);
    sandbox.ok(&["list", "\"1\""]);
}

#[test]
fn a_search_for_nothing_and_a_dash_before_a_field_are_refused() {
    let sandbox = Sandbox::given();
    for words in [&["search", "\""][..], &["search", "\"\""], &["search", " "], &["search", "\"a"]]
    {
        sandbox.fails(2, words);
    }
    let before = sandbox.bytes();
    let answer = sandbox.fails(2, &["edit", "1", "-tag:w"]);
    assert!(answer.err.contains("--no-tag w"), "{answer:?}");
    sandbox.fails(2, &["list", "-tag:w"]);
    assert_eq!(sandbox.bytes(), before);
}

#[test]
fn a_filter_that_another_names_is_not_removed_and_what_is_replaced_is_shown() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["filter", "save", "mine", "filter:home not overdue"]);
    let answer = sandbox.fails(1, &["filter", "remove", "home"]);
    assert!(answer.err.contains("\"mine\""), "{answer:?}");
    let answer = sandbox.ok(&["filter", "save", "home", "@house"]);
    assert!(answer.out.contains("it was: project:home"), "{answer:?}");
    sandbox.ok(&["filter", "remove", "mine"]);
    sandbox.ok(&["filter", "remove", "home"]);
}

#[test]
fn a_context_can_be_looked_past_and_is_checked_when_set() {
    let sandbox = Sandbox::given();
    sandbox.fails(1, &["config", "context", "nosuch"]);
    sandbox.ok(&["context", "home"]);
    assert_eq!(sandbox.ok(&["count"]).out, "1\n");
    assert_eq!(sandbox.ok(&["count", "--no-context"]).out, "4\n");
    assert_eq!(sandbox.ok(&["tags"]).out, "No open task has any.\n");
    assert!(sandbox.ok(&["tags", "--no-context"]).out.contains("#shop"));
}

/// A tasks' file may come from elsewhere.
#[test]
fn no_control_character_of_a_setting_reaches_the_terminal() {
    let sandbox = Sandbox::given();
    let text = String::from_utf8(sandbox.bytes()).expect("UTF-8");
    let evil = "\"settings\": {\"context\":\"e\\u001b[31m\\u001b]0;x\\u0007\",";
    sandbox.write(text.replace("\"settings\": {", evil).as_bytes());
    for words in [&["config"][..], &["context"], &["config", "context"]] {
        let answer = sandbox.run(words);
        let shown = answer.out + &answer.err;
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{words:?}: {shown:?}");
    }
}

/// Half an export could be taken for a whole one, and one that others can read tells them all.
#[test]
fn an_export_is_whole_private_and_replaces_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::given();
    sandbox.ok(&["export", "--output", "out.json"]);
    let mode = std::fs::metadata(sandbox.path("out.json")).expect("it is there").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let before = std::fs::read(sandbox.path("out.json")).expect("it is there");
    sandbox.ok(&["add", "Another"]);
    sandbox.fails(3, &["export", "--output", "out.json"]);
    assert_eq!(std::fs::read(sandbox.path("out.json")).expect("it is there"), before);
    let parts = std::fs::read_dir(sandbox.path(".")).expect("the folder");
    let left = parts.filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
    });
    assert_eq!(left.count(), 0);
}

/// A name that says one format must not come to hold another without a word.
#[test]
fn an_ending_that_is_not_known_wants_the_format_said() {
    let sandbox = Sandbox::given();
    for words in [&["export", "--output", "plan.xlsx"][..], &["import", "plan.xlsx"]] {
        std::fs::write(sandbox.path("plan.xlsx"), "").expect("a file");
        let answer = sandbox.fails(2, words);
        assert!(
            answer.err.contains("ending .xlsx") && answer.err.contains("todotxt"),
            "{answer:?}"
        );
    }
    sandbox.ok(&["export", "--output", "plan.ical"]);
    let plan = std::fs::read_to_string(sandbox.path("plan.ical")).expect("it is there");
    assert!(plan.starts_with("BEGIN:VCALENDAR"), "{plan}");
}
