//! Backups: taken under writes, put back to the last byte, refused when they are no good (SPEC 7,
//! Operations).

mod archives;
mod files;
mod restoring;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_store::backup::{BackupError, Over};
use todo_store::{DatabaseUrl, Store};

use crate::support::{self, Database};
use crate::{audit, writers};

/// Every row of every table there is, each table in an order of its own.
type Content = BTreeMap<String, Vec<String>>;

async fn sqlite_content(path: &Path) -> Content {
    let mut conn: SqliteConnection =
        SqliteConnectOptions::new().filename(path).connect().await.expect("it opens");
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut conn).await.expect("told");
    let mut content = Content::new();
    for table in tables {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(&mut conn).await.expect("told");
        let columns: Vec<_> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
        let rows = format!("SELECT {} FROM \"{table}\" ORDER BY 1", columns.join(" || '|' || "));
        let rows = sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut conn).await;
        content.insert(table, rows.expect("read"));
    }
    conn.close().await.expect("it closes");
    content
}

async fn postgres_content(url: &str) -> Content {
    let mut conn = PgConnection::connect(url).await.expect("it connects");
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut conn).await.expect("told");
    let mut content = Content::new();
    for table in tables {
        let rows = format!("SELECT t::text FROM \"{table}\" t ORDER BY 1");
        let rows = sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut conn).await;
        content.insert(table, rows.expect("read"));
    }
    conn.close().await.expect("it closes");
    content
}

/// The identity of the history, and all else.
fn parted(mut content: Content) -> (Vec<String>, Content) {
    let meta = content.remove("meta").unwrap_or_default();
    let (history, rest) = meta.into_iter().partition(|row| row.contains("history"));
    content.insert("meta".to_owned(), rest);
    (history, content)
}

/// Takes backups while somebody writes; hands each to `seen`.
async fn under_writes(store: &Store, url: &DatabaseUrl, folder: &Path) {
    const BACKUPS: u32 = 4;
    let enough = Arc::new(AtomicBool::new(false));
    let (ended, writing) = (Arc::clone(&enough), store.clone());
    let writer = tokio::spawn(async move {
        let mut made = 0;
        while !ended.load(Ordering::SeqCst) {
            made += 1;
            writers::insist(&writing, OWNERS[0], &writers::addition(made)).await;
        }
        made
    });
    for number in 0..BACKUPS {
        let checked = url.back_up(&folder.join(number.to_string()), Over::Refuse).await;
        assert!(checked.expect("a backup").bytes > 0);
    }
    enough.store(true, Ordering::SeqCst);
    assert!(writer.await.expect("it wrote") > 0);
}

#[test]
fn sqlite_comes_back_as_it_was() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let path = folder.path().join("todo.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        let backups = tempfile::tempdir().expect("a folder");
        under_writes(&store, &url, backups.path()).await;
        for entry in std::fs::read_dir(backups.path()).expect("read") {
            let backup = entry.expect("an entry").path();
            audit::sqlite(&backup).await;
            assert!(parted(sqlite_content(&backup).await).0.is_empty(), "whose history it is");
        }
        let file = backups.path().join("last");
        let checked = url.back_up(&file, Over::Refuse).await.expect("a backup");
        let before = sqlite_content(&path).await;
        let tasks = checked.counts.expect("counted").tasks;
        assert_eq!(usize::try_from(tasks).expect("a number"), before["tasks"].len());
        store.close().await;
        drop(store);
        until_free(folder.path()).await;
        for entry in std::fs::read_dir(folder.path()).expect("read") {
            std::fs::remove_file(entry.expect("an entry").path()).expect("destroyed");
        }
        let restored = url.restore(&file, Over::Refuse).await.expect("it comes back");
        assert_eq!((restored.checked, restored.kept), (checked, None));
        let (_, before) = parted(before);
        assert_eq!(parted(sqlite_content(&path).await), (Vec::new(), before), "and no history yet");
        // And it is as good as any.
        let store = support::open(&url).await;
        writers::insist(&store, OWNERS[0], &writers::addition(1_000_000)).await;
    });
}

/// The writer lets go of the lock when it has seen that nobody can ask for more.
pub(crate) async fn until_free(folder: &Path) {
    let lock = std::fs::File::open(folder.join("todo.db.lock")).expect("it is there");
    while lock.try_lock().is_err() {
        tokio::task::yield_now().await;
    }
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_comes_back_as_it_was() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (url, text) = (database.url(), database.text());
        let backups = tempfile::tempdir().expect("a folder");
        under_writes(&store, &url, backups.path()).await;
        let file = backups.path().join("last");
        url.back_up(&file, Over::Refuse).await.expect("a backup");
        let before = postgres_content(&text).await;
        assert!(!before["tasks"].is_empty() && before.len() > 15, "{:?}", before.keys());

        let used = url.restore(&file, Over::Refuse).await.expect_err("the store is open");
        assert!(matches!(used, BackupError::InUse(_)), "{used:?}");
        store.close().await;
        destroy(&text).await;
        assert!(postgres_content(&text).await.is_empty());
        alone(&url, &file, Over::Refuse).await.expect("it comes back");
        let (_, before) = parted(before);
        assert_eq!(
            parted(postgres_content(&text).await),
            (Vec::new(), before),
            "and no history yet"
        );

        // Each of those taken under writes is of one moment.
        for number in 0..4 {
            let file = backups.path().join(number.to_string());
            alone(&url, &file, Over::Replace).await.expect("it comes back");
            audit::postgres(&text).await;
        }
    });
}

async fn destroy(url: &str) {
    let mut conn = PgConnection::connect(url).await.expect("it connects");
    let sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    sqlx::raw_sql(sql).execute(&mut conn).await.expect("destroyed");
    conn.close().await.expect("it closes");
}

/// Restores once the server has seen that who was connected is gone.
pub(crate) async fn alone(url: &DatabaseUrl, file: &Path, over: Over) -> Result<(), BackupError> {
    loop {
        match url.restore(file, over).await {
            Err(BackupError::InUse(_)) => tokio::task::yield_now().await,
            done => return done.map(drop),
        }
    }
}

/// SPEC 7: nothing that holds accounts is lost by a slip.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_is_left_alone_without_force() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (url, text) = (database.url(), database.text());
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backup");
        url.back_up(&file, Over::Refuse).await.expect("a backup");
        restoring::register(&store, "ann@example.org").await;
        store.close().await;
        let before = postgres_content(&text).await;
        let refused = alone(&url, &file, Over::Refuse).await.expect_err("it holds an account");
        assert!(matches!(refused, BackupError::Occupied(Some(1))), "{refused:?}");

        let whole = std::fs::read(&file).expect("read");
        let bad = folder.path().join("bad");
        for (what, bytes) in [
            ("torn", &whole[..whole.len() / 2]),
            ("without its end", &whole[..whole.len() - 40]),
            ("a diary", b"Dear diary"),
            ("nothing", b""),
        ] {
            std::fs::write(&bad, bytes).expect("written");
            let refused = alone(&url, &bad, Over::Replace).await.expect_err(what);
            let told = refused.to_string();
            let known = matches!(refused, BackupError::Damaged(..) | BackupError::NotABackup(..));
            assert!(known && told.contains("bad"), "{what}: {told}");
        }
        assert_eq!(postgres_content(&text).await, before);
        alone(&url, &file, Over::Replace).await.expect("it comes back");
        assert!(postgres_content(&text).await["users"].is_empty());
    });
}

/// SPEC 5: a password is in no message and on no command line.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_that_is_down_is_told_without_its_password() {
    support::run(async {
        let database = Database::make().await;
        let text = database.text().replace("postgres@", "postgres:hunter%2Dtwo@");
        let folder = tempfile::tempdir().expect("a folder");
        let gone = format!("{text}_that_is_not_there");
        let url: DatabaseUrl = gone.parse().expect("a URL");
        let failed = url.back_up(&folder.path().join("x"), Over::Refuse).await;
        let failed = failed.expect_err("there is no such database");
        assert!(matches!(failed, BackupError::Program("pg_dump", _)), "{failed:?}");
        let told = format!("{failed} {failed:?}");
        assert!(told.contains("_that_is_not_there") && !told.contains("hunter"), "{told}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("read").count(), 0);
    });
}
