//! Where a task may stand in the tree (S8): under a task of the same owner that is not in the
//! trash, at most three levels below the top, and never in a circle.

use super::world::World;
use crate::error::{Problem, TaskError};
use crate::reference::TaskRef;
use crate::task::{DEPTH_MAX, Parent, TaskId};

/// The parent that a reference names, for a task that is to be put under it.
pub(super) fn parent(
    world: &World<'_>,
    child: Option<TaskId>,
    reference: &TaskRef,
) -> Result<Parent, TaskError> {
    let task = match world.live(reference) {
        Err(TaskError::NotFound(_)) => {
            return Err(TaskError::field("parent", Problem::NoParent(reference.clone())));
        }
        other => other?,
    };
    let parent = Parent { uid: task.uid, id: task.id };
    if let Some(problem) = problem(world, child, parent) {
        return Err(TaskError::field("parent", problem));
    }
    Ok(parent)
}

/// What forbids `child` (with all below it) under `parent`, if anything does.
pub(super) fn problem(world: &World<'_>, child: Option<TaskId>, parent: Parent) -> Option<Problem> {
    let above = world.above(parent.uid);
    if child.is_some_and(|child| child == parent.uid || above.contains(&child)) {
        return Some(Problem::Cycle(parent.id));
    }
    let height = child.map_or(0, |child| height(world, child));
    // The parent lies `above.len()` levels below the top, the child one more.
    if above.len() + 1 + height > DEPTH_MAX {
        return Some(Problem::TooDeep { max: DEPTH_MAX });
    }
    world.rely_on_set();
    None
}

/// Levels of living tasks below one.
pub(super) fn height(world: &World<'_>, id: TaskId) -> usize {
    let below = world.below(id);
    let living = below.iter().filter(|task| world.live_task(**task).is_some());
    living
        .filter_map(|task| world.above(*task).iter().position(|above| *above == id))
        .max()
        .map_or(0, |levels| levels + 1)
}
