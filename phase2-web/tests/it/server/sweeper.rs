//! What was deleted 30 days ago goes by itself (S4).

use std::time::Duration;

use serde_json::json;
use todo_core::{AsyncTaskStore, Needs, Owner};

use crate::support::{Client, TestApp};
use crate::tasks::{added, titles};

const DAY: i64 = 24 * 60 * 60;

async fn owner(client: &Client) -> Owner {
    Owner(client.get("/api/auth/me").await.text("/id").parse().unwrap())
}

/// How many tasks are stored, gone or not.
async fn stored(app: &TestApp, owner: Owner) -> u64 {
    app.app.store.load(owner, &Needs::default()).await.unwrap().count
}

/// Somebody with a task that is kept, one in the trash since today, and one whose time is over.
async fn with_trash(app: &TestApp) -> (Client, u64) {
    let ann = app.register("ann").await;
    let old = added(&ann, "old").await;
    added(&ann, "alive").await;
    let young = added(&ann, "young").await;
    assert_eq!(ann.delete(&format!("/api/tasks/{old}")).await.status, 200);
    app.pass_seconds(30 * DAY + 1);
    let (ann, _) = app.log_in("ann").await;
    assert_eq!(ann.delete(&format!("/api/tasks/{young}")).await.status, 200);
    (ann, old)
}

#[tokio::test]
async fn sync_tells_of_it_and_the_rest_stays() {
    let app = TestApp::new().await;
    let (ann, old) = with_trash(&app).await;
    let owner = owner(&ann).await;
    let before = ann.get("/api/sync?since=0").await.at("/seq");
    assert_eq!(stored(&app, owner).await, 3);
    assert_eq!(app.app.sweep().await.unwrap(), 1);
    assert_eq!(stored(&app, owner).await, 2);
    assert_eq!(app.app.sweep().await.unwrap(), 0);
    let changes = ann.get(&format!("/api/sync?since={before}")).await;
    assert_eq!(changes.at("/items").as_array().unwrap().len(), 1, "{changes:?}");
    assert_eq!((changes.at("/items/0/task"), changes.at("/more")), (json!(null), json!(false)));
    assert_eq!(titles(&ann.get("/api/tasks").await), ["alive"]);
    assert_eq!(titles(&ann.get("/api/tasks?trash=true").await), ["young"]);
    ann.get(&format!("/api/tasks/{old}?trash=true")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_server_does_it_without_asking_and_survives_an_outage() {
    let app = TestApp::new().await;
    let (ann, _) = with_trash(&app).await;
    let owner = owner(&ann).await;
    let sweeper = tokio::spawn(app.app.clone().keep_sweeping());
    skip(Duration::from_secs(61)).await;
    let swept = async {
        while stored(&app, owner).await == 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), swept).await.expect("it is swept");
    assert_eq!(stored(&app, owner).await, 2);
    app.app.store.close().await;
    for _ in 0..3 {
        skip(Duration::from_hours(1)).await;
        assert!(app.app.sweep().await.is_err(), "there is no database");
        assert!(!sweeper.is_finished());
    }
    sweeper.abort();
}

/// Passes over the time in which nothing is to happen. What happens then takes the time of the disk.
async fn skip(time: Duration) {
    // It falls asleep first.
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
