//! Archives of a server's database, by its own programs.

use std::ffi::OsString;
use std::path::Path;

use sqlx::{Connection, PgConnection};

use super::program::{Place, run};
use super::{BackupError, Over};
use crate::db::{POSTGRES_MIGRATIONS, connecting};
use crate::fault::fault;

/// Tables without which it is none of ours.
const KNOWN: [&str; 4] = ["_sqlx_migrations", "owners", "users", "tasks"];
/// Who else works on the database.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND pid <> pg_backend_pid() AND pid IS DISTINCT FROM $1 AND backend_type = 'client backend'";
const HAS_USERS: &str = "SELECT to_regclass('users') IS NOT NULL";
const ACCOUNTS: &str = "SELECT count(*) FROM users";

/// Writes the database as it is at one moment into an empty file.
pub(super) async fn dump(url: &str, draft: &Path) -> Result<(), BackupError> {
    let place = Place::of(url)?;
    let words = vec!["--format=custom".into(), "--no-password".into(), option("--file=", draft)];
    run("pg_dump", Some(&place), words).await.map(drop)
}

/// Reads an archive to its end.
pub(super) async fn check(file: &Path) -> Result<(), BackupError> {
    let not_ours = || BackupError::NotABackup(file.to_owned());
    let damaged = |error| match error {
        BackupError::Program(_, how) => BackupError::Damaged(file.to_owned(), how),
        other => other,
    };
    let listed = run("pg_restore", None, vec!["--list".into(), "--".into(), file.into()]).await;
    let listed = listed.map_err(|error| match error {
        BackupError::Program(..) => not_ours(),
        other => other,
    })?;
    let holds = |table: &str| {
        let mut lines = listed.lines().filter(|line| line.contains(" TABLE DATA "));
        lines.any(|line| line.split(' ').any(|word| word == table))
    };
    if !KNOWN.iter().all(|table| holds(table)) {
        return Err(not_ours());
    }
    // As SQL it goes through the archive from end to end.
    let whole = vec!["--file=/dev/null".into(), "--".into(), file.into()];
    run("pg_restore", None, whole).await.map_err(damaged)?;
    let migrations = ["--data-only", "--table=_sqlx_migrations", "--file=-", "--"];
    let words = migrations.iter().map(OsString::from).chain([file.into()]).collect();
    let rows = run("pg_restore", None, words).await.map_err(damaged)?;
    let rows = rows.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1);
    let mut versions = rows.take_while(|line| *line != "\\.").map(|row| {
        let version = row.split('\t').next().and_then(|version| version.parse().ok());
        version.is_some_and(|version| POSTGRES_MIGRATIONS.version_exists(version))
    });
    if versions.all(|known| known) { Ok(()) } else { Err(BackupError::Newer(file.to_owned())) }
}

/// Puts an archive in the place of what a database holds: all of it, or nothing.
///
/// `kept` is a process of the server that is ours, whoever holds it now.
pub(super) async fn restore(
    url: &str,
    kept: Option<i32>,
    file: &Path,
    over: Over,
) -> Result<(), BackupError> {
    let place = Place::of(url)?;
    let (others, accounts) = found(url, kept).await.map_err(fault)?;
    if others > 0 {
        return Err(BackupError::InUse(others.cast_unsigned()));
    }
    if over == Over::Refuse && accounts > 0 {
        return Err(BackupError::Occupied(Some(accounts.cast_unsigned())));
    }
    let how = ["--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges"];
    let mut words: Vec<OsString> = how.iter().map(OsString::from).collect();
    words.extend(["--no-password".into(), place.database().into(), "--".into(), file.into()]);
    run("pg_restore", Some(&place), words).await.map(drop)
}

/// How many others are connected, and how many accounts there are.
async fn found(url: &str, kept: Option<i32>) -> sqlx::Result<(i64, i64)> {
    let mut conn = PgConnection::connect_with(&connecting(url)?).await?;
    let others = sqlx::query_scalar(OTHERS).bind(kept).fetch_one(&mut conn).await?;
    let has_users: bool = sqlx::query_scalar(HAS_USERS).fetch_one(&mut conn).await?;
    let mut accounts = 0;
    if has_users {
        accounts = sqlx::query_scalar(ACCOUNTS).fetch_one(&mut conn).await?;
    }
    conn.close().await?;
    Ok((others, accounts))
}

fn option(name: &str, path: &Path) -> OsString {
    let mut word = OsString::from(name);
    word.push(path);
    word
}
