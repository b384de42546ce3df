//! Who listens to whom: the queues of the sockets of this process, by their owners.
//!
//! To tell something costs a look-up and a push into each queue, and never a wait. A queue that is full is
//! taken out, and its socket closed: its client comes back for what it has missed.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use todo_core::Owner;
use todo_core::event::Seq;
use todo_store::log::Entry;
use tokio::sync::{mpsc, oneshot};

/// Something that sockets are told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// The first event that it stands for, and the last.
    pub(super) first: Seq,
    pub(super) last: Seq,
    pub(super) what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// As it is sent.
    Text(Utf8Bytes),
    /// A reminder, which is sent with the title of its task: the socket looks that up, for nobody else is
    /// to wait for it.
    Reminder(Arc<Entry>),
}

/// All queues.
#[derive(Debug)]
pub(super) struct Hub {
    owners: Mutex<Owners>,
    queue: usize,
    sockets: usize,
}

#[derive(Debug, Default)]
struct Owners {
    seats: HashMap<Owner, Vec<Taken>>,
    next: u64,
}

/// A socket's end of its queue.
#[derive(Debug)]
pub(super) struct Seat {
    hub: Arc<Hub>,
    owner: Owner,
    pub(super) id: u64,
    told: mpsc::Receiver<Told>,
    full: oneshot::Receiver<()>,
}

/// Ours.
#[derive(Debug)]
struct Taken {
    id: u64,
    told: mpsc::Sender<Told>,
    /// Dropped with the queue, which the socket hears even while it sends.
    _full: oneshot::Sender<()>,
}

impl Hub {
    pub(super) fn new(queue: usize, sockets: usize) -> Self {
        Self { owners: Mutex::default(), queue, sockets }
    }

    /// Listens to an owner from now on; not if as many do as may.
    pub(super) fn listen(self: &Arc<Self>, owner: Owner) -> Option<Seat> {
        let mut owners = self.owners();
        owners.next += 1;
        let id = owners.next;
        let seats = owners.seats.entry(owner).or_default();
        if seats.len() >= self.sockets {
            return None;
        }
        let ((ours, told), (gone, full)) = (mpsc::channel(self.queue), oneshot::channel());
        seats.push(Taken { id, told: ours, _full: gone });
        Some(Seat { hub: Arc::clone(self), owner, id, told, full })
    }

    /// Whether anybody listens to an owner.
    pub(super) fn has(&self, owner: Owner) -> bool {
        self.owners().seats.contains_key(&owner)
    }

    /// Tells everybody who listens to an owner; answers how many were too slow.
    pub(super) fn tell(&self, owner: Owner, told: &Told) -> usize {
        let mut owners = self.owners();
        let Place::Occupied(mut place) = owners.seats.entry(owner) else { return 0 };
        let before = place.get().len();
        place.get_mut().retain(|seat| seat.told.try_send(told.clone()).is_ok());
        let slow = before - place.get().len();
        if place.get().is_empty() {
            place.remove();
        }
        slow
    }

    fn leave(&self, owner: Owner, id: u64) {
        let mut owners = self.owners();
        let Place::Occupied(mut place) = owners.seats.entry(owner) else { return };
        place.get_mut().retain(|seat| seat.id != id);
        if place.get().is_empty() {
            place.remove();
        }
    }

    /// Nothing panics while it is held; and if it did, every queue would be whole.
    fn owners(&self) -> MutexGuard<'_, Owners> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// What is told next; nothing once the queue was full.
    pub(super) async fn next(&mut self) -> Option<Told> {
        tokio::select! {
            biased;
            _ = &mut self.full => None,
            told = self.told.recv() => told,
        }
    }

    /// Waits until the queue is full.
    pub(super) async fn overflow(&mut self) {
        // However it resolves: the other end is gone.
        let _gone = (&mut self.full).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.leave(self.owner, self.id);
    }
}
