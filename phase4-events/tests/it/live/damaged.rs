//! An event whose row cannot be read: sockets are told its number, and what comes after it.

use serde_json::json;
use sqlx::{Connection, PgConnection};
use todo_store::DatabaseUrl;

use super::support::Place;

/// Whatever has this in it is written as nobody writes it.
const POISON: &str = "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN NEW.aggregate_version := -1; RETURN NEW; END $$; \
     CREATE TRIGGER poison BEFORE INSERT ON events FOR EACH ROW \
     WHEN (NEW.data LIKE '%poison%') EXECUTE FUNCTION poison()";

#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn postgres_what_cannot_be_read_is_told_as_its_number() {
    let (place, url) = Place::postgres().await;
    let DatabaseUrl::Postgres(url) = url else { panic!("a server") };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(POISON).execute(&mut conn).await.unwrap();
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    let (_, begun) = socket.expect("hello").await;
    server.add(&ann, "poison").await;
    server.add(&ann, "after it").await;
    // As it happens, and out of the history.
    let mut later = server.listen_since(&ann, begun).await;
    later.expect("hello").await;
    for socket in [&mut socket, &mut later] {
        let (damaged, seq) = socket.expect("task.created").await;
        assert_eq!((&damaged["data"], seq), (&json!({}), begun + 1));
        let (next, seq) = socket.expect("task.created").await;
        assert_eq!((&next["data"]["task"]["title"], seq), (&json!("after it"), begun + 2));
    }
}
