//! What the tasks of a file must be together: all that the rules of an import would refuse for
//! reasons that lie in the file, said where it stands there.

use std::collections::{HashMap, HashSet};
use std::iter::successors;

use super::ImportError;
use super::identity::given_twice;
use crate::error::{FieldError, Problem, excerpt};
use crate::recurrence::Slot;
use crate::rules::amiss;
use crate::task::{DEPTH_MAX, Task};

/// Refuses tasks that cannot be taken over; `lines` are where each begins.
pub(super) fn check(tasks: &[Task], lines: &[usize]) -> Result<(), ImportError> {
    check_with(tasks, lines, true)
}

/// As [`check`]; unless `due_said`, a due date that is not there may be known here, and what counts
/// from it is judged then.
pub(super) fn check_with(
    tasks: &[Task],
    lines: &[usize],
    due_said: bool,
) -> Result<(), ImportError> {
    refuse_twice(tasks, lines)?;
    let tree = Tree::new(tasks);
    let judged = |task: &Task| due_said || task.due_date.is_some() || task.recurrence.is_none();
    let mut slots = HashSet::new();
    for (at, task) in tasks.iter().enumerate() {
        // As the rules of an import settle it: without a place of its own, that of its due date.
        let slot = task.series.zip(task.slot.or_else(|| task.due_date.map(Slot::of)));
        let taken = slot.is_some_and(|slot| !slots.insert(slot));
        let taken = taken.then(|| FieldError::new("slot", Problem::SlotTaken(task.uid)));
        let fault = taken
            .or_else(|| judged(task).then(|| amiss(task)).flatten())
            .or_else(|| tree.fault(at, task));
        if let Some(error) = fault {
            let (line, title) = (lines[at], excerpt(task.title.as_str()));
            return Err(ImportError::Record { line, record: at + 1, title, error });
        }
    }
    Ok(())
}

/// Two tasks with one identity. Sorted, and not in a table: there may be very many.
fn refuse_twice(tasks: &[Task], lines: &[usize]) -> Result<(), ImportError> {
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|at| tasks[*at].uid);
    let same = |pair: &&[usize]| tasks[pair[0]].uid == tasks[pair[1]].uid;
    let Some(&[first, second]) = order.windows(2).find(same).and_then(|pair| pair.first_chunk())
    else {
        return Ok(());
    };
    let what = given_twice(tasks[second].uid.0, lines[first]);
    Err(ImportError::Syntax { line: lines[second], column: 1, what })
}

/// How the tasks of a file hang together: for each, the place of the one above.
pub(super) struct Tree(Vec<Option<usize>>);

impl Tree {
    pub(super) fn new(tasks: &[Task]) -> Self {
        if tasks.iter().all(|task| task.parent.is_none()) {
            return Self(Vec::new());
        }
        let places = tasks.iter().enumerate().map(|(at, task)| (task.uid, at));
        let places: HashMap<_, _> = places.collect();
        let above = |task: &Task| places.get(&task.parent?.uid).copied();
        Self(tasks.iter().map(above).collect())
    }

    fn above(&self, at: usize) -> Option<usize> {
        self.0.get(at).copied().flatten()
    }

    /// What is wrong with where a task hangs (S8).
    pub(super) fn fault(&self, at: usize, task: &Task) -> Option<FieldError> {
        let above = successors(self.above(at), |at| self.above(*at));
        let above: Vec<_> = above.take(DEPTH_MAX + 1).collect();
        let problem = match above.len() {
            _ if above.contains(&at) => Problem::Cycle(task.parent?.id),
            0..=DEPTH_MAX => return None,
            _ => Problem::TooDeep { max: DEPTH_MAX },
        };
        Some(FieldError::new("parent", problem))
    }

    /// Lets a task hang nowhere.
    pub(super) fn cut(&mut self, at: usize) {
        self.0[at] = None;
    }
}
