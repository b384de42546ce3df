//! Fields, one by one.

use todo_core::conformance::given::{due, instant};
use todo_core::conformance::uid;
use todo_core::recurrence::{Basis, Spawn};
use todo_core::{Priority, Status, Tag};

use super::{AT, losses, lost, one, read, refused, task, todo};

#[test]
fn priorities_have_three_steps() {
    let priority = |n: &str| task(&format!("PRIORITY:{n}")).priority;
    for (numbers, expected) in
        [("1234", Priority::High), ("05", Priority::Medium), ("6789", Priority::Low)]
    {
        for n in numbers.chars() {
            assert_eq!(priority(&n.to_string()), expected, "{n}");
        }
    }
    assert_eq!(task("SUMMARY:a").priority, Priority::Medium);
    for (n, named) in [("1", false), ("5", false), ("9", false), ("2", true), ("10", true)] {
        let lost = losses(&format!("SUMMARY:a\nPRIORITY:{n}"));
        assert_eq!(lost.contains(&"PRIORITY".to_owned()), named, "{n}");
    }
}

#[test]
fn each_status_has_its_place() {
    for (lines, status) in [
        ("SUMMARY:a", Status::Pending),
        ("STATUS:NEEDS-ACTION", Status::Pending),
        ("STATUS:in-process", Status::InProgress),
        ("STATUS:COMPLETED", Status::Completed),
        ("STATUS:CANCELLED", Status::Cancelled),
        ("COMPLETED:20261101T100000Z", Status::Completed),
        ("PERCENT-COMPLETE:100", Status::Completed),
        ("STATUS:NEEDS-ACTION\nCOMPLETED:20261101T100000Z", Status::Pending),
        ("STATUS:DRAFT", Status::Pending),
    ] {
        let task = task(lines);
        assert_eq!(task.status, status, "{lines}");
        assert_eq!(task.completed_at.is_some(), status == Status::Completed, "{lines}");
        assert_eq!(task.cancelled_at.is_some(), status == Status::Cancelled, "{lines}");
    }
}

/// Where a file gives no time, its own last change is the time.
#[test]
fn times_are_kept_or_the_files() {
    let times = |lines: &str| {
        let task = task(lines);
        (task.created_at, task.updated_at)
    };
    let at = instant(AT);
    assert_eq!(times("SUMMARY:a"), (at, at));
    let stamp = instant("2026-01-02T03:04:05Z");
    assert_eq!(times("DTSTAMP:20260102T030405Z"), (stamp, stamp));
    let made = instant("2026-01-01T00:00:00Z");
    assert_eq!(times("CREATED:20260101T000000Z"), (made, at));
    assert_eq!(times("CREATED:20260101T000000Z\nLAST-MODIFIED:20260102T030405Z"), (made, stamp));
    // Of a message, the stamp is when it was sent.
    let message = todo("DTSTAMP:20260102T030405Z").replacen('\n', "\nMETHOD:PUBLISH\n", 1);
    assert_eq!(one(read(message)).updated_at, at);
}

#[test]
fn a_task_without_a_text_has_a_name() {
    assert_eq!(task("STATUS:NEEDS-ACTION").title.as_str(), "(no title)");
    assert_eq!(task("SUMMARY:\nDESCRIPTION:\\n first\\nsecond").title.as_str(), "first");
    assert_eq!(task("SUMMARY:two\\nlines").title.as_str(), "two lines");
    let long = task(&format!("SUMMARY:{}", "word ".repeat(200)));
    assert_eq!(long.title.as_str().chars().count(), 500);
    assert_eq!(long.description.map(|text| text.as_str().len()), Some(999));
}

/// RFC 5545 section 3.3.11, RFC 6868.
#[test]
fn escapes_are_undone() {
    let read = task("SUMMARY:a\\, b\\; c\\\\n \\: d:e\nCATEGORIES:x\\,y,,z\nCATEGORIES:w");
    assert_eq!(read.title.as_str(), "a, b; c\\n : d:e");
    let tags: Vec<_> = read.tags.iter().map(Tag::as_str).collect();
    assert_eq!(tags, ["x-y", "z", "w"]);
    let zone = "DUE;X=\"a;b:c\",d;TZID=\"Europe/Berlin\":20261121T170000";
    assert_eq!(task(zone).due_date, Some(due("2026-11-21T17:00[Europe/Berlin]")));
    let start = "DUE:20261121\nDTSTART;X-NOTE=^^^n^';X-TODO-START=\"2026-11-22\":20261121";
    assert_eq!(task(start).start_date, Some(due("2026-11-22")));
}

/// Folds may lie anywhere, inside a character too.
#[test]
fn folds_are_undone() {
    let text = "SUMMARY:Größe — 買い物 👩‍👩‍👧";
    for at in 8..text.len() {
        let mut bytes = todo("").into_bytes();
        let place = bytes.len() - "\nEND:VTODO\nEND:VCALENDAR\n".len();
        let folded = [&text.as_bytes()[..at], b"\r\n ", &text.as_bytes()[at..]].concat();
        bytes.splice(place..place, folded);
        assert_eq!(one(read(&bytes)).title.as_str(), &text[8..], "folded at {at}");
    }
}

#[test]
fn identities_are_derived() {
    let text = uid(1).to_string();
    assert_eq!(task(&format!("UID:{text}")).uid, uid(1));
    assert_eq!(task(&format!("UID:{}", text.to_uppercase())).uid, uid(1));
    let foreign = task("UID:20261121-7@example.org");
    assert_eq!(foreign.uid, task("UID:20261121-7@example.org\nSUMMARY:changed").uid);
    let child = task("RELATED-TO;RELTYPE=PARENT:20261121-7@example.org");
    assert_eq!(child.parent.map(|parent| parent.uid), Some(foreign.uid));
    // Without one, by what it says: equal ones are told apart, and found again.
    let twice = "SUMMARY:a\nEND:VTODO\nBEGIN:VTODO\nSUMMARY:a";
    let ids: Vec<_> = read(todo(twice)).tasks.iter().map(|task| task.uid).collect();
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0], task("SUMMARY:a\nSTATUS:COMPLETED").uid);
    assert_ne!(ids[0], task("SUMMARY:a\nCREATED:20261121T100000Z").uid);
    assert_eq!(losses("SUMMARY:a\nUID:x"), ["UID"]);
}

#[test]
fn relations_without_a_home_are_named() {
    for kind in ["CHILD", "SIBLING", "DEPENDS-ON", "FINISHTOSTART"] {
        let lines = format!("UID:{}\nSUMMARY:a\nRELATED-TO;RELTYPE={kind}:{}", uid(1), uid(2));
        assert_eq!(task(&lines).parent, None);
        assert_eq!(losses(&lines), ["RELATED-TO"], "{kind}");
    }
    // In a circle, somebody comes to the top.
    let circle = format!(
        "UID:{}\nRELATED-TO:{}\nEND:VTODO\nBEGIN:VTODO\nUID:{}\nRELATED-TO:{}",
        uid(1),
        uid(2),
        uid(2),
        uid(1)
    );
    let imported = read(todo(&circle));
    assert_eq!(lost(&imported.losses).last().map(|loss| loss.1), Some(1));
    let top: Vec<_> = imported.tasks.iter().map(|task| task.parent.is_none()).collect();
    assert_eq!(top, [true, false]);
}

/// What tasks cannot repeat by is kept as text, and named.
#[test]
fn rules_without_a_home_are_kept() {
    let rule = |lines: &str| {
        let lines = format!("UID:{}\nSUMMARY:a\nDUE:20261121\n{lines}", uid(1));
        let task = task(&lines);
        let text = task.description.map(|text| text.as_str().to_owned());
        (task.recurrence.is_some(), text, losses(&lines))
    };
    let text = |text: &str| Some(text.to_owned());
    let kept = |said: &str| (false, text(said), vec!["RRULE".to_owned()]);
    assert_eq!(rule("RRULE:FREQ=DAILY;BYHOUR=9,17"), kept("RRULE: FREQ=DAILY;BYHOUR=9,17"));
    assert_eq!(
        rule("RRULE:FREQ=YEARLY;BYWEEKNO=20\nRRULE:FREQ=DAILY"),
        kept("RRULE: FREQ=YEARLY;BYWEEKNO=20\nRRULE: FREQ=DAILY")
    );
    let dates = "RRULE:FREQ=DAILY\nEXDATE:20261122\nRDATE:20261224";
    assert_eq!(rule(dates), (true, None, vec!["RDATE".to_owned(), "EXDATE".to_owned()]));
    assert_eq!(rule("RRULE:freq=weekly;byday=mo"), (true, None, vec![]));
    let without = task("SUMMARY:a\nRRULE:FREQ=DAILY");
    assert_eq!((without.recurrence, without.due_date), (None, None));
    // A rule by DTSTART alone: that is when it is due.
    let start = task("DTSTART:20261121T090000Z\nRRULE:FREQ=DAILY");
    assert_eq!(start.due_date, Some(due("2026-11-21T14:00[Asia/Karachi]")));
    assert!(start.recurrence.is_some());
    assert_eq!(start.start_date, None);
}

/// Another program that passes the task on writes a new rule: what was said of the old one goes.
#[test]
fn our_words_hold_as_long_as_their_value() {
    let lines = "DTSTART:20261121\nDUE:20261121\nX-TODO-FROM:completion\n\
                 RRULE;X-TODO-RULE=\"FREQ=DAILY;COUNT=9\";X-TODO-N=3:FREQ=DAILY;COUNT=7";
    let kept = task(lines).recurrence.expect("it repeats");
    assert_eq!((kept.n, kept.rule.to_string().as_str()), (3, "FREQ=DAILY;COUNT=9"));
    assert_eq!((kept.from, kept.spawn), (Basis::Completion, Spawn::OnCompletion));
    let passed_on = lines.split("RRULE").next().expect("the lines before").to_owned();
    let moved = task(&format!("{passed_on}RRULE:FREQ=DAILY;COUNT=6")).recurrence;
    let moved = moved.expect("it repeats");
    assert_eq!((moved.n, moved.rule.to_string().as_str()), (1, "FREQ=DAILY;COUNT=6"));
    assert_eq!(moved.from, Basis::Completion);
    // A rule that completions cannot be counted by.
    let named = format!("UID:{}\n{passed_on}RRULE:FREQ=WEEKLY;BYDAY=MO", uid(1));
    let by_days = task(&named).recurrence.expect("it repeats");
    assert_eq!(by_days.from, Basis::Schedule);
    assert!(losses(&named).contains(&"X-TODO-FROM".to_owned()));
    // And what is not ours at all is named.
    for lines in ["X-TODO-SLOT:soon", "X-TODO-ZONE:Mars", "X-TODO-SERIES:1", "X-TODO-OTHER:1"] {
        let field = lines.split(':').next().expect("a name");
        assert!(losses(lines).contains(&field.to_owned()), "{lines}");
    }
}

#[test]
fn attachments_are_lines_or_named() {
    let lines = format!(
        "UID:{}\nSUMMARY:a\nATTACH:https://example.org/a.pdf\nATTACH;ENCODING=BASE64;VALUE=BINARY:QQ==\n\
         GEO:52.5;13.4\nCOMMENT:one\\, two",
        uid(1)
    );
    let task = task(&lines);
    assert_eq!(
        task.description.map(|text| text.as_str().to_owned()).as_deref(),
        Some("Attachment: https://example.org/a.pdf\nPosition: 52.5;13.4\nComment: one, two")
    );
    assert_eq!(losses(&lines), ["ATTACH", "ATTACH", "GEO", "COMMENT"]);
}

/// Outside the calendar there are no dates; no day that does not exist is taken for another.
#[test]
fn dates_outside_the_calendar_are_named() {
    let lines = format!("UID:{}\nSUMMARY:a\nDUE:21000101\nDTSTART:19691231T230000Z", uid(1));
    let task = task(&lines);
    assert_eq!((task.due_date, task.start_date), (None, None));
    assert_eq!(losses(&lines), ["DTSTART", "DUE"]);
    assert!(refused("DUE:20270230").contains("20270230"));
    // Several calendars in one file.
    let two = format!("{}{}", todo("SUMMARY:a"), todo("SUMMARY:b"));
    assert_eq!(read(two).tasks.len(), 2);
}
