//! The walks through the API in `README.md` and `docs/accounts.md` are run: every ```` ```shell-session ````
//! block of a page, line by line in one shell, against the real server, on both databases.
//!
//! `[..]` stands for what differs from run to run.

use std::fmt::Write as _;

use todo_tests::built::workspace;
use todo_tests::services::{Database, TodoWeb};
use todo_tests::surfaces::cli::program::Todo;
use tokio::runtime::Runtime;

/// Where the document says that the server listens.
const WRITTEN: &str = "127.0.0.1:8000";
/// Ends the answer of each command; nothing that is printed holds it.
const END: &str = "\u{1}end of the answer";

/// A command, and what it answers.
struct Line {
    command: String,
    answer: Vec<String>,
}

fn lines(document: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut inside = false;
    for text in document.lines() {
        match text {
            "```shell-session" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (text.strip_prefix("$ "), text.strip_prefix("> ")) {
                (Some(command), _) => {
                    lines.push(Line { command: command.to_owned(), answer: Vec::new() });
                }
                (None, more) => {
                    let line = lines.last_mut().expect("an answer follows a command");
                    match more.filter(|_| line.command.ends_with(['\\', '|'])) {
                        Some(more) => write!(line.command, "\n{more}").expect("a text grows"),
                        None if text.is_empty() => {}
                        None => line.answer.push(text.to_owned()),
                    }
                }
            },
        }
    }
    lines
}

/// Whether a line is what was written, where `[..]` is anything.
pub(crate) fn fits(line: &str, written: &str) -> bool {
    let mut pieces = written.split("[..]");
    let Some(mut rest) = line.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut open = false;
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
        open = piece.is_empty();
    }
    rest.is_empty() || open
}

fn walk(page: &str, url: Option<String>) {
    let document = std::fs::read_to_string(workspace().join(page)).expect(page);
    let lines = lines(&document);
    assert!(lines.len() > 10, "the walk is in {page}");
    let runtime = Runtime::new().expect("a runtime");
    let server = TodoWeb::start_new(&runtime, url);
    let todo = Todo::by_the_clock();
    let mut script = String::new();
    for Line { command, .. } in &lines {
        writeln!(script, "{command}\nprintf '{END}\\n'").expect("a text grows");
    }
    let mut shell = todo.shell(&script.replace(WRITTEN, &server.address().to_string()));
    let ran = shell.output().expect("a shell can be run");
    let told = String::from_utf8(ran.stdout).expect("text");
    let told = told.replace('\r', "").replace(&server.address().to_string(), WRITTEN);
    let end = format!("{END}\n");
    let mut answers = told.split(&end);
    for Line { command, answer } in &lines {
        let told = answers.next().unwrap_or_default();
        let same = told.lines().count() == answer.len()
            && told.lines().zip(answer).all(|(line, written)| fits(line, written));
        let trouble = String::from_utf8_lossy(&ran.stderr);
        assert!(same, "$ {command}\nanswers\n{told}{trouble}");
    }
}

#[test]
#[ignore = "needs curl and jq: tests/run"]
fn by_curl_the_readme_is_walked_on_sqlite() {
    walk("README.md", None);
}

#[test]
#[ignore = "needs curl, jq and PostgreSQL: tests/run"]
fn by_curl_the_readme_is_walked_on_postgres() {
    let database = Database::fresh();
    walk("README.md", Some(database.url()));
}

#[test]
#[ignore = "needs curl and jq: tests/run"]
fn by_curl_an_account_is_walked_through_on_sqlite() {
    walk("docs/accounts.md", None);
}

#[test]
#[ignore = "needs curl, jq and PostgreSQL: tests/run"]
fn by_curl_an_account_is_walked_through_on_postgres() {
    let database = Database::fresh();
    walk("docs/accounts.md", Some(database.url()));
}

#[test]
fn anything_may_stand_for_what_differs() {
    for (line, written, same) in [
        ("a b c", "a b c", true),
        ("a b c", "a [..] c", true),
        ("a b c", "a [..]", true),
        ("a b c", "[..]", true),
        ("a b c", "a [..] d", false),
        ("a b c", "a b", false),
        ("a b c d", "a [..] c", false),
    ] {
        assert_eq!(fits(line, written), same, "{line} {written}");
    }
}
