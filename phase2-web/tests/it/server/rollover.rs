//! The program with other keys (`docs/operations.md`): by files that an operator moves.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::Program;
use crate::forge::decoded;
use crate::support::PASSWORD;

/// What `openssl genpkey -algorithm ed25519` wrote.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n\
    -----END PRIVATE KEY-----\n";

/// The status, and the body.
fn ask(address: &str, line: &str, token: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

/// Serves once, and answers what was found out meanwhile.
fn served<T>(folder: &Path, meanwhile: impl FnOnce(&str) -> T) -> T {
    let mut server = Program::start(folder, &["--port", "0"]);
    let found = meanwhile(&server.address());
    server.signal("TERM");
    assert_eq!(server.end().0, Some(0));
    found
}

fn me(address: &str, token: &str) -> u16 {
    ask(address, "GET /api/auth/me", token, "").0
}

#[test]
fn keys_are_replaced_by_moving_files() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let body = json!({"email": "ann@example.org", "password": PASSWORD}).to_string();
    let log_in = |address: &str, path: &str| {
        let (_, session) = ask(address, &format!("POST /api/auth/{path}"), "", &body);
        session["access_token"].as_str().unwrap().to_owned()
    };
    let first = served(folder.path(), |address| {
        assert_eq!(ask(address, "GET /.well-known/jwks.json", "", "").0, 404);
        log_in(address, "register")
    });

    fs::rename(at("todo.secret"), at("todo.secret.before")).unwrap();
    let second = served(folder.path(), |address| {
        assert_eq!(me(address, &first), 200, "the old secret's tokens count");
        log_in(address, "login")
    });
    assert_ne!(decoded(&first, 0)["kid"], decoded(&second, 0)["kid"]);

    fs::remove_file(at("todo.secret.before")).unwrap();
    fs::write(at("key.pem"), KEY).unwrap();
    fs::set_permissions(at("key.pem"), Permissions::from_mode(0o600)).unwrap();
    fs::write(at("todo.toml"), "jwt_private_key = \"key.pem\"\n").unwrap();
    served(folder.path(), |address| {
        assert_eq!((me(address, &first), me(address, &second)), (401, 200));
        let third = log_in(address, "login");
        assert_eq!((decoded(&third, 0)["alg"].as_str(), me(address, &third)), (Some("EdDSA"), 200));
        let (status, keys) = ask(address, "GET /.well-known/jwks.json", "", "");
        assert_eq!((status, &keys["keys"][0]["kid"]), (200, &decoded(&third, 0)["kid"]));
    });

    // A key that everybody can read, or that is none, starts nothing, and is not shown.
    for (text, mode, told) in [(KEY, 0o644, "chmod o="), ("MC4CAQAw", 0o600, "must be an Ed25519")]
    {
        fs::write(at("key.pem"), text).unwrap();
        fs::set_permissions(at("key.pem"), Permissions::from_mode(mode)).unwrap();
        let (status, log) = Program::start(folder.path(), &["--port", "0"]).end();
        assert_eq!(status, Some(1), "{log}");
        assert!(log.contains(told) && !log.contains("MC4C"), "{log}");
    }
}
