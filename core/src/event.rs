//! What happened to a task, and the envelope it travels in (SPEC 9).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::change::FieldChange;
use crate::recurrence::{Skipped, Slot};
use crate::reminder::{Firing, FiringFate, Reminder};
use crate::task::{Owner, Revision, Status, Task, TaskId, TaskNo};
use crate::time::Timestamp;

/// Version of the envelope and of the data in it.
pub const SCHEMA_VERSION: u32 = 1;

/// Namespace of derived event ids: v5 of owner and sequence number, so that a consumer sees a
/// repeat for what it is.
const EVENT_NAMESPACE: Uuid = Uuid::from_u128(0x6d1f_7c1e_52a4_5b0e_9a53_2d0c_7f1e_4b90);

/// An owner's own counter of events, contiguous from 1, in commit order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Through what somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person at a surface of ours.
    User,
    /// A program with a personal access token.
    Token,
    /// The assistant, on a person's word.
    Chat,
    /// The system by itself: never a step (S7).
    System,
    /// An operator.
    Admin,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// Through what.
    pub kind: ActorKind,
    /// The user's, token's or operator's id.
    pub id: Uuid,
}

/// The event types of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// A task came to be.
    #[serde(rename = "task.created")]
    Created,
    /// Fields changed that no other type speaks of.
    #[serde(rename = "task.updated")]
    Updated,
    /// It was completed.
    #[serde(rename = "task.completed")]
    Completed,
    /// It is pending again.
    #[serde(rename = "task.reopened")]
    Reopened,
    /// It was given up.
    #[serde(rename = "task.cancelled")]
    Cancelled,
    /// It went to the trash.
    #[serde(rename = "task.deleted")]
    Deleted,
    /// It came back from the trash.
    #[serde(rename = "task.restored")]
    Restored,
    /// It is gone for good.
    #[serde(rename = "task.purged")]
    Purged,
    /// The series went on to this task.
    #[serde(rename = "recurring.spawned")]
    Spawned,
    /// The series goes no further than this task.
    #[serde(rename = "series.ended")]
    SeriesEnded,
    /// A reminder is to be sent.
    #[serde(rename = "reminder.triggered")]
    ReminderTriggered,
    /// A reminder was not sent in time, and will not be.
    #[serde(rename = "reminder.missed")]
    ReminderMissed,
}

/// By what something came about that nobody did by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A series went on: perhaps later than what it made should have reminded.
    Series,
    /// An import, be it of what came or of what followed from that.
    Import,
}

/// What one event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// Unknown names are refused, because what has more of them would be read as what has fewer: an
// update as a purge.
#[serde(untagged, deny_unknown_fields)]
pub enum EventData {
    /// The whole task as it came to be.
    Created {
        /// The task; shared with the row that is written.
        task: Arc<Task>,
        /// What made it, if nobody did by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// The fields that changed, with their values before and after.
    Changed {
        /// The task's number.
        id: TaskNo,
        /// The task's `updated_at` from now on.
        updated_at: Timestamp,
        /// What changed.
        changes: Vec<FieldChange>,
    },
    /// The next occurrence of a series was made, or came back. Told beside the change itself, and
    /// changes nothing.
    Spawned {
        /// The occurrence's number.
        id: TaskNo,
        /// The occurrence before it.
        after: TaskId,
        /// Its place in the series.
        slot: Slot,
        /// What was passed over for it.
        skipped_slots: Skipped,
    },
    /// The series ended. Changes nothing.
    SeriesEnded {
        /// The number of its newest occurrence.
        id: TaskNo,
        /// Which series.
        series: Uuid,
        /// What was passed over at its end.
        skipped_slots: Skipped,
        /// What ended it, where that was an import.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// A reminder was settled. Changes nothing of the task.
    Reminded {
        /// The task's number.
        id: TaskNo,
        /// The reminder.
        reminder: Reminder,
        /// What became of it.
        firing: Firing,
    },
    /// Nothing is left.
    Purged {
        /// The number it had.
        id: TaskNo,
    },
}

impl EventData {
    /// The task's number.
    pub fn id(&self) -> TaskNo {
        match self {
            Self::Created { task, .. } => task.id,
            Self::Changed { id, .. }
            | Self::Spawned { id, .. }
            | Self::SeriesEnded { id, .. }
            | Self::Reminded { id, .. }
            | Self::Purged { id } => *id,
        }
    }
}

/// A change of one task, as the rules decide it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEvent {
    /// Which task.
    pub task: TaskId,
    /// Its version after the event.
    pub version: Revision,
    /// What changed.
    pub data: EventData,
}

impl TaskEvent {
    /// Follows from what changed; a deletion or restoration outranks a change of status.
    pub fn event_type(&self) -> EventType {
        let changes = match &self.data {
            EventData::Created { .. } => return EventType::Created,
            EventData::Purged { .. } => return EventType::Purged,
            EventData::Spawned { .. } => return EventType::Spawned,
            EventData::SeriesEnded { .. } => return EventType::SeriesEnded,
            EventData::Reminded { firing, .. } => {
                return match firing.fate {
                    FiringFate::Sent | FiringFate::Late => EventType::ReminderTriggered,
                    FiringFate::Missed => EventType::ReminderMissed,
                };
            }
            EventData::Changed { changes, .. } => changes,
        };
        let trash = changes.iter().find_map(|change| match change {
            FieldChange::Trash(swap) => Some(swap.new.is_some()),
            _ => None,
        });
        let status = changes.iter().find_map(|change| match change {
            FieldChange::Status(swap) => Some((swap.old, swap.new)),
            _ => None,
        });
        match (trash, status) {
            (Some(true), _) => EventType::Deleted,
            (Some(false), _) => EventType::Restored,
            (None, Some((_, Status::Completed))) => EventType::Completed,
            (None, Some((_, Status::Cancelled))) => EventType::Cancelled,
            (None, Some((old, _))) if !old.is_open() => EventType::Reopened,
            (None, _) => EventType::Updated,
        }
    }
}

/// An event with its place in the owner's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEnvelope {
    /// UUID v5 of owner and `seq`: the same whenever the event is sent again.
    pub event_id: Uuid,
    /// The owner's own counter.
    pub seq: Seq,
    /// What kind of event.
    pub event_type: EventType,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The owner.
    pub user_id: Owner,
    /// Who acted.
    pub actor: Actor,
    /// `task`.
    pub aggregate_type: AggregateType,
    /// The task.
    pub aggregate_id: TaskId,
    /// Its version after the event.
    pub aggregate_version: Revision,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Shared by everything that one request set off.
    pub correlation_id: Uuid,
    /// The event that set this off, if one did.
    pub causation_id: Option<Uuid>,
    /// What changed.
    pub data: EventData,
}

/// What kind of thing an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateType {
    /// A task.
    Task,
}

impl EventEnvelope {
    /// The event inside.
    pub fn event(&self) -> TaskEvent {
        TaskEvent {
            task: self.aggregate_id,
            version: self.aggregate_version,
            data: self.data.clone(),
        }
    }
}

/// The id of an owner's event number `seq`.
pub fn event_id(owner: Owner, seq: Seq) -> Uuid {
    let mut name = [0; 24];
    name[..16].copy_from_slice(owner.0.as_bytes());
    name[16..].copy_from_slice(&seq.0.to_be_bytes());
    Uuid::new_v5(&EVENT_NAMESPACE, &name)
}

/// The task after an event; `None` once it is purged.
pub fn apply(task: Option<Task>, event: &TaskEvent) -> Option<Task> {
    match &event.data {
        EventData::Created { task, .. } => Some((**task).clone()),
        EventData::Purged { .. } => None,
        EventData::Spawned { .. } | EventData::SeriesEnded { .. } | EventData::Reminded { .. } => {
            task
        }
        EventData::Changed { updated_at, changes, .. } => {
            let mut task = task?;
            for change in changes {
                change.apply(&mut task);
            }
            task.updated_at = *updated_at;
            task.version = event.version;
            Some(task)
        }
    }
}
