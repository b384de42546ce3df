//! Turns of work that takes long: so many at a time, and one of each user, so that nobody has them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use todo_core::{Owner, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

/// Who may work, and who waits for it.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    /// A turn for each user who has one or waits for one; what nobody has or waits for is dead.
    own: Mutex<HashMap<Owner, Weak<Semaphore>>>,
}

/// The turn of one user, given back when it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Turn {
    _own: OwnedSemaphorePermit,
    _one: OwnedSemaphorePermit,
}

/// A turn that ends with its time, whether whoever has it is done or not: he may be waiting for a client who
/// takes a byte now and then.
#[derive(Debug)]
#[must_use]
pub struct Lease {
    turn: Arc<Mutex<Option<Turn>>>,
    timer: AbortHandle,
    until: Instant,
}

/// What was to be done took too long.
#[derive(Debug, thiserror::Error)]
#[error("it was not taken in time")]
struct TooLong;

impl Lease {
    pub(crate) fn of(turn: Turn, most: Duration) -> Self {
        let turn = Arc::new(Mutex::new(Some(turn)));
        let held = Arc::clone(&turn);
        let until = Instant::now() + most;
        let timer = tokio::spawn(async move {
            sleep_until(until).await;
            drop(held.lock().unwrap_or_else(PoisonError::into_inner).take());
        });
        Self { turn, timer: timer.abort_handle(), until }
    }

    /// Waits until its time is over, and says so: for who would else wait for something longer.
    pub fn ends(&self) -> impl Future<Output = StoreError> + use<> {
        let until = self.until;
        async move {
            sleep_until(until).await;
            StoreError::Unavailable(TooLong.into())
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        drop(self.turn.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.timer.abort();
    }
}

impl Turns {
    pub(crate) fn new(at_a_time: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(at_a_time)), own: Mutex::default() }
    }

    /// A turn, if there is one at once.
    pub(crate) fn try_take(&self, owner: Owner) -> Option<Turn> {
        let own = self.own(owner).try_acquire_owned().ok()?;
        let one = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Turn { _own: own, _one: one })
    }

    /// A turn, if there is one in time. First the user's own: while they wait for themselves, they take
    /// nothing from others.
    pub(crate) async fn take(&self, owner: Owner, patience: Duration) -> Option<Turn> {
        let turn = async {
            let own = self.own(owner).acquire_owned().await.ok()?;
            let one = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Turn { _own: own, _one: one })
        };
        timeout(patience, turn).await.ok().flatten()
    }

    fn own(&self, owner: Owner) -> Arc<Semaphore> {
        let mut known = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        // As many as have a turn or wait: no more than there are connections.
        known.retain(|_, own| own.strong_count() > 0);
        if let Some(own) = known.get(&owner).and_then(Weak::upgrade) {
            return own;
        }
        let own = Arc::new(Semaphore::new(1));
        known.insert(owner, Arc::downgrade(&own));
        own
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANN: Owner = Owner(Uuid::from_u128(1));
    const BOB: Owner = Owner(Uuid::from_u128(2));
    const CID: Owner = Owner(Uuid::from_u128(3));

    #[test]
    fn one_of_each_user_and_so_many_in_all() {
        let turns = Turns::new(2);
        let anns = turns.try_take(ANN).unwrap();
        assert!(turns.try_take(ANN).is_none(), "one of each user");
        let bobs = turns.try_take(BOB).unwrap();
        assert!(turns.try_take(CID).is_none(), "two in all");
        drop(anns);
        assert!(turns.try_take(BOB).is_none());
        drop((turns.try_take(CID).unwrap(), bobs));
        assert!(turns.try_take(BOB).is_some() && turns.try_take(ANN).is_some());
        assert!(turns.own.lock().unwrap().len() <= 2, "who has gone is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_too_long_makes_room() {
        let (turns, minute) = (Turns::new(1), Duration::from_mins(1));
        let slow = Lease::of(turns.try_take(ANN).unwrap(), minute);
        assert!(turns.try_take(BOB).is_none());
        let bobs = turns.take(BOB, 2 * minute).await.unwrap();
        let given = Instant::now();
        slow.ends().await;
        assert_eq!(Instant::now(), given, "it does not go on beside others");
        drop((slow, bobs));
        drop(Lease::of(turns.try_take(ANN).unwrap(), minute));
        assert!(turns.try_take(ANN).is_some(), "who is done gives it back at once");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_themselves_takes_nothing_from_others() {
        let turns = Turns::new(2);
        let second = Duration::from_secs(1);
        let anns = turns.take(ANN, second).await.unwrap();
        let (again, bobs) = tokio::join!(turns.take(ANN, second), turns.take(BOB, second));
        assert!(again.is_none() && bobs.is_some());
        let (again, ()) = tokio::join!(turns.take(ANN, second), async { drop(anns) });
        assert!(again.is_some(), "the turn goes to who waits");
    }
}
