//! What an import did beside taking tasks over, told like what its format lost: once for all the
//! tasks that it concerns.

use std::collections::HashMap;

use todo_core::interchange::Losses;
use todo_core::{Decided, Note, TaskError, Title};

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
        };
        // What the clock brought at the same time is not the import's.
        if let Some(title) = titles.get(task) {
            told.add(field, fate, title.as_str());
        }
    }
    told
}
