//! A file is replaced whole, and the one before it is kept.

use std::fs;

use todo_core::conformance::given::rename;

use crate::given::{Folder, act, add, open, titles};

#[test]
fn the_backup_is_the_generation_before() {
    let folder = Folder::new();
    let mut store = folder.store();
    add(&mut store, 1, "zero");
    assert!(!folder.beside(".bak").exists(), "there was none before");
    for text in ["one", "two", "three"] {
        let before = folder.bytes();
        act(&mut store, 1, rename(text)).expect("it is written");
        assert_eq!(fs::read(folder.beside(".bak")).expect("a backup"), before);
        assert_ne!(folder.bytes(), before);
    }
    assert_eq!(titles(&open(&folder.beside(".bak"))), ["two"]);
    assert_eq!(folder.names(), ["tasks.json", "tasks.json.bak", "tasks.json.lock"]);
}

/// What changes nothing writes nothing (S2): the backup stays what it is.
#[test]
fn s2_nothing_is_written_for_nothing() {
    let folder = Folder::with_tasks();
    let modified = |suffix: &str| {
        let meta = fs::metadata(folder.beside(suffix)).expect("it is there");
        (meta.modified().expect("a time"), meta.len())
    };
    let before = (modified(""), modified(".bak"), folder.bytes());
    act(&mut folder.store(), 1, rename("Buy milk")).expect("it is as asked");
    assert_eq!((modified(""), modified(".bak"), folder.bytes()), before);
}

/// What a killed writer left behind is cleared away, at whichever point it was killed.
#[test]
fn an_interrupted_write_is_cleared() {
    for left in [".tmp", ".bak.tmp"] {
        for content in ["", "{\"format\": 1, \"half", "complete nonsense"] {
            let folder = Folder::with_tasks();
            fs::write(folder.beside(left), content).expect("the folder can be written");
            assert_eq!(titles(&folder.store()).len(), 3, "it never took effect");
            act(&mut folder.store(), 1, rename("written")).expect("it is written");
            assert_eq!(titles(&folder.store())[0], "written");
            assert_eq!(folder.names(), ["tasks.json", "tasks.json.bak", "tasks.json.lock"]);
        }
    }
}

/// Killed while the backup was made: its passing name is the file itself, and must not be written.
#[test]
fn killed_while_the_backup_was_made() {
    let folder = Folder::with_tasks();
    let before = folder.bytes();
    fs::hard_link(folder.path(), folder.beside(".bak.tmp")).expect("a link");
    act(&mut folder.store(), 1, rename("written")).expect("it is written");
    assert_eq!(fs::read(folder.beside(".bak")).expect("a backup"), before);
    assert_eq!(folder.names(), ["tasks.json", "tasks.json.bak", "tasks.json.lock"]);
}

/// Killed between the two renames: the backup is the present generation already.
#[test]
fn killed_between_backup_and_file() {
    let folder = Folder::with_tasks();
    fs::remove_file(folder.beside(".bak")).expect("a backup");
    fs::hard_link(folder.path(), folder.beside(".bak")).expect("a link");
    let before = folder.bytes();
    act(&mut folder.store(), 1, rename("written")).expect("it is written");
    assert_eq!(fs::read(folder.beside(".bak")).expect("a backup"), before);
}

/// Whoever has the file open reads one generation to the end.
#[test]
fn a_reader_sees_one_generation() {
    use std::io::Read as _;
    let folder = Folder::with_tasks();
    let before = folder.text();
    let mut reader = fs::File::open(folder.path()).expect("the file is there");
    let mut read = vec![0; 10];
    reader.read_exact(&mut read).expect("it is longer than that");
    act(&mut folder.store(), 1, rename("written meanwhile")).expect("it is written");
    reader.read_to_end(&mut read).expect("it can be read");
    assert_eq!(String::from_utf8(read).expect("text"), before);
}

/// A lock file without a holder is in nobody's way.
#[test]
fn an_old_lock_file_is_no_lock() {
    let folder = Folder::with_tasks();
    fs::write(folder.beside(".lock"), "process 1 (long gone)").expect("the folder can be written");
    act(&mut folder.store(), 1, rename("written")).expect("it is written");
    let note = fs::read_to_string(folder.beside(".lock")).expect("it stays");
    assert_eq!(note, "", "no note without a holder");
}
