//! Who listens to whom: the queues of the sockets of this process, by their owners.
//!
//! To tell something costs a look-up and a push into each queue, and never a wait. A queue that is full is
//! taken out, and its socket closed: its client comes back for what it has missed.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use todo_core::Owner;
use todo_core::event::Seq;
use todo_store::log::Entry;
use tokio::sync::{mpsc, oneshot};

use super::close::Close;

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
    /// Reminders that follow one another. What is known of their tasks belongs to how they are told: the
    /// socket looks that up, for nobody else is to wait for it.
    Reminders(Arc<[Entry]>),
    /// That there may be more in the history than was told.
    Look,
}

impl Told {
    const LOOK: Self = Self { first: Seq(0), last: Seq(0), what: What::Look };

    /// How much waits with it, more or less.
    fn size(&self) -> usize {
        match &self.what {
            What::Text(text) => text.len(),
            What::Look => 0,
            What::Reminders(entries) => {
                entries.iter().filter_map(|entry| Some(entry.data.as_ref()?.get().len())).sum()
            }
        }
    }
}

/// All queues.
#[derive(Debug)]
pub(super) struct Hub {
    owners: Mutex<Owners>,
    queue: usize,
    bytes: usize,
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
    bytes: Arc<AtomicUsize>,
    over: oneshot::Receiver<Close>,
}

/// Ours.
#[derive(Debug)]
struct Taken {
    id: u64,
    told: mpsc::Sender<Told>,
    /// How much waits in it.
    bytes: Arc<AtomicUsize>,
    /// Says why the queue is taken out, which the socket hears even while it sends; dropped without a word with
    /// one that is full.
    over: oneshot::Sender<Close>,
}

impl Hub {
    /// With queues of so many messages and bytes, so many of them for an owner.
    pub(super) fn new(queue: usize, bytes: usize, sockets: usize) -> Self {
        Self { owners: Mutex::default(), queue, bytes, sockets }
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
        let ((ours, told), (why, over)) = (mpsc::channel(self.queue), oneshot::channel());
        let bytes = Arc::<AtomicUsize>::default();
        seats.push(Taken { id, told: ours, bytes: Arc::clone(&bytes), over: why });
        Some(Seat { hub: Arc::clone(self), owner, id, told, bytes, over })
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
        place.get_mut().retain(|seat| seat.takes(told, self.bytes));
        let slow = before - place.get().len();
        if place.get().is_empty() {
            place.remove();
        }
        slow
    }

    /// Has everybody look at the history who listens by now.
    pub(super) fn look(&self) -> usize {
        let owners: Vec<_> = self.owners().seats.keys().copied().collect();
        owners.into_iter().map(|owner| self.tell(owner, &Told::LOOK)).sum()
    }

    /// Has everybody come back who listens by now: their numbers are of a history that is no more. What waits for
    /// them is not told.
    pub(super) fn restart(&self) {
        let seats = std::mem::take(&mut self.owners().seats);
        for seat in seats.into_values().flatten() {
            // It may be gone by itself.
            let _told = seat.over.send(Close::Restart);
        }
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

impl Taken {
    /// Whether there is room for it; into an empty queue everything fits.
    fn takes(&self, told: &Told, most: usize) -> bool {
        let size = told.size();
        let before = self.bytes.fetch_add(size, Ordering::AcqRel);
        (before == 0 || before.saturating_add(size) <= most)
            && self.told.try_send(told.clone()).is_ok()
    }
}

impl Seat {
    /// What is told next; why nothing more is, once the queue was taken out.
    pub(super) async fn next(&mut self) -> Result<Told, Close> {
        let told = tokio::select! {
            biased;
            why = &mut self.over => return Err(why.unwrap_or(Close::Behind)),
            told = self.told.recv() => told.ok_or(Close::Behind)?,
        };
        self.bytes.fetch_sub(told.size(), Ordering::AcqRel);
        Ok(told)
    }

    /// Waits until the queue is taken out, and says why: it is full, or all are.
    pub(super) async fn over(&mut self) -> Close {
        (&mut self.over).await.unwrap_or(Close::Behind)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.leave(self.owner, self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(seq: u64, length: usize) -> Told {
        let text = "a".repeat(length).into();
        Told { first: Seq(seq), last: Seq(seq), what: What::Text(text) }
    }

    /// SPEC 9: a slow one is let go of before what waits for it is large.
    #[tokio::test]
    async fn a_queue_is_full_of_bytes_before_it_is_full_of_messages() {
        let hub = Arc::new(Hub::new(100, 1000, 2));
        let owner = Owner(uuid::Uuid::nil());
        let (quick, slow) = (hub.listen(owner), hub.listen(owner));
        let (Some(mut quick), Some(mut slow)) = (quick, slow) else { panic!("two may listen") };
        // However long one is, who has nothing else to take is told.
        assert_eq!(hub.tell(owner, &told(1, 5000)), 0);
        assert!(quick.next().await.is_ok() && slow.next().await.is_ok());
        for seq in 2..12 {
            assert_eq!(hub.tell(owner, &told(seq, 100)), 0);
            assert!(quick.next().await.is_ok());
        }
        assert_eq!(hub.tell(owner, &told(12, 1)), 1);
        assert_eq!(quick.next().await.map(|told| told.last).ok(), Some(Seq(12)));
        assert_eq!(slow.next().await.err(), Some(Close::Behind));
    }

    /// SPEC 9: who is sent away hears nothing more of what waited, and may listen again at once.
    #[tokio::test]
    async fn who_is_sent_away_is_not_told_what_waited() {
        let hub = Arc::new(Hub::new(100, 1000, 1));
        let owner = Owner(uuid::Uuid::nil());
        let Some(mut before) = hub.listen(owner) else { panic!("one may listen") };
        assert_eq!(hub.tell(owner, &told(1, 5)), 0);
        hub.restart();
        let Some(mut after) = hub.listen(owner) else { panic!("one may listen") };
        assert_eq!(before.next().await.err(), Some(Close::Restart));
        drop(before);
        assert_eq!(hub.tell(owner, &told(2, 5)), 0);
        assert_eq!(after.next().await.map(|told| told.last).ok(), Some(Seq(2)));
    }
}
