//! The relay, which `todo-web` has not: one for the database that all servers of a process share, as
//! `todo-server` runs it.

use std::sync::Arc;

use todo_core::Owner;
use todo_events::roles::{Background, Roles};
use todo_store::Store;
use todo_web::App;

use super::Rest;
use super::base::{Base, Shared, runtime};
use super::server::parts;
use crate::surfaces::Told;

/// A relay at work, until this is dropped.
#[derive(Debug)]
pub(super) struct Relaying(Option<Background>);

impl Relaying {
    /// With a clock that stands still at the beginning: nothing was told so long ago that it goes.
    fn begin(shared: &Shared) -> Self {
        let app = App::new(parts(shared, &Arc::default()));
        let relay: Roles = "relay".parse().expect("a role");
        let _in_the_runtime = runtime().enter();
        Self(Some(Background::start(&app, &relay, Vec::new(), None)))
    }
}

impl Drop for Relaying {
    fn drop(&mut self) {
        if let Some(parts) = self.0.take() {
            runtime().block_on(parts.end());
        }
    }
}

impl<B: Base> Rest<B> {
    /// From now on what happens is told.
    pub(in crate::surfaces) fn relay(&self) {
        self.person.shared.relay.get_or_init(|| Relaying::begin(&self.person.shared));
    }

    /// The database that is shared by all.
    pub(in crate::surfaces) fn store(&self) -> Store {
        self.person.shared.store.clone()
    }

    /// Whose tasks are asked for, from where they are.
    pub(in crate::surfaces) fn owner(&mut self) -> Told<Owner> {
        self.arrive()?;
        self.person.owner()
    }
}
