//! Archives of a server's database, by its own programs.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use sqlx::{Connection, PgConnection};

use super::program::{Place, run};
use super::{BackupError, Draft, Over};
use crate::db::{POSTGRES_MIGRATIONS, connecting};
use crate::fault::fault;
use crate::history;

/// Tables without which it is none of ours.
const KNOWN: [&str; 4] = ["_sqlx_migrations", "owners", "users", "tasks"];
/// Who else works on the database.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND pid <> pg_backend_pid() AND pid IS DISTINCT FROM $1 AND backend_type = 'client backend'";
const HAS_USERS: &str = "SELECT to_regclass('users') IS NOT NULL";
const ACCOUNTS: &str = "SELECT count(*) FROM users";
/// Who came first to a database that was put back may have said it.
const KEEP: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

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
    let rows = rows_of(file, "_sqlx_migrations").await.map_err(damaged)?;
    let mut versions = rows.iter().map(|row| {
        let version = row.split('\t').next().and_then(|version| version.parse().ok());
        version.is_some_and(|version| POSTGRES_MIGRATIONS.version_exists(version))
    });
    if versions.all(|known| known) { Ok(()) } else { Err(BackupError::Newer(file.to_owned())) }
}

/// The rows of a small table of an archive, as they stand in it.
async fn rows_of(file: &Path, table: &str) -> Result<Vec<String>, BackupError> {
    let words = ["--data-only".into(), format!("--table={table}"), "--file=-".into(), "--".into()];
    let words = words.iter().map(OsString::from).chain([file.into()]).collect();
    let rows = run("pg_restore", None, words).await?;
    let rows = rows.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1);
    Ok(rows.take_while(|line| *line != "\\.").map(str::to_owned).collect())
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
    // The rows of `meta` are left out, for one says which history the archive is of: from the moment on when what is
    // put back is there, it is another one's. The others are written afterwards; without them more is derived anew.
    let list = Draft::beside(&std::env::temp_dir().join("todo.list"))?;
    let listed = run("pg_restore", None, vec!["--list".into(), "--".into(), file.into()]).await?;
    fs::write(list.path(), without_meta(&listed)).map_err(BackupError::io(list.path()))?;
    let derived = versions(file).await?;
    let how = ["--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges"];
    let mut words: Vec<OsString> = how.iter().map(OsString::from).collect();
    words.extend(["--no-password".into(), option("--use-list=", list.path())]);
    words.extend([place.database().into(), "--".into(), file.into()]);
    run("pg_restore", Some(&place), words).await?;
    Ok(settle(url, derived).await.map_err(fault)?)
}

/// The list of an archive without the rows of `meta`.
fn without_meta(listed: &str) -> String {
    let is_it = |line: &&str| {
        let (_, what) = line.split_once(" TABLE DATA ").unwrap_or_default();
        // The schema, the table and whose it is.
        let mut words = what.split(' ');
        words.clone().count() == 3 && words.nth(1) == Some("meta")
    };
    listed.lines().filter(|line| !is_it(line)).flat_map(|line| [line, "\n"]).collect()
}

/// What stands in the `meta` of an archive beside the identity of its history: by which versions it was derived.
/// What cannot be read is derived anew by the next migration.
async fn versions(file: &Path) -> Result<Vec<(String, String)>, BackupError> {
    let rows = rows_of(file, "meta").await?;
    let pairs = rows.iter().filter_map(|row| row.split_once('\t'));
    let plain = pairs.filter(|(name, value)| *name != history::NAME && !value.contains('\\'));
    Ok(plain.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Writes down what was derived by which versions. An archive of which the list is read wrongly, as where names
/// have spaces, has brought the identity too.
async fn settle(url: &str, derived: Vec<(String, String)>) -> sqlx::Result<()> {
    let mut conn = PgConnection::connect_with(&connecting(url)?).await?;
    sqlx::query(history::END).execute(&mut conn).await?;
    for (name, value) in derived {
        sqlx::query(KEEP).bind(name).bind(value).execute(&mut conn).await?;
    }
    conn.close().await
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever it belongs to, and whatever else is called so.
    #[test]
    fn only_the_rows_of_one_table_are_left_out() {
        let list = ";\n; Archive created at 2026-11-21 12:00:00 UTC\n\
            226; 1259 16550 TABLE public meta meta\n\
            3456; 0 16390 TABLE DATA public users meta\n\
            3457; 0 16550 TABLE DATA public meta meta\n\
            3458; 0 16560 TABLE DATA meta tasks postgres\n\
            3301; 2606 16556 CONSTRAINT public meta meta_pkey postgres\n";
        let left: String =
            list.split_inclusive('\n').filter(|line| !line.starts_with("3457")).collect();
        assert_eq!(without_meta(list), left);
    }
}
