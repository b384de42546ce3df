//! One limit on the rate of requests, for many clients at once.
//!
//! The counts are in memory, of a bounded number of clients: who has asked for nothing the longest is
//! forgotten first, and to be forgotten does a client no harm. Several servers each keep their own.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use moka::sync::Cache;
use tokio::time::Instant;

/// How many clients are remembered.
const REMEMBERED: u64 = 100_000;

/// How long. After a minute of silence, everything a client may ask for is there again.
const MINUTE: Duration = Duration::from_mins(1);

/// So many requests a minute and client: all at once, or one after the other.
pub(super) struct Limit<K: Copy + Hash + Eq + Send + Sync + 'static> {
    name: &'static str,
    quota: NonZeroU32,
    policy: HeaderValue,
    limiter: RateLimiter<K, Clients<K>, Ticks, StateInformationMiddleware>,
}

impl<K: Copy + Hash + Eq + Send + Sync + 'static> Limit<K> {
    pub(super) fn per_minute(name: &'static str, quota: NonZeroU32) -> Self {
        let clients = Cache::builder().max_capacity(REMEMBERED).time_to_idle(MINUTE).build();
        let ticks = Ticks(Instant::now());
        let limiter = RateLimiter::new(Quota::per_minute(quota), Clients(clients), ticks);
        let policy = text(&format!("\"{name}\";q={quota};w=60"));
        Self { name, quota, policy, limiter }
    }

    /// Counts one request: what the client is told it has left, or how many seconds it must wait.
    pub(super) fn take(&self, key: &K) -> Result<HeaderValue, u64> {
        match self.limiter.check_key(key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let used = self.quota.get().saturating_sub(left);
                // How long until all of it is there again.
                let full = (u64::from(used) * MINUTE.as_secs()).div_ceil(self.quota.get().into());
                Ok(self.left(left, full))
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.limiter.clock().now());
                Err(u64::try_from(wait.as_nanos().div_ceil(1_000_000_000)).unwrap_or(1).max(1))
            }
        }
    }

    /// What a client is told that has nothing left for some seconds.
    pub(super) fn none_left(&self, wait: u64) -> HeaderValue {
        self.left(0, wait)
    }

    /// What the limit is, as `RateLimit-Policy` says it.
    pub(super) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }

    fn left(&self, left: u32, seconds: u64) -> HeaderValue {
        text(&format!("\"{}\";r={left};t={seconds}", self.name))
    }
}

impl<K: Copy + Hash + Eq + Send + Sync + 'static> fmt::Debug for Limit<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Names and numbers make a header, always.
fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("letters, digits and punctuation are a header's")
}

/// The counts of many clients.
struct Clients<K: Copy + Hash + Eq + Send + Sync + 'static>(Cache<K, Arc<InMemoryState>>);

impl<K: Copy + Hash + Eq + Send + Sync + 'static> StateStore for Clients<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let state = self.0.get_with(*key, Arc::default);
        state.measure_and_replace(&NotKeyed::NonKey, f)
    }
}

/// The time since the start. The clock on the wall can be put back; this one cannot.
#[derive(Debug, Clone, Copy)]
struct Ticks(Instant);

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: NonZeroU32 = NonZeroU32::new(2).expect("two is not zero");

    #[tokio::test(start_paused = true)]
    async fn a_client_gets_its_quota_at_once_and_then_a_share_as_time_passes() {
        let limit = Limit::per_minute("default", TWO);
        assert_eq!(limit.policy(), "\"default\";q=2;w=60");
        assert_eq!(limit.take(&'a').unwrap(), "\"default\";r=1;t=30");
        assert_eq!(limit.take(&'a').unwrap(), "\"default\";r=0;t=60");
        assert_eq!(limit.take(&'a'), Err(30));
        assert_eq!(limit.none_left(30), "\"default\";r=0;t=30");
        tokio::time::advance(Duration::from_secs(29)).await;
        assert_eq!(limit.take(&'a'), Err(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(limit.take(&'a').is_ok());
        assert_eq!(limit.take(&'a'), Err(30));
    }

    #[tokio::test(start_paused = true)]
    async fn clients_do_not_use_up_what_is_another_s() {
        let limit = Limit::per_minute("default", TWO);
        while limit.take(&'a').is_ok() {}
        assert_eq!(limit.take(&'b').unwrap(), "\"default\";r=1;t=30");
    }
}
