//! How a line says that its task repeats.
//!
//! `rec:` is what todo.txt programs understand: `rec:+1w` by schedule, `rec:1w` from completion, with
//! d, b (business days), w, m and y. What it cannot say stands in `rrule:`, and what a rule alone does
//! not say (which series, which of its dates) in `series:`, only where it is not what goes without
//! saying.

use std::fmt::Write as _;

use uuid::Uuid;

use super::keys::{compact, spread};
use crate::due::Due;
use crate::recurrence::{Basis, Freq, Recurrence, Rule, Slot, Spawn, series_of};
use crate::task::{Revision, Task};
use crate::words::{self, Asking};

/// Reads `+1w`; nothing if that is no recurrence here.
pub(super) fn rec(text: &str, due: Due, asking: &Asking) -> Option<Recurrence> {
    let (from, text) = match text.strip_prefix('+') {
        Some(rest) => (Basis::Schedule, rest),
        None => (Basis::Completion, text),
    };
    let unit = text.chars().next_back()?;
    let count: u16 = text.strip_suffix(unit)?.parse().ok()?;
    let freq = match unit {
        'd' => Freq::Daily,
        'w' => Freq::Weekly,
        'm' => Freq::Monthly,
        'y' => Freq::Yearly,
        // After one business day is on the next of them, whenever it is done; to more, no rule leads.
        'b' if count == 1 => {
            let rule = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".parse().ok()?;
            return Some(begun(rule, Basis::Schedule, due));
        }
        _ => return None,
    };
    let rule = Rule::every(count, freq).checked().ok()?;
    if from == Basis::Completion {
        return Some(begun(rule, from, due));
    }
    // By schedule, a month after the 31st means what it means in words: the last day.
    let unit = match freq {
        Freq::Daily => "days",
        Freq::Weekly => "weeks",
        Freq::Monthly => "months",
        Freq::Yearly => "years",
    };
    let meant = words::every(&format!("every {count} {unit}"), asking, Some(due)).ok()?;
    Some(begun(meant.recurrence.rule, from, due))
}

/// A recurrence that begins with its due date.
pub(super) fn begun(rule: Rule, from: Basis, due: Due) -> Recurrence {
    Recurrence { rule, from, spawn: Spawn::OnCompletion, anchor: due, n: 1 }
}

/// The key that says a task's rule.
pub(super) fn key_of(recurrence: &Recurrence, due: Due, asking: &Asking) -> String {
    let Recurrence { rule, from, .. } = recurrence;
    let unit = match rule.freq {
        Freq::Daily => 'd',
        Freq::Weekly => 'w',
        Freq::Monthly => 'm',
        Freq::Yearly => 'y',
    };
    let sign = if *from == Basis::Schedule { "+" } else { "" };
    let short = [format!("{sign}{}{unit}", rule.interval), "+1b".to_owned()];
    let fits = |text: &&String| {
        rec(text, due, asking).is_some_and(|read| (&read.rule, &read.from) == (rule, from))
    };
    match short.iter().find(fits) {
        Some(text) => format!("rec:{text}"),
        None => format!("rrule:{rule}"),
    }
}

/// What a line says of the series.
#[derive(Debug, Default)]
pub(super) struct Said {
    series: Option<Uuid>,
    slot: Option<Slot>,
    anchor: Option<Due>,
    n: Option<u32>,
    from: Option<Basis>,
    spawn: Option<Spawn>,
}

impl Said {
    /// Reads the value of `series:`; nothing if any part of it is unknown.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut said = Self::default();
        for part in text.split(',') {
            match part.split_once('=') {
                None => said.series = Some(part.parse().ok()?),
                Some(("slot", slot)) => said.slot = Some(spread(slot).parse().ok()?),
                Some(("anchor", due)) => said.anchor = Some(spread(due).parse().ok()?),
                Some(("n", n)) => said.n = Some(n.parse().ok()?),
                Some(("from", from)) => said.from = Some(from.parse().ok()?),
                Some(("spawn", spawn)) => said.spawn = Some(spawn.parse().ok()?),
                Some(_) => return None,
            }
        }
        Some(said)
    }

    /// Gives a task what was said, beside its rule.
    pub(super) fn apply(self, task: &mut Task) {
        (task.series, task.slot) = (self.series, self.slot);
        if let Some(recurrence) = task.recurrence.as_deref_mut() {
            recurrence.anchor = self.anchor.unwrap_or(recurrence.anchor);
            recurrence.n = self.n.unwrap_or(recurrence.n);
            recurrence.from = self.from.unwrap_or(recurrence.from);
            recurrence.spawn = self.spawn.unwrap_or(recurrence.spawn);
        }
        if task.series.is_some() && task.slot.is_none() {
            task.slot = task.due_date.map(Slot::of);
        }
    }
}

/// The value of `series:`, if there is anything to say.
pub(super) fn series(task: &Task, asking: &Asking) -> Option<String> {
    let mut said = String::new();
    let due = task.due_date;
    let begins = series_of(task.uid, Revision::FIRST);
    if let Some(series) = task.series
        && (task.recurrence.is_none() || series != begins)
    {
        said = series.to_string();
    }
    if let Some(slot) = task.slot.filter(|slot| due.map(Slot::of) != Some(*slot)) {
        let _ = write!(said, ",slot={}", compact(slot));
    }
    if let Some((recurrence, due)) = task.recurrence.as_deref().zip(due) {
        let Recurrence { anchor, n, from, spawn, .. } = recurrence;
        if *anchor != due {
            let _ = write!(said, ",anchor={}", compact(anchor));
        }
        if *n != 1 {
            let _ = write!(said, ",n={n}");
        }
        if *from == Basis::Completion && key_of(recurrence, due, asking).starts_with("rrule") {
            let _ = write!(said, ",from={from}");
        }
        if *spawn == Spawn::OnSchedule {
            let _ = write!(said, ",spawn={spawn}");
        }
    }
    let said = said.trim_start_matches(',');
    (!said.is_empty()).then(|| said.to_owned())
}
