//! Backups that nobody asks for (SPEC 7, Operations: 7 daily ones beside the database).

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use todo_core::Timestamp;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{BackupPlan, Clock};

use crate::support::{START, instant};

const DAY: Duration = Duration::from_hours(24);

fn plan(folder: &TempDir) -> BackupPlan {
    let database = folder.path().join("todo.db");
    BackupPlan { database, folder: folder.path().to_owned(), every: DAY, keep: 7 }
}

/// A database that a server has open.
async fn open(plan: &BackupPlan) -> Store {
    let url = DatabaseUrl::Sqlite(plan.database.clone());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    store.migrate().await.unwrap();
    store
}

fn backups(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains(".auto-")).collect();
    names.sort();
    names
}

fn after(hours: i64) -> Timestamp {
    instant(START).plus_millis(hours * 3_600_000)
}

#[tokio::test]
async fn one_a_day_is_made_and_seven_are_kept() {
    let folder = TempDir::new().unwrap();
    let plan = plan(&folder);
    let _store = open(&plan).await;
    // What is not one of them is nobody's to remove.
    let others =
        ["todo.auto-diary.db", "todo.backup-20200101T000000Z.db", "other.auto-20200101T000000Z.db"];
    for name in others {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    std::fs::write(folder.path().join("todo.auto-20200101T000000Z.db.1-0.part"), "x").unwrap();
    let mut made = 0;
    for hour in 0..24 * 10 {
        if plan.tick(after(hour)).await.unwrap().is_some() {
            made += 1;
        }
    }
    assert_eq!(made, 10);
    let names = backups(folder.path());
    let kept: Vec<_> = names.iter().filter(|name| !others.contains(&name.as_str())).collect();
    assert_eq!(kept.len(), 7, "{kept:?}");
    assert_eq!(kept[0], "todo.auto-20261124T120000Z.db");
    assert_eq!(kept[6], "todo.auto-20261130T120000Z.db");
    assert!(others.iter().all(|name| folder.path().join(name).exists()));
    let whole =
        DatabaseUrl::Sqlite(plan.database.clone()).check(&folder.path().join(kept[6])).await;
    assert!(whole.is_ok(), "{whole:?}");
}

/// A clock that was wrong for a while stops no backup, and costs none that was made since.
#[tokio::test]
async fn a_backup_from_the_future_does_not_count() {
    let folder = TempDir::new().unwrap();
    let plan = BackupPlan { keep: 1, ..plan(&folder) };
    let _store = open(&plan).await;
    assert!(plan.tick(after(24 * 365)).await.unwrap().is_some());
    assert!(plan.tick(after(0)).await.unwrap().is_some());
    assert!(folder.path().join("todo.auto-20261121T120000Z.db").exists());
    assert!(plan.tick(after(1)).await.unwrap().is_none(), "one a day, as ever");
    assert!(plan.tick(after(24)).await.unwrap().is_some());
}

/// Two databases of one name keep theirs in one folder, and neither takes the other's for its own.
#[tokio::test]
async fn two_databases_share_a_folder() {
    let (one, two, disk) =
        (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    for home in [&one, &two] {
        let plan = BackupPlan { keep: 1, folder: disk.path().to_owned(), ..plan(home) };
        let _store = open(&plan).await;
        assert!(plan.tick(after(0)).await.unwrap().is_some());
        assert!(plan.tick(after(24)).await.unwrap().is_some());
    }
    assert_eq!(backups(disk.path()).len(), 2);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_and_not_made() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("disk");
    let plan = BackupPlan { folder: missing.clone(), ..plan(&folder) };
    let _store = open(&plan).await;
    let told = plan.tick(after(0)).await.unwrap_err().to_string();
    assert!(told.contains("disk") && !missing.exists(), "{told}");
}

#[tokio::test]
async fn a_server_makes_them_without_asking() {
    let folder = TempDir::new().unwrap();
    let plan = plan(&folder);
    let store = open(&plan).await;
    tokio::time::pause();
    let keeper = tokio::spawn(plan.follow(Clock::new(|| instant(START))));
    while backups(folder.path()) != ["todo.auto-20261121T120000Z.db"] {
        // The time of the test is not that of the disk.
        std::thread::yield_now();
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!(!keeper.is_finished());
    keeper.abort();
    tokio::time::resume();
    store.ready().await.unwrap();
}
