//! Ends a service when the process that started it is gone, however it went.

use std::process::{Child, Command, Stdio};

/// A shell that waits for the end of a pipe which only we hold open. A signal on the parent's death
/// would be simpler, but it is sent when the *thread* ends that started the child, and a test has a
/// thread of its own.
#[derive(Debug)]
pub(super) struct Watcher(Child);

impl Watcher {
    /// Watches over a process.
    pub(super) fn over(pid: u32) -> Self {
        let shell = Command::new("sh")
            .args(["-c", "read -r _; kill -KILL \"$1\"", "watcher", &pid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(shell.expect("a shell can be run"))
    }
}

/// Once the service is gone its number may be another's, so the watcher goes first.
impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
