//! What an import did not take, and what it did beside, told like what its format lost: once for
//! all the tasks that it concerns.

use std::collections::HashMap;

use serde_json::{Value, json};
use todo_core::interchange::{Loss, Losses};
use todo_core::{Decided, Fate, Left, Note, TaskError, Title};

/// Why tasks were not taken, by the word of the reason. `titles` are those of the items.
pub(crate) fn left(items: &[Result<Decided, TaskError>], titles: &[Title]) -> Losses {
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

/// The same for programs.
pub(crate) fn left_json(left: &Losses) -> Vec<Value> {
    let one = |loss: &Loss| json!({ "reason": loss.field, "count": loss.count, "examples": loss.examples });
    left.iter().map(one).collect()
}

/// What else came of an import. `titles` are those of its items.
pub(crate) fn beside(
    notes: &[Note],
    items: &[Result<Decided, TaskError>],
    titles: &[Title],
) -> Losses {
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
