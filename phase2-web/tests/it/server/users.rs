//! `todo-web user` (SPEC 7, Operations): accounts by their operator, with passwords that are on no
//! command line.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::process::Program;

pub(super) fn user(folder: &Path, words: &[&str], password: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-web"));
    command.env_clear().current_dir(folder).arg("user").args(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A call that is refused before it asks does not read it.
    let _written = child.stdin.take().unwrap().write_all(password.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
pub(super) fn done(folder: &Path, words: &[&str], password: &str) -> String {
    let ran = user(folder, words, password);
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[track_caller]
fn refused(folder: &Path, words: &[&str], password: &str) -> String {
    let ran = user(folder, words, password);
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    String::from_utf8(ran.stderr).unwrap()
}

/// The status of a log-in on a server.
fn log_in(folder: &Path, password: &str) -> String {
    let mut server = Program::start(folder, &["--port", "0", "--registration", "closed"]);
    let address = server.address();
    let body = format!(r#"{{"email": "ann@example.org", "password": "{password}"}}"#);
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
        Content-Type: application/json";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    server.signal("TERM");
    server.end();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn accounts_are_made_changed_and_deleted() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let (old, new) = ("correct horse battery", "staple of the horse");
    let made = done(folder, &["add", "Ann@example.org"], &format!("{old}\n"));
    assert_eq!(made, "Ann@example.org: made\n");
    assert!(refused(folder, &["add", "ann@example.org"], old).contains("another account has"));
    let told: Value = serde_json::from_str(&done(folder, &["list", "--json"], "")).unwrap();
    assert_eq!((&told[0]["email"], &told[0]["tasks"]), (&"Ann@example.org".into(), &0.into()));
    assert_eq!(log_in(folder, old), "200");

    done(folder, &["reset-password", "ann@example.org"], new);
    assert_eq!((log_in(folder, old), log_in(folder, new)), ("401".into(), "200".into()));

    // That it is meant must be said.
    assert_eq!(user(folder, &["delete", "ann@example.org"], "").status.code(), Some(2));
    done(folder, &["delete", "ann@example.org", "--yes"], "");
    assert_eq!(done(folder, &["list"], ""), "");
    assert!(refused(folder, &["delete", "ann@example.org", "--yes"], "").contains("no account"));
}

#[test]
fn what_is_no_password_or_address_is_refused() {
    let folder = TempDir::new().unwrap();
    for (email, password, message) in [
        ("ann@example.org", "", "password"),
        ("ann@example.org", "short\n", "password"),
        ("ann", "correct horse battery", "email"),
    ] {
        let told = refused(folder.path(), &["add", email], password);
        assert!(told.contains(&format!("todo-web: {message} ")), "{told}");
        assert!(!told.contains("short\n") && !told.contains("horse"), "{told}");
    }
    assert_eq!(done(folder.path(), &["list"], ""), "");
    // There is no flag for a password.
    assert_eq!(user(folder.path(), &["add", "a@b.c", "--password=x"], "").status.code(), Some(2));
}

/// What a server remembers of a file is its own: nobody changes that behind its back.
#[test]
fn a_server_that_runs_is_not_changed_behind_its_back() {
    let folder = TempDir::new().unwrap();
    let mut server = Program::start(folder.path(), &["--port", "0"]);
    server.address();
    assert_eq!(done(folder.path(), &["list"], ""), "");
    let told = refused(folder.path(), &["add", "ann@example.org"], "correct horse battery");
    assert!(told.contains("in use by another server"), "{told}");
}
