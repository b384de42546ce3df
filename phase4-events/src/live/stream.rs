//! An owner's events as one client sees them: each once, in order, without a gap.

use std::collections::HashMap;

use axum::extract::ws::Utf8Bytes;
use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_store::Head;
use todo_store::effects::Subject;
use todo_store::log::Entry;
use todo_web::App;

use super::hub::{Told, What};
use super::message::{self, Seen, Why};

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
        seen: Option<Seen>,
        silence_seconds: u64,
    ) -> Result<(Self, Due), StoreError> {
        let (head, now) = (app.store.head(owner).await?, app.clock.now());
        let why = seen.and_then(|seen| {
            let missed = seen.missed(head);
            missed.map_or(Some(Why::Unknown), |missed| (missed > MISSED_MAX).then_some(Why::Gap))
        });
        let resumed = seen.filter(|_| why.is_none());
        let last = resumed.map_or(head.seq, |seen| seen.seq);
        let from = Head { seq: last, ..head };
        let mut texts = vec![message::hello(owner, resumed.is_some(), from, silence_seconds, now)];
        texts.extend(why.map(|why| message::refetch(why, head.seq, None, now)));
        Ok((Self { owner, last }, Due { texts, more: last < head.seq }))
    }

    /// The next part of the history: no more than may wait for a client in bytes, however long it takes to
    /// take them.
    pub(super) async fn missed(&mut self, app: &App, bytes: usize) -> Result<Due, StoreError> {
        let mut entries = app.store.read_history(self.owner, self.last, PAGE).await?;
        let fits = fitting(&entries, bytes);
        let more = fits < entries.len() || entries.len() >= PAGE as usize;
        entries.truncate(fits);
        Ok(Due { texts: self.texts(app, &entries).await?, more })
    }

    /// What follows from something that was told.
    pub(super) async fn hear(&mut self, app: &App, told: Told) -> Result<Due, StoreError> {
        if matches!(told.what, What::Look) {
            return Ok(Due { texts: Vec::new(), more: true });
        }
        let next = Seq(self.last.0.saturating_add(1));
        if told.first <= next {
            return Ok(Due { texts: self.unseen(app, told).await?, more: false });
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
    async fn unseen(&mut self, app: &App, told: Told) -> Result<Vec<Utf8Bytes>, StoreError> {
        match told.what {
            What::Reminders(entries) => self.texts(app, &entries).await,
            What::Text(text) if told.last > self.last => {
                self.last = told.last;
                Ok(vec![text])
            }
            What::Text(_) | What::Look => Ok(Vec::new()),
        }
    }

    /// The same of events that follow one another.
    async fn texts(&mut self, app: &App, entries: &[Entry]) -> Result<Vec<Utf8Bytes>, StoreError> {
        let seen = entries.partition_point(|entry| entry.seq <= self.last);
        let unseen = &entries[seen..];
        let subjects = subjects(app, self.owner, unseen).await?;
        if let Some(entry) = unseen.last() {
            self.last = entry.seq;
        }
        Ok(unseen.iter().map(|entry| text(entry, &subjects)).collect())
    }
}

/// How many of these are so long together; one that is longer by itself goes alone.
fn fitting(entries: &[Entry], bytes: usize) -> usize {
    let mut left = bytes;
    let fits = |entry: &&Entry| {
        let long = entry.data.as_deref().map_or(0, |data| data.get().len());
        let fits = long <= left;
        left = left.saturating_sub(long);
        fits
    };
    entries.iter().take_while(fits).count().max(usize::from(!entries.is_empty()))
}

/// What is known of the tasks of reminders. One question for all that came together, or that stand on one
/// page of the history, however many they are; and none where there is no reminder.
async fn subjects(
    app: &App,
    owner: Owner,
    entries: &[Entry],
) -> Result<HashMap<Seq, Subject>, StoreError> {
    let settled: Vec<_> = entries.iter().filter_map(message::settled).collect();
    if settled.is_empty() { Ok(HashMap::new()) } else { app.store.subjects(owner, &settled).await }
}

fn text(entry: &Entry, subjects: &HashMap<Seq, Subject>) -> Utf8Bytes {
    if !message::is_reminder(entry) {
        return message::event(entry);
    }
    match subjects.get(&entry.seq).filter(|subject| subject.reminds) {
        Some(subject) => message::reminder(entry, &subject.title),
        None => message::past(entry),
    }
}
