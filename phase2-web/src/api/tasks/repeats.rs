//! What a body says of how a task repeats (R1, R2, W3).

use serde_json::Value;
use todo_core::words::GoesOn;
use todo_core::{NewRecurrence, Patch, Rule};

use crate::api::faults::Trouble;
use crate::api::form::{Form, Read, string, word};

/// How a task is to repeat.
#[derive(Debug, Clone)]
pub(crate) enum Repeats {
    /// By a rule.
    Rule(NewRecurrence),
    /// In words, which may say a first date too.
    Words(String, GoesOn),
}

/// How it repeats, under each of its names.
pub(super) fn repeats(form: &mut Form<'_>) -> Patch<Repeats> {
    const NAMES: [&str; 3] = ["recurrence", "recurrence_rule", "recurrence_pattern"];
    let mut said = Patch::Keep;
    let mut seen = 0;
    for name in NAMES {
        let Some(value) = form.take(name) else { continue };
        seen += 1;
        if seen > 1 {
            form.fault(name, Trouble::new("twice", "says again how the task repeats"));
        }
        said = match value {
            Value::Null => Patch::Clear,
            Value::Object(_) => match form.child(name, value) {
                Some(mut child) => {
                    let repeats = recurrence(&mut child);
                    child.finish();
                    repeats.map_or(Patch::Keep, Patch::Set)
                }
                None => Patch::Keep,
            },
            value => match string(&value).and_then(|text| rule(text, GoesOn::default())) {
                Ok(repeats) => Patch::Set(repeats),
                Err(trouble) => {
                    form.fault(name, trouble);
                    Patch::Keep
                }
            },
        };
    }
    said
}

/// `{rule, from, spawn}`. What one that was read brings along beside them says nothing.
pub(super) fn recurrence(form: &mut Form<'_>) -> Option<Repeats> {
    form.pass_over(&["anchor", "n"]);
    let goes_on = GoesOn { from: form.optional("from", word), spawn: form.optional("spawn", word) };
    form.required("rule", |value| rule(string(value)?, goes_on))
}

/// An RRULE, or words.
fn rule(text: &str, goes_on: GoesOn) -> Read<Repeats> {
    if !text.contains('=') {
        return Ok(Repeats::Words(text.to_owned(), goes_on));
    }
    let mut new = NewRecurrence::new(text.parse::<Rule>()?);
    new.from = goes_on.from.unwrap_or(new.from);
    new.spawn = goes_on.spawn.unwrap_or(new.spawn);
    Ok(Repeats::Rule(new))
}
