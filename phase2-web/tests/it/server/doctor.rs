//! `todo-web doctor` (SPEC 7, Operations): it names what is wrong, and its status says so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::process::Program;

/// Its status, and the verdict, the finding and the advice on each thing.
fn asked(folder: &Path, variables: &[(&str, &str)]) -> (Option<i32>, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-web"));
    command.env_clear().envs(variables.iter().copied()).current_dir(folder);
    let ran = command.args(["doctor", "--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(report["healthy"], Value::Bool(ran.status.success()), "{report}");
    (ran.status.code(), report["findings"].clone())
}

/// The one finding on a thing.
#[track_caller]
fn on<'f>(findings: &'f Value, check: &str) -> &'f Value {
    let mut found = findings.as_array().unwrap().iter().filter(|one| one["check"] == check);
    found.next().unwrap_or_else(|| panic!("nothing on {check}: {findings}"))
}

#[track_caller]
fn is_wrong(folder: &Path, check: &str, told: &str) {
    let (status, findings) = asked(folder, &[]);
    let found = on(&findings, check);
    assert_eq!((status, &found["verdict"]), (Some(1), &"wrong".into()), "{findings}");
    assert!(found["found"].as_str().unwrap().contains(told), "{found}");
    assert!(found["advice"].is_string(), "{found}");
}

/// A folder in which a server has been.
fn served() -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut server = Program::start(folder.path(), &["--port", "0"]);
    server.address();
    server.signal("TERM");
    assert_eq!(server.end().0, Some(0));
    folder
}

#[test]
fn all_is_well_before_the_first_start_and_beside_a_server() {
    let folder = TempDir::new().unwrap();
    let (status, findings) = asked(folder.path(), &[]);
    assert_eq!((status, &on(&findings, "database")["verdict"]), (Some(0), &"note".into()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "it makes nothing");

    let mut server = Program::start(folder.path(), &["--port", "0"]);
    server.address();
    let (status, findings) = asked(folder.path(), &[]);
    assert_eq!(status, Some(0), "{findings}");
    for check in ["settings", "database", "tables", "integrity", "zones", "secret", "disk"] {
        assert_eq!(on(&findings, check)["verdict"], "ok", "{findings}");
    }
    assert_eq!(on(&findings, "backup")["verdict"], "note", "{findings}");
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    let folder = served();
    let secret = folder.path().join("todo.secret");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    is_wrong(folder.path(), "secret", "can be read by others");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();

    let old = folder.path().join("todo.auto-20200101T000000Z.db");
    fs::write(&old, "x").unwrap();
    is_wrong(folder.path(), "backup", "2020-01-01");
    fs::remove_file(&old).unwrap();
    assert_eq!(asked(folder.path(), &[]).0, Some(0));
    assert_eq!(asked(folder.path(), &[("BACKUP_DIR", "none")]).0, Some(1));

    let database = folder.path().join("todo.db");
    let mut bytes = fs::read(&database).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 16].fill(0xff);
    fs::write(&database, &bytes).unwrap();
    is_wrong(folder.path(), "integrity", "");
    fs::write(&database, "Dear diary, ".repeat(1000)).unwrap();
    is_wrong(folder.path(), "integrity", "cannot be read");
    assert_eq!(fs::read_to_string(&database).unwrap(), "Dear diary, ".repeat(1000));
}

/// In words it is one line a thing, and a last one that says how it ended; of a URL no password.
/// SPEC 7: what lets no server start is named, also while a secret is replaced.
#[test]
fn the_secret_of_before_is_looked_at() {
    let folder = served();
    let before = folder.path().join("todo.secret.before");
    fs::rename(folder.path().join("todo.secret"), &before).unwrap();
    let (status, findings) = asked(folder.path(), &[]);
    let found = on(&findings, "accepted secret");
    assert_eq!((status, &found["verdict"]), (Some(0), &"ok".into()), "{findings}");
    fs::set_permissions(&before, fs::Permissions::from_mode(0o644)).unwrap();
    is_wrong(folder.path(), "accepted secret", "can be read by others");
}

#[test]
fn it_speaks_plainly_and_shows_no_secret() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-web"));
    let url = "postgres://ann:hunter2@127.0.0.1:1/todo";
    command.env_clear().env("DATABASE_URL", url).current_dir(folder.path());
    let ran = command.arg("doctor").output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let (said, told) =
        (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    let starts = ["ok     settings: ", "WRONG  database: ", "WRONG  secret: ", "note   backup: "];
    assert_eq!(said.lines().count(), starts.len(), "{said}");
    assert!(said.lines().zip(starts).all(|(line, start)| line.starts_with(start)), "{said}");
    assert_eq!(told, "todo-web: 2 of these must be put right\n");
    assert!(!said.contains("hunter2"), "{said}");
}
