//! Archives of PostgreSQL: of a database that others share, and put back as a whole or not at all.

use sqlx::{Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_store::DatabaseUrl;
use todo_store::backup::{BackupError, Over};

use super::{alone, parted, postgres_content};
use crate::support::{self, Database};

async fn say(url: &str, sql: &'static str) {
    let mut conn = PgConnection::connect(url).await.expect("it connects");
    sqlx::raw_sql(sql).execute(&mut conn).await.expect("done");
    conn.close().await.expect("it closes");
}

/// Another program has tables that are called alike; all of it is in the archive, and comes back with it.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_that_is_shared_comes_back_as_it_was() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (url, text) = (database.url(), database.text());
        store.close().await;
        let others = "CREATE SCHEMA another; \
            CREATE TABLE another.meta (name TEXT PRIMARY KEY, value TEXT NOT NULL); \
            INSERT INTO another.meta VALUES ('history', 'theirs'), ('more', 'of theirs'); \
            CREATE TABLE another._sqlx_migrations (version BIGINT PRIMARY KEY); \
            INSERT INTO another._sqlx_migrations VALUES (99991231); \
            SELECT lo_from_bytea(0, 'a large one'); \
            INSERT INTO meta VALUES ('notifications began', '1'), ('strange', E'a\\\\b\\tc')";
        say(&text, others).await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backup");
        url.back_up(&file, Over::Refuse).await.expect("a backup");
        let (_, before) = parted(postgres_content(&text).await);
        say(&text, "DELETE FROM another.meta; DELETE FROM meta").await;
        alone(&url, &file, Over::Replace).await.expect("it comes back");
        assert_eq!(parted(postgres_content(&text).await), (Vec::new(), before));
        let mut conn = PgConnection::connect(&text).await.expect("it connects");
        let theirs = "SELECT string_agg(value, ', ' ORDER BY name) FROM another.meta";
        let theirs: Option<String> =
            sqlx::query_scalar(theirs).fetch_one(&mut conn).await.expect("told");
        assert_eq!(theirs.as_deref(), Some("theirs, of theirs"));
        conn.close().await.expect("it closes");
    });
}

/// That the old history ends is a part of what is done: where it cannot, nothing is.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_is_put_back_as_a_whole_or_not_at_all() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (url, text) = (database.url(), database.text());
        store.close().await;
        let kept = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql \
                AS $$ BEGIN RAISE EXCEPTION 'not this row'; END $$; \
            CREATE TRIGGER keeps BEFORE DELETE ON meta FOR EACH ROW EXECUTE FUNCTION keep(); \
            INSERT INTO meta VALUES ('history', 'x') ON CONFLICT DO NOTHING; \
            SELECT lo_from_bytea(0, 'a large one')";
        say(&text, kept).await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backup");
        url.back_up(&file, Over::Refuse).await.expect("a backup");
        say(&text, "INSERT INTO meta VALUES ('since', 'then')").await;
        let before = postgres_content(&text).await;
        let refused = alone(&url, &file, Over::Replace).await.expect_err("its history stays");
        assert!(matches!(refused, BackupError::Program("psql", _)), "{refused:?}");
        assert!(refused.to_string().contains("not this row"), "{refused}");
        assert_eq!(postgres_content(&text).await, before, "it is untouched");
    });
}

/// Where the URL says in which schema it is, it comes back there; by another way nobody would find it.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_comes_back_where_its_url_says() {
    support::run(async {
        let database = Database::make().await;
        let text = database.text();
        say(&text, "CREATE SCHEMA mine").await;
        let there = format!("{text}?options=-csearch_path%3Dmine");
        let url: DatabaseUrl = there.parse().expect("a URL");
        let store = support::open(&url).await;
        let before = store.head(OWNERS[0]).await.expect("told");
        store.close().await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backup");
        url.back_up(&file, Over::Refuse).await.expect("a backup");
        alone(&url, &file, Over::Refuse).await.expect("it comes back");
        let store = support::open(&url).await;
        let after = store.head(OWNERS[0]).await.expect("told");
        assert!(after.seq == before.seq && after.history != before.history, "{after:?}");
        store.close().await;
    });
}
