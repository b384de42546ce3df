//! A file that was sent, as it is read: it holds a bounded number of tasks, and its reading stops
//! when nobody waits for it any more.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Buf, Bytes};
use todo_core::interchange::Format;

/// Most tasks that one file brings. Of more, each is small as text and large as a task.
pub(crate) const RECORDS_MAX: usize = 100_000;

/// How much is shown to the reader at a time.
const PIECE: usize = 64 * 1024;

/// Why a file is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    /// There is more in it than one import takes.
    #[error("the file holds too much for one import; at most {RECORDS_MAX} tasks are taken")]
    TooMany,
    /// The client went away.
    #[error("nobody waits for this import any more")]
    CalledOff,
}

/// Called off when it is dropped: with the request that waits for the work.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The bytes of a file on their way to the reader of its format.
#[derive(Debug)]
pub(crate) struct Upload {
    bytes: Bytes,
    /// How many of them were looked at, and are shown.
    seen: usize,
    marks: Marks,
    called_off: Arc<AtomicBool>,
}

/// Bytes of which each task needs one at least: however a file is written, it holds no more tasks
/// than there are of these. A well-meant file has several a task.
#[derive(Debug)]
struct Marks {
    is_mark: fn(u8) -> bool,
    left: usize,
}

impl Marks {
    fn of(format: Format) -> Self {
        let (is_mark, each): (fn(u8) -> bool, usize) = match format {
            // Beside the task: its rule, its reminders, its annotations.
            Format::Json | Format::Taskwarrior => (|byte| byte == b'{', 4),
            // A line may end with two of them.
            Format::Todotxt => (ends_line, 2),
            // A cell may have lines of its own.
            Format::Csv | Format::Todoist => (ends_line, 4),
            // No task has fewer than two lines, and most have ten.
            Format::Icalendar => (ends_line, 20),
        };
        Self { is_mark, left: RECORDS_MAX * each }
    }

    fn count(&mut self, piece: &[u8]) -> Result<(), Stop> {
        let found = piece.iter().filter(|byte| (self.is_mark)(**byte)).count();
        self.left = self.left.checked_sub(found).ok_or(Stop::TooMany)?;
        Ok(())
    }
}

fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

impl Upload {
    pub(crate) fn new(bytes: Bytes, format: Format, waiting: &Waiting) -> Self {
        let called_off = Arc::clone(&waiting.0);
        Self { bytes, seen: 0, marks: Marks::of(format), called_off }
    }

    fn look(&mut self) -> Result<(), Stop> {
        if self.called_off.load(Ordering::Relaxed) {
            return Err(Stop::CalledOff);
        }
        let piece = self.bytes.len().min(PIECE);
        self.marks.count(&self.bytes[..piece])?;
        self.seen = piece;
        Ok(())
    }
}

impl BufRead for Upload {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.seen == 0 {
            self.look().map_err(io::Error::other)?;
        }
        Ok(&self.bytes[..self.seen])
    }

    fn consume(&mut self, amount: usize) {
        self.bytes.advance(amount);
        self.seen -= amount;
    }
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_and_in_pieces() {
        let text: Vec<u8> = (0..PIECE * 2 + 7).map(|at| b'a' + (at % 26) as u8).collect();
        let waiting = Waiting::default();
        let mut upload = Upload::new(Bytes::from(text.clone()), Format::Json, &waiting);
        let mut read = Vec::new();
        upload.read_to_end(&mut read).unwrap();
        assert!(read == text);
    }

    #[test]
    fn what_cannot_fit_is_not_read_to_its_end() {
        for (format, text) in [
            (Format::Json, "{"),
            (Format::Taskwarrior, "{"),
            (Format::Todotxt, "a\n"),
            (Format::Csv, "a\r"),
            (Format::Todoist, "a\n"),
            (Format::Icalendar, "a\n"),
        ] {
            let bytes = Bytes::from(text.repeat(RECORDS_MAX * 20 + 1));
            let waiting = Waiting::default();
            let mut upload = Upload::new(bytes, format, &waiting);
            let error = io::copy(&mut upload, &mut io::sink()).unwrap_err();
            let stop = error.get_ref().and_then(|stop| stop.downcast_ref::<Stop>());
            assert_eq!(stop, Some(&Stop::TooMany), "{format:?}");
        }
    }

    #[test]
    fn nothing_is_read_for_nobody() {
        let waiting = Waiting::default();
        let bytes = Bytes::from(vec![b'a'; PIECE * 3]);
        let mut upload = Upload::new(bytes, Format::Todotxt, &waiting);
        let shown = upload.fill_buf().unwrap().len();
        upload.consume(shown);
        drop(waiting);
        let error = upload.fill_buf().unwrap_err();
        assert!(error.get_ref().is_some_and(|stop| stop.is::<Stop>()));
    }
}
