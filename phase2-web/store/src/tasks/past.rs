//! What happened: to one task, and since one looked last.

use todo_core::event::{Actor, EventData, EventType, Seq};
use todo_core::{Owner, Revision, StoreError, Task, TaskId, Timestamp};
use uuid::Uuid;

use super::load::{bad, number};
use super::row::{COLUMNS, WIDTH, task};
use super::steps::word;
use crate::Store;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::history::{COLUMN as HISTORY, give, identity};
use crate::statement::Statement;

/// The `aggregate_type` of what happens to tasks.
const TASK: &str = "task";

/// An event of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct PastEvent {
    /// The owner's own counter.
    pub seq: Seq,
    /// What kind of event.
    pub event_type: EventType,
    /// Who acted.
    pub actor: Actor,
    /// The task's version after it.
    pub version: Revision,
    /// When it happened.
    pub at: Timestamp,
    /// Shared by everything that one request set off.
    pub correlation: Uuid,
    /// The event that set this off, if one did.
    pub causation: Option<Uuid>,
    /// What changed; nothing is left of it once the task was purged.
    pub data: Option<EventData>,
}

/// A task that somebody changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// The newest of the events that were looked at.
    pub seq: Seq,
    /// Which task.
    pub uid: TaskId,
    /// As it is now; `None` once it is purged.
    pub task: Option<Box<Task>>,
}

/// What happened since one looked last.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Each task once, in the order of `seq`.
    pub tasks: Vec<Touched>,
    /// Up to where this tells. Before where one asked from, if there are no such events: then it
    /// was another history that one looked at.
    pub seq: Seq,
    /// The history that this is of. Where it is another one than one looked at, this goes on from nothing
    /// that was seen there.
    pub history: Uuid,
    /// Whether there may be more behind it.
    pub more: bool,
}

/// Writes the question for a task's events.
pub(crate) fn ask_history(
    task: TaskId,
    before: Option<Seq>,
    limit: u32,
    statement: &mut Statement,
) {
    let before = before.map_or(i64::MAX, |seq| i64::try_from(seq.0).unwrap_or(i64::MAX));
    statement.add(
        "SELECT seq, event_type, actor_kind, actor_id, aggregate_version, at, correlation_id, \
         causation_id, data FROM events WHERE owner = $1 AND aggregate_id = ? AND seq < ? \
         AND aggregate_type = 'task' \
         ORDER BY seq DESC LIMIT ?",
        [task.0.into(), before.into(), i64::from(limit).into()],
    );
}

/// Writes the question for what changed.
pub(crate) fn ask_changes(since: Seq, limit: u32, statement: &mut Statement) {
    let columns = format!("t.{}", COLUMNS.replace(", ", ", t."));
    let from = i64::try_from(since.0).unwrap_or(i64::MAX);
    statement.add(
        &format!(
            "SELECT {columns}, touched.uid, touched.last, touched.events, touched.kind, \
             {HISTORY} AS history FROM \
             (SELECT aggregate_id AS uid, aggregate_type AS kind, max(seq) AS last, \
             count(*) AS events FROM \
             (SELECT aggregate_type, aggregate_id, seq FROM events WHERE owner = $1 AND seq > ? \
             ORDER BY seq LIMIT ?) AS next GROUP BY aggregate_type, aggregate_id) AS touched \
             LEFT JOIN tasks AS t ON t.owner = $1 AND t.uid = touched.uid \
             ORDER BY touched.last"
        ),
        [from.into(), i64::from(limit).into()],
    );
}

impl Store {
    /// A task's events, the newest first: those before one, or from the newest on.
    pub async fn history(
        &self,
        owner: Owner,
        task: TaskId,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<PastEvent>, StoreError> {
        let mut statement = Statement::of(&self.db, owner);
        ask_history(task, before, limit, &mut statement);
        Ok(self.db.all(statement, event).await?)
    }

    /// The tasks that the next so many events after `since` changed, as they are now. A task that
    /// is changed again meanwhile is told of again: whoever takes each as it comes has them all.
    pub async fn changes(
        &self,
        owner: Owner,
        since: Seq,
        limit: u32,
    ) -> Result<Changes, StoreError> {
        loop {
            if let Some(changes) = self.changed(owner, since, limit).await? {
                return Ok(changes);
            }
            give(self).await?;
        }
    }

    /// The same; nothing of a history that has no identity yet.
    async fn changed(&self, owner: Owner, since: Seq, limit: u32) -> StoreResult<Option<Changes>> {
        let mut statement = Statement::of(&self.db, owner);
        ask_changes(since, limit, &mut statement);
        let (mut events, mut last, mut tasks) = (0, None, Vec::new());
        let mut history = None;
        let read = |row: &dyn Cells| {
            events += number(row, WIDTH + 2)?;
            let seq = Seq(number(row, WIDTH + 1)?);
            // It stands in each row, and is the same in all.
            if last.is_none() {
                history = identity(row, WIDTH + 4)?;
            }
            last = Some(seq);
            // What happened to the account is passed over, but counts as seen.
            if row.text(WIDTH + 3)? == Some(TASK) {
                let there = row.uuid(0)?.is_some();
                let uid = TaskId(row.uuid(WIDTH)?.ok_or_else(|| bad(()))?);
                let task = if there { Some(Box::new(task(row)?)) } else { None };
                tasks.push(Touched { seq, uid, task });
            }
            Ok(())
        };
        self.db.each(statement, read).await?;
        let seq = if let Some(last) = last {
            last
        } else {
            let head = self.ended(owner).await?;
            history = Some(head.history);
            head.seq.min(since)
        };
        let more = limit > 0 && events >= u64::from(limit);
        Ok(history.map(|history| Changes { tasks, seq, history, more }))
    }
}

fn event(row: &dyn Cells) -> StoreResult<PastEvent> {
    let text = |at| row.text(at)?.ok_or_else(|| bad(()));
    Ok(PastEvent {
        seq: Seq(number(row, 0)?),
        event_type: word(text(1)?)?,
        actor: Actor { kind: word(text(2)?)?, id: row.uuid(3)?.ok_or_else(|| bad(()))? },
        version: Revision(number(row, 4)?),
        at: Timestamp::from_millis(row.integer(5)?.ok_or_else(|| bad(()))?),
        correlation: row.uuid(6)?.ok_or_else(|| bad(()))?,
        causation: row.uuid(7)?,
        data: row.text(8)?.map(serde_json::from_str).transpose().map_err(bad)?,
    })
}
