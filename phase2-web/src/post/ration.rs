//! How often mail goes to one address, or is asked for by one user: strangers can have it sent, and
//! must not be able to flood anybody. Several servers each keep their own count.
//!
//! Three at once, and one more every ten minutes. A link to a new password counts for half an hour:
//! whoever finds that strangers have used up the ration of their address has a link that counts.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use todo_core::Timestamp;

/// How many may go at once.
const AT_ONCE: i64 = 3;
/// How long until one more may.
const EACH_MILLIS: i64 = 10 * 60 * 1000;
/// How many addresses are remembered; that which was asked for least goes first.
const REMEMBERED: u64 = 100_000;
/// After so long everything may go again.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// What of late went to whom.
#[derive(Debug)]
pub(super) struct Ration {
    hasher: RandomState,
    /// Until when what went is paid for. Of whom, only as a hash with a key of its own.
    paid: Cache<u64, Arc<Mutex<i64>>>,
}

impl Default for Ration {
    fn default() -> Self {
        let paid = Cache::builder().max_capacity(REMEMBERED).time_to_idle(FORGOTTEN).build();
        Self { hasher: RandomState::new(), paid }
    }
}

impl Ration {
    /// Takes one, or says in how many seconds there is one.
    pub(super) fn take(&self, whose: impl Hash, now: Timestamp) -> Result<(), u64> {
        let paid = self.paid.get_with(self.hasher.hash_one(whose), Arc::default);
        let mut paid = paid.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.millis();
        // A clock that was put back must not make anybody wait until it is there again.
        *paid = (*paid).clamp(now, now.saturating_add(AT_ONCE * EACH_MILLIS));
        let wait = *paid + EACH_MILLIS - (now + AT_ONCE * EACH_MILLIS);
        if wait > 0 {
            return Err(wait.unsigned_abs().div_ceil(1000));
        }
        *paid += EACH_MILLIS;
        Ok(())
    }

    /// Gives one back that was taken for nothing.
    pub(super) fn give_back(&self, whose: impl Hash) {
        if let Some(paid) = self.paid.get(&self.hasher.hash_one(whose)) {
            *paid.lock().unwrap_or_else(PoisonError::into_inner) -= EACH_MILLIS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + minutes * 60_000)
    }

    #[test]
    fn three_at_once_and_then_one_every_ten_minutes() {
        let ration = Ration::default();
        for _ in 0..3 {
            assert_eq!(ration.take("ann", at(0)), Ok(()));
        }
        assert_eq!(ration.take("ann", at(0)), Err(600));
        assert_eq!(ration.take("bob", at(0)), Ok(()), "each has their own");
        assert_eq!(ration.take("ann", at(9)), Err(60));
        assert_eq!(ration.take("ann", at(10)), Ok(()));
        assert_eq!(ration.take("ann", at(10)), Err(600));
        let late: Vec<_> = (0..4).map(|_| ration.take("ann", at(100)).is_ok()).collect();
        assert_eq!(late, [true, true, true, false]);
    }

    #[test]
    fn what_was_taken_for_nothing_is_there_again() {
        let ration = Ration::default();
        for _ in 0..3 {
            assert_eq!(ration.take("ann", at(0)), Ok(()));
        }
        ration.give_back("ann");
        ration.give_back("bob");
        assert_eq!(ration.take("ann", at(0)), Ok(()));
        assert_eq!(ration.take("ann", at(0)), Err(600));
        let bobs: Vec<_> = (0..4).map(|_| ration.take("bob", at(0)).is_ok()).collect();
        assert_eq!(bobs, [true, true, true, false], "nobody has more than there is");
    }

    #[test]
    fn a_clock_put_back_harms_nobody_for_long() {
        let ration = Ration::default();
        (0..3).for_each(|_| ration.take("ann", at(10_000)).unwrap());
        assert_eq!(ration.take("ann", at(0)), Err(600));
        assert_eq!(ration.take("ann", at(10)), Ok(()));
    }
}
