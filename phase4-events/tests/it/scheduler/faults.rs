//! One owner's trouble is nobody else's.

use todo_core::conformance::given::{DAY, MINUTE, ZONE, due};
use todo_core::conformance::{OWNERS, Stage, uid};

use super::given::{Place, firings, on_both, scheduler, settle};
use super::reminders::reminding;

const DUE: &str = "2026-11-22T18:00+05:00[Asia/Karachi]";

/// A task whose zone the zone data does not know any more: it is put off, longer each time, and
/// reminds once it can be read.
async fn a_task_that_cannot_be_read_holds_nobody_up(place: &Place) {
    let at = due(DUE).starts(ZONE);
    for owner in OWNERS {
        let ann = Stage::of(&place.store, owner);
        for k in 1..=5 {
            ann.create(reminding(k, DUE, &[0])).await;
        }
    }
    let broken = "UPDATE tasks SET due_date = '2026-11-22T18:00:00+05:00[Mars/Base]' WHERE id = 3";
    place.say(broken).await;
    place.set(at);
    let mut scheduler = place.scheduler();
    settle(&mut scheduler).await;
    // Those that were looked at together with it come at the second try.
    place.set(at.plus_millis(MINUTE / 2));
    settle(&mut scheduler).await;
    for owner in OWNERS {
        for k in [1, 2, 4, 5] {
            assert_eq!(firings(&place.store, owner, uid(k)).await.len(), 1, "task {k}");
        }
    }
    assert_eq!(settle(&mut scheduler).await, 0, "it is put off");
    let put_off = place.store.next_waking(at.plus_millis(MINUTE / 2)).await.expect("answered");
    assert!(put_off.is_some_and(|until| until < at.plus_millis(MINUTE)), "{put_off:?}");
    // Whoever comes next does not find it in the way either.
    assert_eq!(settle(&mut place.scheduler()).await, 0);

    place.say(&broken.replace("Mars/Base", "Asia/Karachi")).await;
    place.set(at.plus_millis(11 * MINUTE));
    settle(&mut scheduler).await;
    for owner in OWNERS {
        assert_eq!(firings(&place.store, owner, uid(3)).await.len(), 1);
    }
}

/// A profile that cannot be read is its owner's trouble.
async fn an_owner_who_cannot_be_read_holds_nobody_up(place: &Place) {
    let at = due(DUE).starts(ZONE);
    for owner in OWNERS {
        Stage::of(&place.store, owner).create(reminding(1, DUE, &[0])).await;
    }
    let owner = match &place.url {
        todo_store::DatabaseUrl::Sqlite(_) => format!("x'{}'", OWNERS[0].0.simple()),
        todo_store::DatabaseUrl::Postgres(_) => format!("'{}'", OWNERS[0].0),
    };
    let set = |zone: &str| format!("UPDATE owners SET timezone = '{zone}' WHERE owner = {owner}");
    place.say(&set("Mars/Base")).await;
    place.set(at);
    let mut scheduler = place.scheduler();
    settle(&mut scheduler).await;
    assert_eq!(firings(&place.store, OWNERS[1], uid(1)).await.len(), 1);
    place.say(&set("Asia/Karachi")).await;
    place.set(at.plus_millis(DAY / 2));
    settle(&mut scheduler).await;
    assert_eq!(firings(&place.store, OWNERS[0], uid(1)).await.len(), 1);
}

/// A database that is not there is waited for: nothing is put off, and nothing lost.
async fn an_outage_is_everybodys(place: &Place) {
    let at = due(DUE).starts(ZONE);
    Stage::new(&place.store).create(reminding(1, DUE, &[0])).await;
    place.set(at);
    let closed = place.app(place.store.clone());
    place.store.close().await;
    let mut scheduler = scheduler(closed);
    scheduler.round().await.expect_err("the database is gone");
}

on_both! {
    a_task_that_cannot_be_read_holds_nobody_up
    an_owner_who_cannot_be_read_holds_nobody_up
    an_outage_is_everybodys
}
