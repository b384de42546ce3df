//! Opening, and what must not be opened.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use todo_core::conformance::OWNERS;
use todo_core::{AsyncTaskStore, ErrorCode, Needs, StoreError};
use todo_store::{DatabaseUrl, Store};

use crate::{audit, support, writers};

fn refusal(result: Result<Store, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable(cause)) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn open(path: &str) -> Result<Store, StoreError> {
    Store::open(&format!("sqlite://{path}").parse().expect("a URL"), &support::options()).await
}

/// A file belongs to one server at a time, and to the next one when that is closed.
#[test]
fn a_second_server_is_refused() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let path = folder.path().join("todo.db").display().to_string();
        let refused = refusal(open(&path).await);
        let pid = std::process::id();
        assert_eq!(refused, format!("{path} is in use by another server (process {pid})"));
        writers::insist(&store, OWNERS[0], &writers::addition(1)).await;
        store.close().await;
        drop(store);
        // The writer lets go of the lock when it has seen that nobody can ask for more.
        let again = loop {
            match open(&path).await {
                Ok(store) => break store,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let facts = again.load(OWNERS[0], &Needs::default()).await.expect("it loads");
        assert_eq!(facts.count, 1);
    });
}

/// Nor by another way to the same file.
#[test]
fn a_second_server_is_refused_behind_a_link() {
    support::run(async {
        let (_store, folder) = support::sqlite().await;
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink("todo.db", &link).expect("a link");
        let path = link.display().to_string();
        let refused = refusal(open(&path).await);
        assert!(refused.starts_with(&format!("{path} is in use by another server")), "{refused}");
    });
}

#[test]
fn what_would_not_last_is_refused() {
    support::run(async {
        for path in [":memory:", "file::memory:"] {
            assert!(refusal(open(path).await).contains("memory"), "{path}");
        }
        for url in
            ["sqlite://x?mode=memory", "sqlite://x.db?mode=rwc", "sqlite::memory:?cache=shared"]
        {
            assert!(url.parse::<DatabaseUrl>().is_err(), "{url}: there are no settings");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("none");
        let path = missing.join("todo.db").display().to_string();
        assert_eq!(
            refusal(open(&path).await),
            format!("the folder {} is not there", missing.display())
        );
    });
}

#[test]
fn a_new_file_is_for_its_owners_eyes_only() {
    support::run(async {
        let (_store, folder) = support::sqlite().await;
        for name in ["todo.db", "todo.db-wal", "todo.db.lock"] {
            let meta = std::fs::metadata(folder.path().join(name)).expect("it is there");
            assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{name}");
        }
    });
}

async fn comes_to_life(url: &DatabaseUrl) {
    let store = Store::open(url, &support::options()).await.expect("it opens");
    assert!(!store.migrated().await.expect("it answers"));
    store.migrate().await.expect("it migrates");
    store.migrate().await.expect("twice does no harm");
    assert!(store.migrated().await.expect("it answers"));
    store.ready().await.expect("it answers");
    store.close().await;
    let closed = store.ready().await.expect_err("it is closed");
    assert_eq!(closed.code(), ErrorCode::StorageUnavailable);
    let facts = store.load(OWNERS[0], &Needs::default()).await;
    assert_eq!(facts.expect_err("it is closed").code(), ErrorCode::StorageUnavailable);
}

#[test]
fn sqlite_comes_to_life() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(comes_to_life(&url));
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_comes_to_life() {
    support::run(async {
        let database = support::Database::make().await;
        comes_to_life(&database.url()).await;
    });
}

/// An account is made before its tasks.
#[test]
fn nobody_has_no_tasks() {
    support::run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = support::open(&DatabaseUrl::Sqlite(folder.path().join("todo.db"))).await;
        let facts = store.load(OWNERS[0], &Needs::default()).await.expect("nothing is found");
        assert_eq!(facts.count, 0);
        let command = writers::addition(1);
        let failed = writers::try_once(&store, OWNERS[0], &command).await;
        assert_eq!(failed.expect_err("there is no such owner").code(), ErrorCode::Internal);
    });
}

/// A file that is no database is left as it is.
#[test]
fn what_is_no_database_is_corrupt() {
    support::run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("todo.db");
        let text = "Dear diary, ".repeat(100);
        std::fs::write(&path, &text).expect("written");
        let failed = match open(&path.display().to_string()).await {
            Ok(store) => store.migrate().await.expect_err("it is no database"),
            Err(error) => error,
        };
        assert_eq!(failed.code(), ErrorCode::StorageCorrupt, "{failed:?}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
    });
}

/// A small file system, gone with this.
pub(crate) struct Disk(pub(crate) TempDir);

impl Disk {
    pub(crate) fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        assert!(mount.status().expect("mount runs").success(), "root may mount");
        Self(folder)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// Until the disk is full, and again once there is room.
#[test]
#[ignore = "needs root: tests/run"]
fn a_full_disk_is_survived() {
    let disk = Disk::mount("2m");
    let path = disk.0.path().join("todo.db");
    support::run(async {
        let ballast = disk.0.path().join("ballast");
        std::fs::write(&ballast, vec![0; 200_000]).expect("written");
        let url = DatabaseUrl::Sqlite(path.clone());
        let store = support::with_owners(support::open(&url).await).await;
        let mut made = 0;
        let full = loop {
            match writers::try_once(&store, OWNERS[0], &writers::addition(made + 1)).await {
                Ok(()) => made += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(full.code(), ErrorCode::StorageUnavailable, "{full:?}");
        let facts = store.load(OWNERS[0], &Needs::default()).await.expect("it can be read");
        assert_eq!(facts.count, u64::from(made));
        std::fs::remove_file(&ballast).expect("removed");
        writers::insist(&store, OWNERS[0], &writers::addition(made + 1)).await;
        store.close().await;
        audit::sqlite(&path).await;
    });
}

/// A file that cannot be written to is told of when it is opened.
#[test]
#[ignore = "needs root: tests/run"]
fn a_read_only_file_is_unavailable() {
    let disk = Disk::mount("8m");
    let path = disk.0.path().join("todo.db");
    support::run(async {
        let url = DatabaseUrl::Sqlite(path.clone());
        let store = support::with_owners(support::open(&url).await).await;
        let remount = |how: &str| {
            let how = format!("remount,{how}");
            let done = Command::new("mount").args(["-o", &how]).arg(disk.0.path()).status();
            done.expect("mount runs").success()
        };
        store.close().await;
        drop(store);
        while !remount("ro") {
            tokio::task::yield_now().await;
        }
        let refused = open(&path.display().to_string()).await;
        assert_eq!(refused.expect_err("read only").code(), ErrorCode::StorageUnavailable);
        assert!(remount("rw"));
        let mut conn = SqliteConnectOptions::new().filename(&path).connect().await.expect("opens");
        sqlx::query("SELECT count(*) FROM tasks").execute(&mut conn).await.expect("it is sound");
        conn.close().await.expect("it closes");
    });
}
