//! A list as comma-separated values (RFC 4180), with a header.

use std::io::{self, Write};

use todo_core::Task;
use todo_core::interchange::csv::{Column, write};
use todo_core::query::Moment;

/// Prints the header and one record a task, with how urgent it is if that was asked.
pub(crate) fn print(
    out: &mut impl Write,
    tasks: &[Task],
    urgency: Option<&Moment>,
) -> io::Result<()> {
    write(Column::listed(), tasks, urgency, out)
}
