//! A database that is put back to a moment before, under a server that goes on.

use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, PgConnection, SqliteConnection};
use todo_events::live::Treatment;
use todo_store::DatabaseUrl;
use todo_web::Front;

use super::support::Place;

/// The log is as it was when its first event was told, and the history is another one.
const PUT_BACK: &str = "DELETE FROM outbox; UPDATE leaders SET position = 1 WHERE name = 'relay'; \
     DELETE FROM meta WHERE name = 'history'";

async fn put_back(url: &DatabaseUrl) {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let url = format!("sqlite://{}", path.display());
            let mut conn = SqliteConnection::connect(&url).await.expect("it opens");
            sqlx::raw_sql(PUT_BACK).execute(&mut conn).await.expect("it obeys");
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::connect(url).await.expect("it answers");
            sqlx::raw_sql(PUT_BACK).execute(&mut conn).await.expect("it obeys");
        }
    }
}

/// SPEC 9: nothing lost. Places are given again from there, and numbers with them: what has them now was passed
/// over until there were as many as before.
async fn is_heard_of((place, url): (Place, DatabaseUrl)) {
    let swift = Treatment { spread: Duration::ZERO, ..Treatment::default() };
    let server = place.serve_with(swift, Front::default()).await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    let (hello, _) = socket.expect("hello").await;
    let mut seen = 0;
    for title in ["one", "two", "three"] {
        server.add(&ann, title).await;
        seen = socket.expect("task.created").await.1;
    }
    put_back(&url).await;
    assert_eq!(socket.next().await, Err(1012));

    let history = &hello["data"]["history"];
    let back = json!({"type": "auth", "token": ann.token, "since": seen, "history": history});
    let mut socket = server.greet("/ws", back).await;
    assert_eq!(socket.expect("hello").await.0["data"]["resumed"], json!(false));
    assert_eq!(socket.expect("refetch").await.0["data"], json!({"reason": "unknown"}));
    // In the place that another one had before.
    server.add(&ann, "afterwards").await;
    let (told, _) = socket.expect("task.created").await;
    assert_eq!(told["data"]["task"]["title"], "afterwards");
}

#[tokio::test]
async fn what_happens_after_a_log_was_put_back_is_heard_of() {
    is_heard_of(Place::sqlite().await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn what_happens_after_a_log_was_put_back_is_heard_of_on_postgres() {
    is_heard_of(Place::postgres().await).await;
}
