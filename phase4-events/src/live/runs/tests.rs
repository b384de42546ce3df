//! Parts of the log, as they may come.

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

/// The same at another moment.
fn made_at(millis: i64, seqs: std::ops::RangeInclusive<u64>) -> Vec<Entry> {
    let at = Timestamp::from_millis(millis);
    made(ANN, 1, seqs).into_iter().map(|entry| Entry { timestamp: at, ..entry }).collect()
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
        self.deal_knowing(millis, entries, more, &[]);
    }

    /// The same where the history says of these owners that what they did is much.
    fn deal_knowing(&mut self, millis: u64, entries: Vec<Entry>, more: bool, much: &[Owner]) {
        let now = self.begun + Duration::from_millis(millis);
        let slow = self.runs.take(&self.hub, entries, more, now);
        self.runs.are_much(much, now);
        assert_eq!(slow + self.runs.tell(&self.hub, now), 0);
    }

    fn next(&self) -> Option<u128> {
        self.runs.next().map(|next| (next - self.begun).as_millis())
    }
}

/// What somebody was told by now: what kind, and up to which number.
fn told(seat: &mut Seat) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    while let Some(Ok(told)) = seat.next().now_or_never() {
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

/// SPEC 9: however little of it has come.
#[test]
fn what_is_going_to_be_much_is_told_as_one() {
    let mut table = Table::new();
    table.deal_knowing(0, made(ANN, 1, 1..=1), false, &[ANN]);
    assert_eq!((told(&mut table.ann), table.next()), (Vec::new(), Some(250)));
    table.deal(1, made(BOB, 7, 1..=1), false);
    assert_eq!(told(&mut table.bob), one("task.created", 1));
    table.deal(2, made(ANN, 1, 2..=250), false);
    table.deal(252, Vec::new(), false);
    assert_eq!(told(&mut table.ann), one("refetch", 250));
}

/// What is told as it is, whatever the history says, does not wait until it has said it.
#[test]
fn what_the_history_is_not_asked_of_does_not_wait_for_its_answer() {
    let mut table = Table::new();
    let (hub, now) = (Arc::clone(&table.hub), table.begun);
    let mut entries = made(ANN, 1, 1..=101);
    entries.push(entry(BOB, 1, 2, TRIGGERED));
    table.runs.take(&hub, entries, false, now);
    let later = now + TOGETHER;
    assert_eq!(table.runs.tell_certain(&hub, later), 0);
    assert_eq!(told(&mut table.bob), one("1 reminders", 1));
    assert_eq!(told(&mut table.ann), one("refetch", 101));
    table.runs.take(&hub, made(BOB, 3, 2..=2), false, later);
    assert_eq!(table.runs.tell_certain(&hub, later), 0);
    assert_eq!((told(&mut table.bob), table.runs.begun()), (Vec::new(), vec![(BOB, Seq(2))]));
    assert_eq!(table.runs.tell(&hub, later), 0);
    assert_eq!(told(&mut table.bob), one("task.created", 2));
}

/// The history is asked of what is told one by one, and of nothing else.
#[test]
fn it_is_asked_whether_more_of_it_will_come() {
    let mut table = Table::new();
    let (hub, now) = (Arc::clone(&table.hub), table.begun);
    let mut entries = made(ANN, 1, 1..=1);
    entries.extend(made(ANN, 2, 2..=3));
    entries.extend(made(BOB, 3, 1..=1));
    table.runs.take(&hub, entries.clone(), false, now);
    let mut begun = table.runs.begun();
    begun.sort_unstable();
    assert_eq!(begun, [(ANN, Seq(2)), (BOB, Seq(1))]);
    table.runs.tell(&hub, now);
    assert_eq!(table.runs.begun(), [], "they are told");
    // What is cut is asked of when the rest was read.
    table.runs.take(&hub, made(ANN, 4, 4..=4), true, now);
    assert_eq!(table.runs.begun(), []);
    table.runs.tell(&hub, now);
    table.runs.take(&hub, made(ANN, 4, 5..=5), false, now);
    assert_eq!(table.runs.begun(), [(ANN, Seq(4))]);
    table.runs.take(&hub, made(ANN, 4, 6..=105), false, now);
    assert_eq!(table.runs.begun(), [], "it is much");
    table.runs.take(&hub, vec![entry(BOB, 2, 5, TRIGGERED)], false, now);
    assert_eq!(table.runs.begun(), [], "each is told");
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

/// The correlation is the client's, who may give the same to all requests: one request has one time.
#[test]
fn requests_of_one_correlation_are_not_one() {
    let mut table = Table::new();
    // However many are read at once.
    let requests = (1..=150_u32).map(|at| made_at(at.into(), at.into()..=at.into()));
    table.deal(0, requests.flatten().collect(), false);
    assert_eq!((told(&mut table.ann).len(), table.next()), (150, None));
    // Nor what follows one that was much.
    table.deal(1, made_at(151, 151..=251), false);
    table.deal(251, Vec::new(), false);
    assert_eq!(told(&mut table.ann), one("refetch", 251));
    table.deal(300, made_at(152, 252..=252), false);
    assert_eq!((told(&mut table.ann), table.next()), (one("task.created", 252), None));
    // The rest of that one still is.
    table.deal(400, made_at(151, 253..=253), false);
    assert_eq!((told(&mut table.ann), table.next()), (Vec::new(), Some(650)));
    table.deal(650, Vec::new(), false);
    assert_eq!(told(&mut table.ann), one("refetch", 253));
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
