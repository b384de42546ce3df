//! What another program has changed beside our words counts, and they go.

use todo_core::Task;
use todo_core::conformance::given::due;
use todo_core::reminder::Trigger;

use super::{losses, task};

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
