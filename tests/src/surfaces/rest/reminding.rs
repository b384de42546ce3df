//! Reminding. `todo-web` alone reminds of nothing; what settles reminders is the scheduler of
//! `todo-server`, on the same store. Here the driver stands in for it.

use std::fmt::Display;

use todo_core::query::Moment;
use todo_core::{Actor, ActorKind, Ctx, Owner};
use uuid::Uuid;

use super::Rest;
use super::base::{Base, runtime};
use crate::surfaces::Told;
use crate::surfaces::scheduler::{all_fired, by_itself, candidates, command};
use crate::surfaces::told::{Fired, Refusal};

impl<B: Base> Rest<B> {
    pub(super) fn settle(&mut self) -> Told<Vec<Fired>> {
        // The scheduler goes by the zone that the account has.
        self.arrive()?;
        let owner = self.person.owner()?;
        let fired = runtime().block_on(self.fire(owner));
        fired.map_err(|error| Refusal::broken(error.to_string()))
    }

    async fn fire(&self, owner: Owner) -> Result<Vec<Fired>, Box<dyn Display>> {
        let app = &self.person.server.app;
        let told = |error: &dyn Display| -> Box<dyn Display> { Box::new(error.to_string()) };
        let profile = app.store.user(owner).await.map_err(|error| told(&error))?.profile;
        let ctx = by_itself(Ctx {
            owner,
            actor: Actor { kind: ActorKind::User, id: owner.0 },
            now: self.person.now(),
            zone: profile.zone,
            week_start: profile.week_start,
            preferences: profile.preferences,
            correlation: Uuid::nil(),
            causation: None,
        });
        let Ctx { now, zone, week_start, .. } = ctx;
        let query = candidates(Moment { now, zone, owner_zone: zone, week_start });
        let tasks = app.server().find(&query, &ctx).await.map_err(|error| told(&error))?.tasks;
        let outcome = app.server().execute(&command(&tasks, &ctx), &ctx).await;
        Ok(all_fired(&outcome.map_err(|error| told(&error))?))
    }
}
