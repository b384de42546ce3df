//! Where the file is: links, modes, and what is no file.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use todo_core::StoreError;
use todo_core::conformance::given::rename;
use todo_file::{FileError, FileStore};

use crate::given::{Folder, ZONE, act, add, list, open, titles, try_add};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

fn set_mode(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode is set");
}

/// The file that a link points to is replaced, not the link; however many links, relative or not.
#[test]
fn links_are_followed_and_kept() {
    let folder = Folder::with_tasks();
    let elsewhere = tempfile::tempdir().expect("a folder for the test");
    let (first, second) = (elsewhere.path().join("first"), elsewhere.path().join("second"));
    symlink(folder.path(), &first).expect("a link");
    symlink("first", &second).expect("a link");
    let mut store = open(&second);
    act(&mut store, 1, rename("Through two links")).expect("it is written");
    assert_eq!(titles(&folder.store())[0], "Through two links");
    assert_eq!(store.path(), fs::canonicalize(folder.path()).expect("it is there"));
    for link in [&first, &second] {
        assert!(fs::symlink_metadata(link).expect("it is there").file_type().is_symlink());
    }
    // Lock, backup and temporary file stay with the file, so that all its users share them.
    assert_eq!(fs::read_dir(elsewhere.path()).expect("the folder").count(), 2);
}

/// A link to nothing yet says where the file is to be made.
#[test]
fn a_dangling_link_is_where_the_file_goes() {
    let folder = Folder::new();
    let elsewhere = tempfile::tempdir().expect("a folder for the test");
    let link = elsewhere.path().join("link");
    symlink(folder.path(), &link).expect("a link");
    let mut store = open(&link);
    assert_eq!(titles(&store), [""; 0]);
    add(&mut store, 1, "First");
    assert_eq!(titles(&folder.store()), ["First"]);
    assert!(fs::symlink_metadata(&link).expect("it is there").file_type().is_symlink());
}

#[test]
fn links_in_a_circle_are_refused() {
    let elsewhere = tempfile::tempdir().expect("a folder for the test");
    let (a, b) = (elsewhere.path().join("a"), elsewhere.path().join("b"));
    symlink(&b, &a).expect("a link");
    symlink(&a, &b).expect("a link");
    assert!(matches!(FileStore::open(&a, ZONE), Err(FileError::Io { .. })));
}

#[test]
fn a_missing_folder_is_refused() {
    let folder = Folder::new();
    let error =
        FileStore::open(&folder.beside("/nowhere/tasks.json"), ZONE).expect_err("no folder");
    assert!(error.to_string().contains("no such file or folder"), "{error}");
}

/// A new file is for its owner alone; an old one keeps its mode, and so does its backup.
#[test]
fn modes_are_kept() {
    let folder = Folder::with_tasks();
    assert_eq!(mode(&folder.path()), 0o600);
    for kept in [0o640, 0o666, 0o600] {
        set_mode(&folder.path(), kept);
        act(&mut folder.store(), 1, rename(&format!("mode {kept}"))).expect("it is written");
        assert_eq!(mode(&folder.path()), kept);
        assert_eq!(mode(&folder.beside(".bak")), kept);
    }
}

/// Read-only is meant, also where replacing the file would be possible. The lock is given back.
#[test]
fn a_read_only_file_is_refused() {
    let folder = Folder::with_tasks();
    set_mode(&folder.path(), 0o444);
    let mut refused = folder.store();
    let error = act(&mut refused, 1, rename("never")).expect_err("it is read-only");
    assert!(error.to_string().contains("chmod u+w"), "{error}");
    assert_eq!(error.code().as_str(), "storage_unavailable");
    assert_eq!(titles(&refused)[0], "Buy milk", "reading is allowed");
    assert!(refused.lock().is_err());
    set_mode(&folder.path(), 0o644);
    // While the refused one is still there, another can write.
    act(&mut folder.store(), 1, rename("written")).expect("it can be written again");
    act(&mut refused, 1, rename("by the same one, too")).expect("it can be written again");
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = Folder::new();
    let made: [&dyn Fn(); 3] = [
        &|| fs::create_dir(folder.path()).expect("a folder"),
        &|| {
            let made = std::process::Command::new("mkfifo").arg(folder.path()).status();
            assert!(made.expect("mkfifo is part of POSIX").success());
        },
        &|| drop(std::os::unix::net::UnixListener::bind(folder.path()).expect("a socket")),
    ];
    for make in made {
        make();
        let errors = [
            list(&folder.store()).map(drop).expect_err("not a file").to_string(),
            try_add(&mut folder.store(), 1, "x").map(drop).expect_err("not a file").to_string(),
        ];
        for error in errors {
            assert!(error.contains("is not a regular file"), "{error}");
        }
        let kind = fs::symlink_metadata(folder.path()).expect("it is still there").file_type();
        assert!(!kind.is_file());
        if kind.is_dir() { fs::remove_dir(folder.path()) } else { fs::remove_file(folder.path()) }
            .expect("it can be removed");
    }
    let error = folder.store();
    assert!(matches!(list(&error).map(|tasks| tasks.len()), Ok(0)));
}

/// A path that cannot be a file at all.
#[test]
fn a_path_without_a_name_is_refused() {
    for path in ["/", "..", ""] {
        let opened = FileStore::open(path.as_ref(), ZONE);
        let refused = match opened {
            Err(_) => true,
            Ok(store) => matches!(list(&store), Err(StoreError::Unavailable(_))),
        };
        assert!(refused, "{path:?}");
    }
}
