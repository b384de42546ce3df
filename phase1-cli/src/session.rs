//! One run of the program: the file, the moment, and how a command is carried out on it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use chrono::Weekday;
use serde_json::Value;
use todo_core::error::{Candidate, excerpt};
use todo_core::query::{Filters, Moment};
use todo_core::service::{
    self, TakenOver, execute, rehearse, rehearse_taking_over, spawn_due, take_over,
};
use todo_core::task::is_expired;
use todo_core::{
    Actor, ActorKind, Command, Ctx, Facts, Filter, Import, Limit, Needs, Outcome, Owner, Page,
    Status, Task, TaskError, TaskNo, TaskQuery, TaskRef, Timestamp, Zone,
};
use todo_file::{FileError, FileStore};

use crate::args::Global;
use crate::edge;
use crate::error::{CliError, faulty};
use crate::hooks::Hooks;
use crate::intent::{Named, Target};
use crate::settings::Settings;
use crate::view::screen::Screen;
use crate::view::when::Clock;

/// The file and the moment that a command works with.
pub(crate) struct Session {
    pub(crate) global: Global,
    pub(crate) now: Timestamp,
    /// Where dates are meant.
    pub(crate) zone: Zone,
    pub(crate) week_start: Weekday,
    pub(crate) settings: Settings,
    path: PathBuf,
    store: Option<FileStore>,
    /// What the clock has brought, until somebody is told.
    came: Option<Outcome>,
    hooks: Hooks,
}

impl Session {
    /// Works out which file and which moment. The file is opened by the first command that needs
    /// it: `todo man` works without one, and `todo doctor` on one that cannot be read.
    pub(crate) fn open(mut global: Global, hooks: Hooks) -> Result<Self, CliError> {
        global.file = global.file.or_else(edge::named_file);
        let now = edge::now().map_err(|problem| faulty(edge::NOW_VARIABLE, problem, ""))?;
        let path = match &global.file {
            Some(path) => path.clone(),
            None => edge::default_file().ok_or(CliError::Homeless)?,
        };
        Ok(Self {
            global,
            now,
            zone: edge::system_zone(),
            week_start: Weekday::Mon,
            settings: Settings::default(),
            path,
            store: None,
            came: None,
            hooks,
        })
    }

    /// The file as it was named.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The store, opened and its settings read.
    pub(crate) fn store(&mut self) -> Result<&mut FileStore, CliError> {
        if self.store.is_none() {
            self.make_own_folder()?;
            let store = FileStore::open(&self.path, self.zone)?;
            let settings = Settings::new(store.settings()?);
            self.take_settings(settings);
            return Ok(self.store.insert(store));
        }
        self.store.as_mut().ok_or(CliError::Homeless)
    }

    /// The platform's data folder is ours to make; a folder somebody names is theirs.
    fn make_own_folder(&self) -> Result<(), CliError> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        if self.global.file.is_none() && !folder.exists() {
            let made = std::fs::create_dir_all(folder);
            made.map_err(|source| FileError::Io {
                doing: "make the folder",
                path: folder.to_owned(),
                source,
            })?;
        }
        Ok(())
    }

    /// Lets go of what was read: a list of a hundred thousand tasks needs the memory to be shown.
    pub(crate) fn close(&mut self) {
        self.store = None;
    }

    /// The saved filters. What a newer version keeps beside them stays in the file.
    pub(crate) fn filters(&mut self) -> Result<Filters, CliError> {
        let kept = self.store()?.filters()?;
        let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
        Ok(kept.into_iter().filter_map(text).collect())
    }

    pub(crate) fn ctx(&self) -> Ctx {
        Ctx {
            owner: Owner::LOCAL,
            actor: Actor { kind: ActorKind::User, id: Owner::LOCAL.0 },
            now: self.now,
            zone: self.zone,
            week_start: self.week_start,
            preferences: self.settings.preferences(),
            correlation: edge::fresh_id(self.now).0,
            causation: None,
        }
    }

    pub(crate) fn moment(&self) -> Moment {
        let Self { now, zone, week_start, .. } = *self;
        Moment { now, zone, owner_zone: zone, week_start }
    }

    /// What the asker's clock shows.
    pub(crate) fn clock(&self) -> Clock {
        self.moment().into()
    }

    /// Takes the right to write before anything is read, so that what is decided on is what is
    /// written over, and does what a scheduler would have done: what the command names and sees is
    /// then how things stand. A dry run writes nothing and waits for nobody.
    pub(crate) fn begin_write(&mut self) -> Result<(), CliError> {
        if self.global.dry_run {
            return Ok(());
        }
        self.store()?.lock()?;
        let (now, ctx) = (self.now, by_itself(self.ctx()));
        let store = self.store()?;
        let expired: BTreeSet<_> = store.expired(now)?.into_iter().collect();
        if !expired.is_empty() {
            execute(store, &Command::PurgeExpired(expired), &ctx)?;
        }
        if let Some(came) = spawn_due(store, &ctx)? {
            self.hooks.note(&came);
            self.came = Some(came);
        }
        Ok(())
    }

    /// Carries out a command, or answers what it would come to.
    pub(crate) fn run(&mut self, command: &Command) -> Result<Outcome, CliError> {
        let ctx = self.ctx();
        self.run_as(command, &ctx)
    }

    /// Carries out what the system does by itself: no step of the user's.
    pub(crate) fn run_by_itself(&mut self, command: &Command) -> Result<Outcome, CliError> {
        let ctx = by_itself(self.ctx());
        self.run_as(command, &ctx)
    }

    fn run_as(&mut self, command: &Command, ctx: &Ctx) -> Result<Outcome, CliError> {
        self.begin_write()?;
        let dry_run = self.global.dry_run;
        let store = self.store()?;
        if dry_run {
            return Ok(rehearse(store, command, ctx)?);
        }
        let mut outcome = execute(store, command, ctx)?;
        self.hooks.note(&outcome);
        if let Some(came) = self.came.take() {
            outcome.lead(came);
        }
        Ok(outcome)
    }

    /// Carries out an import, or answers what it would come to.
    pub(crate) fn take_over(&mut self, import: Import) -> Result<TakenOver, CliError> {
        if !self.global.dry_run && self.hooks.are_any() {
            // They are told of every task, which the other way does not keep.
            let Outcome { items, step, notes, .. } = self.run(&Command::Import(import))?;
            return Ok(TakenOver { items, step, notes });
        }
        self.begin_write()?;
        let (dry_run, ctx) = (self.global.dry_run, self.ctx());
        let store = self.store()?;
        Ok(if dry_run {
            rehearse_taking_over(store, import, &ctx)?
        } else {
            take_over(store, import, &ctx)?
        })
    }

    /// Lets others write again, for those that stay.
    pub(crate) fn end_write(&mut self) {
        if let Some(store) = &mut self.store {
            store.unlock();
        }
    }

    /// Tells the user's programs what was written, now that nobody has to wait for it.
    pub(crate) fn tell_hooks(&mut self, screen: &Screen) {
        self.end_write();
        self.hooks.run(&self.path, self.settings.hook_timeout(), screen);
    }

    /// What the clock has brought and no answer has told of yet.
    pub(crate) fn take_came(&mut self) -> Option<Outcome> {
        self.came.take()
    }

    /// For those that stay: the clock has gone on, and the file may be another.
    pub(crate) fn renew(&mut self) -> Result<(), CliError> {
        self.now = edge::now().map_err(|problem| faulty(edge::NOW_VARIABLE, problem, ""))?;
        let settings = self.store()?.settings()?;
        self.take_settings(Settings::new(settings));
        Ok(())
    }

    fn take_settings(&mut self, settings: Settings) {
        self.zone = settings.zone().unwrap_or_else(edge::system_zone);
        self.week_start = settings.week_start();
        self.settings = settings;
    }

    pub(crate) fn load(&mut self, needs: &Needs) -> Result<Facts, CliError> {
        self.store()?;
        let ctx = self.ctx();
        Ok(service::load(self.store()?, needs, &ctx)?)
    }

    pub(crate) fn find(&mut self, query: &TaskQuery) -> Result<Page<Task>, CliError> {
        self.store()?;
        let ctx = self.ctx();
        Ok(service::find(self.store()?, query, &ctx)?)
    }
}

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

/// What the system does by itself is nobody's step.
fn by_itself(ctx: Ctx) -> Ctx {
    Ctx { actor: Actor { kind: ActorKind::System, ..ctx.actor }, ..ctx }
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
