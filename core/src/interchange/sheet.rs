//! Tables as text (RFC 4180): a header, then records, whatever separates their cells.

use std::fmt::Display;
use std::io::{self, BufRead};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::source::Lines;
use super::{Format, ImportError};
use crate::error::{FieldError, excerpt};

/// What may stand between cells.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// Most columns of a table.
const COLUMNS_MAX: usize = 256;

/// A table that is read record by record.
pub(super) struct Sheet<R> {
    reader: Reader<Lines<R>>,
    header: Vec<String>,
    row: StringRecord,
}

/// A record, and where it begins.
#[derive(Clone, Copy)]
pub(super) struct Row<'s> {
    pub(super) line: usize,
    cells: &'s StringRecord,
}

impl Row<'_> {
    /// What stands in a column, without white space around it.
    pub(super) fn cell(&self, column: Option<usize>) -> &str {
        self.text(column).trim()
    }

    /// What stands in a column, as it is.
    pub(super) fn text(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.cells.get(column)).unwrap_or_default()
    }

    /// Says what is wrong with a cell.
    pub(super) fn fault(&self, column: &str, what: &dyn Display) -> ImportError {
        ImportError::Cell { line: self.line, column: excerpt(column), what: what.to_string() }
    }

    /// Says what is wrong with a cell, where the problem knows its column.
    pub(super) fn refuse(&self, error: &FieldError) -> ImportError {
        self.fault(&error.field, &error.problem)
    }
}

impl<R: BufRead> Sheet<R> {
    /// Reads the header, which must have a column `needed`; by it, what separates cells is known.
    pub(super) fn open(source: R, format: Format, needed: &str) -> Result<Self, ImportError> {
        let mut lines = Lines::new(source)?;
        let looks = lines.looks();
        let first = lines.peek()?.unwrap_or_default();
        let has = |separator: &u8| {
            let mut names = first.split(char::from(*separator)).map(|name| name.trim_matches('"'));
            names.any(|name| name.trim().eq_ignore_ascii_case(needed))
        };
        let separator = SEPARATORS.into_iter().find(has);
        let Some(separator) = separator else {
            let what = format!("the names of the columns, {needed} among them");
            return Err(lines.fault(looks.expected(format, &what)));
        };
        let flexible = format == Format::Todoist;
        let mut reader =
            ReaderBuilder::new().delimiter(separator).flexible(flexible).from_reader(lines);
        let header = reader.headers().map_err(|error| fault(error, 1))?.iter();
        let header: Vec<_> = header.map(|name| name.trim().to_owned()).collect();
        if header.len() > COLUMNS_MAX {
            let what =
                format!("there are {} columns; at most {COLUMNS_MAX} are read", header.len());
            return Err(ImportError::Syntax { line: 1, column: 1, what });
        }
        Ok(Self { reader, header, row: StringRecord::new() })
    }

    /// The columns' names, as they are written.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The place of a column, in whatever case its name is written.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|other| other.eq_ignore_ascii_case(name))
    }

    /// The next record.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, ImportError> {
        let line = self.reader.position().line();
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let found = self.reader.read_record(&mut self.row).map_err(|error| fault(error, line))?;
        self.reader.get_mut().ends_record();
        if !found {
            return Ok(None);
        }
        let begins = self.row.position().map_or(0, csv::Position::line);
        let line = usize::try_from(begins).unwrap_or(usize::MAX);
        // Every line is given with an end: only a quote that is not closed takes the last one's in.
        if self.row.iter().next_back().is_some_and(|cell| cell.ends_with('\n'))
            && self.reader.get_ref().is_done()
        {
            let what = "a quote is left open to the end of the file; is it cut off?".to_owned();
            return Err(ImportError::Syntax { line, column: 1, what });
        }
        Ok(Some(Row { line, cells: &self.row }))
    }
}

fn fault(error: csv::Error, line: usize) -> ImportError {
    match error.into_kind() {
        ErrorKind::Io(error) => beneath(error),
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.map_or(line, |pos| usize::try_from(pos.line()).unwrap_or(line));
            let what = format!("the record has {len} cells, and the first line {expected_len}");
            ImportError::Syntax { line, column: 1, what }
        }
        other => ImportError::Syntax { line, column: 1, what: format!("{other:?}") },
    }
}

/// What was wrong with a line, if that is why it could not be read.
fn beneath(error: io::Error) -> ImportError {
    match error.downcast::<ImportError>() {
        Ok(error) => error,
        Err(error) => ImportError::Read(error),
    }
}
