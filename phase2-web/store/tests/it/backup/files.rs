//! What a backup may be written over, and what is left when it fails.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use todo_core::conformance::OWNERS;
use todo_store::DatabaseUrl;
use todo_store::backup::{BackupError, Over};

use crate::opening::Disk;
use crate::{support, writers};

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("read");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_that_is_there_stays() {
    support::run(async {
        let (_store, folder) = support::sqlite().await;
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let backups = tempfile::tempdir().expect("a folder");
        let file = backups.path().join("backup");
        std::fs::write(&file, "Dear diary").expect("written");
        let refused = url.back_up(&file, Over::Refuse).await.expect_err("it is there");
        assert!(matches!(refused, BackupError::Exists(_)), "{refused:?}");
        assert_eq!(std::fs::read_to_string(&file).expect("read"), "Dear diary");

        url.back_up(&file, Over::Replace).await.expect("a backup");
        assert_eq!(names(backups.path()), ["backup"], "and nothing beside it");
        let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds what the database holds");
    });
}

/// The database is never taken for a file that may be replaced.
#[test]
fn the_database_is_not_its_own_backup() {
    support::run(async {
        let (_store, folder) = support::sqlite().await;
        let path = folder.path().join("todo.db");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let url = DatabaseUrl::Sqlite(path.clone());
        for same in [&path, &link] {
            for refused in [
                url.back_up(same, Over::Replace).await.map(drop),
                url.restore(same, Over::Replace).await.map(drop),
            ] {
                assert!(matches!(refused, Err(BackupError::Itself(_))), "{refused:?}");
            }
        }
    });
}

#[test]
fn what_cannot_be_copied_leaves_nothing() {
    support::run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("todo.db");
        let url = DatabaseUrl::Sqlite(path.clone());
        let backup = folder.path().join("backup");
        let failed = url.back_up(&backup, Over::Refuse).await.expect_err("nothing to copy");
        assert!(matches!(failed, BackupError::NoDatabase(_)), "{failed:?}");
        std::fs::write(&path, "Dear diary, ".repeat(1000)).expect("written");
        url.back_up(&backup, Over::Refuse).await.expect_err("it is no database");
        let nowhere = folder.path().join("none").join("backup");
        let failed = url.back_up(&nowhere, Over::Refuse).await.expect_err("no such folder");
        assert!(matches!(failed, BackupError::Io(..)), "{failed:?}");
        assert_eq!(names(folder.path()), ["todo.db"]);
    });
}

/// A disk that is full keeps what it has, and gets no half of a backup.
#[test]
#[ignore = "needs root: tests/run"]
fn a_full_disk_has_no_backup() {
    let disk = Disk::mount("300k");
    support::run(async {
        let (store, folder) = support::sqlite().await;
        for made in 1..=200 {
            writers::insist(&store, OWNERS[0], &writers::addition(made)).await;
        }
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let small = disk.0.path().join("backup");
        std::fs::write(&small, "the backup of yesterday").expect("written");
        let failed = url.back_up(&small, Over::Replace).await.expect_err("too much for it");
        assert!(matches!(failed, BackupError::Store(_)), "{failed:?}");
        assert_eq!(names(disk.0.path()), ["backup"]);
        assert_eq!(std::fs::read_to_string(&small).expect("read"), "the backup of yesterday");

        let backup = folder.path().join("backup");
        url.back_up(&backup, Over::Refuse).await.expect("there is room here");
        let there = DatabaseUrl::Sqlite(disk.0.path().join("todo.db"));
        there.restore(&backup, Over::Refuse).await.expect_err("too much for it");
        assert!(!disk.0.path().join("todo.db").exists());
    });
}
