//! What follows a link that was mailed: done once, and only while the account stands as the link has
//! seen it (SPEC 7 "Accounts").

use futures_util::future::join_all;
use todo_core::{ErrorCode, Owner, Timestamp};
use todo_store::Store;
use todo_store::accounts::{
    AccountError, Email, Invitation, NewEmail, NewUser, PasswordHash, Profile, ProfilePatch, Ticket,
};
use uuid::Uuid;

use crate::support::{by, on_both};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000 + minute * 60_000)
}

fn hash(of: &str) -> PasswordHash {
    PasswordHash::new(format!("$argon2id${of}"))
}

fn new_user(name: u128) -> NewUser {
    let owner = Owner(Uuid::from_u128(0x0197 << 112 | 7 << 76 | 2 << 62 | name));
    let email = email(name);
    NewUser { owner, email, password: hash("old"), profile: Profile::default() }
}

fn email(name: u128) -> Email {
    Email::new(&format!("User{name}@example.org")).expect("an address")
}

async fn made(store: &Store, name: u128) -> Owner {
    let user = new_user(name);
    store.create_user(&user, &by(at(0))).await.expect("a user");
    user.owner
}

async fn of_many_resets_one_is_done(store: &Store) {
    let owner = made(store, 101).await;
    let typed = Email::new("USER101@example.org").expect("an address");
    let known = store.standing(&typed).await.expect("it answers").expect("it is there");
    assert_eq!((known.owner, known.email.as_str()), (owner, "User101@example.org"));
    let hashes: Vec<_> = (0..8).map(|n| hash(&n.to_string())).collect();
    let by = by(at(1));
    let all = hashes.iter().map(|new| store.reset_password_as_seen(owner, known.seen, new, &by));
    let done: Vec<_> =
        join_all(all).await.into_iter().map(|one| one.expect("it answers")).collect();
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    let now = store.standing_of(owner).await.expect("it answers").expect("it is there");
    let first = done.iter().position(|done| *done).expect("one");
    let credentials = store.credentials_of(owner).await.expect("it answers").expect("there");
    assert!(credentials.password == hashes[first]);
    assert_eq!(now.seen.token_version, known.seen.token_version + 1);
}

async fn an_address_is_written_with_the_profile_or_not_at_all(store: &Store) {
    let (ann, bob) = (made(store, 102).await, made(store, 103).await);
    let seen = store.standing_of(ann).await.expect("it answers").expect("there").seen;
    let wish = |name: u128, seen| ProfilePatch {
        name: todo_core::Patch::Set("Ann".to_owned()),
        email: Some(NewEmail { email: email(name), seen }),
        ..ProfilePatch::default()
    };
    let taken = store.change_profile(ann, &wish(103, seen), None, &by(at(1))).await;
    assert_eq!(taken.expect_err("it is bob's").code(), ErrorCode::EmailTaken);
    assert_eq!(store.user(ann).await.expect("there").profile.name, None);
    let moved = store.change_profile(ann, &wish(104, seen), None, &by(at(2))).await.expect("moved");
    assert_eq!((moved.email.as_str(), moved.profile.version), ("User104@example.org", 2));
    // What was seen is past.
    let late = store.change_profile(ann, &wish(105, seen), None, &by(at(3))).await;
    assert!(matches!(late, Err(AccountError::Superseded)), "{late:?}");
    assert!(
        !store.reset_password_as_seen(ann, seen, &hash("new"), &by(at(4))).await.expect("answers")
    );
    assert_eq!(store.user(bob).await.expect("there").email, "User103@example.org");
}

async fn an_invitation_is_used_by_what_it_brings_about(store: &Store) {
    made(store, 106).await;
    let invitation = Invitation { id: Uuid::from_u128(7), expires_at: at(10) };
    let come = async |name: u128| {
        let mut user = new_user(name);
        // Whoever comes twice is not the same.
        user.owner = Owner(Uuid::from_u128(user.owner.0.as_u128() + (1 << 40)));
        let done = store.create_invited_user(&user, invitation, &by(at(1))).await;
        done.map_err(|error| error.code())
    };
    assert_eq!(come(106).await, Err(ErrorCode::EmailTaken));
    let done = join_all((200..206).map(come)).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    assert!(done.iter().all(|done| matches!(done, Ok(()) | Err(ErrorCode::Forbidden))), "{done:?}");
    assert_eq!(come(206).await, Err(ErrorCode::Forbidden));
}

/// A server whose clock is ahead must not make another take one again.
async fn a_used_invitation_is_known_for_a_day_longer_than_it_counts(store: &Store) {
    let come = async |name: u128, id: u128, minute: i64| {
        let invitation = Invitation { id: Uuid::from_u128(id), expires_at: at(10) };
        let done = store.create_invited_user(&new_user(name), invitation, &by(at(minute))).await;
        done.map_err(|error| error.code())
    };
    let day = 24 * 60;
    assert_eq!(come(301, 8, 1).await, Ok(()));
    assert_eq!(come(302, 9, 10 + day - 1).await, Ok(()), "its clock is ahead");
    assert_eq!(come(303, 8, 9).await, Err(ErrorCode::Forbidden));
    // It does not grow for ever.
    assert_eq!(come(304, 10, 10 + day).await, Ok(()));
    assert_eq!(come(305, 8, 9).await, Ok(()));
}

/// SPEC 9: a ticket lets in once, of many who show it at once, and is known for as long as a server
/// whose clock is behind may take it.
async fn a_ticket_is_used_once(store: &Store) {
    let ticket = |id: u128| Ticket { id: Uuid::from_u128(id), expires_at: at(1) };
    let show = async |id: u128, minute: i64| {
        store.spend_ticket(ticket(id), at(minute)).await.expect("answers")
    };
    let shown = join_all((0..6).map(|_| show(1, 0))).await;
    assert_eq!(shown.iter().filter(|counts| **counts).count(), 1, "{shown:?}");
    assert!(show(2, 10).await, "its clock is ahead");
    assert!(!show(1, 0).await);
    // It does not grow for ever.
    assert!(show(3, 12).await && show(1, 0).await);
}

on_both! {
    of_many_resets_one_is_done
    an_address_is_written_with_the_profile_or_not_at_all
    an_invitation_is_used_by_what_it_brings_about
    a_used_invitation_is_known_for_a_day_longer_than_it_counts
    a_ticket_is_used_once
}
