//! Which format a file is in, where nobody says.

use std::path::Path;

use todo_core::error::excerpt;
use todo_core::interchange::Format;

use crate::error::CliError;

/// What names of files end with, and the word of the format that such files are in. Taskwarrior's
/// files end like our own, and Todoist's like every other table.
const ENDINGS: &[(&str, &str)] = &[
    ("json", "json"),
    ("ics", "icalendar"),
    ("ical", "icalendar"),
    ("ifb", "icalendar"),
    ("csv", "csv"),
    ("tsv", "csv"),
    ("txt", "todotxt"),
];

/// The format that a file's name tells of: our own if it has no ending. One that says something
/// else must not come to hold our own without a word. `flag` says it instead.
pub(crate) fn of_name(path: &Path, flag: &str) -> Result<Format, CliError> {
    let Some(ending) = path.extension() else { return Ok(Format::Json) };
    let ending = ending.to_string_lossy();
    let known = ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&ending));
    known.and_then(|(_, word)| word.parse().ok()).ok_or_else(|| {
        let what = format!("no format is known by the ending .{}", excerpt(&ending));
        let hint = format!("say which it is: {flag} {}", Format::WORDS.join("|"));
        CliError::usage(what, path.to_str(), Some(hint))
    })
}

/// Refuses a file that begins like one of a format which no name tells of.
pub(crate) fn check(beginning: &[u8], name: &str, typed: &Path) -> Result<(), CliError> {
    let Some((whose, word)) = looks_like(&String::from_utf8_lossy(beginning)) else {
        return Ok(());
    };
    let what = format!("{name} looks like an export of {whose}");
    let hint = match word.parse::<Format>() {
        Ok(format) => format!("add --from {format}"),
        Err(_) => "that format is not read here".to_owned(),
    };
    Err(CliError::usage(what, typed.to_str().filter(|typed| *typed != "-"), Some(hint)))
}

/// Whose export it is, and the format's word.
fn looks_like(text: &str) -> Option<(&'static str, &'static str)> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("TYPE,CONTENT") {
        return Some(("Todoist", "todoist"));
    }
    let task = text.trim_start_matches(['[', ' ', '\t', '\r', '\n']);
    let task = task.strip_prefix('{')?;
    // Of ours the first name is another one, and its tasks have titles.
    let has = |name: &str| task.split('\n').next().unwrap_or_default().contains(name);
    let theirs = has("\"uuid\":") && has("\"description\":") && !has("\"format\":");
    theirs.then_some(("Taskwarrior", "taskwarrior"))
}
