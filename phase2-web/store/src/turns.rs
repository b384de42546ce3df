//! Whose turn it is to write, among those of this process who collided.

use todo_core::Owner;
use tokio::sync::{Mutex, MutexGuard};

/// How many turns there are: owners who share one wait for each other, and lose nothing else.
const TURNS: usize = 256;

/// A turn for each owner. Where several plan on the same state, one is written and all others have
/// planned in vain; in turns, each plans on what the one before has written. Whoever goes away
/// while waiting is out of the queue, and who has the turn gives it back however he ends.
#[derive(Debug)]
pub(crate) struct Turns(Box<[Mutex<()>]>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..TURNS).map(|_| Mutex::default()).collect())
    }
}

impl Turns {
    /// Waits for the owner's turn, first come, first served.
    pub(crate) async fn take(&self, owner: Owner) -> Option<MutexGuard<'_, ()>> {
        // Of an id the last byte is random.
        let [.., last] = owner.0.into_bytes();
        match self.0.get(usize::from(last)) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        }
    }
}
