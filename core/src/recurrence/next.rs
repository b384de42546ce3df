//! Which slot of a series is next (R4, R5).

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Basis, End, Freq, Recurrence, Rule, Slot, Slots, Until};
use crate::due::Due;
use crate::time::{LAST_DAY, Timestamp, Zone, day_start};

/// Most slots passed over that are listed one by one.
pub const SKIPPED_LISTED: usize = 100;

/// Slots that were passed over: never without a word (R4).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    /// How many.
    pub count: u32,
    /// The first of them.
    pub first: Option<Slot>,
    /// The last of them.
    pub last: Option<Slot>,
    /// The first hundred of them.
    pub slots: Vec<Slot>,
}

impl Skipped {
    fn add(&mut self, slot: Slot) {
        self.count = self.count.saturating_add(1);
        self.first = self.first.or(Some(slot));
        self.last = Some(slot);
        if self.slots.len() < SKIPPED_LISTED {
            self.slots.push(slot);
        }
    }
}

/// An occurrence that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its place in the series.
    pub slot: Slot,
    /// When it is due.
    pub due: Due,
    /// Its number.
    pub n: u32,
}

/// The occurrence after the one at `position`, if the series has one, and what is passed over.
///
/// `now` is when that one is finished, `zone` the asker's, for days that have no zone. `taken`
/// says of a slot whether its occurrence has been finished already.
pub fn next(
    recurrence: &Recurrence,
    position: Slot,
    now: Timestamp,
    zone: Zone,
    taken: impl Fn(Slot) -> bool,
) -> (Option<Next>, Skipped) {
    match recurrence.from {
        Basis::Schedule => by_schedule(recurrence, position, now, zone, taken),
        Basis::Completion => {
            (by_completion(recurrence, position, now, zone, taken), Skipped::default())
        }
    }
}

fn by_schedule(
    recurrence: &Recurrence,
    position: Slot,
    now: Timestamp,
    zone: Zone,
    taken: impl Fn(Slot) -> bool,
) -> (Option<Next>, Skipped) {
    let mut skipped = Skipped::default();
    for next in coming(recurrence, position) {
        let passed = match next.due {
            Due::Day(_) => next.due.passes(zone) <= now,
            Due::At { .. } => next.due.starts(zone) <= now,
        };
        if taken(next.slot) {
            continue;
        }
        if !passed {
            return (Some(next), skipped);
        }
        skipped.add(next.slot);
    }
    (None, skipped)
}

impl Rule {
    /// Whether a series of this rule has not ended before an occurrence.
    pub fn reaches(&self, next: &Next) -> bool {
        is_within(self.end, next)
    }
}

/// The occurrences after the one at `position`, whatever the time is.
pub fn coming(recurrence: &Recurrence, position: Slot) -> impl Iterator<Item = Next> + use<> {
    let Recurrence { rule, anchor, n, .. } = recurrence;
    let (anchor, end, mut n) = (*anchor, rule.end, *n);
    // A day has no instant that a slot of a series that got a time could be at again.
    let at = |due: Due| matches!(due, Due::At { .. }).then(|| instant(due));
    let slots = Slots::after(rule, anchor, position);
    slots
        // Where a zone left out a whole day, two walls are one instant: it counts once.
        .scan(at(position.due(anchor)), move |before, slot| {
            let due = slot.due(anchor);
            let same = at(due).is_some() && at(due) == *before;
            *before = at(due);
            Some((slot, due, same))
        })
        .map(move |(slot, due, same)| {
            n = n.saturating_add(1);
            (Next { slot, due, n }, same)
        })
        .take_while(move |(next, _)| is_within(end, next))
        .filter_map(|(next, same)| (!same).then_some(next))
}

fn instant(due: Due) -> Timestamp {
    due.starts(due.zone().unwrap_or(Zone::UTC))
}

/// Whether a series that ends so still has an occurrence.
fn is_within(end: End, next: &Next) -> bool {
    match end {
        End::Never => true,
        End::Count(count) => next.n <= u32::from(count),
        End::Until(Until::Day(day)) => next.slot.wall().date() <= day,
        End::Until(Until::Wall(wall)) => match next.slot {
            Slot::Day(day) => day <= wall.date(),
            Slot::At(at) => at <= wall,
        },
        End::Until(Until::Utc(utc)) => match next.due {
            Due::Day(day) => day <= utc.date(),
            Due::At { .. } => instant(next.due) <= Timestamp::from_utc(utc.and_utc()),
        },
    }
}

fn by_completion(
    recurrence: &Recurrence,
    position: Slot,
    now: Timestamp,
    zone: Zone,
    taken: impl Fn(Slot) -> bool,
) -> Option<Next> {
    let anchor = recurrence.anchor;
    let done = now.day(anchor.zone().unwrap_or(zone));
    let day = plus(&recurrence.rule, done).filter(|day| *day <= LAST_DAY)?;
    let mut slot = at_time_of(anchor, day);
    let next = Next { slot, due: slot.due(anchor), n: recurrence.n.saturating_add(1) };
    if !is_within(recurrence.rule.end, &next) {
        return None;
    }
    // Done early, the date counted from today may be one that the series has had. The slot is the
    // occurrence's name, which nobody else may have; it is due when it should be.
    if slot <= position {
        slot = after(position)?;
    }
    while taken(slot) {
        slot = after(slot)?;
    }
    Some(Next { slot, ..next })
}

fn after(position: Slot) -> Option<Slot> {
    let day = |day: NaiveDate| day.succ_opt().filter(|day| *day <= LAST_DAY);
    Some(match position {
        Slot::Day(last) => Slot::Day(day(last)?),
        Slot::At(wall) => Slot::At(day(wall.date())?.and_time(wall.time())),
    })
}

fn at_time_of(anchor: Due, day: NaiveDate) -> Slot {
    match Slot::of(anchor) {
        Slot::Day(_) => Slot::Day(day),
        Slot::At(wall) => Slot::At(day.and_time(wall.time())),
    }
}

/// One interval later by the calendar: a month without that day gives its last.
fn plus(rule: &Rule, day: NaiveDate) -> Option<NaiveDate> {
    let interval = u32::from(rule.interval);
    match rule.freq {
        Freq::Daily => day.checked_add_days(Days::new(interval.into())),
        Freq::Weekly => day.checked_add_days(Days::new(u64::from(interval) * 7)),
        Freq::Monthly => day.checked_add_months(Months::new(interval)),
        Freq::Yearly => day.checked_add_months(Months::new(interval * 12)),
    }
}

/// The newest occurrence whose slot has come (`spawn: on_schedule`), and the earlier ones that are
/// passed over for it.
pub fn newest_come(
    recurrence: &Recurrence,
    position: Slot,
    now: Timestamp,
    zone: Zone,
) -> Option<(Next, Skipped)> {
    let has_come = |next: &Next| match next.due {
        Due::Day(day) => day_start(day, zone) <= now,
        Due::At { .. } => instant(next.due) <= now,
    };
    let mut skipped = Skipped::default();
    let mut newest: Option<Next> = None;
    for next in coming(recurrence, position).take_while(has_come) {
        if let Some(passed) = newest.replace(next) {
            skipped.add(passed.slot);
        }
    }
    newest.map(|newest| (newest, skipped))
}

/// How many occurrences further a later slot is.
pub fn between(recurrence: &Recurrence, position: Slot, later: Slot) -> u32 {
    match recurrence.from {
        Basis::Completion => 1,
        Basis::Schedule => {
            let slots = Slots::after(&recurrence.rule, recurrence.anchor, position);
            let passed = slots.take_while(|slot| slot.wall() <= later.wall()).count();
            u32::try_from(passed).unwrap_or(u32::MAX)
        }
    }
}
