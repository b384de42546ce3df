//! Lists show the tree (S8): a subtask stands below its parent where both are in the list, and
//! says where it belongs where the parent is not.

use std::collections::{BTreeMap, HashMap};

use todo_core::{Task, TaskId};

/// One line of a list.
#[derive(Debug)]
pub(crate) struct Branch<'t> {
    pub(crate) task: &'t Task,
    /// Levels below its line's top.
    pub(crate) depth: usize,
    /// Titles of the tasks above that are not in the list, the topmost first.
    pub(crate) path: Vec<&'t str>,
}

/// Parents that tasks of a list have and the list has not.
pub(crate) fn missing_parents(tasks: &[Task]) -> Vec<TaskId> {
    if tasks.iter().all(|task| task.parent.is_none()) {
        return Vec::new();
    }
    let listed: std::collections::HashSet<_> = tasks.iter().map(|task| task.uid).collect();
    let parents = tasks.iter().filter_map(|task| task.parent).map(|parent| parent.uid);
    parents.filter(|uid| !listed.contains(uid)).collect()
}

/// Puts tasks below their parents and keeps their order otherwise. `outside` holds the tasks
/// above that are not in the list.
pub(crate) fn branches<'t>(
    tasks: &'t [Task],
    outside: &'t BTreeMap<TaskId, Task>,
) -> Vec<Branch<'t>> {
    let mut children: HashMap<TaskId, Vec<usize>> = HashMap::new();
    let mut tops = Vec::with_capacity(tasks.len());
    let nested = tasks.iter().any(|task| task.parent.is_some());
    let places: HashMap<TaskId, usize> = if nested {
        tasks.iter().enumerate().map(|(at, task)| (task.uid, at)).collect()
    } else {
        HashMap::new()
    };
    for (at, task) in tasks.iter().enumerate() {
        match task.parent.filter(|parent| places.contains_key(&parent.uid)) {
            Some(parent) => children.entry(parent.uid).or_default().push(at),
            None => tops.push(at),
        }
    }
    let mut lines = Vec::with_capacity(tasks.len());
    let mut placed = vec![false; tasks.len()];
    // Those in a circle, which only a file made by hand has, are reached from no top: they come
    // last, at the top.
    let all = tops.into_iter().chain(if nested { 0..tasks.len() } else { 0..0 });
    let mut stack: Vec<(usize, usize)> = all.map(|at| (at, 0)).collect();
    stack.reverse();
    while let Some((at, depth)) = stack.pop() {
        if std::mem::replace(&mut placed[at], true) {
            continue;
        }
        let task = &tasks[at];
        let path = if depth == 0 { path(task, outside) } else { Vec::new() };
        lines.push(Branch { task, depth, path });
        let below = children.remove(&task.uid).unwrap_or_default();
        stack.extend(below.into_iter().rev().map(|at| (at, depth + 1)));
    }
    lines
}

fn path<'t>(task: &Task, outside: &'t BTreeMap<TaskId, Task>) -> Vec<&'t str> {
    let mut path = Vec::new();
    let mut next = task.parent;
    while let Some(above) = next.and_then(|parent| outside.get(&parent.uid)) {
        if path.len() > todo_core::task::DEPTH_MAX {
            break;
        }
        path.push(above.title.as_str());
        next = above.parent;
    }
    path.reverse();
    path
}
