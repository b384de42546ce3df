//! Arguments that are wrong: the exit status, the mark under the place, the suggestion.

use unicode_width::UnicodeWidthStr;

use crate::support::{Sandbox, WRITES, with};

/// A slip: what is typed, the status, the word that is marked, and a part of what is said.
type Slip = (&'static [&'static str], i32, &'static str, &'static str);

const SLIPS: &[Slip] = &[
    // Names of tasks.
    (&["done", "99"], 1, "99", "there is no task 99"),
    (&["done", "11"], 1, "11", "did you mean 1 (Buy milk)?"),
    (&["done", "1", "77"], 1, "77", "there is no task 77"),
    (&["show", "0"], 2, "0", ""),
    (&["done", "-1"], 2, "", "unexpected argument '-1'"),
    (&["done", "1.5"], 2, "1.5", "not a task id"),
    (&["done", "3x"], 2, "3x", "4 or more characters of the uid"),
    (&["show", "abc"], 2, "abc", "4 or more characters of the uid"),
    (&["done", "abc"], 1, "abc", "no open task is like that"),
    (&["done", "1", "abc"], 2, "abc", "4 or more characters of the uid"),
    (&["edit", "tagg:x", "--title", "y"], 1, "tagg", "did you mean tag:?"),
    (&["list", "due<tomorow"], 1, "tomorow", "did you mean tomorrow?"),
    (&["list", "a", "or", "(b"], 1, "(", "close it with )"),
    (&["list", "filter:nope"], 1, "nope", "no saved filter"),
    (&["filter", "save", "x,y", "milk"], 1, "x,y", "cannot be one"),
    (&["filter", "save", "me", "filter:me"], 1, "me", "names itself"),
    (&["filter", "remove", "nope"], 1, "nope", "no saved filter"),
    (&["context", "nope"], 1, "nope", "no saved filter"),
    (&["list", "--sort", "urgent"], 1, "urgent", "did you mean urgency?"),
    (&["done", "ffff1"], 1, "ffff1", "there is no task ffff1"),
    (&["done", "99999999999999999999"], 2, "99999999999999999999", ""),
    (&["done", "5-3"], 2, "5-3", "write the smaller number first: 3-5"),
    (&["done", "0-3"], 2, "0-3", "not a range"),
    (&["done", "1-99999999999999999999999"], 2, "1-99999999999999999999999", "not a range"),
    (&["done", "50-60"], 1, "50-60", "there are no tasks 50-60"),
    (&["done", "5"], 1, "5", "bring it back with: todo restore 5"),
    (&["purge", "99", "--yes"], 1, "99", "there is no task 99"),
    (&["log", "99"], 1, "99", "there is no task 99"),
    (&["add", "x", "--parent", "99"], 1, "99", "there is no task 99"),
    (&["edit", "1", "--parent", "5"], 1, "5", "in the trash"),
    (&["list", "--parent", "99"], 1, "99", "there is no task 99"),
    // Values.
    (&["add", ""], 1, "''", "there is nothing to read"),
    (&["add", "", "--literal"], 1, "''", "must not be empty"),
    (&["add", " \t "], 1, "'   '", "there is nothing to read"),
    (&["edit", "1", "--title", ""], 1, "''", "must not be empty"),
    (&["add", "x", "--priority", "hihg"], 1, "hihg", "did you mean high?"),
    (&["add", "x", "--priority", ""], 1, "''", "not one of high, medium, low"),
    (&["add", "x", "--due", "2026-02-30"], 1, "2026-02-30", "February 2026 has 28 days"),
    (&["add", "x", "--due", "1/12/2026"], 1, "1/12/2026", "can be"),
    (&["add", "x", "--due", "2026-12-01T25:00"], 1, "2026-12-01T25:00", "not a date"),
    (&["add", "x", "--due", "sometime"], 1, "sometime", "not understood"),
    (&["add", "x", "--tag", "two words"], 1, "'two words'", "one word"),
    (&["add", "x", "--tag", "a@b"], 1, "a@b", "must not hold '@'"),
    (&["edit", "1", "--status", "done"], 1, "done", "did you mean completed?"),
    (&["edit", "1", "--status", "completd"], 1, "completd", "did you mean completed?"),
    (&["edit", "1", "--expect", "7", "--title", "x"], 1, "1", "is at version 1, not 7"),
    (&["edit", "1"], 2, "", "nothing to change"),
    (&["edit", "1", "--tag", "a", "--add-tag", "b"], 2, "", "cannot be used with"),
    (&["list", "--status", "don"], 1, "don", "not one of open, closed, all"),
    (&["list", "--status", "opn"], 1, "opn", "did you mean open?"),
    (&["list", "--status", "open,complete"], 1, "", "did you mean completed?"),
    (&["list", "--sort", "duo"], 1, "duo", "not one of due, priority"),
    (&["list", "--sort", "due,,id"], 1, "due,,id", "not one of due"),
    (&["list", "--due", "tomorow"], 1, "tomorow", "did you mean tomorrow?"),
    (&["list", "--due", "2026-13-01"], 1, "2026-13-01", "there is no month 13"),
    (&["list", "--due", "2026-12-01T10:00"], 1, "2026-12-01T10:00", "--due-from"),
    (&["list", "--due-from", "soon"], 1, "soon", "not understood"),
    (&["list", "--limit", "0"], 2, "", "0 is not in 1.."),
    (&["list", "--limit", "many"], 2, "", "invalid digit"),
    (&["list", "--format", "yaml"], 2, "", "invalid value 'yaml'"),
    (&["list", "--color", "alwys"], 2, "", "a similar value exists: 'always'"),
    // States (S1, S7, S8).
    (&["cancel", "4"], 1, "4", "reopen it first"),
    (&["start", "4"], 1, "4", "reopen it first"),
    (&["done", "2"], 1, "2", "--cascade"),
    (&["edit", "2", "--parent", "3"], 1, "3", "circle"),
    (&["edit", "2", "--parent", "2"], 1, "2", "circle"),
    (&["undo", "999"], 1, "999", "there is no step 999"),
    (&["undo", "first"], 2, "first", "`todo undo --list` shows the numbers"),
    // Commands, flags and settings.
    (&["dnoe", "1"], 2, "", "similar subcommands exist: 'snooze', 'done'"),
    (&["list", "--prioritty", "high"], 2, "", "a similar argument exists: '--priority'"),
    (&["config", "colour"], 2, "colour", "did you mean color?"),
    (&["config", "frobnicate"], 2, "frobnicate", "`todo config` shows all settings"),
    (&["config", "timezone", "Mars/Olympus"], 1, "Mars/Olympus", "not a time zone"),
    (&["config", "week_start", "tuesday"], 1, "tuesday", "monday, saturday, sunday"),
    (&["import", "import.json", "--from", "org"], 2, "", "possible values: json, taskwarrior"),
    (&["completions", "tcsh"], 2, "", "possible values: bash"),
];

#[test]
fn a_slip_is_refused_where_it_is_and_changes_nothing() {
    for (words, status, marked, said) in SLIPS {
        let sandbox = Sandbox::given();
        let answer = sandbox.fails(*status, words);
        assert_eq!(answer.out, "", "{words:?}: errors go to standard error");
        assert!(answer.err.contains(said), "{words:?}: {said}? {answer:?}");
        if !marked.is_empty() {
            assert_eq!(mark(&answer.err), *marked, "{words:?}: {answer:?}");
        }
    }
}

#[test]
fn a_slip_has_the_same_status_as_json_and_names_the_argument() {
    for (words, status, _, _) in SLIPS {
        let sandbox = Sandbox::given();
        let before = sandbox.files();
        let answer = sandbox.run(&with(words, &["--json"]));
        assert_eq!((answer.status, answer.out.as_str()), (*status, ""), "{words:?}: {answer:?}");
        let error: serde_json::Value = serde_json::from_str(&answer.err)
            .unwrap_or_else(|error| panic!("{words:?}: {error}: {answer:?}"));
        assert_eq!(answer.err.lines().count(), 1, "{words:?}");
        assert_eq!(error["schema"], 1, "{words:?}");
        for part in ["code", "message"] {
            assert!(
                error["error"][part].as_str().is_some_and(|text| !text.is_empty()),
                "{words:?}"
            );
        }
        assert_eq!(sandbox.files(), before, "{words:?} changed something");
    }
}

/// What stands above the `^`s, on the terminal's columns.
pub(super) fn mark(err: &str) -> String {
    let lines: Vec<_> = err.lines().collect();
    let at = lines.iter().position(|line| line.trim_start().starts_with('^'));
    let at = at.unwrap_or_else(|| panic!("nothing is marked: {err}"));
    let from = lines[at].find('^').expect("the mark");
    let line = lines[at - 1];
    // The text that ends in a column: of several, as before a combining character, the longest.
    let up_to = |column: usize| {
        let ends = line.char_indices().map(|(at, c)| at + c.len_utf8());
        let end = ends.rev().find(|end| line[..*end].width() == column);
        end.unwrap_or_else(|| panic!("no character ends in column {column}: {err}"))
    };
    line[up_to(from)..up_to(lines[at].len())].to_owned()
}

#[test]
fn a_range_far_beyond_the_last_task_means_those_that_exist() {
    let sandbox = Sandbox::given();
    let answer = sandbox.ok(&["delete", "1-999999999"]);
    assert_eq!(answer.out.lines().filter(|line| line.starts_with("Deleted ")).count(), 5);
    sandbox.ok(&["show", "1-18446744073709551615"]);
}

#[test]
fn a_task_named_twice_is_meant_once() {
    let sandbox = Sandbox::given();
    let answer = sandbox.ok(&["start", "1", "1", "1-1", "01"]);
    assert_eq!(answer.out, "Started 1  Buy milk\n");
}

#[test]
fn a_prefix_of_a_uid_that_fits_two_tasks_names_both() {
    let sandbox = Sandbox::with_tasks(3);
    let answer = sandbox.fails(1, &["done", "0197a000"]);
    assert!(answer.err.contains("Task 1") && answer.err.contains("Task 3"), "{answer:?}");
    sandbox.ok(&["done", "0197a000-0000-7000-8000-000000000002"]);
}

#[test]
fn depth_ends_at_three_levels_below_the_top() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Top"]);
    for (title, parent) in [("One", "1"), ("Two", "2"), ("Three", "3")] {
        sandbox.ok(&["add", title, "--parent", parent]);
    }
    let answer = sandbox.fails(1, &["add", "Four", "--parent", "4"]);
    assert!(answer.err.contains("level"), "{answer:?}");
    // With what lies below it, the branch would be too deep.
    sandbox.ok(&["add", "Elsewhere"]);
    let answer = sandbox.fails(1, &["edit", "1", "--parent", "5"]);
    assert!(answer.err.contains("level"), "{answer:?}");
}

#[test]
fn fifty_tags_fit_and_one_more_does_not() {
    let tags = |count: u32| (1..=count).map(|at| format!("t{at}")).collect::<Vec<_>>().join(",");
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Labelled", "--tag", &tags(50)]);
    assert_eq!(sandbox.tasks()[0]["tags"].as_array().map(Vec::len), Some(50));
    sandbox.fails(1, &["add", "Too much", "--tag", &tags(51)]);
    sandbox.fails(1, &["edit", "1", "--add-tag", "t51"]);
    // The same tag in another case is the same tag, so nothing changes (S2).
    let answer = sandbox.ok(&["edit", "1", "--add-tag", "T50"]);
    assert!(answer.out.contains("is so already"), "{answer:?}");
}

#[test]
fn nothing_is_written_by_a_command_that_is_misspelt_in_any_word() {
    for words in WRITES {
        let sandbox = Sandbox::given();
        let before = sandbox.files();
        let answer = sandbox.run(&with(words, &["--no-such-flag"]));
        assert_eq!(answer.status, 2, "{answer:?}");
        assert_eq!(sandbox.files(), before, "{words:?}");
    }
}
