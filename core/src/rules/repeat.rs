//! Setting and changing how a task repeats (R1, R2, R7).

use super::recur::later;
use super::world::World;
use crate::command::Scope;
use crate::due::Due;
use crate::error::{Problem, TaskError};
use crate::recurrence::{
    Basis, NewRecurrence, Next, Recurrence, Rule, RuleError, RuleProblem, Slot, Slots, series_of,
};
use crate::task::{Revision, Task};

/// Sets a recurrence on a task that is being made or changed, and moves its due date to the first
/// slot that the rule has from there on. `version` is the one it will have.
pub(super) fn set(
    world: &World<'_>,
    task: &mut Task,
    version: Revision,
    new: &NewRecurrence,
) -> Result<(), TaskError> {
    new.check()?;
    let asked = task.due_date.ok_or(TaskError::DueRequired("a recurrence"))?;
    let due = asked;
    let slot = match new.from {
        Basis::Completion => Some(Slot::of(due)),
        Basis::Schedule => Slots::from(&new.rule, due, Slot::of(due)).next(),
    };
    if !new.rule.reaches(&Next { slot: Slot::of(due), due, n: 1 }) {
        return Err(ends_first());
    }
    let never = || TaskError::RuleNeverMatches(new.rule.to_string(), due.date_text());
    let slot = slot.ok_or_else(never)?;
    // The due date's own words, where it is a slot already: they may name an offset.
    let due = if slot == Slot::of(due) { due } else { slot.due(due) };
    let NewRecurrence { rule, from, spawn } = new.clone();
    if !rule.reaches(&Next { slot, due, n: 1 }) {
        return Err(never());
    }
    let others = later(world, task);
    let holder = |other: &&Task| other.recurrence.is_some() && other.trash.is_none();
    if let Some(holder) = others.iter().find(holder) {
        // Two rules for one series, or the same thing twice a day: neither is what is meant.
        return Err(TaskError::field("recurrence", Problem::SeriesGoesOn(holder.id)));
    }
    let goes_on =
        task.series.is_some() && others.is_empty() && !goes_back((from, &rule), due, task.slot);
    // Where the clocks skip the first slot's time, later ones keep it (R8): anchored where it was
    // asked for, from which the same slots follow.
    let anchor = if goes_on || Slot::of(due) == slot { due } else { asked };
    task.due_date = Some(due);
    task.recurrence = Some(Box::new(Recurrence { rule, from, spawn, anchor, n: 1 }));
    if !goes_on {
        // It begins a series. One whose occurrences went on without this task is another.
        begin(task, version, slot);
    }
    Ok(())
}

/// Makes a task the first of a series.
fn begin(task: &mut Task, version: Revision, slot: Slot) {
    task.series = Some(series_of(task.uid, version));
    task.slot = Some(slot);
}

/// Whether a rule that counts from `anchor` on has slots that the series has behind it. Those of a
/// series only go forward (R4), and some of these may have had their occurrence (R6): what is
/// anchored so begins a series of its own, in which none is passed over. Counted from completion a
/// slot is a name, and its date is not taken from it.
fn goes_back((from, rule): (Basis, &Rule), anchor: Due, slot: Option<Slot>) -> bool {
    let next = || Slots::after(rule, anchor, Slot::of(anchor)).next();
    let behind = |slot: Slot| next().is_some_and(|next| next.wall() <= slot.wall());
    from == Basis::Schedule && slot.is_some_and(behind)
}

fn ends_first() -> TaskError {
    RuleError { part: "UNTIL".to_owned(), why: RuleProblem::EndsFirst }.into()
}

/// Another recurrence for a task that is there. When the next one is made can change alone; any
/// other change begins the rule anew from here (R7).
pub(super) fn change(
    world: &World<'_>,
    before: &Task,
    task: &mut Task,
    new: &NewRecurrence,
    scope: Option<Scope>,
) -> Result<(), TaskError> {
    match &mut task.recurrence {
        Some(old) if old.rule == new.rule && old.from == new.from => {
            new.check()?;
            old.spawn = new.spawn;
            moved(before, task, scope)
        }
        _ => set(world, task, before.version.next(), new),
    }
}

/// Whether a recurrence that was set at `asked` is what a task has: its due date is the rule's first
/// slot from there on.
pub(super) fn is_set_so(task: &Task, asked: Option<Due>) -> bool {
    let new = task.recurrence.as_ref().filter(|r| r.n == 1 && r.from == Basis::Schedule);
    new.is_some_and(|recurrence| leads_to(&recurrence.rule, asked, task.due_date))
}

/// Whether a rule that is set at `asked` begins at `due`.
fn leads_to(rule: &Rule, asked: Option<Due>, due: Option<Due>) -> bool {
    let slot = |asked| Slots::from(rule, asked, Slot::of(asked)).next();
    asked.is_some_and(|asked| slot(asked).map(|slot| slot.due(asked)) == due)
}

/// Whether a finished task has passed on a recurrence like the one that is asked for: the series
/// repeats as it should (S2). A date that the rule has moved stays as it moved it.
pub(super) fn goes_on_so(
    world: &World<'_>,
    before: &Task,
    task: &mut Task,
    new: &NewRecurrence,
) -> bool {
    let says = |other: &Task| other.recurrence.as_ref().is_some_and(|r| r.says(new));
    let finished = before.recurrence.is_none() && !before.status.is_open();
    if !finished || !later(world, before).iter().any(says) {
        return false;
    }
    if new.from == Basis::Schedule && leads_to(&new.rule, task.due_date, before.due_date) {
        task.due_date = before.due_date;
    }
    true
}

/// What a change of the due date means for the occurrences to come (R7).
pub(super) fn moved(before: &Task, task: &mut Task, scope: Option<Scope>) -> Result<(), TaskError> {
    let Some(recurrence) = &mut task.recurrence else { return Ok(()) };
    let due = task.due_date.ok_or(TaskError::DueRequired("a recurrence"))?;
    let old = before.due_date.unwrap_or(recurrence.anchor);
    if due == old {
        return Ok(());
    }
    let usual = if same_time_of_day(old, due) { Scope::This } else { Scope::Future };
    if scope.unwrap_or(usual) == Scope::Future {
        let here = Next { slot: Slot::of(due), due, n: recurrence.n };
        if !recurrence.rule.reaches(&here) {
            return Err(ends_first());
        }
        recurrence.anchor = due;
        if goes_back((recurrence.from, &recurrence.rule), due, task.slot) {
            begin(task, before.version.next(), Slot::of(due));
        }
    }
    Ok(())
}

fn same_time_of_day(one: Due, other: Due) -> bool {
    match (Slot::of(one), Slot::of(other)) {
        (Slot::Day(_), Slot::Day(_)) => true,
        (Slot::At(a), Slot::At(b)) => a.time() == b.time() && one.zone() == other.zone(),
        _ => false,
    }
}
