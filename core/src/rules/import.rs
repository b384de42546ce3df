//! Taking over tasks from elsewhere, with their identities and times.
//!
//! Repeatable: the same task again changes nothing, a newer state of it is taken, an older one is
//! left where it is and reported. All of it or nothing.

use std::collections::BTreeSet;

use super::{Decided, Fate, world::World};
use crate::change::diff;
use crate::error::{FieldError, Problem, TaskError};
use crate::task::{DEPTH_MAX, Task, is_expired};

pub(super) fn import(
    world: &mut World<'_>,
    tasks: &[Task],
) -> Result<Vec<Result<Decided, TaskError>>, TaskError> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = tasks.iter().find(|task| !seen.insert(task.uid)) {
        return Err(TaskError::field("uid", Problem::Duplicate(twice.uid)));
    }
    let items = tasks.iter().map(|task| Ok(take(world, task))).collect();
    let mut problems = Vec::new();
    for task in tasks {
        settle_parent(world, task, &mut problems);
    }
    if problems.is_empty() { Ok(items) } else { Err(TaskError::Validation(problems)) }
}

fn take(world: &mut World<'_>, task: &Task) -> Decided {
    let uid = task.uid;
    if is_expired(task.trash, world.ctx.now) {
        // It would be gone the moment it came (S4).
        return Decided { task: uid, fate: Fate::Left };
    }
    let Some(known) = world.task(uid).cloned() else {
        world.create(task.clone());
        return Decided { task: uid, fate: Fate::Created };
    };
    let incoming = Task { id: known.id, created_at: known.created_at, ..task.clone() };
    let changed = !diff(&known, &incoming).is_empty();
    let fate = match (changed, incoming.updated_at > known.updated_at) {
        (false, _) => Fate::Unchanged,
        (true, false) => Fate::Left,
        (true, true) => {
            world.write(&incoming);
            Fate::Changed
        }
    };
    Decided { task: uid, fate }
}

/// Once all are in: a parent that is nowhere is let go, and one that makes a circle or nests too
/// deep is an error in what was imported.
fn settle_parent(world: &mut World<'_>, imported: &Task, problems: &mut Vec<FieldError>) {
    let Some(task) = world.task(imported.uid).cloned() else { return };
    let Some(parent) = task.parent else { return };
    let above = world.above(task.uid);
    let circle = above
        .last()
        .and_then(|top| world.task(*top))
        .is_some_and(|top| top.parent.is_some_and(|p| p.uid == task.uid || above.contains(&p.uid)));
    if parent.uid == task.uid || circle {
        problems.push(FieldError::new("parent", Problem::Cycle(parent.id)));
    } else if above.len() > DEPTH_MAX {
        problems.push(FieldError::new("parent", Problem::TooDeep { max: DEPTH_MAX }));
    } else if world.task(parent.uid).is_none()
        || (task.trash.is_none() && world.live_task(parent.uid).is_none())
    {
        world.write(&Task { parent: None, ..task });
    }
}
