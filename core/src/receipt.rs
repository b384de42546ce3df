//! Requests that must not be carried out twice: what a store remembers of them.

use std::fmt;
use std::sync::Arc;

use crate::batch::Committed;
use crate::time::Timestamp;

/// How long a receipt is kept: 24 hours in milliseconds. An older one counts as none.
pub const RECEIPT_KEPT_MILLIS: i64 = 86_400_000;

/// The memory of an idempotent request, stored with what it committed: its key is taken once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// A digest of the request; the same key with another one is a mistake of the caller.
    pub fingerprint: [u8; 32],
    /// What to keep as the answer.
    pub answer: Answer,
}

/// Makes the answer of a request out of what is committed for it.
///
/// A store calls it once it knows the numbers, which may be before it holds the lock, and again if it
/// finds that they are others. What it keeps is the answer of the numbers that were written, in the
/// write's own transaction: it is there exactly if what it tells of is.
#[derive(Clone)]
pub struct Answer(Arc<Make<Committed>>);

/// Renders what was done.
pub(crate) type Make<T> = dyn Fn(&T) -> Vec<u8> + Send + Sync;

impl Answer {
    /// An answer made by a function.
    pub fn new(make: impl Fn(&Committed) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// The answer.
    pub fn of(&self, done: &Committed) -> Vec<u8> {
        (self.0)(done)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Answer {}

/// A receipt as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// See [`Receipt::fingerprint`].
    pub fingerprint: [u8; 32],
    /// What was answered.
    pub answer: Vec<u8>,
    /// When it was carried out.
    pub at: Timestamp,
}

impl KeptReceipt {
    /// Whether it still counts.
    pub fn counts(&self, now: Timestamp) -> bool {
        now.millis() - self.at.millis() <= RECEIPT_KEPT_MILLIS
    }
}
