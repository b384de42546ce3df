//! A row on a surface.

use std::collections::BTreeMap;

use serde_json::Value;
use todo_core::Timestamp;

use super::call::{Answer, Call};
use super::compare;
use super::row::{Row, Step};
use super::signs::{self, Named};
use crate::surfaces::asked::{How, Question, Ref, Verb};
use crate::surfaces::told::{Page, Refusal, Seen};
use crate::surfaces::{Surface, Told};

/// Plays a row and answers everything that went otherwise than it says. After the first step that
/// did, the rest would only repeat it.
pub fn play(surface: &mut dyn Surface, row: &Row) -> Vec<String> {
    let mut stage = Stage {
        surface,
        now: row.now,
        zone: row.zone,
        uids: BTreeMap::new(),
        series: BTreeMap::new(),
        saved: BTreeMap::new(),
        cursors: BTreeMap::new(),
    };
    if let Err(refusal) = stage.prepare(row) {
        return vec![format!("  what is given was refused: {refusal:?}")];
    }
    for (at, step) in row.steps.iter().enumerate() {
        let faults = stage.step(step);
        if !faults.is_empty() {
            let mut told = vec![format!("  step {} {}", at + 1, step.call)];
            told.extend(faults.into_iter().map(|fault| format!("    {fault}")));
            return told;
        }
    }
    Vec::new()
}

/// Everything there is to see of the tasks: to tell that nothing changed.
pub fn everything(surface: &mut dyn Surface) -> Told<Vec<Seen>> {
    let mut all = surface.list(&Question::everything())?;
    all.extend(surface.list(&Question::trash())?);
    Ok(all)
}

struct Stage<'s> {
    surface: &'s mut dyn Surface,
    now: Timestamp,
    zone: todo_core::Zone,
    /// By number, as the surface has told them.
    uids: BTreeMap<u64, String>,
    series: BTreeMap<u64, String>,
    saved: BTreeMap<String, u64>,
    cursors: BTreeMap<String, String>,
}

impl Stage<'_> {
    /// Makes what is given with the same calls that the steps use, so that any surface can. First
    /// all are added; then, children before their parents, they are brought to their status.
    fn prepare(&mut self, row: &Row) -> Result<(), Refusal> {
        let how = How::default();
        for given in &row.given {
            self.surface.travel(given.at.unwrap_or(row.now), row.zone);
            let done = self.surface.add(&given.draft, &how)?;
            self.learn(&Answer::Done(done));
        }
        for (at, given) in row.given.iter().enumerate().rev() {
            let tasks = Ref::from(at as u64 + 1).into();
            self.surface.travel(given.at.unwrap_or(row.now), row.zone);
            let verb = match given.status.as_deref() {
                None | Some("pending") => None,
                Some("in_progress") => Some(Verb::Start),
                Some("completed") => Some(Verb::Complete),
                Some("cancelled") => Some(Verb::Cancel),
                Some(other) => return Err(Refusal::broken(format!("no status {other:?}"))),
            };
            for verb in verb.into_iter().chain(given.deleted.then_some(Verb::Delete)) {
                self.surface.act(verb, &tasks, &how)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Vec<String> {
        match self.asked(step) {
            Ok(faults) => faults,
            Err(problem) => vec![problem],
        }
    }

    fn asked(&mut self, step: &Step) -> Result<Vec<String>, String> {
        if let Some(after) = &step.after {
            self.now = self.now.plus_millis(millis(after)?);
        }
        self.now = step.now.unwrap_or(self.now);
        self.zone = step.zone.unwrap_or(self.zone);
        self.surface.travel(self.now, self.zone);
        let call = self.replaced(step.call.clone())?;
        let call: Call = serde_json::from_value(call).map_err(|error| error.to_string())?;
        let before = step.then.unaltered.then(|| everything(self.surface));
        let answer = call.ask(self.surface, &step.with, |name| self.saved.get(name).copied());
        self.learn(&answer);
        if let (Some(name), Some(no)) = (&step.save, answer.step()) {
            self.saved.insert(name.clone(), no);
        }
        if let (Some(name), Answer::Page(Page { next: Some(cursor), .. })) = (&step.save, &answer) {
            self.cursors.insert(name.clone(), cursor.clone());
        }
        let mut faults = compare::faults(&step.then, &answer, self)?;
        if let Some(before) = before {
            let after = everything(self.surface);
            if before != after {
                faults.push(format!("was to change nothing, but\n{before:?}\nbecame\n{after:?}"));
            }
        }
        Ok(faults)
    }

    fn learn(&mut self, answer: &Answer) {
        for task in answer.tasks() {
            self.uids.insert(task.id, task.uid.clone());
            self.series.extend(task.series.clone().map(|series| (task.id, series)));
        }
    }
}

/// What the signs of a row stand for.
pub(super) trait Known {
    fn replaced(&self, value: Value) -> Result<Value, String>;
    fn saved(&self, name: &str) -> Option<u64>;
}

impl Known for Stage<'_> {
    fn replaced(&self, value: Value) -> Result<Value, String> {
        signs::replace(value, &|named| match named {
            Named::Uid(id) => self.uids.get(&id).cloned(),
            Named::Series(id) => self.series.get(&id).cloned(),
            Named::Cursor(page) => self.cursors.get(page).cloned(),
        })
    }

    fn saved(&self, name: &str) -> Option<u64> {
        self.saved.get(name).copied()
    }
}

/// `90s`, `31d`.
fn millis(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is not a span such as 1ms, 90s, 5m, 2h or 31d");
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: i64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let each = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    Ok(number * each)
}
