//! The documentation of the terminal on a server is run: every ```` ```shellsession ```` block of
//! `README.md` and of its own page, against a real server.
//!
//! After a change of what `todo` prints, renew the answers with
//!
//! ```sh
//! TRYCMD=overwrite cargo test -p todo-tests --test it server_pages
//! ```
//!
//! and read the difference as a user would. `[..]` stands for what differs from run to run; it is
//! kept where all beside it is the same.

use std::fs;

use todo_core::{Timestamp, Zone};
use todo_tests::built::workspace;
use todo_tests::surfaces::Surface as _;
use todo_tests::surfaces::cli::program::Todo;
use todo_tests::surfaces::rest::{Rest, Sqlite};

const PAGES: &[&str] = &["README.md", "docs/terminal-on-a-server.md"];
/// What the pages call the server and the account.
const SERVER: &str = "http://localhost:8000";
const EMAIL: &str = "ada@example.org";
const BEGIN: &str = "```shellsession";
const END: &str = "```";
/// What stands for anything.
const ANY: &str = "[..]";

#[test]
fn transcripts_are_what_is_printed() {
    for page in PAGES {
        let path = workspace().join(page);
        let written = fs::read_to_string(&path).expect(page);
        let run = Story::begin().run(&written);
        if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
            fs::write(&path, run).expect(page);
        } else {
            assert_eq!(written, run, "{page}");
        }
        assert!(written.contains(BEGIN), "{page} shows nothing");
    }
}

/// A terminal in a folder of its own, which has not logged in yet, and a server.
struct Story {
    todo: Todo,
    url: String,
    email: String,
    _server: Rest<Sqlite>,
}

impl Story {
    fn begin() -> Self {
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().expect("an instant");
        let (mut todo, mut server) = (Todo::fresh(), Rest::fresh());
        todo.travel(now, Zone::UTC);
        server.travel(now, Zone::UTC);
        let (email, password) = server.account();
        fs::write(todo.folder().join("password"), password).expect("a file");
        Self { todo, url: server.url(), email, _server: server }
    }

    /// The page, with what the commands print in place of what it says that they do.
    fn run(&self, page: &str) -> String {
        let (mut told, mut answer, mut inside) = (String::new(), None, false);
        let mut expected = Vec::new();
        for line in page.split_inclusive('\n') {
            let bare = line.trim_end();
            let command = bare.strip_prefix("$ ").filter(|_| inside);
            let ends = inside && bare == END;
            if command.is_some() || ends {
                told.push_str(&settled(answer.take(), &expected));
                expected.clear();
            }
            match command {
                Some(command) => answer = Some(self.answer(command)),
                None if answer.is_some() => {
                    expected.push(line.to_owned());
                    continue;
                }
                None => {}
            }
            inside = if ends { false } else { inside || bare == BEGIN };
            told.push_str(line);
        }
        told
    }

    fn answer(&self, command: &str) -> String {
        let command = command.replace(SERVER, &self.url).replace(EMAIL, &self.email);
        let output = self.todo.shell(&format!("{{ {command}; }} 2>&1")).output();
        let printed = String::from_utf8(output.expect("a shell").stdout).expect("UTF-8");
        printed.replace(&self.url, SERVER).replace(&self.email, EMAIL)
    }
}

/// What was printed; or what the page says, where that fits it.
fn settled(printed: Option<String>, expected: &[String]) -> String {
    let Some(printed) = printed else { return expected.concat() };
    let lines: Vec<_> = printed.split_inclusive('\n').collect();
    // An empty line before the next command is for the eye.
    let (said, gap) = match expected.split_last() {
        Some((last, said)) if last == "\n" => (said, "\n"),
        _ => (expected, ""),
    };
    let same = said.len() == lines.len() && said.iter().zip(&lines).all(|(s, line)| fits(s, line));
    (if same { said.concat() } else { printed }) + gap
}

fn fits(said: &str, line: &str) -> bool {
    match said.split_once(ANY) {
        None => said == line,
        Some((before, after)) => {
            let rest = line.strip_prefix(before);
            rest.is_some_and(|rest| rest.ends_with(after.trim_start_matches(ANY)))
        }
    }
}

/// The runner itself: what is not as it was is seen.
#[test]
fn what_fits_is_kept_and_what_does_not_is_not() {
    let expected = ["Added [..]\n".to_owned(), "\n".to_owned()];
    assert_eq!(settled(Some("Added 3\n".to_owned()), &expected), "Added [..]\n\n");
    assert_eq!(settled(Some("Changed 3\n".to_owned()), &expected), "Changed 3\n\n");
    assert_eq!(settled(Some("Added 3\nmore\n".to_owned()), &expected), "Added 3\nmore\n\n");
}
