//! How a task repeats, for programs, and in a sentence.

use serde_json::{Value, json};

use crate::recurrence::{Basis, Next, PREVIEW_MAX, Recurrence, Spawn, coming};
use crate::task::Task;

/// `every last Friday`, and what is special about it.
pub fn sentence(recurrence: &Recurrence) -> String {
    let mut text = recurrence.rule.sentence(recurrence.from);
    if recurrence.spawn == Spawn::OnSchedule {
        text.push_str(", whether done or not");
    }
    text
}

/// The dates after the one that the task has now; none where they are counted from completion, for
/// nobody knows when it will be done.
pub fn following(task: &Task, count: usize) -> Vec<Next> {
    let Some(recurrence) = &task.recurrence else { return Vec::new() };
    if recurrence.from == Basis::Completion {
        return Vec::new();
    }
    let position = recurrence.position(task.slot);
    coming(recurrence, position).take(count.min(PREVIEW_MAX)).collect()
}

/// How a task repeats, and so many of the dates that follow.
pub fn describe(task: &Task, count: usize) -> Value {
    let coming: Vec<_> = following(task, count)
        .into_iter()
        .map(|next| {
            json!({
                "slot": next.slot,
                "n": next.n,
                "due_date": next.due.date_text(),
                "timezone": next.due.zone().map(|zone| zone.name().to_owned()),
            })
        })
        .collect();
    json!({
        "id": task.id,
        "uid": task.uid,
        "title": task.title,
        "recurrence": task.recurrence,
        "sentence": task.recurrence.as_deref().map(sentence),
        "due_date": task.due_date.map(|due| due.date_text()),
        "coming": coming,
    })
}
