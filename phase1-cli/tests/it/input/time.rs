//! Dates, recurrences and reminders that are wrong: whatever is typed, one clear error names the
//! place, and nothing is written (W1 to W3, R1, R2, R9).

use serde_json::Value;

use super::arguments::mark;
use crate::support::{Sandbox, with};

/// A slip: what is typed, the status, what is marked, a part of what is said, and the code.
type Slip = (&'static [&'static str], i32, &'static str, &'static str, &'static str);

const INVALID: &str = "validation_error";
const UNSUPPORTED: &str = "unsupported_rule";

const SLIPS: &[Slip] = &[
    // Dates that there are none of.
    (&["add", "x", "--due", "2026-02-30"], 1, "2026-02-30", "February 2026 has 28 days", INVALID),
    (&["edit", "1", "--due", "30 feb"], 1, "30 feb", "no day 30", INVALID),
    (&["edit", "1", "--due", "25:99"], 1, "25:99", "from 00:00 to 23:59", INVALID),
    (&["edit", "1", "--due", "tomorrow 25:99"], 1, "25:99", "from 00:00 to 23:59", INVALID),
    (&["edit", "1", "--due", "13pm"], 1, "13pm", "from 1 to 12", INVALID),
    (&["edit", "1", "--due", "0001-01-01"], 1, "0001-01-01", "from 1970 to 2099", INVALID),
    (&["edit", "1", "--due", "1-01-01"], 1, "1-01-01", "four digits", INVALID),
    (&["edit", "1", "--due", "2100-01-01"], 1, "2100-01-01", "from 1970 to 2099", INVALID),
    (&["edit", "1", "--due", "10000-01-01"], 1, "10000-01-01", "2026-11-21", INVALID),
    (&["edit", "1", "--due", "in 99999 years"], 1, "in 99999 years", "out of range", INVALID),
    (
        &["edit", "1", "--due", "2026-11-21T17:00[Mars/Olympus]"],
        1,
        "2026-11-21T17:00[Mars/Olympus]",
        "not a time zone",
        INVALID,
    ),
    // Dates that are not understood, or not sure.
    (&["edit", "1", "--due", "tomorrow banana"], 1, "banana", "not understood", INVALID),
    (&["edit", "1", "--due", "tomorow"], 1, "tomorow", "did you mean tomorrow?", INVALID),
    (&["edit", "1", "--start", "next blursday"], 1, "blursday", "a weekday", INVALID),
    (&["edit", "1", "--due=banana"], 1, "banana", "not understood", INVALID),
    (&["edit", "1", "--due=tomorrow banana"], 1, "banana", "not understood", INVALID),
    (&["edit", "1", "--due", "4/1/2027"], 1, "4/1/2027", "write 4 jan 2027 or 1 apr", INVALID),
    (&["edit", "1", "--due", "every monday"], 1, "every", "how something repeats", INVALID),
    (&["edit", "1", "--due", "1"], 1, "1", "", INVALID),
    (&["list", "--due-from", "banana"], 1, "banana", "not understood", INVALID),
    // Lines.
    (&["add", "x due:25:99"], 1, "25:99", "is no time", INVALID),
    (&["add", "Buy milk on 2026-02-30"], 1, "2026-02-30", "has 28 days", INVALID),
    (&["add", "Buy", "milk", "on", "2026-02-30"], 1, "2026-02-30", "has 28 days", INVALID),
    (&["add", "Buy", "milk", "due:tomorow"], 1, "tomorow", "did you mean tomorrow?", INVALID),
    (&["add", "Buy  milk", "due:tomorow"], 1, "tomorow", "did you mean tomorrow?", INVALID),
    (&["add", "due:tomorow", "Buy  milk"], 1, "tomorow", "did you mean tomorrow?", INVALID),
    (&["add", "Pay @home", "@work"], 1, "@work", "second project", INVALID),
    (&["add", "x", "tomorrow", "due:friday"], 1, "due:friday", "second date", INVALID),
    (&["add", "x every day", "every week"], 1, "every week", "second recurrence", INVALID),
    (&["add", "#home @work"], 1, "#home @work", "could be the title", INVALID),
    (&["add", "Milch 全角 due:明日"], 1, "明日", "a date", INVALID),
    (&["add", "全角", "e\u{301}te\u{301}", "due:明日", "#x"], 1, "明日", "a date", INVALID),
    (&["add", "👩‍👩‍👧 全角  due:明日 #x"], 1, "明日", "a date", INVALID),
    // Recurrences.
    (&["repeat", "1", "every blue moon"], 1, "blue", "not understood", INVALID),
    (&["repeat", "1", "every", "blue", "moon"], 1, "blue", "not understood", INVALID),
    (&["repeat", "1", "every"], 1, "", "has to follow", INVALID),
    (&["repeat", "1", "every mondey"], 1, "mondey", "did you mean monday?", INVALID),
    (&["repeat", "1", "every 99999 days"], 1, "99999 days", "from 1 to 999", INVALID),
    (&["repeat", "1", "every hour"], 1, "hour", "by the day", INVALID),
    (&["repeat", "1", "every day, 0 times"], 1, "0 times", "from 1 to 1000", INVALID),
    (&["repeat", "1", "tomorrow"], 1, "tomorrow", "not understood", INVALID),
    (&["add", "x", "--repeat", "every blue moon"], 1, "blue", "not understood", INVALID),
    (&["edit", "1", "--repeat", "every blue moon"], 1, "blue", "not understood", INVALID),
    (&["repeat", "1", "FREQ=SECONDLY"], 1, "FREQ=SECONDLY", "WEEKLY", UNSUPPORTED),
    (&["repeat", "1", "FREQ=DAILY;COUNT=0"], 1, "FREQ=DAILY;COUNT=0", "COUNT", UNSUPPORTED),
    (
        &["repeat", "1", "FREQ=DAILY;INTERVAL=99999"],
        1,
        "FREQ=DAILY;INTERVAL=99999",
        "from 1 to 999",
        UNSUPPORTED,
    ),
    (
        &["repeat", "1", "FREQ=DAILY;COUNT=2;UNTIL=20271231"],
        1,
        "FREQ=DAILY;COUNT=2;UNTIL=20271231",
        "COUNT and UNTIL",
        UNSUPPORTED,
    ),
    (
        &["repeat", "1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"],
        1,
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "never",
        "rule_never_matches",
    ),
    (&["repeat", "2", "every day until yesterday"], 1, "every day until yesterday", "", INVALID),
    (&["repeat", "2", "--from", "completion"], 1, "completion", "does not repeat", INVALID),
    (&["repeat", "6", "--from", "completions"], 1, "completions", "completion?", INVALID),
    (&["repeat", "6", "--spawn", "never"], 1, "never", "on_schedule", INVALID),
    (
        &["repeat", "6", "every", "monday", "--from", "completion"],
        1,
        "completion",
        "names days",
        INVALID,
    ),
    (
        &["repeat", "6", "every! 3 days", "--spawn", "on_schedule"],
        1,
        "on_schedule",
        "until the task is done",
        INVALID,
    ),
    (&["repeat", "99"], 1, "99", "there is no task 99", "not_found"),
    (&["repeat", "5", "every day"], 1, "5", "todo restore 5", "not_found"),
    (&["repeat", "6", "--preview", "0"], 2, "", "1..=100", INVALID),
    (&["edit", "6", "--scope", "this", "--repeat", "weekly"], 1, "this", "scope", INVALID),
    (&["edit", "6", "--scope", "later", "--due", "eom"], 1, "later", "this, future", INVALID),
    (&["edit", "6", "--due", "none"], 1, "none", "a recurrence needs a due date", "due_required"),
    (&["skip", "2"], 1, "2", "does not repeat", INVALID),
    (&["skip", "4"], 1, "4", "does not repeat", INVALID),
    (&["agenda", "--days", "0"], 2, "", "1..=366", INVALID),
    // Reminders.
    (&["remind", "1", "1h", "before"], 1, "1h before", "needs a due date", "due_required"),
    (&["add", "x", "--remind", "1h"], 1, "1h", "needs a due date", "due_required"),
    (&["add", "x", "--remind=-PT1H"], 1, "-PT1H", "needs a due date", "due_required"),
    (&["remind", "2", "1h", "bfore"], 1, "bfore", "did you mean before?", INVALID),
    (&["remind", "2", "2 months before"], 1, "2 months before", "4 weeks before", INVALID),
    (&["remind", "2", "yesterday"], 1, "yesterday", "has passed", INVALID),
    (&["remind", "2", "1h", "--channel", "sms"], 1, "sms", "in_app, email", INVALID),
    (&["remind", "2", "1h", "--message", ""], 1, "''", "must not be empty", INVALID),
    (&["remind", "2", "--message", "x"], 2, "", "<WHEN>", INVALID),
    (&["remind", "99"], 1, "99", "there is no task 99", "not_found"),
    (&["snooze", "2", "2026-11-21T09:59"], 1, "2026-11-21T09:59", "has passed", INVALID),
    (&["snooze", "2", "yesterday"], 1, "yesterday", "has passed", INVALID),
    (&["snooze", "2", "0m"], 1, "0m", "has passed", INVALID),
    (&["snooze", "2", "2"], 1, "2", "", INVALID),
    (&["snooze", "2", "tomorow"], 1, "tomorow", "did you mean tomorrow?", INVALID),
    (&["snooze", "4", "10m"], 1, "4", "reopen it first", "invalid_transition"),
    (&["snooze", "2"], 2, "", "<WHEN>", INVALID),
    (&["reminders", "--watch", "--coming"], 2, "", "cannot be used with", INVALID),
    // Settings.
    (&["config", "date_order", "dmy"], 1, "dmy", "day_first, month_first", INVALID),
    (&["config", "all_day_time", "25:00"], 1, "25:00", "write 09:00", INVALID),
    (&["config", "default_reminders", "1h"], 1, "1h", "write -PT1H", INVALID),
    (&["config", "default_reminders", "PT1H"], 1, "PT1H", "write -PT1H", INVALID),
];

#[test]
fn what_is_wrong_about_time_is_refused_where_it_is_and_changes_nothing() {
    let sandbox = Sandbox::given();
    let mut wrong = Vec::new();
    for (words, status, marked, said, _) in SLIPS {
        let answer = sandbox.fails(*status, words);
        assert_eq!(answer.out, "", "{words:?}: errors go to standard error");
        assert_eq!(answer.err.matches("error:").count(), 1, "{words:?}: {answer:?}");
        let place = if marked.is_empty() { String::new() } else { mark(&answer.err) };
        if place != *marked || !answer.err.contains(said) {
            wrong.push(format!(
                "{words:?}: marked {place:?}, not {marked:?}; {said:?}?\n{}",
                answer.err
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn programs_are_told_the_same_place() {
    let sandbox = Sandbox::given();
    let before = sandbox.files();
    for (words, status, marked, said, code) in SLIPS {
        let answer = sandbox.run(&with(words, &["--json"]));
        assert_eq!((answer.status, answer.out.as_str()), (*status, ""), "{words:?}: {answer:?}");
        let told: Value = serde_json::from_str(&answer.err)
            .unwrap_or_else(|error| panic!("{words:?}: {error}: {answer:?}"));
        let error = &told["error"];
        assert_eq!(error["code"], *code, "{words:?}: {answer:?}");
        if *status == 1 {
            let [message, hint] = ["message", "hint"].map(|name| error[name].as_str());
            let texts = [message, hint].map(Option::unwrap_or_default).concat();
            assert!(texts.contains(said), "{words:?}: {said}? {answer:?}");
        }
        let field = &error["fields"][0];
        if let (Some(from), Some(to)) = (field["from"].as_u64(), field["to"].as_u64()) {
            // Counted in characters of the argument.
            let argument = error["argument"].as_str().expect("an argument has the place");
            let part: String = argument.chars().collect::<Vec<_>>()
                [usize::try_from(from).expect("small")..usize::try_from(to).expect("small")]
                .iter()
                .collect();
            let marked = if words.last() == Some(&"every") { "" } else { marked };
            assert_eq!(part, *marked, "{words:?}: {answer:?}");
            assert!(field["field"].is_string() && field["message"].is_string(), "{answer:?}");
        }
    }
    assert_eq!(sandbox.files(), before);
}

/// What is missing at the end is marked there.
#[test]
fn what_is_missing_is_marked_where_it_should_stand() {
    let sandbox = Sandbox::given();
    let answer = sandbox.fails(1, &["repeat", "1", "every"]);
    let lines: Vec<_> = answer.err.lines().collect();
    assert_eq!(lines[1..3], ["  todo repeat 1 every", "                     ^"]);
    let answer = sandbox.fails(1, &["add", "Buy  milk", "due:"]);
    let lines: Vec<_> = answer.err.lines().collect();
    assert_eq!(lines[1].len(), lines[2].len() - 1, "{answer:?}");
}

/// "by", "on" and "every" are words of everyday titles: where no date that is understood follows,
/// nothing is refused, and the answer shows that there is none.
#[test]
fn what_may_as_well_be_a_title_is_one() {
    let sandbox = Sandbox::new();
    for title in [
        "Buy milk by tomorow",
        "Stand by me",
        "Read every good boy does fine",
        "Buy 3d printer",
        "Fix issue #12",
        "Mail bob@x.com",
        "Meet at 25:99",
        "Party every blue moon",
        "Milk tomorrow every blue moon",
    ] {
        assert_eq!(sandbox.ok(&["add", title]).out.lines().count(), 1, "{title}");
        let task = sandbox.tasks().pop().expect("a task");
        assert_eq!(task["title"], title);
        assert_eq!((&task["due_date"], &task["tags"]), (&Value::Null, &Value::Null), "{title}");
    }
}

#[test]
fn a_rule_of_twenty_thousand_values_is_refused_in_a_short_message() {
    let sandbox = Sandbox::given();
    let days: Vec<_> = (0..20_000).map(|day| (day % 28 + 1).to_string()).collect();
    let rule = format!("FREQ=MONTHLY;BYMONTHDAY={}", days.join(","));
    for words in [
        &["repeat", "1", rule.as_str()][..],
        &["add", "x", "--repeat", &rule],
        &["edit", "6", "--repeat", &rule],
    ] {
        let answer = sandbox.fails(1, words);
        assert!(answer.err.contains("at most 512 bytes"), "{}", answer.err);
        assert!(answer.err.len() < 2000, "a message of {} bytes", answer.err.len());
        let json = sandbox.run(&with(words, &["--json"]));
        let told: Value = serde_json::from_str(&json.err).expect("JSON");
        assert_eq!(told["error"]["code"], UNSUPPORTED);
    }
}

#[test]
fn a_task_has_ten_reminders_and_no_more() {
    let sandbox = Sandbox::given();
    let flags: Vec<_> = (10..21).map(|minute| format!("--remind=2026-12-01T10:{minute}")).collect();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    for words in [&["add", "x"][..], &["edit", "1"]] {
        let answer = sandbox.fails(1, &with(words, &flags));
        assert!(answer.err.contains("at most 10"), "{answer:?}");
    }
    sandbox.ok(&with(&["edit", "1"], &flags[..10]));
    for words in [&["remind", "1", "2026-12-02"][..], &["snooze", "1", "1h"]] {
        let answer = sandbox.fails(1, words);
        assert!(answer.err.contains("at most 10"), "{answer:?}");
    }
    // The same again is no eleventh.
    assert!(sandbox.ok(&["remind", "1", "2026-12-01T10:19"]).status == 0);
}
