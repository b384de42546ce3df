//! What a batch holds, as rows of its tables.

use serde::Serialize;
use todo_core::event::EventEnvelope;
use todo_core::fold::fold;
use todo_core::reminder::Firing;
use todo_core::{Inbox, Receipt, Step, Task, TaskFields, Timestamp, Zone, wake};
use uuid::Uuid;

use super::values::{
    day_or_instant, due_key, due_text, priority_code, recurrence_text, reminders_text, search_text,
    status_code, tags_text,
};
use crate::bind::{Row, Value};
use crate::fault::StoreResult;
use crate::origin::Origin;

/// A row of `tasks`. The keys of all-day tasks are reckoned in the owner's `zone`.
pub(crate) fn task(task: &Task, zone: Zone) -> StoreResult<Row> {
    let (start_day, start_at) = day_or_instant(task.start_date);
    let (due_day, due_at) = day_or_instant(task.due_date);
    let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
    Ok(vec![
        task.uid.0.into(),
        task.id.0.into(),
        task.version.0.into(),
        task.title.as_str().into(),
        task.description().map(str::to_owned).into(),
        status_code(task.status).into(),
        priority_code(task.priority).into(),
        task.project().map(str::to_owned).into(),
        tags_text(task).into(),
        task.parent.map(|parent| parent.uid.0).into(),
        task.parent.map_or(Value::Integer(None), |parent| parent.id.0.into()),
        task.start_date.map(due_text).into(),
        task.due_date.map(due_text).into(),
        task.recurrence.as_deref().map(recurrence_text).transpose()?.into(),
        task.series.into(),
        task.slot.map(|slot| slot.to_string()).into(),
        reminders_text(&task.reminders)?.into(),
        task.created_at.millis().into(),
        task.updated_at.millis().into(),
        millis(task.completed_at).into(),
        millis(task.cancelled_at).into(),
        millis(task.trash.map(|trash| trash.at)).into(),
        task.trash.map(|trash| trash.group).into(),
        start_day.into(),
        start_at.into(),
        due_day.into(),
        due_at.into(),
        due_key(task.due_date, zone).into(),
        fold(task.title.as_str()).into_owned().into(),
        task.project().map(|project| fold(project).into_owned()).into(),
        search_text(task).into(),
        task.is_scheduled().into(),
        wake::earliest(task, zone).map(Timestamp::millis).into(),
    ])
}

pub(crate) fn tag(tag: String, uid: Uuid) -> Row {
    vec![tag.into(), uid.into()]
}

pub(crate) fn event(event: &EventEnvelope) -> StoreResult<Row> {
    Ok(vec![
        event.seq.0.into(),
        word(&event.event_type)?.into(),
        event.schema_version.into(),
        word(&event.actor.kind)?.into(),
        event.actor.id.into(),
        word(&event.aggregate_type)?.into(),
        event.aggregate_id.0.into(),
        event.aggregate_version.0.into(),
        event.timestamp.millis().into(),
        event.correlation_id.into(),
        event.causation_id.into(),
        serde_json::to_string(&event.data)?.into(),
    ])
}

pub(crate) fn outbox(event: &EventEnvelope, origin: &Origin) -> Row {
    let Origin { trace, address } = origin.clone();
    vec![event.seq.0.into(), event.timestamp.millis().into(), trace.into(), address.into()]
}

pub(crate) fn step(step: &Step) -> StoreResult<Row> {
    Ok(vec![
        step.no.0.into(),
        step.at.millis().into(),
        word(&step.actor.kind)?.into(),
        step.actor.id.into(),
        step.kind.as_str().into(),
        serde_json::to_string(&step.changes)?.into(),
        serde_json::to_string(&step.imported)?.into(),
        step.undone.map_or(Value::Integer(None), |seq| seq.0.into()),
    ])
}

pub(crate) fn firing(firing: &Firing) -> Row {
    vec![
        firing.task.0.into(),
        firing.reminder.0.into(),
        firing.at.millis().into(),
        firing.fate.as_str().into(),
        firing.settled_at.millis().into(),
    ]
}

pub(crate) fn receipt(receipt: &Receipt, answer: Vec<u8>, at: Timestamp) -> Row {
    let Receipt { key, fingerprint, .. } = receipt;
    vec![key.as_str().into(), fingerprint.to_vec().into(), answer.into(), at.millis().into()]
}

pub(crate) fn inbox(inbox: &Inbox, at: Timestamp) -> Row {
    vec![inbox.consumer.as_str().into(), inbox.event.into(), at.millis().into()]
}

/// The word that a small type is written as.
pub(crate) fn word(value: &impl Serialize) -> StoreResult<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}
