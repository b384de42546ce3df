//! What one request has changed, told one by one or, where it is much, as one.
//!
//! A request's events stand in the log one after another, as far as its owner's go; but the log grows by
//! parts, and is read by parts. So what may go on is kept back for a while: what is much until nothing
//! more of it came, and what the last part may have cut until the next is read, which is at once.

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
const MANY: usize = 100;
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
    much: HashMap<Owner, (Uuid, Instant)>,
}

/// What events are told together for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    Reminders,
    Request(Uuid),
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
    correlation: Uuid,
    /// The trace of the request.
    trace: Option<String>,
    first: Seq,
    last: Seq,
    at: Timestamp,
    begun: Instant,
    heard: Instant,
}

impl Runs {
    pub(super) fn new(together: Duration) -> Self {
        Self { together, owners: HashMap::new(), much: HashMap::new() }
    }

    /// Tells what is in the log, each owner's in its order; answers how many sockets were too slow. `more`
    /// follows at once.
    pub(super) fn deal(
        &mut self,
        hub: &Hub,
        entries: Vec<Entry>,
        more: bool,
        now: Instant,
    ) -> usize {
        // The part ends with an event of this owner, of whose request there may be more.
        let cut = entries.last().map(|entry| entry.owner).filter(|_| more);
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
                self.much.insert(owner, (many.correlation, now));
            }
        }
        self.much.retain(|_, (_, heard)| now.duration_since(*heard) < REMEMBERED);
        let together = self.together;
        let over = self.owners.extract_if(|owner, run| match &run.many {
            Some(many) => many.until(together) <= now,
            None => cut != Some(*owner) || run.theme == Theme::Reminders,
        });
        for (owner, run) in over {
            slow += run.tell(hub, owner);
        }
        slow
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
            Self::Request(entry.correlation_id)
        }
    }
}

impl Run {
    fn is_of(&self, correlation: Uuid) -> bool {
        self.theme == Theme::Request(correlation)
    }

    /// Takes one more. It `goes_on` where the same request has changed much before.
    fn take(&mut self, entry: Entry, goes_on: bool, now: Instant) {
        if let Some(many) = &mut self.many {
            (many.last, many.at, many.heard) = (entry.seq, entry.timestamp, now);
            return;
        }
        self.few.push(entry);
        if let (Theme::Request(correlation), [first, ..]) = (self.theme, &self.few[..])
            && let Some(last) = self.few.last()
            && (goes_on || self.few.len() > MANY)
        {
            self.many = Some(Many {
                correlation,
                trace: first.trace.clone(),
                first: first.seq,
                last: last.seq,
                at: last.timestamp,
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
        let text = message::refetch(Why::Many, self.last, Some(self.correlation), self.at);
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
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;
    use serde_json::Value;
    use todo_core::event::event_id;

    use super::*;
    use crate::live::hub::Seat;

    const ANN: Owner = Owner(Uuid::from_u128(1));
    const BOB: Owner = Owner(Uuid::from_u128(2));
    const TOGETHER: Duration = Duration::from_millis(250);

    fn entry(owner: Owner, seq: u64, request: u128, event_type: &str) -> Entry {
        Entry {
            position: None,
            event_id: event_id(owner, Seq(seq)),
            seq: Seq(seq),
            event_type: event_type.to_owned(),
            schema_version: 1,
            owner,
            actor_kind: "user".to_owned(),
            actor_id: owner.0,
            aggregate_type: "task".to_owned(),
            aggregate_id: Uuid::from_u128(seq.into()),
            aggregate_version: 1,
            timestamp: Timestamp::from_millis(0),
            correlation_id: Uuid::from_u128(request),
            causation_id: None,
            data: None,
            trace: None,
            address: None,
            damage: None,
            again: false,
        }
    }

    /// What a request has made, from one number to another.
    fn made(owner: Owner, request: u128, seqs: std::ops::RangeInclusive<u64>) -> Vec<Entry> {
        seqs.map(|seq| entry(owner, seq, request, "task.created")).collect()
    }

    struct Table {
        hub: Arc<Hub>,
        runs: Runs,
        begun: Instant,
        ann: Seat,
        bob: Seat,
    }

    impl Table {
        fn new() -> Self {
            let hub = Arc::new(Hub::new(1_000, 1_000_000, 1));
            let (ann, bob) = (hub.listen(ANN), hub.listen(BOB));
            let (Some(ann), Some(bob)) = (ann, bob) else { panic!("they may listen") };
            Self { hub, runs: Runs::new(TOGETHER), begun: Instant::now(), ann, bob }
        }

        /// Deals out what is read so many milliseconds after the beginning.
        fn deal(&mut self, millis: u64, entries: Vec<Entry>, more: bool) {
            let now = self.begun + Duration::from_millis(millis);
            assert_eq!(self.runs.deal(&self.hub, entries, more, now), 0);
        }

        fn next(&self) -> Option<u128> {
            self.runs.next().map(|next| (next - self.begun).as_millis())
        }
    }

    /// What somebody was told by now: what kind, and up to which number.
    fn told(seat: &mut Seat) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        while let Some(told) = seat.next().now_or_never().flatten() {
            let kind = match &told.what {
                What::Text(text) => {
                    let message: Value = serde_json::from_str(text).expect("JSON");
                    assert_eq!(message["seq"], told.last.0);
                    message["type"].as_str().expect("a type").to_owned()
                }
                What::Reminders(entries) => format!("{} reminders", entries.len()),
                What::Look => "look".to_owned(),
            };
            all.push((kind, told.last.0));
        }
        all
    }

    fn one(kind: &str, seq: u64) -> Vec<(String, u64)> {
        vec![(kind.to_owned(), seq)]
    }

    /// SPEC 9: an import is one `refetch`, by however many parts it comes, and holds nobody else up.
    #[test]
    fn what_is_much_is_told_once_when_no_more_of_it_comes() {
        let mut table = Table::new();
        table.deal(0, made(ANN, 1, 1..=250), true);
        table.deal(1, made(ANN, 1, 251..=300), false);
        table.deal(200, made(ANN, 1, 301..=301), false);
        let mut others = made(ANN, 1, 302..=400);
        others.insert(50, entry(BOB, 1, 7, "task.created"));
        table.deal(400, others, false);
        assert_eq!(told(&mut table.bob), one("task.created", 1));
        table.deal(649, Vec::new(), false);
        assert_eq!((told(&mut table.ann), table.next()), (Vec::new(), Some(650)));
        table.deal(650, Vec::new(), false);
        assert_eq!((told(&mut table.ann), table.next()), (one("refetch", 400), None));
    }

    /// However late the rest of it comes, and whatever came in between.
    #[test]
    fn what_was_much_stays_much() {
        let mut table = Table::new();
        table.deal(0, made(ANN, 1, 1..=250), false);
        table.deal(250, Vec::new(), false);
        assert_eq!(told(&mut table.ann), one("refetch", 250));
        table.deal(900, vec![entry(ANN, 251, 9, TRIGGERED)], false);
        assert_eq!(told(&mut table.ann), one("1 reminders", 251));
        table.deal(30_000, made(ANN, 1, 252..=252), false);
        table.deal(30_001, made(ANN, 1, 253..=301), false);
        assert_eq!((told(&mut table.ann), table.next()), (Vec::new(), Some(30_251)));
        table.deal(30_251, Vec::new(), false);
        assert_eq!(told(&mut table.ann), one("refetch", 301));
        // Another request is not.
        table.deal(30_300, made(ANN, 2, 302..=302), false);
        assert_eq!(told(&mut table.ann), one("task.created", 302));
    }

    /// Its owner's later events do not overtake it, nor wait for it.
    #[test]
    fn what_its_owner_does_next_is_told_behind_it_at_once() {
        let mut table = Table::new();
        table.deal(0, made(ANN, 1, 1..=250), true);
        let mut rest = made(ANN, 1, 251..=260);
        rest.extend(made(ANN, 2, 261..=261));
        rest.extend((262..=263).map(|seq| entry(ANN, seq, 3, TRIGGERED)));
        table.deal(1, rest, false);
        let all = [("refetch", 260), ("task.created", 261), ("2 reminders", 263)];
        assert_eq!(told(&mut table.ann), all.map(|(kind, seq)| (kind.to_owned(), seq)));
    }

    #[test]
    fn what_does_not_end_is_told_now_and_then() {
        let mut table = Table::new();
        for at in 0..50 {
            table.deal(at * 100, made(ANN, 1, at * 200 + 1..=at * 200 + 200), false);
            assert_eq!(
                (told(&mut table.ann), table.next()),
                (Vec::new(), Some(5_000.min(u128::from(at) * 100 + 250)))
            );
        }
        table.deal(5_000, made(ANN, 1, 10_001..=10_001), false);
        assert_eq!(told(&mut table.ann), one("refetch", 10_001));
    }

    /// As many as may be are told one by one, wherever they are cut, and without delay.
    #[test]
    fn what_is_not_much_is_told_one_by_one() {
        let mut table = Table::new();
        table.deal(0, made(ANN, 1, 1..=99), true);
        assert_eq!(told(&mut table.ann), Vec::new());
        table.deal(0, made(ANN, 1, 100..=100), false);
        assert_eq!((told(&mut table.ann).len(), table.next()), (100, None));
        // Cut, and much.
        table.deal(0, made(ANN, 2, 101..=150), true);
        table.deal(0, made(ANN, 2, 151..=201), false);
        assert_eq!(told(&mut table.ann), Vec::new());
        table.deal(250, Vec::new(), false);
        assert_eq!(told(&mut table.ann), one("refetch", 201));
        // Only what was cut waits.
        let mut both = made(ANN, 3, 202..=202);
        both.extend(made(BOB, 4, 1..=1));
        table.deal(300, both, true);
        assert_eq!(
            (told(&mut table.ann), told(&mut table.bob)),
            (one("task.created", 202), Vec::new())
        );
    }

    /// Nobody is to miss what a reminder says: however many there are, they are told.
    #[test]
    fn reminders_are_never_told_as_one() {
        let mut table = Table::new();
        table.deal(0, (1..=250).map(|seq| entry(ANN, seq, 1, TRIGGERED)).collect(), true);
        table.deal(0, (251..=300).map(|seq| entry(ANN, seq, 1, TRIGGERED)).collect(), false);
        let all = [("250 reminders", 250), ("50 reminders", 300)];
        assert_eq!(told(&mut table.ann), all.map(|(kind, seq)| (kind.to_owned(), seq)));
        assert_eq!(table.next(), None);
    }
}
