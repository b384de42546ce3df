//! Today, the days to come, and the settings that say how dates are meant.

use serde_json::Value;

use crate::support::{Answer, Sandbox};

/// A command in another zone than that of the other tests.
fn in_zone(sandbox: &Sandbox, zone: &str, words: &[&str]) -> Answer {
    let mut command = sandbox.command();
    let answer = Answer::from(command.env("TZ", zone).args(words).output().expect("todo starts"));
    assert_eq!(answer.status, 0, "todo {}: {answer:?}", words.join(" "));
    answer
}

fn due(sandbox: &Sandbox, id: u64) -> String {
    let shown = sandbox.ok(&["show", &id.to_string(), "--json"]).json();
    shown["tasks"][0]["due_date"].as_str().unwrap_or("none").to_owned()
}

/// Late, today, in three days, in eight, and every other day.
fn week() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Late report", "--due", "2026-11-19", "-P", "work"]);
    sandbox.ok(&["add", "Call Ann", "--due", "2026-11-21T09:30", "--tag", "phone"]);
    sandbox.ok(&["add", "Dinner", "--due", "2026-11-21T19:00"]);
    sandbox.ok(&["add", "Pay rent", "--due", "2026-11-24"]);
    sandbox.ok(&["add", "Concert", "--due", "2026-11-29T20:00"]);
    sandbox.ok(&["add", "Run", "--due", "2026-11-21T18:00", "--repeat", "every 2 days"]);
    sandbox
}

#[test]
fn q4_today_shows_what_is_overdue_first_and_nothing_of_tomorrow() {
    let sandbox = week();
    let shown = sandbox.ok(&["today"]).out;
    let titles: Vec<_> = shown.lines().skip(1).map(|line| line.trim().split("  ").nth(1)).collect();
    assert_eq!(
        titles,
        [Some("Late report"), Some("Call Ann"), Some("Run"), Some("Dinner"), None],
        "{shown}"
    );
    assert!(shown.ends_with("4 tasks, 2 overdue\n"), "{shown}");
    let json = sandbox.ok(&["today", "--json"]).json();
    assert_eq!((&json["command"], &json["total"]), (&"today".into(), &4.into()));
    assert_eq!(Sandbox::new().ok(&["today"]).out, "Nothing is due today.\n");
}

#[test]
fn the_agenda_shows_days_and_the_dates_that_series_will_have() {
    let sandbox = week();
    let expected = "\
Overdue
 2 days ago     1  Late report  @work
today 09:30     2  Call Ann  #phone

Today, Sat 21 Nov
  18:00     6  Run
  19:00     3  Dinner

Mon 23 Nov
  18:00     ↻  Run

Tue 24 Nov
            4  Pay rent

Wed 25 Nov
  18:00     ↻  Run

Fri 27 Nov
  18:00     ↻  Run
";
    assert_eq!(sandbox.ok(&["agenda"]).out, expected);
    assert_eq!(sandbox.ok(&["upcoming"]).out, expected);
    let two_weeks = sandbox.ok(&["agenda", "--days", "9"]).out;
    assert!(two_weeks.contains("\nSun 29 Nov\n  18:00     ↻  Run\n"), "{two_weeks}");
    assert!(two_weeks.contains("  20:00     5  Concert\n"), "{two_weeks}");
    assert_eq!(Sandbox::new().ok(&["agenda"]).out, "Nothing is due in these days.\n");
}

#[test]
fn dates_that_are_only_to_come_are_dimmed() {
    let sandbox = week();
    let shown = sandbox.ok(&["agenda", "--color", "always"]).out;
    let dimmed = |line: &str| line.starts_with("\u{1b}[2m");
    for line in shown.lines().filter(|line| line.contains("  ")) {
        assert_eq!(dimmed(line), line.contains('↻'), "{line:?}");
    }
}

#[test]
fn the_agenda_of_programs_has_the_same_days() {
    let json = week().ok(&["agenda", "--json"]).json();
    assert_eq!(json["overdue"].as_array().map(Vec::len), Some(2));
    let days = json["days"].as_array().expect("days");
    let dates: Vec<_> = days.iter().map(|day| day["date"].as_str().expect("a date")).collect();
    assert_eq!(dates, ["2026-11-21", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"]);
    let coming = &days[1]["coming"][0];
    assert_eq!((&coming["id"], &coming["title"]), (&6.into(), &"Run".into()));
    assert_eq!(coming["due_date"], "2026-11-23T18:00:00+01:00");
    assert_eq!(days[1]["tasks"], Value::Array(Vec::new()));
}

#[test]
fn days_are_those_of_the_asker() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Call Lahore", "--due", "2026-11-22T02:00[Asia/Karachi]"]);
    sandbox.ok(&["add", "Whole day", "--due", "2026-11-21"]);
    let here = sandbox.ok(&["agenda"]).out;
    assert_eq!(here, "Today, Sat 21 Nov\n  22:00     1  Call Lahore\n            2  Whole day\n");
    let there = in_zone(&sandbox, "Asia/Karachi", &["agenda"]).out;
    let expected = "Today, Sat 21 Nov\n            2  Whole day\n\nTomorrow, Sun 22 Nov\n  02:00     1  Call Lahore\n";
    assert_eq!(there, expected);
    // In Auckland it is late on the 21st; its midnight comes before that of Berlin.
    let far = in_zone(&sandbox, "Pacific/Auckland", &["today"]).out;
    assert!(far.contains("Whole day") && !far.contains("Call Lahore"), "{far}");
    // A zone that is set wins over the system's.
    sandbox.ok(&["config", "timezone", "Asia/Karachi"]);
    assert_eq!(sandbox.ok(&["agenda"]).out, expected);
    sandbox.ok(&["add", "Lunch tomorrow 1pm"]);
    assert_eq!(due(&sandbox, 3), "2026-11-22T13:00:00+05:00");
}

#[test]
fn w2_date_order_says_how_a_date_in_figures_is_read() {
    let sandbox = Sandbox::new();
    let answer = sandbox.fails(1, &["add", "Tea 4/1/2027"]);
    assert!(answer.err.contains("can be 4 January 2027 or 1 April 2027"), "{answer:?}");
    for (order, expected) in [("day_first", "2027-01-04"), ("month_first", "2027-04-01")] {
        sandbox.ok(&["config", "date_order", order]);
        sandbox.ok(&["add", "Tea 4/1/2027"]);
        let task = sandbox.tasks().pop().expect("a task");
        assert_eq!((&task["title"], &task["due_date"]), (&"Tea".into(), &expected.into()));
    }
    // What is not set is asked for again.
    sandbox.ok(&["config", "date_order", "--unset"]);
    sandbox.fails(1, &["edit", "1", "--due", "4/1/2027"]);
}

/// The offsets of a task's reminders.
fn offsets(sandbox: &Sandbox, id: u64) -> Vec<String> {
    let shown = sandbox.ok(&["show", &id.to_string(), "--json"]).json();
    let reminders = shown["tasks"][0]["reminders"].as_array().expect("reminders").clone();
    reminders.iter().map(|r| r["offset"].as_str().unwrap_or("at").to_owned()).collect()
}

#[test]
fn r9_default_reminders_are_those_of_new_tasks_with_a_time() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Tea tomorrow 4pm"]);
    assert_eq!(offsets(&sandbox, 1), ["PT0S"], "at the due time unless set");
    sandbox.ok(&["config", "default_reminders", "PT0S,-PT1H"]);
    sandbox.ok(&["add", "Tea tomorrow 4pm"]);
    assert_eq!(offsets(&sandbox, 2), ["PT0S", "-PT1H"]);
    assert_eq!(offsets(&sandbox, 1), ["PT0S"], "those that were there stay as they were");
    sandbox.ok(&["add", "Tea tomorrow"]);
    assert_eq!(offsets(&sandbox, 3), [""; 0], "a whole day has none");
    sandbox.ok(&["add", "Tea tomorrow 4pm", "--remind", "none"]);
    assert_eq!(offsets(&sandbox, 4), [""; 0], "none is none");
    sandbox.ok(&["config", "default_reminders", "none"]);
    sandbox.ok(&["add", "Tea tomorrow 4pm"]);
    assert_eq!(offsets(&sandbox, 5), [""; 0]);
}

#[test]
fn r9_a_whole_day_counts_from_the_time_that_is_set() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Party 23 nov remind 1 day before"]);
    let instant =
        || sandbox.ok(&["remind", "1", "--json"]).json()["tasks"][0]["reminders"][0].clone();
    assert_eq!(instant()["remind_at"], "2026-11-22T08:00:00.000Z", "09:00 in Berlin");
    sandbox.ok(&["config", "all_day_time", "18:30"]);
    assert_eq!(instant()["remind_at"], "2026-11-22T17:30:00.000Z");
    assert_eq!(instant()["state"], "scheduled");
    // Putting off until a day is until then, too.
    let snoozed = sandbox.ok(&["snooze", "1", "tomorrow"]).out;
    assert!(snoozed.contains("2026-11-22 18:30"), "{snoozed}");
}
