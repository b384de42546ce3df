//! What answers is not trusted.

use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use tempfile::TempDir;
use todo_client::{Client, ClientError, Proof, Server};
use todo_core::{ErrorCode, StepNo};

use crate::support::{Answer, me, serve, with};

const TOKEN: &str = "todo_pat_of_nobody";

fn log_in(folder: &Path, server: &Server) -> Result<Client, ClientError> {
    let proof = Proof::Personal(TOKEN.to_owned());
    Client::log_in(folder, server.clone(), proof, false).map(|(client, _)| client)
}

/// Logs in, and then gets these answers.
fn among(answers: Vec<Answer>) -> (Client, Receiver<String>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, told) = serve(std::iter::once(me()).chain(answers).collect());
    let client = log_in(folder.path(), &server).expect("a good answer");
    told.recv().expect("the log-in");
    (client, told, folder)
}

fn refused_log_in(answer: Answer) -> ClientError {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, _told) = serve(vec![answer]);
    let error = log_in(folder.path(), &server).expect_err("no log-in");
    // Nothing is kept of a log-in that came to nothing.
    assert!(matches!(Client::open(folder.path(), server), Err(ClientError::LoggedOut(_))));
    assert!(!error.to_string().contains(TOKEN), "{error}");
    error
}

#[test]
fn what_is_not_json_is_no_answer() {
    for answer in [
        with("200 OK", "text/html", "<h1>Welcome to the hotel</h1>"),
        with("200 OK", "application/json", "{\"id\":"),
        with("200 OK", "application/json", "[]"),
        with("502 Bad Gateway", "text/html", "<h1>nginx</h1>"),
        with("400 Bad Request", "application/json", r#"{"code":"not_found","detail":"x"}"#),
        Answer::Bytes("SSH-2.0-OpenSSH_9.9\r\n".to_owned()),
    ] {
        let error = refused_log_in(answer);
        assert!(matches!(error, ClientError::Strange { .. }), "{error:?}");
        assert_eq!(error.code(), ErrorCode::StorageUnavailable, "{error}");
    }
}

/// A token goes to nobody else, not even on the server's word.
#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").expect("a free port");
    elsewhere.set_nonblocking(true).expect("a listener");
    let to = format!("http://{}/api/auth/me", elsewhere.local_addr().expect("an address"));
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let error = refused_log_in(Answer::Bytes(answer));
        assert!(error.to_string().contains(&to), "{error}");
    }
    assert!(elsewhere.accept().is_err(), "somebody came");
}

#[test]
fn an_endless_answer_is_not_read_to_the_end() {
    let error = refused_log_in(Answer::Endless);
    assert!(error.to_string().contains("longer than any should be"), "{error}");
}

#[test]
fn who_never_answers_is_not_waited_for() {
    let (client, _told, _folder) = among(vec![Answer::Silence, Answer::Silence]);
    let client = client.with_patience(Duration::from_millis(100));
    let error = client.account().expect_err("no answer");
    assert!(matches!(error, ClientError::Unanswered { .. }), "{error:?}");
    assert!(error.to_string().contains("may have been done"), "{error}");
}

#[test]
fn nobody_there_is_told_of_plainly() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let server = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let server = server.parse().expect("an address");
    let error = log_in(folder.path(), &server).expect_err("nobody");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().ends_with("nothing was done"), "{error}");
}

#[test]
fn what_speaks_no_tls_gets_no_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, told) = serve(vec![me()]);
    let server = plain.as_str().replace("http:", "https:").parse().expect("an address");
    let error = log_in(folder.path(), &server).expect_err("no TLS");
    assert!(
        matches!(error, ClientError::Strange { .. } | ClientError::Unanswered { .. }),
        "{error:?}"
    );
    let heard: String = told.try_iter().collect();
    assert!(!heard.contains(TOKEN), "{heard:?}");
}

#[test]
fn a_name_that_leads_nowhere_is_told_of_plainly() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nobody has a name that ends so (RFC 2606).
    let server = "https://nobody.invalid".parse().expect("an address");
    let error = log_in(folder.path(), &server).expect_err("nobody");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("no such host is known"), "{error}");
}

/// Before anything is sent.
#[test]
fn a_token_is_not_sent_where_it_can_be_overheard() {
    let folder = tempfile::tempdir().expect("a folder");
    // Of the addresses that are nobody's (RFC 5737): who asked there would wait for ten seconds.
    let server: Server = "http://192.0.2.1".parse().expect("an address");
    let error = log_in(folder.path(), &server).expect_err("refused");
    assert!(matches!(error, ClientError::Overheard(_)), "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--insecure")));
}

/// A lost answer is asked for again under the same key, so that nothing is done twice.
#[test]
fn what_was_not_answered_is_sent_again_under_its_key() {
    let done = r#"{"dry_run":false,"step":7,"tasks":[],"unchanged":[],"purged":[],"refused":[],"notes":[]}"#;
    let (client, told, _folder) =
        among(vec![Answer::Nothing, with("200 OK", "application/json", done)]);
    let done = client.undo(StepNo(7), "a-key").expect("the second answer");
    assert_eq!(done.step, Some(StepNo(7)));
    let requests: Vec<_> = told.iter().take(2).collect();
    assert_eq!(requests[0], requests[1]);
    assert!(requests[0].contains("idempotency-key: a-key"), "{}", requests[0]);
    // What has no key may have been done, and is not sent again.
    let (client, told, _folder) = among(vec![Answer::Nothing, me()]);
    let error = client.remove_filter("urgent").expect_err("no answer");
    assert!(matches!(error, ClientError::Unanswered { .. }), "{error:?}");
    assert!(told.recv().expect("a request").starts_with("DELETE /api/filters/urgent "));
    assert!(told.try_recv().is_err(), "it was sent again");
}

/// §5: the refusal of a server is the refusal of the terminal, word by word.
#[test]
fn a_problem_is_told_as_it_is() {
    let body = r#"{"type":"/problems/forbidden","title":"Forbidden","status":403,"detail":"this token only reads","instance":"x","code":"forbidden"}"#;
    let problem = with("403 Forbidden", "application/problem+json", body);
    let error = refused_log_in(problem);
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (ErrorCode::Forbidden, "this token only reads")
    );
    // What a newer server refuses is refused, and not a fault of this program.
    let newer = body.replace("\"forbidden\"", "\"of_the_future\"");
    let error = refused_log_in(with("409 Conflict", "application/problem+json", &newer));
    assert_eq!(error.code(), ErrorCode::ValidationError);
    let long = body.replace("this token only reads", &"x".repeat(100_000));
    let error = refused_log_in(with("403 Forbidden", "application/problem+json", &long));
    assert!(error.to_string().len() <= 2_000);
}
