//! The table that a project in Todoist is exported to, and imported from.
//!
//! Its rows are tasks, sections and notes, in order: an indented task lies below the one before it
//! that is indented less, a note belongs to the task before it. A file is one project, whose name is
//! the file's alone; its sections become projects here, and ours sections there. Labels are words
//! with `@` in the content. Priority 1 is the highest, and 4 is none.
//!
//! A row has no identity: it gets one derived from its content without its labels and its place
//! among equal ones, so that the same file can be read twice. Dates are read as they are typed
//! there, in English; what is not understood is kept in the description.

mod dates;
mod export;
mod rows;

use std::io::BufRead;

use uuid::Uuid;

pub use export::export;

use super::fit::{Fit, note};
use super::identity::{Identities, begin_series};
use super::sheet::{Row, Sheet};
use super::{Format, ImportError, Imported, Losses, Reading, together};
use crate::change::Field;
use crate::command::{Keep, Keeps};
use crate::error::FieldError;
use crate::task::{DEPTH_MAX, Parent, Priority, Task, TaskId, TaskNo};
use crate::text::{DESCRIPTION_MAX, Project};
use rows::{Columns, Kind, number};

/// Of which the format says nothing.
const KEEPS: &[Field] = &[
    Field::Status,
    Field::StartDate,
    Field::Reminders,
    Field::CompletedAt,
    Field::CancelledAt,
    Field::Trash,
];
/// What is not said outside sections, as the file does not name its project.
const PROJECT: &[Keep] = &[Keep::Field(Field::Project)];
/// Deepest indentation that is taken for one.
const INDENT_MAX: usize = 99;

/// Reads a project.
pub fn import(source: impl BufRead, reading: &Reading) -> Result<Imported, ImportError> {
    let mut sheet = Sheet::open(source, Format::Todoist, "CONTENT")?;
    let mut reader = Reader::new(reading, Columns::of(&sheet));
    while let Some(row) = sheet.next()? {
        match reader.columns.kind(row)? {
            Kind::Task => reader.task(row)?,
            Kind::Section => reader.section(row)?,
            Kind::Note => reader.note(row),
            Kind::Other => {}
        }
    }
    reader.finish()
}

/// A task that notes may still follow.
struct Open {
    task: Task,
    line: usize,
    /// The content without its labels.
    content: String,
    /// What is to stand in the description, apart from notes.
    text: String,
    notes: String,
}

struct Reader<'r> {
    reading: &'r Reading,
    columns: Columns,
    tasks: Vec<Task>,
    /// Where each begins.
    lines: Vec<usize>,
    losses: Losses,
    identities: Identities,
    section: Option<Project>,
    /// The places of tasks outside sections.
    outside: Vec<usize>,
    /// The tasks above the next row: how far each is indented, and its place.
    above: Vec<(usize, usize)>,
    /// For every task, the place of the one above.
    parents: Vec<Option<usize>>,
    open: Option<Open>,
}

impl<'r> Reader<'r> {
    fn new(reading: &'r Reading, columns: Columns) -> Self {
        Self {
            reading,
            columns,
            tasks: Vec::new(),
            lines: Vec::new(),
            losses: Losses::default(),
            identities: Identities::default(),
            section: None,
            outside: Vec::new(),
            above: Vec::new(),
            parents: Vec::new(),
            open: None,
        }
    }

    fn section(&mut self, row: Row<'_>) -> Result<(), ImportError> {
        self.close()?;
        self.above.clear();
        let name = row.cell(self.columns.content);
        let mut fit = Fit { losses: &mut self.losses, title: name };
        fit.lose("section", "becomes the project; that of the file is not named in it");
        self.section =
            fit.exact_project(name).map_err(|error| row.fault("CONTENT", &error.problem))?;
        Ok(())
    }

    fn note(&mut self, row: Row<'_>) {
        let text = row.cell(self.columns.content);
        match &mut self.open {
            // What is too long is cut, and more of it is not kept until then.
            Some(open) if open.notes.len() > 4 * DESCRIPTION_MAX => {}
            Some(open) => note(&mut open.notes, text),
            None => self.losses.add("note", "is about the project; left out", text),
        }
    }

    fn task(&mut self, row: Row<'_>) -> Result<(), ImportError> {
        self.close()?;
        let columns = &self.columns;
        let indent = number(row, ("INDENT", columns.indent), INDENT_MAX)?.unwrap_or(1);
        let priority = number(row, ("PRIORITY", columns.priority), 4)?.unwrap_or(4);
        let (content, labels) = labelled(row.cell(columns.content));
        let refused = |error: FieldError| row.fault("CONTENT", &error.problem);
        let mut lost = Losses::default();
        let mut fit = Fit { losses: &mut lost, title: &content };
        let (title, overlong) = fit.exact_title("CONTENT").map_err(refused)?;
        let tags = fit.exact_tags(&labels).map_err(refused)?;
        let priority = match priority {
            1 => Priority::High,
            2 => {
                fit.lose("PRIORITY", "the second of four becomes high");
                Priority::High
            }
            3 => {
                fit.lose("PRIORITY", "the third of four becomes medium");
                Priority::Medium
            }
            _ => Priority::Medium,
        };
        for (place, name) in &columns.others {
            // Todoist writes None where there is no duration.
            if !matches!(row.cell(Some(*place)), "" | "None") {
                fit.lose(name, "no home for it here; left out");
            }
        }
        let mut kept: Vec<String> = overlong.into_iter().collect();
        kept.extend(
            Some(row.text(columns.description)).filter(|t| !t.trim().is_empty()).map(Into::into),
        );
        let dates = dates::read(row, columns, self.reading, &mut fit);
        kept.extend(dates.kept);
        self.losses.settle(&lost, &content);
        let mut task = Task {
            priority,
            project: self.section.clone(),
            tags,
            due_date: dates.due,
            updated_at: self.reading.at,
            ..Task::blank(TaskId(Uuid::nil()), title, self.reading.at)
        };
        task.recurrence = dates.recurrence.map(Box::new);
        self.hang(indent, &content);
        let (text, notes) = (kept.join("\n\n"), String::new());
        self.open = Some(Open { task, line: row.line, content, text, notes });
        Ok(())
    }

    /// Finds the task above one that is indented so far.
    fn hang(&mut self, indent: usize, content: &str) {
        self.above.retain(|(other, _)| *other < indent);
        let level = self.above.len();
        if level > DEPTH_MAX {
            let fate = "more levels than there are here; it lies beside the one above";
            self.losses.add("INDENT", fate, content);
            self.above.truncate(DEPTH_MAX);
        }
        self.parents.push(self.above.last().map(|(_, place)| *place));
        self.above.push((indent, self.tasks.len()));
    }

    /// Takes over the task that is open, with the notes behind it.
    fn close(&mut self) -> Result<(), ImportError> {
        let Some(Open { mut task, line, content, text, notes }) = self.open.take() else {
            return Ok(());
        };
        let mut fit = Fit { losses: &mut self.losses, title: &content };
        if !notes.is_empty() {
            fit.lose("note", "stands under \"## Notes\" in the description");
        }
        let description = fit.description("DESCRIPTION", &[&text, &notes]);
        task.description = description.map_err(|error| {
            let (column, what) = ("DESCRIPTION".to_owned(), error.problem.to_string());
            ImportError::Cell { line, column, what }
        })?;
        if task.project.is_none() {
            self.outside.push(self.tasks.len());
        }
        self.identities.derive(self.tasks.len(), Format::Todoist, &[&content]);
        self.tasks.push(task);
        self.lines.push(line);
        Ok(())
    }

    fn finish(mut self) -> Result<Imported, ImportError> {
        self.close()?;
        let Self { mut tasks, lines, losses, identities, parents, outside, .. } = self;
        identities.settle(&mut tasks);
        for (place, parent) in parents.into_iter().enumerate() {
            let uid = parent.map(|above| tasks[above].uid);
            tasks[place].parent = uid.map(|uid| Parent { uid, id: TaskNo::UNSTAMPED });
        }
        tasks.iter_mut().for_each(begin_series);
        together::check(&tasks, &lines)?;
        let mut keeps = Keeps::from(KEEPS.to_vec());
        for place in outside {
            keeps.add_of(tasks[place].uid, PROJECT);
        }
        Ok(Imported { tasks, losses, keeps })
    }
}

/// The content without its labels, and the labels; all of it, if there is nothing else.
fn labelled(content: &str) -> (String, Vec<&str>) {
    let is_label = |word: &&str| word.len() > 1 && word.starts_with('@');
    let labels = content.split(' ').filter(is_label).map(|word| &word[1..]).collect();
    let text: Vec<_> = content.split(' ').filter(|word| !is_label(word)).collect();
    let text = text.join(" ");
    let text = text.trim();
    (if text.is_empty() { content } else { text }.to_owned(), labels)
}
