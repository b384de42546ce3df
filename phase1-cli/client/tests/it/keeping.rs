//! Where tokens are kept, and how they are renewed.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use todo_client::{Client, ClientError, Proof, Server};
use todo_core::ErrorCode;

use crate::support::{Answer, me, serve, with};

const FIRST: &str = r#"{"access_token":"access-1","token_type":"Bearer","expires_in":900,"refresh_token":"refresh-1"}"#;
const SECOND: &str = r#"{"access_token":"access-2","token_type":"Bearer","expires_in":900,"refresh_token":"refresh-2"}"#;

fn json(body: &str) -> Answer {
    with("200 OK", "application/json", body)
}

fn expired() -> Answer {
    let body = r#"{"title":"Unauthorized","detail":"the token has expired","code":"unauthorized"}"#;
    with("401 Unauthorized", "application/problem+json", body)
}

fn log_in(folder: &TempDir, server: &Server) -> Client {
    let proof = Proof::Password { email: "a@example.org".into(), password: "hush".into() };
    Client::log_in(folder.path(), server.clone(), proof, false).expect("a log-in").0
}

fn file(folder: &TempDir, server: &Server) -> PathBuf {
    Client::folder(folder.path(), server).join("login.json")
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_tokens() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _told) = serve(vec![json(FIRST), me()]);
    let client = log_in(&folder, &server);
    let path = file(&folder, &server);
    let mode =
        |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode();
    assert_eq!(mode(&path) & 0o777, 0o600);
    assert_eq!(mode(path.parent().expect("a folder")) & 0o777, 0o700);
    let shown = format!("{client:?}");
    assert!(!shown.contains("access-1") && !shown.contains("refresh-1"), "{shown}");
    // Whoever opened it to others is told, and the tokens are not used.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    let error = Client::open(folder.path(), server).expect_err("refused");
    assert!(matches!(error, ClientError::Open(_)), "{error:?}");
}

#[test]
fn a_token_that_has_run_out_is_renewed_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, told) = serve(vec![json(FIRST), me(), expired(), json(SECOND), me()]);
    let client = log_in(&folder, &server);
    client.account().expect("an answer with the second token");
    let requests: Vec<_> = told.iter().take(5).collect();
    assert!(requests[2].contains("Bearer access-1"), "{}", requests[2]);
    assert!(
        requests[3].starts_with("POST /api/auth/refresh ") && requests[3].contains("refresh-1")
    );
    assert!(!requests[3].contains("access-1"), "the old token is told to nobody");
    assert!(requests[4].contains("Bearer access-2"), "{}", requests[4]);
    let kept = fs::read_to_string(file(&folder, &server)).expect("the file");
    assert!(kept.contains("access-2") && kept.contains("refresh-2") && !kept.contains("-1\""));
}

/// Two processes with the same token: the second takes what the first one got, and asks for none.
#[test]
fn what_another_process_has_renewed_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, told) =
        serve(vec![json(FIRST), me(), expired(), json(SECOND), me(), expired(), me()]);
    let first = log_in(&folder, &server);
    let second = Client::open(folder.path(), server).expect("the same log-in");
    first.account().expect("renewed");
    second.account().expect("taken over");
    let requests: Vec<_> = told.iter().take(7).collect();
    let refreshes = requests.iter().filter(|request| request.starts_with("POST /api/auth/refresh"));
    assert_eq!(refreshes.count(), 1, "{requests:#?}");
    assert!(requests[6].contains("Bearer access-2"));
}

/// Who heard over a socket that a token does not count asks for nothing where another is there already.
#[test]
fn a_token_that_counts_is_taken_or_renewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let answers =
        vec![json(FIRST), me(), expired(), json(SECOND), me(), me(), expired(), expired()];
    let (server, told) = serve(answers);
    let first = log_in(&folder, &server);
    let second = Client::open(folder.path(), server).expect("the same log-in");
    first.see_to_token().expect("renewed");
    second.see_to_token().expect("taken over");
    // The server is asked by whoever has the one that is kept.
    second.see_to_token().expect("it counts");
    let error = second.see_to_token().expect_err("over");
    assert!(matches!(error, ClientError::SessionOver(_)), "{error:?}");
    let requests: Vec<_> = told.iter().collect();
    assert_eq!(requests.len(), 8, "{requests:#?}");
    assert!(requests[4].contains("Bearer access-2") && requests[5].contains("Bearer access-2"));
}

#[test]
fn a_session_that_is_over_says_to_log_in_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _told) = serve(vec![json(FIRST), me(), expired(), expired()]);
    let client = log_in(&folder, &server);
    let error = client.account().expect_err("over");
    assert!(matches!(error, ClientError::SessionOver(_)), "{error:?}");
    assert_eq!(error.code(), ErrorCode::Unauthorized);
    assert_eq!(error.hint(), Some(format!("log in again: todo login {server}")));
}

/// The tokens are forgotten, whether or not the server can be told.
#[test]
fn logging_out_forgets_the_tokens() {
    let gone = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_owned();
    for (answer, told_there) in [(Answer::Bytes(gone), true), (Answer::Nothing, false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (server, told) = serve(vec![json(FIRST), me(), answer]);
        let client = log_in(&folder, &server);
        assert_eq!(client.log_out().is_ok(), told_there);
        assert!(told.iter().nth(2).expect("a request").contains("refresh-1"));
        assert!(!file(&folder, &server).exists());
        assert!(matches!(Client::open(folder.path(), server), Err(ClientError::LoggedOut(_))));
    }
}

#[test]
fn a_damaged_file_is_told_of_without_its_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _told) = serve(vec![json(FIRST), me()]);
    log_in(&folder, &server);
    let path = file(&folder, &server);
    let text = fs::read_to_string(&path).expect("the file").replace("\"access_token\":", "");
    fs::write(&path, text).expect("the file");
    let error = Client::open(folder.path(), server).expect_err("damaged");
    assert_eq!(error.code(), ErrorCode::StorageCorrupt);
    assert!(!error.to_string().contains("access-1"), "{error}");
}
