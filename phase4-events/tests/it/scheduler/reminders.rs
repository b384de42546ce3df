//! R9, R10: reminders, as the clock goes and as people change their plans.

use chrono::NaiveTime;
use todo_core::conformance::given::{DAY, MINUTE, ZONE, due, go, instant, title};
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::reminder::{FiringFate, Offset, Trigger};
use todo_core::{NewReminder, NewTask, Owner, Patch, Status, TaskPatch, Timestamp, Verb, Zone};
use todo_store::accounts::{By, Email, NewUser, PasswordHash, Profile, ProfilePatch};
use uuid::Uuid;

use super::given::{Place, fates, firings, on_both, settle};

/// 18:00 on the next day, where the suite's owners are.
const DUE: &str = "2026-11-22T18:00+05:00[Asia/Karachi]";
const HOUR: i64 = 60 * MINUTE;

/// A task that reminds so many seconds before it is due.
pub(super) fn reminding(k: u8, text: &str, before: &[u32]) -> NewTask {
    let offset = |seconds: &u32| Offset::before(0, *seconds).expect("an offset");
    let reminders = before.iter().map(|s| NewReminder::new(Trigger::Offset(offset(s))));
    let new = NewTask::new(uid(k), title("Dentist"));
    NewTask { due_date: Some(due(text)), reminders: Some(reminders.collect()), ..new }
}

/// R10: never early, once, and then nothing is looked at any more.
async fn r10_in_time_and_once(place: &Place) {
    let ann = Stage::new(&place.store);
    ann.create(reminding(1, DUE, &[0, 3_600])).await;
    let at = due(DUE).starts(ZONE);
    let hour = at.plus_millis(-HOUR);
    let mut scheduler = place.scheduler();
    for (now, looked) in [
        (hour.plus_millis(-1), 0),
        (hour, 1),
        (hour.plus_millis(MINUTE), 0),
        (at.plus_millis(-1), 0),
        (at.plus_millis(200), 1),
        (at.plus_millis(DAY), 0),
    ] {
        place.set(now);
        assert_eq!(settle(&mut scheduler).await, looked, "{now}");
    }
    let fired = firings(&place.store, OWNERS[0], uid(1)).await;
    assert_eq!(fates(&fired), [(hour, FiringFate::Sent), (at, FiringFate::Sent)]);
    assert_eq!(fired[1].settled_at, at.plus_millis(200));
}

/// SPEC 9: it sleeps until the next instant, and a second at most.
async fn it_sleeps_until_the_next(place: &Place) {
    let ann = Stage::new(&place.store);
    ann.create(reminding(1, DUE, &[0])).await;
    let at = due(DUE).starts(ZONE);
    let mut scheduler = place.scheduler();
    place.set(at.plus_millis(-400));
    let round = scheduler.round().await.expect("no outage");
    assert!(round.looked == 0 && round.rest.as_millis() <= 400, "{round:?}");
    place.set(at.plus_millis(-HOUR));
    let round = scheduler.round().await.expect("no outage");
    assert_eq!((round.looked, round.rest.as_secs()), (0, 1));
}

/// R10: after downtime those within 24 h are sent once, flagged late; older ones are missed.
async fn r10_after_downtime(place: &Place) {
    let ann = Stage::new(&place.store);
    let at = due(DUE).starts(ZONE);
    for (k, after) in [(1, 10 * MINUTE), (2, 2 * DAY)] {
        let text = due(DUE).in_zone(Zone::UTC);
        ann.create(NewTask { due_date: Some(text), ..reminding(k, DUE, &[0]) }).await;
        place.set(at.plus_millis(after));
        // Another process: what the one before remembered is gone.
        settle(&mut place.scheduler()).await;
        settle(&mut place.scheduler()).await;
    }
    for (k, fate) in [(1, FiringFate::Late), (2, FiringFate::Missed)] {
        assert_eq!(fates(&firings(&place.store, OWNERS[0], uid(k)).await), [(at, fate)]);
    }
}

/// R10: what is done, given up, deleted or not begun sends nothing, and what is put off reminds then.
async fn r10_only_of_what_is_to_be_done(place: &Place) {
    let mut ann = Stage::new(&place.store);
    let at = due(DUE).starts(ZONE);
    for k in 1..=6 {
        ann.create(reminding(k, DUE, &[0])).await;
    }
    let later = due("2026-11-24T18:00+05:00[Asia/Karachi]");
    let put_off = TaskPatch { due_date: Patch::Set(later), ..TaskPatch::default() };
    let hidden = TaskPatch { start_date: Patch::Set(later), ..TaskPatch::default() };
    let until = at.plus_millis(HOUR);
    ann.later(MINUTE);
    ann.act(1, go(Status::Completed)).await;
    ann.act(2, go(Status::Cancelled)).await;
    ann.act(3, Verb::Delete).await;
    ann.act(4, Verb::Change(Box::new(put_off))).await;
    ann.act(5, Verb::Change(Box::new(hidden))).await;
    ann.act(6, Verb::Snooze { until }).await;
    let mut scheduler = place.scheduler();
    let mut told = Vec::new();
    for now in [at, until, later.starts(ZONE)] {
        place.set(now);
        settle(&mut scheduler).await;
        let mut fired = Vec::new();
        for k in 1..=6 {
            fired.push(firings(&place.store, OWNERS[0], uid(k)).await.len());
        }
        told.push(fired);
    }
    assert_eq!(told, [[0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 2], [0, 0, 0, 1, 0, 2]]);
}

/// R10: a clock that is set does nothing twice, and nothing early.
async fn r10_the_clock_is_set(place: &Place) {
    let ann = Stage::new(&place.store);
    let at = due(DUE).starts(ZONE);
    ann.create(reminding(1, DUE, &[0])).await;
    ann.create(reminding(2, "2026-11-22T18:30+05:00[Asia/Karachi]", &[0])).await;
    let mut scheduler = place.scheduler();
    for (now, counts) in [
        (at, (1, 0)),
        (at.plus_millis(-HOUR), (1, 0)),
        (at, (1, 0)),
        (at.plus_millis(HOUR), (1, 1)),
        (at.plus_millis(30 * MINUTE), (1, 1)),
    ] {
        place.set(now);
        settle(&mut scheduler).await;
        let one = firings(&place.store, OWNERS[0], uid(1)).await;
        let two = firings(&place.store, OWNERS[0], uid(2)).await;
        assert_eq!((one.len(), two.len()), counts, "{now}");
    }
    let two = firings(&place.store, OWNERS[0], uid(2)).await;
    assert_eq!(two[0].fate, FiringFate::Late, "the clock passed over it");
}

fn by(at: &str) -> By {
    By::user(instant(at), Uuid::nil())
}

/// An account in Berlin.
async fn berliner(place: &Place) -> Owner {
    let owner = Owner(Uuid::from_u128(0xbe));
    let profile = Profile { zone: chrono_tz::Europe::Berlin, ..Profile::default() };
    let email = Email::new("ann@example.org").expect("an address");
    let user = NewUser { owner, email, password: PasswordHash::new("x".to_owned()), profile };
    place.store.create_user(&user, &by("2026-01-01T00:00:00Z")).await.expect("a new user");
    owner
}

/// R8, R9: clocks change on 2027-03-28 in Berlin; what counts on the wall follows.
async fn r9_when_clocks_change(place: &Place) {
    let owner = berliner(place).await;
    let mut ann = Stage::of(&place.store, owner);
    ann.ctx.zone = chrono_tz::Europe::Berlin;
    // Across the gap: a day before on the wall, an hour before in truth, a day as such.
    let day = |days| vec![NewReminder::new(Trigger::Offset(Offset::before(days, 0).expect("one")))];
    let at = "2027-03-28T12:00+02:00[Europe/Berlin]";
    ann.create(NewTask { reminders: Some(day(1)), ..reminding(1, at, &[]) }).await;
    let night = "2027-03-28T03:30+02:00[Europe/Berlin]";
    ann.create(reminding(2, night, &[3_600])).await;
    ann.create(NewTask { reminders: Some(day(0)), ..reminding(3, "2027-03-28", &[]) }).await;
    // A time that the clocks skip is when they show what follows.
    ann.create(NewTask {
        reminders: Some(day(1)),
        ..reminding(4, "2027-03-29T02:30+02:00[Europe/Berlin]", &[])
    })
    .await;
    let mut scheduler = place.scheduler();
    for (k, expected) in [
        (1, "2027-03-27T11:00:00Z"),
        (2, "2027-03-28T00:30:00Z"),
        (4, "2027-03-28T01:30:00Z"),
        (3, "2027-03-28T07:00:00Z"),
    ] {
        let expected = instant(expected);
        place.set(expected.plus_millis(-1));
        settle(&mut scheduler).await;
        assert!(firings(&place.store, owner, uid(k)).await.is_empty(), "task {k} is early");
        place.set(expected);
        settle(&mut scheduler).await;
        let fired = fates(&firings(&place.store, owner, uid(k)).await);
        assert_eq!(fired, [(expected, FiringFate::Sent)], "task {k}");
    }
}

/// R9: another time from which days count, and another zone, move reminders of days at once.
async fn r9_a_profile_moves_days(place: &Place) {
    let owner = berliner(place).await;
    let ann = Stage::of(&place.store, owner);
    for (k, day) in (1..).zip(["2026-12-01", "2026-12-02", "2026-12-03"]) {
        ann.create(reminding(k, day, &[0])).await;
    }
    let mut scheduler = place.scheduler();
    let fire = async |scheduler: &mut _, k, text: &str| {
        let at: Timestamp = instant(text);
        place.set(at.plus_millis(-1));
        settle(scheduler).await;
        assert!(firings(&place.store, owner, uid(k)).await.is_empty(), "task {k} is early");
        place.set(at);
        settle(scheduler).await;
        let fired = fates(&firings(&place.store, owner, uid(k)).await);
        assert_eq!(fired, [(at, FiringFate::Sent)], "task {k}");
    };
    let change = async |patch| {
        let now = by("2026-12-01T12:00:00Z");
        place.store.change_profile(owner, &patch, None, &now).await.expect("it is changed");
    };
    fire(&mut scheduler, 1, "2026-12-01T08:00:00Z").await;
    let all_day_time = NaiveTime::from_hms_opt(7, 30, 0);
    change(ProfilePatch { all_day_time, ..ProfilePatch::default() }).await;
    fire(&mut scheduler, 2, "2026-12-02T06:30:00Z").await;
    let zone = Some(chrono_tz::Asia::Tokyo);
    change(ProfilePatch { zone, ..ProfilePatch::default() }).await;
    fire(&mut scheduler, 3, "2026-12-02T22:30:00Z").await;
    // What was over long ago is not missed once more.
    assert_eq!(firings(&place.store, owner, uid(1)).await.len(), 1);
}

on_both! {
    r10_in_time_and_once
    it_sleeps_until_the_next
    r10_after_downtime
    r10_only_of_what_is_to_be_done
    r10_the_clock_is_set
    r9_when_clocks_change
    r9_a_profile_moves_days
}
