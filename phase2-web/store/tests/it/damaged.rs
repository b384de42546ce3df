//! Rows of the log that no server has written so (SPEC 9): what can be read of them is, and what comes after
//! them is.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_core::event::Seq;
use todo_core::{Owner, Timestamp};
use todo_store::Store;
use todo_store::log::{Entry, Handled, Outcome, Position, RELAY, Unreadable};
use uuid::Uuid;

use crate::support;
use crate::writers::{addition, insist};

const ANN: Owner = OWNERS[0];

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000)
}

/// Two events, of which the first is to be damaged.
async fn begin(store: &Store) {
    insist(store, ANN, &addition(1)).await;
    insist(store, ANN, &addition(2)).await;
    let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    store.publish(&relay, 100, now()).await.expect("it is told");
    relay.resign().await;
}

/// The log, the history and what is parked go on after it, and say what of it is damaged.
async fn is_told_as_damaged(store: &Store, parts: &str) {
    let log = store.read_log(Position(0), 10).await.expect("it reads");
    let history = store.read_history(ANN, Seq(0), 10).await.expect("it reads");
    let said = |entry: &Entry| entry.damage.as_ref().map(ToString::to_string);
    let damage = format!("its row is damaged: {parts} cannot be read");
    for entries in [&log, &history] {
        let found: Vec<_> = entries.iter().map(|entry| (entry.seq.0, said(entry))).collect();
        assert_eq!(found, [(1, Some(damage.clone())), (2, None)]);
        let [entry, next] = entries.as_slice() else { panic!("two") };
        assert!(matches!(entry.envelope(), Err(Unreadable::Damaged(_))), "{entry:?}");
        next.envelope().expect("nothing is wrong with it");
    }
    assert_eq!(
        log.iter().filter_map(|entry| entry.position).collect::<Vec<_>>(),
        [Position(1), Position(2)]
    );

    let consumer = store.lead("stats").await.expect("it answers").expect("nobody else leads");
    let outcome = Outcome::Parked { reason: damage.clone(), attempts: 1 };
    let handled = [Handled { entry: &log[0], outcome }];
    store.settle(&consumer, &handled, Position(1), now()).await.expect("it is written");
    consumer.resign().await;
    let first = (Owner(Uuid::nil()), Seq(0));
    let letters = store.letters("stats", first, 10).await.expect("it reads");
    let [letter] = letters.as_slice() else { panic!("one is parked: {letters:?}") };
    assert_eq!((letter.entry.seq, said(&letter.entry)), (Seq(1), Some(damage)));
    let json: serde_json::Value = serde_json::from_str(&letter.entry.json()).expect("JSON");
    assert_eq!(json["user_id"], ANN.0.to_string());
}

const SQLITE: &[(&str, &str)] = &[
    ("event_type = CAST(x'ff' AS TEXT)", "event_type"),
    ("schema_version = -1", "schema_version"),
    ("schema_version = 4294967296", "schema_version"),
    ("actor_kind = CAST(x'ff' AS TEXT), actor_id = x''", "actor.kind, actor.id"),
    ("aggregate_type = CAST(x'ff' AS TEXT)", "aggregate_type"),
    ("aggregate_id = x'01'", "aggregate_id"),
    ("aggregate_version = -1", "aggregate_version"),
    ("correlation_id = x'', causation_id = x''", "correlation_id, causation_id"),
    ("data = CAST(x'7bff' AS TEXT)", "data"),
];

#[test]
fn what_cannot_be_read_of_a_file_stops_nobody() {
    for (change, parts) in SQLITE {
        support::run(async {
            let (store, folder) = support::sqlite().await;
            begin(&store).await;
            let options = SqliteConnectOptions::new().filename(folder.path().join("todo.db"));
            let mut conn = options.connect().await.expect("it connects");
            let change = format!("UPDATE events SET {change} WHERE seq = 1");
            let changed = sqlx::query(sqlx::AssertSqlSafe(change)).execute(&mut conn).await;
            assert_eq!(changed.expect("it is changed").rows_affected(), 1);
            is_told_as_damaged(&store, parts).await;
        });
    }
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_what_cannot_be_read_stops_nobody() {
    support::run(async {
        let (store, database) = support::postgres().await;
        begin(&store).await;
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let change = "UPDATE events SET schema_version = -1, aggregate_version = -1 WHERE seq = 1";
        sqlx::query(change).execute(&mut conn).await.expect("it is changed");
        is_told_as_damaged(&store, "schema_version, aggregate_version").await;
    });
}
