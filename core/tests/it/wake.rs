//! When the clock next has something to do with a task: laws of [`todo_core::wake`] (R5, R9, R10).

use std::collections::BTreeSet;

use chrono::NaiveTime;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::conformance::given::{DAY, MINUTE, ZONE, due, go, title};
use todo_core::conformance::{asked, cases, uid};
use todo_core::event::EventData;
use todo_core::recurrence::{Spawn, newest_come};
use todo_core::reminder::{Offset, Trigger, planned, settle};
use todo_core::{
    Command, NewRecurrence, NewReminder, NewTask, Preferences, Status, Task, Timestamp, Verb, Zone,
    wake,
};

use crate::play::Play;
use crate::recurrence::given::zone;

/// Later than anything that a task of these laws plans.
const LATER: i64 = 60 * 366 * DAY;

/// What the clock has brought to a task by an instant: its reminders, and the next of its series.
fn brought(
    task: &Task,
    preferences: &Preferences,
    zone: Zone,
    at: Timestamp,
) -> BTreeSet<Option<(u32, Timestamp)>> {
    let planned = planned(task, preferences, zone).into_iter();
    let reminders = planned.filter(|planned| settle(task, *planned, at, zone).is_some());
    let mut brought: BTreeSet<_> = reminders.map(|p| Some((p.reminder.0, p.at))).collect();
    let baton = task.recurrence.as_ref().filter(|r| r.spawn == Spawn::OnSchedule);
    if let Some(baton) = baton.filter(|_| task.trash.is_none())
        && newest_come(baton, baton.position(task.slot), at, zone).is_some()
    {
        brought.insert(None);
    }
    brought
}

fn preferences() -> impl Strategy<Value = Preferences> {
    let times = [(0, 0), (0, 30), (2, 30), (9, 0), (23, 59)];
    select(times.to_vec()).prop_map(|(hour, minute)| {
        let all_day_time = NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
        Preferences { all_day_time, ..Preferences::default() }
    })
}

/// Around the time of the suite's tasks, and any other.
fn now() -> impl Strategy<Value = Timestamp> {
    let noon = todo_core::conformance::given::instant("2026-11-21T12:00:00Z");
    prop_oneof![
        4 => -20 * DAY..20 * DAY,
        1 => -LATER / 2..LATER / 2,
    ]
    .prop_map(move |after| noon.plus_millis(after))
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// Until `next` nothing comes, and with it something does: as settling reminders and making
    /// what follows say themselves. What they say only grows, so these instants stand for all.
    #[test]
    fn next_is_when_something_comes(
        task in asked::task(),
        preferences in preferences(),
        zone in zone(),
        now in now(),
        exactly in any::<bool>(),
    ) {
        // Just as often, one of the instants at which something comes.
        let known = planned(&task, &preferences, zone).first().map(|planned| planned.at);
        let now = known.filter(|_| exactly).unwrap_or(now);
        let by = |at| brought(&task, &preferences, zone, at);
        if let Some(next) = wake::next(&task, &preferences, zone, now) {
            prop_assert!(next > now);
            prop_assert_eq!(by(next.plus_millis(-1)), by(now), "before {}", next);
            prop_assert!(by(next) != by(now), "at {}", next);
        } else {
            prop_assert_eq!(by(now.plus_millis(LATER)), by(now));
        }
    }

    /// What is kept at a write is never too late, whatever the owner prefers.
    #[test]
    fn earliest_is_a_bound(
        task in asked::task(),
        preferences in preferences(),
        zone in zone(),
        now in now(),
    ) {
        let next = wake::next(&task, &preferences, zone, now);
        let earliest = wake::earliest(&task, zone);
        if let Some(next) = next {
            prop_assert!(earliest.is_some_and(|earliest| earliest <= next), "{:?}", earliest);
        }
        let begun = by_the_beginning(&task, &preferences, zone, earliest);
        prop_assert!(begun.is_empty(), "{:?} before {:?}", begun, earliest);
    }
}

/// What has come before anything should.
fn by_the_beginning(
    task: &Task,
    preferences: &Preferences,
    zone: Zone,
    earliest: Option<Timestamp>,
) -> BTreeSet<Option<(u32, Timestamp)>> {
    let forever = Timestamp::from_millis(i64::MAX / 4);
    let before = earliest.map_or(forever, |at| at.plus_millis(-1));
    brought(task, preferences, zone, before)
}

/// A task that reminds, or is followed by others, within some days, on whole half hours.
fn given(k: u8) -> impl Strategy<Value = NewTask> {
    let date = select(vec![
        "2026-11-22",
        "2026-11-23",
        "2026-11-21T18:00+05:00[Asia/Karachi]",
        "2026-11-22T00:30+01:00[Europe/Berlin]",
    ]);
    let reminder = prop_oneof![
        4 => (0..3_u32, 0..40_u32).prop_map(|(days, halves)| {
            Trigger::Offset(Offset::before(days, halves * 1_800).expect("an offset"))
        }),
        1 => (0..150_i64).prop_map(|halves| {
            let noon = todo_core::conformance::given::instant("2026-11-21T12:00:00Z");
            Trigger::At(noon.plus_millis(halves * 30 * MINUTE))
        }),
    ];
    let repeats = prop_oneof![Just(None), Just(Some("FREQ=DAILY")), Just(Some("FREQ=WEEKLY"))];
    let start = prop_oneof![3 => Just(None), 1 => Just(Some("2026-11-22"))];
    (date, vec(reminder.prop_map(NewReminder::new), 0..4), repeats, start).prop_map(
        move |(date, reminders, rule, start)| NewTask {
            due_date: Some(due(date)),
            start_date: start.map(due),
            reminders: Some(reminders),
            recurrence: rule.map(|rule| NewRecurrence {
                spawn: Spawn::OnSchedule,
                ..NewRecurrence::new(rule.parse().expect("a rule"))
            }),
            ..NewTask::new(uid(k), title("Water the plants"))
        },
    )
}

/// What a scheduler does with these tasks; answers what came of it.
fn look(play: &mut Play, tasks: &[Task]) -> Vec<String> {
    let uids: BTreeSet<_> = tasks.iter().map(|task| task.uid).collect();
    let mut events = play.done(&Command::SpawnDue(uids.clone())).events;
    events.extend(play.done(&Command::Remind(uids)).events);
    events
        .iter()
        .map(|event| match &event.data {
            EventData::Reminded { firing, .. } => format!("{:?}", (event.timestamp, firing)),
            data => format!("{:?}", (event.timestamp, event.aggregate_id, data)),
        })
        .collect()
}

fn tasks(play: &Play) -> Vec<Task> {
    play.facts().tasks.into_values().collect()
}

proptest! {
    #![proptest_config(cases(48))]

    /// From one instant to the next, the same happens at the same times as to one who looks at
    /// everything all the time.
    #[test]
    fn walking_misses_nothing(news in (given(1), given(2), given(3)), closed in any::<bool>()) {
        let mut always = Play::new();
        for new in [news.0, news.1, news.2] {
            always.create(new);
        }
        if closed {
            always.act(2, go(Status::Completed));
        }
        let mut walking = always.clone();
        let (begin, end) = (always.ctx.now, always.ctx.now.plus_millis(4 * DAY));

        let mut seen = Vec::new();
        while always.ctx.now <= end {
            // What is made may remind at once.
            for _ in 0..2 {
                let all = tasks(&always);
                seen.extend(look(&mut always, &all));
            }
            always.later(30 * MINUTE);
        }

        let mut walked = Vec::new();
        let mut looks = 0;
        walking.ctx.now = begin;
        let zone = walking.ctx.zone;
        // As each write leaves it.
        let mut wakes: Vec<_> = tasks(&walking)
            .into_iter()
            .map(|task| (task.uid, wake::earliest(&task, zone)))
            .collect();
        while let Some(at) = wakes.iter().filter_map(|(_, at)| *at).min().filter(|at| *at <= end) {
            looks += 1;
            walking.ctx.now = walking.ctx.now.max(at);
            let now = walking.ctx.now;
            let come: BTreeSet<_> =
                wakes.iter().filter(|(_, at)| at.is_some_and(|at| at <= now)).map(|w| w.0).collect();
            let before = tasks(&walking);
            let some: Vec<_> = before.iter().filter(|t| come.contains(&t.uid)).cloned().collect();
            walked.extend(look(&mut walking, &some));
            wakes = tasks(&walking)
                .into_iter()
                .map(|task| {
                    let kept = wakes.iter().find(|(uid, _)| *uid == task.uid);
                    let same = before.contains(&task);
                    let at = match kept {
                        Some((_, at)) if same && !come.contains(&task.uid) => *at,
                        _ if same => wake::next(&task, &walking.ctx.preferences, zone, now),
                        _ => wake::earliest(&task, zone),
                    };
                    (task.uid, at)
                })
                .collect();
            prop_assert!(looks < 200, "no look leads to itself");
        }
        seen.sort();
        walked.sort();
        prop_assert_eq!(walked, seen);
    }
}

fn made(new: NewTask) -> (Play, Task) {
    let mut play = Play::new();
    let task = play.create(new);
    (play, task)
}

/// R10: what is closed, gone or without a plan is not looked at, and what is open again is.
#[test]
fn r10_only_what_is_open_wakes() {
    let at = due("2026-11-22T18:00+05:00[Asia/Karachi]");
    let (mut play, task) =
        made(NewTask { due_date: Some(at), ..NewTask::new(uid(1), title("Dentist")) });
    let instant = at.starts(ZONE);
    let now = play.ctx.now;
    let both = |task: &Task| {
        (wake::earliest(task, ZONE), wake::next(task, &Preferences::default(), ZONE, now))
    };
    assert_eq!(both(&task), (Some(instant), Some(instant)));
    for verb in [go(Status::Completed), go(Status::Cancelled), Verb::Delete] {
        let mut play = play.clone();
        play.act(1, verb);
        assert_eq!(both(&play.task(1)), (None, None));
        play.undo();
        assert_eq!(both(&play.task(1)), (Some(instant), Some(instant)));
    }
    let later = play.ctx.now.plus_millis(DAY / 2);
    play.act(1, Verb::Snooze { until: later });
    assert_eq!(both(&play.task(1)), (Some(later), Some(later)));
}

/// R9: an all-day due counts from a time that only a profile knows; until then its day's first
/// instant is kept.
#[test]
fn r9_an_all_day_due_wakes_with_its_day_at_the_earliest() {
    let reminders = Some(vec![NewReminder::new(Trigger::Offset(Offset::ZERO))]);
    let new = NewTask {
        due_date: Some(due("2026-11-23")),
        reminders,
        ..NewTask::new(uid(1), title("x"))
    };
    let (play, task) = made(new);
    let first = todo_core::conformance::given::instant("2026-11-22T19:00:00Z");
    assert_eq!(wake::earliest(&task, ZONE), Some(first));
    let next = wake::next(&task, &Preferences::default(), ZONE, play.ctx.now);
    assert_eq!(next, Some(first.plus_millis(9 * 60 * MINUTE)));
}

/// R5, R7: a slot stays a whole day when the series gets a time, and the next one may be later on
/// that day: at the time that the anchor's zone shows, whatever the owner's does.
#[test]
fn r5_a_series_of_days_that_got_a_time_wakes_on_that_day() {
    let (_, mut task) = made(NewTask {
        due_date: Some(due("2026-04-24T02:00+03:00[Africa/Cairo]")),
        recurrence: Some(NewRecurrence {
            spawn: Spawn::OnSchedule,
            ..NewRecurrence::new("FREQ=DAILY".parse().expect("a rule"))
        }),
        ..NewTask::new(uid(1), title("x"))
    });
    task.slot = Some("2026-11-20".parse().expect("a slot"));
    let instant = todo_core::conformance::given::instant;
    // Also where that time is midnight by UTC.
    let comes = instant("2026-11-20T00:00:00Z");
    let havana = chrono_tz::America::Havana;
    let before = instant("2026-11-19T12:00:00Z");
    let next = wake::next(&task, &Preferences::default(), havana, before);
    assert_eq!(next, Some(comes));
    assert!(wake::earliest(&task, havana).is_some_and(|earliest| earliest <= comes));
}
