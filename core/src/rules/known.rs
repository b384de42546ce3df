//! What an import says nothing of: a task that is here already keeps its own, before anything is
//! judged.

use std::borrow::Cow;

use crate::command::Import;
use crate::facts::Facts;

/// The import with what is known of its tasks.
pub(super) fn completed<'i>(facts: &Facts, import: Cow<'i, Import>) -> Cow<'i, Import> {
    if import.keeps.is_nothing() {
        return import;
    }
    let Import { mut tasks, keeps } = import.into_owned();
    for task in &mut tasks {
        if let Some(known) = facts.tasks.get(&task.uid) {
            keeps.complete(known, task);
        }
    }
    Cow::Owned(Import { tasks, keeps })
}
