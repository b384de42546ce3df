//! What an operator does about events that a consumer could not handle, and about history.

use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use serde_json::value::RawValue;
use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::DatabaseUrl;
use todo_store::log::{Entry, Handled, Letter, Outcome};
use todo_web::{App, Chain};
use uuid::Uuid;

use crate::consumer::{AnyConsumer, Reason};
use crate::worker::handle;

/// Letters that are read at a time.
const PAGE: u32 = 100;

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// To see what is parked, beside a server.
    Look(Look),
    /// To have something done.
    Do(Deed),
}

/// What an operator wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Show what is parked.
    List {
        /// For programs.
        json: bool,
    },
    /// Show one with all that is known of it.
    Show {
        /// Who could not handle it.
        consumer: String,
        /// Whose it is.
        owner: Owner,
        /// Which.
        seq: Seq,
    },
}

/// What an operator has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Handle what is parked once more.
    Redrive {
        /// Only what this one has parked.
        consumer: Option<String>,
        /// Only what is of this one.
        owner: Option<Owner>,
    },
    /// Tell history again.
    Replay {
        /// From here on.
        since: Timestamp,
    },
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// Of the database.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// There is no such letter.
    #[error("nothing like that is parked; `dead-letters list` shows what is")]
    NoLetter,
    /// There is no such consumer.
    #[error("there is no consumer {0:?}")]
    NoConsumer(String),
    /// Some of it could not be handled again.
    #[error("{0} of these stay parked; `dead-letters list` says why")]
    Stay(usize),
    /// Nobody can be told.
    #[error("standard output cannot be written to: {0}")]
    Output(#[from] io::Error),
}

/// What was played again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redriven {
    /// Handled at last.
    pub played: usize,
    /// Still parked.
    pub left: usize,
}

/// The subcommands.
pub(crate) fn subcommands() -> [Command; 3] {
    let consumer = || Arg::new("consumer").value_name("CONSUMER").help("Who could not handle it");
    let owner = |help: &'static str| {
        Arg::new("owner").value_name("OWNER").value_parser(clap::value_parser!(Uuid)).help(help)
    };
    let seq = Arg::new("seq").value_name("SEQ").value_parser(clap::value_parser!(u64));
    let since = Arg::new("since").long("since").value_name("TIME").required(true);
    let redrive = Command::new("redrive")
        .about("Handle what is parked once more, each owner's in its order")
        .arg(consumer())
        .arg(owner("Only what is of this one").long("owner"));
    [
        Command::new("dead-letters")
            .about("Show events that could not be handled, and have them handled again")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(
                Command::new("list").about("Show what is parked").arg(
                    Arg::new("json").long("json").action(ArgAction::SetTrue).help("For programs"),
                ),
            )
            .subcommand(
                Command::new("show")
                    .about("Show one of them with all that is known of it, as JSON")
                    .arg(consumer().required(true))
                    .arg(owner("Whose it is").required(true))
                    .arg(seq.required(true).help("Its number among its owner's")),
            )
            .subcommand(redrive.clone()),
        redrive,
        Command::new("replay")
            .about("Tell again what happened, for consumers that have not seen it")
            .arg(since.value_parser(moment).help("From this moment on, as 2026-11-21T12:00:00Z")),
    ]
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "write it like 2026-11-21T12:00:00Z".to_owned())
}

/// What was asked for, if it is one of these.
pub(crate) fn of(matches: &ArgMatches) -> Option<Operation> {
    let (name, matches) = matches.subcommand()?;
    if name == "replay" {
        return Some(Operation::Do(Deed::Replay { since: *matches.get_one("since")? }));
    }
    let (name, matches) = match name {
        "dead-letters" => matches.subcommand()?,
        name => (name, matches),
    };
    let consumer = |matches: &ArgMatches| matches.get_one::<String>("consumer").cloned();
    let owner = |matches: &ArgMatches| matches.get_one::<Uuid>("owner").copied().map(Owner);
    Some(match name {
        "list" => Operation::Look(Look::List { json: matches.get_flag("json") }),
        "show" => Operation::Look(Look::Show {
            consumer: consumer(matches)?,
            owner: owner(matches)?,
            seq: Seq(*matches.get_one("seq")?),
        }),
        "redrive" => {
            Operation::Do(Deed::Redrive { consumer: consumer(matches), owner: owner(matches) })
        }
        _ => return None,
    })
}

/// Does what was asked, and says what came of it.
pub async fn carry_out(
    deed: Deed,
    app: &App,
    consumers: &[Arc<dyn AnyConsumer>],
) -> Result<(), OperationError> {
    match deed {
        Deed::Redrive { consumer, owner } => {
            let Redriven { played, left } =
                redrive(app, consumers, consumer.as_deref(), owner).await?;
            say(&format!("{played} handled"))?;
            if left == 0 { Ok(()) } else { Err(OperationError::Stay(left)) }
        }
        Deed::Replay { since } => {
            let events = app.store.tell_again(since, app.clock.now()).await?;
            say(&format!("{events} events are told again"))
        }
    }
}

/// Shows what was asked for.
pub async fn show(look: Look, database: &DatabaseUrl) -> Result<(), OperationError> {
    match look {
        Look::List { json } => list(database, json).await,
        Look::Show { consumer, owner, seq } => one(database, &consumer, owner, seq).await,
    }
}

async fn list(database: &DatabaseUrl, json: bool) -> Result<(), OperationError> {
    for (consumer, _) in database.parked().await? {
        let mut after = FIRST;
        loop {
            let letters = database.letters(&consumer, after, PAGE).await?;
            let Some(last) = letters.last() else { break };
            after = (last.entry.owner, last.entry.seq);
            for letter in &letters {
                say(&if json { described(letter) } else { line(letter) })?;
            }
        }
    }
    Ok(())
}

async fn one(
    database: &DatabaseUrl,
    consumer: &str,
    owner: Owner,
    seq: Seq,
) -> Result<(), OperationError> {
    let before = (owner, Seq(seq.0.saturating_sub(1)));
    let letters = database.letters(consumer, before, 1).await?;
    match letters.first() {
        Some(letter) if letter.entry.owner == owner && letter.entry.seq == seq => {
            say(&described(letter))
        }
        _ => Err(OperationError::NoLetter),
    }
}

const FIRST: (Owner, Seq) = (Owner(Uuid::nil()), Seq(0));

fn line(letter: &Letter) -> String {
    let Letter { consumer, entry, reason, attempts, at } = letter;
    let (owner, seq, kind) = (entry.owner.0, entry.seq, &entry.event_type);
    format!("{consumer} {owner} {seq} {kind} since {at}, {attempts} tries: {reason}")
}

fn described(letter: &Letter) -> String {
    let Letter { consumer, entry, reason, attempts, at } = letter;
    let event = RawValue::from_string(entry.json()).ok();
    json!({
        "consumer": consumer, "reason": reason, "attempts": attempts, "at": at, "event": event,
    })
    .to_string()
}

/// Handles once more what is parked: each owner's in its order, and where one still cannot be handled,
/// those behind it stay as well. Beside workers that go on: what they park meanwhile is played too.
pub async fn redrive(
    app: &App,
    consumers: &[Arc<dyn AnyConsumer>],
    only: Option<&str>,
    owner: Option<Owner>,
) -> Result<Redriven, OperationError> {
    let mut redriven = Redriven::default();
    let chosen = |consumer: &&Arc<dyn AnyConsumer>| only.is_none_or(|name| consumer.name() == name);
    let chosen: Vec<_> = consumers.iter().filter(chosen).collect();
    if let (Some(name), true) = (only, chosen.is_empty()) {
        return Err(OperationError::NoConsumer(name.to_owned()));
    }
    for consumer in chosen {
        let mut troubles = Troubles::default();
        loop {
            let pass = pass(app, &**consumer, owner, &mut troubles).await?;
            redriven.played += pass.played;
            if pass.played == 0 && !pass.moved {
                redriven.left += pass.left;
                break;
            }
        }
    }
    Ok(redriven)
}

/// What stands in the way of some owners.
#[derive(Debug, Default)]
struct Troubles {
    /// Whose first event still cannot be handled: those behind it stay.
    stuck: HashSet<Owner>,
    /// What somebody else was at.
    moved: HashSet<(Owner, Seq)>,
}

/// What came of going through all once.
#[derive(Debug, Default)]
struct Pass {
    played: usize,
    left: usize,
    /// Somebody else was at one of them: it may be gone, or has to be looked at once more.
    moved: bool,
}

async fn pass(
    app: &App,
    consumer: &dyn AnyConsumer,
    only: Option<Owner>,
    troubles: &mut Troubles,
) -> Result<Pass, StoreError> {
    let mut pass = Pass::default();
    // None may be overtaken by those behind it.
    let mut held = HashSet::new();
    let mut after = only.map_or(FIRST, |owner| (owner, Seq(0)));
    loop {
        let letters = app.store.letters(consumer.name(), after, PAGE).await?;
        let of = |letter: &&Letter| only.is_none_or(|owner| letter.entry.owner == owner);
        let mut last = None;
        for letter in letters.iter().filter(of) {
            let entry = &letter.entry;
            let at = (entry.owner, entry.seq);
            last = Some(at);
            if troubles.stuck.contains(&entry.owner) || held.contains(&entry.owner) {
                pass.left += 1;
                continue;
            }
            match play(app, consumer, entry).await {
                Ok(true) => pass.played += 1,
                // The second time it is still there, and nobody else is at it.
                Err(StoreError::Conflict) if troubles.moved.insert(at) => {
                    held.insert(entry.owner);
                    pass.moved = true;
                }
                Ok(false) | Err(StoreError::Conflict) => {
                    troubles.stuck.insert(entry.owner);
                    pass.left += 1;
                }
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(last) => after = last,
            None => return Ok(pass),
        }
    }
}

/// Handles one once more, and writes what came of it; says whether it is parked no longer. `Conflict` when
/// somebody else was faster, or its account has gone.
async fn play(app: &App, consumer: &dyn AnyConsumer, entry: &Entry) -> Result<bool, StoreError> {
    let outcome = handle(consumer, entry).await?;
    let mut played = matches!(outcome, Outcome::Done(_));
    let mut handled = Handled { entry, outcome };
    let mut written = app.store.replayed(consumer.name(), &handled, app.clock.now()).await;
    // What follows from it cannot be written: it stays, with that as its reason.
    if let Err(error @ (StoreError::Backend(_) | StoreError::Corrupt(_))) = &written
        && played
    {
        played = false;
        let reason = Reason::new(Chain(error)).to_string();
        handled.outcome = Outcome::Parked { reason, attempts: 1 };
        written = app.store.replayed(consumer.name(), &handled, app.clock.now()).await;
    }
    written.map(|()| played)
}

/// Says a line to who asked.
fn say(line: &str) -> Result<(), OperationError> {
    match writeln!(io::stdout().lock(), "{line}") {
        // It is done, and nobody wants to know.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
