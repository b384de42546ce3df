//! What the documents show of several terminals at once is played: the blocks ```` ```terminal-1 ````,
//! ```` ```terminal-2 ```` … of a page, in their order, against real servers.
//!
//! A command that a terminal stays in (a server, `todo watch`) goes on in it; a later block of the same
//! terminal without a `$` is what it comes to show. `[..]` stands for what differs from run to run. Servers
//! have other ports than it is written; the program is the one that tests have built. Each section of a page
//! is a story of its own.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use serde_json::Value;
use todo_tests::built::workspace;
use todo_tests::services::{Database, PATIENCE, TodoServer, within};
use todo_tests::surfaces::cli::program::Todo;
use tokio::runtime::Runtime;

use super::{PASSWORD, now};
use crate::outage::writers::Account;
use crate::walk::fits;

const FENCE: &str = "```terminal-";
const SERVER: &str = "cargo run --release --bin todo-server";
const KILL: &str = "pkill -KILL -f port=";
const REGISTER: &str = "curl -s localhost:";
/// Where a server listens that is not told.
const PORT: u16 = 8000;
/// What is waited for comes in one.
const A_MINUTE: Duration = Duration::from_mins(1);
/// So much of it has passed when it begins; what is left is more than a busy machine takes to go on.
const MOST_OF_A_MINUTE: i64 = 50_000;
/// The same where there is more to be done.
const HALF_A_MINUTE: i64 = 30_000;
/// Home, and nothing of what was there: a list is drawn over itself.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// What stands below a heading, up to the next one.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let begin = page.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no {heading:?}"));
    let below = &page[begin + heading.len() + 2..];
    let end = ["\n## ", "\n### "].iter().filter_map(|next| below.find(next)).min();
    &below[..end.unwrap_or(below.len())]
}

/// Part of a page, in one terminal.
#[derive(Debug, PartialEq, Eq)]
struct Block<'p> {
    terminal: &'p str,
    lines: Vec<&'p str>,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut inside) = (Vec::new(), false);
    for line in page.lines() {
        if let Some(terminal) = line.strip_prefix(FENCE) {
            blocks.push(Block { terminal, lines: Vec::new() });
            inside = true;
        } else if line == "```" {
            inside = false;
        } else if let Some(block) = blocks.last_mut().filter(|_| inside) {
            block.lines.push(line);
        }
    }
    blocks
}

/// What stays in a terminal, and all that it has shown.
struct Screen {
    program: Child,
    shown: Arc<Mutex<Vec<u8>>>,
    /// How many times it has been drawn anew when it was last as it should be.
    seen: usize,
}

impl Drop for Screen {
    fn drop(&mut self) {
        // With its terminal the program ends.
        let _killed = self.program.kill();
        let _waited = self.program.wait();
    }
}

impl Screen {
    fn begin(mut command: Command) -> Self {
        let mut program = command.spawn().expect("script (util-linux) starts");
        let mut out = program.stdout.take().expect("a pipe");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&shown);
        thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = out.read(&mut part) {
                kept.lock().expect("nobody panics with it").extend(&part[..length]);
            }
        });
        Self { program, shown, seen: 0 }
    }

    /// What has stood on it, each time that it was drawn.
    fn texts(&self) -> Vec<String> {
        let shown = self.shown.lock().expect("nobody panics with it");
        let text = String::from_utf8_lossy(&shown).replace('\r', "");
        text.split(CLEAR).map(str::to_owned).collect()
    }
}

/// A page on its way.
struct Story {
    screens: BTreeMap<String, Screen>,
    servers: BTreeMap<u16, TodoServer>,
    database: Option<Database>,
    todo: Todo,
    /// How far the clock of what is typed is behind, in milliseconds: a minute that is waited for is over sooner.
    behind: i64,
    runtime: Runtime,
}

impl Story {
    fn play((page, heading): (&str, &str), database: Option<Database>, behind: i64) {
        let text = fs::read_to_string(workspace().join(page)).expect(page);
        let mut story = Self {
            screens: BTreeMap::new(),
            servers: BTreeMap::new(),
            database,
            todo: Todo::by_the_clock(),
            behind,
            runtime: Runtime::new().expect("a runtime"),
        };
        let blocks = blocks(section(&text, heading));
        assert!(blocks.len() > 2, "{page} shows no terminals below {heading:?}");
        for Block { terminal, lines } in blocks {
            for part in lines.chunk_by(|_, next| !next.starts_with("$ ")) {
                story.part(terminal, part);
            }
        }
    }

    /// A command and what it answers, or what stands in a terminal by now.
    fn part(&mut self, terminal: &str, part: &[&str]) {
        let Some((command, answer)) = part.split_first() else { return };
        match command.strip_prefix("$ ") {
            None => self.shows(terminal, part),
            Some(command) if command.starts_with(SERVER) => self.serve(command),
            Some(command) if command.starts_with(KILL) => self.kill(command),
            Some(command) if command.starts_with(REGISTER) => self.register(command),
            Some(command) if command.ends_with(" watch") => {
                let script = format!("exec script -qefc '{}' /dev/null", self.meant(command));
                let mut shell = self.todo.shell(&script);
                shell.env("NO_COLOR", "1");
                let screen = Screen::begin(shell);
                self.screens.insert(terminal.to_owned(), screen);
                self.shows(terminal, answer);
            }
            Some(command) => self.run(command, answer),
        }
    }

    fn serve(&mut self, command: &str) {
        let port = port_in(command);
        let mut server = match &self.database {
            None => TodoServer::alone(),
            Some(database) => TodoServer::with("all", database.url()),
        };
        // On PostgreSQL tables are made when that is asked for; a file is ours alone.
        if command.contains(" --migrate") || self.database.is_none() {
            server.start_ready(&self.runtime);
        } else {
            server.start_as_it_is(&self.runtime);
        }
        self.servers.insert(port, server);
    }

    /// As curl would, which may not be there.
    fn register(&self, command: &str) {
        let (place, body) = command.split_once(" --json '").expect("a body");
        let (port, path) = place[REGISTER.len()..].split_once('/').expect("a path");
        assert_eq!(path, "api/auth/register");
        let (body, _) = body.rsplit_once("' > ").expect("a file");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["password"], PASSWORD);
        let server = &self.servers[&port.parse().expect("a port")];
        let email = body["email"].as_str().expect("an address");
        self.runtime.block_on(Account::register_as(server.address(), email));
    }

    fn kill(&mut self, command: &str) {
        self.servers.get_mut(&port_in(command)).expect("a server").kill();
    }

    fn run(&self, command: &str, answer: &[&str]) {
        let mut shell = self.todo.shell(&format!("{{ {}; }} 2>&1", self.meant(command)));
        if command.contains(" add ") {
            shell.env("TODO_NOW", now().plus_millis(-self.behind).to_string());
        }
        let output = shell.output().expect("a shell can be run");
        let told = self.written(&String::from_utf8_lossy(&output.stdout));
        assert!(are(&told, answer), "$ {command}\nanswers\n{told}and not\n{}", answer.join("\n"));
    }

    /// What it comes to show may not stand there for long: something else happens.
    fn shows(&mut self, terminal: &str, lines: &[&str]) {
        let screen = self.screens.get(terminal).expect("something that stays");
        let what = format!("terminal {terminal} does not show {lines:#?}");
        let seen = within(A_MINUTE + PATIENCE, &what, || {
            let texts = screen.texts();
            let mut later = texts.iter().enumerate().skip(screen.seen);
            let found = later.find(|(_, text)| are(&self.written(text), lines));
            found.map(|(at, _)| at).ok_or_else(|| texts.join("\n"))
        });
        self.screens.entry(terminal.to_owned()).and_modify(|screen| screen.seen = seen);
    }

    /// With the addresses that there are in place of those that are written.
    fn meant(&self, text: &str) -> String {
        let replace = |text: String, (port, server): (&u16, &TodoServer)| {
            text.replace(&format!("localhost:{port}"), &server.address().to_string())
        };
        self.servers.iter().fold(text.to_owned(), replace)
    }

    fn written(&self, text: &str) -> String {
        let replace = |text: String, (port, server): (&u16, &TodoServer)| {
            text.replace(&server.address().to_string(), &format!("localhost:{port}"))
        };
        self.servers.iter().fold(text.to_owned(), replace)
    }
}

fn port_in(command: &str) -> u16 {
    let port = command.rsplit_once("port=").map(|(_, port)| port.parse().expect("a port"));
    port.unwrap_or(PORT)
}

fn are(text: &str, lines: &[&str]) -> bool {
    text.lines().count() == lines.len() && text.lines().zip(lines).all(|(is, line)| fits(is, line))
}

const README: (&str, &str) = ("README.md", "### On a server");

/// Issue 8: what it shows when it is done.
#[test]
fn what_is_added_in_one_terminal_shows_in_the_other_and_reminds() {
    Story::play(README, None, MOST_OF_A_MINUTE);
}

#[test]
#[ignore = "takes a minute: tests/run"]
fn what_is_added_in_one_terminal_reminds_in_a_minute() {
    Story::play(README, None, 0);
}

mod postgres {
    use super::{Database, HALF_A_MINUTE, Story};

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn the_same_on_two_servers_of_which_one_is_killed() {
        let place = ("README.md", "### On two servers");
        Story::play(place, Some(Database::fresh()), HALF_A_MINUTE);
    }

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn who_watches_at_the_one_that_is_killed_is_told_so() {
        let place = ("docs/live.md", "## Two servers");
        Story::play(place, Some(Database::fresh()), HALF_A_MINUTE);
    }
}

/// The reader of pages itself.
#[test]
fn a_page_is_read_terminal_by_terminal() {
    let page = "text\n```terminal-1\n$ one\nanswer\n```\nmore\n```sh\n$ not this\n```\n\
                ```terminal-2\n$ two\n\nlater\n```\n";
    let read = [
        Block { terminal: "1", lines: vec!["$ one", "answer"] },
        Block { terminal: "2", lines: vec!["$ two", "", "later"] },
    ];
    assert_eq!(blocks(page), read);
    let page = format!("# Page\n\n## One\n{page}### Other\n```terminal-1\n$ other\n```\n## Two\n");
    assert_eq!(blocks(section(&page, "## One")), read);
    assert_eq!(blocks(section(&page, "### Other")).len(), 1);
    assert!(are("a\nb\n", &["a", "[..]"]));
    assert!(!are("a\nb\nc\n", &["a", "[..]"]));
    assert_eq!((port_in(SERVER), port_in("pkill -KILL -f port=8001")), (PORT, 8001));
}
