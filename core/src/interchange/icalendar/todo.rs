//! A `VTODO` as a task.

use super::notes::{self, ours, unread};
use super::property::{Component, Property};
use super::when::{Clocks, Span};
use super::zones::Zones;
use super::{alarm, export, series, task_id};
use crate::due::Due;
use crate::error::FieldError;
use crate::interchange::fit::Fit;
use crate::interchange::{ImportError, Losses, Reading};
use crate::task::{Parent, Priority, Status, Task, TaskId, TaskNo};
use crate::text::{Project, Tags};
use crate::time::{self, Timestamp};

/// What a task without a text is called.
const UNTITLED: &str = "(no title)";

/// What a file says of all its tasks.
pub(super) struct Context<'f> {
    pub(super) reading: &'f Reading,
    pub(super) zones: &'f Zones,
    /// The project that the calendar's name stands for.
    pub(super) project: Option<&'f Project>,
    /// Whether `DTSTAMP` is the time of the last change: it is, unless the file is a message.
    pub(super) stamped: bool,
}

/// A task and the place of its record, for what is wrong with one of its fields.
struct Record<'c> {
    component: &'c Component,
    number: usize,
}

impl Record<'_> {
    fn refuse(&self, property: &str, error: FieldError) -> ImportError {
        let line = self.component.one(property).map_or(self.component.number, Property::number);
        self.component.refuse(line, self.number, error)
    }
}

/// Reads a component; `record` is its place among the tasks of the file, from 1.
pub(super) fn read(
    component: &Component,
    uid: TaskId,
    record: usize,
    context: &Context<'_>,
    losses: &mut Losses,
) -> Result<Task, ImportError> {
    let record = Record { component, number: record };
    let text = component.one("DESCRIPTION").map(Property::text).unwrap_or_default();
    let summary = name(component, &text);
    let mut lost = Losses::default();
    let mut fit = Fit { losses: &mut lost, title: &summary };
    if component.one("SUMMARY").is_none_or(|summary| summary.value().trim().is_empty()) {
        fit.lose("SUMMARY", "missing; the task is called by the first line of its description");
    }
    let title = fit.exact_title("SUMMARY");
    let (title, overlong) = title.map_err(|error| record.refuse("SUMMARY", error))?;
    let zone = context.reading.zone();
    let clocks = Clocks {
        zones: context.zones,
        shown: own_zone(component, &mut fit).unwrap_or(zone),
        floating: zone,
    };
    let Dates { begins, said, due: due_date } = dates(component, &clocks, &mut fit)?;
    let mut lines = notes::read(component, &mut fit);
    let recurrence = series::read(component, due_date, &mut lines, &mut fit);
    let paragraphs = [overlong.as_deref().unwrap_or_default(), &text, &lines.join("\n")];
    let description = fit.description("DESCRIPTION", &paragraphs);
    let (created, updated) = times(component, &clocks, context)?;
    let mut task = Task {
        description: description.map_err(|error| record.refuse("DESCRIPTION", error))?,
        priority: priority(component, &mut fit),
        project: project(component, context, &mut fit)
            .map_err(|error| record.refuse("X-TODO-PROJECT", error))?,
        tags: tags(component, &mut fit).map_err(|error| record.refuse("CATEGORIES", error))?,
        parent: parent(component, &mut fit),
        start_date: begins.filter(|begins| Some(*begins) != due_date),
        due_date,
        recurrence,
        series: ours(component, "X-TODO-SERIES", &mut fit),
        slot: ours(component, "X-TODO-SLOT", &mut fit),
        updated_at: updated,
        ..Task::blank(uid, title, created)
    };
    task.settle_zone();
    if let Some(Start(said)) = said {
        settle_start(said, begins, &mut task, &mut fit);
    }
    settle_status(component, &clocks, &mut task, &mut fit)?;
    task.reminders = alarm::read(component, &task, &clocks, &mut fit)?;
    losses.settle(&lost, &summary);
    Ok(task)
}

/// What a task is called: its text, else the beginning of what is said about it.
fn name(component: &Component, description: &str) -> String {
    let summary = component.one("SUMMARY").map(Property::text).unwrap_or_default();
    let mut lines = std::iter::once(summary.trim()).chain(description.lines().map(str::trim));
    lines.find(|line| !line.is_empty()).unwrap_or(UNTITLED).to_owned()
}

/// Other programs write instants; the zone on whose clock they are meant stays beside them.
fn own_zone(component: &Component, fit: &mut Fit<'_, '_>) -> Option<time::Zone> {
    let name = component.one("X-TODO-ZONE")?.text();
    let zone = time::zone(&name).ok();
    if zone.is_none() {
        unread("X-TODO-ZONE", fit);
    }
    zone
}

/// What is said of the start date: one, or that there is none.
struct Start(Option<Due>);

/// What a file says of dates.
struct Dates {
    /// What stands in `DTSTART`. One that is the `DUE` again says nothing: programs that need one to
    /// repeat by write it so.
    begins: Option<Due>,
    /// What stands beside it.
    said: Option<Start>,
    due: Option<Due>,
}

fn dates(
    component: &Component,
    clocks: &Clocks<'_>,
    fit: &mut Fit<'_, '_>,
) -> Result<Dates, ImportError> {
    let start = component.one("DTSTART");
    let begins = start.map(|start| clocks.due(start, fit)).transpose()?.flatten();
    let due = match (component.one("DUE"), component.one("DURATION")) {
        (Some(due), _) => clocks.due(due, fit)?,
        (None, Some(duration)) => {
            let span = Span::parse(duration.value())
                .ok_or_else(|| duration.expected("write P1D, PT1H30M or P2W"))?;
            let due = begins.and_then(|begins| span.after(begins));
            if due.is_none() {
                fit.lose("DURATION", "leads to no date; the task has no due date");
            }
            due
        }
        (None, None) if begins.is_some() && component.one("RRULE").is_some() => {
            fit.lose("DTSTART", "a task that repeats has a due date; this is it");
            begins
        }
        (None, None) => None,
    };
    let said = start.and_then(|start| start.param("X-TODO-START"));
    let said = match said.map(|text| (text, text.parse())) {
        None => None,
        Some((_, Ok(start))) => Some(Start(Some(start))),
        Some(("none", _)) => Some(Start(None)),
        Some(_) => {
            unread("X-TODO-START", fit);
            None
        }
    };
    Ok(Dates { begins, said, due })
}

/// What is said beside `DTSTART` holds as long as that is what is written of it; else somebody has
/// changed the dates since, and theirs count.
fn settle_start(said: Option<Due>, begins: Option<Due>, task: &mut Task, fit: &mut Fit<'_, '_>) {
    let visible = std::mem::replace(&mut task.start_date, said);
    task.settle_zone();
    let [written, _] = export::dates(task);
    let moment = |due: Due| (due.zone().is_some(), due.starts(time::Zone::UTC));
    if written.map(moment) != begins.map(moment) {
        fit.lose("X-TODO-START", "DTSTART was changed beside it; that is the start date");
        task.start_date = visible;
        task.settle_zone();
    }
}

/// When it was made and last changed.
fn times(
    component: &Component,
    clocks: &Clocks<'_>,
    context: &Context<'_>,
) -> Result<(Timestamp, Timestamp), ImportError> {
    let instant = |name| component.one(name).map(|at| clocks.instant(at)).transpose();
    let stamp = if context.stamped { instant("DTSTAMP")? } else { None };
    let updated = instant("LAST-MODIFIED")?.or(stamp).unwrap_or(context.reading.at);
    Ok((instant("CREATED")?.unwrap_or(updated), updated))
}

fn settle_status(
    component: &Component,
    clocks: &Clocks<'_>,
    task: &mut Task,
    fit: &mut Fit<'_, '_>,
) -> Result<(), ImportError> {
    let instant = |name| component.one(name).map(|at| clocks.instant(at)).transpose();
    let completed = instant("COMPLETED")?;
    let percent = component.one("PERCENT-COMPLETE").map(|percent| percent.value().trim());
    let said = component.one("STATUS").map(|status| status.value().trim().to_ascii_uppercase());
    let status = match said.as_deref() {
        Some("COMPLETED") => Status::Completed,
        Some("CANCELLED") => Status::Cancelled,
        Some("IN-PROCESS") => Status::InProgress,
        None if completed.is_some() || percent == Some("100") => Status::Completed,
        None | Some("NEEDS-ACTION") => Status::Pending,
        Some(_) => {
            fit.lose("STATUS", "not the status of a task; it comes as pending");
            Status::Pending
        }
    };
    if percent.is_some_and(|percent| !matches!(percent, "0" | "100")) {
        notes::homeless("PERCENT-COMPLETE", fit);
    }
    let at = match status {
        Status::Completed => completed,
        Status::Cancelled => instant("X-TODO-CANCELLED")?,
        Status::Pending | Status::InProgress => None,
    };
    task.set_status(status, at.unwrap_or(task.updated_at));
    Ok(())
}

/// 1 is the highest of nine, 5 the middle one, and 0 none: as ours of the middle, it says nothing.
fn priority(component: &Component, fit: &mut Fit<'_, '_>) -> Priority {
    let Some(property) = component.one("PRIORITY") else { return Priority::Medium };
    let (priority, exact) = match property.value().trim().parse::<u8>() {
        Ok(number @ 1..=4) => (Priority::High, number == 1),
        Ok(0 | 5) => (Priority::Medium, true),
        Ok(number @ 6..=9) => (Priority::Low, number == 9),
        _ => {
            fit.lose("PRIORITY", "not from 0 to 9; the task comes with the middle one");
            return Priority::Medium;
        }
    };
    if !exact {
        fit.lose("PRIORITY", "there are three here: 1 to 4 come as high, 6 to 9 as low");
    }
    priority
}

/// Its own, else the calendar's.
fn project(
    component: &Component,
    context: &Context<'_>,
    fit: &mut Fit<'_, '_>,
) -> Result<Option<Project>, FieldError> {
    match component.one("X-TODO-PROJECT").map(Property::text) {
        None => Ok(context.project.cloned()),
        Some(path) if path.trim().is_empty() => Ok(None),
        Some(path) => fit.exact_project(&path),
    }
}

fn tags(component: &Component, fit: &mut Fit<'_, '_>) -> Result<Tags, FieldError> {
    let texts: Vec<_> = component.all("CATEGORIES").flat_map(Property::texts).collect();
    let texts: Vec<_> = texts.iter().map(|text| text.trim()).filter(|t| !t.is_empty()).collect();
    fit.exact_tags(&texts)
}

/// What it is a part of. Other relations have no home yet.
fn parent(component: &Component, fit: &mut Fit<'_, '_>) -> Option<Parent> {
    let mut parent = None;
    for relation in component.all("RELATED-TO") {
        let kind = relation.param("RELTYPE").unwrap_or("PARENT");
        let uid = relation.text();
        if !kind.eq_ignore_ascii_case("PARENT") {
            fit.lose("RELATED-TO", "only what a task is part of has a home; others are left out");
        } else if parent.is_some() {
            fit.lose("RELATED-TO", "a task is part of one other; only the first is taken");
        } else if !uid.trim().is_empty() {
            parent = Some(Parent { uid: task_id(uid.trim()), id: TaskNo::UNSTAMPED });
        }
    }
    parent
}
