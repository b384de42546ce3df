//! The floor under the command-line benchmark: the least a program can do
//! that keeps tasks as one JSON document.
//!
//! It reads the whole document into owned structs, does one thing, and ends.
//! There are no checks, no dates, no sorting and no colours, so its time is
//! what reading, printing and writing cost by themselves. `tests/bench/cli/run`
//! measures it next to `todo`: the distance between the two is what `todo` adds.
//!
//! ```text
//! todo-floor startup                     print one line
//! todo-floor list FILE                   one line for each open task
//! todo-floor filter FILE TAG PRIORITY    the same, only those that match
//! todo-floor add FILE TITLE              append a task, rewrite the file safely
//! ```

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How it is called, said when it is called some other way.
const USAGE: &str = "usage: todo-floor startup | list FILE | filter FILE TAG PRIORITY | \
                     add FILE TITLE";

/// The whole file.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: u32,
    tasks: Vec<Task>,
}

/// How far along a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    InProgress,
    Completed,
    Cancelled,
}

impl Status {
    /// Whether a list of what is to be done shows it.
    const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}

/// How much a task matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Priority {
    High,
    Medium,
    Low,
}

impl Priority {
    /// The name it goes by in the file and on the command line.
    const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// One task, every field owned; dates stay the text they are in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    id: u64,
    uid: String,
    title: String,
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

impl Task {
    /// Appends the task's line to `out`.
    fn write_line(&self, out: &mut String) -> io::Result<()> {
        write!(
            out,
            "{:>6} {:<6} {:<16} {:<20} {}",
            self.id,
            self.priority.map_or("", Priority::name),
            self.project.as_deref().unwrap_or(""),
            self.due_date.as_deref().unwrap_or(""),
            self.title
        )
        .map_err(io::Error::other)?;
        for tag in &self.tags {
            out.push_str(" +");
            out.push_str(tag);
        }
        out.push('\n');
        Ok(())
    }
}

/// Reads and parses the whole file.
fn read(path: &Path) -> io::Result<Document> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// Replaces the file so that a crash leaves the old one or the new one:
/// temporary file beside it, `fsync`, rename, `fsync` of the directory.
fn write(path: &Path, document: &Document) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    let mut file = File::create(temporary)?;
    file.write_all(&serde_json::to_vec(document)?)?;
    file.sync_all()?;
    fs::rename(temporary, path)?;
    File::open(directory)?.sync_all()
}

/// Prints the open tasks that `keep` lets through, in one write.
fn print(document: &Document, keep: impl Fn(&Task) -> bool) -> io::Result<()> {
    let mut out = String::with_capacity(document.tasks.len().saturating_mul(96));
    for task in document.tasks.iter().filter(|task| task.status.is_open() && keep(task)) {
        task.write_line(&mut out)?;
    }
    io::stdout().write_all(out.as_bytes())
}

/// Appends a pending task and rewrites the file.
fn add(path: &Path, title: &str) -> io::Result<()> {
    let mut document = read(path)?;
    let id = document.tasks.iter().map(|task| task.id).max().unwrap_or(0) + 1;
    document.tasks.push(Task {
        id,
        uid: format!("floor-{id}"),
        title: title.to_owned(),
        status: Status::Pending,
        priority: None,
        project: None,
        tags: Vec::new(),
        due_date: None,
        timezone: None,
        start_date: None,
        created_at: None,
        updated_at: None,
        completed_at: None,
        version: Some(1),
    });
    write(path, &document)?;
    io::stdout().write_all(format!("{id}\n").as_bytes())
}

/// The argument as text, or what is wrong with it.
fn text(argument: &OsString) -> io::Result<&str> {
    argument.to_str().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not UTF-8"))
}

fn main() -> io::Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, USAGE);
    let (command, operands) = arguments.split_first().ok_or_else(usage)?;
    match (text(command)?, operands) {
        ("startup", []) => io::stdout().write_all(b"todo-floor\n"),
        ("list", [file]) => print(&read(Path::new(file))?, |_| true),
        ("filter", [file, tag, priority]) => {
            let (tag, priority) = (text(tag)?, text(priority)?);
            print(&read(Path::new(file))?, |task| {
                task.priority.is_some_and(|own| own.name() == priority)
                    && task.tags.iter().any(|own| own == tag)
            })
        }
        ("add", [file, title]) => add(Path::new(file), text(title)?),
        _ => Err(usage()),
    }
}
