//! Writing on a server.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use todo_client::{ClientError, Done, body};
use todo_core::command::Keeps;
use todo_core::interchange::{Format, json as own_json};
use todo_core::service::{TakenOver, rehearse, rehearse_taking_over, spawn_due};
use todo_core::{
    Command, Ctx, Decided, ErrorCode, Facts, Fate, Import, Item, Needs, Note, Outcome, Owner,
    Patch, StepNo, Task, TaskError, TaskId, TaskRef, TaskStore, Verb,
};
use todo_file::FileStore;

use super::{Foreseen, Remote, seq};
use crate::edge;
use crate::error::CliError;
use crate::session::Session;

/// How often something is worked out anew because others were faster.
const TRIES: u32 = 5;

/// What is asked of the server.
enum Asked {
    Items(Vec<Value>),
    Undo(StepNo),
    Redo,
}

impl Session {
    /// Has the server make what the clock has brought, if that is anything: what the command names
    /// and sees is then how things stand.
    pub(crate) fn begin_on_server(&mut self, ctx: &Ctx) -> Result<(), CliError> {
        let (store, remote) = self.server()?;
        if std::mem::replace(&mut remote.begun, true) {
            return Ok(());
        }
        let Some(mut came) = spawn_due(&mut Foreseen(store), ctx)? else { return Ok(()) };
        // A command of nothing: what is due is made before it.
        remote.client.bulk(&[], &key(ctx))?;
        remote.is_stale();
        remote.freshen(store)?;
        settle(&mut came, store, ctx)?;
        if !came.changed.is_empty() {
            self.brought(came);
        }
        Ok(())
    }

    /// Carries out a command on the server, or answers what it would come to.
    pub(crate) fn run_on_server(
        &mut self,
        command: &Command,
        ctx: &Ctx,
    ) -> Result<Outcome, CliError> {
        let dry_run = self.global.dry_run;
        let (store, remote) = self.server()?;
        let (mut guarded, mut tries) = (true, 0);
        loop {
            if matches!(command, Command::Undo(_) | Command::Redo) {
                remote.freshen_steps(store)?;
            }
            let foreseen = rehearse(store, command, ctx)?;
            if dry_run || (foreseen.changed.is_empty() && foreseen.purged.is_empty()) {
                return Ok(foreseen);
            }
            let facts = store.load(Owner::LOCAL, &command.needs())?;
            let asked = asked(command, &foreseen, &facts, guarded);
            tries += 1;
            match remote.send(&asked, &key(ctx)) {
                Ok(done) => {
                    remote.is_stale();
                    return told(foreseen, done, store, remote, ctx);
                }
                Err(ClientError::Refused(refusal)) if tries < TRIES => {
                    let before = seq(store)?;
                    remote.is_stale();
                    remote.freshen(store)?;
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
    pub(crate) fn take_over_on_server(
        &mut self,
        import: Import,
        ctx: &Ctx,
    ) -> Result<TakenOver, CliError> {
        let (dry_run, zone) = (self.global.dry_run, self.zone);
        let (store, remote) = self.server()?;
        let tasks = completed(import, store)?;
        // What is sent is what was read here: in own JSON nothing is lost.
        let mut file = Vec::new();
        if !dry_run {
            own_json::export(&tasks, &mut file)
                .map_err(|error| CliError::Io { doing: "write the tasks".to_owned(), error })?;
        }
        let mut taken = rehearse_taking_over(store, tasks.into(), ctx)?;
        if dry_run || !taken.items.iter().flatten().any(Decided::changed) {
            return Ok(taken);
        }
        let told = remote.client.import(file, Format::Json, zone, &key(ctx))?;
        remote.is_stale();
        taken.step = told.step;
        Ok(taken)
    }
}

impl Remote {
    fn send(&self, asked: &Asked, key: &str) -> Result<Done, ClientError> {
        match asked {
            Asked::Items(items) => self.client.bulk(items, key),
            Asked::Undo(step) => self.client.undo(*step, key),
            Asked::Redo => self.client.redo(key),
        }
    }
}

/// A request is done once, however often it is sent: its key says which it is.
fn key(ctx: &Ctx) -> String {
    edge::fresh_id(ctx.now).to_string()
}

/// What comes from elsewhere, with what it says nothing of as it is here.
fn completed(import: Import, store: &impl TaskStore) -> Result<Vec<Task>, CliError> {
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
) -> Result<Outcome, CliError> {
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
fn settle(outcome: &mut Outcome, store: &impl TaskStore, ctx: &Ctx) -> Result<(), CliError> {
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

/// Settings that belong to the account, as the API takes them; `None` for one of this terminal.
/// Without a value it is what it is unless set.
pub(crate) fn preference(name: &str, value: Option<&str>) -> Option<Value> {
    Some(match name {
        "timezone" => json!(value.unwrap_or("UTC")),
        "week_start" => json!(value.unwrap_or("monday")),
        "all_day_time" => json!(value.unwrap_or("09:00")),
        "default_reminders" => match value.unwrap_or("PT0S") {
            "none" => json!([]),
            offsets => offsets.split(',').map(|offset| json!({ "offset": offset })).collect(),
        },
        _ => return None,
    })
}
