//! Which tasks a list shows.
#![expect(clippy::doc_markdown, reason = "these comments are the help that people read")]

use clap::Args;

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// due, priority, created, updated, title, id; several by commas, -key for the other way
    #[arg(long, value_name = "KEYS", allow_hyphen_values = true)]
    pub(crate) sort: Option<String>,
    /// At most so many tasks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
}

/// Which tasks. Different flags AND together; within one, any of the values will do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Which tasks")]
pub(crate) struct FilterArgs {
    /// open, all, pending, in_progress, completed or cancelled [default: open]
    #[arg(long, short, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<String>,
    /// high, medium or low
    #[arg(long, short, value_name = "PRIORITY", value_delimiter = ',')]
    pub(crate) priority: Vec<String>,
    /// A project and what lies below it; none for tasks without one
    #[arg(long, short = 'P', value_name = "PROJECT", value_delimiter = ',')]
    pub(crate) project: Vec<String>,
    /// With all of these tags
    #[arg(long, short, value_name = "TAG", value_delimiter = ',')]
    pub(crate) tag: Vec<String>,
    /// With at least one of these tags
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) any_tag: Vec<String>,
    /// With none of these tags
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) no_tag: Vec<String>,
    /// Direct subtasks of a task; none for tasks at the top
    #[arg(long, value_name = "ID")]
    pub(crate) parent: Option<String>,
    /// none, any, overdue, today, tomorrow, week, or a date
    #[arg(long, value_name = "WHEN")]
    pub(crate) due: Option<String>,
    /// Due then or later
    #[arg(long, value_name = "DATE")]
    pub(crate) due_from: Option<String>,
    /// Due before
    #[arg(long, value_name = "DATE")]
    pub(crate) due_to: Option<String>,
    /// With all of these words in title, description, project or tags
    #[arg(long, value_name = "WORDS")]
    pub(crate) search: Vec<String>,
    /// Whatever the status (the same as --status all)
    #[arg(long, short, conflicts_with = "status")]
    pub(crate) all: bool,
    /// What lies in the trash
    #[arg(long)]
    pub(crate) trash: bool,
    /// Also what is hidden until its start date
    #[arg(long, short)]
    pub(crate) waiting: bool,
}
