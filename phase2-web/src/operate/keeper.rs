//! Backups of a SQLite file that nobody has to ask for (SPEC 7, Operations).
//!
//! When one was made is told by its name, so that a server that is started anew goes on from there.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDateTime;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use todo_core::Timestamp;
use todo_store::DatabaseUrl;
use todo_store::backup::{BackupError, Checked, Over};

use crate::Clock;
use crate::chain::Chain;

/// How long a server that has just started is left alone.
const SETTLED: Duration = Duration::from_mins(1);
/// Longest sleep: the clock may be moved, and machines sleep too.
const LOOK: Duration = Duration::from_hours(1);
/// After a failure.
const AGAIN: Duration = Duration::from_mins(10);

const MOMENT: &str = "%Y%m%dT%H%M%SZ";
const ENDING: &str = ".db";
/// How a file ends that a server which was killed had begun.
const PART: &str = ".part";

/// Which backups are made, and how many are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlan {
    /// The database.
    pub database: PathBuf,
    /// Where they lie. Not made when it is not there: it may be a disk that is not mounted.
    pub folder: PathBuf,
    /// Between two.
    pub every: Duration,
    /// How many; older ones are removed.
    pub keep: usize,
}

impl BackupPlan {
    /// Makes one if it is due, and removes those that are too old.
    pub async fn tick(&self, now: Timestamp) -> Result<Option<Checked>, BackupError> {
        if self.newest(now)?.is_some_and(|at| now < self.next(at)) {
            return Ok(None);
        }
        let file = self.folder.join(self.name(now));
        let database = DatabaseUrl::Sqlite(self.database.clone());
        let checked = database.back_up(&file, Over::Replace).await?;
        self.prune(&file)?;
        Ok(Some(checked))
    }

    /// Makes them for as long as it is polled. A failure is logged, and tried again.
    pub async fn follow(self, clock: Clock) {
        let mut pause = SETTLED;
        loop {
            tokio::time::sleep(pause).await;
            pause = match self.tick(clock.now()).await {
                Ok(None) => LOOK.min(self.every),
                Ok(Some(Checked { bytes, .. })) => {
                    tracing::info!(bytes, "a backup was made");
                    LOOK.min(self.every)
                }
                Err(error) => {
                    tracing::error!(error = %Chain(&error), "no backup could be made");
                    AGAIN.min(self.every)
                }
            };
        }
    }

    /// When the newest was made. One from the future was made before the clock was put right.
    pub(super) fn newest(&self, now: Timestamp) -> Result<Option<Timestamp>, BackupError> {
        Ok(self.made()?.into_iter().map(|(at, _)| at).rfind(|at| *at <= now))
    }

    /// When the next one is due after one of `at`.
    pub(super) fn next(&self, at: Timestamp) -> Timestamp {
        at.plus_millis(i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX))
    }

    /// `todo.auto-` of `todo.db`. In another folder than its own there may be those of another
    /// `todo.db`: what tells them apart is made of where the database is.
    fn prefix(&self) -> OsString {
        let mut prefix = self.database.file_stem().unwrap_or_default().to_owned();
        let database = self.database.canonicalize().unwrap_or_else(|_| self.database.clone());
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        if database.parent() != Some(&folder) {
            let digest = Sha256::digest(database.as_os_str().as_encoded_bytes());
            prefix.push(format!("-{}", HEXLOWER.encode(&digest[..4])));
        }
        prefix.push(".auto-");
        prefix
    }

    fn name(&self, at: Timestamp) -> OsString {
        let mut name = self.prefix();
        name.push(at.utc().format(MOMENT).to_string());
        name.push(ENDING);
        name
    }

    /// What lies there under names of its own: what follows the prefix, and the file.
    fn own(&self) -> Result<Vec<(String, PathBuf)>, BackupError> {
        let wrong = |error| BackupError::Io(self.folder.clone(), error);
        let prefix = self.prefix();
        let mut own = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let name = entry.file_name();
            let rest = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
            if let Some(Ok(rest)) = rest.map(std::str::from_utf8) {
                own.push((rest.to_owned(), entry.path()));
            }
        }
        Ok(own)
    }

    /// Those that were made, the oldest first.
    fn made(&self) -> Result<Vec<(Timestamp, PathBuf)>, BackupError> {
        let moment = |rest: &str| {
            let text = rest.strip_suffix(ENDING)?;
            let at = NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc();
            Some(Timestamp::from_utc(at))
        };
        let own = self.own()?.into_iter();
        let mut made: Vec<_> =
            own.filter_map(|(rest, path)| moment(&rest).map(|at| (at, path))).collect();
        made.sort();
        Ok(made)
    }

    /// Removes those that are too old, but never the one that was made last, and what a server that
    /// was killed had begun.
    fn prune(&self, last: &Path) -> Result<(), BackupError> {
        let made: Vec<_> = self.made()?.into_iter().map(|(_, path)| path).collect();
        let old = made.len().saturating_sub(self.keep);
        let old = made.into_iter().take(old).filter(|path| path != last);
        let begun = self.own()?.into_iter().filter(|(rest, _)| rest.ends_with(PART));
        for path in old.chain(begun.map(|(_, path)| path)) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(BackupError::Io(path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
