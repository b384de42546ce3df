//! The word to stop, for parts that run until they hear it.

use tokio::sync::watch;

/// Says it. Dropped, it is said too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Hears it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// Both ends.
    pub fn new() -> (Self, Stop) {
        let (say, hear) = watch::channel(false);
        (Self(say), Stop(hear))
    }

    /// Says it.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it was said.
    pub fn has_come(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits for it.
    pub async fn come(&mut self) {
        // Nobody is left to say it: it is over.
        let _said = self.0.wait_for(|said| *said).await;
    }
}
