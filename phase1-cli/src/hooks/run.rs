//! Running one program: it is given its input, listened to, and stopped when its time is over.
//!
//! Two threads talk with it, so that neither a program that reads nothing nor one that never stops
//! talking keeps us; what it says beyond a bound is read and dropped.

use std::fmt;
use std::io::{self, PipeReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use shared_child::SharedChild;

use super::find::Program;
use crate::edge::{FILE_VARIABLE, HOOK_VARIABLE};

/// Most bytes of output that are kept.
const OUTPUT_MAX: usize = 16 << 10;
/// How long the output is waited for once the program has ended: what it left running in the
/// background may hold it open.
const GRACE: Duration = Duration::from_millis(100);

/// A run to be.
pub(super) struct Run<'r> {
    pub(super) program: &'r Program,
    /// The tasks' file, which a `todo` that the program calls works on, too.
    pub(super) file: &'r Path,
    pub(super) limit: Duration,
    /// Whether its output is wanted.
    pub(super) shown: bool,
}

/// What came of it.
pub(super) struct Ran {
    /// What it said, standard output and standard error as they came.
    pub(super) output: Vec<u8>,
    /// Whether it said more than that.
    pub(super) more: bool,
    pub(super) failure: Option<Failure>,
}

/// How it did not end well.
pub(super) enum Failure {
    Status(ExitStatus),
    TooLong(Duration),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // "exit status: 3", "signal: 9 (SIGKILL)".
            Self::Status(status) => write!(f, "ended with {status}"),
            Self::TooLong(limit) => {
                write!(f, "was stopped: it took longer than {} s (hook_timeout)", limit.as_secs())
            }
        }
    }
}

impl Run<'_> {
    /// Runs the program on its input.
    pub(super) fn on(&self, input: &[u8]) -> io::Result<Ran> {
        let mut command = Command::new(&self.program.path);
        command.env(HOOK_VARIABLE, self.program.hook.as_str()).env(FILE_VARIABLE, self.file);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut listened = None;
        if self.shown {
            let (reader, writer) = io::pipe()?;
            command.stdout(writer.try_clone()?).stderr(writer);
            listened = Some(reader);
        }
        in_its_own_group(&mut command);
        let child = SharedChild::spawn(&mut command)?;
        // With it go our ends of the pipe: what is left are the program's.
        drop(command);
        if let Some(mut stdin) = child.take_stdin() {
            let input = input.to_vec();
            // One that does not read its input, or not all of it, has reasons of its own.
            thread::spawn(move || drop(stdin.write_all(&input)));
        }
        let heard = listened.map(listen);
        let failure = if let Some(status) = child.wait_timeout(self.limit)? {
            (!status.success()).then_some(Failure::Status(status))
        } else {
            stop(&child)?;
            Some(Failure::TooLong(self.limit))
        };
        let (output, more) = heard.map(Heard::gather).unwrap_or_default();
        Ok(Ran { output, more, failure })
    }
}

/// What a program says, while it does.
struct Heard {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Closed when nobody can say anything any more.
    end: Receiver<()>,
}

/// Reads a pipe to its end, whether or not anybody wants to know.
fn listen(mut reader: PipeReader) -> Heard {
    let (sender, end) = mpsc::channel();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let heard = Heard { kept: Arc::clone(&kept), end };
    thread::spawn(move || {
        let mut part = vec![0; OUTPUT_MAX];
        while let Ok(length @ 1..) = reader.read(&mut part) {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let room = (OUTPUT_MAX + 1).saturating_sub(kept.len());
            kept.extend(&part[..length.min(room)]);
        }
        drop(sender);
    });
    heard
}

impl Heard {
    /// What was said, and whether that is not all of it.
    fn gather(self) -> (Vec<u8>, bool) {
        let _ = self.end.recv_timeout(GRACE);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let more = kept.len() > OUTPUT_MAX;
        kept.truncate(OUTPUT_MAX);
        (std::mem::take(&mut kept), more)
    }
}

#[cfg(unix)]
fn in_its_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_its_own_group(_: &mut Command) {}

/// Ends a program, and on Unix what it started with it.
fn stop(child: &SharedChild) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It was not waited for yet, so the number is still its own.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    child.kill()?;
    child.wait().map(drop)
}
