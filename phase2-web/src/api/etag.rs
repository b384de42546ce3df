//! `ETag`, `If-Match` and `If-None-Match` of single tasks.
//!
//! The tag is strong, and made of the task's number and version: two states of an owner's tasks
//! never share one.

use axum::http::{HeaderMap, HeaderName, header};
use todo_core::{Revision, Task, TaskNo};

use crate::ApiError;

/// The tag of a task as it stands.
pub(crate) fn of(task: &Task) -> String {
    format!("\"{}-{}\"", task.id, task.version)
}

/// What stands in `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`.
    Any,
    /// Each with its quotes, and whether it is weak.
    List(Vec<Tag>),
}

/// One entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    weak: bool,
    text: String,
}

impl Tags {
    /// Reads the header, if it is there.
    pub(crate) fn read(
        headers: &HeaderMap,
        name: &HeaderName,
        shown: &'static str,
    ) -> Result<Option<Self>, ApiError> {
        let mut tags = Vec::new();
        let mut lines = headers.get_all(name).iter().peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let ill = || {
            let what = "is a list of entity tags in quotes, or *";
            ApiError::malformed(format!("{shown} {what}"))
        };
        for line in lines {
            let line = line.to_str().map_err(|_| ill())?.trim();
            if line == "*" {
                return Ok(Some(Self::Any));
            }
            tags.extend(list(line).ok_or_else(ill)?);
        }
        Ok(Some(Self::List(tags)))
    }

    /// The preconditions of a write.
    pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        Self::read(headers, &header::IF_MATCH, "If-Match")
    }

    /// What a reader has already.
    pub(crate) fn if_none_match(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        Self::read(headers, &header::IF_NONE_MATCH, "If-None-Match")
    }

    /// Whether a tag is among them, weak or not: for reading.
    pub(crate) fn name(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => tags.iter().any(|tag| tag.text == etag),
        }
    }

    /// Each strong tag with its quotes: a weak one matches nothing that is to be written. Nothing
    /// where any is taken.
    pub(crate) fn strong(&self) -> Option<Vec<&str>> {
        let Self::List(tags) = self else { return None };
        Some(tags.iter().filter(|tag| !tag.weak).map(|tag| tag.text.as_str()).collect())
    }

    /// The version that one tag alone names of a task, by its number: nobody needs to look at the
    /// task first.
    pub(crate) fn single(&self, id: TaskNo) -> Option<Revision> {
        match self {
            Self::List(tags) => match tags.as_slice() {
                [tag] => tag.version(id),
                _ => None,
            },
            Self::Any => None,
        }
    }

    /// The version that a write of the task may expect, as strong comparison has it: the present
    /// one if that is named, else one that it does not have.
    pub(crate) fn expected(&self, task: &Task) -> Option<Revision> {
        let Self::List(tags) = self else { return None };
        let named: Vec<_> = tags.iter().filter_map(|tag| tag.version(task.id)).collect();
        // No task ever has version 0.
        let seen = named.iter().copied().max().unwrap_or(Revision(0));
        Some(if named.contains(&task.version) { task.version } else { seen })
    }
}

impl Tag {
    /// The version that it names of the task with a number.
    fn version(&self, id: TaskNo) -> Option<Revision> {
        let (no, version) = self.text.trim_matches('"').split_once('-')?;
        let plain = |text: &str| !text.starts_with(['+', '0']);
        let ours = !self.weak && no == id.to_string() && plain(version);
        version.parse().ok().filter(|_| ours).map(Revision)
    }
}

/// `"a", W/"b"`.
fn list(line: &str) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return (!tags.is_empty()).then_some(tags);
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let end = quoted.strip_prefix('"')?.find('"')? + 2;
        let (text, after) = quoted.split_at(end);
        let separate = after.trim_start().is_empty() || after.trim_start().starts_with(',');
        if !separate {
            return None;
        }
        tags.push(Tag { weak, text: text.to_owned() });
        rest = after;
    }
}
