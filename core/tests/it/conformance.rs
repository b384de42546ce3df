//! The reference store passes the suite that it is the reference of.

use todo_core::conformance::ready;
use todo_core::memory::{MemoryStore, Shared};

async fn empty() -> (Shared<MemoryStore>, ()) {
    (Shared::new(MemoryStore::default()), ())
}

todo_core::conformance_tests!(ready, empty);
