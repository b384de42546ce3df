//! Which history a database tells: the same for as long as it goes on, and another one where a backup was put
//! in its place (SPEC 9: who comes back is given what they missed, or is told to begin anew).

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_core::event::Seq;
use todo_store::backup::Over;
use todo_store::{DatabaseUrl, Head, Store};
use uuid::Uuid;

use crate::backup::{alone, until_free};
use crate::{support, writers};

const END: &str = "DELETE FROM meta WHERE name = 'history'";

async fn history(store: &Store) -> Uuid {
    store.head(OWNERS[0]).await.expect("it answers").history
}

async fn add(store: &Store, number: u32) {
    writers::insist(store, OWNERS[0], &writers::addition(number)).await;
}

async fn a_history_is_told_with_its_numbers(store: &Store) {
    let [ann, bob] = [OWNERS[0], OWNERS[1]];
    let given = history(store).await;
    assert_eq!(store.head(ann).await.expect("told"), Head { seq: Seq(0), history: given });
    for number in 1..=3 {
        add(store, number).await;
    }
    assert_eq!(store.head(ann).await.expect("told"), Head { seq: Seq(3), history: given });
    assert_eq!(store.head(bob).await.expect("told"), Head { seq: Seq(0), history: given });
    for since in [0, 3, 9] {
        let changes = store.changes(ann, Seq(since), 2).await.expect("changes");
        assert_eq!(changes.history, given, "since {since}");
    }
    store.migrate().await.expect("once more");
    assert_eq!(history(store).await, given);
}

support::on_both! { a_history_is_told_with_its_numbers }

/// A database of before has none, and several servers may come upon that at once.
async fn is_given_once(stores: [Store; 2]) {
    let asked: Vec<_> = (0..8)
        .map(|number| {
            let store = stores[number % 2].clone();
            tokio::spawn(async move {
                match number % 4 {
                    0 | 1 => history(&store).await,
                    _ => store.changes(OWNERS[0], Seq(0), 9).await.expect("changes").history,
                }
            })
        })
        .collect();
    let mut given = Vec::new();
    for asked in asked {
        given.push(asked.await.expect("it answers"));
    }
    given.dedup();
    assert_eq!(given.len(), 1, "{given:?}");
    assert_eq!(history(&stores[1]).await, given[0]);
}

#[test]
fn who_finds_no_history_gives_one() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        add(&store, 1).await;
        let before = history(&store).await;
        let options = SqliteConnectOptions::new().filename(folder.path().join("todo.db"));
        let mut conn = options.connect().await.expect("it opens");
        sqlx::raw_sql(END).execute(&mut conn).await.expect("it is none");
        conn.close().await.expect("it closes");
        is_given_once([store.clone(), store.clone()]).await;
        assert_ne!(history(&store).await, before);
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_finds_no_history_gives_one_on_postgres() {
    support::run(async {
        let (store, database) = support::postgres().await;
        add(&store, 1).await;
        let before = history(&store).await;
        let other = Store::open(&database.url(), &support::options()).await.expect("it opens");
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        sqlx::raw_sql(END).execute(&mut conn).await.expect("it is none");
        is_given_once([store.clone(), other]).await;
        assert_ne!(history(&store).await, before);
    });
}

/// Each time that a backup is put in place, and where its file is copied there by hand.
#[test]
fn what_is_put_back_is_another_history() {
    support::run(async {
        let (mut store, folder) = support::sqlite().await;
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let mut seen = vec![history(&store).await];
        let backup = folder.path().join("backup");
        url.back_up(&backup, Over::Refuse).await.expect("a backup");
        for number in 1..=3 {
            add(&store, number).await;
            store.close().await;
            drop(store);
            until_free(folder.path()).await;
            if number == 3 {
                std::fs::copy(&backup, folder.path().join("todo.db")).expect("a copy by hand");
            } else {
                url.restore(&backup, Over::Replace).await.expect("it is put back");
            }
            store = support::open(&url).await;
            let head = store.head(OWNERS[0]).await.expect("told");
            assert!(head.seq == Seq(0) && !seen.contains(&head.history), "{head:?} after {seen:?}");
            seen.push(head.history);
        }
        // What was there before is what it was.
        for (number, history) in (1..).zip(&seen[..2]) {
            let kept = folder.path().join(format!("todo.db.before-{number}"));
            let kept = support::open(&DatabaseUrl::Sqlite(kept)).await;
            let told = kept.head(OWNERS[0]).await.expect("told");
            assert_eq!(told, Head { seq: Seq(1), history: *history });
        }
    });
}

/// The same of an archive, in which it stands: also into a database that has told nothing yet.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn what_is_put_back_is_another_history_on_postgres() {
    support::run(async {
        let (mut store, database) = support::postgres().await;
        let (elsewhere, folder) = (support::Database::make().await, tempfile::tempdir());
        let backup = folder.as_ref().expect("a folder").path().join("backup");
        let mut seen = vec![history(&store).await];
        database.url().back_up(&backup, Over::Refuse).await.expect("a backup");
        for url in [database.url(), database.url(), elsewhere.url()] {
            add(&store, 1).await;
            store.close().await;
            alone(&url, &backup, Over::Replace).await.expect("it is put back");
            store = Store::open(&url, &support::options()).await.expect("it opens");
            let head = store.head(OWNERS[0]).await.expect("told");
            assert!(head.seq == Seq(0) && !seen.contains(&head.history), "{head:?} after {seen:?}");
            seen.push(head.history);
        }
        store.close().await;
    });
}
