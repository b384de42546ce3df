//! Where the world comes in: the clock.

use std::time::SystemTime;

use todo_core::Timestamp;

use crate::Clock;

impl Clock {
    /// The clock of the machine.
    pub fn of_the_machine() -> Self {
        Self::new(|| {
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
