//! What one is told: each reminder once, and nothing of what was past when it came.

use axum::http::Method;
use serde_json::{Value, json};
use todo_core::command::{Item, NewTask};
use todo_core::conformance::given;
use todo_core::event::{Actor, ActorKind};
use todo_core::{Command, Ctx, Owner, Preferences, TaskId, Timestamp, Zone};
use uuid::Uuid;

use super::{on_both, start, until_audited};
use crate::http::Client;
use crate::support::{START, TestApp, until};

fn at_a_moment(owner: Owner, at: Timestamp) -> Ctx {
    Ctx {
        owner,
        actor: Actor { kind: ActorKind::System, id: owner.0 },
        now: at,
        zone: Zone::UTC,
        week_start: chrono::Weekday::Mon,
        preferences: Preferences::default(),
        correlation: owner.0,
        causation: None,
    }
}

/// What a scheduler does for these tasks at a moment.
pub(super) async fn remind(test: &TestApp, owner: Owner, tasks: &[Uuid], at: Timestamp) {
    let command = Command::Remind(tasks.iter().copied().map(TaskId).collect());
    test.app.server().execute(&command, &at_a_moment(owner, at)).await.unwrap();
}

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_millis(START + seconds * 1_000)
}

/// A task that reminds so many seconds after the start: its uid.
pub(super) async fn reminding(client: &Client, title: &str, seconds: i64) -> Uuid {
    let reminder = json!({"at": after(seconds), "message": format!("do {title}")});
    let task = json!({"title": title, "reminders": [reminder]});
    let made = client.post("/api/tasks", task).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.text("/task/uid").parse().unwrap()
}

/// Waits until somebody else is told something: whoever tells begins with what happens from then on.
pub(super) async fn until_told(test: &TestApp) {
    let eve = Client::register(&test.app, "eve").await;
    let owner = Owner(eve.get("/api/auth/me").await.text("/id").parse().unwrap());
    until("somebody is told", async || {
        let task = reminding(&eve, "tea", 1).await;
        remind(test, owner, &[task], after(1)).await;
        !eve.get("/api/notifications").await.each("kind").is_empty()
    })
    .await;
}

async fn each_reminder_is_told_and_read_once(test: &TestApp) {
    let ann = Client::register(&test.app, "ann").await;
    let owner = Owner(ann.get("/api/auth/me").await.text("/id").parse().unwrap());
    let tea = reminding(&ann, "tea", 60).await;
    let late = reminding(&ann, "late", 30).await;
    let missed = reminding(&ann, "missed", 1).await;
    let past = reminding(&ann, "past", -3_600).await;
    let purged = reminding(&ann, "purged", 60).await;
    let parts = start(&test.app);
    until_audited(&ann, 7).await;
    until_told(test).await;
    remind(test, owner, &[tea, past, purged], after(60)).await;
    remind(test, owner, &[tea, late], after(600)).await;
    remind(test, owner, &[missed], after(3 * 86_400)).await;
    let told = async |query: &str| ann.get(&format!("/api/notifications{query}")).await;
    until("three and the purged one", async || told("").await.each("kind").len() == 4).await;
    assert_eq!(ann.send(Method::DELETE, "/api/tasks/5?purge=true", None).await.status, 200);
    until("the purged one is forgotten", async || told("").await.each("kind").len() == 3).await;

    let all = told("").await;
    assert_eq!(all.each("kind"), ["missed_reminder", "late_reminder", "reminder"], "{all:?}");
    assert_eq!((all.at("/unread"), all.at("/items/2/task/title")), (json!(3), json!("tea")));
    assert_eq!(
        (all.at("/items/2/message"), all.at("/items/2/task/id")),
        (json!("do tea"), json!(1))
    );
    assert_eq!(all.at("/items/2/remind_at"), json!(after(60)));
    let ids = all.each("id");
    let page = told("?limit=2").await;
    assert_eq!((page.each("id"), page.at("/next_before")), (ids[..2].to_vec(), ids[1].clone()));
    assert_eq!(told(&format!("?limit=2&before={}", ids[1])).await.each("id"), ids[2..]);

    let read = async |body: Value| ann.post("/api/notifications/read", body).await;
    assert_eq!(read(json!({"ids": [ids[1], 999_999]})).await.at("/unread"), 2);
    assert_eq!(told("?unread=true").await.each("kind"), ["missed_reminder", "reminder"]);
    assert_ne!(told("").await.at("/items/1/read_at"), Value::Null);
    assert_eq!(read(json!({"up_to": ids[2]})).await.at("/unread"), 1);
    assert_eq!(read(json!({"up_to": ids[0]})).await.at("/unread"), 0);
    for wrong in [
        json!({}),
        json!({"ids": []}),
        json!({"ids": [0]}),
        json!({"ids": [1], "up_to": 1}),
        json!({"up_to": "all"}),
        json!({"up_to": 1, "x": 1}),
        json!({"ids": vec![1; 1_001]}),
    ] {
        read(wrong).await.refused(422, "validation_error");
    }
    told("?unread=perhaps").await.refused(400, "validation_error");

    // Whoever may only read reads; nobody sees what another was told.
    let reader = ann.program("read").await;
    assert_eq!(reader.get("/api/notifications").await.each("id"), ids);
    reader.post("/api/notifications/read", json!({"up_to": 1})).await.refused(403, "forbidden");
    let nobody = Client::anonymous(&test.app);
    nobody.get("/api/notifications").await.refused(401, "unauthorized");
    let bob = Client::register(&test.app, "bob").await;
    assert_eq!(bob.get("/api/notifications").await.at("/items"), json!([]));
    let theirs = bob.post("/api/notifications/read", json!({"ids": [ids[0]]})).await;
    assert_eq!(theirs.at("/unread"), 0);
    parts.end().await;
}

const OLD: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

/// A file with a task that should have reminded a minute before the start.
fn old() -> Value {
    json!({"format": 2, "tasks": [{
        "uid": OLD, "id": 9, "title": "old", "status": "pending", "priority": "low",
        "created_at": "2020-01-01T00:00:00.000Z", "updated_at": "2020-01-01T00:00:00.000Z",
        "version": 1, "reminders": [{"id": 1, "at": after(-60), "channel": "in_app"}],
    }]})
}

/// SPEC 9: an import makes no notifications.
async fn an_import_tells_nobody_anything(test: &TestApp) {
    imported_old(test, false).await;
}

/// Nor does one of what was here an hour before it, and was gone for good in between.
async fn a_task_that_comes_again_tells_nothing_of_the_past(test: &TestApp) {
    imported_old(test, true).await;
}

async fn imported_old(test: &TestApp, again: bool) {
    let ann = Client::register(&test.app, "ann").await;
    let owner = Owner(ann.get("/api/auth/me").await.text("/id").parse().unwrap());
    let parts = start(&test.app);
    until_told(test).await;
    if again {
        let new = NewTask::new(TaskId(OLD), given::title("old"));
        let command = Command::One(Item::Create(Box::new(new)));
        let ctx = at_a_moment(owner, after(-3_600));
        test.app.server().execute(&command, &ctx).await.unwrap();
        assert_eq!(ann.send(Method::DELETE, "/api/tasks/1?purge=true", None).await.status, 200);
    }
    let uid = OLD;
    let imported = ann.post("/api/import", old()).await;
    assert_eq!(imported.status, 200, "{imported:?}");
    remind(test, owner, &[uid], after(60)).await;
    let tea = reminding(&ann, "tea", 30).await;
    remind(test, owner, &[tea], after(60)).await;
    let told = async || ann.get("/api/notifications").await;
    until("the other one", async || !told().await.each("kind").is_empty()).await;
    assert_eq!(told().await.at("/items/0/task/title"), "tea");
    assert_eq!(told().await.at("/unread"), 1);
    parts.end().await;
}

on_both! {
    each_reminder_is_told_and_read_once
    an_import_tells_nobody_anything
    a_task_that_comes_again_tells_nothing_of_the_past
}
