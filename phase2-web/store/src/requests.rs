//! How much one request has changed.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError};

use crate::Store;
use crate::cells::Cells;
use crate::sql::Sql;
use crate::tasks::load::bad;

/// What one request has changed is written at once, so it has numbers that follow one another, and one time. The
/// correlation alone does not tell it: it is the client's, who may give the same to all requests.
static LONG: Sql = Sql::new(
    "SELECT s.owner FROM {seqs} s CROSS JOIN events e CROSS JOIN events f \
     WHERE e.owner = s.owner AND e.seq = s.seq AND f.owner = s.owner AND f.seq = s.seq + ? \
     AND f.correlation_id = e.correlation_id AND f.at = e.at AND f.event_type <> ?",
);

impl Store {
    /// Of these events of different owners, those which at least so many of the same request follow: whether
    /// these were told yet or not. Answers their owners. A look of the scheduler counts as one request, though
    /// what it makes and what it reminds of are two transactions: so where the last of so many is of the type
    /// `but`, which stands for reminders that were sent, there are not as many. Before it some may be of that
    /// type, among those that were missed.
    pub async fn long_requests(
        &self,
        events: Vec<(Owner, Seq)>,
        follow: u32,
        but: &str,
    ) -> Result<Vec<Owner>, StoreError> {
        let number = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
        let events: Vec<_> =
            events.into_iter().map(|(owner, seq)| (owner.0, number(seq))).collect();
        let owner = |row: &dyn Cells| Ok(Owner(row.uuid(0)?.ok_or_else(|| bad(()))?));
        Ok(self.asked(&LONG, vec![events.into(), follow.into(), but.into()], owner).await?)
    }
}
