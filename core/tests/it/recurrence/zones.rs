//! R3, R8: a daily task in places whose clocks jump. Wall time stays; a time that is skipped is read
//! with the offset before the gap, one that is there twice is the earlier; no day is lost.

use chrono::Days;
use todo_core::recurrence::{Slots, coming};
use todo_core::{Due, Rule, Slot};

use super::{completed, day_and_time, due, every, spawned};
use crate::play::Play;
use todo_core::conformance::uid;

/// Zone, the first wall time, and when a daily task is due from then on.
const DAILY: &[(&str, &str, &str)] = &[
    (
        "Africa/Cairo",
        "2026-04-22T00:00",
        "04-22T00:00+02:00 04-23T00:00+02:00 04-24T01:00+03:00 04-25T00:00+03:00",
    ),
    (
        "Africa/Cairo",
        "2026-04-22T00:30",
        "04-22T00:30+02:00 04-23T00:30+02:00 04-24T01:30+03:00 04-25T00:30+03:00",
    ),
    ("Africa/Cairo", "2026-10-28T23:30", "10-28T23:30+03:00 10-29T23:30+03:00 10-30T23:30+02:00"),
    (
        "Asia/Beirut",
        "2026-03-27T00:00",
        "03-27T00:00+02:00 03-28T00:00+02:00 03-29T01:00+03:00 03-30T00:00+03:00",
    ),
    (
        "America/Havana",
        "2026-03-06T00:30",
        "03-06T00:30-05:00 03-07T00:30-05:00 03-08T01:30-04:00 03-09T00:30-04:00",
    ),
    (
        "America/Havana",
        "2026-10-30T00:30",
        "10-30T00:30-04:00 10-31T00:30-04:00 11-01T00:30-04:00 11-02T00:30-05:00",
    ),
    (
        "America/Havana",
        "2026-10-30T01:00",
        "10-30T01:00-04:00 10-31T01:00-04:00 11-01T01:00-05:00 11-02T01:00-05:00",
    ),
    (
        "America/Santiago",
        "2026-09-04T00:00",
        "09-04T00:00-04:00 09-05T00:00-04:00 09-06T01:00-03:00 09-07T00:00-03:00",
    ),
    (
        "America/Santiago",
        "2026-04-03T23:30",
        "04-03T23:30-03:00 04-04T23:30-03:00 04-05T23:30-04:00",
    ),
    (
        "Atlantic/Azores",
        "2026-10-23T00:30",
        "10-23T00:30+00:00 10-24T00:30+00:00 10-25T00:30+00:00 10-26T00:30-01:00",
    ),
    (
        "Atlantic/Azores",
        "2026-03-27T00:30",
        "03-27T00:30-01:00 03-28T00:30-01:00 03-29T01:30+00:00 03-30T00:30+00:00",
    ),
    (
        "Australia/Lord_Howe",
        "2026-10-02T02:15",
        "10-02T02:15+10:30 10-03T02:15+10:30 10-04T02:45+11:00 10-05T02:15+11:00",
    ),
    (
        "Australia/Lord_Howe",
        "2026-04-03T01:45",
        "04-03T01:45+11:00 04-04T01:45+11:00 04-05T01:45+11:00 04-06T01:45+10:30",
    ),
    (
        "Africa/Casablanca",
        "2026-02-13T02:30",
        "02-13T02:30+01:00 02-14T02:30+01:00 02-15T02:30+01:00 02-16T02:30+00:00",
    ),
    (
        "Africa/Casablanca",
        "2026-03-20T02:30",
        "03-20T02:30+00:00 03-21T02:30+00:00 03-22T03:30+01:00 03-23T02:30+01:00",
    ),
    (
        "Pacific/Apia",
        "2011-12-28T09:00",
        "12-28T09:00-10:00 12-29T09:00-10:00 12-31T09:00+14:00 01-01T09:00+14:00",
    ),
    ("Pacific/Apia", "2026-01-30T09:00", "01-30T09:00+13:00 01-31T09:00+13:00 02-01T09:00+13:00"),
    (
        "Pacific/Kiritimati",
        "2026-12-30T00:00",
        "12-30T00:00+14:00 12-31T00:00+14:00 01-01T00:00+14:00",
    ),
    (
        "Asia/Karachi",
        "2008-05-30T00:00",
        "05-30T00:00+05:00 05-31T00:00+05:00 06-01T01:00+06:00 06-02T00:00+06:00",
    ),
    (
        "Asia/Karachi",
        "2008-10-30T23:30",
        "10-30T23:30+06:00 10-31T23:30+06:00 11-01T23:30+05:00 11-02T23:30+05:00",
    ),
    (
        "Asia/Tehran",
        "2022-03-20T00:15",
        "03-20T00:15+03:30 03-21T00:15+03:30 03-22T01:15+04:30 03-23T00:15+04:30",
    ),
    (
        "America/Asuncion",
        "2024-10-04T00:00",
        "10-04T00:00-04:00 10-05T00:00-04:00 10-06T01:00-03:00 10-07T00:00-03:00",
    ),
    (
        "America/New_York",
        "2026-03-06T02:30",
        "03-06T02:30-05:00 03-07T02:30-05:00 03-08T03:30-04:00 03-09T02:30-04:00",
    ),
    (
        "America/New_York",
        "2026-10-30T01:30",
        "10-30T01:30-04:00 10-31T01:30-04:00 11-01T01:30-04:00 11-02T01:30-05:00",
    ),
    (
        "Europe/Berlin",
        "2026-03-27T02:30",
        "03-27T02:30+01:00 03-28T02:30+01:00 03-29T03:30+02:00 03-30T02:30+02:00",
    ),
];

/// `04-24T01:00+03:00`.
fn shown(due: Due) -> String {
    let text = due.date_text();
    format!("{}{}", &text[5..16], &text[19..])
}

#[test]
fn r3_no_clock_makes_a_day_go_missing() {
    for (zone, first, expected) in DAILY {
        let expected: Vec<_> = expected.split(' ').collect();
        let found = super::calendar::occurrences("FREQ=DAILY", &format!("{first}[{zone}]"));
        let found: Vec<_> = found.take(expected.len()).map(shown).collect();
        assert_eq!(found, expected, "{zone} from {first}");
    }
}

/// The same on the way of a task that is completed day by day: nothing drifts.
#[test]
fn r8_completing_day_by_day_does_not_drift() {
    for (zone, first, expected) in DAILY {
        let mut play = Play::with(&format!("{first}[{zone}]"), every("FREQ=DAILY"));
        let mut task = play.task(1);
        let mut found = vec![shown(task.due_date.expect("it is due"))];
        for _ in expected.split(' ').skip(1) {
            play.ctx.now = task.due_date.expect("it is due").starts(play.ctx.zone);
            task = play.complete(task.uid);
            found.extend(task.due_date.map(shown));
        }
        assert_eq!(found.join(" "), *expected, "{zone} from {first}");
    }
}

/// The day that Samoa had not: its slot and the next day's are one instant, which counts once.
#[test]
fn r3_the_day_that_samoa_skipped() {
    let mut play = Play::new();
    play.at("2011-12-28T00:00:00Z");
    let new = super::repeating(1, "2011-12-29T09:00[Pacific/Apia]", every("FREQ=DAILY"));
    play.create(new);
    play.ctx.now = play.task(1).due_date.expect("it is due").starts(play.ctx.zone);
    let done = play.on(uid(1), completed());
    let (second, slot, skipped) = spawned(&done);
    assert_eq!((slot.to_string().as_str(), skipped.count), ("2011-12-30T09:00:00", 0));
    assert_eq!(play.known(second).due_date, Some(due("2011-12-31T09:00[Pacific/Apia]")));
    play.ctx.now = play.known(second).due_date.expect("it is due").starts(play.ctx.zone);
    let third = play.complete(second);
    assert_eq!(day_and_time(third.due_date), "2012-01-01 09:00");
    // The slot that fell on the same instant is counted all the same.
    assert_eq!(third.recurrence.map(|baton| baton.n), Some(4));
}

/// Other rules meet the gap as well: by weekday, by month, and every ten years.
#[test]
fn r3_rules_of_every_kind_meet_the_gap() {
    let met = [
        ("FREQ=WEEKLY;BYDAY=FR", "2026-04-17T00:00[Africa/Cairo]", 1, "04-24T01:00+03:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=24", "2026-03-24T00:15[Africa/Cairo]", 1, "04-24T01:15+03:00"),
        ("FREQ=MONTHLY;BYDAY=-1SU", "2026-02-22T00:00[Asia/Beirut]", 1, "03-29T01:00+03:00"),
        ("FREQ=MONTHLY;BYDAY=2SU", "2026-02-08T00:30[America/Havana]", 1, "03-08T01:30-04:00"),
        ("FREQ=YEARLY", "2024-09-06T00:00[America/Santiago]", 2, "09-06T01:00-03:00"),
        ("FREQ=YEARLY;INTERVAL=2", "2024-10-25T00:30[Atlantic/Azores]", 1, "10-25T00:30+00:00"),
    ];
    for (rule, first, nth, expected) in met {
        let found = super::calendar::occurrences(rule, first).nth(nth).map(shown);
        assert_eq!(found.as_deref(), Some(expected), "{rule} from {first}");
    }
}

/// All-day tasks know no clock: every day is there in every zone, the one that Samoa skipped too.
#[test]
fn r8_whole_days_know_no_clock() {
    let anchor = due("2011-12-28");
    let rule: Rule = "FREQ=DAILY".parse().expect("a rule");
    let days: Vec<_> = Slots::from(&rule, anchor, Slot::of(anchor)).take(5).collect();
    let expected = (0..5).map(|n| anchor.wall_day() + Days::new(n)).map(Slot::Day);
    assert_eq!(days, expected.collect::<Vec<_>>());
    // On the first instant of a day that has no midnight, it is that day's turn.
    let mut play = Play::with("2026-04-23", super::on_schedule("FREQ=DAILY"));
    play.ctx.zone = chrono_tz::Africa::Cairo;
    play.at("2026-04-23T21:59:59.999Z");
    assert!(play.spawn().changed.is_empty());
    play.at("2026-04-23T22:00:00Z");
    assert_eq!(spawned(&play.spawn()).1, super::slot("2026-04-24"));
}

/// R8: where the owner lives now moves no task.
#[test]
fn r8_the_profile_zone_changes_no_task() {
    let mut play = Play::with("2026-11-21T18:00", every("FREQ=DAILY"));
    let before = play.task(1).due_date.expect("it is due");
    play.ctx.zone = chrono_tz::America::Havana;
    play.ctx.now = before.starts(play.ctx.zone);
    let next = play.complete(uid(1)).due_date;
    assert_eq!(next, before.plus_days(1));
    let series = play.task(1);
    assert_eq!(series.due_date, Some(before));
    let recurrence = play.living().into_iter().find_map(|task| task.recurrence).expect("a baton");
    let slot = series.slot.expect("it has one");
    assert!(coming(&recurrence, slot).take(9).all(|next| next.due.zone() == before.zone()));
}
