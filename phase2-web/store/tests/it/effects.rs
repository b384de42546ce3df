//! What consumers write: once, and for as long as its account is there (SPEC 9).

use todo_core::event::{Seq, event_id};
use todo_core::{Owner, TaskId, TaskNo, Timestamp};
use todo_store::accounts::Farewell;
use todo_store::effects::{
    AuditQuery, Deed, Kept, NOTIFICATIONS_KEPT, Notification, NotificationKind, ToRead,
};
use todo_store::log::{Entry, Handled, Leadership, Outcome, Position, Work};
use todo_store::{DatabaseUrl, Store};
use uuid::Uuid;

use crate::schema::{Asked, register};
use crate::support::{self, on_both};

const ANN: Owner = Owner(Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0xb1));
const BOB: Owner = Owner(Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0xb2));
const TASK: TaskId = TaskId(Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0xb3));
const OTHER: TaskId = TaskId(Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0xb4));

fn at(second: u64) -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000)
        .plus_millis(i64::try_from(second).unwrap_or(0) * 1_000)
}

fn entry(owner: Owner, seq: u64, event_type: &str, of: Uuid) -> Entry {
    let kind = if of == owner.0 { "user" } else { "task" };
    Entry {
        position: None,
        event_id: event_id(owner, Seq(seq)),
        seq: Seq(seq),
        event_type: event_type.to_owned(),
        schema_version: 1,
        owner,
        actor_kind: if seq.is_multiple_of(2) { "token" } else { "user" }.to_owned(),
        actor_id: owner.0,
        aggregate_type: kind.to_owned(),
        aggregate_id: of,
        aggregate_version: 1,
        timestamp: at(seq),
        correlation_id: owner.0,
        causation_id: None,
        data: None,
        trace: None,
        address: None,
        again: false,
        damage: None,
    }
}

async fn settle(store: &Store, leader: &Leadership, entry: &Entry, work: Work) {
    let handled = [Handled { entry, outcome: Outcome::Done(work) }];
    store.settle(leader, &handled, Position(1), at(0)).await.expect("settled");
}

async fn leader(store: &Store) -> Leadership {
    store.lead("consumer:test").await.expect("answered").expect("nobody else leads")
}

fn reminder(seq: u64, task: TaskId) -> Notification {
    Notification {
        seq: Seq(seq),
        kind: NotificationKind::Reminder,
        task,
        task_id: TaskNo(1),
        title: "Tea".to_owned(),
        message: None,
        remind_at: Some(at(seq)),
        at: at(seq),
        read_at: None,
    }
}

async fn the_audit_is_asked_in_pages(store: &Store) {
    let leader = leader(store).await;
    register(store, ANN, "ann@example.org").await;
    for seq in 1..=9 {
        let (kind, of) =
            if seq <= 3 { ("auth.logged_in", ANN.0) } else { ("task.updated", TASK.0) };
        let (entry, mut work) = (entry(ANN, seq, kind, of), Work::default());
        let address = Some("192.0.2.7".to_owned());
        let fields = Some("[\"title\"]".to_owned());
        work.audit(&entry, Kept { address, fields, details: None });
        settle(store, &leader, &entry, work.clone()).await;
        // Told again, under whatever name: it is there once, as it was.
        settle(store, &leader, &entry, work).await;
    }
    let seqs = async |query: &AuditQuery, before: Option<u64>, limit| {
        let found = store.audit(ANN, query, before.map(Seq), limit).await.expect("answered");
        found.iter().map(|row| row.seq.0).collect::<Vec<_>>()
    };
    let all = AuditQuery::default();
    assert_eq!(seqs(&all, None, 4).await, [9, 8, 7, 6]);
    assert_eq!(seqs(&all, Some(6), 4).await, [5, 4, 3, 2]);
    assert_eq!(seqs(&all, Some(2), 4).await, [1]);
    assert!(seqs(&all, Some(99), 4).await.is_empty(), "behind a row that there is not");
    let types = vec!["auth.logged_in".to_owned(), "x".to_owned()];
    assert_eq!(seqs(&AuditQuery { types, ..AuditQuery::default() }, None, 9).await, [3, 2, 1]);
    let actor = Some("token".to_owned());
    let tokens = AuditQuery { actor, task: Some(TASK), ..AuditQuery::default() };
    assert_eq!(seqs(&tokens, None, 9).await, [8, 6, 4]);
    let range = AuditQuery { from: Some(at(3)), to: Some(at(6)), ..AuditQuery::default() };
    assert_eq!(seqs(&range, Some(5), 9).await, [4, 3]);
    let up = store.audit_after(ANN, &range, Seq(3), 9).await.expect("answered");
    assert_eq!(up.iter().map(|row| row.seq.0).collect::<Vec<_>>(), [4, 5]);
    let row = serde_json::to_value(&up[0]).expect("JSON");
    assert_eq!((&row["fields"][0], &row["address"]), (&"title".into(), &"192.0.2.7".into()));
    assert!(seqs(&all, None, 0).await.is_empty());
    assert!(store.audit(BOB, &all, None, 9).await.expect("answered").is_empty());
}

async fn the_newest_thousand_are_kept_and_read_once(store: &Store) {
    let leader = leader(store).await;
    register(store, ANN, "ann@example.org").await;
    let entries: Vec<_> =
        (1..=1_005).map(|seq| entry(ANN, seq, "reminder.triggered", TASK.0)).collect();
    let handled = entries.iter().map(|entry| {
        let mut work = Work::default();
        let task = if entry.seq.0 == 1_003 { OTHER } else { TASK };
        work.notify(reminder(entry.seq.0, task));
        Handled { entry, outcome: Outcome::Done(work) }
    });
    let handled: Vec<_> = handled.collect();
    for batch in handled.chunks(200) {
        store.settle(&leader, batch, Position(1), at(0)).await.expect("settled");
    }
    let told = async |unread, before: Option<u64>, limit| {
        let found = store.notifications(ANN, unread, before.map(Seq), limit).await;
        let found = found.expect("answered");
        (found.items.iter().map(|told| told.seq.0).collect::<Vec<_>>(), found.unread)
    };
    let kept = u64::from(NOTIFICATIONS_KEPT);
    assert_eq!(told(false, None, 2).await, (vec![1_005, 1_004], kept));
    assert_eq!(told(false, Some(8), 9).await, (vec![7, 6], kept), "the oldest made room");
    let these = ToRead::These(vec![Seq(1_005), Seq(1), Seq(99_999)]);
    assert_eq!(store.mark_read(ANN, &these, at(1)).await.expect("marked"), kept - 1);
    assert_eq!(store.mark_read(ANN, &these, at(2)).await.expect("marked"), kept - 1);
    let first = store.notifications(ANN, false, None, 1).await.expect("answered");
    assert_eq!(first.items[0].read_at, Some(at(1)), "read once");
    assert_eq!(store.mark_read(BOB, &ToRead::UpTo(Seq(2_000)), at(3)).await.expect("marked"), 0);
    assert_eq!(store.mark_read(ANN, &ToRead::UpTo(Seq(1_002)), at(3)).await.expect("marked"), 2);
    assert_eq!(told(true, None, 9).await, (vec![1_004, 1_003], 2));
    // Purged: what was said of it is not kept either.
    let (purged, mut work) = (entry(ANN, 1_006, "task.purged", OTHER.0), Work::default());
    work.forget_notifications(OTHER, Seq(1_006));
    settle(store, &leader, &purged, work).await;
    assert_eq!(told(true, None, 9).await, (vec![1_004], 1));
}

/// A task that was purged and came again under its name is told of, although both are in one batch.
async fn what_comes_after_a_purge_stays(store: &Store) {
    let leader = leader(store).await;
    for owner in [ANN, BOB] {
        register(store, owner, &format!("{}@example.org", owner.0)).await;
    }
    let told = |owner, seq, task| {
        let mut work = Work::default();
        work.notify(reminder(seq, task));
        (entry(owner, seq, "reminder.triggered", task.0), work)
    };
    let purged = |owner, seq, task: TaskId| {
        let mut work = Work::default();
        work.forget_notifications(task, Seq(seq));
        (entry(owner, seq, "task.purged", task.0), work)
    };
    let batches = [
        vec![told(ANN, 8, TASK), told(ANN, 9, OTHER), told(BOB, 8, TASK)],
        vec![
            told(ANN, 10, TASK),
            purged(ANN, 11, TASK),
            told(ANN, 13, TASK),
            told(ANN, 14, OTHER),
            purged(ANN, 20, OTHER),
            purged(BOB, 9, OTHER),
        ],
    ];
    for batch in &batches {
        let handled = batch.iter().map(|(entry, work)| {
            let outcome = Outcome::Done(work.clone());
            Handled { entry, outcome }
        });
        let handled: Vec<_> = handled.collect();
        store.settle(&leader, &handled, Position(1), at(0)).await.expect("settled");
    }
    for (owner, left) in [(ANN, 13), (BOB, 8)] {
        let found = store.notifications(owner, false, None, 9).await.expect("answered");
        let seqs: Vec<_> = found.items.iter().map(|told| told.seq.0).collect();
        assert_eq!(seqs, [left]);
    }
}

async fn what_was_done_is_counted_by_day_and_once(store: &Store) {
    let leader = leader(store).await;
    register(store, ANN, "ann@example.org").await;
    let deeds = [
        ("2026-11-20", Deed::Created),
        ("2026-11-21", Deed::Created),
        ("2026-11-21", Deed::Created),
        ("2026-11-21", Deed::Completed),
        ("2026-11-22", Deed::Deleted),
    ];
    for (seq, (day, deed)) in (1..).zip(deeds) {
        for _ in 0..2 {
            let (entry, mut work) = (entry(ANN, seq, "task.created", TASK.0), Work::default());
            work.count(day.to_owned(), deed);
            settle(store, &leader, &entry, work).await;
        }
    }
    let days = store.activity(ANN, "2026-11-20", "2026-11-22").await.expect("answered");
    let counts: Vec<_> = days
        .iter()
        .map(|day| (day.day.as_str(), day.created, day.completed, day.deleted))
        .collect();
    assert_eq!(counts, [("2026-11-20", 1, 0, 0), ("2026-11-21", 2, 1, 0)]);
    assert!(store.activity(BOB, "2000-01-01", "2100-01-01").await.expect("answered").is_empty());
    assert!(store.zone_of(ANN).await.expect("answered").is_some());
    assert!(store.zone_of(BOB).await.expect("answered").is_none());
}

/// No statement changes it, be it of this program or of whoever has its connection; it goes with its
/// account, and whatever consumers write of that afterwards goes with the word of its end.
async fn the_audit_stays_and_goes_with_its_account(url: &DatabaseUrl) {
    let store = support::open(url).await;
    let leader = leader(&store).await;
    register(&store, ANN, "ann@example.org").await;
    let write = async |seq| {
        let (entry, mut work) = (entry(ANN, seq, "task.updated", TASK.0), Work::default());
        work.audit(&entry, Kept::default());
        work.notify(reminder(seq, TASK));
        work.count("2026-11-21".to_owned(), Deed::Created);
        settle(&store, &leader, &entry, work).await;
    };
    write(1).await;
    let mut asked = Asked::of(url).await;
    for wrong in ["UPDATE audit SET event_type = 'x'", "DELETE FROM audit"] {
        let error = asked.try_run(wrong).await.expect_err("it stays");
        assert!(error.contains("the audit"), "{error}");
    }
    let all = AuditQuery::default();
    let rows = async || store.audit(ANN, &all, None, 9).await.expect("answered").len();
    assert_eq!(rows().await, 1);
    let actor = todo_core::Actor { kind: todo_core::ActorKind::User, id: ANN.0 };
    let farewell = Farewell { owner: ANN, actor, correlation: ANN.0, proven: None };
    assert!(store.delete_user(&farewell, at(9)).await.expect("deleted"));
    assert_eq!(rows().await, 0);
    // One who was some events behind.
    write(2).await;
    let last = entry(ANN, 3, "user.deleted", ANN.0);
    settle(&store, &leader, &last, Work::default()).await;
    for table in ["audit", "notifications", "activity"] {
        assert_eq!(asked.count(table, ANN).await, 0, "{table}");
    }
}

#[test]
fn sqlite_audit_stays_and_goes_with_its_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(the_audit_stays_and_goes_with_its_account(&url));
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_audit_stays_and_goes_with_its_account() {
    support::run(async {
        let database = support::Database::make().await;
        the_audit_stays_and_goes_with_its_account(&database.url()).await;
    });
}

on_both! {
    the_audit_is_asked_in_pages
    the_newest_thousand_are_kept_and_read_once
    what_comes_after_a_purge_stays
    what_was_done_is_counted_by_day_and_once
}
