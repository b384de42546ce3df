//! What is known of sessions, for a minute: a request with an access token costs no query while its
//! session is known. So with personal access tokens. What another server ended is over here within five seconds: while
//! others cannot be heard, nothing is believed for longer.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::Store;
use todo_store::accounts::{Access, Digest, Profile, Scope, TokenAccess};
use tracing::Instrument;
use uuid::Uuid;

use super::abreast::{Abreast, HEARD_MILLIS};
use crate::chain::Chain;
use crate::layers::detached;

/// How long something is believed while others are heard. What was known before its owner was heard
/// of counts no more, so this is not about being right: it keeps small what is remembered.
const KNOWN_MILLIS: i64 = 60_000;
/// How long it is believed else.
const BELIEVED_MILLIS: i64 = HEARD_MILLIS;
/// How many sessions and tokens are known at most.
const KNOWN_MAX: u64 = 100_000;

/// How many groups owners fall into. What is forgotten of one is forgotten of its group, which costs
/// the others a query.
const GROUPS: usize = 4096;

/// Sessions that were asked for a moment ago. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SessionCache {
    known: Cache<(Owner, Uuid), Known>,
    /// Whose personal access token has a digest, and which it is. That never changes; whether it
    /// still counts is asked of `known`.
    holders: Cache<Digest, (Owner, Uuid)>,
    groups: Arc<Groups>,
    abreast: Arc<Abreast>,
}

/// How often each group of owners was forgotten. An answer counts only if nothing was forgotten since
/// it was asked for: neither one that is kept, nor one that is still on its way.
#[derive(Debug)]
struct Groups {
    hasher: RandomState,
    forgotten: Box<[AtomicU64]>,
}

impl Groups {
    fn of(&self, owner: Owner) -> &AtomicU64 {
        let hash = self.hasher.hash_one(owner.0).to_le_bytes();
        &self.forgotten[usize::from(u16::from_le_bytes([hash[0], hash[1]])) % GROUPS]
    }
}

#[derive(Debug, Clone)]
struct Known {
    asked_at: Timestamp,
    /// How often the owner's group was forgotten before.
    forgotten: u64,
    /// Nothing if it has ended.
    live: Option<Live>,
}

/// A session that has not ended, or a personal access token that was not revoked.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    /// Never, unless it says so.
    expires_at: Option<Timestamp>,
    pub(crate) grant: Grant,
    pub(crate) profile: Arc<Profile>,
}

/// What something that lives lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Access tokens of this version.
    Session { token_version: u64 },
    /// The token itself, to do so much.
    Token(Scope),
}

impl Default for SessionCache {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(KNOWN_MAX);
        // The clock of `App` decides what is believed; this only gives the room back.
        let seconds = Duration::from_millis(KNOWN_MILLIS.unsigned_abs());
        let forgotten = (0..GROUPS).map(|_| AtomicU64::new(0)).collect();
        let groups = Groups { hasher: RandomState::new(), forgotten };
        let known = cache.time_to_live(seconds).build();
        let holders = Cache::builder().max_capacity(KNOWN_MAX).build();
        Self { known, holders, groups: Arc::new(groups), abreast: Arc::default() }
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
        self.asked((owner, session), now, || Live::session(store, owner, session)).await
    }

    /// A personal access token, unless it was revoked. That it is used is noted whenever it is
    /// looked up: that is often enough.
    pub(crate) async fn live_token(
        &self,
        store: &Store,
        owner: Owner,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Option<Live>, Arc<StoreError>> {
        self.asked((owner, id), now, || Live::token(store, owner, id, now)).await
    }

    /// Whose a personal access token is, and which, where that was asked for before.
    pub(crate) async fn known_holder(&self, digest: &Digest) -> Option<(Owner, Uuid)> {
        self.holders.get(digest).await
    }

    /// Whose a personal access token is, and which.
    pub(crate) async fn holder(
        &self,
        store: &Store,
        digest: &Digest,
    ) -> Result<Option<(Owner, Uuid)>, StoreError> {
        let holder = store.token_holder(digest).await?;
        // What nobody has is not remembered: there is no end of it.
        if let Some(holder) = holder {
            self.holders.insert(*digest, holder).await;
        }
        Ok(holder)
    }

    async fn asked<A>(
        &self,
        key: (Owner, Uuid),
        now: Timestamp,
        ask: impl Fn() -> A,
    ) -> Result<Option<Live>, Arc<StoreError>>
    where
        A: Future<Output = Result<Option<Live>, StoreError>>,
    {
        let forgotten = self.groups.of(key.0);
        let least = forgotten.load(Ordering::Acquire);
        if let Some(known) = self.known.get(&key).await {
            if self.is_fresh(known.asked_at, now) && known.forgotten >= least {
                return Ok(known.live(now));
            }
            self.known.invalidate(&key).await;
        }
        loop {
            // Of many requests at once one asks, and the others wait for its answer.
            let asked = self.known.try_get_with(key, async {
                let forgotten = forgotten.load(Ordering::Acquire);
                Ok(Known { asked_at: now, forgotten, live: ask().await? })
            });
            let known = asked.await?;
            if known.forgotten >= least {
                return Ok(known.live(now));
            }
            // The one who asked did so before something was forgotten.
            self.known.invalidate(&key).await;
        }
    }

    fn is_fresh(&self, asked_at: Timestamp, now: Timestamp) -> bool {
        let age = now.millis() - asked_at.millis();
        (0..BELIEVED_MILLIS).contains(&age)
            || (0..KNOWN_MILLIS).contains(&age) && self.abreast.holds(asked_at, now)
    }

    pub(super) fn abreast(&self) -> &Abreast {
        &self.abreast
    }

    /// Asks again for each session of a user: one has ended, or the profile has changed.
    pub(crate) fn forget(&self, owner: Owner) {
        self.groups.of(owner).fetch_add(1, Ordering::AcqRel);
    }
}

impl Known {
    fn live(self, now: Timestamp) -> Option<Live> {
        self.live.filter(|live| live.expires_at.is_none_or(|end| now < end))
    }
}

impl Live {
    async fn session(store: &Store, owner: Owner, id: Uuid) -> Result<Option<Self>, StoreError> {
        Ok(store.access(owner, id).await?.map(Self::from))
    }

    async fn token(
        store: &Store,
        owner: Owner,
        id: Uuid,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(access) = store.token_access(owner, id).await? else { return Ok(None) };
        let (store, last) = (store.clone(), access.last_used_at);
        // Beside the request, which need not wait for a write. It is no reason to refuse who has a good
        // token, and none to go on for when the server stops.
        let note = async move {
            if let Err(error) = store.note_token(owner, id, last, now).await {
                tracing::warn!(error = %Chain(&error), "the use of a token was not noted");
            }
        };
        tokio::spawn(note.instrument(detached("note a token")));
        Ok(Some(Self::from(access)))
    }
}

impl From<Access> for Live {
    fn from(access: Access) -> Self {
        let Access { expires_at, token_version, profile } = access;
        let grant = Grant::Session { token_version };
        Self { expires_at: Some(expires_at), grant, profile: Arc::new(profile) }
    }
}

impl From<TokenAccess> for Live {
    fn from(access: TokenAccess) -> Self {
        let TokenAccess { scope, expires_at, profile, .. } = access;
        Self { expires_at, grant: Grant::Token(scope), profile: Arc::new(profile) }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Mutex;

    use tokio::sync::oneshot;

    use super::*;

    const ANN: Owner = Owner(Uuid::from_u128(1));
    const SESSION: (Owner, Uuid) = (ANN, Uuid::from_u128(2));

    fn now() -> Timestamp {
        Timestamp::from_millis(1_000)
    }

    fn access() -> Live {
        let expires_at = Timestamp::from_millis(2_000);
        Access { expires_at, token_version: 1, profile: Profile::default() }.into()
    }

    /// A look-up that began before a log-out must not tell those who come after it that the session
    /// lives (SPEC 11).
    #[tokio::test]
    async fn an_answer_on_its_way_does_not_outlive_what_was_forgotten() {
        let cache = SessionCache::default();
        let (answer, answered) = oneshot::channel::<()>();
        let (began, begun) = oneshot::channel::<()>();
        let channels = Mutex::new(Some((began, answered)));
        let slow = || async {
            let (began, answered) = channels.lock().unwrap().take().unwrap();
            began.send(()).unwrap();
            answered.await.unwrap();
            Ok(Some(access()))
        };
        let log_out = async {
            begun.await.unwrap();
            cache.forget(ANN);
            let later = cache.asked(SESSION, now(), || ready(Ok(None)));
            let (later, ()) = tokio::join!(later, async { answer.send(()).unwrap() });
            assert!(later.unwrap().is_none());
        };
        let (first, ()) = tokio::join!(cache.asked(SESSION, now(), slow), log_out);
        assert!(first.unwrap().is_some());
        let known = cache.asked(SESSION, now(), || async { panic!("it is known") }).await;
        assert!(known.unwrap().is_none());
    }

    #[tokio::test]
    async fn every_session_of_a_user_is_forgotten_at_once() {
        let cache = SessionCache::default();
        let sessions = [2, 3].map(|session| (ANN, Uuid::from_u128(session)));
        for session in sessions {
            assert!(
                cache.asked(session, now(), || ready(Ok(Some(access())))).await.unwrap().is_some()
            );
        }
        cache.forget(ANN);
        for session in sessions {
            assert!(cache.asked(session, now(), || ready(Ok(None))).await.unwrap().is_none());
        }
    }

    /// What others may have changed unheard is believed for a moment; what they would have been
    /// heard to change, for a minute; and nothing that was asked for before they were listened to.
    #[tokio::test]
    async fn what_is_known_is_believed_while_others_are_heard() {
        let cache = SessionCache::default();
        let instant = |second: i64| Timestamp::from_millis(second * 1_000);
        let access = || Live { expires_at: Some(instant(1_000)), ..access() };
        let known = async |at: i64, ask| {
            let asked = std::cell::Cell::new(false);
            let answer = || {
                asked.set(true);
                ready(Ok(Some(access())))
            };
            cache.asked(SESSION, instant(at), answer).await.unwrap();
            assert_eq!(asked.get(), ask, "at second {at}");
        };
        known(100, true).await;
        known(104, false).await;
        known(105, true).await;
        cache.abreast().begin(106_000);
        cache.abreast().heard(instant(110));
        // Asked for before.
        known(111, true).await;
        cache.abreast().heard(instant(150));
        known(152, false).await;
        // Nobody was heard for too long.
        known(155, true).await;
        cache.abreast().heard(instant(230));
        // After a minute at the latest.
        known(215, true).await;
        cache.forget(ANN);
        known(216, true).await;
    }
}
