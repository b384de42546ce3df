//! `todo watch` on a server (SPEC 9, Live): a real one tells it, over a real socket, what happens and what
//! to be reminded of.

mod crowded;
mod pages;
mod proxy;
mod restored;
mod ringing;
mod tls;

use std::io::{BufRead as _, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use todo_core::Timestamp;
use todo_tests::http::Asked;
use todo_tests::services::{PATIENCE, TodoServer, until};
use todo_tests::surfaces::cli::program::{Ran, Todo};
use tokio::runtime::Runtime;

use crate::outage::writers::Account;

/// As [`Account::register`] has it.
const EMAIL: &str = "ann@example.org";
const PASSWORD: &str = "correct horse battery";
/// How long a line is waited for before something else is done.
const A_WHILE: Duration = Duration::from_millis(200);

/// A watch that runs until the test is over, what it prints, and what it complains of.
struct Watch {
    todo: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended.
        let _killed = self.todo.kill();
        let _waited = self.todo.wait();
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    thread::spawn(move || {
        let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
        // Nobody may be listening any more.
        let _told = lines.try_for_each(|line| tell.send(line));
    });
    lines
}

/// Waits for a line.
fn wait_for(lines: &Receiver<String>, what: &str, is_it: impl Fn(&str) -> bool) -> String {
    let (end, mut seen) = (Instant::now() + PATIENCE, Vec::new());
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let Ok(line) = lines.recv_timeout(left) else { panic!("no {what} in {seen:?}") };
        if is_it(&line) {
            return line;
        }
        seen.push(line);
    }
}

impl Watch {
    fn begin(todo: &Todo, words: &[&str]) -> Self {
        let words = [&["watch"], words].concat();
        let mut todo = todo.command(words).spawn().expect("todo can be run");
        let out = lines(todo.stdout.take().expect("a pipe"));
        let err = lines(todo.stderr.take().expect("a pipe"));
        Self { todo, out, err }
    }

    /// One that tells what the server tells, and is told something by now.
    fn begin_raw(todo: &Todo) -> Self {
        let watch = Self::begin(todo, &["--json"]);
        watch.told("hello", "");
        watch
    }

    /// Waits until it is told what happens: what was there before it looked is not told. It is told of
    /// one of the tasks that are added here.
    fn listens_to(&self, todo: &Todo) {
        let mut number = 0;
        until("it is told nothing", || {
            number += 1;
            todo.run(["add", "--literal", &format!("First {number}")]).done();
            self.out.recv_timeout(A_WHILE).map(drop)
        });
    }

    /// Waits for what happens to a task.
    fn shown(&self, what: &str, title: &str) {
        wait_for(&self.out, title, |line| line.starts_with(what) && line.ends_with(title));
    }

    /// Waits for a message of a kind that has a text in it.
    fn told(&self, kind: &str, text: &str) -> Value {
        let read = |line: &str| serde_json::from_str::<Value>(line).expect("an object a line");
        let line =
            wait_for(&self.out, kind, |line| read(line)["type"] == kind && line.contains(text));
        read(&line)
    }

    /// Waits for its end: its status and its last words.
    fn ended(mut self) -> (Option<i32>, String) {
        let status = until("the watch does not end", || match self.todo.try_wait() {
            Ok(Some(status)) => Ok(status.code()),
            _ => Err("it still watches"),
        });
        (status, self.err.iter().collect::<Vec<_>>().join("\n"))
    }
}

/// A server that is everything, and somebody who has logged in to it.
fn begin(runtime: &Runtime) -> (TodoServer, Account, Todo) {
    begin_at(runtime, TodoServer::alone())
}

/// The same of one that is yet to be started.
fn begin_at(runtime: &Runtime, mut server: TodoServer) -> (TodoServer, Account, Todo) {
    server.start_ready(runtime);
    let account = runtime.block_on(Account::register(server.address()));
    let mut todo = Todo::by_the_clock();
    todo.log_in_as(&url(&server), EMAIL, PASSWORD);
    (server, account, todo)
}

fn url(server: &TodoServer) -> String {
    format!("http://{}", server.address())
}

#[expect(clippy::disallowed_methods, reason = "the server goes by the machine's clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("this century"))
}

/// Adds a task that reminds at a whole second, in this many or one less. On a busy machine it may have
/// passed before it is asked for; then it is a later one.
fn add_reminding(todo: &Todo, title: &str, seconds: i64) -> Timestamp {
    until("no reminder is taken", || {
        let at = Timestamp::from_millis((now().millis() / 1_000 + seconds) * 1_000);
        let ran = todo.run(["add", "--literal", title, &format!("--remind={at}")]);
        let over = ran.err.contains("has passed");
        assert!(over || ran.status == Some(0), "{ran:?}");
        if over { Err(ran.err) } else { Ok(at) }
    })
}

/// SPEC 9: what happens is told at once, and a reminder at its time and not before.
#[test]
fn a_watch_is_told_what_happens_and_what_to_be_reminded_of() {
    let runtime = Runtime::new().expect("a runtime");
    let (_server, _account, todo) = begin(&runtime);
    let raw = Watch::begin_raw(&todo);
    let watch = Watch::begin(&todo, &[]);
    watch.listens_to(&todo);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    let made = raw.told("task.created", "Milk");
    todo.run(["edit", &made["data"]["task"]["id"].to_string(), "--title", "Oat milk"]).done();
    watch.shown("changed", "Oat milk");
    let changed = raw.told("task.updated", "Oat milk");
    assert_eq!(changed["data"]["uid"], made["data"]["uid"]);
    let at = add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    let told = raw.told("reminder", "Tea");
    let sent: Timestamp = serde_json::from_value(told["timestamp"].clone()).expect("an instant");
    assert!(sent >= at, "before its time: {told}");
    // Late is what comes a minute after it.
    assert_eq!(told["data"]["firing"]["fate"], "sent", "{told}");
}

/// A server that is killed is waited for; what happened meanwhile is told by the next one.
#[test]
fn a_watch_outlives_its_server() {
    let runtime = Runtime::new().expect("a runtime");
    let (mut server, _account, todo) = begin(&runtime);
    let watch = Watch::begin_raw(&todo);
    todo.run(["add", "Before"]).done();
    let before = watch.told("task.created", "Before");
    server.kill();
    wait_for(&watch.err, "complaint", |line| line.starts_with("waiting: cannot reach"));
    server.start_ready(&runtime);
    todo.run(["add", "Afterwards"]).done();
    let hello = watch.told("hello", "");
    assert_eq!((&hello["seq"], &hello["data"]["resumed"]), (&before["seq"], &json!(true)));
    let after = watch.told("task.created", "Afterwards");
    assert_eq!(after["seq"].as_u64(), before["seq"].as_u64().map(|seq| seq + 1), "{after}");
}

/// SPEC 9: who may no longer listen hears nothing from then on, and is told why.
#[test]
fn a_watch_ends_with_its_token() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, account, todo) = begin(&runtime);
    let watch = Watch::begin_raw(&todo);
    todo.run(["logout"]).done();
    let (status, said) = watch.ended();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(&format!("todo login {}", url(&server))), "{said}");

    let ask = |asked: Asked| {
        let asked = account.client.ask(asked.bearer(&account.token));
        runtime.block_on(asked).expect("an answer")
    };
    let wanted = json!({"name": "watch", "scope": "read"});
    let made = ask(Asked::new(Method::POST, "/api/auth/tokens").json(&wanted));
    let made: Value = made.json().expect("a token");
    let token = made["token"].as_str().expect("its text");
    let mut todo = Todo::by_the_clock();
    todo.log_in(&url(&server), token);
    let watch = Watch::begin_raw(&todo);
    let id = made["id"].as_str().expect("its number");
    let revoked = ask(Asked::new(Method::DELETE, format!("/api/auth/tokens/{id}")));
    assert_eq!(revoked.status, StatusCode::NO_CONTENT, "{revoked:?}");
    let (status, said) = watch.ended();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("was revoked") && !said.contains(token), "{said}");
}

/// A filter chooses among tasks; into a pipe goes what happens to any.
#[test]
fn a_filter_is_refused_where_no_list_is_shown() {
    let runtime = Runtime::new().expect("a runtime");
    let (_server, _account, todo) = begin(&runtime);
    let Ran { status, err, .. } = todo.run(["watch", "#shop"]);
    assert!(status == Some(2) && err.contains("on a terminal"), "{err}");
}
