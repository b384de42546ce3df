//! A small batch in one round trip to PostgreSQL: one statement that takes the owner's lock if the
//! counters are as the plan saw them, and writes everything only then.
//!
//! Every change raises the counters, so that they have not moved says that nothing has: no version
//! must be compared, and the numbers to give are known beforehand. The parts of the statement all
//! see what was there before it; none touches a row that another touches.
//!
//! Where the answer was lost with the connection, the batch may have been written or not, or may
//! still wait for the lock and be written when it is free. So nothing is decided before this store
//! holds the lock itself. If the batch was written, then its first event stands in the history under
//! the number that it was to have. If nothing was, the batch goes on under the lock, and a first
//! attempt that still waits finds the counters moved. If somebody else wrote, nobody is told to plan
//! again: what came in between may be what was planned.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe, Postgres, Row};
use todo_core::batch::{Counters, Seen};
use todo_core::{Batch, Committed, EventEnvelope, Owner, StoreError, Zone};

use super::commit::{at_once, lock};
use super::write::{Known, Op, Written, write};
use crate::bind::{self, Value};
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::{Fault, StoreResult};
use crate::lender::Lender;
use crate::origin::Origin;
use crate::spans::{POSTGRES, asked};
use crate::sql::{Sql, number};

/// Most tasks, events and firings of a batch that is written at once.
const ROWS_MAX: usize = 64;

/// A batch as one statement.
pub(super) struct Quick {
    owner: Owner,
    text: Arc<str>,
    args: PgArguments,
    seen: Counters,
    done: Committed,
}

impl Quick {
    /// The batch as one statement, if it can be one. `in_passing`, it writes nothing where somebody holds the
    /// owner's row, as if the counters had moved.
    pub(super) fn of(
        owner: Owner,
        batch: &Batch,
        zone: Option<Zone>,
        origin: Origin,
        in_passing: bool,
    ) -> StoreResult<Option<Self>> {
        let rows = batch.upserts.len().max(batch.events.len()).max(batch.firings.len());
        let Some(Seen { counters, redo }) =
            batch.seen.filter(|_| rows <= ROWS_MAX && at_once(batch))
        else {
            return Ok(None);
        };
        let guess = zone.unwrap_or(Zone::UTC);
        let (present, first) = (None, Vec::new());
        let known = Known { counters, redo, zone: guess, present, first, origin };
        let written = write(owner, batch.clone(), known)?;
        if written.zoned && zone.is_none() {
            return Ok(None);
        }
        let text = text(&written.ops, in_passing);
        let zone = written.zoned.then(|| guess.name().to_owned());
        let Written { ops, counters: after, more, done, .. } = written;
        let args = arguments(owner, counters, after, more, zone, ops)?;
        Ok(Some(Self { owner, text, args, seen: counters, done }))
    }

    /// What was written; nothing if the counters have moved.
    pub(super) async fn write(self, lender: &Lender<Postgres>) -> Result<Option<Committed>, Lost> {
        let Self { owner, text, args, seen, done } = self;
        match told(lender, text, args).await {
            Ok(held) => Ok((held == 1).then_some(done)),
            Err(fault) => Err(Lost { owner, seen, done, fault }),
        }
    }
}

/// The one number that a statement answers.
async fn told(lender: &Lender<Postgres>, text: Arc<str>, args: PgArguments) -> StoreResult<i64> {
    let mut lent = lender.lend().await?;
    let (conn, limit) = lent.parts();
    let row = sqlx::query_with(AssertSqlSafe(Arc::clone(&text)), args).fetch_one(conn);
    let row = asked(POSTGRES, &text, limit.on(row)).await?;
    lent.done();
    Ok(row.try_get(0)?)
}

/// A batch whose answer did not come.
pub(super) struct Lost {
    owner: Owner,
    seen: Counters,
    done: Committed,
    pub(super) fault: Fault,
}

/// The answer was lost, and others have written since.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke, and what became of the write is not known")]
struct Unknown;

static EVENT: Sql = Sql::new(
    "SELECT seq FROM events WHERE owner = ? AND seq = ? AND aggregate_id = ? \
     AND aggregate_version = ? AND at = ? AND correlation_id = ?",
);

impl Lost {
    /// What was written, if it was; nothing if it was not and may be written now. Takes the owner's
    /// lock for the rest of the transaction: only then is the first attempt over, or too late.
    pub(super) async fn settle(self, conn: &mut Conn<'_>) -> StoreResult<Option<Committed>> {
        let head = lock(conn, self.owner).await?;
        // One without events left a receipt at most, and that tells by itself of a second attempt.
        let Some(event) = self.done.events.first() else { return Ok(None) };
        let EventEnvelope { seq, aggregate_id, aggregate_version, timestamp, .. } = event;
        let values = vec![
            self.owner.0.into(),
            seq.0.into(),
            aggregate_id.0.into(),
            aggregate_version.0.into(),
            timestamp.millis().into(),
            event.correlation_id.into(),
        ];
        let found = conn.rows(&EVENT, values, |row: &dyn Cells| Ok(row.integer(0)?)).await?;
        if !found.is_empty() {
            return Ok(Some(self.done));
        }
        if head.counters == self.seen {
            return Ok(None);
        }
        Err(StoreError::Unavailable(Unknown.into()).into())
    }
}

const LOCK: &str = "WITH lock AS (UPDATE owners SET next_id = ?, next_seq = ?, tasks = tasks + ? \
     WHERE owner = ? AND next_id = ? AND next_seq = ? AND timezone = COALESCE(?, timezone) \
     RETURNING owner)";
/// The same that waits for nobody. The row is locked as an update does: who only refers to it is not in the way.
const LOCK_IF_FREE: &str = "WITH lock AS (UPDATE owners SET next_id = ?, next_seq = ?, \
     tasks = tasks + ? WHERE owner = (SELECT owner FROM owners WHERE owner = ? \
     FOR NO KEY UPDATE SKIP LOCKED) AND next_id = ? AND next_seq = ? \
     AND timezone = COALESCE(?, timezone) RETURNING owner)";

/// By what they do: there are as many texts as kinds of small batches, and each stays prepared.
static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
type Texts = HashMap<(bool, Vec<Part>), Arc<str>>;

/// What a part of a statement does. To one row it is done without arrays, which cost more than the
/// row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Run(&'static str),
    Insert { table: &'static str, many: bool },
    Update { table: &'static str, many: bool },
}

fn text(ops: &[Op], in_passing: bool) -> Arc<str> {
    let parts = ops.iter().map(|op| match op {
        Op::Run(sql, _) => Part::Run(sql.marked()),
        Op::Insert(table, rows) => Part::Insert { table: table.name, many: rows.len() > 1 },
        Op::Update(table, rows) => Part::Update { table: table.name, many: rows.len() > 1 },
    });
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts.entry((in_passing, parts.collect()));
    let text = text.or_insert_with(|| compose(ops, in_passing).into());
    Arc::clone(text)
}

fn compose(ops: &[Op], in_passing: bool) -> String {
    let mut bound = 0;
    let mut text = number(if in_passing { LOCK_IF_FREE } else { LOCK }, &mut bound);
    for (at, op) in ops.iter().enumerate() {
        let part = match op {
            Op::Run(sql, _) => sql.numbered(" AND EXISTS (SELECT FROM lock)", &mut bound),
            Op::Insert(table, rows) => number(&table.inserted("lock", rows.len() > 1), &mut bound),
            Op::Update(table, rows) => number(&table.updated("lock", rows.len() > 1), &mut bound),
        };
        // Writing to a text does not fail.
        let _ = write!(text, ", part{at} AS ({part})");
    }
    text + " SELECT count(*) FROM lock"
}

fn arguments(
    owner: Owner,
    before: Counters,
    after: Counters,
    more: i64,
    zone: Option<String>,
    ops: Vec<Op>,
) -> StoreResult<PgArguments> {
    let lock: Vec<Value> = vec![
        after.next_id.0.into(),
        after.next_seq.0.into(),
        more.into(),
        owner.0.into(),
        before.next_id.0.into(),
        before.next_seq.0.into(),
        zone.into(),
    ];
    let mut args = bind::postgres(lock)?;
    args.reserve(64, 4096);
    for op in ops {
        match op {
            Op::Run(_, values) => bind::add(&mut args, values)?,
            Op::Insert(table, rows) | Op::Update(table, rows) if rows.len() > 1 => {
                bind::columns(&mut args, table.kinds(), rows)?;
            }
            Op::Insert(_, rows) | Op::Update(_, rows) => {
                bind::add(&mut args, rows.into_iter().flatten())?;
            }
        }
    }
    Ok(args)
}
