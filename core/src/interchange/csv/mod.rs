//! Comma-separated values (RFC 4180), for spreadsheets.
//!
//! An export has a column for everything there is of a task, and nothing is lost on the way out
//! and back. An import takes columns by their names, in any order and case, with commas,
//! semicolons or tabs between them; only `title` must be there. Of a field that has no column,
//! nothing is said: a task that is known keeps its own.
//!
//! A record without `uid` gets an identity derived from its title, its creation date as it is
//! written and its place among equal ones, so that the same file can be read twice. Without
//! `updated_at`, the file's own time counts.

mod columns;

use std::fmt::Display;
use std::io::{self, BufRead, Write};
use std::str::FromStr;

use uuid::Uuid;

pub(super) use columns::beneath;
pub use columns::{Column, write};

use super::fit::Fit;
use super::identity::{Identities, Numbered, begin_series};
use super::sheet::{Row, Sheet};
use super::{Format, ImportError, Imported, Losses, Reading, VERSION_MAX, together};
use crate::change::Field;
use crate::command::{Keep, Keeps};
use crate::due::Due;
use crate::error::{FieldError, Problem, excerpt};
use crate::recurrence::{Basis, Recurrence, Rule, Slot, Spawn};
use crate::task::{Parent, Revision, Status, Task, TaskId, TaskNo, Trash};
use crate::time::{self, Timestamp, Zone};

/// Where a task stands, and since when.
const STATUS: &[Keep] =
    &[Keep::Field(Field::Status), Keep::Field(Field::CompletedAt), Keep::Field(Field::CancelledAt)];

/// Writes tasks with all their columns.
pub fn export(tasks: &[Task], out: &mut impl Write) -> io::Result<Losses> {
    write(Column::ALL, tasks, None, out).map(|()| Losses::default())
}

/// Reads a table of tasks.
pub fn import(source: impl BufRead, reading: &Reading) -> Result<Imported, ImportError> {
    let mut sheet = Sheet::open(source, Format::Csv, Column::Title.as_str())?;
    let columns = Columns::of(sheet.header())?;
    let mut imported = Imported { keeps: columns.keeps(), ..Imported::default() };
    let mut identities = Identities::default();
    let mut by_number = Numbered::default();
    let mut lines = Vec::new();
    // Without a column for the status, an instant tells it; where there is none, nothing is said.
    let ended = [Column::CompletedAt, Column::CancelledAt];
    let status_unsaid = columns.place(Column::Status).is_none()
        && ended.iter().any(|column| columns.place(*column).is_some());
    let mut unsaid = Vec::new();
    while let Some(row) = sheet.next()? {
        let record = Record { row, columns: &columns, reading };
        let place = imported.tasks.len();
        let mut task = record.task(&mut imported.losses)?;
        if let Some(uid) = record.read::<Uuid>(Column::Uid, "a UUID")? {
            identities.give(uid, row.line).map_err(|what| record.fault(Column::Uid, &what))?;
            task.uid = TaskId(uid);
        } else {
            let says = [record.cell(Column::Title), record.cell(Column::CreatedAt)];
            identities.derive(place, Format::Csv, &says);
        }
        let parent = record.number(Column::Parent)?.map(TaskNo);
        if let Some(parent) = parent.filter(|_| task.parent.is_none()) {
            by_number.hang(place, parent);
        }
        if status_unsaid && task.status.is_open() {
            unsaid.push(place);
        }
        lines.push(row.line);
        imported.tasks.push(task);
    }
    identities.settle(&mut imported.tasks);
    for place in unsaid {
        imported.keeps.add_of(imported.tasks[place].uid, STATUS);
    }
    by_number.settle(&mut imported.tasks, &mut imported.losses);
    for task in &mut imported.tasks {
        begin_series(task);
        // Deleted alone, unless the file says with what.
        let uid = task.uid.0;
        if let Some(trash) = task.trash.as_mut().filter(|trash| trash.group.is_nil()) {
            trash.group = uid;
        }
    }
    let due_said = columns.place(Column::DueDate).is_some();
    together::check_with(&imported.tasks, &lines, due_said)?;
    Ok(imported)
}

/// Where each column stands, and those that nobody here knows.
struct Columns {
    places: Vec<Option<usize>>,
    others: Vec<(usize, String)>,
}

impl Columns {
    fn of(header: &[String]) -> Result<Self, ImportError> {
        let mut places = vec![None; Column::ALL.len()];
        let mut others = Vec::new();
        for (place, name) in header.iter().enumerate() {
            let Ok(column) = name.parse::<Column>() else {
                others.push((place, name.clone()));
                continue;
            };
            if places[column as usize].replace(place).is_some() {
                let what = format!("the column {column} is there twice");
                return Err(ImportError::Syntax { line: 1, column: 1, what });
            }
        }
        Ok(Self { places, others })
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }

    /// What has no column.
    fn keeps(&self) -> Keeps {
        const OF: &[(Field, &[Column])] = &[
            (Field::Description, &[Column::Description]),
            (Field::Status, &[Column::Status, Column::CompletedAt, Column::CancelledAt]),
            (Field::Priority, &[Column::Priority]),
            (Field::Project, &[Column::Project]),
            (Field::Tags, &[Column::Tags]),
            (Field::Parent, &[Column::Parent, Column::ParentUid]),
            (Field::StartDate, &[Column::StartDate]),
            (Field::DueDate, &[Column::DueDate]),
            (Field::Recurrence, &[Column::Recurrence]),
            (Field::Reminders, &[Column::Reminders]),
            (Field::CompletedAt, &[Column::CompletedAt, Column::Status]),
            (Field::CancelledAt, &[Column::CancelledAt, Column::Status]),
            (Field::Trash, &[Column::DeletedAt]),
        ];
        const PARTS: &[(Keep, Column)] = &[
            (Keep::Basis, Column::RecurrenceFrom),
            (Keep::Spawn, Column::RecurrenceSpawn),
            (Keep::Anchor, Column::RecurrenceAnchor),
            (Keep::Number, Column::RecurrenceNumber),
            (Keep::Completed, Column::CompletedAt),
            (Keep::Cancelled, Column::CancelledAt),
        ];
        let missing = |columns: &[Column]| columns.iter().all(|c| self.place(*c).is_none());
        let fields = OF.iter().filter(|(_, columns)| missing(columns));
        let mut keeps = Keeps::from(fields.map(|(field, _)| *field).collect::<Vec<_>>());
        let parts = PARTS.iter().filter(|(_, column)| self.place(*column).is_none());
        parts.for_each(|(part, _)| keeps.add(*part));
        keeps
    }
}

/// One record on its way in.
struct Record<'s> {
    row: Row<'s>,
    columns: &'s Columns,
    reading: &'s Reading,
}

impl Record<'_> {
    fn cell(&self, column: Column) -> &str {
        columns::meant(self.row.cell(self.columns.place(column)))
    }

    fn fault(&self, column: Column, what: &dyn Display) -> ImportError {
        self.row.fault(column.as_str(), what)
    }

    /// A value that is read from its text; `what` it is, if it is none.
    fn read<T: FromStr>(&self, column: Column, what: &str) -> Result<Option<T>, ImportError> {
        match self.cell(column) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                let text = excerpt(text);
                self.fault(column, &format!("{text:?} is not {what}"))
            }),
        }
    }

    /// A value that says itself what is wrong with its text.
    fn checked<T, E: Display>(
        &self,
        column: Column,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ImportError> {
        match self.cell(column) {
            "" => Ok(None),
            text => read(text).map(Some).map_err(|error| self.fault(column, &error)),
        }
    }

    /// A number from 1; 0 is none.
    fn number(&self, column: Column) -> Result<Option<u64>, ImportError> {
        let number = self.read::<u64>(column, "a whole number")?;
        Ok(number.filter(|number| *number > 0))
    }

    fn version(&self) -> Result<Revision, ImportError> {
        match self.number(Column::Version)?.map(Revision) {
            Some(version) if version.0 > VERSION_MAX => {
                let problem = Problem::OutOfRange { min: 1, max: VERSION_MAX };
                Err(self.fault(Column::Version, &problem))
            }
            version => Ok(version.unwrap_or(Revision::FIRST)),
        }
    }

    /// An instant, or a date or time as people write them.
    fn instant(&self, column: Column, zone: Zone) -> Result<Option<Timestamp>, ImportError> {
        self.checked(column, |text| {
            text.parse().or_else(|_| Due::parse(text, None, zone).map(|due| due.starts(zone)))
        })
    }

    fn task(&self, losses: &mut Losses) -> Result<Task, ImportError> {
        let Reading { at, .. } = *self.reading;
        let asking = self.reading.zone();
        let named = columns::meant(self.row.text(self.columns.place(Column::Title)));
        let refused = |error: FieldError| self.row.refuse(&error);
        let mut lost = Losses::default();
        let mut fit = Fit { losses: &mut lost, title: named };
        let (title, overlong) = fit.exact_title("title").map_err(refused)?;
        let project = self.cell(Column::Project);
        let project = fit.exact_project(project).map_err(refused)?;
        let tags: Vec<_> =
            self.cell(Column::Tags).split(',').filter(|t| !t.trim().is_empty()).collect();
        let tags = fit.exact_tags(&tags).map_err(refused)?;
        for (place, name) in &self.columns.others {
            if !self.row.cell(Some(*place)).is_empty() {
                fit.lose(name, "a column that is not known here; left out");
            }
        }
        let text = columns::meant(self.row.text(self.columns.place(Column::Description)));
        let paragraphs = [overlong.as_deref().unwrap_or_default(), text];
        let description = fit.description("description", &paragraphs).map_err(refused)?;
        let zone = self.checked(Column::Timezone, time::zone)?;
        let date = |text: &str| Due::parse(text, zone, asking);
        let zone = zone.unwrap_or(asking);
        let created = self.instant(Column::CreatedAt, zone)?;
        let ended = |column| self.instant(column, zone);
        let updated = self.instant(Column::UpdatedAt, zone)?.unwrap_or(at);
        let mut task = Task {
            id: TaskNo(self.number(Column::Id)?.unwrap_or_default()),
            description,
            project,
            tags,
            parent: self
                .read(Column::ParentUid, "a UUID")?
                .map(|uid| Parent { uid: TaskId(uid), id: TaskNo::UNSTAMPED }),
            start_date: self.checked(Column::StartDate, date)?,
            due_date: self.checked(Column::DueDate, date)?,
            series: self.read(Column::Series, "a UUID")?,
            slot: self.checked(Column::Slot, str::parse::<Slot>)?,
            reminders: self
                .checked(Column::Reminders, |text| serde_json::from_str(text))?
                .unwrap_or_default(),
            updated_at: updated,
            version: self.version()?,
            ..Task::blank(TaskId(Uuid::nil()), title, created.unwrap_or(at))
        };
        if let Some(parent) = &mut task.parent {
            parent.id = TaskNo(self.number(Column::Parent)?.unwrap_or_default());
        }
        if let Some(priority) = self.checked(Column::Priority, str::parse)? {
            task.priority = priority;
        }
        let (completed, cancelled) = (ended(Column::CompletedAt)?, ended(Column::CancelledAt)?);
        let told = completed.map(|_| Status::Completed);
        let told = told.or_else(|| cancelled.map(|_| Status::Cancelled));
        let status = self.checked(Column::Status, str::parse)?.or(told).unwrap_or(Status::Pending);
        for (instant, column, of) in [
            (completed, Column::CompletedAt, Status::Completed),
            (cancelled, Column::CancelledAt, Status::Cancelled),
        ] {
            if status == of {
                task.set_status(status, instant.unwrap_or(updated));
            } else if instant.is_some() {
                fit.lose(column.as_str(), "does not go with where the task stands; left out");
            }
        }
        if status.is_open() {
            task.set_status(status, updated);
        }
        losses.settle(&lost, named);
        let group = self.read(Column::TrashId, "a UUID")?;
        let deleted = self.instant(Column::DeletedAt, zone)?;
        task.trash = deleted.map(|at| Trash { at, group: group.unwrap_or_default() });
        task.recurrence = self.recurrence(task.due_date)?.map(Box::new);
        task.settle_zone();
        Ok(task)
    }

    fn recurrence(&self, due: Option<Due>) -> Result<Option<Recurrence>, ImportError> {
        let Some(rule) = self.checked(Column::Recurrence, str::parse::<Rule>)? else {
            return Ok(None);
        };
        let anchor = self.checked(Column::RecurrenceAnchor, str::parse)?;
        // Of a task that is here the due date may be known; the rule is anchored there then.
        let unsaid = self.columns.place(Column::DueDate).is_none();
        let unsaid = unsaid && !self.cell(Column::Uid).is_empty();
        let unsaid = unsaid.then(|| Due::Day(self.reading.at.day(self.reading.zone())));
        let Some(anchor) = anchor.or(due).or(unsaid) else {
            let what = "counts from a due date, and there is none";
            return Err(self.fault(Column::Recurrence, &what));
        };
        let from = self.checked(Column::RecurrenceFrom, str::parse)?;
        let spawn = self.checked(Column::RecurrenceSpawn, str::parse)?;
        let n = self.read(Column::RecurrenceNumber, "a whole number")?;
        Ok(Some(Recurrence {
            rule,
            from: from.unwrap_or(Basis::Schedule),
            spawn: spawn.unwrap_or(Spawn::OnCompletion),
            anchor,
            n: n.unwrap_or(1),
        }))
    }
}
