//! The consumers that write what people see: the audit, notifications, and how much was done on each day.

mod audit;
mod notifications;
mod stats;

use std::sync::Arc;

use todo_store::Store;

use crate::consumer::AnyConsumer;
pub use audit::Audit;
pub use notifications::Notifications;
pub use stats::Stats;

/// All of them.
pub fn consumers(store: &Store) -> Vec<Arc<dyn AnyConsumer>> {
    vec![
        Arc::new(Audit),
        Arc::new(Notifications::new(store.clone())),
        Arc::new(Stats::new(store.clone())),
    ]
}
