//! Everything a person or a program can do with tasks, and the ways to do it.
//!
//! A [`Surface`] is asked in words that belong to none of them ([`asked`]) and answers in the
//! names of the task's JSON ([`told`]), so that one scenario can be played on all and the answers
//! compared. A driver only translates; it decides nothing, or the test would test the driver.
//!
//! # Adding a surface
//!
//! One file with a driver, one line in [`each_surface!`](crate::each_surface). A call of the trait
//! means: *ask, and wait for the answer*. It does not mean a process, a file or a function: a
//! driver of an asynchronous surface owns a runtime and blocks on it, a driver of a server starts
//! it in `fresh` on a free port, or takes one that nobody asks any more, and one whose answers arrive
//! later (events) waits, with a deadline, until what it was told has arrived. The clock is the
//! surface's own, set by `travel`; how it gets there is the driver's to know. A surface for many
//! people gives each `fresh` a person of its own.

pub mod asked;
pub mod cli;
pub mod events;
pub mod mcp;
pub mod memory;
mod passed_on;
pub mod rest;
mod scheduler;
pub mod told;

use serde::Deserialize;
use serde_json::Value;
use todo_core::{Timestamp, Zone};

use asked::{Draft, Edits, How, Question, Ref, Remind, Verb, Which};
use told::{Done, Filters, Fired, Page, Refusal, Seen, Taken, Urgency};

/// What a surface answers to anything.
pub type Told<T> = Result<T, Refusal>;

/// What not every surface has. A scenario names what it needs, never who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ability {
    /// A task can be named by the start of its uid.
    Prefixes,
    /// Every write, and not only an edit, can name the version it expects.
    VersionOnEveryWrite,
    /// A bulk command can ask for all or nothing.
    Atomic,
    /// An unknown name among several refuses that item, and not the whole command.
    UnknownAmongSeveral,
    /// Tags can be added and taken away one by one.
    TagEdits,
    /// Texts can hold U+0000.
    Nul,
    /// Own JSON can be taken in and given out.
    Transfer,
    /// A date or a recurrence can be given in words, and not only in a line that is said.
    Words,
    /// A recurrence can be asked for without a due date. Where it is typed, the words bring one.
    BareRecurrence,
    /// Lists are given page by page, with a cursor to the next one.
    Pages,
    /// A cursor is taken after any time, by whoever answers then.
    LastingCursors,
    /// A change of several tasks can name one version that each must have.
    VersionOfSeveral,
    /// Every command can be asked what it would come to.
    DryRun,
    /// Tasks can be removed for good.
    Purge,
    /// Reminders can be set and taken away one by one, put off, and shown when their time comes.
    Reminding,
    /// The owner's preferences can be set.
    Preferences,
    /// Filters can be saved and forgotten.
    SavedFilters,
    /// It is told how urgent a task is, and why.
    Urgency,
}

/// A way to work with one person's tasks. Nobody else works with them meanwhile.
///
/// A driver that gets no answer, or one that it cannot read, answers [`Refusal::broken`]: no
/// scenario expects that, and the other rows are still played.
pub trait Surface {
    /// A surface on which nothing has happened yet.
    fn fresh() -> Self
    where
        Self: Sized;

    /// Whether it has what some surfaces lack.
    fn can(ability: Ability) -> bool
    where
        Self: Sized;

    /// From now on it is `now`, and who asks is in `zone`.
    fn travel(&mut self, now: Timestamp, zone: Zone);

    /// Makes a task. [`Done::changed`] holds it.
    fn add(&mut self, draft: &Draft, how: &How) -> Told<Done>;

    /// Changes fields of tasks. One task's refusal is the answer; of several, each has its own.
    ///
    /// An expression means open tasks unless it says which status; whether to go on is not asked.
    /// One that means no task is `not_found`.
    fn edit(&mut self, tasks: &Which, edits: &Edits, how: &How) -> Told<Done>;

    /// Does one thing to each of the tasks; refusals as with [`Surface::edit`].
    ///
    /// So are expressions, but one for [`Verb::Reopen`] means closed tasks, and one for
    /// [`Verb::Restore`] or [`Verb::Purge`] what lies in the trash.
    fn act(&mut self, verb: Verb, tasks: &Which, how: &How) -> Told<Done>;

    /// Makes a task of a line in which words say what is known of it.
    fn say(&mut self, text: &str, how: &How) -> Told<Done>;

    /// Sets one more reminder of tasks, or takes some away by their numbers.
    fn remind(
        &mut self,
        tasks: &[Ref],
        add: Option<&Remind>,
        remove: &[u32],
        how: &How,
    ) -> Told<Done>;

    /// Reminds of tasks again, at an instant.
    fn snooze(&mut self, tasks: &[Ref], until: &str, how: &How) -> Told<Done>;

    /// Settles the reminders whose time has come, and answers them; in no order.
    fn remind_now(&mut self) -> Told<Vec<Fired>>;

    /// Sets a preference of the owner, by its name.
    fn prefer(&mut self, name: &str, value: &str) -> Told<()>;

    /// Takes back a step, or the newest.
    fn undo(&mut self, step: Option<u64>, how: &How) -> Told<Done>;

    /// Does again what was undone last.
    fn redo(&mut self, how: &How) -> Told<Done>;

    /// One task that is not in the trash.
    fn show(&mut self, task: &Ref) -> Told<Seen>;

    /// The tasks a question is about, all of them, in order.
    fn list(&mut self, question: &Question) -> Told<Vec<Seen>>;

    /// A page of them, `limit` long: the first, or the one that a cursor leads to. How many there
    /// are on all is told if that is asked.
    fn page(&mut self, question: &Question, after: Option<&str>, count: bool) -> Told<Page>;

    /// How urgent a task is, in the trash or not.
    fn urgency(&mut self, task: &Ref) -> Told<Urgency>;

    /// Statistics of the tasks a question is about, whatever their status and whether they wait;
    /// by the names of their JSON.
    fn stats(&mut self, question: &Question) -> Told<Value>;

    /// Saves an expression under a name. The name and the expression are answered as they are kept.
    fn save_filter(&mut self, name: &str, filter: &str, how: &How) -> Told<Filters>;

    /// Forgets a saved filter.
    fn remove_filter(&mut self, name: &str, how: &How) -> Told<()>;

    /// Every saved filter.
    fn filters(&mut self) -> Told<Filters>;

    /// What matters today: due by the end of the day, what is overdue first.
    fn today(&mut self) -> Told<Vec<Seen>>;

    /// The due dates that follow the one that a task has now.
    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>>;

    /// Takes in own JSON.
    fn import(&mut self, text: &str, how: &How) -> Told<Taken>;

    /// Gives out everything as own JSON.
    fn export(&mut self) -> Told<String>;
}

/// Hands the name and the type of every surface to a macro, with whatever else is given.
///
/// `each_surface!(then!(more))` becomes `then!([], memory, path::Memory, more)` and so on; in the
/// brackets stands what a surface needs that is not there by itself, as the attribute of a test. This
/// is the only list of the surfaces.
#[macro_export]
macro_rules! each_surface {
    ($then:ident!($($more:tt)*)) => {
        $then!([], memory, $crate::surfaces::memory::Memory, $($more)*);
        $then!([], cli, $crate::surfaces::cli::Cli, $($more)*);
        $then!([], cli_on_server, $crate::surfaces::cli::CliOnServer, $($more)*);
        $then!([], mcp_stdio, $crate::surfaces::mcp::Mcp<$crate::surfaces::mcp::OnFile>, $($more)*);
        $then!([], mcp_on_server, $crate::surfaces::mcp::Mcp<$crate::surfaces::mcp::OnServer>, $($more)*);
        $then!(
            [ignore = "needs PostgreSQL: tests/run"],
            mcp_postgres,
            $crate::surfaces::mcp::Mcp<$crate::surfaces::mcp::OnAccount<$crate::surfaces::rest::Postgres>>,
            $($more)*
        );
        $then!(
            [],
            mcp_http,
            $crate::surfaces::mcp::Mcp<$crate::surfaces::mcp::Http<$crate::surfaces::rest::Sqlite>>,
            $($more)*
        );
        $then!(
            [ignore = "needs PostgreSQL: tests/run"],
            mcp_http_postgres,
            $crate::surfaces::mcp::Mcp<$crate::surfaces::mcp::Http<$crate::surfaces::rest::Postgres>>,
            $($more)*
        );
        $then!([], rest_sqlite, $crate::surfaces::rest::Rest<$crate::surfaces::rest::Sqlite>, $($more)*);
        $then!(
            [ignore = "needs PostgreSQL: tests/run"],
            rest_postgres,
            $crate::surfaces::rest::Rest<$crate::surfaces::rest::Postgres>,
            $($more)*
        );
        $then!([], events_sqlite, $crate::surfaces::events::Events<$crate::surfaces::rest::Sqlite>, $($more)*);
        $then!(
            [ignore = "needs PostgreSQL: tests/run"],
            events_postgres,
            $crate::surfaces::events::Events<$crate::surfaces::rest::Postgres>,
            $($more)*
        );
    };
}
