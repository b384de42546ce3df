//! The audit as lines of JSON, written while they are sent.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_store::Store;
use todo_store::accounts::AccountError;
use todo_store::effects::{AUDIT_PAGE_MAX, AuditQuery};
use todo_web::Chain;
use todo_web::routes::{Export, Pieces};

/// What is still to be written.
pub(super) struct Lines {
    pub(super) store: Store,
    pub(super) owner: Owner,
    pub(super) query: AuditQuery,
    /// The last that was handed on.
    pub(super) after: Seq,
}

impl Export for Lines {
    type Error = AccountError;

    async fn write(&mut self, pieces: &mut Pieces) -> Result<(), AccountError> {
        loop {
            let rows = self.store.audit_after(self.owner, &self.query, self.after, AUDIT_PAGE_MAX);
            let rows = rows.await?;
            let full = rows.len() as u64 == u64::from(AUDIT_PAGE_MAX);
            for (left, row) in (0..rows.len()).rev().zip(rows) {
                let line = serde_json::to_string(&row);
                let line = line.map_err(|error| StoreError::Backend(error.into()))?;
                pieces.add(&(line + "\n")).await;
                if left == 0 {
                    pieces.hand_on().await;
                }
                if pieces.is_empty() {
                    self.after = row.seq;
                }
            }
            if !full {
                // If it was deleted meanwhile, what came is not all that there was.
                self.store.user(self.owner).await?;
                return Ok(());
            }
        }
    }

    fn broke_off(&self, error: &AccountError) {
        let (owner, after, error) = (self.owner.0, self.after.0, Chain(error));
        tracing::error!(%owner, after, %error, "an export of an audit broke off");
    }
}
