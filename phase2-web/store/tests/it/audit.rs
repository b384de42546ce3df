//! Whether a database is whole: each batch there with all it wrote, or not at all.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// What must not be found: each statement counts what is wrong. Good on both databases.
const WRONG: &[(&str, &str)] = &[
    (
        "the count of tasks",
        "SELECT count(*) FROM owners o \
         WHERE o.tasks <> (SELECT count(*) FROM tasks t WHERE t.owner = o.owner)",
    ),
    (
        "a number above the counter",
        "SELECT count(*) FROM tasks t JOIN owners o ON o.owner = t.owner WHERE t.id >= o.next_id",
    ),
    (
        "a gap in the events",
        "SELECT count(*) FROM owners o WHERE o.next_seq - 1 <> \
         (SELECT count(*) FROM events e WHERE e.owner = o.owner) OR o.next_seq - 1 <> \
         (SELECT COALESCE(max(e.seq), 0) FROM events e WHERE e.owner = o.owner)",
    ),
    (
        "an event that nobody will be told of",
        "SELECT count(*) FROM events e WHERE NOT EXISTS \
         (SELECT 1 FROM outbox x WHERE x.owner = e.owner AND x.seq = e.seq)",
    ),
    (
        "something to tell that did not happen",
        "SELECT count(*) FROM outbox x WHERE NOT EXISTS \
         (SELECT 1 FROM events e WHERE e.owner = x.owner AND x.seq = e.seq)",
    ),
    (
        "a task that is not as its last event left it",
        "SELECT count(*) FROM tasks t WHERE t.version <> COALESCE((SELECT max(e.aggregate_version) \
         FROM events e WHERE e.owner = t.owner AND e.aggregate_id = t.uid), 0)",
    ),
    (
        "a step whose last event did not happen",
        "SELECT count(*) FROM steps s WHERE NOT EXISTS \
         (SELECT 1 FROM events e WHERE e.owner = s.owner AND e.seq = s.no)",
    ),
    (
        "a tag of no task",
        "SELECT count(*) FROM task_tags g WHERE NOT EXISTS \
         (SELECT 1 FROM tasks t WHERE t.owner = g.owner AND t.uid = g.uid)",
    ),
];

/// The file at `path` is sound, and nothing is half written.
pub(crate) async fn sqlite(path: &Path) {
    let mut conn: SqliteConnection =
        SqliteConnectOptions::new().filename(path).connect().await.expect("it opens");
    let sound: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut conn).await.expect("checked");
    assert_eq!(sound, "ok");
    for (what, sql) in WRONG {
        let found: i64 = sqlx::query_scalar(*sql).fetch_one(&mut conn).await.expect(what);
        assert_eq!(found, 0, "{what}");
    }
    conn.close().await.expect("it closes");
}

/// Nothing in the database at `url` is half written.
pub(crate) async fn postgres(url: &str) {
    let mut conn = PgConnection::connect(url).await.expect("it connects");
    for (what, sql) in WRONG {
        let sql = AssertSqlSafe((*sql).to_owned());
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&mut conn).await.expect(what);
        assert_eq!(found, 0, "{what}");
    }
}
