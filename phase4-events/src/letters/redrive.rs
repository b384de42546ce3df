//! What is parked, handled once more.

use std::collections::HashSet;
use std::sync::Arc;

use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_store::is_held;
use todo_store::log::{Entry, Handled, Letter, Outcome, Strays};
use todo_web::{App, Chain};

use super::{FIRST, OperationError, PAGE};
use crate::consumer::{AnyConsumer, Reason};
use crate::worker::handle;

/// What was played again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redriven {
    /// Handled at last.
    pub played: usize,
    /// Still parked.
    pub left: usize,
}

/// Handles once more what is parked: each owner's in its order, and where one still cannot be handled,
/// those behind it stay as well. Beside workers that go on: what they park meanwhile is played too.
///
/// An outage ends it, also one of writing alone.
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
    let mut strays = app.store.strays_of_owners().await?;
    strays.retain(|strays| owner.is_none_or(|one| strays.owner == Some(one)));
    let of = |consumer: Option<&'static str>| {
        let of = move |strays: &&Strays| strays.consumer.as_deref() == consumer;
        strays.iter().filter(of)
    };
    let many = |strays: &Strays| usize::try_from(strays.many).unwrap_or(usize::MAX);
    if only.is_none() {
        redriven.left += of(None).map(many).sum::<usize>();
    }
    for consumer in chosen {
        let mut troubles = Troubles::default();
        // What cannot be known is played by nobody. Where it is known whose it is, its number is not: it may
        // come before all that is parked of its owner.
        troubles.stuck.extend(of(Some(consumer.name())).filter_map(|strays| strays.owner));
        redriven.left += of(Some(consumer.name())).map(many).sum::<usize>();
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
    match written {
        Ok(()) => Ok(played),
        // It stays as it is.
        Err(error) if is_its_own(&error) => {
            let (owner, seq, error) = (entry.owner.0, entry.seq.0, Chain(&error));
            tracing::error!(%owner, seq, %error, "a parked event cannot be played again");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Whether others can be written although this one cannot: its rows are damaged, or somebody holds them. What else
/// cannot be had is an outage of everybody's, also where the database answers: its disk may be full.
fn is_its_own(error: &StoreError) -> bool {
    matches!(error, StoreError::Backend(_) | StoreError::Corrupt(_)) || is_held(error)
}
