//! Deleting an account leaves no row of it, in any table there is or will be, but the one event that
//! tells of it (SPEC 9).

use todo_core::conformance::OWNERS;
use todo_core::event::{Actor, ActorKind};
use todo_core::{Owner, Timestamp};
use todo_store::DatabaseUrl;
use todo_store::accounts::{Email, Farewell};

use crate::backup::until_free;
use crate::schema::{Asked, LastEvent, NOBODYS, register};
use crate::{support, writers};

/// Where something is left: the event, and that it is to be told.
const TOLD: [&str; 2] = ["events", "outbox"];

const AT_MILLIS: i64 = 1_000;

fn at() -> Timestamp {
    Timestamp::from_millis(AT_MILLIS)
}

fn farewell(owner: Owner) -> Farewell {
    let actor = Actor { kind: ActorKind::User, id: owner.0 };
    Farewell { owner, actor, correlation: owner.0, proven: None }
}

async fn leaves_nothing(url: &DatabaseUrl) {
    let store = support::open(url).await;
    let [gone, stays] = [OWNERS[0], OWNERS[1]];
    register(&store, gone, "gone@example.org").await;
    register(&store, stays, "stays@example.org").await;
    let mut asked = Asked::of(url).await;
    let tables = asked.tables().await;
    let nobodys: Vec<_> = tables
        .iter()
        .filter(|(_, columns)| columns.iter().all(|(name, ..)| name != "owner"))
        .map(|(table, _)| table.as_str())
        .collect();
    assert_eq!(nobodys, NOBODYS, "a table without an owner holds nothing of anybody");
    for owner in [gone, stays] {
        asked.fill(&tables, owner).await;
    }
    let before: Vec<_> = {
        let mut before = Vec::new();
        for table in tables.keys() {
            before.push(asked.mentions(table, &tables[table], stays).await);
        }
        before
    };
    let told = asked.last_event(gone).await.expect("there is history").seq;

    // A password that was changed meanwhile allows nothing.
    let stale = Farewell { proven: Some(7), ..farewell(gone) };
    assert!(!store.delete_user(&stale, at()).await.expect("answered"));
    assert!(store.delete_user(&farewell(gone), at()).await.expect("deleted"));

    for (table, before) in tables.keys().zip(before) {
        let left = asked.mentions(table, &tables[table], gone).await;
        let told = i64::from(TOLD.contains(&table.as_str()));
        assert_eq!(left, told, "{table} holds something yet");
        let others = asked.mentions(table, &tables[table], stays).await;
        assert_eq!(others, before, "{table} lost what is another's");
    }
    let last = asked.last_event(gone).await.expect("the event that tells of it");
    let event = LastEvent {
        seq: told + 1,
        event_type: "user.deleted".to_owned(),
        actor_kind: "user".to_owned(),
        aggregate_type: "user".to_owned(),
        at: AT_MILLIS,
        data: "{}".to_owned(),
    };
    assert_eq!(last, event);

    // Twice does no harm: what tells of it stays. And nothing can be written behind it.
    assert!(!store.delete_user(&farewell(gone), at()).await.expect("nothing to do"));
    assert_eq!(asked.last_event(gone).await, Some(event));
    writers::try_once(&store, gone, &writers::addition(2)).await.expect_err("nobody");
    // The address is free again.
    let email = Email::new("gone@example.org").expect("an address");
    assert!(store.credentials(&email).await.expect("answered").is_none());
}

#[test]
fn sqlite_deletion_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(leaves_nothing(&url));
}

/// Nor is it to be found where the rows were, be it in the file or in the log beside it.
#[test]
fn sqlite_deletion_leaves_nothing_where_the_rows_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("todo.db");
    let log = folder.path().join("todo.db-wal");
    let holds = |text: &str| {
        let file = std::fs::read(&path).expect("read");
        file.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    };
    support::run(async {
        let url = DatabaseUrl::Sqlite(path.clone());
        for delete in [false, true] {
            let store = support::open(&url).await;
            if delete {
                store.delete_user(&farewell(OWNERS[0]), at()).await.expect("deleted");
                let logged = std::fs::metadata(&log).expect("there is one").len();
                assert_eq!(logged, 0, "a server that goes on keeps nothing in its log");
            } else {
                register(&store, OWNERS[0], "gone@example.org").await;
                register(&store, OWNERS[1], "stays@example.org").await;
            }
            // All that was written is brought into the file.
            store.close().await;
            drop(store);
            until_free(folder.path()).await;
            assert_eq!((holds("gone@example.org"), holds("stays@example.org")), (!delete, true));
        }
    });
}

/// The relay waits for what is not told yet, and everybody for the relay: so that goes last.
#[test]
fn sqlite_deletion_holds_up_the_relay_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(async {
        let store = support::open(&url).await;
        register(&store, OWNERS[0], "gone@example.org").await;
        let mut asked = Asked::of(&url).await;
        let tables = asked.tables().await;
        asked.fill(&tables, OWNERS[0]).await;
        for (table, columns) in &tables {
            if table != "outbox" && columns.iter().any(|(name, ..)| name == "owner") {
                let early = format!(
                    "CREATE TRIGGER {table}_late BEFORE DELETE ON {table} WHEN NOT EXISTS \
                     (SELECT 1 FROM outbox WHERE owner = OLD.owner AND created_at <> {AT_MILLIS}) \
                     BEGIN SELECT RAISE(ABORT, '{table} is late'); END"
                );
                asked.run(early).await;
            }
        }
        assert!(store.delete_user(&farewell(OWNERS[0]), at()).await.expect("in that order"));
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_deletion_leaves_nothing() {
    support::run(async {
        let database = support::Database::make().await;
        leaves_nothing(&database.url()).await;
    });
}

/// However much there is of an account: what limits requests would keep it here for ever.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_deletion_takes_the_time_it_needs() {
    support::run(async {
        let database = support::Database::make().await;
        let store = support::open(&database.url()).await;
        register(&store, OWNERS[0], "gone@example.org").await;
        let hurried = "CREATE FUNCTION hurried() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF current_setting('statement_timeout') <> '0' THEN RAISE 'in a hurry'; END IF; \
             RETURN NULL; END $$; \
             CREATE TRIGGER hurried AFTER DELETE ON tasks EXECUTE FUNCTION hurried()";
        Asked::of(&database.url()).await.run(hurried.to_owned()).await;
        assert!(store.delete_user(&farewell(OWNERS[0]), at()).await.expect("deleted"));
    });
}
