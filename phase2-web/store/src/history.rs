//! Which history it is that a database tells.
//!
//! An owner's events are counted, and whoever comes back says how far they have seen. Where a backup was put
//! back, the same numbers are given once more, to other events; so each history has a random identity, which
//! stands in `meta` and is asked for together with the numbers. It is in no backup of a file, and in no database
//! that a backup was put into: who finds none gives one.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use uuid::{Builder, Uuid};

use crate::Store;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::jitter;
use crate::tasks::load::{bad, number};

/// Under which name it stands.
const NAME: &str = "history";
/// How it is asked for beside something else.
pub(crate) const COLUMN: &str = "(SELECT value FROM meta WHERE name = 'history')";
/// Has a database tell a new one from now on, which whoever comes next gives.
pub(crate) const END: &str = "DELETE FROM meta WHERE name = 'history'";

static GIVE: Sql =
    Sql::new("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING");
static GIVEN: Sql = Sql::new("SELECT value FROM meta WHERE name = 'history'");
static HEAD: Sql = Sql::new(
    "SELECT COALESCE((SELECT next_seq - 1 FROM owners WHERE owner = ?), 0), \
     (SELECT value FROM meta WHERE name = 'history')",
);

/// Where an owner's events end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the newest, published or not; zero where there is none.
    pub seq: Seq,
    /// The history that it is of: another one where a backup was put back.
    pub history: Uuid,
}

/// The identity in a row that has it there; none if the database has none yet.
pub(crate) fn identity(row: &dyn Cells, at: usize) -> StoreResult<Option<Uuid>> {
    row.text(at)?.map(|text| text.parse().map_err(bad)).transpose()
}

/// Gives the database an identity, unless it has one. Of several that do so at once the first one's counts.
pub(crate) async fn give(store: &Store) -> StoreResult<()> {
    let given = store.asked(&GIVEN, Vec::new(), |row| identity(row, 0)).await?;
    if given.is_empty() {
        let mut tx = store.writing().await?;
        tx.lend().run(&GIVE, vec![NAME.into(), fresh().to_string().into()]).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn fresh() -> Uuid {
    let [high, low] = [jitter(), jitter()].map(u128::from);
    Builder::from_random_bytes((high << 64 | low).to_be_bytes()).into_uuid()
}

impl Store {
    /// Where an owner's events end, and in which history.
    pub async fn head(&self, owner: Owner) -> Result<Head, StoreError> {
        Ok(self.ended(owner).await?)
    }

    pub(crate) async fn ended(&self, owner: Owner) -> StoreResult<Head> {
        let read = |row: &dyn Cells| Ok((Seq(number(row, 0)?), identity(row, 1)?));
        loop {
            let found = self.asked(&HEAD, vec![owner.0.into()], read).await?;
            match found.first() {
                Some(&(seq, Some(history))) => return Ok(Head { seq, history }),
                Some((_, None)) => give(self).await?,
                None => return Err(bad(())),
            }
        }
    }
}
