//! `todo reminders`: what is due now, once each; what is to come; and the watch that waits for it.
//!
//! A reminder is marked as shown before it is shown, under the file's lock: two watches, or a
//! watch and a cron job, never show the same one. Between the two a crash could lose one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

use todo_core::event::{EventData, EventEnvelope};
use todo_core::reminder::{FiringFate, ReminderState, planned, settle};
use todo_core::wire::{self, Shown};
use todo_core::{
    Command, Filter, Limit, Needs, Preferences, Problem, Task, TaskId, TaskQuery, Timestamp,
};

use super::Done;
use crate::args::RemindersArgs;
use crate::edge;
use crate::error::{CliError, faulty};
use crate::session::Session;
use crate::view::reminders;
use crate::view::screen::Screen;

/// How often the file is looked at while nothing is due: others may add a reminder.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &RemindersArgs) -> Done {
    if session.is_on_server() {
        let instead = "`todo remind ID` shows when a task reminds, and what became of it";
        return Err(CliError::NotOnServer { what: "a server reminds by itself", instead });
    }
    if args.coming {
        return coming(session, screen);
    }
    let dry_run = session.global.dry_run;
    if args.watch && dry_run {
        let hint =
            Some("`todo reminders --coming` shows what is to come, and marks none".to_owned());
        return Err(CliError::usage("a watch marks what it shows", Some("--dry-run"), hint));
    }
    if args.watch && edge::is_fixed() {
        return Err(faulty(edge::NOW_VARIABLE, Problem::ClockStands, "--watch"));
    }
    if args.watch {
        return watch(session, screen, args.notify);
    }
    session.store()?;
    screen.apply(&session.settings);
    let shown = fire(session)?;
    if args.notify && !dry_run {
        shown.iter().for_each(notify);
    }
    let next = if shown.is_empty() { next(session)? } else { None };
    reminders::print_due(screen, &shown, next.as_ref(), dry_run, &session.clock())?;
    Ok(false)
}

/// Stays. A file that cannot be read or written for a while is told of once, and looked at again:
/// whoever waits for a reminder must not find the watch gone.
fn watch(session: &mut Session, screen: &mut Screen, on_desktop: bool) -> Done {
    // What is wrong from the beginning is the answer.
    session.store()?;
    screen.apply(&session.settings);
    let mut trouble = None;
    loop {
        let looked = session.renew().and_then(|()| look(session));
        session.tell_hooks(screen);
        let wait = match looked {
            Ok((shown, wait)) => {
                trouble = None;
                if on_desktop {
                    shown.iter().for_each(notify);
                }
                reminders::print_watch(screen, &shown, &session.clock())?;
                screen.flush()?;
                wait
            }
            Err(error) => {
                let told = error.to_string();
                if trouble.as_ref() != Some(&told) {
                    let _ = writeln!(std::io::stderr().lock(), "waiting: {told}");
                    trouble = Some(told);
                }
                LOOK
            }
        };
        edge::wait(wait.min(LOOK));
    }
}

/// What is due, and how long it is until the next.
fn look(session: &mut Session) -> Result<(Vec<Shown>, Duration), CliError> {
    let shown = fire(session)?;
    session.end_write();
    let wait = next(session)?.map_or(LOOK, |next| until(&next, session.now));
    Ok((shown, wait))
}

fn until(next: &Shown, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(next.at.millis() - now.millis()).unwrap_or_default())
}

/// Open tasks that have reminders.
fn reminding(session: &mut Session) -> Result<Vec<Task>, CliError> {
    let filter = Filter { waiting: true, ..Filter::default() };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    let mut tasks = session.find(&query)?.tasks;
    tasks.retain(|task| !task.reminders.is_empty());
    Ok(tasks)
}

/// Settles what is due, and answers what is to be shown.
fn fire(session: &mut Session) -> Result<Vec<Shown>, CliError> {
    let preferences = session.settings.preferences();
    let due: BTreeSet<TaskId> = reminding(session)?
        .iter()
        .filter(|task| is_due(task, &preferences, session))
        .map(|task| task.uid)
        .collect();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    // Most are settled already, and then nothing is written.
    let outcome = session.run_by_itself(&Command::Remind(due))?;
    let shown = outcome.events.iter().filter_map(|event| shown(event, &outcome.tasks));
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(|shown| (shown.at, shown.id));
    Ok(shown)
}

fn is_due(task: &Task, preferences: &Preferences, session: &Session) -> bool {
    let planned = planned(task, preferences, session.zone);
    planned.iter().any(|planned| settle(task, *planned, session.now, session.zone).is_some())
}

fn shown(event: &EventEnvelope, tasks: &BTreeMap<TaskId, Task>) -> Option<Shown> {
    let EventData::Reminded { reminder, firing, .. } = &event.data else { return None };
    let task = tasks.get(&event.aggregate_id)?;
    let state = match firing.fate {
        FiringFate::Missed => ReminderState::Missed,
        FiringFate::Sent | FiringFate::Late => ReminderState::Sent,
    };
    let late = firing.fate == FiringFate::Late;
    Some(Shown { state, late, ..Shown::new(task, reminder, firing.at) })
}

/// The reminders that are to come, the next one first.
fn ahead(session: &mut Session) -> Result<Vec<Shown>, CliError> {
    let preferences = session.settings.preferences();
    let tasks = reminding(session)?;
    let firings = tasks.iter().map(|task| task.uid.into()).collect();
    let firings = session.load(&Needs { firings, ..Needs::default() })?.firings;
    let clock = session.clock();
    let mut ahead = Vec::new();
    for task in &tasks {
        let told = wire::shown(task, &firings, &preferences, clock.now, clock.zone);
        ahead.extend(
            told.into_iter().filter(|shown| {
                matches!(shown.state, ReminderState::Scheduled | ReminderState::Due)
            }),
        );
    }
    ahead.sort_by_key(|shown| (shown.at, shown.task));
    Ok(ahead)
}

fn next(session: &mut Session) -> Result<Option<Shown>, CliError> {
    let now = session.now;
    Ok(ahead(session)?.into_iter().find(|shown| shown.at > now))
}

fn coming(session: &mut Session, screen: &mut Screen) -> Done {
    let ahead = ahead(session)?;
    screen.apply(&session.settings);
    reminders::print_coming(screen, &ahead, &session.clock())?;
    Ok(false)
}

/// On the desktop. One that cannot be shown there is still shown here, with why.
fn notify(reminder: &Shown) {
    if reminder.state != ReminderState::Sent {
        return;
    }
    if let Err(why) = edge::notify(&reminder.title, reminder.message.as_deref()) {
        let _ = writeln!(std::io::stderr().lock(), "the desktop shows no notification: {why}");
    }
}
