//! Statistics, without making tasks of rows.
//!
//! A database brings what is counted of a task as a line of JSON, and many lines as one text: on
//! SQLite each row of an answer is handed from one thread to another, and each of its cells copied by
//! itself, which takes longer than to find them. The core counts, so that there is one count.

use std::borrow::Cow;

use chrono::{Offset, Utc};
use serde::Deserialize;
use todo_core::query::Condition;
use todo_core::stats::{Counted, Stats, StatsQuery, Tally};
use todo_core::{Due, Owner, Timestamp, Zone};

use super::conditions;
use super::load::bad;
use super::values::{read_priority, read_status};
use crate::Store;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::statement::{Dialect, Statement};

/// How many numbers of tasks are one piece. All pieces are of one statement, and so of one moment: what
/// is finished meanwhile is not counted beside what follows it.
const PIECE: u32 = 1_000;

/// What a line has: a [`Line`].
const COLUMNS: &str = "status, priority, project, tags, start_day, start_at, due_day, due_at, \
     CASE WHEN recurrence IS NULL THEN 0 ELSE 1 END, created_at, updated_at, completed_at, deleted_at";

/// A text in a line, which is borrowed from it where nothing in it is escaped.
#[derive(Debug, Deserialize)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

/// What is counted of a task, in the order of [`COLUMNS`].
#[derive(Debug, Deserialize)]
struct Line<'l> {
    status: i64,
    priority: i64,
    #[serde(borrow)]
    project: Option<Text<'l>>,
    #[serde(borrow)]
    tags: Option<Text<'l>>,
    #[serde(borrow)]
    start_day: Option<Text<'l>>,
    start_at: Option<i64>,
    #[serde(borrow)]
    due_day: Option<Text<'l>>,
    due_at: Option<i64>,
    repeats: u8,
    created_at: i64,
    updated_at: i64,
    completed_at: Option<i64>,
    deleted_at: Option<i64>,
}

/// Writes the question, and answers whether it says all that was asked.
pub(crate) fn ask_stats(query: &StatsQuery, statement: &mut Statement) -> bool {
    let line = match statement.dialect {
        Dialect::Sqlite => format!("json_array({COLUMNS})"),
        Dialect::Postgres => format!("json_build_array({COLUMNS})::text"),
    };
    statement.add(
        &format!(
            "SELECT string_agg(line, '\n') FROM \
             (SELECT id, {line} AS line FROM tasks WHERE owner = $1 AND "
        ),
        [],
    );
    let moment = query.moment();
    let parts = query.parts().map(|part| part.filter.condition(moment)).collect();
    let exact = conditions::add(statement, &Condition::Any(parts), moment);
    statement.add(&format!(") AS counted GROUP BY id / {PIECE}"), []);
    exact
}

impl Store {
    /// The numbers; nothing where only the core can tell which tasks are meant.
    pub(super) async fn counted(
        &self,
        owner: Owner,
        query: &StatsQuery,
    ) -> StoreResult<Option<Stats>> {
        let mut statement = Statement::of(&self.db, owner);
        if !ask_stats(query, &mut statement) {
            return Ok(None);
        }
        let mut tally = Tally::new(*query.moment());
        let piece = |row: &dyn Cells| read(row.text(0)?.unwrap_or_default(), &mut tally);
        self.db.each(statement, piece).await?;
        Ok(Some(tally.finish()))
    }
}

/// Counts the tasks of a piece.
fn read(lines: &str, tally: &mut Tally) -> StoreResult<()> {
    for line in lines.lines() {
        let line: Line<'_> = serde_json::from_str(line).map_err(bad)?;
        let tags: Vec<Text<'_>> = match &line.tags {
            Some(tags) => serde_json::from_str(tags.as_str()).map_err(bad)?,
            None => Vec::new(),
        };
        tally.count(&line.counted()?, tags.iter().map(Text::as_str));
    }
    Ok(())
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl Line<'_> {
    fn counted(&self) -> StoreResult<Counted<'_>> {
        Ok(Counted {
            status: read_status(self.status).ok_or_else(|| bad(()))?,
            priority: read_priority(self.priority).ok_or_else(|| bad(()))?,
            project: self.project.as_ref().map(Text::as_str),
            start_date: date(self.start_day.as_ref(), self.start_at)?,
            due_date: date(self.due_day.as_ref(), self.due_at)?,
            is_repeating: self.repeats != 0,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
            completed_at: self.completed_at.map(Timestamp::from_millis),
            deleted_at: self.deleted_at.map(Timestamp::from_millis),
        })
    }
}

/// A date by its derived columns: the day, or the instant, which UTC shows as well as its own zone.
fn date(day: Option<&Text<'_>>, at: Option<i64>) -> StoreResult<Option<Due>> {
    match (day, at) {
        (Some(day), _) => Due::from_stored(day.as_str(), None).map(Some).map_err(bad),
        (None, Some(at)) => {
            let wall = Timestamp::from_millis(at).wall(Zone::UTC);
            Ok(Some(Due::At { wall, zone: Zone::UTC, offset: Utc.fix() }))
        }
        (None, None) => Ok(None),
    }
}
