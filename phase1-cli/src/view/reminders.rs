//! Reminders as they are shown.

use std::io::{self, Write};

use serde_json::json;
use todo_core::Task;
use todo_core::reminder::{Offset, ReminderState, Trigger};
use todo_core::wire::Shown;

use super::json as view;
use super::screen::{Screen, visible};
use super::when::{self, Clock};

/// `1 h before`, `at the due time`, or nothing where it is an instant.
pub(crate) fn trigger(trigger: Trigger) -> Option<String> {
    let offset = match trigger {
        Trigger::At(_) => return None,
        Trigger::Offset(Offset::ZERO) => return Some("at the due time".to_owned()),
        Trigger::Offset(offset) => offset,
    };
    let (days, seconds) = (offset.days(), offset.seconds());
    let parts = [
        (days / 7, "week"),
        (days % 7, "day"),
        (seconds / 3600, "hour"),
        (seconds / 60 % 60, "minute"),
        (seconds % 60, "second"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    Some(format!("{} before", parts.join(" ")))
}

/// Whether a task reminds at its due time only, as timed ones do, or not at all.
pub(crate) fn goes_without_saying(task: &Task) -> bool {
    task.reminders.iter().all(|reminder| reminder.trigger == Trigger::Offset(Offset::ZERO))
}

/// What a task's reminders say, on one line.
pub(crate) fn summary(task: &Task, clock: &Clock) -> String {
    let parts: Vec<_> = task
        .reminders
        .iter()
        .map(|reminder| match reminder.trigger {
            Trigger::At(at) => when::instant(at, clock),
            Trigger::Offset(_) => trigger(reminder.trigger).unwrap_or_default(),
        })
        .collect();
    parts.join(", ")
}

/// The reminders of one task.
pub(crate) fn print_of(
    screen: &mut Screen,
    task: &Task,
    told: &[Shown],
    clock: &Clock,
) -> io::Result<()> {
    let (strong, dim) = (screen.palette().strong, screen.palette().dim);
    writeln!(screen, "{strong}{}  {}{strong:#}", task.id, visible(task.title.as_str()))?;
    if told.is_empty() {
        return writeln!(screen, "  {dim}reminds of nothing{dim:#}");
    }
    for shown in told {
        let how = trigger(shown.trigger).unwrap_or_default();
        let how = if how.is_empty() { how } else { format!("  {how}") };
        let message = shown.message.as_deref().map(visible).unwrap_or_default();
        let message = if message.is_empty() { String::new() } else { format!("  {message}") };
        let state = state_word(shown);
        let at = when::instant(shown.at, clock);
        writeln!(screen, "  {}  {at}{how}{message}  {dim}{state}{dim:#}", shown.reminder)?;
    }
    Ok(())
}

fn state_word(shown: &Shown) -> &'static str {
    match shown.state {
        ReminderState::Scheduled => "to come",
        ReminderState::Due => "due now",
        ReminderState::Sent if shown.late => "shown late",
        ReminderState::Sent => "shown",
        ReminderState::Missed => "missed",
        ReminderState::Silent => "silent",
    }
}

/// What is due now; where nothing is, what is next.
pub(crate) fn print_due(
    screen: &mut Screen,
    shown: &[Shown],
    next: Option<&Shown>,
    dry_run: bool,
    clock: &Clock,
) -> io::Result<()> {
    if screen.is_json() {
        let body = json!({ "dry_run": dry_run, "reminders": shown });
        return view::print(screen, "reminders", body);
    }
    if !shown.is_empty() {
        if dry_run {
            writeln!(screen, "Would show, and mark as shown:")?;
        }
        return print_lines(screen, shown, clock);
    }
    match next {
        None => writeln!(screen, "No reminder is due, and none is to come."),
        Some(next) => {
            let at = when::instant(next.at, clock);
            let title = visible(&next.title);
            writeln!(screen, "No reminder is due. The next: {at}  {}  {title}", next.id)
        }
    }
}

/// What has just come due, a line each; for programs an object a line.
pub(crate) fn print_watch(screen: &mut Screen, shown: &[Shown], clock: &Clock) -> io::Result<()> {
    if !screen.is_json() {
        return print_lines(screen, shown, clock);
    }
    for shown in shown {
        let body = json!({ "dry_run": false, "reminders": [shown] });
        view::print(&mut *screen, "reminders", body)?;
    }
    Ok(())
}

/// What is to come.
pub(crate) fn print_coming(screen: &mut Screen, shown: &[Shown], clock: &Clock) -> io::Result<()> {
    if screen.is_json() {
        return view::print(screen, "reminders", json!({ "reminders": shown }));
    }
    if shown.is_empty() {
        return writeln!(screen, "No reminder is to come.");
    }
    print_lines(screen, shown, clock)
}

fn print_lines(screen: &mut Screen, shown: &[Shown], clock: &Clock) -> io::Result<()> {
    let palette = screen.palette();
    let (strong, dim, alarm) = (palette.strong, palette.dim, palette.alarm);
    for shown in shown {
        let at = when::instant(shown.at, clock);
        let title = visible(&shown.title);
        let message = shown.message.as_deref().map(|text| format!(": {}", visible(text)));
        let message = message.unwrap_or_default();
        let note = match shown.state {
            ReminderState::Missed => " (missed)",
            ReminderState::Due => " (due now)",
            _ if shown.late => " (late)",
            _ => "",
        };
        writeln!(
            screen,
            "{dim}{at}{dim:#}  {strong}{}{strong:#}  {title}{message}{alarm}{note}{alarm:#}",
            shown.id
        )?;
    }
    Ok(())
}
