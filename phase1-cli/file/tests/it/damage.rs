//! What cannot be read is never written: a clear error, and not a byte changed.

use std::fs;

use todo_core::StoreError;
use todo_core::conformance::given::rename;
use todo_file::FileError;

use crate::given::{Folder, ZONE, act, add, list, now, titles, try_add};

/// The lines of a file with two tasks, to be put together wrongly.
fn file(head: &str, tasks: &[&str]) -> String {
    format!("{{{head}, \"tasks\": [{}], \"steps\": []}}", tasks.join(","))
}

const HEAD: &str = "\"format\": 1, \"next_id\": 10, \"next_seq\": 10";

fn row(id: &str, k: u8) -> String {
    let uid = todo_core::conformance::uid(k);
    format!(
        "{{\"id\":{id},\"uid\":\"{uid}\",\"title\":\"t\",\"status\":\"pending\",\
         \"created_at\":\"2026-11-21T12:00:00.000Z\",\"updated_at\":\"2026-11-21T12:00:00.000Z\",\"version\":1}}"
    )
}

#[test]
fn the_parts_of_these_tests_are_sound() {
    let folder = Folder::with(file(HEAD, &[&row("1", 1), &row("2", 2)]));
    assert_eq!(titles(&folder.store()), ["t", "t"]);
    assert_eq!(add(&mut folder.store(), 3, "t").id.0, 10);
}

#[test]
fn a_newer_format_is_left_to_a_newer_todo() {
    let newer = [
        file("\"format\": 3, \"next_id\": 10, \"next_seq\": 10", &[]),
        "{\"format\": 99, \"tasks\": {\"something\": \"else\"}}".to_owned(),
        "\u{feff}{\"tasks\": 5, \"format\": 3}".to_owned(),
    ];
    for text in newer {
        let folder = Folder::with(&text);
        let StoreError::Corrupt(cause) = folder.refuses() else { panic!("{text}") };
        let error = cause.downcast_ref::<FileError>();
        assert!(matches!(error, Some(FileError::Newer { known: 2, .. })), "{text}: {error:?}");
        assert!(cause.to_string().contains("Use a newer todo"), "{cause}");
        assert!(list(&folder.store()).is_err());
    }
}

#[test]
fn damage_is_named() {
    let two = |a: &str, b: &str| file(HEAD, &[a, b]);
    let head = |head: &str| file(head, &[&row("1", 1)]);
    let good = row("1", 1);
    let table = [
        ("{".to_owned(), "EOF"),
        ("nonsense".to_owned(), "expected"),
        ("\"text\"".to_owned(), "object"),
        ("{}".to_owned(), "format"),
        ("{\"format\": 0}".to_owned(), "format"),
        ("{\"format\": \"1\"}".to_owned(), ""),
        ("{\"format\": 1}".to_owned(), "next_id"),
        (head("\"format\": 1, \"next_id\": 10"), "next_seq"),
        (head("\"format\": 1, \"next_id\": 0, \"next_seq\": 10"), "next_id"),
        (head("\"format\": 1, \"next_id\": 10, \"next_seq\": 10, \"next_id\": 11"), "twice"),
        (format!("{} more", two(&good, &row("2", 2))), "trailing"),
    ];
    for (text, named) in table {
        let what = Folder::with(&text).damaged();
        assert!(what.contains(named), "{text}: {what}");
    }
}

/// Rows that clash cannot be told apart, so nothing is written; what can be read can be read.
#[test]
fn rows_that_clash_are_not_changed() {
    let table = [
        (row("1", 2), "line 1: the id 1 occurs twice"),
        (row("2", 1), "occurs twice"),
        (row("10", 2), "the id 10 is not below next_id"),
        (row("11", 2), "the id 11 is not below next_id"),
        ("null".to_owned(), "line 1"),
        ("[1]".to_owned(), "line 1"),
    ];
    for (second, named) in table {
        let folder = Folder::with(file(HEAD, &[&row("1", 1), &second]));
        let before = folder.bytes();
        let changed = act(&mut folder.store(), 1, rename("x")).expect_err("it cannot be changed");
        assert!(changed.to_string().contains(named), "{changed}");
        assert_eq!(changed.code().as_str(), "storage_corrupt");
        assert_eq!(folder.bytes(), before);
        let added = try_add(&mut folder.store(), 3, "added");
        assert!(added.is_err(), "{second}");
        assert_eq!(folder.bytes(), before);
    }
}

/// A fault in a row names its line, and is found before it is changed.
#[test]
fn a_faulty_task_is_named_by_its_line() {
    let faults = [
        ("\"title\":\"t\"", "\"title\":\"\""),
        ("\"title\":\"t\"", "\"title\":7"),
        ("pending", "unheard-of"),
        ("2026-11-21T12:00:00.000Z", "yesterday"),
    ];
    for (part, fault) in faults {
        let faulty = row("1", 1).replacen(part, fault, 1);
        let folder = Folder::with(file(HEAD, &[&row("2", 2), &format!("\n\n{faulty}")]));
        let before = folder.bytes();
        let read = list(&folder.store()).expect_err("it cannot be listed");
        assert!(read.to_string().contains("line 3"), "{read}");
        let changed = act(&mut folder.store(), 1, rename("x"));
        let changed = changed.expect_err("it cannot be changed");
        assert!(changed.to_string().contains("line 3"), "{changed}");
        assert_eq!(folder.bytes(), before);
    }
}

/// Cut off anywhere, a file is an error and stays as it is, or it holds all its tasks.
#[test]
fn truncated_at_every_byte() {
    let whole = Folder::with_tasks();
    let bytes = whole.bytes();
    let folder = Folder::new();
    // With a backup beside it an empty file is no fresh one.
    fs::write(folder.beside(".bak"), &bytes).expect("the folder can be written");
    for end in 0..bytes.len() {
        folder.write(&bytes[..end]);
        if end + 1 == bytes.len() {
            assert_eq!(titles(&folder.store()).len(), 3, "only the last line's end is missing");
            continue;
        }
        let error = folder.refuses();
        assert!(matches!(error, StoreError::Corrupt(_)), "{end} bytes: {error:?}");
        assert!(list(&folder.store()).is_err(), "{end} bytes");
    }
}

#[test]
fn text_in_another_encoding_is_refused() {
    let whole = Folder::with_tasks().text();
    let latin: Vec<u8> =
        whole.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let wide: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let what = Folder::with(latin).damaged();
    assert!(what.contains("not UTF-8 from byte"), "{what}");
    Folder::with(wide).damaged();
}

/// An empty file is a fresh one, unless a backup says that it was not.
#[test]
fn an_empty_file() {
    let folder = Folder::with("");
    assert_eq!(titles(&folder.store()), [""; 0]);
    assert_eq!(add(&mut folder.store(), 1, "First").id.0, 1);
    let crashed = Folder::with("");
    fs::write(crashed.beside(".bak"), folder.bytes()).expect("the folder can be written");
    crashed.damaged();
}

/// A file that is gone while its backup is there is no fresh one either: two additions would make
/// the ids begin anew and cost the backup.
#[test]
fn a_file_that_is_gone() {
    let folder = Folder::with_tasks();
    fs::remove_file(folder.path()).expect("the file was there");
    let error = todo_file::doctor(&folder.path(), ZONE).expect("an examination");
    assert!(error.is_damaged());
    assert!(list(&folder.store()).is_err_and(|error| error.to_string().contains("todo doctor")));
    assert!(try_add(&mut folder.store(), 7, "First").is_err());
    todo_file::restore_backup(&folder.path(), ZONE, now().now).expect("the backup is good");
    assert_eq!(titles(&folder.store()).len(), 3);
}

/// One row that is no task stops every write, also those that have nothing to do with it: two of
/// them would replace the backup, which is the way back.
#[test]
fn a_damaged_row_stops_an_addition() {
    let long = "x".repeat(501);
    for damage in [long.as_str(), "a\\u0007b", "\\n", " "] {
        let folder = Folder::with_tasks();
        let text = folder.text().replacen("Buy milk", damage, 1);
        folder.write(&text);
        let what = folder.damaged();
        assert!(what.contains("line 8") && what.contains("title"), "{what}");
    }
}
