//! How many users have asked for something lately: a number, and never who.

use std::fmt;
use std::time::Duration;

use moka::sync::Cache;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use todo_core::Owner;

/// How long ago that may be.
const LATELY: Duration = Duration::from_mins(15);
/// How many are told apart at most.
const USERS_MAX: u64 = 1_000_000;

/// Whoever has asked for something lately, on this server.
#[derive(Debug, Clone)]
pub(crate) struct Lately(Cache<Owner, ()>);

impl Default for Lately {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(USERS_MAX).time_to_idle(LATELY).build())
    }
}

impl Lately {
    /// They have asked just now.
    pub(crate) fn asked(&self, owner: Owner) {
        // To look is to ask again: most need not be written.
        if self.0.get(&owner).is_none() {
            self.0.insert(owner, ());
        }
    }
}

impl Collector for Lately {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.run_pending_tasks();
        let help = "Users who have asked for something in the last quarter of an hour";
        let gauge = encoder.encode_descriptor("active_users", help, None, MetricType::Gauge)?;
        ConstGauge::new(self.0.entry_count()).encode(gauge)
    }
}
