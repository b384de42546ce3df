//! Archives of a server's database, by its own programs.

use std::ffi::OsString;
use std::path::Path;

use sqlx::{Connection, PgConnection};

use super::program::{Place, WRITER, obeyed, run};
use super::{BackupError, Over};
use crate::db::{POSTGRES_MIGRATIONS, connecting};
use crate::fault::fault;
use crate::history;

/// The table that says which version it is of.
const MIGRATIONS: &str = "_sqlx_migrations";
/// Tables without which it is none of ours.
const KNOWN: [&str; 4] = [MIGRATIONS, "owners", "users", "tasks"];
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
    let listed = run(WRITER, None, vec!["--list".into(), "--".into(), file.into()]).await;
    let listed = listed.map_err(|error| match error {
        BackupError::Program(..) => not_ours(),
        other => other,
    })?;
    let Some(schema) = schema(&listed) else { return Err(not_ours()) };
    // As SQL it goes through the archive from end to end.
    let whole = vec!["--file=/dev/null".into(), "--".into(), file.into()];
    run(WRITER, None, whole).await.map_err(damaged)?;
    let rows = rows_of(file, schema, MIGRATIONS).await.map_err(damaged)?;
    let mut versions = rows.iter().map(|row| {
        let version = row.split('\t').next().and_then(|version| version.parse().ok());
        version.is_some_and(|version| POSTGRES_MIGRATIONS.version_exists(version))
    });
    if versions.all(|known| known) { Ok(()) } else { Err(BackupError::Newer(file.to_owned())) }
}

/// In which schema of an archive the tables are that make it one of ours. Others may have some that are called alike,
/// and every name may have spaces.
fn schema(listed: &str) -> Option<&str> {
    // The schema, the table and whose it is.
    let data = listed.lines().filter_map(|line| line.split_once(" TABLE DATA "));
    let data: Vec<_> = data.map(|(_, what)| what).collect();
    let holds = |schema: &str, table: &str| {
        let start = format!("{schema} {table} ");
        data.iter().any(|what| what.starts_with(&start))
    };
    let between = format!(" {MIGRATIONS} ");
    let mut schemas = data.iter().filter_map(|what| what.split_once(&between));
    schemas.find(|(schema, _)| KNOWN.iter().all(|table| holds(schema, table))).map(|(name, _)| name)
}

/// The rows of a small table of an archive, as they stand in it.
async fn rows_of(file: &Path, schema: &str, table: &str) -> Result<Vec<String>, BackupError> {
    let which = [format!("--schema={schema}"), format!("--table={table}")];
    let words = ["--data-only", "--file=-"].map(OsString::from).into_iter();
    let words = words.chain(which.map(OsString::from)).chain(["--".into(), file.into()]).collect();
    let rows = run(WRITER, None, words).await?;
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
    let how = ["--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-privileges"];
    let words = how.iter().map(OsString::from).chain(["--file=-".into(), "--".into(), file.into()]);
    // In the archive stands which history it is of; once what is put back is there, it is another one's. The script
    // has tables looked for in no schema by themselves; this one is found where a server will find it.
    let last = format!("RESET search_path;\n{};", history::END);
    obeyed(&place, words.collect(), last).await
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
    fn the_schema_is_that_of_all_tables() {
        let list = |ours: &str| {
            format!(
                ";\n; Archive created at 2026-11-21 12:00:00 UTC\n\
                226; 1259 16550 TABLE nobody _sqlx_migrations todo app\n\
                3450; 0 16390 TABLE DATA another _sqlx_migrations todo app\n\
                3451; 0 16391 TABLE DATA another users todo app\n\
                3452; 0 16392 TABLE DATA {ours} owners todo app\n\
                3453; 0 16393 TABLE DATA {ours} users todo app\n\
                3454; 0 16394 TABLE DATA {ours} _sqlx_migrations todo app\n\
                3455; 0 16395 TABLE DATA {ours} tasks todo app\n\
                3456; 0 16396 TABLE DATA {ours} meta todo app\n"
            )
        };
        for ours in ["public", "our own", "tasks"] {
            assert_eq!(schema(&list(ours)), Some(ours));
        }
        assert_eq!(
            schema(&list("public").replace("DATA public tasks", "DATA another tasks")),
            None
        );
    }
}
