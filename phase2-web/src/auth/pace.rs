//! How fast the password of one account can be guessed.
//!
//! A few wrong passwords are anybody's. After them each further try must wait, twice as long each
//! time, up to a bound; a log-in that succeeds ends it. Tries from one network count together, so that
//! a stranger holds up only who shares it; and those from all networks count together too, with more
//! patience, for guesses come from many. A network that the account was logged in from is not held up
//! by what happens elsewhere.
//!
//! All of this goes by what was typed, whether or not there is such an account: nobody learns of
//! accounts here. Tries that are not over are bounded too, so that to send many at once gains little;
//! that bound is wide, for they may all be right. Several servers each keep their own count.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use todo_core::Timestamp;
use todo_store::accounts::Email;

use crate::client::ClientAddress;

/// How many counts are kept; that which was asked for least goes first.
const REMEMBERED: u64 = 100_000;
/// After so long without a try, everything is forgotten.
const FORGOTTEN: Duration = Duration::from_hours(1);
/// How long a network is known that the account was logged in from.
const KNOWN: Duration = Duration::from_hours(30 * 24);

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);

/// How many tries fail before the next must wait, how long it waits at most, and how many may be made at
/// once before that.
struct Patience {
    failures: u32,
    longest: Duration,
    abreast: u32,
}

const FROM_ONE: Patience = Patience { failures: 5, longest: Duration::from_mins(1), abreast: 20 };
const FROM_ALL: Patience = Patience { failures: 20, longest: Duration::from_secs(30), abreast: 80 };

/// An account as it was typed. It is only a hash with a key of its own: what people type is not kept.
type Name = u64;
/// Nothing for what comes over no connection.
type Network = Option<IpAddr>;

/// Which tries count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Origin {
    All,
    One(Network),
}

/// The tries to log in of a while.
#[derive(Debug)]
pub(crate) struct Pace {
    hasher: RandomState,
    tallies: Cache<(Name, Origin), Arc<Mutex<Tally>>>,
    known: Cache<(Name, Network), ()>,
}

/// What became of tries.
#[derive(Debug)]
struct Tally {
    failed: u32,
    /// Not over yet.
    pending: u32,
    /// When the last began.
    last: Timestamp,
}

/// A try that may begin. It has failed if nothing else is said of it until it is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Try<'p> {
    pace: &'p Pace,
    name: Name,
    network: Network,
    counted: [Arc<Mutex<Tally>>; 2],
    fate: Fate,
}

/// What became of one.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Failed,
    Succeeded,
    Nothing,
}

impl Default for Pace {
    fn default() -> Self {
        Self::of(REMEMBERED)
    }
}

impl Pace {
    fn of(remembered: u64) -> Self {
        Self {
            hasher: RandomState::new(),
            tallies: Cache::builder().max_capacity(remembered).time_to_idle(FORGOTTEN).build(),
            known: Cache::builder().max_capacity(remembered).time_to_idle(KNOWN).build(),
        }
    }

    /// Begins a try, or says for how many seconds it must wait.
    pub(crate) fn begin(
        &self,
        email: &Email,
        from: Option<ClientAddress>,
        now: Timestamp,
    ) -> Result<Try<'_>, u64> {
        let name = self.hasher.hash_one(email.key());
        let network = from.map(ClientAddress::network);
        let counted =
            [Origin::All, Origin::One(network)].map(|origin| self.tally(name, origin, now));
        {
            // Always in this order, so that nobody waits for who waits for them.
            let [all, one] = &counted;
            let (mut all, mut one) = (lock(all), lock(one));
            let elsewhere = all.wait(&FROM_ALL, now);
            let here = one.wait(&FROM_ONE, now);
            let known = self.known.get(&(name, network)).is_some();
            let wait = if known { here } else { here.max(elsewhere) };
            if !wait.is_zero() {
                return Err(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX));
            }
            all.begin(now);
            one.begin(now);
        }
        Ok(Try { pace: self, name, network, counted, fate: Fate::Failed })
    }

    fn tally(&self, name: Name, origin: Origin, now: Timestamp) -> Arc<Mutex<Tally>> {
        self.tallies.get_with((name, origin), || {
            Arc::new(Mutex::new(Tally { failed: 0, pending: 0, last: now }))
        })
    }
}

impl Tally {
    /// How long the next try has to wait.
    fn wait(&mut self, patience: &Patience, now: Timestamp) -> Duration {
        // A clock that was put back must not make anybody wait until it is there again.
        self.last = self.last.min(now);
        let passed = now.millis().abs_diff(self.last.millis());
        let passed = Duration::from_millis(passed);
        if passed >= FORGOTTEN {
            self.failed = 0;
        }
        let tries = self.failed.saturating_add(self.pending);
        if self.failed < patience.failures {
            return if tries < patience.abreast { Duration::ZERO } else { FIRST };
        }
        let over = tries - patience.failures;
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(over)).min(patience.longest);
        wait.saturating_sub(passed)
    }

    fn begin(&mut self, now: Timestamp) {
        self.pending = self.pending.saturating_add(1);
        self.last = now;
    }

    fn end(&mut self, fate: Fate) {
        self.pending = self.pending.saturating_sub(1);
        match fate {
            Fate::Failed => self.failed = self.failed.saturating_add(1),
            Fate::Succeeded => self.failed = 0,
            Fate::Nothing => {}
        }
    }
}

impl Try<'_> {
    /// The password was right: what failed before counts no more.
    pub(crate) fn succeeded(mut self) {
        self.fate = Fate::Succeeded;
        self.pace.known.insert((self.name, self.network), ());
    }

    /// Nobody came to look at the password: that was no try.
    pub(crate) fn came_to_nothing(mut self) {
        self.fate = Fate::Nothing;
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.counted.iter().for_each(|tally| lock(tally).end(self.fate));
    }
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn email(name: &str) -> Email {
        Email::new(&format!("{name}@example.org")).unwrap()
    }

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000 + i64::try_from(millis).unwrap())
    }

    fn network(last: u8) -> ClientAddress {
        ClientAddress(IpAddr::from([192, 0, 2, last]))
    }

    /// Fails as often as it is let, trying again as soon as it may; the waits between.
    fn waits(pace: &Pace, from: impl Fn(usize) -> ClientAddress, tries: usize) -> Vec<u64> {
        let (ann, mut now) = (email("ann"), 0);
        let wait = |n| match pace.begin(&ann, Some(from(n)), at(now)) {
            Ok(begun) => {
                drop(begun);
                0
            }
            Err(wait) => {
                now += wait * 1000;
                drop(pace.begin(&ann, Some(from(n)), at(now)).unwrap());
                wait
            }
        };
        (0..tries).map(wait).collect()
    }

    #[test]
    fn the_waits_of_one_network_grow_to_a_minute() {
        let waits = waits(&Pace::default(), |_| network(1), 14);
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn those_of_many_networks_grow_to_half_a_minute() {
        let from = |n| network(u8::try_from(n).unwrap());
        let waits = waits(&Pace::default(), from, 28);
        assert_eq!(waits[..20], [0; 20]);
        assert_eq!(waits[20..], [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn where_one_has_logged_in_others_hold_nobody_up() {
        let (pace, ann) = (Pace::default(), email("ann"));
        pace.begin(&ann, Some(network(200)), at(0)).unwrap().succeeded();
        waits(&pace, |n| network(u8::try_from(n).unwrap()), 28);
        assert!(pace.begin(&ann, Some(network(100)), at(130_000)).is_err());
        assert!(pace.begin(&ann, Some(network(200)), at(130_000)).is_ok());
    }

    #[test]
    fn tries_that_are_not_over_count() {
        let (pace, ann) = (Pace::default(), email("ann"));
        let begin = || pace.begin(&ann, None, at(0));
        let mut begun: Vec<_> = (0..20).map(|_| begin().unwrap()).collect();
        assert_eq!(begin().unwrap_err(), 1);
        // Of some of them the server was too busy to look at the password.
        begun.drain(4..).for_each(Try::came_to_nothing);
        let right = begin().unwrap();
        drop(begun);
        right.succeeded();
        drop(begin().unwrap());
        (0..4).for_each(|_| drop(begin().unwrap()));
        assert_eq!(begin().unwrap_err(), 1, "five have failed since");
    }

    #[test]
    fn while_one_is_looked_at_the_next_waits_longer() {
        let (pace, ann) = (Pace::default(), email("ann"));
        (0..5).for_each(|_| drop(pace.begin(&ann, None, at(0)).unwrap()));
        let _slow = pace.begin(&ann, None, at(1_000)).unwrap();
        assert_eq!(pace.begin(&ann, None, at(1_000)).unwrap_err(), 2);
    }

    #[test]
    fn an_hour_forgives_and_a_clock_put_back_harms_nobody() {
        let (pace, ann) = (Pace::default(), email("ann"));
        let fail = |now| pace.begin(&ann, None, at(now)).map(drop);
        let fail_at = |now| while fail(now).is_ok() {};
        fail_at(0);
        assert!(fail(3_600_000).is_ok() && fail(3_600_000).is_ok(), "an hour forgives");
        fail_at(7_000_000);
        assert_eq!(fail(0), Err(1), "as if it had been just now");
        assert!(fail(1_000).is_ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let pace = Pace::of(100);
        for n in 0..2_000 {
            drop(pace.begin(&email(&format!("name{n}")), Some(network(1)), at(0)).unwrap());
        }
        pace.tallies.run_pending_tasks();
        assert!(pace.tallies.entry_count() <= 100);
    }

    proptest! {
        /// However somebody tries, nobody waits for more than a minute, and never longer than was said.
        #[test]
        fn no_wait_is_longer_than_was_said(gaps in proptest::collection::vec((0..90_000_u64, 0..3_u8), 1..200)) {
            let (pace, ann, mut now) = (Pace::default(), email("ann"), 0);
            for (gap, last) in gaps {
                now += gap;
                if let Err(wait) = pace.begin(&ann, Some(network(last)), at(now)).map(drop) {
                    prop_assert!((1..=60).contains(&wait));
                    prop_assert!(pace.begin(&ann, Some(network(last)), at(now + wait * 1000)).is_ok());
                    now += wait * 1000;
                }
            }
        }
    }
}
