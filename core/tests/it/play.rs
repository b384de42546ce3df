//! Somebody with a store in memory.

use std::collections::BTreeMap;

use todo_core::conformance::given::{content, ctx, instant, title};
use todo_core::conformance::{OWNERS, uid};
use todo_core::memory::MemoryStore;
use todo_core::service::{execute, preview};
use todo_core::{
    Command, Counters, Ctx, EventEnvelope, Facts, Item, Needs, NewTask, Outcome, ServiceError,
    Step, StepNo, Task, TaskError, TaskId, TaskNo, TaskPatch, TaskRef, TaskStore, Verb,
};

#[derive(Debug, Clone)]
pub(crate) struct Play {
    pub(crate) store: MemoryStore,
    pub(crate) ctx: Ctx,
}

/// Everything that can be seen of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) steps: Vec<Step>,
    pub(crate) counters: Counters,
    pub(crate) events: Vec<EventEnvelope>,
}

impl Play {
    pub(crate) fn new() -> Self {
        let ctx = ctx(OWNERS[0], instant("2026-11-21T12:00:00Z"));
        Self { store: MemoryStore::default(), ctx }
    }

    pub(crate) fn later(&mut self, millis: i64) {
        self.ctx.now = self.ctx.now.plus_millis(millis);
    }

    pub(crate) fn run(&mut self, command: &Command) -> Result<Outcome, TaskError> {
        execute(&mut self.store, command, &self.ctx).map_err(refusal)
    }

    pub(crate) fn preview(&self, command: &Command) -> Result<Outcome, TaskError> {
        preview(&self.store, command, &self.ctx).map_err(refusal)
    }

    pub(crate) fn done(&mut self, command: &Command) -> Outcome {
        self.run(command).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    pub(crate) fn refused(&mut self, command: &Command) -> TaskError {
        let before = self.seen();
        let error = self.run(command).expect_err("it should be refused");
        assert_eq!(self.seen(), before, "what is refused changes nothing: {command:?}");
        error
    }

    pub(crate) fn add(&mut self, k: u8, text: &str) -> Task {
        self.create(NewTask::new(uid(k), title(text)))
    }

    pub(crate) fn add_below(&mut self, k: u8, parent: u8) -> Task {
        let new = NewTask::new(uid(k), title(&format!("{k} below {parent}")));
        self.create(NewTask { parent: Some(uid(parent).into()), ..new })
    }

    pub(crate) fn create(&mut self, new: NewTask) -> Task {
        let uid = new.uid;
        self.done(&Command::One(Item::Create(Box::new(new))));
        self.seen().tasks.remove(&uid).expect("it was made")
    }

    pub(crate) fn act(&mut self, k: u8, verb: Verb) -> Outcome {
        self.done(&act(k, verb))
    }

    pub(crate) fn undo(&mut self) -> Outcome {
        self.done(&Command::Undo(None))
    }

    pub(crate) fn undo_no(&mut self, no: StepNo) -> Outcome {
        self.done(&Command::Undo(Some(no)))
    }

    pub(crate) fn redo(&mut self) -> Outcome {
        self.done(&Command::Redo)
    }

    /// A task, in the trash or not.
    pub(crate) fn task(&self, k: u8) -> Task {
        self.seen().tasks.remove(&uid(k)).expect("it is there")
    }

    pub(crate) fn facts(&self) -> Facts {
        // By number: the next occurrences of a series have uids that nobody has chosen.
        let load = |needs| self.store.load(self.ctx.owner, &needs).expect("memory does not fail");
        let last = load(Needs::default()).counters.next_id.0;
        let every = (1..last).map(|no| TaskRef::No(TaskNo(no))).collect();
        load(Needs { tasks: every, steps: true, ..Needs::default() })
    }

    pub(crate) fn seen(&self) -> Seen {
        let Facts { tasks, steps, counters, .. } = self.facts();
        Seen { tasks, steps, counters, events: self.store.events(self.ctx.owner).to_vec() }
    }

    /// The content of every task that is not gone (S4).
    pub(crate) fn contents(&self) -> BTreeMap<TaskId, Vec<todo_core::change::FieldChange>> {
        let tasks = self.facts().tasks.into_values();
        let there = tasks.filter(|task| !todo_core::task::is_expired(task.trash, self.ctx.now));
        there.map(|task| (task.uid, content(&task))).collect()
    }
}

fn refusal(error: ServiceError) -> TaskError {
    match error {
        ServiceError::Refused(error) => error,
        other => panic!("memory does not fail: {other}"),
    }
}

pub(crate) fn act(k: u8, verb: Verb) -> Command {
    Command::One(Item::act(uid(k), verb))
}

pub(crate) fn change(patch: TaskPatch) -> Verb {
    Verb::Change(Box::new(patch))
}
