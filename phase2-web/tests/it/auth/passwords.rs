//! Hashing, bounded; and what shows nothing of what it holds.

use todo_store::accounts::{Email, PasswordHash};
use todo_web::{Keys, Password, PasswordCost, PasswordError, Passwords, Pem, Secret};

use crate::support::CHEAP;

#[test]
fn the_usual_cost_is_what_is_recommended() {
    let usual = PasswordCost::default();
    assert_eq!(usual, PasswordCost { memory: 19_456, passes: 2, lanes: 1 });
}

#[tokio::test]
async fn two_hashes_of_one_password_differ() {
    let passwords = Passwords::new(CHEAP).unwrap();
    let hash = || passwords.hash(Password::new("correct horse").unwrap());
    assert!(hash().await.unwrap() != hash().await.unwrap());
}

#[tokio::test]
async fn who_cannot_even_wait_is_told_so_at_once() {
    let slow = PasswordCost { memory: 2048, passes: 2, lanes: 1 };
    let passwords = Passwords::new(slow).unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    let all = (0..cores * 100).map(|_| passwords.hash(Password::new("correct horse").unwrap()));
    let done = futures_util::future::join_all(all).await;
    let busy = done.iter().filter(|done| matches!(done, Err(PasswordError::Busy))).count();
    let hashed = done.iter().filter(|done| done.is_ok()).count();
    assert_eq!(busy + hashed, cores * 100);
    assert!(busy > 0 && hashed >= cores * 65, "{busy} refused, {hashed} served");
    assert_eq!(passwords.worked(), hashed as u64);
    // And afterwards there is room again.
    assert!(passwords.hash(Password::new("correct horse").unwrap()).await.is_ok());
}

#[test]
fn nothing_secret_shows() {
    let secret = Secret::new(b"0123456789abcdef0123456789abcdef").unwrap();
    let shown = [
        format!("{:?}", Password::new("hunter2hunter2").unwrap()),
        format!("{:?}", PasswordHash::new("$argon2id$hunter2".to_owned())),
        format!("{:?}", Email::new("hunter2@example.org").unwrap()),
        format!("{:?}", Keys::new(&secret, Some(&secret))),
        format!("{secret:?}"),
        format!("{:?}", Pem::given("-----BEGIN hunter2")),
        format!("{:?}", Passwords::new(CHEAP).unwrap()),
    ];
    for shown in shown {
        let told = ["hunter2", "argon2id", "012345", "48, 49"].iter().any(|s| shown.contains(s));
        assert!(!told, "{shown}");
    }
}

/// SPEC 1: no text holds control characters; nobody types one.
#[test]
fn a_password_holds_no_control_characters() {
    for text in ["correct\0horse", "correct\u{1b}horse", "correct\u{7f}horse\u{1}"] {
        let refused = Password::new(text).unwrap_err();
        assert_eq!(refused.problem.code(), "control_character", "{text:?}");
    }
}
