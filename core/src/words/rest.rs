//! What the marks of a line say, and what is left of it as the title (W1).

use super::WordsError;
use super::line::{Taken, priority};
use super::quick::PartKind;
use super::token::is_white;
use super::trouble::Trouble;
use crate::task::Priority;
use crate::text::{Project, Tag, Title};

/// What the marks say.
#[derive(Default)]
pub(super) struct Marked {
    pub(super) tags: Vec<Tag>,
    pub(super) project: Option<Project>,
    pub(super) priority: Option<Priority>,
}

pub(super) fn marked(text: &str, marks: &[Taken]) -> Result<Marked, WordsError> {
    let mut marked = Marked::default();
    for Taken { kind, bytes, chars } in marks {
        let refuse = |trouble: &Trouble| trouble.error(text, chars.clone(), bytes.clone());
        let name = text.get(bytes.start + 1..bytes.end).unwrap_or_default();
        match kind {
            PartKind::Tag => {
                let tag = Tag::new(name.trim_end_matches(','))
                    .map_err(|e| refuse(&Trouble::Refused("tag", e.problem)))?;
                marked.tags.push(tag);
            }
            PartKind::Project => {
                let project = Project::new(name)
                    .map_err(|e| refuse(&Trouble::Refused("project", e.problem)))?;
                if marked.project.replace(project).is_some() {
                    return Err(refuse(&Trouble::Twice("project")));
                }
            }
            PartKind::Priority => {
                if std::mem::replace(&mut marked.priority, priority(name)).is_some() {
                    return Err(refuse(&Trouble::Twice("priority")));
                }
            }
            PartKind::Due | PartKind::Recurrence | PartKind::Reminder | PartKind::Escape => {}
        }
    }
    Ok(marked)
}

/// What is left of a line.
pub(super) fn title(text: &str, taken: &[Taken]) -> Result<Title, WordsError> {
    let mut title = String::with_capacity(text.len());
    let (mut at, mut seam) = (0, false);
    for taken in taken {
        let goes = taken.kind != PartKind::Escape;
        join(&mut title, &text[at..taken.bytes.start], seam, goes);
        at = taken.bytes.end;
        seam = goes;
    }
    join(&mut title, &text[at..], seam, true);
    let title = title.trim_matches(is_white);
    let refuse = |trouble: &Trouble| trouble.error(text, 0..text.chars().count(), 0..text.len());
    if title.is_empty() {
        return Err(refuse(&Trouble::NoTitle));
    }
    Title::new(title).map_err(|error| refuse(&Trouble::Refused("title", error.problem)))
}

/// Adds a piece; where something was taken out before it, a single space or the punctuation behind
/// it. `ends` says whether something is taken out after it too, or nothing follows.
fn join(title: &mut String, piece: &str, seam: bool, ends: bool) {
    if !seam {
        title.push_str(piece);
        return;
    }
    let rest = piece.trim_start_matches(is_white);
    title.truncate(title.trim_end_matches(is_white).len());
    // "#fun, #home": what stood between two that are gone separates nothing any more.
    let separates = |c| ends && matches!(c, ',' | ';');
    if rest.trim_end_matches(|c| separates(c) || is_white(c)).is_empty() {
        title.push(' ');
    } else if rest.len() == piece.len() {
        // Glued to what was taken: "#shop, and", "tomorrow!".
        let punctuation = [',', ';', ':', '.', '!', '?'];
        title.push_str(if title.is_empty() { rest.trim_start_matches(punctuation) } else { rest });
    } else {
        title.push(' ');
        title.push_str(rest);
    }
}
