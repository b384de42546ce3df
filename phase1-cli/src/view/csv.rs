//! A list as comma-separated values (RFC 4180), with a header.

use std::io::{self, Write};

use todo_core::query::Moment;
use todo_core::{Tag, Task, urgency};

const COLUMNS: [&str; 16] = [
    "id",
    "uid",
    "title",
    "status",
    "priority",
    "project",
    "tags",
    "parent",
    "start_date",
    "due_date",
    "timezone",
    "created_at",
    "updated_at",
    "completed_at",
    "version",
    "recurrence",
];

/// Prints the header and one record a task, with how urgent it is if that was asked.
pub(crate) fn print(
    out: &mut impl Write,
    tasks: &[Task],
    urgency: Option<&Moment>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let asked = urgency.is_some();
    writer.write_record(COLUMNS.into_iter().chain(asked.then_some("urgency"))).map_err(plain)?;
    for task in tasks {
        let text = |text: Option<String>| text.unwrap_or_default();
        let tags: Vec<_> = task.tags.iter().map(Tag::as_str).collect();
        let points = urgency.map(|moment| urgency::urgency(task, moment).to_string());
        let cells = [
            task.id.to_string(),
            task.uid.to_string(),
            harmless(task.title.as_str()),
            task.status.to_string(),
            task.priority.to_string(),
            text(task.project.as_ref().map(|project| harmless(project.as_str()))),
            harmless(&tags.join(",")),
            text(task.parent.map(|parent| parent.id.to_string())),
            text(task.start_date.map(|due| due.date_text())),
            text(task.due_date.map(|due| due.date_text())),
            text(task.zone().map(|zone| zone.name().to_owned())),
            task.created_at.to_string(),
            task.updated_at.to_string(),
            text(task.completed_at.map(|at| at.to_string())),
            task.version.to_string(),
            text(task.recurrence.as_ref().map(|recurrence| recurrence.rule.to_string())),
        ];
        writer.write_record(cells.into_iter().chain(points)).map_err(plain)?;
    }
    writer.flush()
}

/// The error below: whoever asks whether the reader has gone away finds it only there.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A spreadsheet takes a cell that begins with one of these for a formula; a quote in front makes
/// it text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() }
}
