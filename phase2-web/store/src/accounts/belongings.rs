//! Everything of an account, for its user to take away: page by page, so that however much it is, a
//! page of it is all that is held, and no connection waits for whoever reads slowly.
//!
//! What is not given: digests and the password's hash, which prove something; what is derived of what
//! is given (folded texts, counters); and the marks of those who tell and answer, which are copies of
//! what is given (outbox, inbox, dead letters, receipts).

use serde_json::value::RawValue;
use todo_core::wire::Compact;
use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::bad;
use crate::tasks::row::task;

/// Some rows of one part.
#[derive(Debug)]
pub struct Belongings {
    /// The part's name.
    pub part: &'static str,
    /// Rows of it, each as a JSON object.
    pub rows: Vec<String>,
    /// Where to go on. Parts come one after the other.
    pub next: Option<BelongingsPlace>,
}

/// Where it is gone on from.
#[derive(Debug, Clone)]
pub struct BelongingsPlace {
    /// Which of [`PARTS`], in turn.
    part: usize,
    /// The key of the last row given.
    after: Option<Vec<Value>>,
}

/// For what stands behind a long cell: to grow by that is to copy all of it.
const ROOM: usize = 256;

impl BelongingsPlace {
    /// The beginning.
    pub const FIRST: Self = Self { part: 0, after: None };
}

/// A part: the rows of a table.
struct Part {
    name: &'static str,
    sql: Sql,
    /// How many rows are read at once.
    page: u32,
    columns: Columns,
}

/// What a part's statement answers.
enum Columns {
    /// A task; its number is the key.
    Task,
    /// These, of which the first are the key.
    Plain { key: usize, columns: &'static [(&'static str, Kind)] },
}

/// How a cell is written.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Id,
    /// Milliseconds, as a point in time.
    Instant,
    /// JSON already.
    Json,
}

macro_rules! part {
    (
        $name:literal, $page:literal rows by $key:literal of
        ($($column:ident: $kind:ident),+), $from:literal
    ) => {
        Part {
            name: $name,
            // The owner stands last so that every name before has its comma.
            sql: Sql::new(concat!(
                "SELECT ", $(stringify!($column), ", ",)+ "owner FROM ", $from, " LIMIT ?"
            )),
            page: $page,
            columns: Columns::Plain {
                key: $key,
                columns: &[$((stringify!($column), Kind::$kind),)+],
            },
        }
    };
}

static PARTS: [Part; 13] = [
    part!("sessions", 200 rows by 1 of
        (id: Id, user_agent: Text, address: Text, created_at: Instant, last_used_at: Instant,
        expires_at: Instant, revoked_at: Instant),
        "sessions WHERE owner = ? AND id > ? ORDER BY id"),
    part!("tokens", 200 rows by 1 of
        (id: Id, name: Text, scope: Text, created_at: Instant, last_used_at: Instant,
        expires_at: Instant),
        "tokens WHERE owner = ? AND id > ? ORDER BY id"),
    part!("calendars", 200 rows by 1 of
        (created_at: Instant),
        "calendars WHERE owner = ? AND created_at > ? ORDER BY created_at"),
    part!("filters", 200 rows by 1 of
        (name: Text, filter: Text, updated_at: Instant),
        "filters WHERE owner = ? AND name > ? ORDER BY name"),
    Part {
        name: "tasks",
        sql: Sql::new("SELECT {task} FROM tasks WHERE owner = ? AND id > ? ORDER BY id LIMIT ?"),
        page: 200,
        columns: Columns::Task,
    },
    part!("reminder_firings", 200 rows by 3 of
        (task: Id, reminder: Number, at: Instant, fate: Text, settled_at: Instant),
        "reminder_firings WHERE owner = ? AND (task, reminder, at) > (?, ?, ?) \
         ORDER BY task, reminder, at"),
    // One can hold what became of a hundred thousand tasks.
    part!("steps", 1 rows by 1 of
        (no: Number, at: Instant, actor_kind: Text, actor_id: Id, kind: Text, changes: Json,
        imported: Json, undone: Number),
        "steps WHERE owner = ? AND no > ? ORDER BY no"),
    part!("events", 200 rows by 1 of
        (seq: Number, event_type: Text, schema_version: Number, actor_kind: Text, actor_id: Id,
        aggregate_type: Text, aggregate_id: Id, aggregate_version: Number, at: Instant,
        correlation_id: Id, causation_id: Id, data: Json),
        "events WHERE owner = ? AND seq > ? ORDER BY seq"),
    part!("audit", 200 rows by 1 of
        (seq: Number, event_type: Text, schema_version: Number, actor_kind: Text, actor_id: Id,
        aggregate_type: Text, aggregate_id: Id, aggregate_version: Number, at: Instant,
        correlation_id: Id, causation_id: Id, address: Text, fields: Json, details: Json),
        "audit WHERE owner = ? AND seq > ? ORDER BY seq"),
    part!("notifications", 200 rows by 1 of
        (seq: Number, kind: Text, task: Id, task_id: Number, title: Text, message: Text,
        remind_at: Instant, at: Instant, read_at: Instant),
        "notifications WHERE owner = ? AND seq > ? ORDER BY seq"),
    part!("activity", 200 rows by 1 of
        (day: Text, created: Number, completed: Number, reopened: Number, cancelled: Number,
        deleted: Number),
        "activity WHERE owner = ? AND day > ? ORDER BY day"),
    part!("conversations", 200 rows by 1 of
        (id: Id, title: Text, created_at: Instant, updated_at: Instant),
        "conversations WHERE owner = ? AND id > ? ORDER BY id"),
    part!("messages", 200 rows by 2 of
        (conversation: Id, no: Number, role: Text, content: Json, at: Instant),
        "messages WHERE owner = ? AND (conversation, no) > (?, ?) ORDER BY conversation, no"),
];

impl Store {
    /// The next rows of all that is stored of somebody, beside their profile. Each row is as it is
    /// when it is read: what changes meanwhile is there as it was or as it will be.
    pub async fn belongings(
        &self,
        owner: Owner,
        place: &BelongingsPlace,
    ) -> Result<Belongings, StoreError> {
        // A place is made here only, and of a part that there is.
        let part = &PARTS[place.part];
        let mut values = vec![owner.0.into()];
        values.extend(place.after.clone().unwrap_or_else(|| part.before_all()));
        values.push(part.page.into());
        let read = |row: &dyn Cells| part.read(row);
        let mut found = self.asked(&part.sql, values, read).await?;
        let full = u32::try_from(found.len()).is_ok_and(|read| read == part.page);
        let last = found.last_mut().map(|(_, key)| std::mem::take(key)).filter(|_| full);
        let next = match last {
            Some(key) => Some(BelongingsPlace { part: place.part, after: Some(key) }),
            None if place.part + 1 < PARTS.len() => {
                Some(BelongingsPlace { part: place.part + 1, after: None })
            }
            None => None,
        };
        let rows = found.into_iter().map(|(row, _)| row).collect();
        Ok(Belongings { part: part.name, rows, next })
    }
}

impl Part {
    /// What stands before the key of every row.
    fn before_all(&self) -> Vec<Value> {
        match self.columns {
            Columns::Task => vec![0_i64.into()],
            Columns::Plain { key, columns } => {
                columns[..key].iter().map(|(_, kind)| kind.least()).collect()
            }
        }
    }

    /// A row as JSON, and its key.
    fn read(&self, row: &dyn Cells) -> StoreResult<(String, Vec<Value>)> {
        match self.columns {
            Columns::Task => {
                let task = task(row)?;
                Ok((serde_json::to_string(&Compact(&task))?, vec![task.id.0.into()]))
            }
            Columns::Plain { key, columns } => {
                let mut text = String::from("{");
                for (at, (name, kind)) in columns.iter().enumerate() {
                    text.extend([if at == 0 { "\"" } else { ",\"" }, name, "\":"]);
                    kind.write(row, at, &mut text)?;
                }
                text.push('}');
                let key = columns[..key].iter().enumerate();
                let key =
                    key.map(|(at, (_, kind))| kind.key(row, at)).collect::<StoreResult<_>>()?;
                Ok((text, key))
            }
        }
    }
}

impl Kind {
    /// Writes a cell as JSON. What is JSON already is looked at where it lies and copied once: it may be
    /// long.
    fn write(self, row: &dyn Cells, at: usize, text: &mut String) -> StoreResult<()> {
        let cell = match self {
            Self::Text => serde_json::to_string(&row.text(at)?)?,
            Self::Number => serde_json::to_string(&row.integer(at)?)?,
            Self::Id => serde_json::to_string(&row.uuid(at)?)?,
            Self::Instant => serde_json::to_string(&row.integer(at)?.map(Timestamp::from_millis))?,
            Self::Json => {
                let json = row.text(at)?.unwrap_or("null");
                let json: &RawValue = serde_json::from_str(json).map_err(bad)?;
                text.reserve_exact(json.get().len() + ROOM);
                text.push_str(json.get());
                return Ok(());
            }
        };
        text.push_str(&cell);
        Ok(())
    }

    fn key(self, row: &dyn Cells, at: usize) -> StoreResult<Value> {
        Ok(match self {
            Self::Text | Self::Json => row.text(at)?.map(str::to_owned).into(),
            Self::Number | Self::Instant => row.integer(at)?.into(),
            Self::Id => row.uuid(at)?.into(),
        })
    }

    /// What stands before every key: no name is empty, and no id is nil.
    fn least(self) -> Value {
        match self {
            Self::Text | Self::Json => "".into(),
            Self::Number | Self::Instant => i64::MIN.into(),
            Self::Id => Uuid::nil().into(),
        }
    }
}
