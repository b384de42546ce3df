//! An owner's events as one client sees them: each once, in order, without a gap.

use axum::extract::ws::Utf8Bytes;
use todo_core::event::Seq;
use todo_core::ports::AsyncTaskStore;
use todo_core::task::TaskId;
use todo_core::{Needs, Owner, StoreError, TaskRef};
use todo_store::log::Entry;
use todo_web::App;

use super::hub::{Told, What};
use super::message::{self, Why};
use super::tail::told;

/// How much is read of the history for one client: where more was missed, everything is fetched anew.
const MISSED_MAX: u64 = 1000;
/// How much of it at a time.
const PAGE: u32 = 100;

/// Where a client stands.
#[derive(Debug)]
pub(super) struct Stream {
    owner: Owner,
    /// What it has seen.
    last: Seq,
}

/// What is to be sent next.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) texts: Vec<Utf8Bytes>,
    /// There may be more in the history.
    pub(super) more: bool,
}

impl Stream {
    /// Begins after the event that the client has seen last, or now. Listen before: what comes between is
    /// told twice then, and passed over the second time.
    pub(super) async fn begin(
        app: &App,
        owner: Owner,
        since: Option<Seq>,
        silence_seconds: u64,
    ) -> Result<(Self, Due), StoreError> {
        let (head, now) = (app.store.last_seq(owner).await?, app.clock.now());
        let why = since.and_then(|since| {
            let missed = head.0.checked_sub(since.0);
            missed.map_or(Some(Why::Unknown), |missed| (missed > MISSED_MAX).then_some(Why::Gap))
        });
        let resumed = since.filter(|_| why.is_none());
        let last = resumed.unwrap_or(head);
        let mut texts = vec![message::hello(owner, resumed.is_some(), last, silence_seconds, now)];
        texts.extend(why.map(|why| message::refetch(why, head, None, now)));
        Ok((Self { owner, last }, Due { texts, more: last < head }))
    }

    /// The next part of the history.
    pub(super) async fn missed(&mut self, app: &App) -> Result<Due, StoreError> {
        let entries = app.store.read_history(self.owner, self.last, PAGE).await?;
        let mut due = Due { more: entries.len() >= PAGE as usize, ..Due::default() };
        for entry in entries {
            due.texts.extend(self.text(app, told(&entry)).await?);
        }
        Ok(due)
    }

    /// What follows from something that was told.
    pub(super) async fn hear(&mut self, app: &App, told: Told) -> Result<Due, StoreError> {
        if matches!(told.what, What::Look) {
            return Ok(Due { texts: Vec::new(), more: true });
        }
        let next = Seq(self.last.0.saturating_add(1));
        if told.first <= next {
            let texts = self.text(app, told).await?.into_iter().collect();
            return Ok(Due { texts, more: false });
        }
        if told.last.0 - self.last.0 > MISSED_MAX {
            self.last = told.last;
            let text = message::refetch(Why::Gap, told.last, None, app.clock.now());
            return Ok(Due { texts: vec![text], more: false });
        }
        // Something was not told: it is in the history, and so is this.
        Ok(Due { texts: Vec::new(), more: true })
    }

    /// As it is sent, unless it was seen.
    async fn text(&mut self, app: &App, told: Told) -> Result<Option<Utf8Bytes>, StoreError> {
        if told.last <= self.last {
            return Ok(None);
        }
        let text = match told.what {
            What::Look => return Ok(None),
            What::Text(text) => text,
            What::Reminder(entry) => {
                let title = title(app, &entry).await?;
                message::event(&entry, title.as_deref())
            }
        };
        self.last = told.last;
        Ok(Some(text))
    }
}

/// What the task of a reminder is called by now, if it is still there.
async fn title(app: &App, entry: &Entry) -> Result<Option<String>, StoreError> {
    let task = TaskRef::Uid(TaskId(entry.aggregate_id));
    let needs = Needs { tasks: [task].into(), to_show: true, ..Needs::default() };
    let facts = app.store.load(entry.owner, &needs).await?;
    Ok(facts.tasks.values().next().map(|task| task.title.as_str().to_owned()))
}
