//! `todo filter` and `todo context`: expressions by name, and the one that stands over all others.

use std::io::Write;

use serde_json::json;
use todo_core::TaskError;
use todo_core::error::excerpt;
use todo_core::query::{Filters, SavedFilters as _};

use super::Done;
use crate::args::{ContextArgs, FilterAct};
use crate::error::CliError;
use crate::intent::{NONE, words};
use crate::session::Session;
use crate::view::json as view;
use crate::view::screen::{Screen, columns, visible};

const CONTEXT: &str = "context";

pub(super) fn run(session: &mut Session, screen: &mut Screen, act: Option<&FilterAct>) -> Done {
    match act {
        None | Some(FilterAct::List) => list(session, screen),
        Some(FilterAct::Save { name, expression }) => save(session, screen, name, expression),
        Some(FilterAct::Remove { name }) => remove(session, screen, name),
    }
}

fn list(session: &mut Session, screen: &mut Screen) -> Done {
    let filters = session.filters()?;
    let context = session.settings.context();
    screen.apply(&session.settings);
    if screen.is_json() {
        let one = |(name, text)| json!({ "name": name, "filter": text });
        let filters: Vec<_> = filters.iter().map(one).collect();
        view::print(screen, "filter", json!({ "filters": filters, "context": context }))?;
        return Ok(false);
    }
    let width = filters.iter().map(|(name, _)| columns(name)).max();
    let Some(width) = width else {
        writeln!(screen, "No filter is saved. Save one: todo filter save NAME FILTER")?;
        return Ok(false);
    };
    let palette = screen.palette();
    let (strong, dim) = (palette.strong, palette.dim);
    for (name, text) in filters.iter() {
        let gap = width.saturating_sub(columns(name)) + 2;
        let stands = if context.as_deref() == Some(name) { "  (the context)" } else { "" };
        let (name, text) = (visible(name), visible(text));
        writeln!(screen, "{strong}{name}{strong:#}{:gap$}{text}{dim}{stands}{dim:#}", "")?;
    }
    Ok(false)
}

fn save(session: &mut Session, screen: &mut Screen, name: &str, expression: &[String]) -> Done {
    let typed = expression.join(" ");
    let write = !session.global.dry_run;
    if write {
        // What is checked now is what is written over.
        session.hold()?;
    }
    let mut filters = session.filters()?;
    let before = filters.text(name).map(ToOwned::to_owned);
    let saved = filters.save(name, &typed, &words::asking(session));
    let (name, text) = saved.map_err(|error| match error {
        TaskError::Words { error, .. } => words::not_understood("filter", *error, &typed),
        error => CliError::from(error).at(name),
    })?;
    if write {
        session.save_filter(&name, &text)?;
    }
    let before = before.filter(|before| *before != text);
    tell(session, screen, &name, Some(&text), before.as_deref())
}

fn remove(session: &mut Session, screen: &mut Screen, name: &str) -> Done {
    let write = !session.global.dry_run;
    if write {
        session.hold()?;
    }
    let mut filters = session.filters()?;
    let removed = filters.remove(name, &words::asking(session));
    removed.map_err(|error| CliError::from(error).at(name))?;
    let name = Filters::name(name);
    if write {
        let stands = session.settings.context().as_deref() == Some(&*name);
        // First, so that no context ever names what is gone.
        if stands {
            session.set(CONTEXT, None)?;
        }
        session.forget_filter(&name)?;
    }
    tell(session, screen, &name, None, None)
}

/// The filter as it is kept, or that it is gone.
fn tell(
    session: &mut Session,
    screen: &mut Screen,
    name: &str,
    text: Option<&str>,
    before: Option<&str>,
) -> Done {
    screen.apply(&session.settings);
    let dry_run = session.global.dry_run;
    session.close();
    if screen.is_json() {
        let body = json!({ "dry_run": dry_run, "name": name, "filter": text, "replaced": before });
        view::print(screen, "filter", body)?;
        return Ok(false);
    }
    let strong = screen.palette().strong;
    let did = match (text, dry_run) {
        (Some(_), false) => "Saved",
        (Some(_), true) => "Would save",
        (None, false) => "Removed",
        (None, true) => "Would remove",
    };
    let name = visible(name);
    match text {
        Some(text) => writeln!(screen, "{did} {strong}{name}{strong:#}  {}", visible(text))?,
        None => writeln!(screen, "{did} {strong}{name}{strong:#}")?,
    }
    if let Some(before) = before {
        let dim = screen.palette().dim;
        writeln!(screen, "  {dim}it was: {}{dim:#}", visible(before))?;
    }
    Ok(false)
}

/// A context must be there, and understood.
pub(super) fn check(session: &mut Session, name: &str, typed: &str) -> Result<(), CliError> {
    if name == NONE {
        return Ok(());
    }
    let found = session.filters()?.expression(name, &words::asking(session));
    found.map(drop).map_err(|error| CliError::from(error).at(typed))
}

pub(super) fn context(session: &mut Session, screen: &mut Screen, args: &ContextArgs) -> Done {
    session.store()?;
    if let Some(typed) = &args.name {
        let name = Filters::name(typed);
        let write = !session.global.dry_run;
        if write {
            session.hold()?;
        }
        check(session, &name, typed)?;
        if write {
            session.set(CONTEXT, Some(name).filter(|name| name != NONE))?;
            session.close();
            session.store()?;
        }
    }
    let filters = session.filters()?;
    let dry_run = session.global.dry_run;
    let asked = args.name.as_ref().filter(|_| dry_run).map(|name| Filters::name(name));
    let stands = asked.or_else(|| session.settings.context()).filter(|name| name != NONE);
    screen.apply(&session.settings);
    let text = stands.as_deref().and_then(|name| {
        filters.iter().find(|(known, _)| *known == name).map(|(_, text)| text.to_owned())
    });
    if screen.is_json() {
        let body = json!({ "dry_run": dry_run, "context": stands, "filter": text });
        view::print(screen, "context", body)?;
        return Ok(false);
    }
    if dry_run && args.name.is_some() {
        writeln!(screen, "Would show then:")?;
    }
    match (stands, text) {
        (None, _) => writeln!(screen, "No context: all tasks are shown.")?,
        (Some(name), Some(text)) => {
            let strong = screen.palette().strong;
            let name = visible(&name);
            writeln!(screen, "Context {strong}{name}{strong:#}  {}", visible(&text))?;
        }
        (Some(name), None) => {
            let name = excerpt(&name);
            writeln!(screen, "Context {name:?}, a filter that is gone: todo context none")?;
        }
    }
    Ok(false)
}
