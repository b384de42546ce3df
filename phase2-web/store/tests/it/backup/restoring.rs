//! What is put back, and what becomes of what was there.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use todo_core::conformance::OWNERS;
use todo_core::conformance::given::instant;
use todo_core::{AsyncTaskStore, Needs, Owner};
use todo_store::accounts::{Email, NewUser, PasswordHash, Profile};
use todo_store::backup::{BackupError, Over};
use todo_store::{DatabaseUrl, Store};
use uuid::Uuid;

use super::{sqlite_content, until_free};
use crate::{support, writers};

/// An account.
pub(super) async fn register(store: &Store, email: &str) {
    let user = NewUser {
        owner: Owner(Uuid::from_u128(0x7000_8000_0000_0000_0999)),
        email: Email::new(email).expect("an address"),
        password: PasswordHash::new("x".to_owned()),
        profile: Profile::default(),
    };
    store
        .create_user(&user, &support::by(instant("2026-11-21T12:00:00Z")))
        .await
        .expect("a new user");
}

/// A database with one account and a task more than its backup holds.
struct Given {
    url: DatabaseUrl,
    folder: TempDir,
}

impl Given {
    async fn new() -> (Self, Store) {
        let (store, folder) = support::sqlite().await;
        let given = Self { url: DatabaseUrl::Sqlite(folder.path().join("todo.db")), folder };
        register(&store, "ann@example.org").await;
        writers::insist(&store, OWNERS[0], &writers::addition(1)).await;
        given.url.back_up(&given.at("backup"), Over::Refuse).await.expect("a backup");
        writers::insist(&store, OWNERS[0], &writers::addition(2)).await;
        (given, store)
    }

    /// One that no server uses.
    async fn stopped() -> Self {
        let (given, store) = Self::new().await;
        store.close().await;
        drop(store);
        until_free(given.folder.path()).await;
        given
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    async fn refused(&self, file: &Path, over: Over) -> BackupError {
        let before = sqlite_content(&self.at("todo.db")).await;
        let refused = self.url.restore(file, over).await.expect_err("refused");
        assert_eq!(sqlite_content(&self.at("todo.db")).await, before, "it is untouched");
        let entries = std::fs::read_dir(self.folder.path()).expect("read").flatten();
        for entry in entries {
            let name = entry.file_name().into_string().expect("a name");
            assert!(!name.contains(".part") && !name.contains(".before"), "{name} is left");
        }
        refused
    }
}

async fn tasks(url: &DatabaseUrl) -> u64 {
    let store = support::open(url).await;
    let facts = store.load(OWNERS[0], &Needs::default()).await.expect("it loads");
    store.close().await;
    facts.count
}

#[test]
fn a_file_in_use_is_left_alone() {
    support::run(async {
        let (given, _store) = Given::new().await;
        let refused = given.url.restore(&given.at("backup"), Over::Replace).await;
        let BackupError::Store(refused) = refused.expect_err("a server has it") else {
            panic!("another refusal");
        };
        assert_eq!(refused.code(), todo_core::ErrorCode::StorageUnavailable);
    });
}

#[test]
fn accounts_are_not_lost_by_a_slip() {
    support::run(async {
        let given = Given::stopped().await;
        let refused = given.refused(&given.at("backup"), Over::Refuse).await;
        assert!(matches!(refused, BackupError::Occupied(Some(1))), "{refused:?}");
        let restored = given.url.restore(&given.at("backup"), Over::Replace).await;
        let kept = restored.expect("it comes back").kept.expect("the other is kept");
        assert_eq!(kept, given.at("todo.db.before-1"));
        assert_eq!(tasks(&DatabaseUrl::Sqlite(kept)).await, 2);
        assert_eq!(tasks(&given.url).await, 1);
    });
}

#[test]
fn what_is_no_good_is_refused_before_anything_is_touched() {
    support::run(async {
        let given = Given::stopped().await;
        let whole = std::fs::read(given.at("backup")).expect("read");
        let mut flipped = whole.clone();
        // In the middle of a page, where only a look at every page finds it.
        let page = flipped.len() / 2 / 4096 * 4096;
        flipped[page..page + 16].fill(0xff);
        let bad = given.at("bad");
        for (what, bytes, damaged) in [
            ("torn", whole[..whole.len() / 2 / 4096 * 4096].to_vec(), true),
            ("torn within a page", whole[..whole.len() - 100].to_vec(), true),
            ("overwritten", flipped, true),
            ("a diary", b"Dear diary, ".repeat(1000), false),
            ("nothing", Vec::new(), false),
        ] {
            std::fs::write(&bad, bytes).expect("written");
            let refused = given.refused(&bad, Over::Replace).await;
            let told = refused.to_string();
            assert!(told.contains("/bad "), "{what}: {told}");
            assert_eq!(matches!(refused, BackupError::Damaged(..)), damaged, "{what}: {told}");
        }
        let refused = given.refused(&given.at("none"), Over::Replace).await;
        assert!(matches!(refused, BackupError::Io(..)), "{refused:?}");
    });
}

async fn say(file: &Path, sql: &'static str) {
    let mut conn = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .connect()
        .await
        .expect("it opens");
    sqlx::raw_sql(sql).execute(&mut conn).await.expect("done");
    conn.close().await.expect("it closes");
}

#[test]
fn what_is_not_of_this_version_is_refused() {
    support::run(async {
        let given = Given::stopped().await;
        let file = given.at("backup");
        say(&file, "UPDATE owners SET tasks = tasks + 1").await;
        let refused = given.refused(&file, Over::Replace).await;
        assert!(matches!(refused, BackupError::Damaged(..)), "{refused:?}");
        let newer = "UPDATE owners SET tasks = tasks - 1; INSERT INTO _sqlx_migrations \
            SELECT 9999, description, installed_on, success, checksum, execution_time \
            FROM _sqlx_migrations WHERE version = 1";
        say(&file, newer).await;
        let refused = given.refused(&file, Over::Replace).await;
        assert!(matches!(refused, BackupError::Newer(_)), "{refused:?}");
        let strange = given.at("strange");
        say(&strange, "CREATE TABLE users (id INTEGER)").await;
        let refused = given.refused(&strange, Over::Replace).await;
        assert!(matches!(refused, BackupError::NotABackup(_)), "{refused:?}");
    });
}

/// The log of a server that was killed belongs to its own file: to the one that takes its place it
/// would be poison.
#[test]
fn what_a_killed_server_left_is_kept_whole() {
    support::run(async {
        let (given, store) = Given::new().await;
        let killed = tempfile::tempdir().expect("a folder");
        for name in ["todo.db", "todo.db-wal"] {
            std::fs::copy(given.at(name), killed.path().join(name)).expect("copied");
        }
        drop(store);
        let url = DatabaseUrl::Sqlite(killed.path().join("todo.db"));
        let restored = url.restore(&given.at("backup"), Over::Replace).await.expect("it is back");
        assert_eq!(tasks(&url).await, 1);
        assert_eq!(tasks(&DatabaseUrl::Sqlite(restored.kept.expect("kept"))).await, 2);
    });
}

/// A database that is damaged is why one restores; what can still be saved of it is kept.
#[test]
fn a_damaged_database_is_replaced_and_kept() {
    support::run(async {
        let given = Given::stopped().await;
        std::fs::write(given.at("todo.db"), "Dear diary, ".repeat(1000)).expect("written");
        std::fs::write(given.at("todo.db-wal"), "and so on").expect("written");
        let refused = given.url.restore(&given.at("backup"), Over::Refuse).await;
        assert!(matches!(refused, Err(BackupError::Occupied(None))), "{refused:?}");
        let restored = given.url.restore(&given.at("backup"), Over::Replace).await;
        let kept = restored.expect("it is back").kept.expect("kept");
        assert!(std::fs::read_to_string(&kept).expect("read").starts_with("Dear diary"));
        assert_eq!(tasks(&given.url).await, 1);
    });
}

/// Whoever puts a backup back may be root; the server that works on the file is not.
#[test]
#[cfg(unix)]
#[ignore = "needs root: tests/run"]
fn restoring_leaves_another_users_file_to_them() {
    use std::os::unix::fs::{MetadataExt, chown};
    const NOBODY: u32 = 65_534;
    support::run(async {
        let given = Given::stopped().await;
        let database = given.at("todo.db");
        chown(&database, Some(NOBODY), Some(NOBODY)).expect("root gives a file away");
        let restored = given.url.restore(&given.at("backup"), Over::Replace).await;
        let kept = restored.expect("it is put back").kept.expect("what was there");
        for file in [database, kept] {
            let meta = std::fs::metadata(&file).expect("a file");
            assert_eq!((meta.uid(), meta.gid()), (NOBODY, NOBODY), "{}", file.display());
            assert_eq!(meta.mode() & 0o777, 0o600, "{}", file.display());
        }
    });
}
