//! The copy of what a server keeps. It can always be had again: one that cannot be read, is of
//! another account, is of another history than the server's or goes further than that (a backup was
//! put back there) is made anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use todo_core::event::Seq;
use todo_core::{Facts, Needs, Task, TaskId};
use todo_file::{FileError, FileStore, News};
use uuid::Uuid;

use super::{Remote, RemoteError};
use crate::api::{Account, Changes};
use crate::error::ClientError;

/// Under which name the settings of a copy hold whose it is. No setting has it.
const ACCOUNT: &str = "account";
/// Most tasks of which it is asked what became of their reminders.
const REMINDING_MAX: usize = 20;

impl Remote {
    /// Forgets the copy, and what it stands for is had anew.
    pub fn forget_copy(path: &Path) -> Result<(), RemoteError> {
        // Its generation before would stand for it.
        for path in [path.with_extension("json.bak"), path.to_owned()] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    let doing = format!("remove {}", path.display());
                    return Err(RemoteError::Copy { doing, error });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Brings the copy up to date, once a run; and once more if it has become another account's.
    pub fn freshen(&mut self, store: &mut FileStore) -> Result<(), RemoteError> {
        if self.fresh && self.account == whose(&store.settings()?) {
            return Ok(());
        }
        let known = self.known;
        let mut account = if known.is_none() { Some(self.client.account()?) } else { None };
        let had = match state(store) {
            Err(FileError::Damaged { .. } | FileError::Lost(_)) => {
                Self::forget_copy(&self.path)?;
                state(store)?
            }
            read => read?,
        };
        let (kept, had) = had;
        // Another command may have made it another account's.
        if account.is_none() && whose(&kept) != known {
            account = Some(self.client.account()?);
        }
        let id = account.as_ref().map(|account| account.id).or(known);
        let same = whose(&kept) == id;
        let history = store.history()?;
        let news = match if same { self.news(had, history) } else { self.news(Seq(0), None) } {
            Err(ClientError::Refused(refusal)) if is_ahead(&refusal.parameters, refusal.status) => {
                self.news(Seq(0), None)?
            }
            news => news?,
        };
        let settings = account.map(|account| settings(&kept, &account));
        let news = News {
            settings: settings.filter(|settings| *settings != kept),
            // From another account nothing is kept but what belongs to this terminal.
            filters: (!same).then(Map::new),
            ..news
        };
        let further = news.seq != had || news.history != history;
        if news.whole || further || news.settings.is_some() {
            store.mirror(&news)?;
        }
        (self.fresh, self.account) = (true, id);
        Ok(())
    }

    /// The copy is to be brought up to date again.
    pub(super) fn is_stale(&mut self) {
        (self.fresh, self.filters, self.known) = (false, false, None);
    }

    /// All that has changed since an event of a history; from the beginning it is all there is.
    fn news(&self, since: Seq, of: Option<Uuid>) -> Result<News, ClientError> {
        let (mut seq, mut history, mut touched) = (since, of, BTreeMap::new());
        loop {
            let Changes { items, seq: next, history: told, more } =
                self.client.changes(seq, history)?;
            history = told;
            touched.extend(items.into_iter().map(|item| (item.uid, item.task)));
            // A server that says there is more and does not go on would be asked for ever.
            let goes_on = more && next > seq;
            seq = next;
            if !goes_on {
                break;
            }
        }
        let whole = since == Seq(0);
        let mut news = News { whole, since, seq, of, history, ..News::default() };
        for (uid, task) in touched {
            match task {
                Some(task) => news.tasks.push(*task),
                None => news.gone.push(uid),
            }
        }
        news.tasks.sort_unstable_by_key(|task: &Task| task.id);
        Ok(news)
    }

    /// Brings the saved filters up to date, once a run.
    pub fn freshen_filters(&mut self, store: &mut FileStore) -> Result<(), RemoteError> {
        if self.filters {
            return Ok(());
        }
        let told = self.client.filters()?;
        let told: Map<_, _> = told.into_iter().map(|(name, text)| (name, json!(text))).collect();
        if store.filters()? != told {
            store.change_filters(|filters| *filters = told)?;
        }
        self.filters = true;
        Ok(())
    }

    /// Brings the steps up to date.
    pub fn freshen_steps(&self, store: &mut FileStore) -> Result<(), RemoteError> {
        let steps = Some(self.client.steps()?);
        let (seq, of) = (store.seq()?, store.history()?);
        Ok(store.mirror(&News { since: seq, seq, of, history: of, steps, ..News::default() })?)
    }

    /// Adds what became of reminders, where that is asked of a few tasks.
    pub fn add_firings(&self, needs: &Needs, facts: &mut Facts) -> Result<(), RemoteError> {
        let fits = |reference| facts.resolved.get(reference).into_iter().flatten().copied();
        let tasks: Vec<TaskId> = needs.firings.iter().flat_map(fits).collect();
        for task in tasks.into_iter().take(REMINDING_MAX) {
            facts.firings.extend(self.client.firings(task)?);
        }
        Ok(())
    }
}

/// Whose copy it is.
fn whose(settings: &Map<String, Value>) -> Option<Uuid> {
    settings.get(ACCOUNT)?.as_str()?.parse().ok()
}

/// The settings of a copy, and how far it goes.
fn state(store: &FileStore) -> Result<(Map<String, Value>, Seq), FileError> {
    Ok((store.settings()?, store.seq()?))
}

/// Whether a server's history is another than the copy's, does not go as far, or no longer back to it. One that
/// knows no histories, as it is older than the one before, says so of the word.
fn is_ahead(parameters: &[String], status: u16) -> bool {
    status == 410 || parameters.iter().any(|name| name == "since" || name == "history")
}

/// The settings that stand: the account's own, and beside them those of this terminal.
fn settings(kept: &Map<String, Value>, account: &Account) -> Map<String, Value> {
    let mut settings = kept.clone();
    let reminders: Vec<_> = account.default_reminders.iter().map(|r| r.offset.as_str()).collect();
    let reminders = if reminders.is_empty() { "none".to_owned() } else { reminders.join(",") };
    for (name, value) in [
        (ACCOUNT, account.id.to_string()),
        ("timezone", account.timezone.clone()),
        ("week_start", account.week_start.clone()),
        ("all_day_time", account.all_day_time.clone()),
        ("default_reminders", reminders),
    ] {
        settings.insert(name.to_owned(), json!(value));
    }
    settings
}
