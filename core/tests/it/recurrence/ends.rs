//! How a series ends: no more slots, COUNT, UNTIL; and that reopening goes on (R2, R4).

use todo_core::conformance::given::{DAY, go};
use todo_core::conformance::uid;
use todo_core::event::{EventData, EventType};
use todo_core::recurrence::Skipped;
use todo_core::{Command, ErrorCode, Item, Note, Status};

use super::{completed, every, repeating, slot, spawned_nothing, texts};
use crate::play::Play;

/// Rule, due, and the due dates of all its occurrences, each done on its own day.
const ENDS: &[(&str, &str, &[&str])] = &[
    ("FREQ=DAILY;COUNT=1", "2026-11-21", &["2026-11-21"]),
    ("FREQ=DAILY;COUNT=3", "2026-11-21", &["2026-11-21", "2026-11-22", "2026-11-23"]),
    // Slots count, not days: the first one is where the rule begins.
    ("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=2", "2026-11-21", &["2026-11-23", "2026-11-24"]),
    ("FREQ=DAILY;UNTIL=20261123", "2026-11-21", &["2026-11-21", "2026-11-22", "2026-11-23"]),
    // A date is the whole of that local day for a timed one.
    ("FREQ=DAILY;UNTIL=20261122", "2026-11-21T23:30", &["2026-11-21 23:30", "2026-11-22 23:30"]),
    // A wall time is inclusive, and one second less is not.
    (
        "FREQ=DAILY;UNTIL=20261122T090000",
        "2026-11-21T09:00",
        &["2026-11-21 09:00", "2026-11-22 09:00"],
    ),
    ("FREQ=DAILY;UNTIL=20261122T085959", "2026-11-21T09:00", &["2026-11-21 09:00"]),
    // UTC is an instant: nine in Karachi is four in UTC.
    (
        "FREQ=DAILY;UNTIL=20261122T040000Z",
        "2026-11-21T09:00",
        &["2026-11-21 09:00", "2026-11-22 09:00"],
    ),
    ("FREQ=DAILY;UNTIL=20261122T035959Z", "2026-11-21T09:00", &["2026-11-21 09:00"]),
    // The first may be the last, though UTC writes the day before for it.
    ("FREQ=DAILY;UNTIL=20261120T220000Z", "2026-11-21T02:00", &["2026-11-21 02:00"]),
    // Times against whole days: the day counts.
    ("FREQ=DAILY;UNTIL=20261122T000000", "2026-11-21", &["2026-11-21", "2026-11-22"]),
    ("FREQ=DAILY;UNTIL=20261122T000000Z", "2026-11-21", &["2026-11-21", "2026-11-22"]),
    // The calendar ends.
    ("FREQ=YEARLY", "2098-06-01", &["2098-06-01", "2099-06-01"]),
    ("FREQ=MONTHLY;INTERVAL=999", "2026-11-21", &["2026-11-21"]),
];

#[test]
fn r2_a_series_has_its_end() {
    for (rule, due, all) in ENDS {
        let mut play = Play::with(due, every(rule));
        let mut dues = Vec::new();
        let mut at = play.task(1);
        loop {
            dues.push(super::day_and_time(at.due_date));
            play.ctx.now = at.due_date.expect("it has one").starts(play.ctx.zone);
            let done = play.on(at.uid, completed());
            if spawned_nothing(&done) {
                let ended = Note::SeriesEnded { task: at.uid, skipped: Skipped::default() };
                assert_eq!(done.notes, [ended], "{rule} {due}");
                break;
            }
            at = play.known(super::spawned(&done).0);
        }
        assert_eq!(dues, *all, "{rule} {due}");
        assert!(play.known(at.uid).recurrence.is_some(), "the baton stays: {rule} {due}");
    }
}

/// `series.ended` says which, and what was passed over at its end.
#[test]
fn r4_the_end_is_told() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY;UNTIL=20261124"));
    play.later(30 * DAY);
    let done = play.on(uid(1), completed());
    assert!(spawned_nothing(&done));
    let last = done.events.last().expect("an event");
    assert_eq!((last.event_type, last.aggregate_id), (EventType::SeriesEnded, uid(1)));
    assert_eq!(last.causation_id, Some(done.events[0].event_id), "SPEC 9");
    let EventData::SeriesEnded { id, series, skipped_slots, .. } = &last.data else {
        panic!("{last:?}")
    };
    assert_eq!((id.0, Some(*series)), (1, play.task(1).series));
    assert_eq!(texts(&skipped_slots.slots), ["2026-11-22", "2026-11-23", "2026-11-24"]);
    let told = serde_json::to_value(last).expect("it is written as JSON");
    assert_eq!(told["event_type"], "series.ended");
}

/// The last one, open again, is as it was: completed again it ends again.
#[test]
fn r7_reopening_the_last_goes_on() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY;COUNT=2"));
    let last = play.complete(uid(1));
    play.on(last.uid, completed());
    play.on(last.uid, go(Status::Pending));
    let open = play.known(last.uid);
    assert_eq!((open.recurrence, open.slot), (last.recurrence, last.slot));
    // A rule with more to come makes it go on.
    play.patch(last.uid, super::set_rule(every("FREQ=DAILY;COUNT=3")));
    assert_eq!(play.complete(last.uid).slot, Some(slot("2026-11-23")));
}

/// A rule must come to something from the due date on.
#[test]
fn r2_a_rule_ends_no_earlier_than_it_begins() {
    let refused = [
        ("FREQ=DAILY;UNTIL=20261120", "2026-11-21", ErrorCode::UnsupportedRule),
        ("FREQ=DAILY;UNTIL=00010101", "2026-11-21", ErrorCode::UnsupportedRule),
        ("FREQ=DAILY;UNTIL=19700101T000000Z", "2026-11-21T09:00", ErrorCode::UnsupportedRule),
        // The same day, and yet before it.
        ("FREQ=DAILY;UNTIL=20261121T085959", "2026-11-21T09:00", ErrorCode::UnsupportedRule),
        ("FREQ=DAILY;UNTIL=20261120T205959Z", "2026-11-21T02:00", ErrorCode::UnsupportedRule),
        // It begins in time, but has no slot in time.
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261122", "2026-11-21", ErrorCode::RuleNeverMatches),
        ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", "2026-11-21", ErrorCode::RuleNeverMatches),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30", "2026-11-21", ErrorCode::RuleNeverMatches),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2097-01-01", ErrorCode::RuleNeverMatches),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "2026-11-21", ErrorCode::RuleNeverMatches),
    ];
    for (rule, due, code) in refused {
        let mut play = Play::new();
        let new = repeating(1, due, every(rule));
        let error = play.refused(&Command::One(Item::Create(Box::new(new))));
        assert_eq!(error.code(), code, "{rule} {due}: {error}");
        let named = if code == ErrorCode::UnsupportedRule { "UNTIL" } else { "never comes true" };
        assert!(error.to_string().contains(named), "{rule} {due}: {error}");
    }
}
