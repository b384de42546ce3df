//! What somebody takes away, written while it is sent.
//!
//! Whoever writes it ends with their turn, however slowly it is taken: then nothing is held for a client who takes
//! a byte now and then, but what is on its way to them.

use std::error::Error;

use axum::body::Body;
use futures_util::stream;
use todo_core::StoreError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::turns::Lease;

/// About so many bytes are handed on at a time; one such piece waits while another is sent.
const PIECE: usize = 16 * 1024;

/// Something that is written piece by piece.
pub trait Export: Send + Sized + 'static {
    /// Why it breaks off.
    type Error: Error + From<StoreError> + Send + Sync + 'static;

    /// Writes all of it. It is given up wherever it waits, once its turn is over or whoever asked has gone away.
    fn write(
        &mut self,
        pieces: &mut Pieces,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Tells operators that not all of it was sent, although somebody waited for it.
    fn broke_off(&self, error: &Self::Error);

    /// Has it written for as long as the turn lasts. A body that ends without an error is whole.
    fn body(self, turn: Lease) -> Body {
        let (pieces, taken) = mpsc::channel(1);
        let written = tokio::spawn(write(self, turn.ends(), pieces).in_current_span());
        Body::from_stream(stream::try_unfold(Sent { taken, written, turn }, next))
    }
}

/// Where what is written goes: it is handed on in small pieces, of which each waits for the one before.
#[derive(Debug)]
pub struct Pieces {
    to: Sender<String>,
    /// What was written and not handed on yet.
    text: String,
}

impl Pieces {
    /// Writes a text. Only a long one is cut: others are in one piece.
    pub async fn add(&mut self, mut text: &str) {
        while !text.is_empty() {
            let (part, rest) = text.split_at(text.floor_char_boundary(PIECE));
            self.text.push_str(part);
            text = rest;
            if self.text.len() >= PIECE {
                self.hand_on().await;
            }
        }
    }

    /// Hands on what was written, however little it is.
    pub async fn hand_on(&mut self) {
        if !self.is_empty() {
            // Nobody takes it any more: that is seen where this was begun.
            let _gone = self.to.send(std::mem::take(&mut self.text)).await;
        }
    }

    /// Whether all that was written was handed on.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// What is on its way, and who writes it.
struct Sent<E> {
    taken: Receiver<String>,
    written: JoinHandle<Result<(), E>>,
    /// Given back at once when all was taken, or whoever asked has gone away.
    turn: Lease,
}

async fn write<X: Export>(
    mut export: X,
    end: impl Future<Output = StoreError>,
    to: Sender<String>,
) -> Result<(), X::Error> {
    let mut pieces = Pieces { to: to.clone(), text: String::new() };
    let all = async {
        export.write(&mut pieces).await?;
        pieces.hand_on().await;
        Ok(())
    };
    let ended = tokio::select! {
        ended = all => ended,
        too_long = end => Err(too_long.into()),
        // Whoever asked has gone away.
        () = to.closed() => Ok(()),
    };
    ended.inspect_err(|error| export.broke_off(error))
}

/// The next piece, if one comes.
async fn next<E>(mut sent: Sent<E>) -> Result<Option<(String, Sent<E>)>, E>
where
    E: From<StoreError>,
{
    if let Some(piece) = sent.taken.recv().await {
        return Ok(Some((piece, sent)));
    }
    let Sent { written, turn, .. } = sent;
    let ended = written.await.map_err(|error| StoreError::Backend(error.into()))?;
    drop(turn);
    ended.map(|()| None)
}
