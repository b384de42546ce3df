//! `todo config`.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::Done;
use crate::args::ConfigArgs;
use crate::error::{CliError, faulty};
use crate::intent::{nearest, similar};
use crate::session::Session;
use crate::settings::{KNOWN, Known};
use crate::view::json as view;
use crate::view::screen::{Screen, visible};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &ConfigArgs) -> Done {
    session.store()?;
    let Some(name) = &args.name else { return show(session, screen, KNOWN) };
    let known = Known::find(name).ok_or_else(|| {
        let like = similar(name, KNOWN.iter().map(|known| known.name));
        let hint = like.map_or_else(
            || "`todo config` shows all settings".to_owned(),
            |like| format!("did you mean {like}?"),
        );
        CliError::usage(format!("there is no setting {name:?}"), Some(name), Some(hint))
    })?;
    let value = match &args.value {
        Some(typed) => Some(known.check(typed).map_err(|problem| {
            let hint = nearest(&problem).map(|word| format!("did you mean {word}?"));
            faulty(known.name, problem, typed).hint(hint)
        })?),
        None => None,
    };
    if let Some(name) = value.as_deref().filter(|_| known.name == "context") {
        super::filter::check(session, name, args.value.as_deref().unwrap_or_default())?;
    }
    if (value.is_some() || args.unset) && !session.global.dry_run {
        session.set(known.name, value)?;
        session.close();
        session.store()?;
    }
    show(session, screen, std::slice::from_ref(known))
}

fn show(session: &Session, screen: &mut Screen, known: &[Known]) -> Done {
    screen.apply(&session.settings);
    if screen.is_json() {
        let values: Map<String, Value> = known
            .iter()
            .map(|known| (known.name.to_owned(), json!(session.settings.value(known.name))))
            .collect();
        view::print(screen, "config", json!({ "settings": values }))?;
        return Ok(false);
    }
    let palette = screen.palette();
    let dim = palette.dim;
    for known in known {
        let value = match session.settings.value(known.name) {
            Some(value) => value,
            None => format!("{} (not set)", known.default),
        };
        let value = visible(&value);
        // A colour is shown as it is.
        let ink = palette.named(known.name).unwrap_or_default();
        writeln!(screen, "{:<17} {ink}{value}{ink:#}\n  {dim}{}{dim:#}", known.name, known.about)?;
    }
    Ok(false)
}
