//! `todo repeat`.

use std::io::Write;

use serde_json::json;
use todo_core::wire::describe;
use todo_core::{Item, TaskPatch, Verb};

use super::change::{REPEATED, command};
use super::chosen::{self, Below, Scope};
use super::{Done, carry_out};
use crate::args::RepeatArgs;
use crate::error::CliError;
use crate::intent::{self, Target, words};
use crate::named::Trashed;
use crate::session::Session;
use crate::view::screen::Screen;
use crate::view::{json as view, repeat};

/// Dates shown where nobody said how many.
const SHOWN: usize = 5;

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &RepeatArgs) -> Done {
    let typed = args.words.join(" ");
    let asks = args.series.from.is_some() || args.series.spawn.is_some();
    if typed.is_empty() && !asks {
        return show(session, screen, args);
    }
    let id = std::slice::from_ref(&args.id);
    let tasks =
        chosen::to_change(session, screen, id, (Scope::Open, Below::Nothing), REPEATED.would)?;
    let typed = Some(typed.as_str()).filter(|typed| !typed.is_empty());
    let items = tasks.iter().map(|task| {
        let mut patch = TaskPatch::default();
        words::repeat(session, typed, &args.series, task, &mut patch)?;
        Ok(Item::act(task.id, Verb::Change(Box::new(patch))))
    });
    let items = items.collect::<Result<Vec<_>, CliError>>()?;
    let ids: Vec<_> = tasks.iter().map(|task| task.id.to_string()).collect();
    let refused = carry_out(session, screen, &command(items), &REPEATED, &ids)
        .map_err(|error| point_at(error, args))?;
    match args.preview {
        Some(count) if !screen.is_json() && !session.global.dry_run => {
            let targets: Vec<_> = tasks.iter().map(|task| Target::from(task.id)).collect();
            for task in session.resolve(&targets, Trashed::DoNotCount)? {
                repeat::print_coming(screen, &task, count as usize, &session.clock())?;
            }
        }
        _ => {}
    }
    Ok(refused)
}

/// How a series goes on is wrong where a flag says so; all else is about the task.
fn point_at(error: CliError, args: &RepeatArgs) -> CliError {
    let flag = args.series.spawn.as_ref().or(args.series.from.as_ref());
    let at = flag.filter(|_| error.is_about("recurrence")).unwrap_or(&args.id);
    error.at(at)
}

/// How the tasks repeat, and their coming dates.
fn show(session: &mut Session, screen: &mut Screen, args: &RepeatArgs) -> Done {
    let id = std::slice::from_ref(&args.id);
    let tasks = session.resolve(&intent::targets(id)?, Trashed::DoNotCount)?;
    screen.apply(&session.settings);
    let count = args.preview.map_or(SHOWN, |count| count as usize);
    let clock = session.clock();
    if screen.is_json() {
        let tasks: Vec<_> = tasks.iter().map(|task| describe(task, count)).collect();
        view::print(screen, "repeat", json!({ "tasks": tasks }))?;
        return Ok(false);
    }
    for task in &tasks {
        writeln!(screen, "{}", repeat::headline(screen, task))?;
        repeat::print_coming(screen, task, count, &clock)?;
    }
    Ok(false)
}
