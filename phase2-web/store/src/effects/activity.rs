//! How much somebody did, day by day.

use std::collections::BTreeMap;

use serde::Serialize;
use todo_core::{Owner, StoreError, Zone};

use crate::Store;
use crate::bind::{Row, Value};
use crate::cells::Cells;
use crate::sql::Sql;
use crate::tasks::load::{bad, number};

/// What is counted, in the order of the table's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A task was made.
    Created,
    /// One was completed.
    Completed,
    /// One was taken up again.
    Reopened,
    /// One was given up.
    Cancelled,
    /// One went to the trash.
    Deleted,
}

/// A day on which somebody did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activity {
    /// `2026-11-21`, where they were.
    pub day: String,
    /// Tasks that were made.
    pub created: u64,
    /// Tasks that were completed.
    pub completed: u64,
    /// Tasks that were taken up again.
    pub reopened: u64,
    /// Tasks that were given up.
    pub cancelled: u64,
    /// Tasks that went to the trash.
    pub deleted: u64,
}

static DAYS: Sql = Sql::new(
    "SELECT day, created, completed, reopened, cancelled, deleted FROM activity \
     WHERE owner = ? AND day >= ? AND day < ? ORDER BY day",
);
static ZONE: Sql = Sql::new("SELECT timezone FROM owners WHERE owner = ?");

/// What owners did on days: how often each [`Deed`], in the order of their columns.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<(Owner, String), [i64; 5]>);

impl Counts {
    pub(crate) fn add(&mut self, owner: Owner, day: String, deed: Deed) {
        self.0.entry((owner, day)).or_default()[deed as usize] += 1;
    }

    /// Rows of the table, their owners first.
    pub(crate) fn rows(self) -> Vec<Row> {
        let row = |((owner, day), counts): ((Owner, String), [i64; 5])| {
            let who = [Value::from(owner.0), day.into()];
            who.into_iter().chain(counts.map(Value::from)).collect()
        };
        self.0.into_iter().map(row).collect()
    }
}

impl Store {
    /// The days from one on and before another (`2026-11-21`) on which somebody did something.
    pub async fn activity(
        &self,
        owner: Owner,
        from: &str,
        to: &str,
    ) -> Result<Vec<Activity>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Activity {
                day: row.text(0)?.unwrap_or_default().to_owned(),
                created: number(row, 1)?,
                completed: number(row, 2)?,
                reopened: number(row, 3)?,
                cancelled: number(row, 4)?,
                deleted: number(row, 5)?,
            })
        };
        Ok(self.asked(&DAYS, vec![owner.0.into(), from.into(), to.into()], read).await?)
    }

    /// Where somebody is; nothing if they are gone.
    pub async fn zone_of(&self, owner: Owner) -> Result<Option<Zone>, StoreError> {
        let read =
            |row: &dyn Cells| todo_core::time::zone(row.text(0)?.unwrap_or_default()).map_err(bad);
        Ok(self.asked(&ZONE, vec![owner.0.into()], read).await?.pop())
    }
}
