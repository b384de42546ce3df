//! R4 by schedule: the first slot that has not passed, and what was passed over is told.

use todo_core::conformance::given::{DAY, go};
use todo_core::conformance::uid;
use todo_core::recurrence::SKIPPED_LISTED;
use todo_core::{Status, Zone};

use super::{completed, day_and_time, every, slot, spawned, texts};
use crate::play::Play;

/// Rule, due, when it is completed, the next due, and how many are passed over. The asker is in
/// Karachi, five hours east of UTC.
const NEXT: &[(&str, &str, &str, &str, u32)] = &[
    // On time, early, and very early: the one after this.
    ("FREQ=DAILY", "2026-11-21", "2026-11-21T12:00:00Z", "2026-11-22", 0),
    ("FREQ=DAILY", "2026-11-21", "2026-11-20T12:00:00Z", "2026-11-22", 0),
    ("FREQ=WEEKLY", "2026-11-21", "2026-10-01T12:00:00Z", "2026-11-28", 0),
    // Late: all-day today is still offered, yesterday is not.
    ("FREQ=DAILY", "2026-11-18", "2026-11-21T12:00:00Z", "2026-11-21", 2),
    ("FREQ=DAILY", "2026-11-18", "2026-11-21T18:59:59.999Z", "2026-11-21", 2),
    ("FREQ=DAILY", "2026-11-18", "2026-11-21T19:00:00Z", "2026-11-22", 3),
    // A slot later today is offered, one that is due this instant has passed.
    ("FREQ=DAILY", "2026-11-20T08:00", "2026-11-21T02:45:00Z", "2026-11-21 08:00", 0),
    ("FREQ=DAILY", "2026-11-20T08:00", "2026-11-21T02:59:59.999Z", "2026-11-21 08:00", 0),
    ("FREQ=DAILY", "2026-11-20T08:00", "2026-11-21T03:00:00Z", "2026-11-22 08:00", 1),
    ("FREQ=DAILY", "2026-11-01T08:00", "2026-11-21T02:45:00Z", "2026-11-21 08:00", 19),
    // Weeks and months.
    ("FREQ=WEEKLY;BYDAY=MO,FR", "2026-11-20", "2026-11-21T12:00:00Z", "2026-11-23", 0),
    ("FREQ=WEEKLY;BYDAY=MO,FR", "2026-11-20", "2026-12-05T12:00:00Z", "2026-12-07", 4),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "2027-01-31", "2027-01-31T12:00:00Z", "2027-02-28", 0),
    ("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31", "2027-01-31T12:00:00Z", "2027-03-31", 0),
    ("FREQ=MONTHLY", "2027-01-31", "2027-01-31T12:00:00Z", "2027-03-31", 0),
    ("FREQ=MONTHLY;INTERVAL=2", "2026-11-30", "2027-02-01T12:00:00Z", "2027-03-30", 1),
    ("FREQ=YEARLY", "2028-02-29", "2028-02-29T12:00:00Z", "2032-02-29", 0),
    // Every other week stays on its weeks, however late it is done.
    ("FREQ=WEEKLY;INTERVAL=2", "2026-11-21", "2026-12-01T12:00:00Z", "2026-12-05", 0),
    ("FREQ=WEEKLY;INTERVAL=2", "2026-11-21", "2026-12-06T12:00:00Z", "2026-12-19", 1),
];

#[test]
fn r4_the_next_is_the_first_that_has_not_passed() {
    for (rule, due, now, expected, passed) in NEXT {
        let mut play = Play::with(due, every(rule));
        play.at(now);
        let done = play.on(uid(1), completed());
        let (id, _, skipped) = spawned(&done);
        let next = play.known(id);
        assert_eq!(day_and_time(next.due_date), *expected, "{rule} {due} {now}");
        assert_eq!(skipped.count, *passed, "{rule} {due} {now}: {skipped:?}");
        let n = next.recurrence.map(|recurrence| recurrence.n);
        assert_eq!(n, Some(2 + passed), "slots passed over count: {rule} {due} {now}");
    }
}

/// A day is over when it is over for the asker.
#[test]
fn r4_a_day_ends_where_the_asker_is() {
    let zones: [(Zone, &str); 3] = [
        (chrono_tz::Pacific::Kiritimati, "2026-11-22"),
        (chrono_tz::UTC, "2026-11-21"),
        (chrono_tz::Pacific::Pago_Pago, "2026-11-21"),
    ];
    for (zone, expected) in zones {
        let mut play = Play::with("2026-11-19", every("FREQ=DAILY"));
        play.ctx.zone = zone;
        let next = play.complete(uid(1));
        assert_eq!(day_and_time(next.due_date), expected, "{zone}");
    }
}

#[test]
fn r4_slots_passed_over_are_reported() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    play.later(4 * DAY);
    let done = play.on(uid(1), completed());
    let (_, place, skipped) = spawned(&done);
    assert_eq!(place, slot("2026-11-25"));
    assert_eq!(texts(&skipped.slots), ["2026-11-22", "2026-11-23", "2026-11-24"]);
    assert_eq!(
        (skipped.count, skipped.first, skipped.last),
        (3, Some(slot("2026-11-22")), Some(slot("2026-11-24")))
    );
}

/// All are counted, the first hundred are listed.
#[test]
fn r4_of_many_slots_passed_over_a_hundred_are_listed() {
    let mut play = Play::with("2006-11-21T09:00", every("FREQ=DAILY"));
    let done = play.on(uid(1), completed());
    let (_, place, skipped) = spawned(&done);
    assert_eq!(place, slot("2026-11-22T09:00:00"));
    // Twenty years of days, without the first, which was done, and with today's, which passed.
    assert_eq!(skipped.count, 20 * 365 + 5);
    assert_eq!(skipped.slots.len(), SKIPPED_LISTED);
    assert_eq!(skipped.first, Some(slot("2006-11-22T09:00:00")));
    assert_eq!(skipped.slots.last().copied(), Some(slot("2007-03-01T09:00:00")));
    assert_eq!(skipped.last, Some(slot("2026-11-21T09:00:00")));
}

/// A slot whose occurrence was finished already is neither made again nor passed over.
#[test]
fn r4_what_was_finished_is_not_passed_over() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let second = play.complete(uid(1));
    play.on(uid(1), go(Status::Pending));
    play.on(second.uid, todo_core::Verb::Restore);
    play.on(second.uid, completed());
    play.later(4 * DAY);
    let (_, place, skipped) = spawned(&play.on(uid(1), completed()));
    assert_eq!(place, slot("2026-11-25"));
    assert_eq!(texts(&skipped.slots), ["2026-11-23", "2026-11-24"], "the 22nd was done");
}
