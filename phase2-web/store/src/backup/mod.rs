//! Copies of a whole database: taken while a server works on it, checked before anybody relies on
//! them, and put back.
//!
//! A backup gets its name only when it is whole, checked and on the disk: under that name there is
//! never half of one. What is put back is checked before anything that is there is touched.

mod draft;
mod error;
mod postgres;
mod program;
mod sqlite;

use std::path::{Path, PathBuf};

pub use error::BackupError;

use self::draft::{Draft, blocking};
use crate::DatabaseUrl;
use crate::db::connecting;
use crate::direct::same;
use crate::fault::fault;

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It stays, and nothing is done.
    Refuse,
    /// It is replaced.
    Replace,
}

/// A backup that was read to its end and found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// How long the file is.
    pub bytes: u64,
    /// What is in it, where that can be counted: in a copy of a file.
    pub counts: Option<Counts>,
}

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// People.
    pub accounts: u64,
    /// Tasks, the trash included.
    pub tasks: u64,
}

/// What was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub checked: Checked,
    /// Where the file lies that was there before.
    pub kept: Option<PathBuf>,
}

impl DatabaseUrl {
    /// Copies the database as it is at one moment, and checks the copy. Servers go on working
    /// meanwhile.
    ///
    /// SQLite gives a database of the same kind, PostgreSQL an archive by `pg_dump`. The former has no history's
    /// identity: what becomes of it, if it is put in place by whatever means, is a history of its own.
    pub async fn back_up(&self, file: &Path, over: Over) -> Result<Checked, BackupError> {
        if over == Over::Refuse && file.try_exists().map_err(BackupError::io(file))? {
            return Err(BackupError::Exists(file.to_owned()));
        }
        self.is_not(file)?;
        let draft = Draft::beside(file)?;
        match self {
            Self::Sqlite(database) => {
                sqlite::copy(database, draft.path()).await?;
                sqlite::end_history(draft.path()).await?;
            }
            Self::Postgres(url) => postgres::dump(url, draft.path()).await?,
        }
        let checked = self.check(draft.path()).await.map_err(|error| error.of(file))?;
        let named = file.to_owned();
        blocking(file, move || draft.keep(&named, over)).await?;
        Ok(checked)
    }

    /// Reads a backup of such a database to its end.
    pub async fn check(&self, file: &Path) -> Result<Checked, BackupError> {
        let meta = std::fs::metadata(file).map_err(BackupError::io(file))?;
        let counts = match self {
            Self::Sqlite(_) => Some(sqlite::check(file).await?),
            Self::Postgres(_) => {
                postgres::check(file).await?;
                None
            }
        };
        Ok(Checked { bytes: meta.len(), counts })
    }

    /// Refuses this way to a database, past a pooler, if it leads elsewhere than the one through that.
    /// Answers which process of the server the pooler may go on holding for that question.
    pub async fn leads_where(&self, pooled: &Self) -> Result<Option<i32>, BackupError> {
        let (Self::Postgres(direct), Self::Postgres(pooled)) = (self, pooled) else {
            return Ok(None);
        };
        let [direct, pooled] = [connecting(direct), connecting(pooled)];
        Ok(Some(same(&pooled.map_err(fault)?, &direct.map_err(fault)?).await?))
    }

    /// Puts a backup in the place of the database, which tells a new history from then on. Refused while a
    /// server uses that; and while it holds accounts, unless `over` says otherwise.
    pub async fn restore(&self, file: &Path, over: Over) -> Result<Restored, BackupError> {
        self.restore_beside(None, file, over).await
    }

    /// The same, although a process of the server is still there that [`DatabaseUrl::leads_where`] has
    /// asked: it holds nothing.
    pub async fn restore_beside(
        &self,
        kept: Option<i32>,
        file: &Path,
        over: Over,
    ) -> Result<Restored, BackupError> {
        self.is_not(file)?;
        match self {
            Self::Sqlite(database) => sqlite::restore(self, database, file, over).await,
            Self::Postgres(url) => {
                let checked = self.check(file).await?;
                postgres::restore(url, kept, file, over).await?;
                Ok(Restored { checked, kept: None })
            }
        }
    }

    fn is_not(&self, file: &Path) -> Result<(), BackupError> {
        let Self::Sqlite(database) = self else { return Ok(()) };
        match (database.canonicalize(), file.canonicalize()) {
            (Ok(database), Ok(same)) if database == same => {
                Err(BackupError::Itself(file.to_owned()))
            }
            _ => Ok(()),
        }
    }
}
