//! Rows of the log and of the audit that no server has written so (SPEC 9): what can be read of them is, and
//! what comes after them is.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;
use todo_core::conformance::OWNERS;
use todo_core::event::Seq;
use todo_core::{Owner, Timestamp};
use todo_store::Store;
use todo_store::effects::{AuditQuery, Kept};
use todo_store::log::{Entry, Handled, Outcome, Position, RELAY, Unreadable, Work};
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

/// The database refuses to change the audit: whatever damages it asks nobody.
const UNGUARDED_SQLITE: &str = "DROP TRIGGER audit_stays";
const UNGUARDED_POSTGRES: &str = "DROP TRIGGER audit_stays ON audit";

/// What the audit has beside its envelope.
const KEPT: &[(&str, &str)] = &[
    ("fields = '[', details = ''", "fields, details"),
    ("fields = '{}', details = '[]'", "fields, details"),
    ("fields = '[1]', details = '7'", "fields, details"),
    // It is to be one line.
    ("details = '{' || chr(10) || '}'", "details"),
];

/// Two rows of the audit, of which the first is to be damaged.
async fn begin_audit(store: &Store) {
    begin(store).await;
    let log = store.read_log(Position(0), 10).await.expect("it reads");
    let consumer = store.lead("audit").await.expect("it answers").expect("nobody else leads");
    for entry in &log {
        let mut work = Work::default();
        work.audit(entry, Kept::default());
        let handled = [Handled { entry, outcome: Outcome::Done(work) }];
        store.settle(&consumer, &handled, Position(2), now()).await.expect("it is written");
    }
    consumer.resign().await;
}

/// As JSON, which is how it is shown: the oldest first.
async fn audited(store: &Store) -> [Vec<serde_json::Value>; 2] {
    let all = AuditQuery::default();
    let mut list = store.audit(ANN, &all, None, 10).await.expect("it reads");
    list.sort_by_key(|row| row.seq);
    let export = store.audit_after(ANN, &all, Seq(0), 10).await.expect("it reads");
    [list, export].map(|rows| {
        rows.iter().map(|row| serde_json::to_value(row).expect("JSON")).collect::<Vec<_>>()
    })
}

/// The list of it and what is taken away go on after it, and say what of it is damaged.
async fn is_shown_as_damaged(store: &Store, parts: &str) {
    let damage = format!("its row is damaged: {parts} cannot be read");
    for rows in audited(store).await {
        let found: Vec<_> = rows.iter().map(|row| (&row["seq"], &row["damage"])).collect();
        let whole = serde_json::Value::Null;
        assert_eq!(found, [(&1.into(), &damage.as_str().into()), (&2.into(), &whole)]);
        let legible = rows[0]["timestamp"] == rows[1]["timestamp"];
        assert!(legible, "the rest of it is there: {:?}", rows[0]);
        for part in parts.split(", ") {
            let stands = rows[0].pointer(&format!("/{}", part.replace('.', "/"))).expect(part);
            let nothing = ["unreadable", "00000000-0000-0000-0000-000000000000"];
            let nothing = nothing.iter().any(|nothing| stands == nothing);
            assert!(nothing || stands.is_null() || *stands == 0, "{part}: {stands}");
        }
    }
}

/// Makes this of the first row of the audit, behind the back of what guards it.
async fn damage_first_of_file(folder: &TempDir, change: &str) {
    let options = SqliteConnectOptions::new().filename(folder.path().join("todo.db"));
    let mut conn = options.connect().await.expect("it connects");
    sqlx::query(UNGUARDED_SQLITE).execute(&mut conn).await.expect("it is gone");
    let change = sqlx::AssertSqlSafe(format!("UPDATE audit SET {change} WHERE seq = 1"));
    let changed = sqlx::query(change).execute(&mut conn).await;
    assert_eq!(changed.expect("it is changed").rows_affected(), 1);
}

#[test]
fn what_cannot_be_read_of_a_file_hides_nothing_of_the_audit() {
    let envelope = SQLITE.iter().filter(|(_, parts)| {
        // The audit has no data, and any version that is a number.
        !["data", "schema_version"].contains(parts)
    });
    let more = [
        ("schema_version = -1", "schema_version"),
        ("address = CAST(x'ff' AS TEXT)", "address"),
        ("fields = CAST(x'5bff' AS TEXT)", "fields"),
    ];
    for (change, parts) in envelope.chain(&more).chain(KEPT) {
        support::run(async {
            let (store, folder) = support::sqlite().await;
            begin_audit(&store).await;
            damage_first_of_file(&folder, &change.replace("chr(", "char(")).await;
            is_shown_as_damaged(&store, parts).await;
        });
    }
}

/// A row of which it cannot be said which it is cannot be asked for, and stands in nobody's way.
#[test]
fn a_row_of_the_audit_without_its_number_hides_no_other() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        begin_audit(&store).await;
        damage_first_of_file(&folder, "seq = -1").await;
        for rows in audited(&store).await {
            assert_eq!(rows.iter().map(|row| &row["seq"]).collect::<Vec<_>>(), [2]);
        }
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_what_cannot_be_read_hides_nothing_of_the_audit() {
    let versions =
        ("schema_version = -1, aggregate_version = -1", "schema_version, aggregate_version");
    for (change, parts) in KEPT.iter().chain([&versions]) {
        support::run(async {
            let (store, database) = support::postgres().await;
            begin_audit(&store).await;
            let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
            sqlx::query(UNGUARDED_POSTGRES).execute(&mut conn).await.expect("it is gone");
            let change = format!("UPDATE audit SET {change} WHERE seq = 1");
            let changed = sqlx::query(sqlx::AssertSqlSafe(change)).execute(&mut conn).await;
            assert_eq!(changed.expect("it is changed").rows_affected(), 1);
            is_shown_as_damaged(&store, parts).await;
        });
    }
}
