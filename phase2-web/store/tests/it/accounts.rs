//! Accounts on both databases (SPEC 7).

use std::sync::atomic::{AtomicU64, Ordering};

use todo_core::conformance::given::{Stage, due, ids, title};
use todo_core::query::{Moment, TaskQuery};
use todo_core::{AsyncTaskStore, ErrorCode, NewTask, Owner, Patch, TaskId, Timestamp, Zone, time};
use todo_store::Store;
use todo_store::accounts::{
    AccountError, Digest, Email, NewPassword, NewSession, NewToken, NewUser, PasswordHash, Profile,
    ProfilePatch, Rotation, Scope, TOKENS_MAX,
};
use uuid::Uuid;

use crate::support::{by, postgres, run, sqlite};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().expect("an instant")
}

/// Another identity each time.
fn fresh() -> Uuid {
    static MADE: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0x0197_0000_0000_7000, MADE.fetch_add(1, Ordering::Relaxed) | 1 << 63)
}

fn digest(of: u8) -> Digest {
    [of; 32]
}

async fn user(store: &Store, email: &str) -> Result<Owner, AccountError> {
    let owner = Owner(fresh());
    let email = Email::new(email).expect("an address");
    let password = PasswordHash::new("$argon2id$…".to_owned());
    let user = NewUser { owner, email, password, profile: Profile::default() };
    store.create_user(&user, &by(now())).await.map(|()| owner)
}

fn new_session(id: Uuid, owner: Owner, digest: Digest) -> NewSession {
    NewSession { id, owner, token_version: 1, digest, user_agent: None }
}

async fn session(store: &Store, owner: Owner, token: u8) -> Uuid {
    let (id, digest) = (fresh(), digest(token));
    assert!(
        store.open_session(&new_session(id, owner, digest), &by(now())).await.expect("it opens")
    );
    id
}

/// Of many who want one address at once, one gets it; nothing is left of the others.
async fn one_address_one_account(store: Store) {
    let all = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { user(&store, "ann@example.org").await })
    });
    let mut made = Vec::new();
    for done in all.collect::<Vec<_>>() {
        match done.await.expect("no panic") {
            Ok(owner) => made.push(owner),
            Err(error) => assert_eq!(error.code(), ErrorCode::EmailTaken, "{error:?}"),
        }
    }
    assert_eq!(made.len(), 1);
    let email = Email::new("ANN@EXAMPLE.ORG").expect("an address");
    let known = store.credentials(&email).await.expect("it answers").expect("it is there");
    assert_eq!(known.owner, made[0]);
    let nobody = Email::new("bob@example.org").expect("an address");
    assert!(store.credentials(&nobody).await.expect("it answers").is_none());
}

/// Of many who use one token at once, one turns it, and the others are told what counts.
async fn one_token_one_successor(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let id = session(&store, ann, 1).await;
    let all = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.rotate(&digest(1), &digest(2), &by(now())).await })
    });
    let (mut turned, mut again) = (0, 0);
    for done in all.collect::<Vec<_>>() {
        match done.await.expect("no panic").expect("it answers") {
            Rotation::Turned(opened) => {
                assert_eq!((opened.session, opened.owner), (id, ann));
                turned += 1;
            }
            Rotation::Again(opened, current) => {
                assert_eq!((opened.session, current), (id, digest(2)));
                again += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((turned, again), (1, 19));
}

/// What is used twice ends its session, for the successors too, and no other one.
async fn reuse_ends_the_family(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let (first, other) = (session(&store, ann, 1).await, session(&store, ann, 9).await);
    let late = now().plus_millis(30_001);
    let turned = store.rotate(&digest(1), &digest(2), &by(now())).await.expect("it answers");
    assert!(matches!(turned, Rotation::Turned(_)));
    let reused = store.rotate(&digest(1), &digest(2), &by(late)).await.expect("it answers");
    assert!(matches!(reused, Rotation::Reused(opened) if opened.session == first));
    for token in [1, 2] {
        let refused =
            store.rotate(&digest(token), &digest(3), &by(late)).await.expect("it answers");
        assert_eq!(refused, Rotation::Refused);
    }
    assert!(store.access(ann, first).await.expect("it answers").is_none());
    assert!(store.access(ann, other).await.expect("it answers").is_some());
}

/// The owner is in every `where`: with another's name nothing is read and nothing is ended.
async fn nobody_touches_anothers(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let bob = user(&store, "bob@example.org").await.expect("a user");
    let id = session(&store, ann, 1).await;
    assert!(store.access(bob, id).await.expect("it answers").is_none());
    assert!(!store.end_session(bob, id, &by(now())).await.expect("it answers"));
    store.end_other_sessions(bob, fresh(), &by(now())).await.expect("it answers");
    assert!(store.access(ann, id).await.expect("it answers").is_some());
    assert!(store.end_session(ann, id, &by(now())).await.expect("it answers"));
    assert!(!store.end_session(ann, id, &by(now())).await.expect("it answers"), "it is over");
    assert!(store.access(ann, id).await.expect("it answers").is_none());
    let nobody = Owner(fresh());
    assert!(matches!(store.user(nobody).await, Err(AccountError::Gone)));
    let patch = ProfilePatch::default();
    let changed = store.change_profile(nobody, &patch, None, &by(now())).await;
    assert!(matches!(changed, Err(AccountError::Gone)));
}

fn new_password(owner: Owner, session: Uuid, token_version: u64) -> NewPassword {
    NewPassword { owner, hash: PasswordHash::new("$new".to_owned()), token_version, session }
}

/// Another password ends every other session, and nobody comes in by the old one, however close.
async fn another_password_ends_other_sessions(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let bob = user(&store, "bob@example.org").await.expect("a user");
    let (kept, of_bob) = (session(&store, ann, 0).await, session(&store, bob, 100).await);
    let log_ins = (1..20).map(|token| {
        let store = store.clone();
        tokio::spawn(async move {
            store.open_session(&new_session(fresh(), ann, digest(token)), &by(now())).await
        })
    });
    let log_ins: Vec<_> = log_ins.collect();
    let change = new_password(ann, kept, 1);
    assert_eq!(store.change_password(&change, &by(now())).await.expect("it answers"), Some(2));
    for log_in in log_ins {
        log_in.await.expect("no panic").expect("it answers");
    }
    let left = |owner| {
        let store = &store;
        async move {
            let devices = store.devices(owner, now()).await.expect("it answers");
            devices.into_iter().map(|device| device.session).collect::<Vec<_>>()
        }
    };
    assert_eq!(left(ann).await, [kept]);
    assert_eq!(left(bob).await, [of_bob]);
    let access = store.access(ann, kept).await.expect("it answers").expect("it goes on");
    assert_eq!(access.token_version, 2);
    let known = store.credentials_of(ann).await.expect("it answers").expect("a user");
    assert_eq!((known.password.as_str(), known.token_version), ("$new", 2));
    // What was proven before counts no more.
    assert_eq!(store.change_password(&change, &by(now())).await.expect("it answers"), None);
    let late = new_session(fresh(), ann, digest(50));
    assert!(!store.open_session(&late, &by(now())).await.expect("it answers"));
}

fn new_token(owner: Owner, session: Uuid, of: u8) -> NewToken {
    let (id, name, digest) = (fresh(), "program".to_owned(), digest(of));
    NewToken { id, owner, session, name, digest, scope: Scope::Write, expires_at: None }
}

/// However many are made at once; and those that have expired are not counted.
async fn tokens_are_bounded(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let here = session(&store, ann, 200).await;
    let all = (0..60).map(|of| {
        let store = store.clone();
        let expires_at = (of % 2 == 0).then(|| now().plus_millis(1000));
        let new = NewToken { expires_at, ..new_token(ann, here, of) };
        tokio::spawn(async move { store.add_token(&new, &by(now())).await })
    });
    let mut made = 0;
    for done in all.collect::<Vec<_>>() {
        match done.await.expect("no panic") {
            Ok(()) => made += 1,
            Err(error) => assert_eq!(error.code(), ErrorCode::LimitExceeded, "{error:?}"),
        }
    }
    assert_eq!(made, TOKENS_MAX);
    assert_eq!(store.tokens(ann).await.expect("it answers").len(), 50);
    let refused = store.add_token(&new_token(ann, here, 100), &by(now())).await;
    assert!(matches!(refused, Err(AccountError::TooManyTokens)));
    let later = now().plus_millis(1000);
    store.add_token(&new_token(ann, here, 100), &by(later)).await.expect("there is room");
    let left = store.tokens(ann).await.expect("it answers");
    assert!(left.len() < 50 && left.iter().all(|token| token.expires_at.is_none()), "{left:?}");
    let nobody = store.add_token(&new_token(Owner(fresh()), here, 101), &by(now())).await;
    assert!(matches!(nobody, Err(AccountError::Gone)));
}

/// A session that is over makes no token that would outlive it, whoever still believes in it; nor
/// does one of somebody else (SPEC 11).
async fn a_session_that_is_over_makes_no_token(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let bob = user(&store, "bob@example.org").await.expect("a user");
    let (here, there) = (session(&store, ann, 200).await, session(&store, bob, 201).await);
    store.end_session(ann, here, &by(now())).await.expect("it ends");
    for session in [here, there, fresh()] {
        let refused = store.add_token(&new_token(ann, session, 1), &by(now())).await;
        assert!(matches!(refused, Err(AccountError::Gone)), "{refused:?}");
    }
    assert!(store.tokens(ann).await.expect("it answers").is_empty());
}

/// A token is its owner's alone, and that it is used is noted once a minute.
async fn a_token_is_its_owners(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let bob = user(&store, "bob@example.org").await.expect("a user");
    let new = new_token(ann, session(&store, ann, 200).await, 1);
    store.add_token(&new, &by(now())).await.expect("it is made");
    let holder = store.token_holder(&digest(1)).await.expect("it answers");
    assert_eq!(holder, Some((ann, new.id)));
    assert_eq!(store.token_holder(&digest(2)).await.expect("it answers"), None);
    assert!(store.token_access(bob, new.id).await.expect("it answers").is_none());
    assert!(store.tokens(bob).await.expect("it answers").is_empty());
    assert!(!store.remove_token(bob, new.id, &by(now())).await.expect("it answers"));
    store.note_token(bob, new.id, None, now()).await.expect("nothing is noted");
    let last_used = || async {
        let access =
            store.token_access(ann, new.id).await.expect("it answers").expect("it is there");
        assert_eq!((access.scope, access.expires_at), (Scope::Write, None));
        access.last_used_at.map(|at| at.millis() - now().millis())
    };
    assert_eq!(last_used().await, None);
    // Another server may have noted it meanwhile: what was known before does not decide.
    for (after, noted) in [(0, 0), (59_999, 0), (60_000, 60_000), (60_001, 60_000)] {
        let at = now().plus_millis(after);
        store.note_token(ann, new.id, None, at).await.expect("it is noted");
        assert_eq!(last_used().await, Some(noted), "{after}");
    }
    assert!(store.remove_token(ann, new.id, &by(now())).await.expect("it answers"));
    assert!(!store.remove_token(ann, new.id, &by(now())).await.expect("it answers"));
    assert!(store.token_access(ann, new.id).await.expect("it answers").is_none());
}

/// What was kept is what is read, whatever it is.
async fn a_profile_comes_back_as_it_was(store: Store) {
    let ann = user(&store, "Ann@Example.org").await.expect("a user");
    let made = store.user(ann).await.expect("it is there");
    assert_eq!((made.profile, made.created_at), (Profile::default(), now()));
    assert_eq!(made.email, "Ann@Example.org");
    let patch = ProfilePatch {
        name: Patch::Set("Ännchen 🦊".to_owned()),
        locale: Patch::Set("de-DE".to_owned()),
        zone: Some(Zone::Asia__Karachi),
        week_start: Some(chrono::Weekday::Sun),
        all_day_time: chrono::NaiveTime::from_hms_opt(23, 59, 0),
        default_reminders: Some(Vec::new()),
        email: None,
    };
    let later = now().plus_millis(1);
    let changed =
        store.change_profile(ann, &patch, Some(&[1]), &by(later)).await.expect("it changes");
    assert_eq!(changed.profile.version, 2);
    assert_eq!(store.user(ann).await.expect("it is there"), changed);
    assert_eq!(patch.applied(&changed.profile), changed.profile);
    // S2, S3.
    let same =
        store.change_profile(ann, &patch, Some(&[1]), &by(later)).await.expect("nothing to do");
    assert_eq!(same.profile.version, 2);
    let other = ProfilePatch { name: Patch::Clear, ..ProfilePatch::default() };
    let refused = store.change_profile(ann, &other, Some(&[1, 3]), &by(later)).await;
    assert!(matches!(refused, Err(AccountError::VersionConflict(now)) if now.version == 2));
}

/// Q6: all-day tasks stand at the end of their day in the owner's zone, and move when that moves.
async fn another_zone_is_another_order(store: Store) {
    let ann = user(&store, "ann@example.org").await.expect("a user");
    let stage = Stage::of(&store, ann);
    // 21:00 on that day in New York is 02:00 on the next in UTC.
    for text in ["2026-11-21", "2026-11-21T21:00:00-05:00[America/New_York]"] {
        let due_date = Some(due(text));
        let uid = TaskId(fresh());
        stage.create(NewTask { due_date, ..NewTask::new(uid, title(text)) }).await;
    }
    let order = || async {
        let zone = store.user(ann).await.expect("it is there").profile.zone;
        let week_start = chrono::Weekday::Mon;
        let query = TaskQuery::new(Moment { now: now(), zone, owner_zone: zone, week_start });
        let page = store.find(ann, &query).await.expect("it answers");
        ids(&page.tasks)
    };
    assert_eq!(order().await, [1, 2], "the day ends before, in UTC");
    for (zone, expected) in [("America/Los_Angeles", [2, 1]), ("Asia/Tokyo", [1, 2])] {
        let zone = Some(time::zone(zone).expect("a zone"));
        let patch = ProfilePatch { zone, ..ProfilePatch::default() };
        store.change_profile(ann, &patch, None, &by(now())).await.expect("it changes");
        assert_eq!(order().await, expected, "{zone:?}");
    }
}

macro_rules! on_both {
    ($($law:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $law() {
                super::run(async {
                    let (store, _folder) = super::sqlite().await;
                    super::$law(store).await;
                });
            })+
        }
        mod on_postgres {
            $(#[test]
            #[ignore = "needs PostgreSQL: tests/run"]
            fn $law() {
                super::run(async {
                    let (store, _database) = super::postgres().await;
                    super::$law(store).await;
                });
            })+
        }
    };
}

on_both!(
    one_address_one_account,
    one_token_one_successor,
    reuse_ends_the_family,
    nobody_touches_anothers,
    another_password_ends_other_sessions,
    tokens_are_bounded,
    a_session_that_is_over_makes_no_token,
    a_token_is_its_owners,
    a_profile_comes_back_as_it_was,
    another_zone_is_another_order,
);
