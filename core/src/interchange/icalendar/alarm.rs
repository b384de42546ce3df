//! Reminders as `VALARM`s (RFC 5545 section 3.6.6).
//!
//! iCalendar counts from the start or the end of a task, and of an all-day one from midnight; ours
//! count from the due date, and of an all-day one from 09:00 (R9). A reminder that cannot be said
//! as so long before the due date comes as the instant that it means.

use chrono::Datelike;

use super::notes::{homeless, our_param, ours};
use super::property::{Component, Property};
use super::when::{Clocks, SECONDS_A_DAY, Span, When};
use crate::due::{Due, FIRST_YEAR};
use crate::interchange::ImportError;
use crate::interchange::fit::Fit;
use crate::reminder::{
    Channel, Offset, Preferences, REMINDERS_MAX, Reminder, ReminderId, Reminders, Trigger, instant,
};
use crate::task::Task;
use crate::text::Title;
use crate::time::{LAST_DAY, Timestamp};

/// From when on iCalendar's midnight counts here, in seconds.
const ALL_DAY_SECONDS: i64 = 9 * 3600;
/// What an alarm may say beside when and how.
const TAKEN: &[&str] = &["ACTION", "DESCRIPTION", "SUMMARY", "TRIGGER", "UID"];

/// What the alarms of a task count from and are compared with.
struct Alarms<'t> {
    summary: String,
    start: Option<Due>,
    due: Option<Due>,
    clocks: &'t Clocks<'t>,
}

/// The reminders of a component.
pub(super) fn read(
    component: &Component,
    task: &Task,
    clocks: &Clocks<'_>,
    fit: &mut Fit<'_, '_>,
) -> Result<Reminders, ImportError> {
    let start = component.one("DTSTART").map(|start| clocks.due(start, fit)).transpose()?;
    let alarms = Alarms {
        summary: component.one("SUMMARY").map(Property::text).unwrap_or_default(),
        start: start.flatten().filter(|start| Some(*start) != task.due_date),
        due: task.due_date,
        clocks,
    };
    let mut reminders: Vec<Reminder> = Vec::new();
    for alarm in component.inner.iter().filter(|inner| inner.name == "VALARM") {
        let Some(channel) = channel(alarm, fit) else { continue };
        let Some(trigger) = alarms.trigger(alarm, fit)? else { continue };
        let message = alarms.message(alarm, fit);
        let alike = |known: &Reminder| {
            (known.trigger, &known.message, known.channel) == (trigger, &message, channel)
        };
        if reminders.iter().any(alike) {
            continue;
        }
        if reminders.len() == REMINDERS_MAX {
            fit.lose("VALARM", "a task has ten reminders at most; the first are taken");
            break;
        }
        for property in &alarm.properties {
            let name = property.name.as_str();
            if !TAKEN.contains(&name) && !name.starts_with("X-TODO-") {
                homeless(&format!("VALARM {name}"), fit);
            }
        }
        let id = number(alarm, &reminders, fit);
        reminders.push(Reminder { id, trigger, message, channel });
    }
    Ok(Reminders::try_from(reminders).expect("ten at most, each with a number of its own"))
}

/// Its own number, else the one of its place, else one that is free.
fn number(alarm: &Component, before: &[Reminder], fit: &mut Fit<'_, '_>) -> ReminderId {
    let taken = |id: u32| before.iter().any(|reminder| reminder.id.0 == id);
    let own = ours(alarm, "X-TODO-REMINDER", fit);
    let place = u32::try_from(before.len()).map_or(1, |place| place + 1);
    // One of so many is free, even if all before have numbers of their own.
    let free = own.into_iter().chain([place]).chain(1..=place);
    ReminderId(free.into_iter().find(|id| *id > 0 && !taken(*id)).unwrap_or(place))
}

/// How it reaches somebody; none for an alarm that does nothing.
fn channel(alarm: &Component, fit: &mut Fit<'_, '_>) -> Option<Channel> {
    if let Some(channel) = ours(alarm, "X-TODO-CHANNEL", fit) {
        return Some(channel);
    }
    let action = alarm.one("ACTION").map(|action| action.value().trim().to_ascii_uppercase());
    match action.as_deref() {
        Some("DISPLAY") | None => Some(Channel::InApp),
        Some("EMAIL") => Some(Channel::Email),
        // Apple's way to say that there is no alarm.
        Some("NONE") => None,
        Some(_) => {
            fit.lose("VALARM ACTION", "shown here, not played or run");
            Some(Channel::InApp)
        }
    }
}

impl Alarms<'_> {
    /// What it says, unless that is the task's own text.
    fn message(&self, alarm: &Component, fit: &mut Fit<'_, '_>) -> Option<Title> {
        let property = alarm.one("DESCRIPTION")?;
        let text = property.text();
        if text == self.summary && property.param("X-TODO-MESSAGE").is_none() {
            return None;
        }
        let mut fit = Fit { losses: fit.losses, title: &text };
        fit.exact_title("VALARM DESCRIPTION").ok().map(|(title, _)| title)
    }

    /// When it goes off; none for one that counts from what the task does not have.
    fn trigger(
        &self,
        alarm: &Component,
        fit: &mut Fit<'_, '_>,
    ) -> Result<Option<Trigger>, ImportError> {
        let Some(property) = alarm.one("TRIGGER") else {
            fit.lose("VALARM", "without a TRIGGER it says no time; it is left out");
            return Ok(None);
        };
        if When::parse(property.value()).is_some() {
            return self.clocks.instant(property).map(|at| Some(Trigger::At(at)));
        }
        let shape = "write -PT15M, or 20261121T170000Z";
        let span = Span::parse(property.value()).ok_or_else(|| property.expected(shape))?;
        let own = our_param(property, "X-TODO-OFFSET", fit);
        // Another span, or a due date of another kind: somebody has changed it since.
        let all_day = matches!(self.due, Some(Due::Day(_)));
        if let Some(offset) = own.filter(|own| all_day && from_midnight(*own) == span) {
            return Ok(Some(Trigger::Offset(offset)));
        }
        let of_end = property.param("RELATED").is_some_and(|end| end.eq_ignore_ascii_case("END"));
        let start = self.start.filter(|_| !of_end);
        let Some(from) = start.or(self.due) else {
            let fate = "counts from a date that the task does not have; it is left out";
            fit.lose("VALARM", fate);
            return Ok(None);
        };
        let before = self.due.filter(|_| start.is_none()).and_then(|due| before_due(span, due));
        if let Some(offset) = before {
            return Ok(Some(Trigger::Offset(offset)));
        }
        let at = moment(span, from, self.clocks);
        if !(FIRST_YEAR..=LAST_DAY.year()).contains(&at.utc().year()) {
            fit.lose("VALARM", "leads outside 1970-2099; it is left out");
            return Ok(None);
        }
        Ok(Some(match self.due {
            Some(due) => self.before_or_at(at, due, fit),
            None => Trigger::At(at),
        }))
    }

    /// Counted from a start that is not the due date, as long before that as it is, so that it
    /// moves with it; else the moment.
    fn before_or_at(&self, at: Timestamp, due: Due, fit: &mut Fit<'_, '_>) -> Trigger {
        let zero = Trigger::Offset(Offset::ZERO);
        let due = instant(zero, Some(due), &Preferences::default(), self.clocks.floating);
        let seconds = due.and_then(|due| u32::try_from((due.millis() - at.millis()) / 1000).ok());
        if let Some(offset) = seconds.and_then(|seconds| Offset::before(0, seconds).ok()) {
            fit.lose("VALARM", "counts from the start there, and from the due date here");
            return Trigger::Offset(offset);
        }
        let fate = "not within a year before the due date; comes as the moment that it means";
        fit.lose("VALARM", fate);
        Trigger::At(at)
    }
}

/// So long before a due date, if that is what it says.
fn before_due(span: Span, due: Due) -> Option<Offset> {
    match due {
        Due::At { .. } => {
            let zero = span.seconds() == 0;
            (span.back || zero).then(|| Offset::before(span.days, span.seconds).ok()).flatten()
        }
        Due::Day(_) => {
            let before = u32::try_from(ALL_DAY_SECONDS - span.seconds()).ok()?;
            Offset::before(before / 86_400, before % 86_400).ok()
        }
    }
}

/// What an offset from 09:00 is from midnight.
pub(super) fn from_midnight(offset: Offset) -> Span {
    let before_nine = i64::from(offset.days()) * SECONDS_A_DAY + i64::from(offset.seconds());
    Span::of_seconds(ALL_DAY_SECONDS - before_nine)
}

/// The moment that a span from a date means; of a day, from its beginning.
fn moment(span: Span, base: Due, clocks: &Clocks<'_>) -> Timestamp {
    let days = i64::from(span.days) * if span.back { -1 } else { 1 };
    let seconds = i64::from(span.seconds) * if span.back { -1 } else { 1 };
    let zone = base.zone().unwrap_or(clocks.floating);
    match base.plus_days(days) {
        Some(day) => day.starts(zone).plus_millis(seconds * 1000),
        None => base.starts(zone).plus_millis(span.seconds() * 1000),
    }
}
