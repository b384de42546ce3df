//! Writing on a server.

use std::collections::BTreeSet;

use serde_json::Value;
use todo_core::command::Keeps;
use todo_core::interchange::{Format, json as own_json};
use todo_core::service::{TakenOver, rehearse, rehearse_taking_over, spawn_due};
use todo_core::{
    Command, Ctx, Decided, ErrorCode, Facts, Fate, Import, Item, Needs, Note, Outcome, Owner,
    Patch, StepNo, Task, TaskError, TaskId, TaskRef, TaskStore, Verb,
};
use todo_file::FileStore;

use super::{Foreseen, Remote, RemoteError, seq};
use crate::api::Done;
use crate::body;
use crate::error::ClientError;

/// How often something is worked out anew because others were faster.
const TRIES: u32 = 5;

/// What is asked of the server.
enum Asked {
    Items(Vec<Value>),
    Undo(StepNo),
    Redo,
}

impl Remote {
    /// Has the server make what the clock has brought, if that is anything: what the command names
    /// and sees is then how things stand. It is looked at once a run.
    pub fn begin(
        &mut self,
        store: &mut FileStore,
        ctx: &Ctx,
    ) -> Result<Option<Outcome>, RemoteError> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(None);
        }
        let Some(mut came) = spawn_due(&mut Foreseen(store), ctx)? else { return Ok(None) };
        // A command of nothing: what is due is made before it.
        self.client.bulk(&[], &self.key(ctx))?;
        self.is_stale();
        self.freshen(store)?;
        settle(&mut came, store, ctx)?;
        Ok((!came.changed.is_empty()).then_some(came))
    }

    /// What a command would come to.
    pub fn preview(
        &mut self,
        store: &mut FileStore,
        command: &Command,
        ctx: &Ctx,
    ) -> Result<Outcome, RemoteError> {
        if matches!(command, Command::Undo(_) | Command::Redo) {
            self.freshen_steps(store)?;
        }
        Ok(rehearse(store, command, ctx)?)
    }

    /// Carries out a command on the server.
    pub fn run(
        &mut self,
        store: &mut FileStore,
        command: &Command,
        ctx: &Ctx,
    ) -> Result<Outcome, RemoteError> {
        let (mut guarded, mut tries) = (true, 0);
        loop {
            let foreseen = self.preview(store, command, ctx)?;
            if foreseen.changed.is_empty() && foreseen.purged.is_empty() {
                return Ok(foreseen);
            }
            let facts = store.load(Owner::LOCAL, &command.needs())?;
            let asked = asked(command, &foreseen, &facts, guarded);
            tries += 1;
            match self.send(&asked, &self.key(ctx)) {
                Ok(done) => {
                    self.is_stale();
                    return told(foreseen, done, store, self, ctx);
                }
                Err(ClientError::Refused(refusal)) if tries < TRIES => {
                    let before = seq(store)?;
                    self.is_stale();
                    self.freshen(store)?;
                    if seq(store)? == before {
                        // Nobody was faster: it is the server's answer. But a version may be what
                        // an earlier item of the same command has raised.
                        if refusal.code != ErrorCode::VersionConflict || !guarded {
                            return Err(ClientError::Refused(refusal).into());
                        }
                        guarded = false;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Carries out an import on the server, or answers what it would come to.
    pub fn take_over(
        &mut self,
        store: &mut FileStore,
        import: Import,
        ctx: &Ctx,
        dry_run: bool,
    ) -> Result<TakenOver, RemoteError> {
        let tasks = completed(import, store)?;
        // What is sent is what was read here: in own JSON nothing is lost.
        let mut file = Vec::new();
        if !dry_run {
            own_json::export(&tasks, &mut file).map_err(|error| RemoteError::Copy {
                doing: "write the tasks".to_owned(),
                error,
            })?;
        }
        let mut taken = rehearse_taking_over(store, tasks.into(), ctx)?;
        if dry_run || !taken.items.iter().flatten().any(Decided::changed) {
            return Ok(taken);
        }
        let told = self.client.import(file, Format::Json, ctx.zone, &self.key(ctx))?;
        self.is_stale();
        taken.step = told.step;
        Ok(taken)
    }

    fn send(&self, asked: &Asked, key: &str) -> Result<Done, ClientError> {
        match asked {
            Asked::Items(items) => self.client.bulk(items, key),
            Asked::Undo(step) => self.client.undo(*step, key),
            Asked::Redo => self.client.redo(key),
        }
    }

    /// A request is done once, however often it is sent: its key says which it is.
    fn key(&self, ctx: &Ctx) -> String {
        (self.fresh_id)(ctx.now).to_string()
    }
}

/// What comes from elsewhere, with what it says nothing of as it is here.
fn completed(import: Import, store: &impl TaskStore) -> Result<Vec<Task>, RemoteError> {
    let Import { mut tasks, keeps } = import;
    if keeps != Keeps::default() {
        let named = tasks.iter().map(|task| task.uid.into()).collect();
        let known = store.load(Owner::LOCAL, &Needs { tasks: named, ..Needs::default() })?.tasks;
        for task in &mut tasks {
            if let Some(known) = known.get(&task.uid) {
                keeps.complete(known, task);
            }
        }
    }
    Ok(tasks)
}

fn asked(command: &Command, foreseen: &Outcome, facts: &Facts, guarded: bool) -> Asked {
    let items = match command {
        Command::One(item) => std::slice::from_ref(item),
        Command::Bulk(bulk) => &bulk.items,
        // The one that was looked at, and not another that came in between.
        Command::Undo(_) => {
            return foreseen.taken.as_ref().map_or(Asked::Redo, |step| Asked::Undo(step.no));
        }
        _ => return Asked::Redo,
    };
    let decided = items.iter().zip(&foreseen.items);
    let item = |(item, decided): (&Item, &Result<Decided, TaskError>)| {
        // What is refused here would be refused there, and all the rest with it.
        let uid = decided.as_ref().ok()?.task;
        Some(written(item, uid, foreseen, facts, guarded))
    };
    Asked::Items(decided.filter_map(item).collect())
}

fn written(item: &Item, uid: TaskId, foreseen: &Outcome, facts: &Facts, guarded: bool) -> Value {
    let found = |reference: &TaskRef| facts.resolved.get(reference)?.first().copied();
    match item {
        Item::Create(new) => body::create(new, new.parent.as_ref().and_then(found)),
        Item::Act(action) => {
            let parent = match &action.verb {
                Verb::Change(patch) => match &patch.parent {
                    Patch::Set(parent) => found(parent),
                    Patch::Keep | Patch::Clear => None,
                },
                _ => None,
            };
            let version = facts.tasks.get(&uid).filter(|_| guarded).map(|task| task.version);
            body::act(uid, &action.verb, version, foreseen.tasks.get(&uid), parent)
        }
    }
}

/// What was foreseen, as it came to be.
fn told(
    mut outcome: Outcome,
    done: Done,
    store: &mut FileStore,
    remote: &mut Remote,
    ctx: &Ctx,
) -> Result<Outcome, RemoteError> {
    let Done { step, tasks, purged } = done;
    let foreseen: BTreeSet<_> = outcome.changed.iter().copied().collect();
    let came: BTreeSet<_> = tasks.iter().map(|task| task.uid).collect();
    outcome.step = step;
    outcome.purged = purged;
    if foreseen != came {
        // Others were faster by a hair, or the clock there is not quite the one here.
        remote.freshen(store)?;
        settle(&mut outcome, store, ctx)?;
    }
    outcome.changed = tasks.iter().map(|task| task.uid).collect();
    outcome.tasks.extend(tasks.into_iter().map(|task| (task.uid, task)));
    for decided in outcome.items.iter_mut().flatten() {
        let gone = outcome.purged.iter().any(|task| task.uid == decided.task);
        if decided.changed() && !came.contains(&decided.task) && !gone {
            decided.fate = Fate::Unchanged;
        }
    }
    Ok(outcome)
}

/// The tasks of an outcome as they stand on the server; what is not there has not come to be.
fn settle(outcome: &mut Outcome, store: &impl TaskStore, ctx: &Ctx) -> Result<(), RemoteError> {
    let named = outcome.tasks.keys().map(|uid| (*uid).into()).collect();
    let stand = store.load(ctx.owner, &Needs { tasks: named, ..Needs::default() })?.tasks;
    outcome.changed.retain(|uid| stand.contains_key(uid));
    outcome.notes.retain(|note| match note {
        Note::Spawned { task, .. } => stand.contains_key(task),
        _ => true,
    });
    outcome.tasks = stand;
    Ok(())
}
