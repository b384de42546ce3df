//! todo.txt: what its lines mean.

use todo_core::conformance::given::{DAY, due, instant, record, title};
use todo_core::conformance::uid;
use todo_core::interchange::Format::Todotxt;
use todo_core::interchange::{Reading, import};
use todo_core::recurrence::Basis;
use todo_core::{Command, Import, Parent, Priority, Status, Task, Timestamp, Zone};

use super::{changed, lost, one, read, reading, refused, taken, titles, written};
use crate::play::Play;

fn tags(task: &Task) -> Vec<&str> {
    task.tags.iter().map(todo_core::Tag::as_str).collect()
}

fn project(task: &Task) -> Option<&str> {
    task.project.as_ref().map(todo_core::Project::as_str)
}

#[test]
fn a_line_is_read_as_the_format_has_it() {
    let task =
        one(Todotxt, "(A) 2026-11-01 Call Mum @phone about the +home/garden party due:2026-12-01");
    assert_eq!(task.title.as_str(), "Call Mum about the party");
    assert_eq!((task.priority, task.status), (Priority::High, Status::Pending));
    assert_eq!((project(&task), tags(&task)), (Some("home/garden"), vec!["phone"]));
    assert_eq!(task.due_date, Some(due("2026-12-01")));
    assert_eq!(task.created_at, instant("2026-11-01T00:00:00Z"));
    assert_eq!(task.updated_at, changed());
}

#[test]
fn a_done_line_has_its_dates() {
    let done = one(Todotxt, "x 2026-11-19 2026-11-01 Pay rent pri:A");
    assert_eq!((done.status, done.priority), (Status::Completed, Priority::High));
    assert_eq!(done.completed_at, Some(instant("2026-11-19T00:00:00Z")));
    assert_eq!(done.created_at, instant("2026-11-01T00:00:00Z"));
    let with_letter = one(Todotxt, "x (C) 2026-11-19 2026-11-01 Pay rent");
    assert_eq!((with_letter.status, with_letter.priority), (Status::Completed, Priority::Low));
    // With one date it is that of completion; without any, the file's own time stands for both.
    let one_date = one(Todotxt, "x 2026-11-19 Pay rent");
    assert_eq!(one_date.completed_at, Some(one_date.created_at));
    assert_eq!(one(Todotxt, "x Pay rent").completed_at, Some(changed()));
    for text in ["X Pay rent", "xylophone lesson", "x", "(a) Pay rent", "(A)Pay rent", "Really (A)"]
    {
        let task = one(Todotxt, text);
        assert_eq!((task.title.as_str(), task.status), (text, Status::Pending));
        assert_eq!(task.priority, Priority::Medium);
    }
}

#[test]
fn letters_beyond_ours_are_named() {
    use Priority::{High, Low, Medium};

    let imported = taken(Todotxt, "(A) a\n(B) b\n(C) c\n(D) d\n(Z) z\nnone\n");
    let priorities: Vec<_> = imported.tasks.iter().map(|task| task.priority).collect();
    assert_eq!(priorities, [High, Medium, Low, Low, Low, Medium]);
    let loss = imported.losses.iter().next().expect("a loss");
    assert_eq!((loss.field.as_str(), loss.count), ("priority", 2));
}

#[test]
fn further_projects_become_tags() {
    let imported = taken(Todotxt, "Plan +home/garden +work +my%20own @later");
    let task = &imported.tasks[0];
    assert_eq!((project(task), tags(task)), (Some("home/garden"), vec!["later", "work", "my-own"]));
    assert!(lost(&imported.losses).contains(&"project"));
    // A line of nothing but marks is its own title.
    let marks = one(Todotxt, "(B) @phone +home");
    assert_eq!((marks.title.as_str(), tags(&marks)), ("@phone +home", vec!["phone"]));
    // Signs alone, and in the middle of a word, are no marks.
    assert_eq!(one(Todotxt, "1 + 1 @ me@x.org").title.as_str(), "1 + 1 @ me@x.org");
}

#[test]
fn unknown_keys_stay_word_for_word() {
    for text in ["See http://x.org/?a:b", "Meet 17:30 note:x", "Ratio 1:2 a: :b", "DUE:2026-12-01"]
    {
        let imported = taken(Todotxt, text);
        assert_eq!(titles(&imported.tasks), [text]);
        assert!(imported.losses.is_empty(), "{text}");
    }
    // A known one whose value says nothing here too, and that is named.
    for text in
        ["a due:soon", "b t:later", "c rec:1w", "d due:2026-12-01 rec:3b", "e tz:Moon", "f uid:"]
    {
        let imported = taken(Todotxt, text);
        let key = text.split([' ', ':']).rev().nth(1).unwrap_or_default();
        let stays = text.replace(" due:2026-12-01", "");
        assert_eq!(titles(&imported.tasks), [stays]);
        assert_eq!(lost(&imported.losses), if key == "uid" { vec![] } else { vec![key] }, "{text}");
    }
    assert_eq!(lost(&taken(Todotxt, "a h:1").losses), ["h"]);
}

#[test]
fn rec_repeats_by_schedule_with_a_plus_and_from_completion_without() {
    let read = |rec: &str| {
        let task = one(Todotxt, &format!("a due:2026-12-31 rec:{rec}"));
        let recurrence = task.recurrence.expect("a recurrence");
        (recurrence.rule.to_string(), recurrence.from)
    };
    let by_schedule = |rule: &str| (rule.to_owned(), Basis::Schedule);
    assert_eq!(read("1w"), ("FREQ=WEEKLY".to_owned(), Basis::Completion));
    assert_eq!(read("3m"), ("FREQ=MONTHLY;INTERVAL=3".to_owned(), Basis::Completion));
    assert_eq!(read("+2w"), by_schedule("FREQ=WEEKLY;INTERVAL=2"));
    assert_eq!(read("+10d"), by_schedule("FREQ=DAILY;INTERVAL=10"));
    assert_eq!(read("+1y"), by_schedule("FREQ=YEARLY"));
    assert_eq!(read("+1b"), by_schedule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"));
    // A month after the last day is the last day.
    assert_eq!(read("+1m"), by_schedule("FREQ=MONTHLY;BYMONTHDAY=-1"));
    // What another program has finished goes on in the line that it wrote.
    let imported = taken(Todotxt, "x 2026-11-19 2026-11-01 a due:2026-11-18 rec:1w");
    assert_eq!(imported.tasks[0].recurrence, None);
    assert_eq!(lost(&imported.losses), ["rec"]);
}

#[test]
fn a_plain_task_has_a_plain_line() {
    let made = instant("2026-11-21T00:00:00Z");
    let mut task = Task {
        priority: Priority::High,
        project: todo_core::Project::new("home").ok(),
        tags: todo_core::conformance::given::tags(&["finance"]),
        due_date: Some(due("2026-12-01")),
        ..record(1, "Pay rent", made)
    };
    let (text, losses) = written(Todotxt, &[task.clone()]);
    let line = "(A) 2026-11-21 Pay rent +home @finance due:2026-12-01";
    assert_eq!(text, format!("{line} uid:{}\n", task.uid));
    assert_eq!(lost(&losses), ["updated_at"]);
    task.set_status(Status::Completed, instant("2026-11-22T10:15:00Z"));
    let (text, _) = written(Todotxt, &[task.clone()]);
    let line = "x 2026-11-22 2026-11-21 Pay rent +home @finance pri:A due:2026-12-01";
    let line = format!("{line} completed:2026-11-22T101500.000Z uid:{}\n", task.uid);
    assert_eq!(text, line);
}

#[test]
fn what_looks_like_syntax_comes_back_as_it_was() {
    let made = instant("2026-11-21T00:00:00Z");
    let escaped = [
        ("Add +1 to @home", "Add \\+1 to \\@home"),
        ("Say due:2026-12-01", "Say \\due:2026-12-01"),
        ("A \\+1 b", "A \\\\+1 b"),
        ("x marks the spot", "x marks the spot"),
        ("(A) grade", "(A) grade"),
        ("2026-12-01 report", "2026-12-01 report"),
        ("C:\\dir \\\\server a+b", "C:\\dir \\\\server a+b"),
    ];
    for (text, line) in escaped {
        let task = Task { title: title(text), ..record(1, "-", made) };
        let (written, _) = written(Todotxt, std::slice::from_ref(&task));
        assert_eq!(written, format!("2026-11-21 {line} uid:{}\n", task.uid));
        assert_eq!(one(Todotxt, &written).title.as_str(), text);
    }
}

#[test]
fn a_time_keeps_its_zone_and_which_of_two_it_is() {
    let made = instant("2026-11-21T00:00:00Z");
    let cases = [
        ("2026-12-01T17:00[Asia/Karachi]", "due:2026-12-01 time:1700 tz:Asia/Karachi"),
        ("2026-12-01T17:00:30[Asia/Karachi]", "due:2026-12-01 time:170030 tz:Asia/Karachi"),
        (
            "2026-11-01T01:30-05:00[America/New_York]",
            "due:2026-11-01 time:0130-0500 tz:America/New_York",
        ),
    ];
    for (date, keys) in cases {
        let task = Task { due_date: Some(due(date)), ..record(1, "a", made) };
        let (text, _) = written(Todotxt, std::slice::from_ref(&task));
        assert_eq!(text, format!("2026-11-21 a {keys} uid:{}\n", task.uid));
        assert_eq!(one(Todotxt, &text).due_date, task.due_date);
    }
    // By hand, with a colon, in one's own zone.
    let task = one(Todotxt, "a due:2026-12-01 time:17:00");
    assert_eq!(task.due_date, Some(due("2026-12-01T17:00[UTC]")));
    // A time of something else is no time.
    let imported = taken(Todotxt, "a due:2026-12-01 time:30min");
    assert_eq!(
        (titles(&imported.tasks), lost(&imported.losses)),
        (vec!["a time:30min"], vec!["time"])
    );
}

#[test]
fn a_line_without_a_uid_is_the_same_task_each_time() {
    let text = "2026-11-01 Buy milk @shop\nBuy milk\nBuy milk\n2026-11-01 Buy milk\n";
    let (first, second) = (taken(Todotxt, text), taken(Todotxt, text));
    assert_eq!(first, second);
    let mut uids: Vec<_> = first.tasks.iter().map(|task| task.uid).collect();
    // Another date, a label, done: still the same task.
    let edited = taken(Todotxt, "x 2026-11-20 2026-11-01 Buy milk +food due:2026-12-01\n");
    assert_eq!(edited.tasks[0].uid, uids[0]);
    // A line that has got what would be another's leaves that one another.
    let given = format!("Buy milk\nBuy milk uid:{}\n", uids[1]);
    let given = taken(Todotxt, &given);
    assert_eq!(given.tasks[1].uid, uids[1]);
    assert_eq!(given.tasks[0].uid, uids[2]);
    uids.sort_unstable();
    uids.dedup();
    assert_eq!(uids.len(), 4);
}

#[test]
fn subtasks_are_found_by_uid_and_by_name() {
    let parent = uid(1);
    let text = format!("a id:1\nb p:1\nc p:{parent}\nd p:9\n");
    let imported = taken(Todotxt, &text);
    let above: Vec<_> = imported.tasks.iter().map(|t| t.parent.map(|p: Parent| p.uid)).collect();
    assert_eq!(above, [None, Some(imported.tasks[0].uid), Some(parent), None]);
    assert_eq!(lost(&imported.losses), ["id", "p"]);
    let twice = format!("a\n\nb uid:{parent}\nc uid:{parent}");
    let error = format!("line 4, column 3: the uid {parent} is that of line 3 already");
    assert_eq!(refused(Todotxt, twice.as_bytes()), error);
}

/// A key that is older than what another program has done to the line says nothing.
#[test]
fn the_line_wins_over_our_keys() {
    let reopened = one(Todotxt, "2026-11-01 a completed:2026-11-19T101500.000Z");
    assert_eq!((reopened.title.as_str(), reopened.status), ("a", Status::Pending));
    let again = one(Todotxt, "x 2026-11-20 2026-11-01 a completed:2026-11-10T101500.000Z");
    assert_eq!(again.completed_at, Some(instant("2026-11-20T00:00:00Z")));
    let exact = one(Todotxt, "x 2026-11-20 2026-11-01 a cancelled:2026-11-20T101500.000Z");
    assert_eq!(exact.status, Status::Cancelled);
    assert_eq!(exact.cancelled_at, Some(instant("2026-11-20T10:15:00Z")));
    let done = one(Todotxt, "x 2026-11-20 2026-11-01 a status:in_progress");
    assert_eq!(done.status, Status::Completed);
}

/// The day of a line is read where the reader is.
#[test]
fn dates_are_meant_where_the_reader_is() {
    let text = b"x 2026-11-20 2026-11-01 a";
    let imported = import(Todotxt, &text[..], &reading(Zone::Asia__Karachi));
    let task = imported.expect("a line").tasks.remove(0);
    let midnight = |text| instant(text).plus_millis(-5 * DAY / 24);
    assert_eq!(task.created_at, midnight("2026-11-01T00:00:00Z"));
    assert_eq!(task.completed_at, Some(midnight("2026-11-20T00:00:00Z")));
}

#[test]
fn faults_have_their_place() {
    let faults: [(&[u8], &str); 9] = [
        (b"a\nb due:2026-02-30", "line 2, column 7: \"2026-02-30\" is not a date"),
        (b"\xc3\xa9\xc3\xa9 t:1969-01-01", "line 1, column 6: 1969-01-01 is out of range"),
        (b"a\r\n2100-01-01 b", "line 2, column 1: 2100-01-01 is out of range"),
        (b"a\rx 2026-13-01 b", "line 2, column 3: \"2026-13-01\" is not a date"),
        (b"a\n(A) 2026-11-01 ", "line 2, column 15: a task has a text, and here is none"),
        (b"a\nb\xff", "line 2, column 2: this is not UTF-8"),
        (b"\xff\xfea\0", "line 1, column 1: this looks like UTF-16; save the file in UTF-8"),
        (b"a\nb\0", "line 2, column 2: a NUL"),
        (
            b"BEGIN:VCALENDAR\n",
            "line 1, column 1: expected one task a line; this looks like iCalendar",
        ),
    ];
    for (bytes, wanted) in faults {
        let error = refused(Todotxt, bytes);
        assert!(error.starts_with(wanted), "{error}");
    }
    let control = refused(Todotxt, b"a \x1b[31mred");
    assert!(
        control.contains("line 1, column 1: title holds the control character U+001B"),
        "{control}"
    );
}

#[test]
fn lines_end_in_every_way_there_is() {
    let text = "\u{feff}a\r\nb\rc\n\n  \nd";
    let imported = read(Todotxt, text.as_bytes()).expect("four lines");
    assert_eq!(titles(&imported.tasks), ["a", "b", "c", "d"]);
    assert_eq!(taken(Todotxt, "").tasks, []);
    assert!(Timestamp::from_millis(0) < imported.tasks[0].created_at);
}

/// todo.sh takes the letter away with the line that it finishes.
#[test]
fn a_finished_line_without_a_letter_keeps_the_known_one() {
    let mut play = Play::new();
    let mut take = |text: &str, at: &str| {
        let reading = Reading { at: instant(at), ..reading(Zone::UTC) };
        let imported = import(Todotxt, text.as_bytes(), &reading).expect("todo.txt");
        play.done(&Command::Import(Import { tasks: imported.tasks, keeps: imported.keeps }));
        play.seen().tasks.into_values().next().expect("it is here")
    };
    let line = "2026-11-19 a uid:00000000-0000-0000-0000-000000000001";
    assert_eq!(take(&format!("(A) {line}"), "2026-11-20T08:00:00Z").priority, Priority::High);
    let done = take(&format!("x 2026-11-20 {line}"), "2026-11-20T09:00:00Z");
    assert_eq!((done.status, done.priority), (Status::Completed, Priority::High));
    let low = take(&format!("x 2026-11-20 {line} pri:C"), "2026-11-20T10:00:00Z");
    assert_eq!(low.priority, Priority::Low);
    let open = take(line, "2026-11-20T11:00:00Z");
    assert_eq!((open.status, open.priority), (Status::Pending, Priority::Medium));
}

/// What looks like a key of ours, and is another program's, is part of the text.
#[test]
fn keys_of_others_stay_in_the_title() {
    for (line, title) in [
        ("fix it id:PROJ-123", "fix it id:PROJ-123"),
        ("read p:5", "read p:5"),
        ("sleep h:3 more", "sleep h:3 more"),
        ("hide h:1 this", "hide this"),
    ] {
        let imported = taken(Todotxt, line);
        assert_eq!(titles(&imported.tasks), [title]);
        assert_eq!(lost(&imported.losses).len(), 1, "{line}");
        let again = taken(Todotxt, &written(Todotxt, &imported.tasks).0);
        assert_eq!(titles(&again.tasks), [title], "and is so when it comes back");
    }
    let tree = taken(Todotxt, "above id:A-1\nbelow p:A-1 id:A-2\n");
    assert_eq!(titles(&tree.tasks), ["above", "below id:A-2"]);
    assert_eq!(tree.tasks[1].parent.map(|parent| parent.uid), Some(tree.tasks[0].uid));
}

/// R9: of more than ten reminders, ten are taken.
#[test]
fn the_first_ten_reminders_are_taken() {
    let many: Vec<_> = (1..=11).map(|n| format!(" remind:-PT{n}H")).collect();
    let many = many.concat();
    let imported = taken(Todotxt, &format!("a due:2026-12-01{many}"));
    assert_eq!(imported.tasks[0].reminders.iter().count(), 10);
    assert_eq!(lost(&imported.losses), ["remind"]);
}
