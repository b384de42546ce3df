//! What must hold when all is over: the writes that were accepted are the effects, none lost and none
//! twice.

use std::path::PathBuf;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, PgConnection};
use todo_tests::services::until;
use tokio::runtime::Runtime;

/// Where everything is kept.
#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

/// Reminders `e` that were settled, with what became of them, `f`.
macro_rules! reminded {
    () => {
        "SELECT count(*) FROM events e JOIN reminder_firings f ON f.owner = e.owner \
         AND f.task = e.aggregate_id AND f.settled_at = e.at WHERE e.event_type LIKE 'reminder.%'"
    };
}
/// One that was past when its task was made, and by no series: that may be late.
macro_rules! past {
    () => {
        "(SELECT 1 FROM events c WHERE c.owner = e.owner AND c.aggregate_id = e.aggregate_id \
         AND c.event_type = 'task.created' AND c.at > f.at \
         AND c.data NOT LIKE '%\"origin\":\"series\"%')"
    };
}
macro_rules! shown {
    () => {
        "(SELECT 1 FROM notifications n WHERE n.owner = e.owner AND n.seq = e.seq)"
    };
}

/// What must not be found once there is nothing left to do: each statement counts what is wrong, on both
/// databases.
const WRONG: &[(&str, &str)] = &[
    // What was written is whole (SPEC 7).
    (
        "a gap in the events of an owner",
        "SELECT count(*) FROM owners o WHERE o.next_seq - 1 <> \
         (SELECT count(*) FROM events e WHERE e.owner = o.owner) OR o.next_seq - 1 <> \
         (SELECT COALESCE(max(e.seq), 0) FROM events e WHERE e.owner = o.owner)",
    ),
    (
        "a task that is not as its last event left it",
        "SELECT count(*) FROM tasks t WHERE t.version <> COALESCE((SELECT max(e.aggregate_version) \
         FROM events e WHERE e.owner = t.owner AND e.aggregate_id = t.uid), 0)",
    ),
    (
        "a version that does not rise",
        "SELECT count(*) FROM (SELECT aggregate_version - LAG(aggregate_version) OVER \
         (PARTITION BY owner, aggregate_id ORDER BY seq) AS step FROM events \
         WHERE aggregate_type = 'task') steps WHERE step < 0 OR step > 1",
    ),
    // The log (SPEC 9).
    ("an event that was not told", "SELECT count(*) FROM outbox WHERE position IS NULL"),
    (
        "an event that is not in the log",
        "SELECT count(*) FROM events e WHERE NOT EXISTS \
         (SELECT 1 FROM outbox x WHERE x.owner = e.owner AND x.seq = e.seq)",
    ),
    (
        "an event in the log twice",
        "SELECT count(*) FROM (SELECT 1 FROM outbox GROUP BY owner, seq HAVING count(*) > 1) twice",
    ),
    (
        "a gap in the log",
        "SELECT count(*) FROM (SELECT position - LAG(position) OVER (ORDER BY position) AS step \
         FROM outbox) steps WHERE step <> 1",
    ),
    (
        "a place beyond the end of the log",
        "SELECT count(*) FROM leaders l WHERE l.name = 'relay' \
         AND l.position <> (SELECT COALESCE(max(position), 0) FROM outbox)",
    ),
    (
        "an owner's events out of their order",
        "SELECT count(*) FROM (SELECT seq - LAG(seq) OVER (PARTITION BY owner ORDER BY position) \
         AS step FROM outbox) steps WHERE step <> 1",
    ),
    // Effects (SPEC 9).
    (
        "an event without its line in the audit",
        "SELECT count(*) FROM events e WHERE NOT EXISTS \
         (SELECT 1 FROM audit a WHERE a.owner = e.owner AND a.seq = e.seq)",
    ),
    (
        "a line in the audit of nothing",
        "SELECT count(*) FROM audit a WHERE NOT EXISTS \
         (SELECT 1 FROM events e WHERE e.owner = a.owner AND e.seq = a.seq)",
    ),
    (
        "tasks that were made, as they were counted",
        "SELECT count(*) FROM (SELECT 1) one WHERE (SELECT COALESCE(sum(created), 0) FROM activity) \
         <> (SELECT count(*) FROM events WHERE event_type = 'task.created')",
    ),
    (
        "tasks that were completed, as they were counted",
        "SELECT count(*) FROM (SELECT 1) one WHERE (SELECT COALESCE(sum(completed), 0) FROM activity) \
         <> (SELECT count(*) FROM events WHERE event_type = 'task.completed')",
    ),
    (
        "a notification of nothing",
        "SELECT count(*) FROM notifications n WHERE NOT EXISTS (SELECT 1 FROM events e \
         WHERE e.owner = n.owner AND e.seq = n.seq AND e.event_type LIKE 'reminder.%')",
    ),
    // Who is reminded (R10).
    (
        "a reminder that was not shown",
        concat!(reminded!(), " AND NOT EXISTS ", past!(), " AND NOT EXISTS ", shown!()),
    ),
    (
        "a reminder that was past, and shown",
        concat!(reminded!(), " AND EXISTS ", past!(), " AND EXISTS ", shown!()),
    ),
    ("an event that was parked", "SELECT count(*) FROM dead_letters"),
    // What the clock brings (R5, R6, R10).
    (
        "a reminder that did not come once",
        "SELECT count(*) FROM tasks t WHERE t.title LIKE 'remind %' AND 1 <> \
         (SELECT count(*) FROM events e WHERE e.owner = t.owner AND e.aggregate_id = t.uid \
         AND e.event_type LIKE 'reminder.%')",
    ),
    (
        "a slot of a series taken twice",
        "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE series IS NOT NULL \
         GROUP BY owner, series, slot HAVING count(*) > 1) twice",
    ),
    (
        "a late series that did not go on",
        "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE title LIKE 'series %' \
         GROUP BY owner, title HAVING count(*) < 2) still",
    ),
];

const BEGUN: &str = "SELECT count(*) FROM leaders WHERE position IS NOT NULL \
                     AND name IN ('audit', 'stats', 'notifications')";

impl Database {
    /// Waits until all that follows was written, and nothing else is.
    ///
    /// # Panics
    /// If that does not come to be, with what is wrong.
    pub(super) fn settles(&self, runtime: &Runtime) {
        until("what was accepted and what followed differ", || {
            let wrong = runtime.block_on(self.wrong()).map_err(|error| error.to_string())?;
            if wrong.is_empty() { Ok(()) } else { Err(format!("{wrong:?}")) }
        });
    }

    async fn wrong(&self) -> sqlx::Result<Vec<(&'static str, i64)>> {
        let mut wrong = Vec::new();
        for (what, sql) in WRONG {
            let found = self.number(sql).await?;
            if found != 0 {
                wrong.push((*what, found));
            }
        }
        Ok(wrong)
    }

    /// Waits until every consumer knows where it begins.
    ///
    /// # Panics
    /// If one does not.
    pub(super) fn has_consumers(&self, runtime: &Runtime) {
        until("consumers do not begin", || match runtime.block_on(self.number(BEGUN)) {
            Ok(3) => Ok(()),
            told => Err(format!("{told:?}")),
        });
    }

    /// Changes what is kept, behind everybody's back.
    pub(super) async fn change(&self, sql: &'static str) -> sqlx::Result<u64> {
        match self {
            Self::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                let mut conn: SqliteConnection = options.connect().await?;
                Ok(sqlx::query(sql).execute(&mut conn).await?.rows_affected())
            }
            Self::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await?;
                Ok(sqlx::query(sql).execute(&mut conn).await?.rows_affected())
            }
        }
    }

    /// The one number that a statement answers.
    pub(super) async fn number(&self, sql: &'static str) -> sqlx::Result<i64> {
        match self {
            Self::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let mut conn: SqliteConnection = options.connect().await?;
                sqlx::query_scalar(sql).fetch_one(&mut conn).await
            }
            Self::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await?;
                sqlx::query_scalar(sql).fetch_one(&mut conn).await
            }
        }
    }
}
