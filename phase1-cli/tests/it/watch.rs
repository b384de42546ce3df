//! `todo watch` on a file. On a server: tests/it of the whole.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::reminders::Running;
use crate::support::Sandbox;

const DEADLINE: Duration = Duration::from_mins(1);

/// A watch that runs, the lines it prints, and those that it complains with.
struct Watched {
    _child: Running,
    out: Receiver<String>,
    err: Receiver<String>,
}

fn watch(sandbox: &Sandbox, words: &[&str]) -> Watched {
    let mut command = sandbox.command();
    command.env_remove("TODO_NOW").arg("watch").args(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("todo starts");
    let out = read(child.stdout.take().expect("a pipe"));
    let err = read(child.stderr.take().expect("a pipe"));
    Watched { _child: Running(child), out, err }
}

fn read(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
        // Nobody may be listening any more.
        let _told = lines.try_for_each(|line| tell.send(line));
    });
    lines
}

/// Waits for a line that holds this.
fn until(lines: &Receiver<String>, text: &str) {
    let mut seen = Vec::new();
    while !seen.last().is_some_and(|line: &String| line.contains(text)) {
        let line = lines.recv_timeout(DEADLINE);
        seen.push(line.unwrap_or_else(|_| panic!("no {text:?} in {seen:?}")));
    }
}

#[test]
fn a_list_is_shown_anew_when_the_file_changes() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Buy milk", "--tag", "shop"]);
    let watched = watch(&sandbox, &["@shop or #shop", "--format", "plain"]);
    until(&watched.out, "Buy milk");
    sandbox.ok(&["add", "Elsewhere"]);
    sandbox.ok(&["add", "Buy paint", "--tag", "shop"]);
    until(&watched.out, "Buy paint");
    sandbox.ok(&["edit", "1", "--title", "Buy oat milk"]);
    until(&watched.out, "Buy oat milk");
}

/// Whoever watches must not find the watch gone; and a file that is not there yet may come.
#[test]
fn a_watch_outlives_a_file_that_is_damaged_for_a_while() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Before"]);
    let bytes = sandbox.bytes();
    let watched = watch(&sandbox, &["--format", "plain"]);
    until(&watched.out, "Before");
    sandbox.write(b"nonsense");
    until(&watched.err, "waiting: ");
    sandbox.write(&bytes);
    sandbox.ok(&["add", "After"]);
    until(&watched.out, "After");
}

#[test]
fn what_cannot_be_watched_is_refused_at_once() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Before"]);
    // Time stands still.
    assert!(sandbox.fails(1, &["watch"]).err.contains("TODO_NOW"));
    sandbox.write(b"nonsense");
    let mut command = sandbox.command();
    let ran = command.env_remove("TODO_NOW").arg("watch").output().expect("todo starts");
    assert_eq!(ran.status.code(), Some(3));
}
