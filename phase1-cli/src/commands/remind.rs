//! `todo remind` and `todo snooze`.

use serde_json::json;
use todo_core::reminder::ReminderId;
use todo_core::wire::shown;
use todo_core::{ErrorCode, Item, Needs, NewReminder, RemindersPatch, TaskPatch, Title, Verb};

use super::change::{REMINDED, SNOOZED, command};
use super::chosen::{self, Below, Scope};
use super::{Done, carry_out};
use crate::args::{RemindArgs, SnoozeArgs};
use crate::error::CliError;
use crate::intent::{self, NONE, words};
use crate::named::Trashed;
use crate::session::Session;
use crate::view::outcome::Wording;
use crate::view::screen::Screen;
use crate::view::{json as view, reminders};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &RemindArgs) -> Done {
    let typed = args.when.join(" ");
    if typed.is_empty() && args.remove.is_empty() {
        return show(session, screen, &args.id);
    }
    let verb = |session: &Session| {
        let reminders = patch(session, args, &typed)?;
        Ok(Verb::Change(Box::new(TaskPatch { reminders, ..TaskPatch::default() })))
    };
    act(session, screen, &args.id, verb, &REMINDED).map_err(|error| {
        // What is wrong is what was asked for.
        let asked = error.code() == ErrorCode::DueRequired || error.is_about("reminders");
        if asked { error.at(&typed) } else { error }
    })
}

fn patch(session: &Session, args: &RemindArgs, typed: &str) -> Result<RemindersPatch, CliError> {
    if typed.eq_ignore_ascii_case(NONE) {
        return Ok(RemindersPatch::Set(Vec::new()));
    }
    let mut add = Vec::new();
    if !typed.is_empty() {
        let message =
            args.message.as_deref().map(|typed| intent::text(typed, Title::new)).transpose()?;
        let mut new = NewReminder::new(words::trigger(session, typed)?);
        new.message = message;
        if let Some(typed) = &args.channel {
            new.channel = intent::word("channel", typed)?;
        }
        add.push(new);
    }
    let remove = args.remove.iter().map(|id| ReminderId(*id)).collect();
    Ok(RemindersPatch::Edit { add, remove })
}

pub(super) fn snooze(session: &mut Session, screen: &mut Screen, args: &SnoozeArgs) -> Done {
    let verb = |session: &Session| {
        let until = words::snooze(session, &args.when.join(" "))?;
        Ok(Verb::Snooze { until })
    };
    act(session, screen, &args.id, verb, &SNOOZED)
}

fn act(
    session: &mut Session,
    screen: &mut Screen,
    id: &String,
    verb: impl FnOnce(&Session) -> Result<Verb, CliError>,
    wording: &Wording,
) -> Done {
    let ids = std::slice::from_ref(id);
    let tasks =
        chosen::to_change(session, screen, ids, (Scope::Open, Below::Nothing), wording.would)?;
    // Now, for the settings decide the zone that dates are read in.
    let verb = verb(session)?;
    let items: Vec<_> = tasks.iter().map(|task| Item::act(task.id, verb.clone())).collect();
    let typed: Vec<_> = tasks.iter().map(|task| task.id.to_string()).collect();
    carry_out(session, screen, &command(items), wording, &typed).map_err(|error| error.at(id))
}

/// When the tasks remind, and where each reminder stands.
fn show(session: &mut Session, screen: &mut Screen, id: &String) -> Done {
    let id = std::slice::from_ref(id);
    let tasks = session.resolve(&intent::targets(id)?, Trashed::DoNotCount)?;
    let firings = tasks.iter().map(|task| task.uid.into()).collect();
    let firings = session.load(&Needs { firings, ..Needs::default() })?.firings;
    screen.apply(&session.settings);
    let (preferences, clock) = (session.settings.preferences(), session.clock());
    let told = |task| shown(task, &firings, &preferences, clock.now, clock.zone);
    let told: Vec<_> = tasks.iter().map(told).collect();
    if screen.is_json() {
        let tasks = tasks.iter().zip(&told).map(|(task, told)| {
            json!({ "id": task.id, "uid": task.uid, "title": task.title, "reminders": told })
        });
        view::print(screen, "remind", json!({ "tasks": tasks.collect::<Vec<_>>() }))?;
        return Ok(false);
    }
    for (task, told) in tasks.iter().zip(&told) {
        reminders::print_of(screen, task, told, &clock)?;
    }
    Ok(false)
}
