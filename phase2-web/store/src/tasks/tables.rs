//! The tables that a batch writes: their columns, and how rows get into them.

use crate::bind::Kind::{self, Bytes, Integer, Text, Truth, Uuid};

/// A table. `owner` is the first column of each and not named here.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The first of them names a row among its owner's, in the tables whose rows are renewed.
    pub(crate) columns: &'static [(&'static str, Kind)],
}

macro_rules! tables {
    ($($constant:ident $name:literal { $($column:ident: $kind:ident,)+ })+) => {
        $(pub(crate) static $constant: Table = Table {
            name: $name,
            columns: &[$((stringify!($column), $kind),)+],
        };)+
    };
}

tables! {
    TASKS "tasks" {
        uid: Uuid, id: Integer, version: Integer, title: Text, description: Text,
        status: Integer, priority: Integer, project: Text, tags: Text, parent_uid: Uuid,
        parent_id: Integer, start_date: Text, due_date: Text, recurrence: Text, series: Uuid,
        slot: Text, reminders: Text, created_at: Integer, updated_at: Integer,
        completed_at: Integer, cancelled_at: Integer, deleted_at: Integer, trash_id: Uuid,
        start_day: Text, start_at: Integer, due_day: Text, due_at: Integer, due_key: Integer,
        title_fold: Text, project_fold: Text, search: Text, scheduled: Truth,
        wake_at: Integer,
    }
    TASK_TAGS "task_tags" { tag: Text, uid: Uuid, }
    EVENTS "events" {
        seq: Integer, event_type: Text, schema_version: Integer, actor_kind: Text,
        actor_id: Uuid, aggregate_type: Text, aggregate_id: Uuid, aggregate_version: Integer,
        at: Integer, correlation_id: Uuid, causation_id: Uuid, data: Text,
    }
    OUTBOX "outbox" { seq: Integer, created_at: Integer, trace: Text, address: Text, }
    STEPS "steps" {
        no: Integer, at: Integer, actor_kind: Text, actor_id: Uuid, kind: Text, changes: Text,
        imported: Text, undone: Integer,
    }
    FIRINGS "reminder_firings" {
        task: Uuid, reminder: Integer, at: Integer, fate: Text, settled_at: Integer,
    }
    RECEIPTS "receipts" { key: Text, fingerprint: Bytes, answer: Bytes, at: Integer, }
    DEAD_LETTERS "dead_letters" {
        consumer: Text, seq: Integer, event: Uuid, reason: Text, attempts: Integer, at: Integer,
    }
    AUDIT "audit" {
        seq: Integer, event_type: Text, schema_version: Integer, actor_kind: Text,
        actor_id: Uuid, aggregate_type: Text, aggregate_id: Uuid, aggregate_version: Integer,
        at: Integer, correlation_id: Uuid, causation_id: Uuid, address: Text, fields: Text,
        details: Text,
    }
    NOTIFICATIONS "notifications" {
        seq: Integer, kind: Text, task: Uuid, task_id: Integer, title: Text, message: Text,
        remind_at: Integer, at: Integer,
    }
    ACTIVITY "activity" {
        day: Text, created: Integer, completed: Integer, reopened: Integer, cancelled: Integer,
        deleted: Integer,
    }
    INBOX "inbox" { consumer: Text, event: Uuid, at: Integer, }
}

impl Table {
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.columns.iter().map(|(_, kind)| *kind)
    }

    /// With `?` for each value of so many rows, the owner first in each. A row that is there takes on
    /// the new values, if that is wanted.
    pub(super) fn sqlite(&self, rows: usize, renew: bool) -> String {
        let row = format!("(?{})", ", ?".repeat(self.columns.len()));
        let values = vec![row; rows].join(", ");
        let end = if renew { self.renewed() } else { String::new() };
        format!("{}VALUES {values}{end}", self.head())
    }

    /// New rows, with `?` for each value of one, or for each column of many. The owner is a column
    /// of `from`.
    pub(super) fn inserted(&self, from: &str, many: bool) -> String {
        let head = self.head();
        if many {
            let kinds = self.arrays();
            return format!("{head}SELECT l.owner, u.* FROM {from} l CROSS JOIN unnest({kinds}) u");
        }
        format!("{head}SELECT l.owner{} FROM {from} l", ", ?".repeat(self.columns.len()))
    }

    /// New rows of any owners, with `?` for each column.
    pub(super) fn gathered(&self) -> String {
        let (head, kinds) = (self.head(), self.arrays());
        format!("{head}SELECT * FROM unnest(?::uuid[], {kinds})")
    }

    /// Has numbers added to a row that is there.
    pub(super) fn added(&self) -> String {
        let Self { name, columns, .. } = self;
        let [(key, _), rest @ ..] = columns else { return String::new() };
        let sums: Vec<_> =
            rest.iter().map(|(sum, _)| format!("{sum} = {name}.{sum} + excluded.{sum}")).collect();
        format!(" ON CONFLICT (owner, {key}) DO UPDATE SET {}", sums.join(", "))
    }

    /// New values for rows that are there, in the same places.
    pub(super) fn updated(&self, from: &str, many: bool) -> String {
        let Self { name, columns, .. } = self;
        let names = self.names();
        let rows = if many {
            format!("unnest({}) u({names})", self.arrays())
        } else {
            let values: Vec<_> = columns.iter().map(|(name, _)| format!("? AS {name}")).collect();
            format!("(SELECT {}) u", values.join(", "))
        };
        let [(key, _), rest @ ..] = columns else { return String::new() };
        let set: Vec<_> = rest.iter().map(|(name, _)| format!("{name} = u.{name}")).collect();
        let set = set.join(", ");
        format!(
            "UPDATE {name} t SET {set} FROM {from} l CROSS JOIN {rows} \
             WHERE t.owner = l.owner AND t.{key} = u.{key}"
        )
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    fn head(&self) -> String {
        format!("INSERT INTO {} (owner, {}) ", self.name, self.names())
    }

    fn renewed(&self) -> String {
        let [(key, _), rest @ ..] = self.columns else { return String::new() };
        let renewed: Vec<_> =
            rest.iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
        format!(" ON CONFLICT (owner, {key}) DO UPDATE SET {}", renewed.join(", "))
    }

    /// An array for each column, so that one text serves any number of rows.
    fn arrays(&self) -> String {
        let kinds: Vec<_> = self
            .kinds()
            .map(|kind| match kind {
                Integer => "?::bigint[]",
                Text => "?::text[]",
                Uuid => "?::uuid[]",
                Bytes => "?::bytea[]",
                Truth => "?::boolean[]",
            })
            .collect();
        kinds.join(", ")
    }
}
