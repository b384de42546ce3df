//! How a `VTODO` repeats.
//!
//! Our rules count due dates, from an anchor; iCalendar's count `DTSTART`s, and a `VTODO` that
//! repeats must have one. Apple writes the due date twice, Tasks.org and Nextcloud move both when
//! one occurrence is done. So do we: `DTSTART` is the place in the series, which is the due date
//! unless that was moved alone, and a start date goes beside it. `COUNT` is what is left, this
//! occurrence included, as in the programs that move one task on; the rule as a whole, its anchor
//! and this occurrence's number are parameters, and go when another program writes a new rule.

use std::fmt::Write as _;

use super::fold::quoted;
use super::notes::{our_param, ours};
use super::property::{Component, Property};
use crate::due::Due;
use crate::interchange::fit::Fit;
use crate::recurrence::{Basis, End, NewRecurrence, Recurrence, Rule, Spawn, Until};
use crate::task::Task;
use crate::time::{day_end, localise};

/// The rule of a component. What is not a rule here goes into `lines`, which become part of the
/// description.
pub(super) fn read(
    component: &Component,
    due: Option<Due>,
    lines: &mut Vec<String>,
    fit: &mut Fit<'_, '_>,
) -> Option<Box<Recurrence>> {
    for name in ["RDATE", "EXDATE", "EXRULE"] {
        if component.all(name).any(|property| !property.value().trim().is_empty()) {
            fit.lose(name, "dates beside the rule have no home here; they are left out");
        }
    }
    let (due, property, rule) = match rule(component, due) {
        Ok(found) => found?,
        Err(fate) => {
            fit.lose("RRULE", fate);
            let rules = component.all("RRULE");
            lines.extend(rules.map(|rule| format!("RRULE: {}", rule.value().trim())));
            return None;
        }
    };
    let whole = whole(property, due, rule, fit);
    let new = NewRecurrence {
        rule: whole.rule,
        from: ours(component, "X-TODO-FROM", fit).unwrap_or(Basis::Schedule),
        spawn: ours(component, "X-TODO-SPAWN", fit).unwrap_or(Spawn::OnCompletion),
    };
    let NewRecurrence { rule, from, spawn } = if new.check().is_ok() {
        new
    } else {
        fit.lose("X-TODO-FROM", "does not go with the rule; it goes by the calendar");
        NewRecurrence::new(new.rule)
    };
    if whole.anchor.is_none() && starts_elsewhere(component) {
        fit.lose("RRULE", "counts from DTSTART there, and from the due date here");
    }
    let anchor = whole.anchor.unwrap_or(due);
    Some(Box::new(Recurrence { rule, from, spawn, anchor, n: whole.n }))
}

/// A rule as it was before it was written from one occurrence on.
struct Whole {
    rule: Rule,
    anchor: Option<Due>,
    n: u32,
}

/// What the parameters say, as long as the rule beside them is the one that is written of that; else
/// somebody has written a new rule, which begins with this occurrence.
fn whole(property: &Property, due: Due, visible: Rule, fit: &mut Fit<'_, '_>) -> Whole {
    let rule = our_param(property, "X-TODO-RULE", fit).unwrap_or_else(|| visible.clone());
    let anchor = our_param(property, "X-TODO-ANCHOR", fit);
    let n = our_param(property, "X-TODO-N", fit).filter(|n| *n > 0).unwrap_or(1);
    let left = Rule { end: end(rule.end, anchor.unwrap_or(due), n), ..rule.clone() };
    // Of two ways to write one rule, neither is new.
    if left == visible || left.to_string() == visible.to_string() {
        return Whole { rule, anchor, n };
    }
    fit.lose("RRULE", "is not the rule that this program wrote; it begins with this occurrence");
    Whole { rule: visible, anchor: None, n: 1 }
}

/// What a series is made of, if it is there and has a home here; else what becomes of it.
fn rule(
    component: &Component,
    due: Option<Due>,
) -> Result<Option<(Due, &Property, Rule)>, &'static str> {
    let mut rules = component.all("RRULE");
    let Some(property) = rules.next() else { return Ok(None) };
    if rules.next().is_some() {
        return Err("several rules stand in the description; the task comes once");
    }
    let due = due.ok_or("needs a due date; the rule stands in the description")?;
    let rule = property.value().trim().parse().map_err(|_| {
        "not a rule that tasks repeat by here; it stands in the description, the task comes once"
    })?;
    Ok(Some((due, property, rule)))
}

/// Whether a program means its rule to give start dates that are not the due dates.
fn starts_elsewhere(component: &Component) -> bool {
    let value = |name| component.one(name).map(Property::value);
    let start = component.one("DTSTART").filter(|start| start.param("X-TODO-START").is_none());
    match (start, value("DUE")) {
        (Some(start), Some(due)) => start.value() != due,
        (Some(_), None) => component.one("DURATION").is_some(),
        (None, _) => false,
    }
}

/// Where iCalendar counts the rule of a task from.
pub(super) fn start(task: &Task) -> Option<Due> {
    let (due, recurrence) = (task.due_date?, task.recurrence.as_deref()?);
    let slot = recurrence.position(task.slot).due(recurrence.anchor);
    let alike = slot.zone().is_some() == due.zone().is_some();
    let zone = due.zone().unwrap_or(crate::time::Zone::UTC);
    Some(if alike && slot.starts(zone) <= due.starts(zone) { slot } else { due })
}

/// `RRULE` with its parameters, and its value.
pub(super) fn write(recurrence: &Recurrence, due: Due) -> (String, String) {
    let Recurrence { rule, anchor, n, .. } = recurrence;
    let value = Rule { end: end(rule.end, *anchor, *n), ..rule.clone() }.to_string();
    let mut name = "RRULE".to_owned();
    let mut add = |param: &str, value: String| {
        // Writing to a text does not fail.
        let _ = write!(name, ";X-TODO-{param}={}", quoted(&value));
    };
    if value != rule.to_string() {
        add("RULE", rule.to_string());
    }
    if *anchor != due {
        add("ANCHOR", anchor.to_string());
    }
    if *n != 1 {
        add("N", n.to_string());
    }
    (name, value)
}

/// The end as it looks from this occurrence, of the kind that `DTSTART` is of.
fn end(end: End, anchor: Due, n: u32) -> End {
    match (end, anchor.zone()) {
        (End::Never, _) => End::Never,
        (End::Count(count), _) => {
            let passed = u16::try_from(n.saturating_sub(1)).unwrap_or(u16::MAX);
            End::Count(count.saturating_sub(passed).max(1))
        }
        (End::Until(until), None) => End::Until(Until::Day(until.day())),
        (End::Until(until), Some(zone)) => {
            let utc = match until {
                Until::Utc(at) => at,
                Until::Wall(wall) => localise(wall, zone, None).instant.utc().naive_utc(),
                Until::Day(day) => day_end(day, zone).plus_millis(-1000).utc().naive_utc(),
            };
            End::Until(Until::Utc(utc))
        }
    }
}
