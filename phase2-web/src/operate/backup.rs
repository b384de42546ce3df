//! `backup` and `restore`.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use todo_core::Timestamp;
use todo_store::DatabaseUrl;
use todo_store::backup::{Checked, Over};
use tokio::task::spawn_blocking;

use super::{OperationError, say};
use crate::Clock;
use crate::edge::fresh_id;
use crate::settings::{Settings, Target};

/// The database past the pooler, if there is one and if it is the same there; and which process of the
/// server the pooler holds for having been asked.
async fn unpooled(settings: &Settings) -> Result<(&DatabaseUrl, Option<i32>), OperationError> {
    let Some(direct) = &settings.direct else { return Ok((&settings.database, None)) };
    Ok((direct, direct.leads_where(&settings.database).await?))
}

/// Copies the database.
pub(super) async fn back_up(
    settings: &Settings,
    to: Target,
    over: Over,
) -> Result<(), OperationError> {
    let now = Clock::of_the_machine().now();
    let file = match to {
        Target::File(file) => file,
        Target::Fresh => fresh(&settings.database, now),
        Target::Output => return send(unpooled(settings).await?.0, now).await,
    };
    let checked = unpooled(settings).await?.0.back_up(&file, over).await?;
    say(&format!("{}: {}", file.display(), Told(checked)))
}

/// Copies the database to standard output, by a file that is gone afterwards: what cannot be read
/// from its beginning cannot be checked.
async fn send(database: &DatabaseUrl, now: Timestamp) -> Result<(), OperationError> {
    if io::stdout().is_terminal() {
        return Err(OperationError::Terminal);
    }
    let file = std::env::temp_dir().join(format!("todo.backup-{}", fresh_id(now)));
    database.back_up(&file, Over::Refuse).await?;
    let opened = File::open(&file);
    // Whoever reads it sees it to its end.
    let removed = fs::remove_file(&file);
    // On a thread that nobody has to wait for: whoever reads may have stopped, and ctrl-c has not.
    let send = move || io::copy(&mut opened?, &mut io::stdout().lock());
    let sent = spawn_blocking(send).await.unwrap_or_else(|broke| Err(io::Error::other(broke)));
    sent.and(removed).map_err(OperationError::Output)
}

/// Puts a backup in the place of the database.
pub(super) async fn restore(
    settings: &Settings,
    from: &Path,
    over: Over,
) -> Result<(), OperationError> {
    let (database, kept) = unpooled(settings).await?;
    let restored = database.restore_beside(kept, from, over).await?;
    say(&format!("put back: {}", Told(restored.checked)))?;
    if let Some(kept) = restored.kept {
        say(&format!("what was there before is {}", kept.display()))?;
    }
    Ok(())
}

/// `todo.backup-20261121T120000Z.db` beside the database; of a server, in the working folder.
fn fresh(database: &DatabaseUrl, now: Timestamp) -> PathBuf {
    let moment = now.utc().format("%Y%m%dT%H%M%SZ");
    match database {
        DatabaseUrl::Sqlite(path) => path.with_extension(format!("backup-{moment}.db")),
        DatabaseUrl::Postgres(_) => format!("todo.backup-{moment}.dump").into(),
    }
}

/// What was found when it was checked.
struct Told(Checked);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(counts) = self.0.counts {
            let (accounts, tasks) = (counts.accounts, counts.tasks);
            let plural = |count| if count == 1 { "" } else { "s" };
            write!(f, "{accounts} account{}, {tasks} task{}, ", plural(accounts), plural(tasks))?;
        }
        write!(f, "{} bytes, checked", self.0.bytes)
    }
}
