//! The services themselves: a test that needs one must be able to lean on it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use todo_tests::services::{Postgres, until};

/// What a child process of this test prints its number in front of.
const STARTED: &str = "postmaster ";

/// Data outlives a stop and a kill, on the same port.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_comes_back_with_its_data() {
    let mut postgres = Postgres::start_new();
    let database = postgres.database();
    let url = database.url();
    ask(&url, "CREATE TABLE t AS SELECT 7 AS n");
    postgres.stop_fast();
    assert!(!answers(&url));
    postgres.start();
    assert_eq!(ask(&url, "SELECT n FROM t"), "7");
    postgres.kill();
    assert!(!answers(&url));
    postgres.start();
    assert_eq!(ask(&url, "SELECT n FROM t"), "7");
    assert_eq!(ask(&url, "SHOW fsync"), "on");
}

/// A test that is killed leaves no server behind.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_goes_with_the_process_that_started_it() {
    let own = std::env::current_exe().expect("a test knows its own executable");
    let mut child = Command::new(own)
        .args(["--exact", "services::starts_postgres_and_waits", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test's own executable can be run");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let pid = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once(STARTED)?.1.to_owned()))
        .expect("the child told its number");
    assert!(runs(&pid));
    child.kill().expect("a child of ours");
    child.wait().expect("a child of ours");
    until("PostgreSQL is still there", || if runs(&pid) { Err("it runs") } else { Ok(()) });
}

/// Not a test: the child of the one above.
#[test]
#[ignore = "is run by postgres_goes_with_the_process_that_started_it"]
fn starts_postgres_and_waits() {
    if std::env::args().all(|argument| argument != "--exact") {
        return;
    }
    let postgres = Postgres::start_new();
    println!("{STARTED}{}", postgres.pid().expect("it runs"));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("standard input");
}

fn runs(pid: &str) -> bool {
    // A process that nobody has asked how it ended is a zombie, and has no command line.
    std::fs::read(Path::new("/proc").join(pid).join("cmdline")).is_ok_and(|line| !line.is_empty())
}

fn psql(url: &str, sql: &str) -> std::process::Output {
    let arguments = ["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql, url];
    Command::new("psql").args(arguments).output().expect("psql can be run")
}

fn ask(url: &str, sql: &str) -> String {
    let asked = psql(url, sql);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    String::from_utf8_lossy(&asked.stdout).trim().to_owned()
}

fn answers(url: &str) -> bool {
    psql(url, "SELECT 1").status.success()
}
