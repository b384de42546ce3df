//! The programs of PostgreSQL that make and read archives.
//!
//! All that says where the database is goes to them by the environment: everybody on a machine can
//! read the command lines of its processes, and a URL may hold a password.

use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use shared_child::SharedChild;
use sqlx::postgres::PgConnectOptions;
use tokio::task::spawn_blocking;
use url::Url;

use super::BackupError;
use crate::fault::fault;

/// Most of what one says that is kept.
const TOLD_MAX: u64 = 1 << 20;

/// Where a database is, as the programs are told.
pub(super) struct Place(Vec<(&'static str, String)>);

impl Place {
    /// Reads a URL as the connections of the store do. What it leaves open, the environment says.
    pub(super) fn of(url: &str) -> Result<Self, BackupError> {
        let read: PgConnectOptions = url.parse().map_err(fault)?;
        let parsed =
            Url::parse(url).map_err(|error| fault(sqlx::Error::Configuration(error.into())))?;
        let host = read.get_socket().map(|path| path.to_string_lossy().into_owned());
        let mut place = vec![
            ("PGHOST", host.unwrap_or_else(|| read.get_host().to_owned())),
            ("PGPORT", read.get_port().to_string()),
            ("PGUSER", read.get_username().to_owned()),
            ("PGDATABASE", read.get_database().unwrap_or_else(|| read.get_username()).to_owned()),
        ];
        if let Some(password) = parsed.password() {
            let password = percent_decode_str(password).decode_utf8_lossy();
            place.push(("PGPASSWORD", password.into_owned()));
        }
        for (key, value) in parsed.query_pairs() {
            let name = match &*key {
                "password" => "PGPASSWORD",
                "sslmode" | "ssl-mode" => "PGSSLMODE",
                "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
                "sslcert" | "ssl-cert" => "PGSSLCERT",
                "sslkey" | "ssl-key" => "PGSSLKEY",
                _ => continue,
            };
            place.push((name, value.into_owned()));
        }
        Ok(Self(place))
    }

    /// The name of the database, as a parameter that nothing else can be read from.
    pub(super) fn database(&self) -> String {
        let name = self.0.iter().find(|(key, _)| *key == "PGDATABASE").map_or("", |(_, name)| name);
        format!("--dbname=dbname='{}'", name.replace('\\', "\\\\").replace('\'', "\\'"))
    }
}

/// Ends a program that nobody waits for any more.
struct Ended(Arc<SharedChild>);

impl Drop for Ended {
    fn drop(&mut self) {
        // It has ended by itself, as a rule.
        let _ended = self.0.kill();
    }
}

/// Runs a program to its end; answers what it said.
pub(super) async fn run(
    name: &'static str,
    place: Option<&Place>,
    words: Vec<OsString>,
) -> Result<String, BackupError> {
    let no_program = |error| BackupError::NoProgram(name, error);
    let (mut said, say) = io::pipe().map_err(no_program)?;
    let mut command = Command::new(name);
    command.args(words).stdin(Stdio::null());
    command.stdout(say.try_clone().map_err(no_program)?).stderr(say);
    if let Some(Place(variables)) = place {
        command.envs(variables.iter().map(|(name, value)| (name, value)));
    }
    let child = Arc::new(SharedChild::spawn(&mut command).map_err(no_program)?);
    // Else it holds the pipe open.
    drop(command);
    let ended = Ended(Arc::clone(&child));
    let done = spawn_blocking(move || {
        let mut told = Vec::new();
        said.by_ref().take(TOLD_MAX).read_to_end(&mut told)?;
        io::copy(&mut said, &mut io::sink())?;
        Ok((child.wait()?, told))
    });
    let (status, told) = done.await.map_err(io::Error::other).flatten().map_err(no_program)?;
    drop(ended);
    let told = String::from_utf8_lossy(&told).into_owned();
    if status.success() {
        return Ok(told);
    }
    let reason = told.lines().find(|line| line.contains("error: ")).or_else(|| told.lines().last());
    let reason = reason.map_or_else(|| status.to_string(), str::to_owned);
    Err(BackupError::Program(name, reason))
}
