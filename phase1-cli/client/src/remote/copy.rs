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
use crate::error::{ClientError, Refusal};

/// Under which name the settings of a copy hold whose it is. No setting has it.
const ACCOUNT: &str = "account";
/// Most tasks of which it is asked what became of their reminders.
const REMINDING_MAX: usize = 20;
/// How often something is read that becomes another's while it is.
const TRIES: usize = 3;

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
        let news = if same { self.news(had, history) } else { self.news(Seq(0), None) }?;
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

    /// All that has changed since an event of a history; where the server does not go on from there, all there is.
    fn news(&self, since: Seq, of: Option<Uuid>) -> Result<News, ClientError> {
        let (mut since, mut of) = (since, of);
        for _ in 0..TRIES {
            if let Some(news) = self.pages(since, of)? {
                return Ok(news);
            }
            (since, of) = (Seq(0), None);
        }
        let what = "its history became another one whenever it was read";
        Err(ClientError::strange(self.client.server(), what))
    }

    /// The same, from the beginning all there is; nothing where it is to be begun anew: the history is another
    /// one, or became another one between two pages.
    fn pages(&self, since: Seq, of: Option<Uuid>) -> Result<Option<News>, ClientError> {
        let whole = since == Seq(0);
        // The beginning is the same in all.
        let (mut seq, mut history, mut touched) = (since, of.filter(|_| !whole), BTreeMap::new());
        let mut answer = self.first_page(since, history);
        loop {
            let Changes { items, seq: next, history: told, more } = match answer {
                Err(ClientError::Refused(refusal)) if seq > Seq(0) && is_ahead(&refusal) => {
                    return Ok(None);
                }
                answer => answer?,
            };
            if told.is_some() && history.is_some() && told != history {
                return Ok(None);
            }
            // One that says nothing of it, as an older server does, takes nothing back.
            history = told.or(history);
            touched.extend(items.into_iter().map(|item| (item.uid, item.task)));
            // A server that says there is more and does not go on would be asked for ever.
            let goes_on = more && next > seq;
            seq = next;
            if !goes_on {
                break;
            }
            // While servers are replaced an older one may answer this, which does not know the word; which history
            // it is, the others say.
            answer = self.client.changes(seq, None);
        }
        let mut news = News { whole, since, seq, of, history, ..News::default() };
        for (uid, task) in touched {
            match task {
                Some(task) => news.tasks.push(*task),
                None => news.gone.push(uid),
            }
        }
        news.tasks.sort_unstable_by_key(|task: &Task| task.id);
        Ok(Some(news))
    }

    /// What changed since an event of a history; of a server that knows no histories, as older ones do not, since
    /// the event.
    fn first_page(&self, since: Seq, history: Option<Uuid>) -> Result<Changes, ClientError> {
        match self.client.changes(since, history) {
            Err(ClientError::Refused(refusal))
                if history.is_some() && refusal.parameters == ["history"] =>
            {
                self.client.changes(since, None)
            }
            answer => answer,
        }
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

    /// Brings the steps up to date, of the copy that they were asked for: where another process has changed it
    /// meanwhile, they are asked for again.
    pub fn freshen_steps(&self, store: &mut FileStore) -> Result<(), RemoteError> {
        for _ in 0..TRIES {
            let (seq, of) = (store.seq()?, store.history()?);
            let steps = Some(self.client.steps()?);
            store.mirror(&News { since: seq, seq, of, history: of, steps, ..News::default() })?;
            if (store.seq()?, store.history()?) == (seq, of) {
                break;
            }
        }
        Ok(())
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

/// Whether a server's history is another than the copy's, does not go as far, or no longer back to it.
fn is_ahead(refusal: &Refusal) -> bool {
    refusal.status == 410 || refusal.parameters.iter().any(|name| name == "since")
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
