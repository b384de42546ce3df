//! A list as comma-separated values (RFC 4180), with a header.

use std::io::{self, Write};

use todo_core::Task;
use todo_core::interchange::csv::{Column, write};

/// Prints the header and one record a task.
pub(crate) fn print(out: &mut impl Write, tasks: &[Task]) -> io::Result<()> {
    write(Column::listed(), tasks, out)
}
