//! How far a long import is, on a line of standard error that is gone when it is done.

use std::io::{self, IsTerminal, Read, Stderr, Write};
use std::time::{Duration, Instant};

use crate::edge;

/// Files up to this size, in bytes, are there before anybody could read a line.
const SHORT: u64 = 2 << 20;
/// What takes longer is shown whatever its size, and renewed as often.
const PATIENCE: Duration = Duration::from_millis(500);
const PACE: Duration = Duration::from_millis(100);
/// Goes to the beginning of the line and clears it.
const CLEAR: &str = "\r\u{1b}[K";

/// Shows how far it is.
pub(crate) struct Progress {
    out: Stderr,
    /// Whether anybody looks at it.
    seen: bool,
    /// Bytes there are, as far as is known.
    size: Option<u64>,
    read: u64,
    shown: Option<Instant>,
    begun: Instant,
}

impl Progress {
    /// On standard error, where that is a terminal and the answer is for people.
    pub(crate) fn new(size: Option<u64>, json: bool) -> Self {
        let out = io::stderr();
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let seen = out.is_terminal() && !json && !dumb;
        Self { out, seen, size, read: 0, shown: None, begun: edge::tick() }
    }

    /// Notes that so many more bytes have been read.
    fn advance(&mut self, bytes: usize) {
        self.read += bytes as u64;
        if !self.seen {
            return;
        }
        let now = edge::tick();
        let due = match self.shown {
            Some(shown) => now.duration_since(shown) >= PACE,
            None => {
                self.size.is_some_and(|size| size > SHORT)
                    || now.duration_since(self.begun) >= PATIENCE
            }
        };
        if due {
            self.shown = Some(now);
            let text = line(self.read, self.size);
            self.show(&text);
        }
    }

    /// Says what is done once all is read, if anything was said before.
    pub(crate) fn write(&mut self) {
        if self.shown.is_some() {
            self.show("writing …");
        }
    }

    fn show(&mut self, text: &str) {
        // A line that cannot be shown is no reason to stop.
        let _ = write!(self.out, "{CLEAR}{text}").and_then(|()| self.out.flush());
    }
}

/// Gone, however it ended.
impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            self.show("");
        }
    }
}

/// `reading: 12.3 of 26.6 MB (46 %)`.
fn line(read: u64, size: Option<u64>) -> String {
    let tenths = |bytes: u64| bytes / 100_000;
    let megabytes = |bytes: u64| format!("{}.{}", tenths(bytes) / 10, tenths(bytes) % 10);
    match size {
        Some(size) if size > 0 => {
            let read = read.min(size);
            let percent = u128::from(read) * 100 / u128::from(size);
            format!("reading: {} of {} MB ({percent} %)", megabytes(read), megabytes(size))
        }
        _ => format!("reading: {} MB", megabytes(read)),
    }
}

/// A source that tells how much of it has been read.
pub(crate) struct Watched<'p, R> {
    pub(crate) source: R,
    pub(crate) progress: &'p mut Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.progress.advance(read);
        Ok(read)
    }
}
