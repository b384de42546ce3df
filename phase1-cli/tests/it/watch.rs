//! `todo watch` on a file. On a server: tests/it of the whole.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::reminders::Running;
use crate::support::Sandbox;

const DEADLINE: Duration = Duration::from_mins(1);

/// Starts to watch, and gives the lines it prints.
fn watch(sandbox: &Sandbox, words: &[&str]) -> (Running, Receiver<String>) {
    let mut command = sandbox.command();
    command.env_remove("TODO_NOW").arg("watch").args(words);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("todo starts");
    let out = child.stdout.take().expect("a pipe");
    let (tell, lines) = channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        // Nobody may be listening any more.
        let _told = lines.try_for_each(|line| tell.send(line));
    });
    (Running(child), lines)
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
    let (_watch, lines) = watch(&sandbox, &["@shop or #shop", "--format", "plain"]);
    until(&lines, "Buy milk");
    sandbox.ok(&["add", "Elsewhere"]);
    sandbox.ok(&["add", "Buy paint", "--tag", "shop"]);
    until(&lines, "Buy paint");
    sandbox.ok(&["edit", "1", "--title", "Buy oat milk"]);
    until(&lines, "Buy oat milk");
}

/// Whoever watches must not find the watch gone; and a file that is not there yet may come.
#[test]
fn a_watch_outlives_a_file_that_is_damaged_for_a_while() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Before"]);
    let bytes = sandbox.bytes();
    let (_watch, lines) = watch(&sandbox, &["--format", "plain"]);
    until(&lines, "Before");
    sandbox.write(b"nonsense");
    sandbox.write(&bytes);
    sandbox.ok(&["add", "After"]);
    until(&lines, "After");
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
