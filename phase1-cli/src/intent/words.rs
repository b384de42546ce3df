//! What people type about time, in their words (W1 to W3).

use todo_core::reminder::Trigger;
use todo_core::words::{self, Asking, Every, GoesOn, WordsError};
use todo_core::{
    Due, NewRecurrence, NewReminder, NewTask, Patch, Problem, Recurrence, Task, TaskError, TaskId,
    TaskPatch, Timestamp,
};

use super::{NONE, word};
use crate::args::SeriesArgs;
use crate::error::{CliError, faulty};
use crate::session::Session;

/// Who types, when and where.
pub(crate) fn asking(session: &Session) -> Asking {
    Asking { moment: session.moment(), date_order: session.settings.date_order() }
}

/// Whether a value is to be taken away.
pub(crate) fn is_none(typed: &str) -> bool {
    typed.trim().eq_ignore_ascii_case(NONE)
}

/// The place in what was typed is marked, and what may help is said.
pub(crate) fn not_understood(field: &'static str, error: WordsError, typed: &str) -> CliError {
    let hint = error.suggestion.clone();
    let part = error.at.clone();
    let error = TaskError::Words { field, error: Box::new(error) };
    CliError::from(error).at(typed).part(part).hint(hint)
}

/// A date.
pub(crate) fn date(session: &Session, field: &'static str, typed: &str) -> Result<Due, CliError> {
    words::when(typed, &asking(session)).map_err(|error| not_understood(field, error, typed))
}

/// How something repeats, fitted to a due date if there is one.
fn every(session: &Session, typed: &str, due: Option<Due>) -> Result<Every, CliError> {
    words::every(typed, &asking(session), due)
        .map_err(|error| not_understood("recurrence", error, typed))
}

/// How a series goes on, where flags say so.
fn with_series(mut new: NewRecurrence, args: &SeriesArgs) -> Result<NewRecurrence, CliError> {
    if let Some(typed) = &args.from {
        new.from = word("from", typed)?;
    }
    if let Some(typed) = &args.spawn {
        new.spawn = word("spawn", typed)?;
    }
    Ok(new)
}

/// How a task that is being made repeats, with its first due date.
pub(crate) fn first(
    session: &Session,
    typed: Option<&str>,
    args: &SeriesArgs,
    said: Option<NewRecurrence>,
    due: Option<Due>,
) -> Result<(Option<NewRecurrence>, Option<Due>), CliError> {
    let (new, due) = match typed {
        Some(typed) if is_none(typed) => (None, due),
        Some(typed) => {
            let every = every(session, typed, due)?;
            (Some(every.recurrence), Some(every.due))
        }
        None => (said, due),
    };
    Ok((new.map(|new| with_series(new, args)).transpose()?, due))
}

/// A change to how a task repeats; `none` ends its series. A due date comes with it where the
/// task has none, or none that the rule has.
pub(crate) fn repeat(
    session: &Session,
    typed: Option<&str>,
    args: &SeriesArgs,
    task: &Task,
    change: &mut TaskPatch,
) -> Result<(), CliError> {
    let Some(typed) = typed else {
        let Some(flag) = args.from.as_ref().or(args.spawn.as_ref()) else { return Ok(()) };
        let Some(old) = &task.recurrence else {
            return Err(faulty("recurrence", Problem::NotRecurring, flag));
        };
        let Recurrence { rule, from, spawn, .. } = (**old).clone();
        let new = with_series(NewRecurrence { rule, from, spawn }, args)?;
        change.recurrence = Patch::Set(new);
        return Ok(());
    };
    if is_none(typed) {
        change.recurrence = Patch::Clear;
        return Ok(());
    }
    let goes_on = GoesOn {
        from: args.from.as_deref().map(|typed| word("from", typed)).transpose()?,
        spawn: args.spawn.as_deref().map(|typed| word("spawn", typed)).transpose()?,
    };
    words::again(typed, &asking(session), task, goes_on, change)
        .map_err(|error| not_understood("recurrence", error, typed))
}

/// When to remind.
pub(crate) fn trigger(session: &Session, typed: &str) -> Result<Trigger, CliError> {
    words::remind(typed, &asking(session))
        .map_err(|error| not_understood("reminders", error, typed))
}

/// When to remind, each in the app and without a message; `none` alone is never.
pub(crate) fn reminders(session: &Session, typed: &[String]) -> Result<Vec<NewReminder>, CliError> {
    if let [only] = typed
        && is_none(only)
    {
        return Ok(Vec::new());
    }
    typed.iter().map(|typed| trigger(session, typed).map(NewReminder::new)).collect()
}

/// Until when to be left alone.
pub(crate) fn snooze(session: &Session, typed: &str) -> Result<Timestamp, CliError> {
    let morning = session.settings.preferences().all_day_time;
    words::snooze(typed, &asking(session), morning)
        .map_err(|error| not_understood("until", error, typed))
}

/// A task as one line says it.
pub(crate) fn quick_add(session: &Session, uid: TaskId, typed: &str) -> Result<NewTask, CliError> {
    let said = words::quick_add(typed, &asking(session))
        .map_err(|error| not_understood("title", error, typed))?;
    Ok(said.into_new_task(uid)?)
}
