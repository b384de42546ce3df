//! Fresh identities. Their time is the injected clock's, so that they follow the order of creation.

use todo_core::Timestamp;
use uuid::{NoContext, Uuid};

/// A fresh UUID v7 of an instant.
pub(crate) fn fresh(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    let nanos = u32::try_from(millis % 1000 * 1_000_000).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, millis / 1000, nanos))
}
