//! What an operator does about events that a consumer could not handle, and about history.

mod redrive;

use std::io::{self, Write};
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use serde_json::value::RawValue;
use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::DatabaseUrl;
use todo_store::log::{Damage, Letter, Stray};
use todo_web::App;
use uuid::Uuid;

use crate::consumer::AnyConsumer;
pub use redrive::{Redriven, redrive};

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
    for stray in database.strays().await? {
        say(&if json { described_stray(&stray) } else { stray_line(&stray) })?;
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
/// Stands for what cannot be read.
const UNKNOWN: &str = "?";

fn line(letter: &Letter) -> String {
    let Letter { consumer, entry, reason, attempts, at, damage } = letter;
    let (owner, seq, kind) = (entry.owner.0, entry.seq, &entry.event_type);
    let damage = damage.as_ref().map(|damage| format!("; {damage}")).unwrap_or_default();
    format!("{consumer} {owner} {seq} {kind} since {at}, {attempts} tries: {reason}{damage}")
}

fn described(letter: &Letter) -> String {
    let Letter { consumer, entry, reason, attempts, at, damage } = letter;
    let event = match entry.damage {
        Some(Damage::Missing) => None,
        _ => RawValue::from_string(entry.json()).ok(),
    };
    json!({
        "consumer": consumer,
        "reason": reason,
        "attempts": attempts,
        "at": at,
        "event": event,
        "damage": damage.as_ref().or(entry.damage.as_ref()).map(ToString::to_string),
    })
    .to_string()
}

/// As far as it is known: it cannot be shown alone, nor played again.
fn stray_line(stray: &Stray) -> String {
    let Stray { consumer, owner, seq, reason, at, damage } = stray;
    let consumer = consumer.as_deref().unwrap_or(UNKNOWN);
    let owner = owner.map_or_else(|| UNKNOWN.to_owned(), |owner| owner.0.to_string());
    let seq = seq.map_or_else(|| UNKNOWN.to_owned(), |seq| seq.to_string());
    let reason = reason.as_deref().unwrap_or(UNKNOWN);
    format!("{consumer} {owner} {seq} since {at}: {reason}; {damage}")
}

fn described_stray(stray: &Stray) -> String {
    let Stray { consumer, owner, seq, reason, at, damage } = stray;
    json!({
        "consumer": consumer,
        "reason": reason,
        "at": at,
        "owner": owner,
        "seq": seq,
        "event": null,
        "damage": damage.to_string(),
    })
    .to_string()
}

/// Says a line to who asked.
fn say(line: &str) -> Result<(), OperationError> {
    match writeln!(io::stdout().lock(), "{line}") {
        // It is done, and nobody wants to know.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
