//! What another program has changed beside our words counts, and they go.

use todo_core::conformance::given::due;
use todo_core::recurrence::Spawn;
use todo_core::reminder::Trigger;
use todo_core::{Command, Import, Task};

use super::{losses, read, task, todo};
use crate::play::Play;

fn triggers(task: &Task) -> Vec<Trigger> {
    task.reminders.iter().map(|reminder| reminder.trigger).collect()
}

/// A program that keeps parameters which it does not know leaves ours beside a rule of its own.
#[test]
fn a_new_rule_counts_beside_our_old_one() {
    let dates =
        "UID:00000000-0000-0000-0000-000000000001\nSUMMARY:a\nDTSTART:20261121\nDUE:20261121";
    let params = "X-TODO-RULE=\"FREQ=DAILY;COUNT=9\";X-TODO-ANCHOR=2026-11-19;X-TODO-N=3";
    let ours = task(&format!("{dates}\nRRULE;{params}:FREQ=DAILY;COUNT=7"));
    let ours = ours.recurrence.expect("it repeats");
    assert_eq!((ours.n, ours.rule.to_string().as_str()), (3, "FREQ=DAILY;COUNT=9"));
    for theirs in ["FREQ=WEEKLY;BYDAY=SA", "FREQ=DAILY;COUNT=5", "FREQ=DAILY"] {
        let lines = format!("{dates}\nRRULE;{params}:{theirs}");
        let read = task(&lines).recurrence.expect("it repeats");
        assert_eq!((read.n, read.rule.to_string().as_str()), (1, theirs));
        assert_eq!(read.anchor, due("2026-11-21"));
        assert_eq!(losses(&lines), ["RRULE"], "it is named");
    }
}

/// R9: a reminder that was set elsewhere is not the one that it was here.
#[test]
fn a_new_trigger_counts_beside_our_old_one() {
    let alarm = |due: &str, trigger: &str| {
        let alarm = format!("BEGIN:VALARM\nTRIGGER;RELATED=END;X-TODO-OFFSET=-P1D:{trigger}\n");
        triggers(&task(&format!("DUE:{due}\n{alarm}END:VALARM")))
    };
    let before = |text: &str| vec![Trigger::Offset(text.parse().expect("an offset"))];
    assert_eq!(alarm("20261121", "-PT15H"), before("-P1D"), "as it was written");
    assert_eq!(alarm("20261121", "-PT39H"), before("-P2D"), "a day earlier");
    assert_eq!(alarm("20261121T120000Z", "-PT15H"), before("-PT15H"), "a time of day now");
}

#[test]
fn a_new_start_counts_beside_our_old_one() {
    let start = |begins: &str, said: &str| {
        task(&format!("DUE:20261121\nDTSTART;X-TODO-START={said}:{begins}")).start_date
    };
    assert_eq!(start("20261121", "2026-11-22"), Some(due("2026-11-22")), "as it was written");
    assert_eq!(start("20261119", "2026-11-22"), Some(due("2026-11-19")));
    assert_eq!(start("20261119", "none"), Some(due("2026-11-19")));
    let moved = "UID:00000000-0000-0000-0000-000000000001\nSUMMARY:a\nDUE:20261121\n\
                 DTSTART;X-TODO-START=none:20261119";
    assert_eq!(losses(moved), ["X-TODO-START"], "it is named");
}

/// Takes over a calendar of one task, and answers the task as it is then.
fn taken_over(play: &mut Play, calendar: &str) -> Task {
    let imported = read(calendar);
    let uid = imported.tasks[0].uid;
    let import = Import { tasks: imported.tasks, keeps: imported.keeps };
    play.done(&Command::Import(import));
    play.seen().tasks.remove(&uid).expect("it is here")
}

/// Programs that drop what they do not know say nothing of it.
#[test]
fn what_was_dropped_is_kept() {
    let lines = "UID:00000000-0000-0000-0000-000000000001\nSUMMARY:a\nX-TODO-PROJECT:home\n\
                 CREATED:20261101T090000Z\nLAST-MODIFIED:20261121T090000Z\n\
                 DTSTART:20261121T080000Z\nDUE:20261121T080000Z\nX-TODO-ZONE:Europe/Berlin\n\
                 RRULE;X-TODO-ANCHOR=\"2026-11-19T09:00[Europe/Berlin]\";X-TODO-N=3:FREQ=DAILY\n\
                 X-TODO-FROM:schedule\nX-TODO-SPAWN:on_schedule\n\
                 BEGIN:VALARM\nTRIGGER:-PT15M\nX-TODO-CHANNEL:email\nX-TODO-REMINDER:4\nEND:VALARM";
    let mut play = Play::new();
    let first = taken_over(&mut play, &todo(lines));
    assert_eq!(first.recurrence.as_deref().map(|r| (r.n, r.spawn)), Some((3, Spawn::OnSchedule)));
    let kept = lines.split('\n').filter(|line| !line.starts_with("X-TODO"));
    let kept: Vec<_> = kept
        .map(|line| if line.starts_with("RRULE") { "RRULE:FREQ=DAILY" } else { line })
        .collect();
    let kept =
        kept.join("\n").replace("SUMMARY:a", "SUMMARY:b").replace("T090000Z\nDT", "T100000Z\nDT");
    let named = todo(&kept).replacen("VERSION", "X-WR-CALNAME:Family\nVERSION", 1);
    let second = taken_over(&mut play, &named);
    assert_eq!(second.title.as_str(), "b", "it was taken over");
    let same = Task {
        title: second.title.clone(),
        updated_at: second.updated_at,
        version: second.version,
        ..first
    };
    assert_eq!(second, same);
}

/// What we write of a task without a project says so.
#[test]
fn no_project_is_said() {
    let lines = "UID:00000000-0000-0000-0000-000000000001\nSUMMARY:a\nX-TODO-PROJECT:home\n\
                 LAST-MODIFIED:20261121T090000Z";
    let mut play = Play::new();
    assert!(taken_over(&mut play, &todo(lines)).project.is_some());
    let newer =
        todo(&lines.replace("T09", "T10")).replacen("VERSION", "X-WR-CALNAME:Family\nVERSION", 1);
    let inbox = newer.replace("PROJECT:home", "PROJECT:");
    assert_eq!(taken_over(&mut play, &inbox).project, None);
    let written = super::write(&[task("SUMMARY:a")]);
    assert!(written.contains("\r\nX-TODO-PROJECT:\r\n"), "{written}");
}
