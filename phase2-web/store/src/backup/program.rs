//! The programs of PostgreSQL that make and read archives.
//!
//! All that says where the database is goes to them by the environment: everybody on a machine can
//! read the command lines of its processes, and a URL may hold a password.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use percent_encoding::percent_decode_str;
use shared_child::SharedChild;
use sqlx::postgres::PgConnectOptions;
use tokio::task::spawn_blocking;
use url::Url;

use super::BackupError;
use crate::fault::fault;

/// Which one has a database do what it reads.
const PSQL: &str = "psql";
/// Which one writes what is to be done.
pub(super) const WRITER: &str = "pg_restore";
/// Most of what one complains of that is kept.
const TOLD_MAX: u64 = 1 << 20;
/// Most that one may answer. Lists of many thousands of tables are shorter.
const SAID_MAX: u64 = 64 << 20;
/// How much of a script is read at a time.
const PAGE: u64 = 64 << 10;
/// Within how much of its end the end of its transaction stands.
const END_MAX: usize = 4 << 10;
/// How that begins a line.
const COMMIT: &[u8] = b"\nCOMMIT;";

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
        // Where the tables are may be said there, as to the connections of the store.
        if let Some(options) = read.get_options() {
            place.push(("PGOPTIONS", options.to_owned()));
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

/// One that works, and the thread that hears what it complains of.
struct Running {
    name: &'static str,
    child: Arc<SharedChild>,
    complaints: JoinHandle<io::Result<Vec<u8>>>,
}

impl Running {
    fn start(
        name: &'static str,
        place: Option<&Place>,
        words: Vec<OsString>,
        [stdin, stdout]: [Stdio; 2],
    ) -> Result<Self, BackupError> {
        let mut command = Command::new(name);
        command.args(words).stdin(stdin).stdout(stdout).stderr(Stdio::piped());
        if let Some(Place(variables)) = place {
            command.envs(variables.iter().map(|(name, value)| (name, value)));
        }
        let child = SharedChild::spawn(&mut command);
        let child = child.map_err(|error| BackupError::NoProgram(name, error))?;
        let stderr = child.take_stderr();
        // Beside what it is for: whoever does not listen to both lets it wait for ever.
        let complaints = thread::spawn(move || {
            let (mut told, Some(mut stderr)) = (Vec::new(), stderr) else { return Ok(Vec::new()) };
            stderr.by_ref().take(TOLD_MAX).read_to_end(&mut told)?;
            io::copy(&mut stderr, &mut io::sink())?;
            Ok(told)
        });
        Ok(Self { name, child: Arc::new(child), complaints })
    }

    fn ended(&self) -> Ended {
        Ended(Arc::clone(&self.child))
    }

    /// Waits until it has ended; why it failed, if it did.
    fn end(self) -> Result<(), BackupError> {
        let lost = |error| BackupError::NoProgram(self.name, error);
        let told = self.complaints.join().unwrap_or_else(|_| Ok(Vec::new())).map_err(lost)?;
        let status = self.child.wait().map_err(lost)?;
        if status.success() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&told);
        let is_it = |line: &&str| line.contains("error: ") || line.contains("ERROR: ");
        let reason = told.lines().find(is_it).or_else(|| told.lines().last());
        let reason = reason.map_or_else(|| status.to_string(), str::to_owned);
        Err(BackupError::Program(self.name, reason))
    }
}

/// Runs a program to its end; answers what it said, and never a part of that.
pub(super) async fn run(
    name: &'static str,
    place: Option<&Place>,
    words: Vec<OsString>,
) -> Result<String, BackupError> {
    let running = Running::start(name, place, words, [Stdio::null(), Stdio::piped()])?;
    let ended = running.ended();
    let done = spawn_blocking(move || {
        let (mut said, stdout) = (Vec::new(), running.child.take_stdout());
        let read = stdout.map_or(Ok(0), |stdout| stdout.take(SAID_MAX + 1).read_to_end(&mut said));
        let long = u64::try_from(said.len()).is_ok_and(|length| length > SAID_MAX);
        if long {
            return Err(BackupError::Program(name, "it says more than can be read".to_owned()));
        }
        running.end()?;
        read.map_err(|error| BackupError::NoProgram(name, error))?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    });
    let said = done.await.map_err(|error| BackupError::NoProgram(name, io::Error::other(error)));
    drop(ended);
    said.flatten()
}

/// Has a database do what `pg_restore` writes as one transaction, and `last` before that is committed. Unless the
/// whole of it came, nothing is: whoever is killed, there is no `COMMIT` then.
pub(super) async fn obeyed(
    place: &Place,
    words: Vec<OsString>,
    last: String,
) -> Result<(), BackupError> {
    let obeys = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-"];
    let obeys = obeys.iter().map(OsString::from).chain([place.database().into()]).collect();
    let psql = Running::start(PSQL, Some(place), obeys, [Stdio::piped(), Stdio::null()])?;
    let psql_ended = psql.ended();
    let writer = Running::start(WRITER, None, words, [Stdio::null(), Stdio::piped()])?;
    let writer_ended = writer.ended();
    let done = spawn_blocking(move || {
        let no_pipe = || BackupError::NoProgram(PSQL, io::ErrorKind::BrokenPipe.into());
        let mut script = writer.child.take_stdout().ok_or_else(no_pipe)?;
        let mut to = psql.child.take_stdin().ok_or_else(no_pipe)?;
        let copied = all_but_end(&mut script, &mut to);
        // Where nobody takes any more of it, it is to end as well.
        drop(script);
        let written = writer.end();
        let sent = match (&written, copied) {
            (Ok(()), Ok(end)) => finish(&end, &last, &mut to),
            (Err(_), _) => Ok(()),
            (Ok(()), Err(error)) => Err(BackupError::NoProgram(PSQL, error)),
        };
        drop(to);
        // What the database refuses is why nobody took the rest.
        psql.end().and(written).and(sent)
    });
    let done = done.await.map_err(|error| BackupError::NoProgram(PSQL, io::Error::other(error)));
    drop((writer_ended, psql_ended));
    done.flatten()
}

/// Copies all but the last of what is to be read, which it answers.
fn all_but_end(from: &mut impl Read, to: &mut impl Write) -> io::Result<Vec<u8>> {
    let mut held = Vec::new();
    while from.by_ref().take(PAGE).read_to_end(&mut held)? > 0 {
        let free = held.len().saturating_sub(END_MAX);
        to.write_all(&held[..free])?;
        held.drain(..free);
    }
    Ok(held)
}

/// Puts something more before the `COMMIT` of a script. Behind that there are remarks alone.
fn finish(end: &[u8], last: &str, to: &mut impl Write) -> Result<(), BackupError> {
    let Some(at) = end.windows(COMMIT.len()).rposition(|part| part == COMMIT) else {
        return Err(BackupError::Program(WRITER, "its script is no transaction".to_owned()));
    };
    let rest = [&end[..at], b"\n", last.as_bytes(), COMMIT, b"\n"].concat();
    to.write_all(&rest).map_err(|error| BackupError::NoProgram(PSQL, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the pages of a script fall.
    #[test]
    fn what_comes_last_stands_before_the_commit() {
        let comes = "\n\nCOMMIT;\n\n-- complete\n";
        for length in [0, 1, END_MAX - 20, END_MAX, 64 << 10, (64 << 10) + 5, 200_000] {
            let data = "x".repeat(length);
            let script = format!("BEGIN;\nCOMMIT; {data}{comes}");
            let mut sent = Vec::new();
            let end = all_but_end(&mut script.as_bytes(), &mut sent).expect("copied");
            finish(&end, "DELETE;", &mut sent).expect("finished");
            let expected = format!("BEGIN;\nCOMMIT; {data}\n\nDELETE;\nCOMMIT;\n");
            assert!(sent == expected.as_bytes(), "{length}");
        }
    }

    /// It is not committed.
    #[test]
    fn what_is_no_transaction_is_refused() {
        let mut sent = Vec::new();
        let refused = finish(b"SELECT 1;\n", "DELETE;", &mut sent).expect_err("it has no end");
        assert!(matches!(refused, BackupError::Program("pg_restore", _)), "{refused:?}");
        assert!(sent.is_empty());
    }
}
