//! What happens to an account is a part of its owner's history, in one row of numbers with what happens
//! to their tasks, and tells no secret and no content (SPEC 9).

use serde_json::{Map, Value, json};
use todo_core::conformance::OWNERS;
use todo_core::event::{ActorKind, Seq};
use todo_core::{Owner, Patch, Timestamp};
use todo_store::Store;
use todo_store::accounts::{
    BelongingsPlace, By, Email, NewCalendar, NewEmail, NewPassword, NewSession, NewToken, NewUser,
    PasswordHash, Profile, ProfilePatch, Rotation, Scope,
};
use uuid::Uuid;

use crate::support::{by, on_both};
use crate::writers;

const ANN: Owner = Owner(Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0x4d));
const SESSION: Uuid = Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0x4e);
const OTHER: Uuid = Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0x4f);
const TOKEN: Uuid = Uuid::from_u128(0x0197 << 112 | 0x7 << 76 | 0x2 << 62 | 0x50);

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000 + second * 1_000)
}

fn here() -> By {
    By { session: Some(SESSION), address: Some("192.0.2.7".to_owned()), ..by(at(5)) }
}

fn hash(of: &str) -> PasswordHash {
    PasswordHash::new(format!("$argon2id${of}"))
}

async fn ann(store: &Store) {
    let email = Email::new("ann@example.org").expect("an address");
    let user = NewUser { owner: ANN, email, password: hash("old"), profile: Profile::default() };
    store.create_user(&user, &By::operator(at(0), TOKEN)).await.expect("a user");
}

async fn log_in(store: &Store, id: Uuid, digest: u8, token_version: u64) {
    let user_agent = Some("Firefox".to_owned());
    let session = NewSession { id, owner: ANN, token_version, digest: [digest; 32], user_agent };
    assert!(store.open_session(&session, &here()).await.expect("it opens"));
}

/// Everything that is kept of what happened to somebody.
async fn events(store: &Store, owner: Owner) -> Vec<Map<String, Value>> {
    let (mut all, mut place) = (Vec::new(), Some(BelongingsPlace::FIRST));
    while let Some(at) = place {
        let found = store.belongings(owner, &at).await.expect("answered");
        let rows = found.rows.iter().map(|row| serde_json::from_str(row).expect("an object"));
        all.extend(rows.filter(|_| found.part == "events"));
        place = found.next;
    }
    all
}

/// The types of the events behind the first so many, and what they say.
async fn after(store: &Store, known: usize) -> Vec<(String, Value)> {
    let events = events(store, ANN).await;
    let seqs: Vec<_> = events.iter().map(|event| event["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).map(Some).collect::<Vec<_>>(), "contiguous");
    let told = |event: &Map<String, Value>| {
        let kind = event["event_type"].as_str().expect("a text").to_owned();
        (kind, event["data"].clone())
    };
    events.iter().skip(known).map(told).collect()
}

async fn what_happens_to_an_account_is_told(store: &Store) {
    ann(store).await;
    log_in(store, SESSION, 1, 1).await;
    let name = ProfilePatch { name: Patch::Set("Secret".to_owned()), ..ProfilePatch::default() };
    store.change_profile(ANN, &name, None, &here()).await.expect("it changes");
    let seen = store.standing_of(ANN).await.expect("answered").expect("there").seen;
    let email = Email::new("secret@example.org").expect("an address");
    let wish = ProfilePatch { email: Some(NewEmail { email, seen }), ..ProfilePatch::default() };
    store.change_profile(ANN, &wish, None, &here()).await.expect("it changes");
    let new = NewToken {
        id: TOKEN,
        owner: ANN,
        session: SESSION,
        name: "secret".to_owned(),
        digest: [9; 32],
        scope: Scope::Read,
        expires_at: None,
    };
    store.add_token(&new, &here()).await.expect("it is made");
    assert!(store.remove_token(ANN, TOKEN, &here()).await.expect("answered"));
    let calendar = NewCalendar { owner: ANN, session: SESSION, digest: [8; 32] };
    store.make_calendar(&calendar, &here()).await.expect("it is made");
    assert!(store.remove_calendar(ANN, &here()).await.expect("answered"));
    store.note_export(ANN, &here()).await.expect("it is noted");
    let from = json!({"session": SESSION, "address": "192.0.2.7"});
    let with = |more: Value| {
        let mut data = from.clone();
        data.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        data
    };
    let told = after(store, 0).await;
    assert_eq!(
        told,
        [
            ("user.registered".to_owned(), json!({})),
            ("auth.logged_in".to_owned(), with(json!({"user_agent": "Firefox"}))),
            ("user.updated".to_owned(), with(json!({"fields": ["name"]}))),
            ("user.updated".to_owned(), with(json!({"fields": ["email"]}))),
            ("auth.token_made".to_owned(), with(json!({"token": TOKEN, "scope": "read"}))),
            ("auth.token_revoked".to_owned(), with(json!({"token": TOKEN}))),
            ("auth.calendar_made".to_owned(), from.clone()),
            ("auth.calendar_removed".to_owned(), from.clone()),
            ("auth.exported".to_owned(), from.clone()),
        ]
    );
    let first = &events(store, ANN).await[0];
    assert_eq!((&first["actor_kind"], &first["actor_id"]), (&json!("admin"), &json!(Uuid::nil())));
    assert_eq!((&first["aggregate_type"], &first["aggregate_id"]), (&json!("user"), &json!(ANN)));
    assert_eq!(first["correlation_id"], json!(TOKEN));
    let told = format!("{:?}", events(store, ANN).await).to_lowercase();
    assert!(!told.contains("secret"), "no content: {told}");
}

async fn what_ends_a_session_is_told(store: &Store) {
    ann(store).await;
    log_in(store, SESSION, 1, 1).await;
    log_in(store, OTHER, 2, 1).await;
    // Going on with a session is nothing that happens; to come again with an old token is.
    let turned = store.rotate(&[2; 32], &[3; 32], &by(at(10))).await.expect("answered");
    assert!(matches!(turned, Rotation::Turned(_)));
    for _ in 0..2 {
        store.rotate(&[2; 32], &[4; 32], &by(at(100))).await.expect("answered");
    }
    log_in(store, OTHER, 5, 1).await;
    store.end_session_of(&[5; 32], &by(at(6))).await.expect("answered");
    assert_eq!(store.end_session_of(&[5; 32], &by(at(7))).await.expect("answered"), None);
    log_in(store, OTHER, 6, 1).await;
    for _ in 0..2 {
        store.end_other_sessions(ANN, SESSION, &here()).await.expect("answered");
    }
    assert!(!store.end_session(ANN, OTHER, &here()).await.expect("answered"));
    let new = NewPassword { owner: ANN, hash: hash("new"), token_version: 1, session: SESSION };
    assert_eq!(store.change_password(&new, &here()).await.expect("answered"), Some(2));
    assert_eq!(store.change_password(&new, &here()).await.expect("answered"), None);
    let seen = store.standing_of(ANN).await.expect("answered").expect("there").seen;
    for _ in 0..2 {
        store.reset_password_as_seen(ANN, seen, &hash("b"), &by(at(8))).await.expect("answered");
    }
    store.reset_password(ANN, &hash("c"), &By::operator(at(9), TOKEN)).await.expect("answered");
    let told = after(store, 0).await;
    let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "user.registered",
            "auth.logged_in",
            "auth.logged_in",
            "auth.refresh_reused",
            "auth.logged_in",
            "auth.session_ended",
            "auth.logged_in",
            "auth.other_sessions_ended",
            "auth.password_changed",
            "auth.password_reset",
            "auth.password_reset",
        ]
    );
    assert_eq!((&told[3].1, &told[5].1), (&json!({"ended": OTHER}), &json!({"ended": OTHER})));
}

/// Clients that follow what changes by `seq` see tasks alone, and come past what is between them; and a
/// task that wears the account's id shows and hides nothing of it.
async fn whoever_follows_tasks_sees_nothing_of_accounts(store: &Store) {
    ann(store).await;
    writers::insist(store, ANN, &writers::addition(1)).await;
    for digest in 1..=3 {
        log_in(store, Uuid::from_u128(SESSION.as_u128() + 64 + u128::from(digest)), digest, 1)
            .await;
    }
    writers::insist(store, ANN, &writers::addition(2)).await;
    let (mut since, mut seen, mut rounds) = (Seq(0), Vec::new(), 0);
    loop {
        let changes = store.changes(ANN, since, 2).await.expect("answered");
        assert!(changes.seq >= since, "it never goes back");
        (since, rounds) = (changes.seq, rounds + 1);
        seen.extend(changes.tasks.iter().map(|touched| touched.seq));
        assert!(changes.tasks.iter().all(|touched| touched.task.is_some()));
        if !changes.more {
            break;
        }
    }
    assert_eq!((since, seen, rounds), (Seq(6), vec![Seq(2), Seq(6)], 4));
    let whole = store.changes(ANN, Seq(2), 3).await.expect("answered");
    assert_eq!((whole.seq, whole.tasks.len(), whole.more), (Seq(5), 0, true));
    let history = store.history(ANN, todo_core::TaskId(ANN.0), None, 10).await.expect("answered");
    assert_eq!(history, [], "of a task, not of an account");
    assert_eq!(events(store, ANN).await[0]["actor_kind"], json!(ActorKind::Admin));
    assert_eq!(events(store, OWNERS[0]).await, []);
}

on_both! {
    what_happens_to_an_account_is_told
    what_ends_a_session_is_told
    whoever_follows_tasks_sees_nothing_of_accounts
}
