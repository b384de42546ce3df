//! What is derived in the tables follows the zones and the folding of the program that runs.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::OWNERS;
use todo_core::conformance::given::{ctx, instant, tags, title};
use todo_core::service::Server;
use todo_core::{AsyncTaskStore, Due, Order, TaskId, TaskQuery};
use todo_store::DatabaseUrl;
use uuid::Uuid;

use crate::{audit, support};

const SEEN: &str = "SELECT group_concat(text, ';') FROM (SELECT hex(uid) || due_key || \
     COALESCE(due_day, '') || COALESCE(due_at, '') || title_fold || search || scheduled || \
     COALESCE(wake_at, '') AS text \
     FROM tasks UNION ALL SELECT tag || hex(uid) FROM task_tags ORDER BY 1)";

/// Q5, Q6 and SPEC 1 (`timezone`): with other versions in `meta`, every derived column is made
/// anew; with the same, none is looked at.
#[test]
fn derived_columns_are_renewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("todo.db");
    let url = DatabaseUrl::Sqlite(path.clone());
    support::run(async {
        let store = support::with_owners(support::open(&url).await).await;
        let context = ctx(OWNERS[0], instant("2026-11-21T12:00:00Z"));
        for (k, due) in (1..).zip(["2026-12-01", "2026-12-01T17:00:00+05:00[Asia/Karachi]"]) {
            let uid = TaskId(Uuid::from_u128(k));
            let mut new = NewTask::new(uid, title("Straße"));
            new.due_date = Some(due.parse::<Due>().expect("a date"));
            new.tags = tags(&["Größe"]);
            let command = Command::One(Item::Create(Box::new(new)));
            Server::scheduled(&store).execute(&command, &context).await.expect("it is made");
        }
        let query = TaskQuery {
            order: Order::default(),
            ..TaskQuery::new(todo_core::query::Moment {
                now: context.now,
                zone: context.zone,
                owner_zone: context.zone,
                week_start: context.week_start,
            })
        };
        let before = store.find(OWNERS[0], &query).await.expect("it answers");
        store.close().await;
        drop(store);

        let mut conn = SqliteConnectOptions::new().filename(&path).connect().await.expect("opens");
        let whole = seen(&mut conn).await;
        let tamper = "UPDATE tasks SET due_key = 1, due_day = NULL, due_at = NULL, \
             title_fold = 'x', search = 'x', scheduled = 1, \
             wake_at = 1; DELETE FROM task_tags";
        sqlx::raw_sql(tamper).execute(&mut conn).await.expect("tampered");
        let tampered = seen(&mut conn).await;
        assert_ne!(tampered, whole);
        migrate(&url).await;
        assert_eq!(seen(&mut conn).await, tampered, "the versions are the same");
        for name in ["zones", "fold"] {
            let older = sqlx::query("UPDATE meta SET value = 'older' WHERE name = $1").bind(name);
            let done = older.execute(&mut conn).await.expect("tampered");
            assert_eq!(done.rows_affected(), 1, "{name}");
            sqlx::raw_sql(tamper).execute(&mut conn).await.expect("tampered");
            migrate(&url).await;
            assert_eq!(seen(&mut conn).await, whole, "{name} was older");
        }
        conn.close().await.expect("it closes");
        let store = open_again(&url).await;
        assert_eq!(store.find(OWNERS[0], &query).await.expect("it answers"), before);
        store.close().await;
        audit::sqlite(&path).await;
    });
}

async fn seen(conn: &mut SqliteConnection) -> String {
    sqlx::query_scalar(SEEN).fetch_one(conn).await.expect("it answers")
}

async fn migrate(url: &DatabaseUrl) {
    open_again(url).await.close().await;
}

/// Once the writer of the store before has let go of the file.
async fn open_again(url: &DatabaseUrl) -> todo_store::Store {
    loop {
        if let Ok(store) = todo_store::Store::open(url, &support::options()).await {
            store.migrate().await.expect("it migrates");
            return store;
        }
        tokio::task::yield_now().await;
    }
}
