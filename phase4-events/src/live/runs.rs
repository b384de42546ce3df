//! What one request has changed, told one by one or, where it is much, as one.
//!
//! A request's events stand in the log one after another, as far as its owner's go; but the log grows by
//! parts, and is read by parts. So what may go on is kept back for a while: what is much until nothing
//! more of it came, and what the last part may have cut until the next is read, which is at once. Whether it is
//! much the history says, in which all of a request is from the beginning.

use std::collections::HashMap;
use std::time::Duration;

use todo_core::event::Seq;
use todo_core::{Owner, Timestamp};
use todo_store::log::Entry;
use todo_web::telemetry::follows;
use tokio::time::Instant;
use uuid::Uuid;

use super::hub::{Hub, Told, What};
use super::message::{self, TRIGGERED, Why, is_reminder};

/// As what this is known in the traces of requests.
const NAME: &str = "live";
/// More events than this of one request are an import, or as good as one. Reminders do not count: a look
/// of the scheduler sends many at once, and nobody is to miss what one says.
pub(super) const MANY: u32 = 100;
/// How long what is much is kept back at most, however much more of it comes: who listens is to see that
/// something happens.
const LONGEST: Duration = Duration::from_secs(5);
/// How long it is remembered that a request has changed much, though all that came of it was told: the log may
/// grow by what is left of it long after, behind what others did.
const REMEMBERED: Duration = Duration::from_mins(1);

/// Of each owner who is listened to, what is kept back: never more than one request's, for what comes of
/// another one ends it.
#[derive(Debug)]
pub(super) struct Runs {
    /// How long it is waited for more of what is much.
    together: Duration,
    owners: HashMap<Owner, Run>,
    /// The last request of each owner that has changed much, and when more of it came.
    much: HashMap<Owner, (Request, Instant)>,
    /// Who is kept back until the next part is read, for the last one may have cut what there is.
    cut: Option<Owner>,
}

/// Which request it was: by its correlation, which is the client's, who may give the same to all of them; so by
/// its time, too, which all that it has changed has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Request {
    correlation: Uuid,
    at: Timestamp,
}

/// What events are told together for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    Reminders,
    Request(Request),
}

#[derive(Debug)]
struct Run {
    theme: Theme,
    /// What is told one by one, if it does not become much.
    few: Vec<Entry>,
    many: Option<Many>,
}

/// What is told as one.
#[derive(Debug)]
struct Many {
    request: Request,
    /// The trace of the request.
    trace: Option<String>,
    first: Seq,
    last: Seq,
    begun: Instant,
    heard: Instant,
}

impl Runs {
    pub(super) fn new(together: Duration) -> Self {
        Self { together, owners: HashMap::new(), much: HashMap::new(), cut: None }
    }

    /// Takes what is in the log, and tells what it ends, each owner's in its order; answers how many sockets
    /// were too slow. `more` follows at once. To be followed by [`Runs::tell`].
    pub(super) fn take(
        &mut self,
        hub: &Hub,
        entries: Vec<Entry>,
        more: bool,
        now: Instant,
    ) -> usize {
        // The part ends with an event of this owner, of whose request there may be more.
        self.cut = entries.last().map(|entry| entry.owner).filter(|_| more);
        let mut slow = 0;
        for entry in entries {
            let (owner, theme) = (entry.owner, Theme::of(&entry));
            if !hub.has(owner) {
                self.owners.remove(&owner);
                continue;
            }
            if self.owners.get(&owner).is_some_and(|run| run.theme != theme) {
                slow += self.owners.remove(&owner).map_or(0, |run| run.tell(hub, owner));
            }
            let new = || Run { theme, few: Vec::new(), many: None };
            let run = self.owners.entry(owner).or_insert_with(new);
            let goes_on = self.much.get(&owner).is_some_and(|(much, _)| run.is_of(*much));
            run.take(entry, goes_on, now);
            if let Some(many) = &run.many {
                self.much.insert(owner, (many.request, now));
            }
        }
        self.much.retain(|_, (_, heard)| now.duration_since(*heard) < REMEMBERED);
        slow
    }

    /// What is going to be told one by one, by its first: unless it is known to be much.
    pub(super) fn begun(&self) -> Vec<(Owner, Seq)> {
        let over =
            self.owners.iter().filter(|(owner, run)| self.cut != Some(**owner) && run.is_few());
        over.filter_map(|(owner, run)| Some((*owner, run.few.first()?.seq))).collect()
    }

    /// What these owners have done is much.
    pub(super) fn are_much(&mut self, owners: &[Owner], now: Instant) {
        for owner in owners {
            if let Some(run) = self.owners.get_mut(owner) {
                run.is_much(now);
                if let Some(many) = &run.many {
                    self.much.insert(*owner, (many.request, now));
                }
            }
        }
    }

    /// Tells what does not wait for more, and is not among [`Runs::begun`]: whatever the history says, it is told
    /// as it is. Answers how many sockets were too slow.
    pub(super) fn tell_certain(&mut self, hub: &Hub, now: Instant) -> usize {
        self.tell_if(hub, now, |run| !run.is_few())
    }

    /// Tells what does not wait for more; answers how many sockets were too slow.
    pub(super) fn tell(&mut self, hub: &Hub, now: Instant) -> usize {
        self.tell_if(hub, now, |_| true)
    }

    fn tell_if(&mut self, hub: &Hub, now: Instant, may: impl Fn(&Run) -> bool) -> usize {
        let (together, cut) = (self.together, self.cut);
        let over = self.owners.extract_if(|owner, run| match &run.many {
            _ if !may(run) => false,
            Some(many) => many.until(together) <= now,
            None => cut != Some(*owner) || run.theme == Theme::Reminders,
        });
        over.map(|(owner, run)| run.tell(hub, owner)).sum()
    }

    /// When something that is kept back is to be told.
    pub(super) fn next(&self) -> Option<Instant> {
        let many = self.owners.values().filter_map(|run| run.many.as_ref());
        many.map(|many| many.until(self.together)).min()
    }
}

impl Theme {
    fn of(entry: &Entry) -> Self {
        if entry.event_type == TRIGGERED {
            Self::Reminders
        } else {
            Self::Request(Request { correlation: entry.correlation_id, at: entry.timestamp })
        }
    }
}

impl Run {
    fn is_of(&self, request: Request) -> bool {
        self.theme == Theme::Request(request)
    }

    /// Takes one more. It `goes_on` where the same request has changed much before.
    fn take(&mut self, entry: Entry, goes_on: bool, now: Instant) {
        if let Some(many) = &mut self.many {
            (many.last, many.heard) = (entry.seq, now);
            return;
        }
        self.few.push(entry);
        if goes_on || self.few.len() > MANY as usize {
            self.is_much(now);
        }
    }

    /// Whether it is some of one request, and may be all of it.
    fn is_few(&self) -> bool {
        matches!(self.theme, Theme::Request(_)) && self.many.is_none()
    }

    /// It is told as one.
    fn is_much(&mut self, now: Instant) {
        if let (Theme::Request(request), [first, ..]) = (self.theme, &self.few[..])
            && let Some(last) = self.few.last()
        {
            self.many = Some(Many {
                request,
                trace: first.trace.clone(),
                first: first.seq,
                last: last.seq,
                begun: now,
                heard: now,
            });
            self.few.clear();
        }
    }

    fn tell(self, hub: &Hub, owner: Owner) -> usize {
        if let Some(many) = self.many {
            return many.tell(hub, owner);
        }
        let both = |one: &Entry, next: &Entry| is_reminder(one) && is_reminder(next);
        self.few.chunk_by(both).map(|entries| tell(hub, owner, entries)).sum()
    }
}

impl Many {
    fn until(&self, together: Duration) -> Instant {
        (self.heard + together).min(self.begun + LONGEST)
    }

    fn tell(self, hub: &Hub, owner: Owner) -> usize {
        let Request { correlation, at } = self.request;
        let text = message::refetch(Why::Many, self.last, Some(correlation), at);
        let told = Told { first: self.first, last: self.last, what: What::Text(text) };
        follows(self.trace.as_deref(), NAME, "refetch").in_scope(|| hub.tell(owner, &told))
    }
}

/// Tells one event, or several reminders, in the trace of its request.
fn tell(hub: &Hub, owner: Owner, entries: &[Entry]) -> usize {
    let [first, ..] = entries else { return 0 };
    let last = entries.last().unwrap_or(first).seq;
    let what = if is_reminder(first) {
        What::Reminders(entries.into())
    } else {
        What::Text(message::event(first))
    };
    let told = Told { first: first.seq, last, what };
    follows(first.trace.as_deref(), NAME, &first.event_type).in_scope(|| hub.tell(owner, &told))
}

#[cfg(test)]
mod tests;
