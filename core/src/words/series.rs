//! Where a recurrence begins (W3, R1): its first date.

use chrono::{NaiveDate, NaiveTime};

use super::Every;
use super::every::Pattern;
use super::reader::Present;
use super::trouble::Trouble;
use crate::due::Due;
use crate::recurrence::{
    Basis, NewRecurrence, Next, Rule, RuleError, RuleProblem, Slot, Slots, Spawn,
};

/// Most slots that are looked at for the first.
const SLOTS_LOOKED_AT: usize = 1_000;

/// The recurrence with its first date: at the date given or the first slot after it, else from
/// today on.
pub(super) fn begin(
    pattern: &Pattern,
    given: Option<Due>,
    present: &Present,
) -> Result<Every, Trouble> {
    let start = start(pattern, given, present).ok_or(Trouble::OutOfRange)?;
    let rule = settled(pattern, start.wall_day()).checked().map_err(Trouble::Rule)?;
    // What is given, or named in the words, may lie in the past; what nobody named does not.
    let open = given.is_none() && pattern.starting.is_none();
    // "Every other monday" begins with the first of them: which weeks it leaves out is counted from
    // there, not from the day on which it was typed.
    let steps = !pattern.is_literal && !rule.is_plain();
    let looked_for = Rule { interval: if steps { 1 } else { rule.interval }, ..rule.clone() };
    let slots = Slots::from(&looked_for, start, Slot::of(start)).take(SLOTS_LOOKED_AT);
    let due = slots
        .map(|slot| (slot, if slot == Slot::of(start) { start } else { slot.due(start) }))
        // A zone may have left out a whole day.
        .filter(|(slot, due)| due.wall_day() == slot.wall().date())
        .map(|(_, due)| due)
        .find(|due| !open || matches!(due, Due::Day(_)) || !present.has_come(*due))
        .ok_or(Trouble::Never)?;
    let first = Next { slot: Slot::of(due), due, n: 1 };
    if !rule.reaches(&first) {
        return Err(if pattern.is_literal {
            let (part, why) = ("UNTIL".to_owned(), RuleProblem::EndsFirst);
            Trouble::Rule(RuleError { part, why })
        } else {
            Trouble::EndsFirst(due.wall_day())
        });
    }
    let recurrence = NewRecurrence { rule, from: pattern.from, spawn: Spawn::OnCompletion };
    Ok(Every { recurrence, due })
}

/// From where on slots are looked for.
fn start(pattern: &Pattern, given: Option<Due>, present: &Present) -> Option<Due> {
    let at = |day: NaiveDate, time: NaiveTime, zone| Due::at(day.and_time(time), zone, None);
    let found = match (pattern.starting, given) {
        (None, Some(due)) if pattern.time.is_none() => due,
        (starting, Some(Due::At { wall, zone, .. })) => {
            let day = starting.unwrap_or_else(|| wall.date());
            at(day, pattern.time.unwrap_or_else(|| wall.time()), zone)
        }
        (starting, given) => {
            let given = given.map(|due| due.wall_day());
            let day = starting.or(given).unwrap_or(present.today);
            pattern.time.map_or(Due::Day(day), |time| at(day, time, present.zone))
        }
    };
    super::calendar::in_range(found.wall_day()).map(|_| found)
}

/// The rule as it is meant from its first day on: every month on the 31st is the last day of
/// every month, for a person.
fn settled(pattern: &Pattern, day: NaiveDate) -> Rule {
    let rule = pattern.rule.clone();
    if pattern.is_literal || pattern.from == Basis::Completion {
        return rule;
    }
    rule.meant_from(day)
}
