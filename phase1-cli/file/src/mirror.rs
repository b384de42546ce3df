//! A file as a copy of what a server keeps: it is read like any other, and brought up to date with
//! what the server tells. What is in it can always be had again.

use serde_json::{Map, Value, json};
use todo_core::event::Seq;
use todo_core::{Counters, Step, Task, TaskId, TaskNo};
use uuid::Uuid;

use crate::error::FileError;
use crate::store::FileStore;
use crate::write::Change;

/// What a server has told.
#[derive(Debug, Default)]
pub struct News {
    /// Whether this is all there is, in place of what the copy holds.
    pub whole: bool,
    /// Up to which event the copy was that this goes on from.
    pub since: Seq,
    /// Up to which event this goes.
    pub seq: Seq,
    /// Of which history the copy was that this goes on from, if that was known.
    pub of: Option<Uuid>,
    /// Of which history this is, if the server says so.
    pub history: Option<Uuid>,
    /// Tasks as they are there now.
    pub tasks: Vec<Task>,
    /// Tasks that are no more.
    pub gone: Vec<TaskId>,
    /// Other settings.
    pub settings: Option<Map<String, Value>>,
    /// Other saved filters.
    pub filters: Option<Map<String, Value>>,
    /// Other steps.
    pub steps: Option<Vec<Step>>,
}

/// Under which name the settings of a copy hold the history that it is of. No setting has it.
const HISTORY: &str = "history";

impl FileStore {
    /// Of which history of the server the copy is, if that is known.
    pub fn history(&self) -> Result<Option<Uuid>, FileError> {
        Ok(history(&self.settings()?))
    }

    /// Up to which event the copy goes.
    pub fn seq(&self) -> Result<Seq, FileError> {
        let next = self.snapshot()?.document(self.path())?.counters.next_seq;
        Ok(Seq(next.0.saturating_sub(1)))
    }

    /// Writes what is new into the copy, in one piece. Where another process has got further with
    /// it meanwhile, or has begun it anew, its copy is the better one and stays: even where the numbers fit, for
    /// those of another history are of other events.
    pub fn mirror(&mut self, news: &News) -> Result<(), FileError> {
        self.exclusively(|store| {
            let had = store.seq()?;
            let kept = store.settings()?;
            let fits = news.of == history(&kept) && (news.since..=news.seq).contains(&had);
            if !news.whole && !fits {
                return Ok(());
            }
            let snapshot = store.snapshot()?;
            let document = snapshot.document(store.path())?;
            let last = news.tasks.iter().map(|task| task.id.0).max().unwrap_or_default();
            let known = if news.whole { TaskNo(1) } else { document.counters.next_id };
            let next_id = TaskNo(known.0.max(last.saturating_add(1)));
            let none: &[Step] = &[];
            let mut settings = news.settings.clone().unwrap_or_else(|| kept.clone());
            match news.history {
                Some(history) => drop(settings.insert(HISTORY.to_owned(), json!(history))),
                None => drop(settings.remove(HISTORY)),
            }
            let mut change = Change {
                counters: Counters { next_id, next_seq: Seq(news.seq.0.saturating_add(1)) },
                steps: news.steps.as_deref().or_else(|| news.whole.then_some(none)),
                settings: (settings != kept).then(|| Value::Object(settings).to_string()),
                filters: news.filters.clone().map(|map| Value::Object(map).to_string()),
                ..Change::default()
            };
            if news.whole {
                change.removed.extend(0..document.tasks.len());
                change.added.extend(&news.tasks);
                return store.write(&snapshot, &change);
            }
            let told = news.tasks.iter().map(|task| task.uid).chain(news.gone.iter().copied());
            let places = store.places(&snapshot, told)?;
            for task in &news.tasks {
                match places.get(&task.uid) {
                    Some(place) => drop(change.replaced.insert(*place, task)),
                    None => change.added.push(task),
                }
            }
            change.purged.extend(news.gone.iter().copied());
            change.removed.extend(news.gone.iter().filter_map(|task| places.get(task)));
            store.write(&snapshot, &change)
        })
    }
}

fn history(settings: &Map<String, Value>) -> Option<Uuid> {
    settings.get(HISTORY)?.as_str()?.parse().ok()
}
