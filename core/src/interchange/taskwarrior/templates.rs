//! The templates that an export makes: one for each series that goes on by a rule which a period
//! can say.
//!
//! Its mask has a sign for every date up to the newest occurrence, so that Taskwarrior goes on from
//! there and makes nothing twice.

use std::collections::HashMap;

use uuid::Uuid;

use super::period::Period;
use super::series;
use crate::due::Due;
use crate::interchange::Writing;
use crate::recurrence::{Basis, End, Recurrence, Rule, Spawn, Until};
use crate::task::{Status, Task};
use crate::time::{Timestamp, Zone, day_end, day_start};

/// A series as Taskwarrior keeps it.
pub(super) struct Template {
    /// The series' own, unless a task has that.
    pub(super) uuid: Uuid,
    pub(super) period: Period,
    pub(super) anchor: Due,
    end: End,
    /// The place of the occurrence that holds the rule.
    newest: u32,
    /// Signs of the mask of occurrences that are known.
    signs: Vec<(u32, char)>,
}

impl Template {
    /// A sign for each occurrence up to the newest, which is `task`: done, open, waiting, or passed
    /// over.
    pub(super) fn mask(&self, task: &Task, writing: &Writing) -> String {
        let mut signs = vec!['X'; self.newest as usize];
        for (at, sign) in &self.signs {
            if let Some(known) = signs.get_mut(*at as usize) {
                *known = *sign;
            }
        }
        if task.uid.0 != self.uuid {
            let starts = task.start_date.map(|start| start.starts(writing.zone));
            signs.push(if starts.is_some_and(|at| at > writing.now) { 'W' } else { '-' });
        }
        signs.into_iter().collect()
    }

    /// The last moment of the series.
    pub(super) fn until(&self, zone: Zone) -> Option<Timestamp> {
        last(self.end, self.anchor, zone)
    }
}

/// The last moment of a series that ends so.
fn last(end: End, anchor: Due, zone: Zone) -> Option<Timestamp> {
    let own = anchor.zone().unwrap_or(zone);
    match end {
        End::Until(Until::Day(day)) => Some(match anchor {
            Due::Day(_) => day_start(day, zone),
            Due::At { .. } => day_end(day, own).plus_millis(-1),
        }),
        End::Until(Until::Wall(wall)) => Some(Due::at(wall, own, None).starts(own)),
        End::Until(Until::Utc(utc)) => Some(Timestamp::from_utc(utc.and_utc())),
        End::Never | End::Count(_) => None,
    }
}

/// What a task is there.
pub(super) enum Role<'t> {
    /// A task by itself.
    Alone,
    /// An occurrence of a template.
    Occurrence {
        /// Of which one.
        template: &'t Template,
        /// Its place in the mask.
        imask: u32,
    },
    /// The template itself: it was one, and goes back as one.
    StandIn(&'t Template),
}

/// The templates of all series.
pub(super) struct Templates(HashMap<Uuid, Template>);

impl Templates {
    pub(super) fn new(tasks: &[Task]) -> Self {
        let mut all: HashMap<_, _> = tasks.iter().filter_map(template).collect();
        for task in tasks {
            let Some(template) = task.series.and_then(|series| all.get_mut(&series)) else {
                continue;
            };
            if Some(task.uid.0) == task.series && task.recurrence.is_none() {
                // A template that stood in was finished here; the series goes on under another name.
                template.uuid = Uuid::new_v5(&task.uid.0, b"template");
            }
            if let Some(imask) = place(task, template) {
                template.signs.push((imask, if task.status.is_open() { '-' } else { '+' }));
            }
        }
        Self(all)
    }

    /// What a task is there.
    pub(super) fn role(&self, task: &Task) -> Role<'_> {
        let template = task.series.and_then(|series| self.0.get(&series));
        match template.and_then(|template| Some((template, place(task, template)?))) {
            None => Role::Alone,
            Some((template, _)) if task.uid.0 == template.uuid => Role::StandIn(template),
            Some((template, imask)) => Role::Occurrence { template, imask },
        }
    }
}

/// The template of the series that a task holds.
fn template(task: &Task) -> Option<(Uuid, Template)> {
    let (recurrence, series) = task.recurrence.as_deref().zip(task.series)?;
    let goes_on = task.trash.is_none() && task.status.is_open() && task.due_date.is_some();
    if !goes_on || recurrence.from != Basis::Schedule {
        return None;
    }
    let Recurrence { rule, anchor, n, .. } = recurrence;
    if matches!(rule.end, End::Count(_)) {
        return None;
    }
    let period = Period::of(rule, *anchor)?;
    let newest = period.steps(*anchor, recurrence.position(task.slot))?;
    let (anchor, end) = (*anchor, rule.end);
    let template = Template { uuid: series, period, anchor, end, newest, signs: Vec::new() };
    (*n == newest + 1).then_some((series, template))
}

/// The place of an occurrence in its template's mask. What was deleted or given up has none.
fn place(task: &Task, template: &Template) -> Option<u32> {
    if task.trash.is_some() || task.status == Status::Cancelled {
        return None;
    }
    let slot = match &task.recurrence {
        Some(recurrence) => recurrence.position(task.slot),
        None => task.slot?,
    };
    let place = template.period.steps(template.anchor, slot)?;
    let holds = task.recurrence.is_some();
    // Later than the newest only what was made from another date.
    (holds || place < template.newest).then_some(place)
}

/// Whether a recurrence that a template says is the same when it comes back.
pub(super) fn comes_back(recurrence: &Recurrence, zone: Zone) -> bool {
    let Recurrence { rule, anchor, spawn, .. } = recurrence;
    let plain = Period::of(rule, *anchor).and_then(|period| period.rule(*anchor));
    let bare = Rule { end: End::Never, ..rule.clone() };
    let until = last(rule.end, *anchor, zone);
    let same_end = series::end(*anchor, until, zone) == rule.end;
    same_end && plain == Some(bare) && *spawn == Spawn::OnCompletion
}
