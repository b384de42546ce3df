//! Who did what, and when, and from where. Rows come and stay: there is no statement here, nor elsewhere,
//! that changes one, and the database refuses it.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use todo_core::event::{Seq, event_id};
use todo_core::{Owner, StoreError, TaskId, Timestamp};
use uuid::Uuid;

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::log::{Damage, Entry, ILLEGIBLE, Parts, Work};
use crate::statement::Statement;
use crate::tasks::load::{bad, number};
use crate::tasks::tables::AUDIT;

/// Most rows of one answer.
pub const AUDIT_PAGE_MAX: u32 = 500;

/// What of an owner's audit is asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Any of these types of events; all of them if there is none.
    pub types: Vec<String>,
    /// Through what it was done: `user`, `token` …
    pub actor: Option<String>,
    /// To which task.
    pub task: Option<TaskId>,
    /// Then or later.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// A row of the audit, and as JSON what is shown of it.
#[derive(Debug, Serialize)]
pub struct Audited {
    /// The same as that of the event wherever it is told.
    pub event_id: Uuid,
    /// The owner's own counter.
    pub seq: Seq,
    /// `task.created`, `auth.logged_in` …
    pub event_type: String,
    /// Of the envelope.
    pub schema_version: u64,
    /// Who did it.
    pub actor: AuditedActor,
    /// `task` or `user`.
    pub aggregate_type: String,
    /// Which.
    pub aggregate_id: Uuid,
    /// Its version afterwards.
    pub aggregate_version: u64,
    /// When.
    pub timestamp: Timestamp,
    /// Shared by everything that one request set off.
    pub correlation_id: Uuid,
    /// The event that set it off, if one did.
    pub causation_id: Option<Uuid>,
    /// From where, if that is known.
    pub address: Option<String>,
    /// The names of the fields that changed.
    pub fields: Option<Vec<String>>,
    /// Which session, token or device it was about: a JSON object, on one line.
    pub details: Option<Box<RawValue>>,
    /// What of its row cannot be read, if something cannot: what stands for that here means nothing. Nobody
    /// mends it, for the database lets nobody change it.
    #[serde(serialize_with = "said")]
    pub damage: Option<Damage>,
}

/// Who did what is in the audit.
#[derive(Debug, Serialize)]
pub struct AuditedActor {
    /// Through what.
    pub kind: String,
    /// Who.
    pub id: Uuid,
}

/// What the audit keeps of an event beside its envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// From where.
    pub address: Option<String>,
    /// The names of the fields that changed, as a JSON list.
    pub fields: Option<String>,
    /// Which session, token or device it was about, as a JSON object.
    pub details: Option<String>,
}

impl Work {
    /// A row of the audit. One that is there stays as it is.
    pub fn audit(&mut self, entry: &Entry, kept: Kept) {
        let row = vec![
            entry.seq.0.into(),
            entry.event_type.as_str().into(),
            entry.schema_version.into(),
            entry.actor_kind.as_str().into(),
            entry.actor_id.into(),
            entry.aggregate_type.as_str().into(),
            entry.aggregate_id.into(),
            entry.aggregate_version.into(),
            entry.timestamp.millis().into(),
            entry.correlation_id.into(),
            entry.causation_id.into(),
            kept.address.into(),
            kept.fields.into(),
            kept.details.into(),
        ];
        self.insert(&AUDIT, row);
    }
}

impl Store {
    /// What an owner's audit holds, the newest first: what stands before a row that is named by its
    /// number, or from the newest on. In the order of the clock, and of two of one moment in that of
    /// their numbers: a clock that was set back does not hide what it saw twice.
    pub async fn audit(
        &self,
        owner: Owner,
        query: &AuditQuery,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Vec<Audited>, StoreError> {
        let mut statement = Statement::of(&self.db, owner);
        ask(query, before, limit, &mut statement);
        Ok(self.db.all(statement, |row| audited(row, owner)).await?)
    }

    /// The same from the oldest on, in the order of numbers: for whoever takes all of it.
    pub async fn audit_after(
        &self,
        owner: Owner,
        query: &AuditQuery,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Audited>, StoreError> {
        let mut statement = Statement::of(&self.db, owner);
        begin(query, &mut statement);
        let limit = limit.min(AUDIT_PAGE_MAX);
        statement.add(" AND a.seq > ? ORDER BY a.seq LIMIT ?", [after.0.into(), limit.into()]);
        Ok(self.db.all(statement, |row| audited(row, owner)).await?)
    }
}

fn ask(query: &AuditQuery, before: Option<Seq>, limit: u32, statement: &mut Statement) {
    begin(query, statement);
    if let Some(before) = before {
        let before = Value::from(before.0);
        statement.add(
            " AND (a.at, a.seq) < ((SELECT b.at FROM audit b WHERE b.owner = $1 AND b.seq = ?), ?)",
            [before.clone(), before],
        );
    }
    let limit = limit.min(AUDIT_PAGE_MAX);
    // Events are counted from 1: of another row it is not known which it is, and no page can begin behind it.
    // The plus keeps databases from looking for that in an index, and sorting what they find.
    let known = " AND +a.seq > 0 ORDER BY a.at DESC, a.seq DESC LIMIT ?";
    statement.add(known, [limit.into()]);
}

fn begin(query: &AuditQuery, statement: &mut Statement) {
    statement.add(
        "SELECT a.seq, a.event_type, a.schema_version, a.actor_kind, a.actor_id, \
         a.aggregate_type, a.aggregate_id, a.aggregate_version, a.at, a.correlation_id, \
         a.causation_id, a.address, a.fields, a.details FROM audit a WHERE a.owner = $1",
        [],
    );
    if !query.types.is_empty() {
        statement.add(" AND a.event_type IN (", []);
        for (at, kind) in query.types.iter().enumerate() {
            statement.add(if at == 0 { "?" } else { ", ?" }, [kind.as_str().into()]);
        }
        statement.add(")", []);
    }
    if let Some(actor) = &query.actor {
        statement.add(" AND a.actor_kind = ?", [actor.as_str().into()]);
    }
    if let Some(task) = query.task {
        statement.add(" AND a.aggregate_id = ? AND a.aggregate_type = 'task'", [task.0.into()]);
    }
    if let Some(from) = query.from {
        statement.add(" AND a.at >= ?", [from.millis().into()]);
    }
    if let Some(to) = query.to {
        statement.add(" AND a.at < ?", [to.millis().into()]);
    }
}

/// Which it is must be known. Whatever else cannot be read is left out and named: it hides no other row, and
/// not the rest of its own.
fn audited(row: &dyn Cells, owner: Owner) -> StoreResult<Audited> {
    let text = |at| Ok(row.text(at)?.ok_or_else(|| bad(()))?.to_owned());
    let uuid = |at| row.uuid(at)?.ok_or_else(|| bad(()));
    let at = || row.integer(8)?.ok_or_else(|| bad(()));
    let address = || Ok(row.text(11)?.map(str::to_owned));
    let fields = || row.text(12)?.map(serde_json::from_str).transpose().map_err(bad);
    let details = || row.text(13)?.map(object).transpose();
    let illegible = || ILLEGIBLE.to_owned();
    let seq = Seq(number(row, 0)?);
    let mut parts = Parts::default();
    let mut audited = Audited {
        event_id: event_id(owner, seq),
        seq,
        event_type: parts.read("event_type", text(1)).unwrap_or_else(illegible),
        schema_version: parts.read("schema_version", number(row, 2)).unwrap_or_default(),
        actor: AuditedActor {
            kind: parts.read("actor.kind", text(3)).unwrap_or_else(illegible),
            id: parts.read("actor.id", uuid(4)).unwrap_or_default(),
        },
        aggregate_type: parts.read("aggregate_type", text(5)).unwrap_or_else(illegible),
        aggregate_id: parts.read("aggregate_id", uuid(6)).unwrap_or_default(),
        aggregate_version: parts.read("aggregate_version", number(row, 7)).unwrap_or_default(),
        timestamp: Timestamp::from_millis(parts.read("timestamp", at()).unwrap_or_default()),
        correlation_id: parts.read("correlation_id", uuid(9)).unwrap_or_default(),
        causation_id: parts.read("causation_id", row.uuid(10).map_err(bad)).flatten(),
        address: parts.read("address", address()).flatten(),
        fields: parts.read("fields", fields()).flatten(),
        details: parts.read("details", details()).flatten(),
        damage: None,
    };
    audited.damage = parts.damage();
    Ok(audited)
}

/// As it is shown: as it stands, so it must not break the line that a row is.
fn object(json: &str) -> StoreResult<Box<RawValue>> {
    if !json.starts_with('{') || json.contains(['\n', '\r']) {
        return Err(bad(()));
    }
    RawValue::from_string(json.to_owned()).map_err(bad)
}

#[expect(clippy::ref_option, reason = "serde hands on the field")]
fn said<S: Serializer>(damage: &Option<Damage>, serializer: S) -> Result<S::Ok, S::Error> {
    match damage {
        Some(damage) => serializer.collect_str(damage),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{DatabaseUrl, Options};

    /// Each has its index, read in order: however much there is of others, and of the owner's own.
    #[tokio::test]
    async fn no_page_is_sorted_or_looked_for_in_all_rows() {
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        let all = AuditQuery::default;
        let owner = Owner(Uuid::from_u128(1));
        for (query, index) in [
            (all(), "audit_by_time"),
            (AuditQuery { actor: Some("token".to_owned()), ..all() }, "audit_of_actor"),
            (AuditQuery { types: vec!["task.created".to_owned()], ..all() }, "audit_of_type"),
            (AuditQuery { task: Some(TaskId(Uuid::from_u128(2))), ..all() }, "audit_of_one"),
        ] {
            for before in [None, Some(Seq(9))] {
                let mut statement = Statement::of(&store.db, owner);
                statement.add("EXPLAIN QUERY PLAN ", []);
                ask(&query, before, 50, &mut statement);
                let line = |row: &dyn Cells| Ok(row.text(3)?.unwrap_or_default().to_owned());
                let plan = store.db.all(statement, line).await.expect("a plan");
                assert!(plan[0].contains(&format!(" {index} (owner=?")), "{query:?}: {plan:?}");
                assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{plan:?}");
            }
        }
    }
}
