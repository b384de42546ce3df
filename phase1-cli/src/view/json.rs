//! Answers for programs: one object, one shape a command, described in `docs/cli-json.md`.

use std::io::{self, Write};

use serde::Serialize;
use todo_core::Task;

/// Raised when a shape changes in a way that a program could notice.
pub(crate) const SCHEMA: u32 = 1;

/// Prints `{"schema": 1, "command": …, …}` and a line end.
pub(crate) fn print(out: &mut impl Write, command: &str, body: impl Serialize) -> io::Result<()> {
    #[derive(Serialize)]
    struct Answer<'a, B> {
        schema: u32,
        command: &'a str,
        #[serde(flatten)]
        body: B,
    }
    serde_json::to_writer(&mut *out, &Answer { schema: SCHEMA, command, body })?;
    out.write_all(b"\n")
}

/// Prints a list of tasks.
pub(crate) fn print_tasks(
    out: &mut impl Write,
    command: &str,
    tasks: &[Task],
    total: u64,
) -> io::Result<()> {
    print_list(out, command, &List { total, tasks, ..List::default() })
}

/// A list of tasks, with what was asked beside them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct List<'a> {
    pub(crate) total: u64,
    pub(crate) tasks: &'a [Task],
    /// How urgent each is, in the same order: not of the task, for it changes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) urgency: Option<Vec<i64>>,
    /// The filter in its written form, the context that stands included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<String>,
}

/// Prints it.
pub(crate) fn print_list(out: &mut impl Write, command: &str, list: &List<'_>) -> io::Result<()> {
    print(out, command, list)
}
