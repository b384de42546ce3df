//! Anything at all as a file: it is read or refused, and never more of it held than a record.

use std::io::{BufReader, Read};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::{Index, select};
use todo_core::conformance::cases;
use todo_core::interchange::{Format, ImportError, import};
use todo_core::{Task, Zone};

use super::{read, reading, refused, taken};
use crate::wire::any_task;

const FORMATS: [Format; 3] = [Format::Todotxt, Format::Csv, Format::Todoist];

/// Pieces that mean something to one of the readers.
const PIECES: &[&str] = &[
    "title",
    "TYPE,CONTENT,DATE,INDENT\n",
    ",",
    ";",
    "\t",
    "\"",
    "\"\"",
    "\n",
    "\r",
    "\r\n",
    "x ",
    "(A) ",
    "2026-11-21 ",
    "+home ",
    "@a ",
    "due:2026-11-21 ",
    "rec:+1m ",
    "time:2500 ",
    "uid:",
    "series:n=1,slot=2026-11-21T1 ",
    "remind:-PT1H,say=%2 ",
    "p:1 ",
    "id:1 ",
    "task,a,every day,2",
    "\u{feff}",
    "\0",
    "é",
    "T",
    "-",
    "'=",
    "\\",
    "%20",
    "section,b,,\n",
    "note,c,,\n",
];

fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(select(PIECES), 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![4 => pieces, 1 => vec(any::<u8>(), 0..400)]
}

/// A reader that gives a few bytes at a time.
struct Slow<'b>(&'b [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(3);
        self.0.read(&mut buffer[..count])
    }
}

proptest! {
    #![proptest_config(cases(1024))]

    /// However it is given: whole, or byte by byte.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in text()) {
        for format in FORMATS {
            let whole = read(format, &bytes).map_err(|error| error.to_string());
            let slowly = BufReader::with_capacity(1, Slow(&bytes));
            let slowly = import(format, slowly, &reading(Zone::UTC));
            assert_eq!(slowly.map_err(|error| error.to_string()), whole);
        }
    }

    /// What was written here and came to harm on its way.
    #[test]
    fn harmed_files_are_read_or_refused(
        tasks in vec(any_task(), 1..4),
        harm in vec((any::<Index>(), select(PIECES)), 1..4),
        cut in any::<Index>(),
    ) {
        let tasks: Vec<_> = tasks.into_iter().map(|task| Task { trash: None, ..task }).collect();
        for format in FORMATS {
            let (text, _) = super::written(format, &tasks);
            let mut bytes = text.into_bytes();
            for (at, piece) in &harm {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.bytes());
            }
            bytes.truncate(cut.index(bytes.len() + 1));
            // An error has a place, whatever is wrong.
            if let Err(error) = read(format, &bytes) {
                assert!(!matches!(error, ImportError::Read(_)), "{error}");
                assert!(error.to_string().starts_with("line "), "{error}");
            }
        }
    }
}

#[test]
fn endless_lines_and_open_quotes_are_not_held() {
    let endless = || std::io::repeat(b'a');
    for format in FORMATS {
        let error = import(format, BufReader::new(endless()), &reading(Zone::UTC));
        let error = error.expect_err("it never ends").to_string();
        assert_eq!(error, "line 1, column 1: this line is longer than 1 MiB, more than any task");
    }
    for header in ["title\n", "TYPE,CONTENT\n"] {
        let rows = std::io::repeat(b'\n');
        let source = BufReader::new(header.as_bytes().chain(&b"\"a"[..]).chain(rows));
        let format = if header == "title\n" { Format::Csv } else { Format::Todoist };
        let error = import(format, source, &reading(Zone::UTC));
        let error = error.expect_err("it never ends").to_string();
        assert!(
            error.contains("longer than 1 MiB, more than any task; is a quote left open?"),
            "{error}"
        );
    }
}

#[test]
fn many_records_and_long_ones_are_read() {
    let lines = "Task 1 @a due:2026-12-01\nTask 2\n".repeat(10_000);
    assert_eq!(taken(Format::Todotxt, &lines).tasks.len(), 20_000);
    let long = "word ".repeat(100_000);
    let task = &taken(Format::Todotxt, &long).tasks[0];
    assert_eq!(task.title.as_str().chars().count(), 500);
    let rows = "task,Task 1,1\ntask,Task 2,2\n".repeat(10_000);
    let table = format!("TYPE,CONTENT,INDENT\n{rows}");
    assert_eq!(taken(Format::Todoist, &table).tasks.len(), 20_000);
    let table = format!("title,tags\n{}", "a,\"x,y\"\n".repeat(20_000));
    assert_eq!(taken(Format::Csv, &table).tasks.len(), 20_000);
}

#[test]
fn what_a_title_must_not_hold_is_refused_everywhere() {
    for (format, text) in [
        (Format::Todotxt, "a \x07 b"),
        (Format::Csv, "title\na \x07 b"),
        (Format::Todoist, "TYPE,CONTENT\ntask,a \x07 b"),
    ] {
        let error = refused(format, text.as_bytes());
        assert!(error.contains("holds the control character U+0007 at position 3"), "{error}");
    }
}
