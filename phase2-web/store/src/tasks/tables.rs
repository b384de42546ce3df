//! The tables that a batch writes: their columns, and how rows get into them.

use crate::bind::Kind::{self, Bytes, Integer, Text, Truth, Uuid};

/// A table. `owner` is the first column of each and not named here.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// Whether a row that is there takes on the new values.
    renews: bool,
}

macro_rules! tables {
    ($($constant:ident $name:literal $renews:literal { $($column:ident: $kind:ident,)+ })+) => {
        $(pub(crate) static $constant: Table = Table {
            name: $name,
            columns: &[$((stringify!($column), $kind),)+],
            renews: $renews,
        };)+
    };
}

tables! {
    TASKS "tasks" true {
        uid: Uuid, id: Integer, version: Integer, title: Text, description: Text,
        status: Integer, priority: Integer, project: Text, tags: Text, parent_uid: Uuid,
        parent_id: Integer, start_date: Text, due_date: Text, recurrence: Text, series: Uuid,
        slot: Text, reminders: Text, created_at: Integer, updated_at: Integer,
        completed_at: Integer, cancelled_at: Integer, deleted_at: Integer, trash_id: Uuid,
        start_day: Text, start_at: Integer, due_day: Text, due_at: Integer, due_key: Integer,
        title_fold: Text, project_fold: Text, search: Text, scheduled: Truth,
    }
    TASK_TAGS "task_tags" false { tag: Text, uid: Uuid, }
    EVENTS "events" false {
        seq: Integer, event_type: Text, schema_version: Integer, actor_kind: Text,
        actor_id: Uuid, aggregate_type: Text, aggregate_id: Uuid, aggregate_version: Integer,
        at: Integer, correlation_id: Uuid, causation_id: Uuid, data: Text,
    }
    OUTBOX "outbox" false { seq: Integer, created_at: Integer, }
    STEPS "steps" false {
        no: Integer, at: Integer, actor_kind: Text, actor_id: Uuid, kind: Text, changes: Text,
        imported: Text, undone: Integer,
    }
    FIRINGS "reminder_firings" false {
        task: Uuid, reminder: Integer, at: Integer, fate: Text, settled_at: Integer,
    }
    RECEIPTS "receipts" false { key: Text, fingerprint: Bytes, answer: Bytes, at: Integer, }
    INBOX "inbox" false { consumer: Text, event: Uuid, at: Integer, }
}

impl Table {
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.columns.iter().map(|(_, kind)| *kind)
    }

    fn head(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {} (owner, {}) ", self.name, names.join(", "))
    }

    fn end(&self) -> String {
        if !self.renews {
            return String::new();
        }
        let [(key, _), rest @ ..] = self.columns else { return String::new() };
        let renewed: Vec<_> =
            rest.iter().map(|(name, _)| format!("{name} = excluded.{name}")).collect();
        format!(" ON CONFLICT (owner, {key}) DO UPDATE SET {}", renewed.join(", "))
    }

    /// For so many rows, with `?` for each value, the owner first in each row.
    pub(super) fn sqlite(&self, rows: usize) -> String {
        let row = format!("(?{})", ", ?".repeat(self.columns.len()));
        let values = vec![row; rows].join(", ");
        format!("{}VALUES {values}{}", self.head(), self.end())
    }

    /// For any number of rows, with `?` for each column. The owner is a column of `from`.
    pub(super) fn postgres(&self, from: &str) -> String {
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
        let (kinds, end) = (kinds.join(", "), self.end());
        format!(
            "{}SELECT l.owner, u.* FROM {from} l CROSS JOIN unnest({kinds}) u{end}",
            self.head()
        )
    }
}
