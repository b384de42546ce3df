//! What servers tell each other of accounts: a session that one has ended, another must not go on
//! believing in (SPEC 11).

use todo_core::{Owner, Patch};
use todo_store::Store;
use todo_store::accounts::{
    Email, Listener, NewPassword, NewSession, NewToken, NewUser, PasswordHash, Profile,
};
use todo_store::accounts::{ProfilePatch, Rotation, Scope, Tidings};
use uuid::Uuid;

use crate::support::{Database, by, open, postgres, run, sqlite};

const ANN: Owner = Owner(Uuid::from_u128(0x0197 << 112 | 7 << 76 | 2 << 62 | 1));
const SESSION: Uuid = Uuid::from_u128(0x0197 << 112 | 7 << 76 | 2 << 62 | 2);
const DIGEST: [u8; 32] = [1; 32];

fn at(second: u32) -> todo_core::Timestamp {
    format!("2026-11-21T12:01:{second:02}Z").parse().expect("an instant")
}

fn session(id: Uuid, digest: [u8; 32]) -> NewSession {
    NewSession { id, owner: ANN, token_version: 1, digest, user_agent: None }
}

/// Two servers on one database; the second listens.
async fn two() -> (Store, Listener, Database) {
    let (one, database) = postgres().await;
    let email = Email::new("ann@example.org").expect("an address");
    let password = PasswordHash::new("$argon2id$…".to_owned());
    let user = NewUser { owner: ANN, email, password, profile: Profile::default() };
    one.create_user(&user, &by(at(0))).await.expect("a user");
    assert!(one.open_session(&session(SESSION, DIGEST), &by(at(0))).await.expect("it opens"));
    let other = open(&database.url()).await;
    let Tidings::Heard(listener) = other.tidings().await.expect("it listens") else {
        panic!("a server may be shared");
    };
    (one, listener, database)
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_tells_of_what_ends_and_of_what_changes() {
    run(async {
        let (one, mut listener, _kept) = two().await;
        assert_eq!(listener.heard().await.expect("it answers"), [], "nothing has happened");

        let patch = ProfilePatch { name: Patch::Set("Ann".to_owned()), ..ProfilePatch::default() };
        one.change_profile(ANN, &patch, None, &by(at(1))).await.expect("a change");
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
        one.change_profile(ANN, &patch, None, &by(at(2))).await.expect("no change");
        assert_eq!(listener.heard().await.expect("it answers"), []);

        // To go on with a session ends nothing; to come with a used token does.
        let turned = one.rotate(&DIGEST, &[2; 32], &by(at(3))).await.expect("it answers");
        assert!(matches!(turned, Rotation::Turned(_)));
        assert_eq!(listener.heard().await.expect("it answers"), []);
        let reused = one.rotate(&DIGEST, &[3; 32], &by(at(50))).await.expect("it answers");
        assert!(matches!(reused, Rotation::Reused(_)));
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_tells_of_a_log_out_by_either_token() {
    run(async {
        let (one, mut listener, _kept) = two().await;
        one.end_session(ANN, SESSION, &by(at(1))).await.expect("it ends");
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
        let again = session(Uuid::from_u128(SESSION.as_u128() + 1), [2; 32]);
        assert!(one.open_session(&again, &by(at(2))).await.expect("it opens"));
        assert_eq!(listener.heard().await.expect("it answers"), []);
        one.end_session_of(&[2; 32], &by(at(3))).await.expect("it ends");
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_tells_of_another_password_and_of_sessions_that_are_ended_together() {
    run(async {
        let (one, mut listener, _kept) = two().await;
        let other = session(Uuid::from_u128(SESSION.as_u128() + 1), [2; 32]);
        assert!(one.open_session(&other, &by(at(1))).await.expect("it opens"));
        one.end_other_sessions(ANN, SESSION, &by(at(1))).await.expect("it ends");
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
        one.end_other_sessions(ANN, SESSION, &by(at(1))).await.expect("there is none");
        assert_eq!(listener.heard().await.expect("it answers"), []);
        let hash = PasswordHash::new("$argon2id$…".to_owned());
        let new = NewPassword { owner: ANN, hash, token_version: 1, session: SESSION };
        assert_eq!(one.change_password(&new, &by(at(2))).await.expect("it answers"), Some(2));
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
        assert_eq!(one.change_password(&new, &by(at(3))).await.expect("it answers"), None);
        let ended = one.end_session(ANN, Uuid::nil(), &by(at(4))).await.expect("it answers");
        assert!(!ended && listener.heard().await.expect("it answers").is_empty());
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_tells_of_a_token_that_is_revoked() {
    run(async {
        let (one, mut listener, _kept) = two().await;
        let (id, name, digest) = (Uuid::from_u128(9), "program".to_owned(), [9; 32]);
        let scope = Scope::Read;
        let new =
            NewToken { id, owner: ANN, session: SESSION, name, digest, scope, expires_at: None };
        one.add_token(&new, &by(at(1))).await.expect("it is made");
        one.note_token(ANN, id, None, at(2)).await.expect("it is noted");
        assert_eq!(listener.heard().await.expect("it answers"), [], "nothing has ended");
        assert!(one.remove_token(ANN, id, &by(at(2))).await.expect("it answers"));
        assert_eq!(listener.heard().await.expect("it answers"), [ANN]);
    });
}

#[test]
fn nobody_else_changes_a_file() {
    run(async {
        let (store, _kept) = sqlite().await;
        assert!(matches!(store.tidings().await, Ok(Tidings::Alone)));
    });
}
