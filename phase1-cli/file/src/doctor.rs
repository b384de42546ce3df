//! A look at everything that could be wrong with the file, and the way back if something is.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use todo_core::task::DEPTH_MAX;
use todo_core::{Counters, Task, TaskId, TaskNo, Timestamp, Zone};

use crate::atomic::{backup_path, copy, put_back, resolve, temporary_path};
use crate::document::Document;
use crate::error::FileError;
use crate::index::task_at;
use crate::lock::{self, beside, held_by};
use crate::store::read_backup;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Works, but is not as it should be.
    Warning,
    /// The file, or a task in it, cannot be used.
    Error,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, where, and what to do.
    pub text: String,
}

/// The state of the generation before the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backup {
    /// There is none: nothing has been written twice.
    None,
    /// It can be read and has this many tasks.
    Good {
        /// How many tasks.
        tasks: usize,
    },
    /// It cannot be read either.
    Bad {
        /// Why.
        why: String,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The file itself, links followed.
    pub path: PathBuf,
    /// How many tasks it holds, if it can be read; trash included.
    pub tasks: Option<usize>,
    /// Everything that was found, as it was found.
    pub findings: Vec<Finding>,
    /// The generation before.
    pub backup: Backup,
}

impl Report {
    /// Whether something cannot be used.
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn add(&mut self, severity: Severity, text: impl Into<String>) {
        self.findings.push(Finding { severity, text: text.into() });
    }
}

/// Examines a file. Nothing is written.
pub fn doctor(path: &Path, zone: Zone) -> Result<Report, FileError> {
    let path = resolve(path)?;
    let backup = match read_backup(&path, zone) {
        None => Backup::None,
        Some(Ok(tasks)) => Backup::Good { tasks },
        Some(Err(error)) => Backup::Bad { why: told(error) },
    };
    let mut report = Report { path: path.clone(), tasks: None, findings: Vec::new(), backup };
    if let Some(holder) = held_by(&path) {
        report.add(Severity::Note, format!("in use by {holder}"));
    } else if temporary_path(&path).exists() {
        let text = "a write was interrupted before it took effect; the next write clears it away";
        report.add(Severity::Note, text);
    }
    match Document::read(&path, zone) {
        Ok(None) => report.add(Severity::Note, "there is no file yet; `todo add` makes it"),
        Ok(Some(document)) => examine(&document, &mut report),
        Err(error) => report.add(Severity::Error, told(error)),
    }
    if fs::metadata(&path).is_ok_and(|meta| meta.permissions().readonly()) {
        report.add(Severity::Warning, "the file is read-only: nothing can be changed");
    }
    Ok(report)
}

/// What a fault is, without the name of the file and the advice to run doctor.
fn told(error: FileError) -> String {
    match error {
        FileError::Damaged { what, .. } => format!("damaged: {what}"),
        other => other.to_string(),
    }
}

fn examine(document: &Document, report: &mut Report) {
    report.tasks = Some(document.tasks.len());
    if document.legacy {
        report.add(Severity::Note, "the file has the first format; the next change renews it");
    }
    let mut tasks: BTreeMap<TaskId, (Task, usize)> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    for (span, line) in document.tasks.iter().zip(document.task_lines()) {
        let task = match task_at(document, span, &report.path) {
            Ok(task) => task,
            Err(error) => {
                report.add(Severity::Error, told(error));
                continue;
            }
        };
        if let Some(first) = ids.insert(task.id, line) {
            let text = format!("line {line}: the id {} was used in line {first} already", task.id);
            report.add(Severity::Error, text);
        }
        if task.id >= document.counters.next_id {
            let text = format!("line {line}: the id {} is not below next_id", task.id);
            report.add(Severity::Error, text);
        }
        if let Some((_, first)) = tasks.insert(task.uid, (task.clone(), line)) {
            let text = format!("line {line}: the uid {} was used in line {first}", task.uid);
            report.add(Severity::Error, text);
        }
    }
    for (task, line) in tasks.values() {
        if let Some(problem) = place(task, &tasks) {
            report.add(Severity::Warning, format!("line {line}: task {} {problem}", task.id));
        }
    }
    series(&tasks, report);
    if let Err(error) = document.read_firings(&report.path) {
        report.add(Severity::Error, told(error));
    }
    match document.read_steps(&report.path) {
        Err(error) => report.add(Severity::Error, told(error)),
        Ok(steps) => {
            let newest = steps.iter().map(|step| step.no.0).max().unwrap_or(0);
            let Counters { next_seq, .. } = document.counters;
            if newest >= next_seq.0 {
                report.add(Severity::Error, format!("step {newest} is not below next_seq"));
            }
        }
    }
}

/// What is odd about a task's place in the tree; such a task is shown at the top.
fn place(task: &Task, tasks: &BTreeMap<TaskId, (Task, usize)>) -> Option<String> {
    let mut above = vec![task.uid];
    let mut next = task.parent;
    while let Some(parent) = next {
        let Some((found, _)) = tasks.get(&parent.uid) else {
            return Some(format!("has a parent, {}, that is not there", parent.uid));
        };
        if above.contains(&parent.uid) {
            return Some("lies below itself".to_owned());
        }
        above.push(parent.uid);
        next = found.parent;
    }
    (above.len() > DEPTH_MAX + 1)
        .then(|| format!("lies more than {DEPTH_MAX} levels below the top"))
}

/// What is odd about series: each slot has one occurrence, and one occurrence holds the rule (R1,
/// R6).
fn series(tasks: &BTreeMap<TaskId, (Task, usize)>, report: &mut Report) {
    let (mut slots, mut holders) = (HashMap::new(), HashMap::new());
    for (task, line) in tasks.values() {
        let Some(series) = task.series else { continue };
        let mut odd = |what: &str, other: Option<TaskNo>| {
            if let Some(other) = other {
                let text = format!("line {line}: task {} {what} task {other}", task.id);
                report.add(Severity::Warning, text);
            }
        };
        odd("has the date in its series of", slots.insert((series, task.slot), task.id));
        if task.recurrence.is_some() {
            odd("repeats, and so does, in the same series,", holders.insert(series, task.id));
        }
    }
}

/// Puts the generation before in place of a damaged file, which is kept under another name.
/// Answers that name, if there was a file.
pub fn restore_backup(
    path: &Path,
    zone: Zone,
    now: Timestamp,
) -> Result<Option<PathBuf>, FileError> {
    let path = resolve(path)?;
    let _lock = lock::take(&path)?;
    let backup = backup_path(&path);
    match read_backup(&path, zone) {
        Some(Ok(_)) => {}
        Some(Err(error)) => return Err(error),
        None => {
            let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(FileError::io("read the backup", &backup)(missing));
        }
    }
    let aside = beside(&path, &format!(".damaged-{}", now.millis()));
    let kept = if path.exists() {
        copy(&path, &aside)?;
        Some(aside)
    } else {
        None
    };
    put_back(&path)?;
    Ok(kept)
}
