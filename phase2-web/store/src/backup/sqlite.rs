//! Copies of a file. `VACUUM INTO` reads as any reader does: from one snapshot, beside the writer,
//! holding nobody up.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::error::DatabaseError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection};
use todo_core::StoreError;

use super::draft::{link, owned_alike, sync_folder};
use super::{BackupError, Counts, Draft, Over, Restored, blocking};
use crate::DatabaseUrl;
use crate::db::SQLITE_MIGRATIONS;
use crate::fault::{Fault, fault};
use crate::history;
use crate::lock_file::LockFile;

/// Tables without which it is none of ours.
const KNOWN: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' \
     AND name IN ('_sqlx_migrations', 'owners', 'users', 'tasks')";
const LENGTH: &str = "SELECT page_size * page_count FROM pragma_page_size, pragma_page_count";
const VERSIONS: &str = "SELECT version FROM _sqlx_migrations WHERE success";
const COUNTS: &str = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM tasks)";
/// What a copy of one moment never shows: the owners' counters are written with the tasks.
const TORN: &str = "SELECT count(*) FROM owners o \
     WHERE o.tasks <> (SELECT count(*) FROM tasks t WHERE t.owner = o.owner)";
const TABLES: &str = "SELECT count(*) FROM sqlite_schema";
const ACCOUNTS: &str = "SELECT count(*) FROM users";

fn reading(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).read_only(true).disable_statement_logging()
}

/// Copies a database that others may be writing to into an empty file.
pub(super) async fn copy(database: &Path, draft: &Path) -> Result<(), BackupError> {
    if !database.try_exists().map_err(BackupError::io(database))? {
        return Err(BackupError::NoDatabase(database.to_owned()));
    }
    let not_a_text = || io::Error::new(io::ErrorKind::InvalidFilename, "the name is not UTF-8");
    let target = draft.to_str().ok_or_else(not_a_text).map_err(BackupError::io(draft))?;
    let copied = async {
        let mut conn = reading(database).connect().await?;
        sqlx::query("VACUUM INTO ?").bind(target).execute(&mut conn).await?;
        conn.close().await
    };
    Ok(copied.await.map_err(fault)?)
}

/// Takes the identity of its history from a file that nobody relies on yet.
pub(super) async fn end_history(draft: &Path) -> Result<(), BackupError> {
    let ended = async {
        // With nothing beside it: if this breaks off, the draft is given up.
        let options = SqliteConnectOptions::new().filename(draft);
        let options = options.journal_mode(SqliteJournalMode::Memory).disable_statement_logging();
        let mut conn = options.connect().await?;
        sqlx::query(history::END).execute(&mut conn).await?;
        conn.close().await
    };
    Ok(ended.await.map_err(fault)?)
}

/// Reads a file to its end that nobody writes to.
pub(super) async fn check(file: &Path) -> Result<Counts, BackupError> {
    let unreadable = |error| unreadable(file, error);
    let damaged = |how: &str| BackupError::Damaged(file.to_owned(), how.to_owned());
    // Without locks, and without files beside it.
    let mut conn = reading(file).immutable(true).connect().await.map_err(unreadable)?;
    let conn = &mut conn;
    if number(conn, KNOWN).await.map_err(unreadable)? != 4 {
        return Err(BackupError::NotABackup(file.to_owned()));
    }
    // A last page that is torn is read as if it ended in zeros.
    let length = number(conn, LENGTH).await.map_err(unreadable)?.cast_unsigned();
    if fs::metadata(file).map_err(BackupError::io(file))?.len() != length {
        return Err(damaged("its end is missing"));
    }
    let said = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut *conn).await;
    let said: String = said.map_err(unreadable)?;
    if said != "ok" {
        return Err(damaged(&said));
    }
    let versions = sqlx::query_scalar(VERSIONS).fetch_all(&mut *conn).await;
    let versions: Vec<i64> = versions.map_err(unreadable)?;
    if versions.iter().any(|version| !SQLITE_MIGRATIONS.version_exists(*version)) {
        return Err(BackupError::Newer(file.to_owned()));
    }
    if number(conn, TORN).await.map_err(unreadable)? != 0 {
        return Err(damaged("its tables are not of one moment"));
    }
    let counts = sqlx::query_as(COUNTS).fetch_one(&mut *conn).await;
    let (accounts, tasks): (i64, i64) = counts.map_err(unreadable)?;
    Ok(Counts { accounts: accounts.cast_unsigned(), tasks: tasks.cast_unsigned() })
}

async fn number(conn: &mut SqliteConnection, sql: &'static str) -> sqlx::Result<i64> {
    sqlx::query_scalar(sql).fetch_one(conn).await
}

fn unreadable(file: &Path, error: sqlx::Error) -> BackupError {
    let code = error.as_database_error().and_then(DatabaseError::code);
    match code.as_deref() {
        // SQLITE_NOTADB.
        Some("26") => BackupError::NotABackup(file.to_owned()),
        _ => match fault(error) {
            StoreError::Corrupt(cause) => BackupError::Damaged(file.to_owned(), cause.to_string()),
            other => other.into(),
        },
    }
}

/// A file that was copied from beside its write-ahead log is without what stands there, and does not
/// look it.
fn whole(file: &Path) -> Result<(), BackupError> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let log = PathBuf::from(log);
    match fs::metadata(&log) {
        Ok(meta) if meta.len() > 0 => Err(BackupError::Parted(file.to_owned(), log)),
        _ => Ok(()),
    }
}

/// Puts a copy of a backup in the place of a database.
pub(super) async fn restore(
    url: &DatabaseUrl,
    database: &Path,
    file: &Path,
    over: Over,
) -> Result<Restored, BackupError> {
    let mut source = File::open(file).map_err(BackupError::io(file))?;
    whole(file)?;
    let fresh = !database.try_exists().map_err(BackupError::io(database))?;
    let lock = LockFile::take(database).map_err(|error| StoreError::Unavailable(error.into()))?;
    let restored = async {
        let real = database.canonicalize().map_err(BackupError::io(database))?;
        let draft = Draft::beside(&real)?;
        let (copy, there) = (draft.path().to_owned(), real.clone());
        let copied = move || {
            let mut target =
                OpenOptions::new().write(true).open(&copy).map_err(BackupError::io(&copy))?;
            io::copy(&mut source, &mut target).map_err(BackupError::io(&copy))?;
            if let Err(error) = owned_alike(&target, &there) {
                tracing::warn!(%error, "the file belongs to another user than the one before it");
            }
            target.sync_all().map_err(BackupError::io(&copy))
        };
        blocking(file, copied).await?;
        // What is checked is what is put in place, whatever becomes of the file meanwhile.
        let checked = url.check(draft.path()).await.map_err(|error| error.of(file))?;
        // Before it has its name: under that name nobody sees what is put back as what was there.
        end_history(draft.path()).await?;
        File::open(draft.path())
            .and_then(|draft| draft.sync_all())
            .map_err(BackupError::io(file))?;
        if over == Over::Refuse {
            unoccupied(&real).await?;
        }
        settle(&real).await;
        let kept = swap(&draft, &real).map_err(BackupError::io(&real))?;
        Ok(Restored { checked, kept })
    }
    .await;
    if restored.is_err() && fresh {
        // Taking the lock made it, empty.
        let _gone = fs::remove_file(database);
    }
    drop(lock);
    restored
}

/// Refuses a database that somebody would miss.
async fn unoccupied(database: &Path) -> Result<(), BackupError> {
    let counted = async {
        let mut conn = SqliteConnectOptions::new().filename(database).connect().await?;
        if number(&mut conn, TABLES).await? == 0 {
            return Ok(0);
        }
        let accounts = number(&mut conn, ACCOUNTS).await?;
        conn.close().await?;
        Ok::<_, sqlx::Error>(accounts.cast_unsigned())
    };
    match counted.await {
        Ok(0) => Ok(()),
        Ok(accounts) => Err(BackupError::Occupied(Some(accounts))),
        Err(_) => Err(BackupError::Occupied(None)),
    }
}

/// Brings what lies in the log of a database into the file itself. Where that cannot be done, the
/// two are kept together.
async fn settle(database: &Path) {
    let settled = async {
        let mut conn = SqliteConnectOptions::new().filename(database).connect().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await?;
        sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut conn).await?;
        conn.close().await
    };
    if let Err(error) = settled.await {
        let error = StoreError::from(Fault::from(error));
        tracing::warn!(%error, "the database that is there cannot be read; it is kept as it is");
    }
}

/// Gives the draft the database's name, and the database another. The log goes first: read with
/// the other file, it would damage that.
fn swap(draft: &Draft, database: &Path) -> io::Result<Option<PathBuf>> {
    let log = with(database, "-wal");
    let mut kept = None;
    if fs::metadata(database)?.len() > 0 {
        let name = free_name(database)?;
        if log.try_exists()? {
            fs::rename(&log, with(&name, "-wal"))?;
        }
        link(database, &name)?;
        kept = Some(name);
    }
    for left in [log, with(database, "-shm")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(draft.path(), database)?;
    sync_folder(database)?;
    Ok(kept)
}

/// `todo.db.before-1`, or the next one that is free.
fn free_name(database: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let name = with(database, &format!(".before-{number}"));
        if !name.try_exists()? && !with(&name, "-wal").try_exists()? {
            return Ok(name);
        }
        number += 1;
    }
}

fn with(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}
