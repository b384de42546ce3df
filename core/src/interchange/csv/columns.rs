//! The columns of our CSV: the one place that knows them.

use std::io::{self, Write};

use crate::macros::word_enum;
use crate::query::Moment;
use crate::recurrence::Recurrence;
use crate::task::Task;
use crate::text::Tag;
use crate::urgency::urgency as weigh;

word_enum!(
    /// A column, in the order in which they are written.
    Column {
        /// The number for people.
        Id = "id",
        /// The identity.
        Uid = "uid",
        /// What is to be done.
        Title = "title",
        /// Where it stands.
        Status = "status",
        /// How much it matters.
        Priority = "priority",
        /// Where it belongs.
        Project = "project",
        /// Labels, with commas between them.
        Tags = "tags",
        /// The number of the task above.
        Parent = "parent",
        /// Hidden until then.
        StartDate = "start_date",
        /// To be done by then.
        DueDate = "due_date",
        /// The zone of its timed dates.
        Timezone = "timezone",
        /// When it was made.
        CreatedAt = "created_at",
        /// When it was last changed.
        UpdatedAt = "updated_at",
        /// When it was completed.
        CompletedAt = "completed_at",
        /// How often it has changed.
        Version = "version",
        /// The rule by which it repeats.
        Recurrence = "recurrence",
        /// What the next date is counted from.
        RecurrenceFrom = "recurrence_from",
        /// When the next occurrence is made.
        RecurrenceSpawn = "recurrence_spawn",
        /// Where the rule is counted from, with its zone.
        RecurrenceAnchor = "recurrence_anchor",
        /// The number of the occurrence.
        RecurrenceNumber = "recurrence_n",
        /// The series that it is an occurrence of.
        Series = "series",
        /// Its place in the series.
        Slot = "slot",
        /// When it reminds of itself, as in JSON.
        Reminders = "reminders",
        /// More about it.
        Description = "description",
        /// The identity of the task above.
        ParentUid = "parent_uid",
        /// When it was cancelled.
        CancelledAt = "cancelled_at",
        /// When it was deleted.
        DeletedAt = "deleted_at",
        /// Shared by those that were deleted together.
        TrashId = "trash_id",
    }
);

/// How many columns a list has; an export has all of them.
const LISTED: usize = 16;

impl Column {
    /// The columns of a list.
    pub fn listed() -> &'static [Self] {
        &Self::ALL[..LISTED]
    }

    /// What stands there for a task; nothing, where there is nothing to say.
    fn cell(self, task: &Task) -> String {
        fn text(value: Option<impl ToString>) -> String {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        let repeats = task.recurrence.as_deref();
        match self {
            Self::Id => task.id.to_string(),
            Self::Uid => task.uid.to_string(),
            Self::Title => harmless(task.title.as_str()),
            Self::Status => task.status.to_string(),
            Self::Priority => task.priority.to_string(),
            Self::Project => task.project.as_ref().map_or(String::new(), |p| harmless(p.as_str())),
            Self::Tags => {
                let tags: Vec<_> = task.tags.iter().map(Tag::as_str).collect();
                harmless(&tags.join(","))
            }
            Self::Parent => text(task.parent.map(|parent| parent.id)),
            Self::ParentUid => text(task.parent.map(|parent| parent.uid)),
            Self::StartDate => text(task.start_date.map(|due| due.date_text())),
            Self::DueDate => text(task.due_date.map(|due| due.date_text())),
            Self::Timezone => text(task.zone()),
            Self::CreatedAt => task.created_at.to_string(),
            Self::UpdatedAt => task.updated_at.to_string(),
            Self::CompletedAt => text(task.completed_at),
            Self::CancelledAt => text(task.cancelled_at),
            Self::DeletedAt => text(task.trash.map(|trash| trash.at)),
            Self::TrashId => text(task.trash.map(|trash| trash.group)),
            Self::Version => task.version.to_string(),
            Self::Recurrence => text(repeats.map(|repeats| &repeats.rule)),
            Self::RecurrenceFrom => text(repeats.map(|repeats| repeats.from)),
            Self::RecurrenceSpawn => text(repeats.map(|repeats| repeats.spawn)),
            Self::RecurrenceAnchor => text(repeats.map(|Recurrence { anchor, .. }| *anchor)),
            Self::RecurrenceNumber => text(repeats.map(|Recurrence { n, .. }| *n)),
            Self::Series => text(task.series),
            Self::Slot => text(task.slot),
            Self::Reminders if task.reminders.is_empty() => String::new(),
            Self::Reminders => serde_json::to_string(&task.reminders).unwrap_or_default(),
            Self::Description => {
                task.description.as_ref().map_or(String::new(), |d| harmless(d.as_str()))
            }
        }
    }
}

/// Writes a header and one record a task; with a last column for how urgent each is at a moment, if
/// that is given.
pub fn write(
    columns: &[Column],
    tasks: &[Task],
    urgency: Option<&Moment>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let last = urgency.map(|_| "urgency");
    let names = columns.iter().map(|column| column.as_str());
    writer.write_record(names.chain(last)).map_err(beneath)?;
    for task in tasks {
        let last = urgency.map(|moment| weigh(task, moment).to_string());
        let cells = columns.iter().map(|column| column.cell(task));
        writer.write_record(cells.chain(last)).map_err(beneath)?;
    }
    writer.flush()
}

/// The error below: whoever asks whether the reader has gone away finds it only there.
pub(crate) fn beneath(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Whether a spreadsheet would take the text for a formula, however many quotes are before it.
fn acts(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t'])
}

/// A spreadsheet takes a cell that begins with certain signs for a formula; a quote in front makes
/// it text.
fn harmless(text: &str) -> String {
    if acts(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text without the quote that makes it harmless.
pub(super) fn meant(text: &str) -> &str {
    text.strip_prefix('\'').filter(|_| acts(text)).unwrap_or(text)
}
