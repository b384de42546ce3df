//! How a database is, looked at beside its servers.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_store::{DatabaseUrl, Examined, Store, Tables};

use crate::{support, writers};

async fn say(url: &DatabaseUrl, sql: &'static str) {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let conn = SqliteConnectOptions::new().filename(path).connect().await;
            let mut conn = conn.expect("it opens");
            sqlx::raw_sql(sql).execute(&mut conn).await.expect("done");
            conn.close().await.expect("it closes");
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::connect(url).await.expect("it connects");
            sqlx::raw_sql(sql).execute(&mut conn).await.expect("done");
            conn.close().await.expect("it closes");
        }
    }
}

async fn tells_what_is_wrong(url: &DatabaseUrl) {
    let see = async || url.examine().await.expect("it answers");
    let store = Store::open(url, &support::options()).await.expect("it opens");
    assert_eq!(see().await.tables, Tables::Missing);
    store.migrate().await.expect("it migrates");
    let store = support::with_owners(store).await;
    writers::insist(&store, OWNERS[0], &writers::addition(1)).await;

    let well = see().await;
    assert_eq!((well.tables, &well.damage, well.derived), (Tables::Current, &None, true));
    assert_eq!(well.used_at, None);
    assert_eq!(well.clock.is_some(), matches!(url, DatabaseUrl::Postgres(_)));

    say(url, "UPDATE meta SET value = 'of old' WHERE name = 'zones'").await;
    assert!(!see().await.derived);
    say(url, "UPDATE owners SET tasks = tasks + 1").await;
    let Examined { damage, .. } = see().await;
    assert!(damage.is_some_and(|damage| damage.contains("owners")));
    say(url, "UPDATE owners SET tasks = tasks - 1").await;
    assert_eq!(see().await.damage, None);
    say(url, "UPDATE events SET seq = -1").await;
    let Examined { damage, .. } = see().await;
    assert_eq!(damage.as_deref(), Some("1 rows of events have an owner or a number that is none"));
    say(url, "UPDATE outbox SET seq = -1; UPDATE owners SET tasks = tasks + 1").await;
    let Examined { damage, .. } = see().await;
    let all = "2 owners have another number of tasks than counted; \
        1 rows of events have an owner or a number that is none; \
        1 rows of outbox have an owner or a number that is none";
    assert_eq!(damage.as_deref(), Some(all));
    let newer = "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, \
        checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    say(url, newer).await;
    assert_eq!(see().await.tables, Tables::Newer);
    say(url, "DELETE FROM _sqlx_migrations").await;
    assert_eq!(see().await.tables, Tables::Older);
}

#[test]
fn sqlite_tells_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(tells_what_is_wrong(&url));
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_tells_what_is_wrong() {
    support::run(async {
        let database = support::Database::make().await;
        tells_what_is_wrong(&database.url()).await;
    });
}
