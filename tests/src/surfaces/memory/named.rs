//! The tasks that a command is about, on the core alone.

use std::collections::BTreeSet;

use todo_core::{
    Action, Bulk, Command, Filter, Item, Needs, Problem, Revision, Status, Task, TaskError,
    service, task,
};

use super::values::reference;
use super::{Decided, Memory, refusal};
use crate::surfaces::Told;
use crate::surfaces::asked::{How, Question, Ref, Refs, Verb, Which};
use crate::surfaces::told::{Done, Refusal};

impl Memory {
    /// The tasks to act on: those that are named, or those that an expression means.
    pub(super) fn which(&self, tasks: &Which, verb: Option<Verb>) -> Told<Vec<Ref>> {
        let filter = match tasks {
            Which::Named(Refs(tasks)) => return Ok(tasks.clone()),
            Which::Meant(filter) => filter.clone(),
        };
        let question = Question { filter: Some(filter), ..Question::default() };
        let mut query = self.all_of(&question)?;
        // What is reopened is closed, whatever the expression says of a status.
        query.filter = Filter { expression: query.filter.expression, ..meant_by(verb) };
        let found = self.found(&query)?;
        if found.is_empty() {
            let message = "no task is like that".to_owned();
            return Err(Refusal { code: "not_found".to_owned(), message, ..Refusal::default() });
        }
        Ok(found.iter().map(|task| task.id.0.into()).collect())
    }

    pub(super) fn find(&self, name: &Ref) -> Decided<Task> {
        let reference = reference(name)?;
        let needs = Needs { tasks: BTreeSet::from([reference.clone()]), ..Needs::default() };
        let not_found = || TaskError::NotFound(reference.clone());
        let facts = service::load(&self.store, &needs, &self.ctx()).map_err(|_| not_found())?;
        let fits = facts.resolved.get(&reference).into_iter().flatten();
        let there = fits.filter_map(|uid| facts.tasks.get(uid));
        let there: Vec<_> = there.filter(|t| !task::is_expired(t.trash, self.now)).collect();
        match there.as_slice() {
            [] => Err(not_found()),
            [task] => Ok((*task).clone()),
            several => {
                let candidates = several.iter().map(|task| (*task).into()).collect();
                Err(TaskError::Ambiguous { reference, candidates })
            }
        }
    }

    /// One outside the trash.
    pub(super) fn live(&self, name: &Ref) -> Told<Task> {
        let found = self.find(name).map_err(|error| refusal(&error))?;
        match found.trash {
            None => Ok(found),
            Some(_) => Err(refusal(&TaskError::NotFound(found.id.into()))),
        }
    }

    /// A parent is looked up before anything is written, what the clock has brought included.
    pub(super) fn look_up(&self, parent: Option<&Ref>) -> Told<()> {
        let Some(parent) = parent else { return Ok(()) };
        let name = reference(parent).map_err(|error| refusal(&error))?;
        self.live(parent).map(drop).map_err(|told| match told.code.as_str() {
            "not_found" => refusal(&TaskError::field("parent", Problem::NoParent(name))),
            _ => told,
        })
    }

    pub(super) fn each(
        &mut self,
        tasks: &[Ref],
        how: &How,
        verb: impl Fn(&Self, &Ref) -> Decided<todo_core::Verb>,
    ) -> Told<Done> {
        let mut items = Vec::with_capacity(tasks.len());
        for name in tasks {
            let verb = verb(self, name).map_err(|error| refusal(&error))?;
            let task = reference(name).map_err(|error| refusal(&error))?;
            let expect = how.version.map(Revision);
            items.push(Item::Act(Action { task, verb, expect }));
        }
        if let ([only], [Item::Act(Action { verb, .. })]) = (tasks, items.as_slice()) {
            // Likewise; what lies in the trash can be brought back or removed, and no more (S4).
            let found = self.find(only).map_err(|error| refusal(&error))?;
            let writes_there = matches!(
                verb,
                todo_core::Verb::Delete | todo_core::Verb::Restore | todo_core::Verb::Purge
            );
            if found.trash.is_some() && !writes_there {
                return Err(refusal(&TaskError::NotFound(found.id.into())));
            }
        }
        let command = match items.pop() {
            Some(item) if items.is_empty() => Command::One(item),
            item => {
                items.extend(item);
                Command::Bulk(Bulk { items, atomic: how.atomic })
            }
        };
        self.run(&command, how, tasks)
    }
}

/// What a filter means that says nothing of the status: who reopens means what is closed, who
/// restores or purges what lies in the trash.
fn meant_by(verb: Option<Verb>) -> Filter {
    let closed = || Status::ALL.iter().copied().filter(|status| !status.is_open()).collect();
    Filter {
        status: (verb == Some(Verb::Reopen)).then(closed),
        trash: matches!(verb, Some(Verb::Restore | Verb::Purge)),
        ..Filter::default()
    }
}
