//! What came of an import: how many of its tasks became what, and what was lost, told once for all
//! the tasks that it concerns.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::TaskError;
use crate::interchange::{Loss, Losses};
use crate::rules::{Decided, Fate, Left, Note};
use crate::step::StepNo;
use crate::text::Title;

type Items = [Result<Decided, TaskError>];

/// What came of an import, for programs.
#[derive(Debug, Serialize)]
pub struct Taken {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The step it made.
    pub step: Option<StepNo>,
    /// How many tasks were in the source.
    pub read: usize,
    /// How many of them are new.
    pub added: usize,
    /// How many replaced what was here.
    pub updated: usize,
    /// How many were here already.
    pub unchanged: usize,
    /// How many were not taken.
    pub left: usize,
    /// Why not.
    pub left_because: Vec<Value>,
    /// What else came of it.
    pub notes: Vec<Value>,
    /// What the source held that has no home here.
    pub losses: Vec<Value>,
}

impl Taken {
    /// Counts. `titles` are those of the items.
    pub fn new(
        dry_run: bool,
        step: Option<StepNo>,
        (items, titles): (&Items, &[Title]),
        notes: &[Note],
        losses: &Losses,
    ) -> Self {
        let count = |fate| items.iter().flatten().filter(|item| item.fate == fate).count();
        let not_taken = left(items, titles);
        let reason =
            |l: &Loss| json!({ "reason": l.field, "count": l.count, "examples": l.examples });
        Self {
            dry_run,
            step,
            read: titles.len(),
            added: count(Fate::Created),
            updated: count(Fate::Changed),
            unchanged: count(Fate::Unchanged),
            left: not_taken.iter().map(|reason| reason.count).sum(),
            left_because: not_taken.iter().map(reason).collect(),
            notes: lost(&beside(notes, items, titles)),
            losses: lost(losses),
        }
    }
}

/// Losses for programs.
pub fn lost(losses: &Losses) -> Vec<Value> {
    let one = |loss: &Loss| {
        json!({
            "field": loss.field,
            "count": loss.count,
            "fate": loss.fate,
            "examples": loss.examples,
        })
    };
    losses.iter().map(one).collect()
}
/// Why tasks were not taken, by the word of the reason. `titles` are those of the items.
pub fn left(items: &Items, titles: &[Title]) -> Losses {
    let mut told = Losses::default();
    for (item, title) in items.iter().zip(titles) {
        if let Ok(Decided { fate: Fate::Left(left), .. }) = item {
            let says = match left {
                Left::Older => "yours is newer",
                Left::AsOld => "yours differs, and was changed at the same time",
                Left::Trashed => "lies in your trash",
                Left::Expired => "was deleted long ago",
                Left::Elsewhere => "that date of its series is here under another uid",
            };
            told.add(left.as_str(), says, title.as_str());
        }
    }
    told
}

/// What else came of an import. `titles` are those of its items.
pub fn beside(notes: &[Note], items: &Items, titles: &[Title]) -> Losses {
    let mut told = Losses::default();
    if notes.is_empty() {
        return told;
    }
    let decided = items.iter().zip(titles);
    let titles: HashMap<_, _> =
        decided.filter_map(|(item, title)| Some((item.as_ref().ok()?.task, title))).collect();
    for note in notes {
        let (task, field, fate) = match note {
            Note::Spawned { from, .. } => (from, "series", "goes on with the next one"),
            Note::Scheduled { task, .. } => (task, "series", "the next one comes by itself"),
            Note::SeriesEnded { task, .. } => (task, "series", "ends there"),
            Note::TakenBack { task, .. } => (task, "series", "the one after it is in the trash"),
            Note::RemindersRemoved { task, .. } => (task, "reminders", "went with the due date"),
            Note::Orphaned { task } => (task, "parent", "is not here, or in the trash; left out"),
        };
        // What the clock brought at the same time is not the import's.
        if let Some(title) = titles.get(task) {
            told.add(field, fate, title.as_str());
        }
    }
    told
}
