//! Templates and their occurrences. Here the newest open occurrence holds the rule (R1), and there
//! is no template; where there is no open one, the template stands in for the next.
//!
//! A series has its template's uuid, and an occurrence the place in it that Taskwarrior counted
//! (`imask`): both stay what they are however often the same tasks are imported.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use super::period::Period;
use crate::due::Due;
use crate::interchange::Losses;
use crate::recurrence::{Basis, End, Recurrence, Rule, Slot, Spawn, Until};
use crate::task::Task;
use crate::time::{LAST_DAY, Timestamp, Zone, day_end};

/// What recurs, as it was read.
pub(super) struct Template {
    /// The template as a task.
    pub(super) task: Task,
    /// What it loses if it comes itself.
    pub(super) losses: Losses,
    pub(super) recur: Option<String>,
    pub(super) until: Option<Timestamp>,
    /// How many occurrences were made of it.
    pub(super) made: u32,
    /// Where it stands in the file.
    pub(super) line: usize,
}

/// An occurrence.
pub(super) struct Child {
    /// Its place among the tasks.
    pub(super) at: usize,
    pub(super) parent: Uuid,
    pub(super) recur: Option<String>,
    pub(super) until: Option<Timestamp>,
    /// How many were made before it.
    pub(super) imask: Option<u32>,
}

/// What of a file repeats.
#[derive(Default)]
pub(super) struct Series {
    pub(super) templates: Vec<Template>,
    pub(super) children: Vec<Child>,
    /// Templates that were deleted: their series are over.
    pub(super) over: HashSet<Uuid>,
}

/// The tasks that were read, with where they stand in the file.
pub(super) struct Read {
    pub(super) tasks: Vec<Task>,
    pub(super) lines: Vec<usize>,
    pub(super) losses: Losses,
}

impl Series {
    /// Gives the occurrences their places, and the rules to those that go on.
    pub(super) fn settle(self, read: &mut Read, zone: Zone) {
        let mut children: BTreeMap<Uuid, Vec<Child>> = BTreeMap::new();
        for child in self.children {
            children.entry(child.parent).or_default().push(child);
        }
        for template in self.templates {
            let own = children.remove(&template.task.uid.0).unwrap_or_default();
            of_template(template, &own, read, zone);
        }
        for (series, own) in children {
            if self.over.contains(&series) {
                lose_until(&own, None, read);
            } else {
                without_template(series, &own, read, zone);
            }
        }
    }
}

/// How a series goes.
struct Course {
    series: Uuid,
    period: Period,
    rule: Rule,
    anchor: Due,
}

impl Course {
    fn new(
        series: Uuid,
        recur: Option<&str>,
        anchor: Option<Due>,
        until: Option<Timestamp>,
        zone: Zone,
    ) -> Option<Self> {
        let (period, anchor) = (Period::parse(recur?)?, anchor?);
        if until.is_some_and(|until| until < anchor.starts(zone)) {
            return None;
        }
        let end = end(anchor, until, zone);
        let rule = Rule { end, ..period.rule(anchor)? }.checked().ok()?;
        Some(Self { series, period, rule, anchor })
    }

    /// The rule as the occurrence after `before` others holds it.
    fn recurrence(&self, before: u32) -> Box<Recurrence> {
        Box::new(Recurrence {
            rule: self.rule.clone(),
            from: Basis::Schedule,
            spawn: Spawn::OnCompletion,
            anchor: self.anchor,
            n: before.saturating_add(1),
        })
    }

    /// Gives each occurrence its place, and the rule to the newest open one. Answers whether there
    /// is one.
    fn run(&self, children: &[Child], tasks: &mut [Task]) -> bool {
        // What was deleted is no longer a part of the series.
        let mut alive: Vec<_> =
            children.iter().filter(|child| tasks[child.at].trash.is_none()).collect();
        alive.sort_by_key(|child| (child.imask, child.at));
        let mut taken = BTreeSet::new();
        let mut newest = None;
        for child in alive {
            let task = &mut tasks[child.at];
            let counted = child.imask.and_then(|count| self.period.slot(self.anchor, count));
            let slot = counted.or_else(|| task.due_date.map(Slot::of));
            let Some(slot) = slot.filter(|slot| taken.insert(*slot)) else { continue };
            (task.series, task.slot) = (Some(self.series), Some(slot));
            if task.status.is_open() && task.due_date.is_some() {
                newest = Some(child);
            }
        }
        if let Some(child) = newest {
            tasks[child.at].recurrence = Some(self.recurrence(child.imask.unwrap_or_default()));
        }
        newest.is_some()
    }
}

/// The end of a rule, of a series that has a last moment. The last second of a day is all of it.
pub(super) fn end(anchor: Due, until: Option<Timestamp>, zone: Zone) -> End {
    let Some((until, day)) = until.map(|until| (until, until.day(zone))) else { return End::Never };
    let whole = until.plus_millis(1000) >= day_end(day, zone);
    match anchor {
        _ if day > LAST_DAY => End::Never,
        Due::At { .. } if !whole => End::Until(Until::Utc(until.utc().naive_utc())),
        _ => End::Until(Until::Day(day)),
    }
}

fn of_template(template: Template, children: &[Child], read: &mut Read, zone: Zone) {
    let Template { mut task, losses, recur, until, made, line } = template;
    let course = Course::new(task.uid.0, recur.as_deref(), task.due_date, until, zone);
    lose_until(children, until.filter(|_| course.is_some()), read);
    let open = |child: &Child| {
        let task = &read.tasks[child.at];
        task.status.is_open() && task.trash.is_none()
    };
    match course {
        None => {
            let (title, alone) = (task.title.as_str().to_owned(), children.iter().any(open));
            let fate = if alone {
                "no rule here says it; the template is left out, its open occurrences come alone"
            } else {
                "no rule here says it; the task comes once"
            };
            read.losses.add("recur", fate, &title);
            if alone {
                return;
            }
            if until.is_some() {
                read.losses.add("until", super::NO_DATE, &title);
            }
        }
        Some(course) => {
            if course.run(children, &mut read.tasks) {
                return;
            }
            if !course.stand_in(&mut task, made) {
                let fate = "the last of its dates is over; the template is left out";
                read.losses.add("recur", fate, task.title.as_str());
                return;
            }
        }
    }
    read.losses.append(losses);
    read.tasks.push(task);
    read.lines.push(line);
}

impl Course {
    /// Makes a template the occurrence that is next; false if there is none.
    fn stand_in(&self, task: &mut Task, made: u32) -> bool {
        let Some(slot) = self.period.slot(self.anchor, made) else { return false };
        let next = crate::recurrence::Next { slot, due: slot.due(self.anchor), n: made + 1 };
        if !self.rule.reaches(&next) {
            return false;
        }
        let days = slot.wall().date().signed_duration_since(self.anchor.wall_day()).num_days();
        task.start_date = task.start_date.and_then(|start| start.plus_days(days));
        task.due_date = Some(if made == 0 { self.anchor } else { next.due });
        (task.series, task.slot) = (Some(self.series), Some(slot));
        task.recurrence = Some(self.recurrence(made));
        true
    }
}

/// Occurrences that were exported without their template: the newest open one begins anew.
fn without_template(series: Uuid, children: &[Child], read: &mut Read, zone: Zone) {
    let open = |child: &&Child| {
        let task = &read.tasks[child.at];
        task.status.is_open() && task.trash.is_none() && task.due_date.is_some()
    };
    let newest = children.iter().filter(open).max_by_key(|child| (child.imask, child.at));
    let course = newest.and_then(|child| {
        let due = read.tasks[child.at].due_date;
        Some((child, Course::new(series, child.recur.as_deref(), due, child.until, zone)?))
    });
    lose_until(children, course.as_ref().and_then(|(child, _)| child.until), read);
    match (newest, course) {
        (_, Some((child, course))) => {
            let task = &mut read.tasks[child.at];
            task.slot = task.due_date.map(Slot::of);
            task.series = Some(series);
            task.recurrence = Some(course.recurrence(child.imask.unwrap_or_default()));
        }
        (Some(child), None) => {
            let title = read.tasks[child.at].title.as_str();
            read.losses.add("recur", "no rule here says it; the task comes once", title);
        }
        (None, None) => {}
    }
}

/// An occurrence goes with its series' last date; a date of its own has no home.
fn lose_until(children: &[Child], taken: Option<Timestamp>, read: &mut Read) {
    for child in children.iter().filter(|child| child.until.is_some() && child.until != taken) {
        read.losses.add("until", super::NO_DATE, read.tasks[child.at].title.as_str());
    }
}
