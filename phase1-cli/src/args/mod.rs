//! The command line as typed: every command, flag and its help. What is meant by it is
//! [`crate::intent`]'s to say.
#![expect(clippy::doc_markdown, reason = "these comments are the help that people read")]

mod filter;
#[cfg(feature = "remote")]
mod server;
mod time;
mod transfer;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

pub(crate) use filter::{
    ContextArgs, FilterAct, FilterArgs, FilterCmd, FilterFlags, ListArgs, OrderArgs, SearchArgs,
    WatchArgs,
};
#[cfg(feature = "remote")]
pub(crate) use server::LoginArgs;
pub(crate) use time::{AgendaArgs, RemindArgs, RemindersArgs, RepeatArgs, SeriesArgs, SnoozeArgs};
pub(crate) use transfer::{ExportArgs, ImportArgs};

const AFTER: &str = "\
Tasks are named by id (3), range (5-8), uid, or the first 4 or more characters of a uid; or meant by
a filter ('tag:work and overdue'): `todo filter --help`.
Dates are words (tomorrow 5pm, next friday, in 3 days, 21 nov, eom) or 2026-12-01, 2026-12-01T17:00,
2026-12-01T17:00+01:00[Europe/Berlin].

Exit status: 0 done, 1 refused, 2 not understood, 3 the file, its disk or the server failed.";

/// Tasks in the terminal, kept in one JSON file that nothing can damage.
#[derive(Debug, Parser)]
#[command(name = "todo", version, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    /// Without a command: what matters now.
    #[command(subcommand)]
    pub(crate) command: Option<Cmd>,
}

/// Flags of every command.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag by itself")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// The tasks' file [default: $TODO_FILE, else tasks.json in the platform's data folder]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// A server that one has logged in to, or none: the file [default: $TODO_SERVER, else where one
    /// logged in last]
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) server: Option<String>,
    /// Answer in JSON (the same as --format json)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How to show lists
    #[arg(
        long,
        global = true,
        value_enum,
        ignore_case = true,
        default_value_t,
        hide_default_value = true
    )]
    pub(crate) format: Format,
    /// Whether to use colours; NO_COLOR is heeded too
    #[arg(long, global = true, value_enum, ignore_case = true, value_name = "WHEN")]
    pub(crate) color: Option<Color>,
    /// Show what would happen and change nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Look beyond the context that stands
    #[arg(long, global = true)]
    pub(crate) no_context: bool,
    /// Do not ask, neither before what cannot be undone nor before what a filter means
    #[arg(long, short = 'y', global = true)]
    pub(crate) yes: bool,
}

/// How lists are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Columns that fit the terminal
    #[default]
    Table,
    /// One task a line, fields separated by tabs
    Plain,
    /// Comma-separated values with a header
    Csv,
    /// One JSON object
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Cmd {
    /// Add a task
    Add(AddArgs),
    /// List tasks; open ones unless asked otherwise
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// List tasks in which words occur
    Search(SearchArgs),
    /// Show what is due today, what is overdue first
    Today,
    /// Show the days to come
    #[command(visible_alias = "upcoming")]
    Agenda(AgendaArgs),
    /// Show a list, and show it anew whenever something in it changes
    Watch(WatchArgs),
    /// Show everything about tasks
    Show(Named),
    /// Say why tasks are as urgent as they are
    Why(Named),
    /// Change fields of tasks
    #[command(visible_alias = "update")]
    Edit(Box<EditArgs>),
    /// Complete tasks
    #[command(visible_alias = "complete")]
    Done(FinishArgs),
    /// Begin tasks
    Start(Targets),
    /// Make tasks pending again
    Reopen(Targets),
    /// Give tasks up
    Cancel(FinishArgs),
    /// Give this occurrence of repeating tasks up and go on to the next
    Skip(FinishArgs),
    /// Make a task repeat, or show how it does
    Repeat(RepeatArgs),
    /// Remind of a task, or show when it reminds
    Remind(RemindArgs),
    /// Remind again later
    Snooze(SnoozeArgs),
    /// Show reminders that are due now; each is shown once
    Reminders(RemindersArgs),
    /// Move tasks and their subtasks to the trash
    #[command(visible_alias = "rm")]
    Delete(Targets),
    /// Bring tasks back from the trash
    Restore(Targets),
    /// Remove tasks for good
    Purge(PurgeArgs),
    /// Take back the newest change, or the step named
    Undo(UndoArgs),
    /// Do again what was undone last
    Redo,
    /// List the tags in use
    Tags,
    /// List the projects in use
    Projects,
    /// Count tasks
    Count(FilterArgs),
    /// Show statistics; of all tasks unless asked otherwise
    Stats(FilterArgs),
    /// Show what was done, the newest first
    Log(LogArgs),
    /// Show, save and forget filters
    Filter(FilterCmd),
    /// Show only what a saved filter means, until told otherwise
    Context(ContextArgs),
    /// Show or change settings
    Config(ConfigArgs),
    /// Import tasks from a file
    Import(ImportArgs),
    /// Export tasks; all of them, the trash included, unless asked otherwise
    Export(ExportArgs),
    #[cfg(feature = "remote")]
    /// Log in to a server: tasks are there from now on
    Login(LoginArgs),
    #[cfg(feature = "remote")]
    /// Log out of a server, and go back to the file
    Logout,
    #[cfg(feature = "remote")]
    /// Bring the file's tasks to the server
    Push,
    #[cfg(feature = "remote")]
    /// Bring the server's tasks to the file
    Pull,
    /// Examine the file, and put its backup back if it is damaged
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write one a command into a folder
    Man {
        /// Where to write the pages
        #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

/// The tasks that are to be shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct Named {
    /// Ids, ranges such as 5-8, or uids
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

/// The tasks a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct Targets {
    /// Ids, ranges such as 5-8, uids; or a filter
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// What is to be done, with what else is known about it: Pay rent tomorrow 5pm #finance
    /// @home !high every month remind 1h before
    #[arg(required = true, value_name = "TEXT")]
    pub(crate) title: Vec<String>,
    /// Take the text as the title, word for word
    #[arg(long, short)]
    pub(crate) literal: bool,
    /// More about it, in Markdown
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// high, medium or low
    #[arg(long, short, value_name = "PRIORITY")]
    pub(crate) priority: Option<String>,
    /// Where it belongs, such as home/garden
    #[arg(long, short = 'P', value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    /// A label; repeat or separate by commas
    #[arg(long, short, value_name = "TAG", value_delimiter = ',')]
    pub(crate) tag: Vec<String>,
    /// When it is due
    #[arg(long, value_name = "DATE")]
    pub(crate) due: Option<String>,
    /// Hidden from lists until then
    #[arg(long, value_name = "DATE")]
    pub(crate) start: Option<String>,
    /// How it repeats: every monday, every! 3 days, FREQ=MONTHLY;BYDAY=-1FR
    #[arg(long, value_name = "WORDS")]
    pub(crate) repeat: Option<String>,
    #[command(flatten)]
    pub(crate) series: SeriesArgs,
    /// When to remind: 1h before, tomorrow 9am; repeat for more, none for never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) remind: Vec<String>,
    /// The task it is part of
    #[arg(long, value_name = "ID")]
    pub(crate) parent: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    pub(crate) targets: Targets,
    /// A new title
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// A new description; none takes it away
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// pending, in_progress, completed or cancelled
    #[arg(long, short, value_name = "STATUS")]
    pub(crate) status: Option<String>,
    /// high, medium or low
    #[arg(long, short, value_name = "PRIORITY")]
    pub(crate) priority: Option<String>,
    /// Another project; none takes it away
    #[arg(long, short = 'P', value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    /// These tags and no others; none takes all away
    #[arg(long, short, value_name = "TAG", value_delimiter = ',', conflicts_with_all = ["add_tag", "remove_tag"])]
    pub(crate) tag: Vec<String>,
    /// A tag more
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) add_tag: Vec<String>,
    /// A tag fewer
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) remove_tag: Vec<String>,
    /// Another due date; none takes it away
    #[arg(long, value_name = "DATE")]
    pub(crate) due: Option<String>,
    /// Another start date; none takes it away
    #[arg(long, value_name = "DATE")]
    pub(crate) start: Option<String>,
    /// Another way to repeat; none ends the series
    #[arg(long, value_name = "WORDS")]
    pub(crate) repeat: Option<String>,
    #[command(flatten)]
    pub(crate) series: SeriesArgs,
    /// Remind then and at no other time; repeat for more, none for never
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) remind: Vec<String>,
    /// How far a new due date of a repeating task goes: this, or future (this and all later)
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<String>,
    /// Another parent; none moves it to the top
    #[arg(long, value_name = "ID")]
    pub(crate) parent: Option<String>,
    /// Refuse if the task is no longer at this version
    #[arg(long, value_name = "VERSION")]
    pub(crate) expect: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct FinishArgs {
    #[command(flatten)]
    pub(crate) targets: Targets,
    /// Include open subtasks
    #[arg(long)]
    pub(crate) cascade: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArgs {
    /// Ids, ranges such as 5-8, uids; or a filter over the trash
    #[arg(value_name = "ID", required_unless_present = "trash", conflicts_with = "trash")]
    pub(crate) ids: Vec<String>,
    /// Everything in the trash
    #[arg(long)]
    pub(crate) trash: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// A step's number, as `todo undo --list` shows it
    #[arg(value_name = "STEP", conflicts_with = "list")]
    pub(crate) step: Option<String>,
    /// Show the steps that can be undone, the newest first
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Only what touched this task
    #[arg(value_name = "ID")]
    pub(crate) task: Option<String>,
    /// At most so many steps
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// The setting
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Its new value
    #[arg(value_name = "VALUE", requires = "name")]
    pub(crate) value: Option<String>,
    /// Go back to what the setting is unless set
    #[arg(long, requires = "name", conflicts_with = "value")]
    pub(crate) unset: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Put the generation before in place of the file, which is kept under another name
    #[arg(long)]
    pub(crate) restore_backup: bool,
}
