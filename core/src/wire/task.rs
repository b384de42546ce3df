//! A task as JSON: one shape for the file, every surface's output, exports and events.
//!
//! Reading goes through [`TaskRecord`], which borrows its texts from the buffer: a list looks at
//! a hundred thousand records to show ten, and copies only those.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::batch::NUMBER_MAX;
use crate::due::Due;
use crate::error::{FieldError, Problem};
use crate::query::TaskFields;
use crate::recurrence::{Recurrence, Slot, series_of};
use crate::reminder::Reminders;
use crate::task::{Parent, Priority, Revision, Status, Task, TaskId, TaskNo, Trash};
use crate::text::{
    DESCRIPTION_MAX, Description, PROJECT_MAX, Project, TAG_MAX, TAGS_MAX, TITLE_MAX, Tags, Title,
    is_printable_ascii,
};
use crate::time::{self, Timestamp};

/// Every name a task's JSON object may hold; others belong to somebody else and are kept.
pub const FIELD_NAMES: &[&str] = &[
    "id",
    "uid",
    "title",
    "description",
    "status",
    "priority",
    "project",
    "tags",
    "parent",
    "parent_uid",
    "start_date",
    "due_date",
    "timezone",
    "recurrence",
    "series",
    "slot",
    "reminders",
    "created_at",
    "updated_at",
    "completed_at",
    "cancelled_at",
    "deleted_at",
    "trash_id",
    "version",
];

/// A text that stays where it was read, unless it holds an escape.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A task's JSON object as it was read. Dates and enums have been checked, texts not yet.
#[derive(Debug, Clone, Deserialize)]
pub struct TaskRecord<'a> {
    id: TaskNo,
    uid: TaskId,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow, default)]
    description: Option<Text<'a>>,
    status: Status,
    #[serde(default = "medium")]
    priority: Priority,
    #[serde(borrow, default)]
    project: Option<Text<'a>>,
    #[serde(borrow, default)]
    tags: Vec<Text<'a>>,
    #[serde(default)]
    parent: Option<TaskNo>,
    #[serde(default)]
    parent_uid: Option<TaskId>,
    #[serde(borrow, default)]
    start_date: Option<Text<'a>>,
    #[serde(borrow, default)]
    due_date: Option<Text<'a>>,
    #[serde(borrow, default)]
    timezone: Option<Text<'a>>,
    #[serde(default)]
    recurrence: Option<Box<Recurrence>>,
    #[serde(default)]
    series: Option<Uuid>,
    #[serde(default)]
    slot: Option<Slot>,
    #[serde(default)]
    reminders: Reminders,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(default)]
    completed_at: Option<Timestamp>,
    #[serde(default)]
    cancelled_at: Option<Timestamp>,
    #[serde(default)]
    deleted_at: Option<Timestamp>,
    #[serde(default)]
    trash_id: Option<Uuid>,
    version: Revision,
    #[serde(skip)]
    start: Option<Due>,
    #[serde(skip)]
    due: Option<Due>,
}

fn medium() -> Priority {
    Priority::Medium
}

/// Why a record is not a task.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON, a field missing, or of the wrong type.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A value breaks its field's rule.
    #[error("{0}")]
    Field(FieldError),
}

impl From<FieldError> for RecordError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl<'a> TaskRecord<'a> {
    /// Reads one object.
    pub fn parse(json: &'a str) -> Result<Self, RecordError> {
        let mut record: Self = serde_json::from_str(json)?;
        record.read_dates()?;
        Ok(record)
    }

    /// Checks what deserialising alone has not: the dates, which need the zone beside them.
    pub fn read_dates(&mut self) -> Result<(), FieldError> {
        let zone = match &self.timezone {
            Some(name) => Some(
                time::zone(name.as_ref())
                    .map_err(|problem| FieldError::new("timezone", problem))?,
            ),
            None => None,
        };
        let read = |name: &'static str, text: &Option<Text<'_>>| match text {
            None => Ok(None),
            Some(text) => Due::from_stored(text.as_ref(), zone)
                .map(Some)
                .map_err(|problem| FieldError::new(name, problem)),
        };
        self.due = read("due_date", &self.due_date)?;
        self.start = read("start_date", &self.start_date)?;
        Ok(())
    }

    /// Whether [`TaskRecord::into_task`] would take it, without making it into one.
    pub fn check(&self) -> Result<(), FieldError> {
        let tag = |text: &Text<'_>| {
            is_plain(text, TAG_MAX) && !text.as_ref().contains([' ', ',', '#', '@'])
        };
        let project = |text: &Text<'_>| {
            let mut levels = text.as_ref().split('/');
            is_plain(text, PROJECT_MAX) && levels.all(|l| !l.is_empty() && l.trim() == l)
        };
        // Most texts show at a glance that nothing is wrong with them.
        let simple = is_plain(&self.title, TITLE_MAX)
            && self.description.as_ref().is_none_or(|text| is_plain(text, DESCRIPTION_MAX))
            && self.project.as_ref().is_none_or(project)
            && self.tags.len() <= TAGS_MAX
            && self.tags.iter().all(tag)
            && (1..=NUMBER_MAX).contains(&self.version.0)
            && self.recurrence.is_none();
        if simple { Ok(()) } else { self.clone().into_task().map(drop) }
    }

    /// How often the task has changed.
    pub fn version(&self) -> Revision {
        self.version
    }

    /// The series it is an occurrence of, and its place there.
    pub fn occurrence(&self) -> Option<(Uuid, Slot)> {
        let due = self.due.filter(|_| self.recurrence.is_some());
        let begun = || due.map(|due| (series_of(self.uid, Revision::FIRST), Slot::of(due)));
        self.series.zip(self.slot).or_else(begun)
    }

    /// The number of the task above, as written for people.
    pub fn parent_id(&self) -> Option<TaskNo> {
        self.parent
    }

    /// The task, once its texts have passed their rules too.
    pub fn into_task(self) -> Result<Task, FieldError> {
        if !(1..=NUMBER_MAX).contains(&self.version.0) {
            // Beyond it a version could not rise, and would guard nothing.
            let problem = Problem::OutOfRange { min: 1, max: NUMBER_MAX };
            return Err(FieldError::new("version", problem));
        }
        if self.recurrence.is_some() && self.due.is_none() {
            return Err(FieldError::new("recurrence", Problem::NeedsDue(self.uid)));
        }
        let trash = self.trash();
        // Written by hand, a rule may lack the series that it makes.
        let (series, slot) = match self.occurrence() {
            Some((series, slot)) => (Some(series), Some(slot)),
            None => (self.series, self.slot),
        };
        let text = |text: &Text<'a>| -> Cow<'a, str> { text.0.clone() };
        Ok(Task {
            uid: self.uid,
            id: self.id,
            title: Title::new(self.title.as_ref())?,
            description: self
                .description
                .as_ref()
                .map(|d| Description::new(&text(d)))
                .transpose()?,
            status: self.status,
            priority: self.priority,
            project: self.project.as_ref().map(|p| Project::new(&text(p))).transpose()?,
            tags: Tags::parse(&self.tags)?,
            parent: self.parent(),
            start_date: self.start,
            due_date: self.due,
            recurrence: self.recurrence,
            series,
            slot,
            reminders: self.reminders,
            created_at: self.created_at,
            updated_at: self.updated_at,
            completed_at: self.completed_at,
            cancelled_at: self.cancelled_at,
            trash,
            version: self.version,
        })
    }
}

/// One trimmed line of printable ASCII that fits.
fn is_plain(text: &Text<'_>, max: usize) -> bool {
    let text = text.as_ref();
    (1..=max).contains(&text.len()) && is_printable_ascii(text) && text.trim().len() == text.len()
}

impl TaskFields for TaskRecord<'_> {
    fn uid(&self) -> TaskId {
        self.uid
    }
    fn id(&self) -> TaskNo {
        self.id
    }
    fn title(&self) -> &str {
        self.title.as_ref()
    }
    fn description(&self) -> Option<&str> {
        self.description.as_ref().map(AsRef::as_ref)
    }
    fn status(&self) -> Status {
        self.status
    }
    fn priority(&self) -> Priority {
        self.priority
    }
    fn project(&self) -> Option<&str> {
        self.project.as_ref().map(AsRef::as_ref)
    }
    fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(AsRef::as_ref)
    }
    fn parent(&self) -> Option<Parent> {
        self.parent_uid.map(|uid| Parent { uid, id: self.parent.unwrap_or_default() })
    }
    fn start_date(&self) -> Option<Due> {
        self.start
    }
    fn due_date(&self) -> Option<Due> {
        self.due
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
    fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at
    }
    fn cancelled_at(&self) -> Option<Timestamp> {
        self.cancelled_at
    }
    fn trash(&self) -> Option<Trash> {
        // A record written by hand may lack the group; the task is one of its own then.
        self.deleted_at.map(|at| Trash { at, group: self.trash_id.unwrap_or(self.uid.0) })
    }
    fn is_repeating(&self) -> bool {
        self.recurrence.is_some()
    }
    fn is_scheduled(&self) -> bool {
        self.recurrence.as_ref().is_some_and(|recurrence| recurrence.is_scheduled())
    }
    fn is_reminding(&self) -> bool {
        !self.reminders.is_empty()
    }
}

/// A task's JSON object without the names that have no value: the form the file keeps.
#[derive(Debug)]
pub struct Compact<'t>(pub &'t Task);

impl Serialize for Compact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.0, serializer, false)
    }
}

/// A task's JSON object with every name, `null` where there is no value.
impl Serialize for Task {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self, serializer, true)
    }
}

impl<'de> Deserialize<'de> for Task {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut record = TaskRecord::deserialize(deserializer)?;
        record.read_dates().map_err(D::Error::custom)?;
        record.into_task().map_err(D::Error::custom)
    }
}

fn write<S: Serializer>(task: &Task, serializer: S, nulls: bool) -> Result<S::Ok, S::Error> {
    let mut map = Names { map: serializer.serialize_map(None)?, nulls };
    map.some("id", &task.id)?;
    map.some("uid", &task.uid)?;
    map.some("title", &task.title)?;
    map.option("description", task.description.as_ref())?;
    map.some("status", &task.status)?;
    map.some("priority", &task.priority)?;
    map.option("project", task.project.as_ref())?;
    if nulls || !task.tags.is_empty() {
        map.some("tags", &task.tags)?;
    }
    map.option("parent", task.parent.map(|parent| parent.id).as_ref())?;
    map.option("parent_uid", task.parent.map(|parent| parent.uid).as_ref())?;
    map.option("start_date", task.start_date.map(|due| due.date_text()).as_ref())?;
    map.option("due_date", task.due_date.map(|due| due.date_text()).as_ref())?;
    map.option("timezone", task.zone().map(chrono_tz::Tz::name).as_ref())?;
    map.option("recurrence", task.recurrence.as_deref())?;
    map.option("series", task.series.as_ref())?;
    map.option("slot", task.slot.as_ref())?;
    if nulls || !task.reminders.is_empty() {
        map.some("reminders", &task.reminders)?;
    }
    map.some("created_at", &task.created_at)?;
    map.some("updated_at", &task.updated_at)?;
    map.option("completed_at", task.completed_at.as_ref())?;
    map.option("cancelled_at", task.cancelled_at.as_ref())?;
    map.option("deleted_at", task.trash.map(|trash| trash.at).as_ref())?;
    map.option("trash_id", task.trash.map(|trash| trash.group).as_ref())?;
    map.some("version", &task.version)?;
    map.map.end()
}

struct Names<M> {
    map: M,
    nulls: bool,
}

impl<M: SerializeMap> Names<M> {
    fn some(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), M::Error> {
        self.map.serialize_entry(name, value)
    }

    fn option(
        &mut self,
        name: &'static str,
        value: Option<&impl Serialize>,
    ) -> Result<(), M::Error> {
        if value.is_some() || self.nulls { self.map.serialize_entry(name, &value) } else { Ok(()) }
    }
}
