//! Arguments of the commands about repeating, reminding, and the days to come.
#![expect(clippy::doc_markdown, reason = "these comments are the help that people read")]

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct AgendaArgs {
    /// How many days, today included
    #[arg(long, short, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    pub(crate) days: u32,
}

#[derive(Debug, Args)]
pub(crate) struct RepeatArgs {
    /// An id, a range such as 5-8, a uid; or a filter
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// How: every last friday, every mon,thu, every! 3 days, FREQ=...; none ends the series
    #[arg(value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    /// Show so many of the dates that follow
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) preview: Option<u32>,
    #[command(flatten)]
    pub(crate) series: SeriesArgs,
}

/// How a series goes on.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SeriesArgs {
    /// What the next date is counted from: schedule, or completion (as every! does)
    #[arg(long, value_name = "BASIS")]
    pub(crate) from: Option<String>,
    /// When the next one is made: on_completion, or on_schedule (when its time comes)
    #[arg(long, value_name = "WHEN")]
    pub(crate) spawn: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RemindArgs {
    /// An id, a range such as 5-8, a uid; or a filter
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// When: 1h before, 1 day before, tomorrow 9am; none takes all away
    #[arg(value_name = "WHEN")]
    pub(crate) when: Vec<String>,
    /// What the reminder says beside the title
    #[arg(long, short, value_name = "TEXT", requires = "when")]
    pub(crate) message: Option<String>,
    /// How it comes: in_app, email, webhook or push
    #[arg(long, value_name = "CHANNEL", requires = "when")]
    pub(crate) channel: Option<String>,
    /// Take away the reminder of this number
    #[arg(long, value_name = "N")]
    pub(crate) remove: Vec<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct SnoozeArgs {
    /// An id, a range such as 5-8, a uid; or a filter
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// For how long, or until when: 10m, 2h, tomorrow 9am, monday
    #[arg(value_name = "WHEN", required = true)]
    pub(crate) when: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RemindersArgs {
    /// Show those to come instead, and mark none as shown
    #[arg(long, conflicts_with_all = ["watch", "notify"])]
    pub(crate) coming: bool,
    /// Stay, and show each when its time comes
    #[arg(long)]
    pub(crate) watch: bool,
    /// Show them on the desktop too
    #[arg(long)]
    pub(crate) notify: bool,
}
