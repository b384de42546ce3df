//! Who a record is, where its file does not say (or says it twice).
//!
//! A record without an identity of its own gets one that is derived from what it says: the same
//! file read again names the same tasks. Of records that say the same, each has its place among
//! them to tell it from the others.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Format, Losses};
use crate::recurrence::{Slot, series_of};
use crate::task::{Parent, Revision, Task, TaskId, TaskNo};

/// Namespace of identities derived from what a record says.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0a_91c4_5f27_5e8d_9d13_40be_72a6_c81f);

/// The identities of one file.
#[derive(Default)]
pub(super) struct Identities {
    /// Where each that the file gives itself was found.
    given: HashMap<Uuid, usize>,
    /// Records that wait for theirs: their places among the tasks, and what they say.
    without: Vec<(usize, Uuid)>,
}

impl Identities {
    /// Notes one that the file gives. What is wrong, if it gave it before.
    pub(super) fn give(&mut self, uid: Uuid, line: usize) -> Result<(), String> {
        self.given.insert(uid, line).map_or(Ok(()), |before| Err(given_twice(uid, before)))
    }

    /// Notes a record that has none: the task at this place, and the texts that make it what it is.
    pub(super) fn derive(&mut self, place: usize, format: Format, says: &[&str]) {
        self.without.push((place, derived(format, says)));
    }

    /// Gives those that have none theirs, once all that the file gives are known.
    pub(super) fn settle(mut self, tasks: &mut [Task]) {
        let mut equal: HashMap<Uuid, u32> = HashMap::new();
        for (place, says) in std::mem::take(&mut self.without) {
            let count = equal.entry(says).or_default();
            let uid = loop {
                let uid = match *count {
                    0 => says,
                    place => Uuid::new_v5(&says, &place.to_be_bytes()),
                };
                *count += 1;
                if !self.given.contains_key(&uid) {
                    break uid;
                }
            };
            self.given.insert(uid, 0);
            if let Some(task) = tasks.get_mut(place) {
                task.uid = TaskId(uid);
            }
        }
    }
}

/// The identity that texts stand for, in files of a format.
pub(super) fn derived(format: Format, says: &[&str]) -> Uuid {
    let mut name = format.as_str().to_owned();
    for text in says {
        name.push('\0');
        name.push_str(text);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// What is said of an identity that a line above has already.
pub(super) fn given_twice(uid: Uuid, before: usize) -> String {
    format!("the uid {uid} is that of line {before} already")
}

/// Parents that a file names by number only, by the places of their subtasks.
#[derive(Default)]
pub(super) struct Numbered(Vec<(usize, TaskNo)>);

impl Numbered {
    /// Notes what the task at this place lies below.
    pub(super) fn hang(&mut self, place: usize, parent: TaskNo) {
        self.0.push((place, parent));
    }

    /// Gives them their parents, once all identities are known.
    pub(super) fn settle(self, tasks: &mut [Task], losses: &mut Losses) {
        if self.0.is_empty() {
            return;
        }
        let uids: HashMap<_, _> = tasks.iter().map(|task| (task.id, task.uid)).collect();
        for (place, id) in self.0 {
            let parent = uids.get(&id).map(|uid| Parent { uid: *uid, id });
            if parent.is_none() {
                let fate = "a number that is not in the file; the task stands alone";
                losses.add("parent", fate, tasks[place].title.as_str());
            }
            tasks[place].parent = parent;
        }
    }
}

/// A rule that comes without a series begins one, and a place in it is where the task is due.
pub(super) fn begin_series(task: &mut Task) {
    let Some(due) = task.due_date.filter(|_| task.recurrence.is_some()) else { return };
    let uid = task.uid;
    task.series.get_or_insert_with(|| series_of(uid, Revision::FIRST));
    task.slot.get_or_insert_with(|| Slot::of(due));
}
