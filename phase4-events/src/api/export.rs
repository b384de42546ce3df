//! The audit as lines of JSON, written while they are sent.
//!
//! Whoever writes them ends with their time, however slowly they are taken: then nothing is held for a client
//! who takes a byte now and then, but what is on its way to them.

use axum::body::Body;
use futures_util::stream;
use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_store::Store;
use todo_store::effects::{AUDIT_PAGE_MAX, AuditQuery};
use todo_web::Chain;
use todo_web::routes::Lease;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tracing::Instrument;

/// About so many bytes are handed on at a time; one such piece waits while another is sent.
const PIECE: usize = 16 * 1024;

/// What is still to be written.
pub(super) struct Export {
    pub(super) store: Store,
    pub(super) owner: Owner,
    pub(super) query: AuditQuery,
    /// The last that was handed on.
    pub(super) after: Seq,
}

/// What is on its way, and who writes it.
type Sent = (Receiver<String>, JoinHandle<Result<(), StoreError>>);

impl Export {
    /// Has it written for as long as the turn lasts. A body that ends without an error is whole.
    pub(super) fn body(self, turn: Lease) -> Body {
        let (pieces, taken) = mpsc::channel(1);
        let written = tokio::spawn(self.write(turn, pieces).in_current_span());
        Body::from_stream(stream::try_unfold((taken, written), next))
    }

    async fn write(mut self, turn: Lease, pieces: Sender<String>) -> Result<(), StoreError> {
        let ended = tokio::select! {
            ended = self.pages(&pieces) => ended,
            too_long = turn.ends() => Err(too_long),
            // Whoever asked has gone away.
            () = pieces.closed() => Ok(()),
        };
        ended.inspect_err(|error| {
            let (owner, after, error) = (self.owner.0, self.after.0, Chain(error));
            tracing::error!(%owner, after, %error, "an export of an audit broke off");
        })
    }

    async fn pages(&mut self, pieces: &Sender<String>) -> Result<(), StoreError> {
        loop {
            let rows = self.store.audit_after(self.owner, &self.query, self.after, AUDIT_PAGE_MAX);
            let rows = rows.await?;
            let (mut lines, full) = (String::new(), rows.len() as u64 == u64::from(AUDIT_PAGE_MAX));
            for (left, row) in (0..rows.len()).rev().zip(rows) {
                let line = serde_json::to_string(&row);
                lines.push_str(&line.map_err(|error| StoreError::Backend(error.into()))?);
                lines.push('\n');
                if left == 0 || lines.len() >= PIECE {
                    // Nobody takes it any more: that is seen where this was begun.
                    let _gone = pieces.send(std::mem::take(&mut lines)).await;
                    self.after = row.seq;
                }
            }
            if !full {
                return Ok(());
            }
        }
    }
}

/// The next piece, if one comes.
async fn next((mut taken, written): Sent) -> Result<Option<(String, Sent)>, StoreError> {
    if let Some(piece) = taken.recv().await {
        return Ok(Some((piece, (taken, written))));
    }
    written.await.map_err(|error| StoreError::Backend(error.into()))?.map(|()| None)
}
