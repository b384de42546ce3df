//! The word to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Comes true when the process is asked to end: by ctrl-c, or by whatever runs it (`SIGTERM`).
///
/// Listens from the moment it is called, not only when it is waited for.
pub fn signalled() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
