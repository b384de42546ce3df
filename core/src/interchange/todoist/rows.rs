//! What the columns are called, in all versions of the table.

use std::io::BufRead;

use crate::error::{Problem, excerpt};
use crate::interchange::ImportError;
use crate::interchange::sheet::{Row, Sheet};

/// What a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Task,
    Section,
    Note,
    /// An empty one, or one about how the project is shown.
    Other,
}

/// Where the columns stand. Versions differ in which there are.
pub(super) struct Columns {
    kind: Option<usize>,
    pub(super) content: Option<usize>,
    pub(super) description: Option<usize>,
    pub(super) priority: Option<usize>,
    pub(super) indent: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) language: Option<usize>,
    pub(super) zone: Option<usize>,
    pub(super) deadline: Option<usize>,
    /// Those that have no home here.
    pub(super) others: Vec<(usize, String)>,
}

/// Columns that say something about another.
const BESIDE: [&str; 4] = ["DURATION_UNIT", "DEADLINE_LANG", "DUE_DATE_LANG", "DATE_LANG"];

impl Columns {
    pub(super) fn of<R: BufRead>(sheet: &Sheet<R>) -> Self {
        let either = |one: &str, other: &str| sheet.column(one).or_else(|| sheet.column(other));
        let mut columns = Self {
            kind: sheet.column("TYPE"),
            content: sheet.column("CONTENT"),
            description: sheet.column("DESCRIPTION"),
            priority: sheet.column("PRIORITY"),
            indent: sheet.column("INDENT"),
            date: either("DATE", "DUE_DATE"),
            language: either("DATE_LANG", "DUE_DATE_LANG"),
            zone: sheet.column("TIMEZONE"),
            deadline: sheet.column("DEADLINE"),
            others: Vec::new(),
        };
        let Self { kind, content, description, priority, indent, date, zone, deadline, .. } =
            columns;
        let known = [kind, content, description, priority, indent, date, zone, deadline];
        let others = sheet.header().iter().enumerate().filter(|(place, name)| {
            let beside = BESIDE.iter().any(|other| other.eq_ignore_ascii_case(name));
            !known.contains(&Some(*place)) && !beside
        });
        columns.others = others.map(|(place, name)| (place, name.clone())).collect();
        columns
    }

    pub(super) fn kind(&self, row: Row<'_>) -> Result<Kind, ImportError> {
        let has_content = !row.cell(self.content).is_empty();
        match row.cell(self.kind).to_ascii_lowercase().as_str() {
            "task" => Ok(Kind::Task),
            "section" => Ok(Kind::Section),
            "note" => Ok(Kind::Note),
            "" if has_content && self.kind.is_none() => Ok(Kind::Task),
            "" if has_content => Err(row.fault("TYPE", &"is empty; write task, section or note")),
            "" | "meta" => Ok(Kind::Other),
            other => {
                let allowed = &["task", "section", "note"];
                let problem = Problem::NotOneOf { given: excerpt(other), allowed };
                Err(row.fault("TYPE", &problem))
            }
        }
    }
}

/// A number within bounds, or nothing.
pub(super) fn number(
    row: Row<'_>,
    (name, place): (&str, Option<usize>),
    max: usize,
) -> Result<Option<usize>, ImportError> {
    let text = row.cell(place);
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number| (1..=max).contains(number));
    let problem = || Problem::OutOfRange { min: 1, max: max as u64 };
    number.map(Some).ok_or_else(|| row.fault(name, &problem()))
}
