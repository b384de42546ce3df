//! A password that is asked for. What comes of logging in is told where there is a server: in
//! `tests/`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use crate::support::{Sandbox, TODO};

/// Where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

#[test]
fn what_is_typed_is_not_shown() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command_of(Path::new("script"));
    let line = format!("{TODO} login {} --email ada@example.org", nobody());
    command.args(["-q", "-e", "-c", &line, "/dev/null"]).env("HOME", sandbox.path("."));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("script (util-linux) starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut asked = Vec::new();
    out.read_until(b':', &mut asked).expect("the question");
    assert_eq!(String::from_utf8_lossy(&asked), "Password:");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"hush hush\n").expect("typed");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("UTF-8");
    let status = child.wait().expect("it ends").code();
    assert!(!rest.contains("hush"), "{rest:?}");
    assert!(rest.contains("cannot reach"), "{rest:?}");
    assert_eq!(status, Some(3));
}

#[test]
fn where_nobody_can_be_asked_it_is_said_what_is_missing() {
    let sandbox = Sandbox::new();
    let answer = sandbox.run_with(&["login", &nobody()], b"hush hush\n");
    assert_eq!(answer.status, 2, "{answer:?}");
    assert!(answer.err.contains("--email"), "{answer:?}");
}

/// §6: before a password is asked for.
#[test]
fn an_address_that_cannot_be_or_can_be_overheard_is_refused() {
    let sandbox = Sandbox::new();
    for (url, status) in
        [("todo.example.org", 2), ("ftp://example.org", 2), ("http://example.org", 1)]
    {
        let answer = sandbox.run_with(&["login", url, "--email", "a@example.org"], b"hush\n");
        assert_eq!(answer.status, status, "{url}: {answer:?}");
        assert!(!answer.err.contains("hush"), "{answer:?}");
    }
    let answer = sandbox.run(&["--server", "nonsense", "list"]);
    assert_eq!(answer.status, 2, "{answer:?}");
}
