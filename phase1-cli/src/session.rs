//! One run of the program: the file, the moment, and how a command is carried out on it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::Weekday;
use serde_json::Value;
#[cfg(feature = "remote")]
use todo_client::Client;
#[cfg(feature = "remote")]
use todo_client::live::Seen;
use todo_core::query::{Filters, Moment};
use todo_core::service::{
    self, TakenOver, execute, rehearse, rehearse_taking_over, spawn_due, take_over,
};
use todo_core::stats::{Stats, StatsQuery};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Facts, Import, Needs, Outcome, Owner, Page, Task, TaskQuery,
    Timestamp, Zone,
};
use todo_file::{FileError, FileStore};

use crate::args::Global;
use crate::edge;
use crate::error::{CliError, faulty};
use crate::hooks::Hooks;
use crate::remote::{self, Remote};
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
    /// The server that the tasks are on, if they are on one; the file is a copy then.
    place: Option<remote::Place>,
    /// That server, once it has been asked.
    remote: Option<Remote>,
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
        let place = remote::chosen(&global)?;
        global.file = global.file.or_else(edge::named_file);
        let path = match (&place, &global.file) {
            (Some(place), _) => place.copy(),
            (None, Some(path)) => path.clone(),
            (None, None) => edge::default_file().ok_or(CliError::Homeless)?,
        };
        let hooks = if place.is_some() { Hooks::nobody() } else { hooks };
        Self::at(global, hooks, place, path)
    }

    fn at(
        global: Global,
        hooks: Hooks,
        place: Option<remote::Place>,
        path: PathBuf,
    ) -> Result<Self, CliError> {
        let now = edge::now().map_err(|problem| faulty(edge::NOW_VARIABLE, problem, ""))?;
        Ok(Self {
            global,
            now,
            zone: edge::system_zone(),
            week_start: Weekday::Mon,
            settings: Settings::default(),
            place,
            remote: None,
            path,
            store: None,
            came: None,
            hooks,
        })
    }

    /// The same moment on the server that is meant, whatever file is named beside it.
    #[cfg(feature = "remote")]
    pub(crate) fn on_server(&self) -> Result<Self, CliError> {
        let place = remote::any_server(&self.global)?;
        let (path, global) = (place.copy(), self.global.clone());
        Self::at(global, Hooks::nobody(), Some(place), path)
    }

    /// The same moment on the file that is meant, whatever server is named beside it.
    #[cfg(feature = "remote")]
    pub(crate) fn on_file(&self, hooks: Hooks) -> Result<Self, CliError> {
        let named = self.global.file.clone();
        let path = named.or_else(edge::default_file).ok_or(CliError::Homeless)?;
        Self::at(self.global.clone(), hooks, None, path)
    }

    /// Whether the tasks are on a server.
    pub(crate) fn is_on_server(&self) -> bool {
        self.place.is_some()
    }

    /// The file as it was named.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The store, opened and its settings read.
    pub(crate) fn store(&mut self) -> Result<&mut FileStore, CliError> {
        if self.store.is_none() {
            self.make_own_folder()?;
            let mut store = FileStore::open(&self.path, self.zone)?;
            if let Some(place) = &self.place {
                let remote = match &mut self.remote {
                    Some(remote) => remote,
                    none => none.insert(remote::open(place)?),
                };
                remote.freshen(&mut store)?;
            }
            let settings = Settings::new(store.settings()?);
            self.take_settings(settings);
            return Ok(self.store.insert(store));
        }
        self.store.as_mut().ok_or(CliError::Homeless)
    }

    /// The server, and the copy of what it keeps, brought up to date.
    pub(crate) fn server(&mut self) -> Result<(&mut FileStore, &mut Remote), CliError> {
        self.store()?;
        self.store.as_mut().zip(self.remote.as_mut()).ok_or(CliError::NoServer)
    }

    /// The platform's data folder is ours to make; a folder somebody names is theirs.
    fn make_own_folder(&self) -> Result<(), CliError> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        let ours = self.global.file.is_none() || self.is_on_server();
        if ours && !folder.exists() {
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
        if self.is_on_server() {
            let (store, remote) = self.server()?;
            remote.freshen_filters(store)?;
        }
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
        if self.is_on_server() {
            self.store()?;
            let ctx = by_itself(self.ctx());
            return self.begin_on_server(&ctx);
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
        let mut outcome = if self.is_on_server() {
            self.run_on_server(command, ctx)?
        } else if self.global.dry_run {
            return Ok(rehearse(self.store()?, command, ctx)?);
        } else {
            execute(self.store()?, command, ctx)?
        };
        self.hooks.note(&outcome);
        if let Some(came) = self.came.take() {
            outcome.lead(came);
        }
        Ok(outcome)
    }

    /// Carries out an import, or answers what it would come to.
    pub(crate) fn take_over(&mut self, import: Import) -> Result<TakenOver, CliError> {
        if self.is_on_server() {
            self.begin_write()?;
            let ctx = self.ctx();
            return self.take_over_on_server(import, &ctx);
        }
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

    /// The clock has brought this.
    #[cfg(feature = "remote")]
    pub(crate) fn brought(&mut self, came: Outcome) {
        self.came = Some(came);
    }

    /// What the clock has brought and no answer has told of yet.
    pub(crate) fn take_came(&mut self) -> Option<Outcome> {
        self.came.take()
    }

    /// For those that stay: the clock has gone on.
    pub(crate) fn tell_time(&mut self) -> Result<(), CliError> {
        self.now = edge::now().map_err(|problem| faulty(edge::NOW_VARIABLE, problem, ""))?;
        Ok(())
    }

    /// For those that stay and only look: all is read again, from a server too.
    pub(crate) fn look_again(&mut self) -> Result<(), CliError> {
        self.close();
        #[cfg(feature = "remote")]
        if let Some(remote) = &mut self.remote {
            remote.begin_anew();
        }
        self.renew()
    }

    /// The same after something happened to tasks: whose they are, and what they prefer, is as it was.
    #[cfg(feature = "remote")]
    pub(crate) fn look_on(&mut self) -> Result<(), CliError> {
        self.close();
        if let Some(remote) = &mut self.remote {
            remote.go_on();
        }
        self.renew()
    }

    /// For those that listen to the server beside all that it is asked: who asks for that, and how far the copy
    /// goes.
    #[cfg(feature = "remote")]
    pub(crate) fn listening(&mut self) -> Result<(Client, Seen), CliError> {
        let store = self.store()?;
        let seen = Seen { seq: store.seq()?.0, history: store.history()? };
        let place = self.place.as_ref().ok_or(CliError::NoServer)?;
        Ok((remote::client(place)?, seen))
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
        if self.is_on_server() {
            let steps = needs.steps || needs.step.is_some();
            let (store, remote) = self.server()?;
            if steps {
                remote.freshen_steps(store)?;
            }
        }
        self.store()?;
        let ctx = self.ctx();
        let mut facts = service::load(self.store()?, needs, &ctx)?;
        if !needs.firings.is_empty() && self.is_on_server() {
            self.server()?.1.add_firings(needs, &mut facts)?;
        }
        Ok(facts)
    }

    pub(crate) fn find(&mut self, query: &TaskQuery) -> Result<Page<Task>, CliError> {
        self.store()?;
        let ctx = self.ctx();
        Ok(service::find(self.store()?, query, &ctx)?)
    }

    pub(crate) fn stats(&mut self, query: &StatsQuery) -> Result<Stats, CliError> {
        self.store()?;
        let ctx = self.ctx();
        Ok(service::stats(self.store()?, query, &ctx)?)
    }
}

/// What the system does by itself is nobody's step.
fn by_itself(ctx: Ctx) -> Ctx {
    Ctx { actor: Actor { kind: ActorKind::System, ..ctx.actor }, ..ctx }
}
