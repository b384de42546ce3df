//! Looking at tasks of one owner: what has come is done by the core's own commands.

use std::collections::BTreeSet;
use std::time::Duration;

use todo_core::event::EventData;
use todo_core::reminder::{Firing, FiringFate};
use todo_core::service::Server;
use todo_core::{
    Actor, ActorKind, Command, Ctx, Outcome, ServiceError, StoreError, Timestamp, wake,
};
use todo_store::accounts::Profile;
use todo_store::{Rest, Store, Waking};
use todo_web::fresh_id;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

/// How long tasks of one owner that are looked at together may take. Nobody else waits for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// When a task is looked at again that is there, and that a command did not find.
const UNSEEN_MILLIS: i64 = 3_600_000;

/// Until when tasks may rest, and how late reminders were sent.
pub(super) type Looked = (Vec<Rest>, Vec<Duration>);

/// Why tasks were not done with.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{}", todo_web::Chain(.0))]
    Service(#[from] ServiceError),
    #[error("what the owner prefers cannot be read: {0}")]
    Profile(String),
    #[error("there is no such owner")]
    NoOwner,
    #[error("it took longer than {} s", PATIENCE.as_secs())]
    TooLong,
    #[error("{0}")]
    Panicked(JoinError),
}

impl Trouble {
    /// Whether it may be the database that is in trouble, and not this owner.
    pub(super) fn may_be_everybodys(&self, patient: bool) -> bool {
        matches!(self, Self::TooLong) || self.is_in_the_way(patient)
    }

    /// Whether it lies with none of the tasks: where the database answers others, somebody holds what is
    /// this owner's. Who is `patient` stands in line for each step anew, and may be overtaken there: so that
    /// takes long, or comes too late each time.
    pub(super) fn is_in_the_way(&self, patient: bool) -> bool {
        match self {
            Self::Service(ServiceError::Store(StoreError::Unavailable(_))) => true,
            Self::TooLong | Self::Service(ServiceError::Store(StoreError::Conflict)) => patient,
            _ => false,
        }
    }
}

/// Does what has come for these tasks of one owner by `now`. Answers until when each may rest, and how
/// late reminders were sent.
pub(super) async fn look(
    store: Store,
    profile: Profile,
    tasks: &[Waking],
    now: Timestamp,
) -> Result<Looked, Trouble> {
    // Apart, so that what makes the core panic is one owner's trouble. It ends with this.
    let mut apart = JoinSet::new();
    apart.spawn(done(store, profile, tasks.to_vec(), now));
    match timeout(PATIENCE, apart.join_next()).await {
        Ok(Some(Ok(done))) => Ok(done?),
        Ok(Some(Err(error))) => Err(Trouble::Panicked(error)),
        Ok(None) | Err(_) => Err(Trouble::TooLong),
    }
}

async fn done(
    store: Store,
    profile: Profile,
    tasks: Vec<Waking>,
    now: Timestamp,
) -> Result<Looked, ServiceError> {
    let Some(first) = tasks.first() else { return Ok(Looked::default()) };
    let ctx = Ctx {
        owner: first.owner,
        actor: Actor { kind: ActorKind::System, id: first.owner.0 },
        now,
        zone: profile.zone,
        week_start: profile.week_start,
        preferences: profile.preferences,
        correlation: fresh_id(now),
        causation: None,
    };
    let server = Server::scheduled(&store);
    let batons: BTreeSet<_> = tasks.iter().filter(|t| t.scheduled).map(|t| t.task).collect();
    let spawned = if batons.is_empty() {
        Ok(())
    } else {
        server.execute(&Command::SpawnDue(batons), &ctx).await.map(drop)
    };
    if let Err(error @ ServiceError::Store(StoreError::Unavailable(_))) = spawned {
        // The next one would wait as long, and in vain too.
        return Err(error);
    }
    let remind = Command::Remind(tasks.iter().map(|waking| waking.task).collect());
    let outcome = server.execute(&remind, &ctx).await?;
    // An owner who may have no more tasks is reminded of those there are.
    spawned?;
    Ok((tasks.iter().map(|waking| rest(waking, &outcome, &ctx)).collect(), sent(&outcome)))
}

/// Until when a task may rest, as it was found by the command.
fn rest(waking: &Waking, outcome: &Outcome, ctx: &Ctx) -> Rest {
    let Waking { owner, task, since: was, .. } = *waking;
    if let Some(found) = outcome.tasks.get(&task) {
        let until = wake::next(found, &ctx.preferences, ctx.zone, ctx.now);
        Rest { owner, task, version: found.version, was, until }
    } else {
        let until = Some(ctx.now.plus_millis(UNSEEN_MILLIS));
        Rest { owner, task, version: waking.version, was, until }
    }
}

/// How late reminders were sent, by the clock of their round.
fn sent(outcome: &Outcome) -> Vec<Duration> {
    let late = |firing: &Firing| {
        let millis = firing.settled_at.millis().saturating_sub(firing.at.millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    };
    let sent = outcome.events.iter().filter_map(|event| match &event.data {
        EventData::Reminded { firing, .. } if firing.fate != FiringFate::Missed => {
            Some(late(firing))
        }
        _ => None,
    });
    sent.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPEC 9: who stands in line for an owner is no fault of a task, however it was in vain; what fails
    /// though nobody holds the owner is one.
    #[test]
    fn who_stands_in_line_in_vain_was_held() {
        let stored = |error: StoreError| Trouble::Service(error.into());
        for (trouble, in_passing, patient) in [
            (stored(StoreError::Unavailable("locked".into())), true, true),
            (stored(StoreError::Conflict), false, true),
            (Trouble::TooLong, false, true),
            (stored(StoreError::Corrupt("damaged".into())), false, false),
            (Trouble::Profile("no such zone".to_owned()), false, false),
            (Trouble::NoOwner, false, false),
        ] {
            assert_eq!(trouble.is_in_the_way(false), in_passing, "{trouble}");
            assert_eq!(trouble.is_in_the_way(true), patient, "{trouble}");
        }
        assert!(
            Trouble::TooLong.may_be_everybodys(false) && !Trouble::NoOwner.may_be_everybodys(true)
        );
    }
}
