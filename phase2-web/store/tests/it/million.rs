//! The plans and times of `docs/query-plans.md`: 10 000 owners with 90 tasks each, and one with
//! 100 000, as they come when all of them work at the same time.
//!
//! ```sh
//! cargo test --release -p todo-store --test it -- --ignored --nocapture million::sqlite
//! cargo test --release -p todo-store --test it -- --ignored --nocapture million::postgres
//! ```

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use todo_core::{AsyncTaskStore, Owner};
use todo_store::{DatabaseUrl, Store};
use uuid::Uuid;

use crate::plans::{documented, explain};
use crate::support;

/// The owner of 100 000.
const LARGE: Owner = Owner(Uuid::from_u128(10_001));
/// One of the others.
const SMALL: Owner = Owner(Uuid::from_u128(5_000));
const ROUNDS: u32 = 15;

/// The rows, in SQL that both databases read. `{…}` is where they differ.
const FILL: &[&str] = &[
    "INSERT INTO owners (owner, next_id, next_seq, tasks) \
     SELECT {owner}, 100001, 100001, 90 FROM {numbers(10001)} AS o(i)",
    "INSERT INTO tasks (owner, uid, id, version, title, description, status, priority, project, \
     tags, start_date, due_date, created_at, updated_at, completed_at, deleted_at, trash_id, \
     start_day, due_day, due_at, due_key, title_fold, project_fold, search, scheduled) \
     SELECT {owner}, {uid}, n, 1, title, description, status, n % 3, project, tags, start_day, \
     CASE WHEN due_day IS NOT NULL THEN due_day WHEN due_at IS NOT NULL THEN {timed} END, \
     made, made, CASE WHEN status = 2 THEN made END, CASE WHEN gone THEN 1795000000000 END, \
     CASE WHEN gone THEN {uid} END, start_day, due_day, due_at, \
     COALESCE(due_at, day_ends, 9223372036854775807), title, project, \
     title || COALESCE({gap} || description, '') || COALESCE({gap} || project, '') || \
     COALESCE({gap} || tag, ''), FALSE FROM (SELECT i, n, \
     'task ' || n || CASE n % 4 WHEN 0 THEN ' buy milk and bread' WHEN 1 THEN \
     ' call the plumber about the kitchen' WHEN 2 THEN ' write the quarterly report' ELSE \
     ' water the plants' END || CASE WHEN n = 77 THEN ' needle' ELSE '' END AS title, \
     CASE WHEN n % 3 = 0 THEN 'some more words about what is to be done and where, with whom and \
     why, as people write them down so as not to forget about it later on' END AS description, \
     CASE WHEN n % 5 < 2 THEN 2 WHEN n % 5 = 4 THEN 1 ELSE 0 END AS status, \
     CASE WHEN n % 4 > 0 THEN 'project/' || (n % 20) END AS project, \
     CASE WHEN n = 78 THEN 'rare' WHEN n % 2 = 0 THEN 'tag' || (n % 10) END AS tag, \
     CASE WHEN n = 78 THEN '[\"rare\"]' WHEN n % 2 = 0 THEN '[\"tag' || (n % 10) || '\"]' END AS tags, \
     n % 20 = 0 AS gone, CASE WHEN n % 50 = 1 THEN '2027-01-01' END AS start_day, \
     CASE WHEN n % 3 = 1 THEN {day} END AS due_day, \
     CASE WHEN n % 3 = 2 THEN {at} END AS due_at, \
     CASE WHEN n % 3 = 1 THEN {at} - {at} % 86400000 + 86399999 END AS day_ends, \
     1790000000000 + n * 1000 AS made \
     FROM (SELECT 1 + (r - 1) / 90 AS i, 1 + (r - 1) % 90 AS n, (r - 1) % 90 AS place \
     FROM {numbers(900000)} AS r(r) UNION ALL SELECT 10001, r, r * 90 / 100000 \
     FROM {numbers(100000)} AS r(r)) AS pairs ORDER BY place, n * 7919 % 10007, i) AS rows",
    "INSERT INTO task_tags (owner, tag, uid) SELECT owner, \
     CASE id WHEN 78 THEN 'rare' ELSE 'tag' || (id % 10) END, uid FROM tasks WHERE tags IS NOT NULL",
    "INSERT INTO events (owner, seq, event_type, schema_version, actor_kind, actor_id, \
     aggregate_type, aggregate_id, aggregate_version, at, correlation_id, data) \
     SELECT owner, id, 'task.created', 1, 'user', owner, 'task', uid, 1, created_at, uid, NULL \
     FROM tasks",
    "ANALYZE",
];

fn fill(marks: &[(&str, &str)]) -> Vec<String> {
    let numbers = |text: &str| {
        let mut parts = text.split("{numbers(");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (count, rest) = part.split_once(")}").expect("a mark ends");
            let numbers = marks.iter().find(|(mark, _)| *mark == "numbers").expect("it is there").1;
            whole += &numbers.replace('#', count);
            whole += rest;
        }
        whole
    };
    let replaced = |text: &&str| {
        let text = numbers(text);
        marks.iter().fold(text, |text, (mark, is)| text.replace(&format!("{{{mark}}}"), is))
    };
    FILL.iter().map(replaced).collect()
}

const SQLITE: &[(&str, &str)] = &[
    (
        "numbers",
        "(WITH RECURSIVE c(r) AS (SELECT 1 UNION ALL SELECT r + 1 FROM c WHERE r < #) \
         SELECT r AS i, r FROM c)",
    ),
    ("owner", "unhex(printf('%032x', i))"),
    ("uid", "unhex(printf('%016x%016x', i, n))"),
    ("at", "((1790000000 + n * 104729 % 31536000) * 1000)"),
    ("day", "date(1790000000 + n * 104729 % 31536000, 'unixepoch')"),
    ("timed", "strftime('%Y-%m-%dT%H:%M:%S+00:00[UTC]', due_at / 1000, 'unixepoch')"),
    ("gap", "char(31)"),
];

const POSTGRES: &[(&str, &str)] = &[
    ("numbers", "generate_series(1::bigint, #::bigint)"),
    ("owner", "lpad(to_hex(i), 32, '0')::uuid"),
    ("uid", "(lpad(to_hex(i), 16, '0') || lpad(to_hex(n), 16, '0'))::uuid"),
    ("at", "((1790000000 + n * 104729 % 31536000) * 1000)"),
    ("day", "to_char(to_timestamp(1790000000 + n * 104729 % 31536000), 'YYYY-MM-DD')"),
    ("timed", "to_char(to_timestamp(due_at / 1000), 'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00[UTC]\"')"),
    ("gap", "chr(31)"),
];

#[expect(clippy::print_stdout, reason = "it is run for what it prints")]
async fn tell(store: &Store) {
    for (name, query) in documented() {
        let mut times = Vec::new();
        for owner in [LARGE, SMALL] {
            let mut took: Vec<Duration> = Vec::new();
            for _ in 0..ROUNDS {
                let start = Instant::now();
                store.find(owner, &query).await.expect("an answer");
                took.push(start.elapsed());
            }
            took.sort();
            times.push(took[took.len() / 2]);
        }
        let found = store.find(LARGE, &query).await.expect("an answer").tasks.len();
        println!("{name}: {:?} of 100 000 ({found} rows), {:?} of 90", times[0], times[1]);
    }
    for (name, plan) in explain(store, LARGE).await {
        println!("\n{name}");
        for line in plan {
            println!("    {line}");
        }
    }
}

#[test]
#[ignore = "makes a million tasks: by hand"]
fn sqlite() {
    support::run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("todo.db");
        let store = support::open(&DatabaseUrl::Sqlite(path.clone())).await;
        let url = format!("sqlite://{}", path.display());
        let mut conn = SqliteConnection::connect(&url).await.expect("a connection");
        for sql in fill(SQLITE) {
            let sql = sql.replace(" AS o(i)", "").replace(" AS r(r)", "");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect("rows");
        }
        tell(&store).await;
    });
}

#[test]
#[ignore = "makes a million tasks: by hand; needs PostgreSQL"]
fn postgres() {
    support::run(async {
        let database = support::Database::make().await;
        let store = support::open(&database.url()).await;
        let mut conn = PgConnection::connect(&database.text()).await.expect("a connection");
        for sql in fill(POSTGRES) {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect("rows");
        }
        sqlx::raw_sql("VACUUM ANALYZE").execute(&mut conn).await.expect("it is tidied up");
        tell(&store).await;
    });
}
