//! Values of a task as they are said: texts become values of the core, dates and recurrences may be
//! words in the asker's zone.

use todo_core::words::{self, Asking, GoesOn};
use todo_core::{
    Description, Due, FieldError, NewReminder, Priority, Problem, Project, Status, Tag, Tags, Title,
};

use crate::args::{Repeats, Texts};
use crate::fault::Fault;

pub(super) fn title(text: &str) -> Result<Title, Fault> {
    Ok(Title::new(text)?)
}

pub(super) fn description(text: &str) -> Result<Description, Fault> {
    Ok(Description::new(text)?)
}

pub(super) fn project(text: &str) -> Result<Project, Fault> {
    Ok(Project::new(text.strip_prefix('@').unwrap_or(text))?)
}

pub(super) fn priority(text: &str) -> Result<Priority, Fault> {
    text.parse().map_err(|problem| Fault::field("priority", problem))
}

pub(super) fn status(text: &str) -> Result<Status, Fault> {
    text.parse().map_err(|problem| Fault::field("status", problem))
}

pub(super) fn tag(text: &str) -> Result<Tag, FieldError> {
    let text = text.trim();
    Tag::new(text.strip_prefix('#').unwrap_or(text))
}

pub(super) fn tag_list(texts: &Texts) -> Result<Vec<Tag>, Fault> {
    Ok(texts.0.iter().map(|text| tag(text)).collect::<Result<_, _>>()?)
}

pub(super) fn tags(texts: &Texts) -> Result<Tags, Fault> {
    Ok(Tags::new(tag_list(texts)?)?)
}

/// A date, in words or by the standard.
pub(super) fn date(asking: &Asking, field: &'static str, text: &str) -> Result<Due, Fault> {
    words::when(text, asking).map_err(|error| Fault::words(field, error))
}

/// When to remind. Nothing at all is never.
pub(super) fn reminders(asking: &Asking, texts: &Texts) -> Result<Vec<NewReminder>, Fault> {
    let read = |text: &String| {
        let trigger = words::remind(text, asking);
        trigger.map(NewReminder::new).map_err(|error| Fault::words("reminders", error))
    };
    texts.0.iter().filter(|text| !crate::args::is_none(text)).map(read).collect()
}

/// How a series goes on, where that is said beside its rule.
pub(super) fn goes_on(repeats: &Repeats) -> Result<GoesOn, Fault> {
    let Repeats { from, spawn, .. } = repeats;
    Ok(GoesOn {
        from: from.as_deref().map(|text| one_of("from", text)).transpose()?,
        spawn: spawn.as_deref().map(|text| one_of("spawn", text)).transpose()?,
    })
}

/// One of a few words.
pub(super) fn one_of<T: std::str::FromStr<Err = Problem>>(
    field: &'static str,
    text: &str,
) -> Result<T, Fault> {
    text.parse().map_err(|problem| Fault::field(field, problem))
}
