//! `todo stats`: the numbers are the core's, and tested there; here is which tasks are counted, and
//! how the page looks.

use unicode_width::UnicodeWidthStr;

use crate::support::{Answer, Sandbox};

/// One open, one waiting, one completed, one in the trash.
fn four() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Late", "--due", "2026-11-19", "-P", "work", "--tag", "a"]);
    sandbox.ok(&["add", "Waits", "--due", "2027-03-01", "--start", "2027-01-15", "-P", "home"]);
    sandbox.ok(&["add", "Done"]);
    sandbox.ok(&["add", "Dropped"]);
    sandbox.ok(&["done", "3"]);
    sandbox.ok(&["delete", "4"]);
    sandbox
}

#[test]
fn every_task_is_counted_unless_asked_otherwise() {
    let sandbox = four();
    let told = sandbox.ok(&["stats", "--json"]).json();
    assert_eq!(told["command"], "stats");
    assert_eq!(told["status"]["pending"], 2);
    assert_eq!(told["status"]["completed"], 1);
    assert_eq!(told["trash"], 1);
    assert_eq!((&told["open"]["waiting"], &told["open"]["overdue"]), (&1.into(), &1.into()));
    assert_eq!(told["streak_days"], 1);
    let home = sandbox.ok(&["stats", "-P", "home", "--json"]).json();
    assert_eq!((&home["status"]["pending"], &home["trash"]), (&1.into(), &0.into()));
    let open = sandbox.ok(&["stats", "--status", "open", "--json"]).json();
    assert_eq!((&open["status"]["pending"], &open["status"]["completed"]), (&2.into(), &0.into()));
}

#[test]
fn what_is_due_is_what_count_says() {
    let sandbox = Sandbox::given();
    let told = sandbox.ok(&["stats", "--json"]).json();
    for word in ["overdue", "today", "week"] {
        let counted = sandbox.ok(&["count", "--due", word, "--json"]).json();
        assert_eq!(told["open"][word], counted["count"], "{word}");
    }
}

/// R5: what the clock has brought and nobody has made yet counts as lists show it.
#[test]
fn r5_an_occurrence_that_is_only_computed_is_counted() {
    let sandbox = Sandbox::new();
    sandbox.ok(&[
        "add",
        "Bins",
        "--due",
        "2026-11-21",
        "--repeat",
        "daily",
        "--spawn",
        "on_schedule",
    ]);
    let mut command = sandbox.command();
    command.env("TODO_NOW", "2026-11-23T09:00:00Z").args(["stats", "--json"]);
    let told = Answer::from(command.output().expect("todo starts")).json();
    assert_eq!(told["status"]["pending"], 2);
    assert_eq!((&told["open"]["overdue"], &told["open"]["today"]), (&1.into(), &1.into()));
}

#[test]
fn days_are_those_of_the_zone_that_is_set() {
    let sandbox = four();
    // It is 23:00 there.
    sandbox.ok(&["config", "timezone", "Pacific/Kiritimati"]);
    let told = sandbox.ok(&["stats", "--json"]).json();
    let days = told["days"].as_array().expect("days");
    assert_eq!(days.len(), 28);
    assert_eq!((&days[27]["date"], &days[27]["created"]), (&"2026-11-21".into(), &3.into()));
    let mut command = sandbox.command();
    command.env("TODO_NOW", "2026-11-21T10:00:00Z").args(["stats", "--json"]);
    let told = Answer::from(command.output().expect("todo starts")).json();
    assert_eq!(told["days"][27]["date"], "2026-11-22", "its midnight is 10:00 in UTC");
    assert_eq!(told["days"][26]["created"], 3);
}

#[test]
fn the_page_fits_the_terminal_whatever_a_label_is() {
    let sandbox = four();
    for label in ["全角の長いプロジェクトの名前はここにある", "👩‍👩‍👧👩‍👩‍👧", "e\u{301}te\u{301}", "x"]
    {
        sandbox.ok(&["add", "--literal", "A task", "--project", label, "--tag", label]);
    }
    for width in [20, 40, 60, 80, 200] {
        let mut command = sandbox.command();
        let output = command.arg("stats").env("COLUMNS", width.to_string()).output();
        let page = Answer::from(output.expect("todo starts")).out;
        assert!(page.contains("  1 done") && page.contains("Open by tag"), "{page}");
        for line in page.lines() {
            assert!(line.width() <= width, "{} > {width}: {line:?}\n{page}", line.width());
            assert_eq!(line.trim_end(), line, "nothing stands behind");
        }
        let weeks = page.lines().find(|line| line.starts_with("Last ")).expect("the days");
        assert_eq!(weeks, if width == 20 { "Last 7 days" } else { "Last 28 days" });
    }
}

#[test]
fn the_least_that_is_more_than_nothing_is_seen() {
    let sandbox = Sandbox::with_tasks(500);
    sandbox.ok(&["add", "One of another day"]);
    sandbox.ok(&["edit", "501", "--project", "rare"]);
    let page = sandbox.ok(&["stats"]).out;
    let new = page.lines().find(|line| line.ends_with(" new")).expect("what is new");
    assert!(new.contains('█') && new.contains("▂  501 new"), "{page}");
    assert!(page.lines().any(|line| line == "rare    1  ▏"), "{page}");
}

#[test]
fn an_empty_page_says_why() {
    let sandbox = Sandbox::new();
    assert!(sandbox.ok(&["stats"]).out.starts_with("No tasks yet."));
    assert_eq!(sandbox.ok(&["stats", "--json"]).json()["streak_days"], 0);
    let sandbox = four();
    assert_eq!(sandbox.ok(&["stats", "-P", "garden"]).out, "No task is like that.\n");
}

#[test]
fn what_statistics_cannot_be_is_refused() {
    let sandbox = four();
    for words in
        [&["stats", "--trash"][..], &["stats", "--format", "csv"], &["stats", "--format=plain"]]
    {
        let answer = sandbox.fails(2, words);
        assert!(answer.err.contains('^'), "{answer:?}");
    }
}
