//! What is known of sessions, for five seconds: a request with an access token costs no query while
//! its session is known, and a session that another server ended is over here within that time.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::Store;
use todo_store::accounts::{Access, Profile};
use uuid::Uuid;

/// How long something is believed.
const BELIEVED_MILLIS: i64 = 5_000;
/// How many sessions are known at most.
const KNOWN_MAX: u64 = 100_000;

/// Sessions that were asked for a moment ago. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SessionCache(Cache<(Owner, Uuid), Known>);

#[derive(Debug, Clone)]
struct Known {
    asked_at: Timestamp,
    /// Nothing if it has ended.
    session: Option<Live>,
}

/// A session that has not ended.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    expires_at: Timestamp,
    pub(crate) token_version: u64,
    pub(crate) profile: Arc<Profile>,
}

impl Default for SessionCache {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(KNOWN_MAX);
        // The clock of `App` decides what is believed; this only gives the room back.
        let seconds = Duration::from_millis(BELIEVED_MILLIS.unsigned_abs());
        Self(cache.time_to_live(seconds).build())
    }
}

impl SessionCache {
    /// A session, unless it has ended.
    pub(crate) async fn live(
        &self,
        store: &Store,
        owner: Owner,
        session: Uuid,
        now: Timestamp,
    ) -> Result<Option<Live>, Arc<StoreError>> {
        let key = (owner, session);
        if let Some(known) = self.0.get(&key).await {
            if known.is_fresh(now) {
                return Ok(known.live(now));
            }
            self.0.invalidate(&key).await;
        }
        // Of many requests at once one asks, and the others wait for its answer.
        let asked = self.0.try_get_with(key, async {
            let access = store.access(owner, session).await?;
            Ok(Known { asked_at: now, session: access.map(Live::from) })
        });
        Ok(asked.await?.live(now))
    }

    /// Asks again when this session comes next: it has ended, or its user's profile has changed.
    pub(crate) async fn forget(&self, owner: Owner, session: Uuid) {
        self.0.invalidate(&(owner, session)).await;
    }
}

impl Known {
    fn is_fresh(&self, now: Timestamp) -> bool {
        (0..BELIEVED_MILLIS).contains(&(now.millis() - self.asked_at.millis()))
    }

    fn live(self, now: Timestamp) -> Option<Live> {
        self.session.filter(|session| now < session.expires_at)
    }
}

impl From<Access> for Live {
    fn from(access: Access) -> Self {
        let Access { expires_at, token_version, profile } = access;
        Self { expires_at, token_version, profile: Arc::new(profile) }
    }
}
