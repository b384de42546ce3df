//! Which tasks a list shows.
#![expect(clippy::doc_markdown, reason = "these comments are the help that people read")]

use clap::{Args, Subcommand};

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[cfg(feature = "remote")]
    /// Ring when a reminder comes (from a server)
    #[arg(long)]
    pub(crate) bell: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SearchArgs {
    /// Words that all occur in title, description, project or tags; in quotes, exact words
    #[arg(value_name = "WORDS", required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) flags: FilterFlags,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
}

/// In which order, and how many.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OrderArgs {
    /// due, priority, created, updated, title, urgency or id; several by commas; a - before one
    /// turns it round
    #[arg(long, value_name = "KEYS", allow_hyphen_values = true)]
    pub(crate) sort: Option<String>,
    /// At most so many tasks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Show how urgent each task is
    #[arg(long, short)]
    pub(crate) urgency: bool,
}

#[derive(Debug, Args)]
#[command(after_help = LANGUAGE)]
pub(crate) struct FilterCmd {
    #[command(subcommand)]
    pub(crate) act: Option<FilterAct>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FilterAct {
    /// Show the saved filters
    List,
    /// Save a filter under a name
    Save {
        /// Letters, digits, - and _
        #[arg(value_name = "NAME")]
        name: String,
        /// What it says
        #[arg(value_name = "FILTER", required = true)]
        expression: Vec<String>,
    },
    /// Forget a saved filter
    #[command(visible_alias = "delete")]
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ContextArgs {
    /// The saved filter that is to stand over all others; none for none
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

const LANGUAGE: &str = "\
A filter says which tasks: todo list 'overdue or (tag:finance and due<eow)'

  tag:work #work           a tag; tag:a,b for one of several; tag:none, tag:any
  project:home @home +home a project and what lies below it
  priority:high !high      also priority>=medium
  due:today due<eow        also start, created, updated, completed, cancelled; due:none, due:any;
                           a date is what add takes: due<\"next friday\", created>\"3 days ago\";
                           without quotes it goes on as long as the words make one
  overdue today tomorrow week waiting repeating
  status:completed         also open, closed, all; unless it, completed or cancelled is named, open
                           tasks are meant, and unless start or waiting is, those not hidden
  id:3,5-8 parent:3 urgency>60 title:rent description:any reminder:any repeat:none
  milk \"exact words\"      in title, description, project or tags
  filter:NAME              a saved filter

Both of two beside each other, or with and; one of two with or, |; not; brackets. What is in quotes
is looked for as it stands.";

/// Which tasks: a filter, flags, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct FilterArgs {
    /// A filter: overdue or (tag:finance and due<eow); `todo filter --help` tells more
    #[arg(value_name = "FILTER")]
    pub(crate) expression: Vec<String>,
    #[command(flatten)]
    pub(crate) flags: FilterFlags,
}

/// Which tasks. Different flags AND together; within one, any of the values will do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Which tasks")]
pub(crate) struct FilterFlags {
    /// open, closed, all, pending, in_progress, completed or cancelled [default: open]
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
