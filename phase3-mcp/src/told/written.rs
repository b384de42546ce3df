//! What came of a write: proof of what is stored, and how to take it back.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use todo_core::wire;
use todo_core::{Outcome, Revision, Task, TaskError};

use super::line::{Glance, line};
use super::notes::sentences;
use super::{Short, Told};
use crate::fault::shown;

/// Tasks that are told one by one; of more, how many.
const TOLD_MAX: usize = 50;

/// What came of a write.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// Changed tasks as stored now.
    tasks: Vec<Short>,
    // How many more changed.
    #[serde(skip_serializing_if = "is_zero")]
    more: usize,
    /// Ids of those that were so already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unchanged: Vec<u64>,
    // What was not done, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Value>,
    /// What `undo` takes; none: nothing was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<u64>,
    // Next occurrences and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Value>,
    /// How words were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    understood: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    dry_run: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// How a write is told.
#[derive(Debug)]
pub(crate) struct Telling<'t> {
    /// What was done to tasks that changed: `Added`.
    pub(crate) did: &'t str,
    /// How its items were named.
    pub(crate) named: &'t [String],
    /// How words were read.
    pub(crate) understood: Vec<String>,
    pub(crate) dry_run: bool,
}

impl Written {
    /// Tells what came of a command.
    pub(crate) fn told(outcome: &Outcome, telling: Telling<'_>, glance: &Glance) -> Told {
        let Telling { did, named, understood, dry_run } = telling;
        let Sorted { changed, asked, besides, unchanged } = Sorted::new(outcome);
        let written = Self {
            tasks: changed.iter().take(TOLD_MAX).map(|task| Short::from(*task)).collect(),
            more: changed.len().saturating_sub(TOLD_MAX),
            unchanged: unchanged.iter().take(TOLD_MAX).map(|task| task.id.0).collect(),
            refused: refused(outcome, named),
            step: outcome.step.map(|step| step.0),
            notes: wire::notes(outcome),
            understood,
            dry_run,
        };
        let mut lines = Vec::new();
        if dry_run {
            lines.push("Dry run: nothing was changed. It would come to this:".to_owned());
        }
        let step = written.step.map(|step| format!(" (step {step})")).unwrap_or_default();
        let did = format!("{did} {}{step}:", count(asked.len()));
        for (heading, tasks) in
            [(did.as_str(), asked), ("Besides:", besides), ("Already so:", unchanged)]
        {
            if tasks.is_empty() {
                continue;
            }
            lines.push(heading.to_owned());
            lines.extend(tasks.iter().take(TOLD_MAX).map(|task| line(task, glance)));
            let more = tasks.len().saturating_sub(TOLD_MAX);
            lines.extend((more > 0).then(|| format!("and {more} more")));
        }
        for refusal in &written.refused {
            let text = |name: &str| refusal[name].as_str().unwrap_or_default().to_owned();
            lines.push(format!("Not done for {}: {}", text("ref"), text("message")));
        }
        lines.extend(sentences(outcome, glance));
        if !written.understood.is_empty() {
            lines.push(format!("Understood: {}", written.understood.join("; ")));
        }
        if lines.is_empty() {
            lines.push("Nothing changed.".to_owned());
        }
        Told::new(&written, lines.join("\n"))
    }
}

/// The tasks of an outcome, by what became of them.
struct Sorted<'o> {
    changed: Vec<&'o Task>,
    /// Of those, what was asked for.
    asked: Vec<&'o Task>,
    /// And what came with it: subtasks, the next occurrence.
    besides: Vec<&'o Task>,
    unchanged: Vec<&'o Task>,
}

impl<'o> Sorted<'o> {
    fn new(outcome: &'o Outcome) -> Self {
        let changed: Vec<&Task> =
            outcome.changed.iter().filter_map(|uid| outcome.tasks.get(uid)).collect();
        let items = || outcome.items.iter().flatten();
        let named: BTreeSet<_> = items().map(|item| item.task).collect();
        let (asked, besides) = changed.iter().copied().partition(|task| named.contains(&task.uid));
        let unchanged = items().filter(|item| !item.changed());
        let unchanged = unchanged.filter_map(|item| outcome.tasks.get(&item.task)).collect();
        Self { changed, asked, besides, unchanged }
    }
}

fn count(tasks: usize) -> String {
    if tasks == 1 { "task".to_owned() } else { format!("{tasks} tasks") }
}

/// The refused items, each by what it was named.
pub(crate) fn refused(outcome: &Outcome, named: &[String]) -> Vec<Value> {
    let told = |(at, error): (usize, &TaskError)| {
        let mut told = shown(error);
        told.insert("ref".to_owned(), named.get(at).cloned().into());
        told.insert("code".to_owned(), error.code().as_str().into());
        told.insert("message".to_owned(), error.to_string().into());
        Value::Object(told)
    };
    outcome.refused().map(told).collect()
}

/// Whether more than one task that was there before changes: what a series makes anew does not count.
pub(crate) fn is_bulk(outcome: &Outcome) -> bool {
    let tasks = outcome.changed.iter().filter_map(|uid| outcome.tasks.get(uid));
    tasks.filter(|task| task.version > Revision::FIRST).count() > 1
}

/// The first tasks that would change, and how many more would.
pub(crate) fn shorts(outcome: &Outcome) -> (Vec<Short>, usize) {
    let tasks = outcome.changed.iter().filter_map(|uid| outcome.tasks.get(uid));
    let shown = tasks.take(TOLD_MAX).map(Short::from).collect();
    (shown, outcome.changed.len().saturating_sub(TOLD_MAX))
}
