//! The tasks that arguments name.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use todo_core::error::{Candidate, excerpt};
use todo_core::task::is_expired;
use todo_core::{Facts, Filter, Limit, Needs, Status, Task, TaskError, TaskNo, TaskQuery, TaskRef};

use crate::error::CliError;
use crate::intent::{Named, Target};
use crate::session::Session;

impl Session {
    /// The tasks that arguments name, each once, in the order in which they were named.
    ///
    /// One unknown name stops the command before anything is written: it is more likely a slip of
    /// the finger than a wish to do the rest. Of a range, those that exist are meant.
    pub(crate) fn resolve(
        &mut self,
        targets: &[Target],
        trash: Trashed,
    ) -> Result<Vec<Task>, CliError> {
        let (mut needs, mut ranges) = (Needs::default(), false);
        for target in targets {
            match &target.named {
                Named::One(reference) => drop(needs.tasks.insert(reference.clone())),
                Named::Range(_) => ranges = true,
            }
        }
        let facts = self.load(&needs)?;
        // Looked through rather than named: a range may be far longer than the list.
        let everything = if ranges { self.everything()? } else { Vec::new() };
        let now = self.now;
        let usable = |task: &Task| {
            !is_expired(task.trash, now) && (trash == Trashed::Count || task.trash.is_none())
        };
        let mut found: Vec<Task> = Vec::new();
        let mut seen = BTreeSet::new();
        for target in targets {
            let tasks = match &target.named {
                Named::One(reference) => one(&facts, reference, usable).map(|task| vec![task]),
                Named::Range(range) => {
                    let tasks = everything.iter().filter(|task| range.contains(&task.id.0));
                    let mut tasks: Vec<_> = tasks.filter(|task| usable(task)).cloned().collect();
                    tasks.sort_unstable_by_key(|task| task.id);
                    if tasks.is_empty() {
                        Err(Missing::range(range, &target.typed))
                    } else {
                        Ok(tasks)
                    }
                }
            };
            let tasks = match tasks {
                Ok(tasks) => tasks,
                Err(missing) => return Err(self.suggest(missing)?.at(&target.typed)),
            };
            found.extend(tasks.into_iter().filter(|task| seen.insert(task.uid)));
        }
        Ok(found)
    }

    /// Every task, in the trash or not.
    pub(crate) fn everything(&mut self) -> Result<Vec<Task>, CliError> {
        let mut tasks = Vec::new();
        for trash in [false, true] {
            let status = Some(Status::ALL.to_vec());
            let filter = Filter { status, trash, waiting: true, ..Filter::default() };
            let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(self.moment()) };
            tasks.append(&mut self.find(&query)?.tasks);
        }
        Ok(tasks)
    }

    /// Adds what the number may have been meant to be.
    fn suggest(&mut self, missing: Missing) -> Result<CliError, CliError> {
        Ok(match missing.nearest {
            None => missing.error,
            Some(id) => missing.error.hint(Some(self.nearest_id(id)?)),
        })
    }

    /// The open task whose number is a slip of the finger away from the one typed.
    fn nearest_id(&mut self, id: TaskNo) -> Result<String, CliError> {
        let query = TaskQuery { limit: Limit::All, ..TaskQuery::new(self.moment()) };
        let tasks = self.find(&query)?.tasks;
        let typed = id.to_string();
        let slip = |task: &&Task| {
            typed.len() > 1 && strsim::damerau_levenshtein(&typed, &task.id.to_string()) == 1
        };
        let nearest = tasks.iter().filter(slip).min_by_key(|task| task.id.0.abs_diff(id.0));
        Ok(match nearest {
            Some(task) => format!("did you mean {} ({})?", task.id, excerpt(task.title.as_str())),
            None => "`todo list` shows the ids".to_owned(),
        })
    }
}

/// Whether tasks in the trash can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trashed {
    Count,
    DoNotCount,
}

/// A name that fits no task.
struct Missing {
    error: CliError,
    /// A number to look for others like it.
    nearest: Option<TaskNo>,
}

impl Missing {
    fn range(range: &RangeInclusive<u64>, typed: &str) -> Self {
        let error = CliError::refused_range(typed);
        Self { error, nearest: Some(TaskNo(*range.start())) }
    }
}

fn one(
    facts: &Facts,
    reference: &TaskRef,
    usable: impl Fn(&Task) -> bool,
) -> Result<Task, Missing> {
    let fits = facts.resolved.get(reference).map(Vec::as_slice).unwrap_or_default();
    let tasks: Vec<_> = fits.iter().filter_map(|uid| facts.tasks.get(uid)).collect();
    match tasks.as_slice() {
        [task] if usable(task) => Ok((*task).clone()),
        [task] => {
            let hint = format!("it is in the trash; bring it back with: todo restore {}", task.id);
            let error = CliError::from(TaskError::NotFound(reference.clone())).hint(Some(hint));
            Err(Missing { error, nearest: None })
        }
        [] => {
            let error = TaskError::NotFound(reference.clone()).into();
            let nearest = if let TaskRef::No(id) = reference { Some(*id) } else { None };
            Err(Missing { error, nearest })
        }
        several => {
            let candidates = several.iter().take(10).map(|task| Candidate::from(*task)).collect();
            let error = TaskError::Ambiguous { reference: reference.clone(), candidates }.into();
            Err(Missing { error, nearest: None })
        }
    }
}
