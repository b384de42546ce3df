//! What a list does not show, and when it begins to (S4, Q1, Q3).

use super::given::{DAY, Stage, due, ids, instant, record, title, uid};
use crate::command::{Command, Item, NewTask, Verb};
use crate::ports::AsyncTaskStore;
use crate::query::{DueFilter, Filter, Limit, Moment, TaskQuery};
use crate::task::{Status, TRASH_KEPT_MILLIS, Task, Trash};

const NONE: [u64; 0] = [];

/// S4: a trashed task appears only in the trash, there with any status, and comes back as it was.
pub async fn the_trash_shows_only_itself<S: AsyncTaskStore>(store: &S) {
    let mut stage = Stage::new(store);
    stage.add(1, "kept").await;
    let doomed = stage.add(2, "deleted").await;
    stage.act(2, super::given::go(Status::Completed)).await;
    stage.later(1000);
    let trashed = stage.act(2, Verb::Delete).await.expect("it is in the trash");
    assert_eq!(trashed.trash.map(|trash| trash.at), Some(stage.ctx.now));
    assert_eq!(ids(&stage.filtered(Filter::default()).await), [1]);
    let every = Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    assert_eq!(ids(&stage.filtered(every).await), [1]);
    let trash = Filter { trash: true, ..Filter::default() };
    assert_eq!(stage.filtered(trash.clone()).await, [trashed]);
    let open = Filter { status: Some(vec![Status::Pending]), ..trash };
    assert_eq!(stage.filtered(open).await, []);
    let back = stage.act(2, Verb::Restore).await.expect("it is back");
    assert_eq!((back.id, back.status, back.trash), (doomed.id, Status::Completed, None));
}

/// S4: after 30 days a task is gone at once, and not a millisecond before.
pub async fn expired_trash_is_gone<S: AsyncTaskStore>(store: &S) {
    let mut stage = Stage::new(store);
    stage.add(1, "long deleted").await;
    stage.act(1, Verb::Delete).await;
    let trash = Filter { trash: true, ..Filter::default() };
    stage.later(TRASH_KEPT_MILLIS);
    assert_eq!(ids(&stage.filtered(trash.clone()).await), [1]);
    stage.later(1);
    assert_eq!(ids(&stage.filtered(trash.clone()).await), NONE);
    let restore = Command::One(Item::act(uid(1), Verb::Restore));
    let refused = stage.run(&restore).await.expect_err("it is gone");
    assert_eq!(refused.code(), crate::ErrorCode::NotFound);
    // Asked at an earlier moment it is still there: nothing was removed yet.
    stage.later(-1);
    assert_eq!(ids(&stage.filtered(trash.clone()).await), [1]);
    stage.later(1);
    stage.done(&Command::PurgeExpired([uid(1)].into())).await;
    stage.later(-DAY);
    assert_eq!(ids(&stage.filtered(trash).await), NONE);
    assert_eq!(stage.load(&crate::Needs::default()).await.count, 0);
}

/// Q1: what waits appears with its first instant: a day in the asking zone, a time in its own.
pub async fn waiting_ends_with_its_instant<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    for (k, start) in [(1, "2026-12-01"), (2, "2026-12-01T09:00[Europe/Berlin]")] {
        let new = NewTask::new(uid(k), title("waits"));
        stage.create(NewTask { start_date: Some(due(start)), ..new }).await;
    }
    let shown = async |now: &str, zone: &str| {
        let zone = crate::time::zone(zone).expect("a zone");
        let moment = Moment { now: instant(now), zone, ..stage.moment() };
        ids(&stage.find(&TaskQuery::new(moment)).await.tasks)
    };
    assert_eq!(shown("2026-11-30T18:59:59.999Z", "Asia/Karachi").await, NONE);
    assert_eq!(shown("2026-11-30T19:00:00Z", "Asia/Karachi").await, [1]);
    assert_eq!(shown("2026-11-30T19:00:00Z", "UTC").await, NONE);
    assert_eq!(shown("2026-12-01T07:59:59.999Z", "Asia/Karachi").await, [1]);
    assert_eq!(shown("2026-12-01T08:00:00Z", "Asia/Karachi").await, [1, 2]);
    // A timed start is an instant, the same for everybody; a day is not.
    assert_eq!(shown("2026-12-01T08:00:00Z", "Pacific/Honolulu").await, [2]);
}

/// Q3, Q4: today and overdue turn with the asker's midnight, also where there is none.
pub async fn days_turn_in_the_asking_zone<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    for (k, text) in [(1, "2026-04-23"), (2, "2026-04-24"), (3, "2026-04-24T01:00[Africa/Cairo]")] {
        let new = NewTask::new(uid(k), title("due"));
        stage.create(NewTask { due_date: Some(due(text)), ..new }).await;
    }
    let found = async |word, now: &str, zone: &str| {
        let zone = crate::time::zone(zone).expect("a zone");
        let moment = Moment { now: instant(now), zone, ..stage.moment() };
        let filter = Filter { due: Some(word), ..Filter::default() };
        let query =
            TaskQuery { filter, order: super::given::order("id"), ..TaskQuery::new(moment) };
        ids(&stage.find(&query).await.tasks)
    };
    // Cairo skips midnight on that day: it begins at 01:00, which is 22:00 UTC of the day before.
    let last = "2026-04-23T21:59:59.999Z";
    let first = "2026-04-23T22:00:00Z";
    assert_eq!(found(DueFilter::Today, last, "Africa/Cairo").await, [1]);
    assert_eq!(found(DueFilter::Today, first, "Africa/Cairo").await, [2, 3]);
    assert_eq!(found(DueFilter::Overdue, last, "Africa/Cairo").await, NONE);
    assert_eq!(found(DueFilter::Overdue, first, "Africa/Cairo").await, [1]);
    assert_eq!(found(DueFilter::Overdue, "2026-04-23T22:00:00.001Z", "Africa/Cairo").await, [1, 3]);
    assert_eq!(found(DueFilter::Today, first, "UTC").await, [1, 3]);
    assert_eq!(found(DueFilter::Tomorrow, last, "Africa/Cairo").await, [2, 3]);
}

/// Q7: a count is of everything that matches, whatever the page, and only on request.
pub async fn count_is_exact<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let gone = Trash { at: stage.ctx.now.plus_millis(-31 * DAY), group: uid(9).0 };
    let mut tasks: Vec<_> = (0..7).map(|k| record(k, "counted", stage.ctx.now)).collect();
    tasks.push(Task { trash: Some(gone), ..record(9, "long gone", stage.ctx.now) });
    stage.done(&Command::Import(tasks.into())).await;
    let mut query = TaskQuery { limit: Limit::Page(3), ..TaskQuery::new(stage.moment()) };
    assert_eq!(stage.find(&query).await.total, None);
    query.count = true;
    for page in [3, 3, 1] {
        let found = stage.find(&query).await;
        assert_eq!((found.tasks.len(), found.total), (page, Some(7)));
        query.after = found.next;
    }
    query.filter.trash = true;
    query.after = None;
    assert_eq!(stage.find(&query).await.total, Some(0));
}
