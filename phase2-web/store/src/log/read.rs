//! Reading the log, and the history of one owner.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError};

use super::entry::{WIDTH, columns, entry};
use super::{Entry, Position};
use crate::Store;
use crate::cells::Cells;
use crate::sql::Sql;
use crate::tasks::load::number;

/// Of what is nobody's there is nobody to tell.
static LOG: Sql = Sql::new(concat!(
    "SELECT ",
    columns!("x"),
    ", x.position, x.trace, x.created_at <> e.at, x.address FROM outbox x \
     JOIN events e USING (owner, seq) \
     WHERE x.position > ? AND {whose} ORDER BY x.position LIMIT ?"
));
static HISTORY: Sql = Sql::new(concat!(
    "SELECT ",
    columns!("e"),
    " FROM events e WHERE e.owner = ? AND e.seq > ? ORDER BY e.seq LIMIT ?"
));

impl Store {
    /// What stands in the log after a place, in its order. What was told longer ago than it is kept, or of
    /// an account that is gone, is not there any more: a place may be passed over, and none comes late.
    pub async fn read_log(&self, after: Position, max: u32) -> Result<Vec<Entry>, StoreError> {
        let read = |row: &dyn Cells| {
            let position = Some(Position(number(row, WIDTH)?));
            // Without these nothing else is wrong with the event.
            let trace = row.text(WIDTH + 1).ok().flatten().map(str::to_owned);
            let again = row.truth(WIDTH + 2)?.unwrap_or_default();
            let address = row.text(WIDTH + 3).ok().flatten().map(str::to_owned);
            Ok(Entry { position, trace, address, again, ..entry(row)? })
        };
        Ok(self.asked(&LOG, vec![after.0.into(), max.into()], read).await?)
    }

    /// What happened to one owner after an event, in its order, whether it was told yet or not.
    pub async fn read_history(
        &self,
        owner: Owner,
        after: Seq,
        max: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let values = vec![owner.0.into(), after.0.into(), max.into()];
        Ok(self.asked(&HISTORY, values, |row| entry(row)).await?)
    }
}
