//! Who waits is woken: the relay by what is written, readers by what was told.
//!
//! A bell is a number that only rises. Whoever listens knows which he saw last, so a ring between a look
//! and the wait after it is not missed.

use tokio::sync::watch::{Receiver, Sender};

use crate::Store;

/// What is rung in this process.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    /// Something was written, here or elsewhere.
    pub(super) writes: Sender<u64>,
    /// Something was told, here or elsewhere.
    pub(super) log: Sender<u64>,
    /// What was rung here, for others to be told.
    pub(super) written_here: Sender<u64>,
    pub(super) told_here: Sender<u64>,
}

/// Listens from the moment on when it was made: make it before the first look.
#[derive(Debug, Clone)]
pub struct Wakes {
    writes: Receiver<u64>,
    log: Receiver<u64>,
}

pub(super) fn ring(bell: &Sender<u64>) {
    bell.send_modify(|rung| *rung = rung.wrapping_add(1));
}

impl Store {
    /// Says that events were written.
    pub(crate) fn wake_writes(&self) {
        ring(&self.bells.writes);
        ring(&self.bells.written_here);
    }

    /// Says that events were told.
    pub(crate) fn wake_log(&self) {
        ring(&self.bells.log);
        ring(&self.bells.told_here);
    }

    /// Listens to what is written and told: by this process, and where [`Store::keep_told`] runs in both,
    /// by others too. It may be lost on the way: look once in a while as well.
    pub fn wakes(&self) -> Wakes {
        Wakes { writes: self.bells.writes.subscribe(), log: self.bells.log.subscribe() }
    }
}

impl Wakes {
    /// Waits until something was written since this was answered last.
    pub async fn writes(&mut self) {
        changed(&mut self.writes).await;
    }

    /// Waits until something was told since this was answered last.
    pub async fn log(&mut self) {
        changed(&mut self.log).await;
    }
}

async fn changed(bell: &mut Receiver<u64>) {
    if bell.changed().await.is_err() {
        // The store is gone, and with it all that could happen.
        std::future::pending::<()>().await;
    }
}
