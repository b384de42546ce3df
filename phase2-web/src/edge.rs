//! Where the world comes in: the clock, randomness, fresh ids.

use std::time::SystemTime;

use todo_core::Timestamp;
use uuid::{NoContext, Uuid};

use crate::Clock;

impl Clock {
    /// The clock of the machine.
    pub fn of_the_machine() -> Self {
        Self::asking_the_machine(|| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the clock is read here and nowhere else"
            )]
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let millis = since.unwrap_or_default().as_millis();
            Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
        })
    }
}

/// A fresh identity. Its time is the given one, so that identities follow the order of creation.
pub fn fresh_id(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    let nanos = u32::try_from(millis % 1000 * 1_000_000).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, millis / 1000, nanos))
}

/// Bytes that nobody can guess, from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
