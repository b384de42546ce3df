//! `todo reminders` on a clock that goes on: each is shown once, whoever looks (R10).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use todo_core::Timestamp;

use crate::support::Sandbox;

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that is ended with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "what is tested waits for the real clock")]
fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("this century"))
}

/// `todo` on the real clock.
fn run(sandbox: &Sandbox, words: &[&str]) -> crate::support::Answer {
    let mut command = sandbox.command();
    command.env_remove("TODO_NOW").args(words);
    command.output().expect("todo starts").into()
}

fn watch(sandbox: &Sandbox, more: &[&str], bus: Option<&str>) -> (Running, ChildStdout) {
    let mut command = sandbox.command();
    command.env_remove("TODO_NOW").args(["reminders", "--watch", "--json"]).args(more);
    command.envs(bus.map(|address| ("DBUS_SESSION_BUS_ADDRESS", address)));
    let mut child = command.stdout(Stdio::piped()).spawn().expect("todo starts");
    let out = child.stdout.take().expect("a pipe");
    (Running(child), out)
}

/// Lines as they come, from any of several.
fn lines(outs: Vec<ChildStdout>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    for out in outs {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // The test may have seen enough.
                let _ = sender.send(line);
            }
        });
    }
    receiver
}

/// A task that reminds so much later, at the next whole second: people type no finer ones. On a busy
/// machine that second may be over before the program has started; then it is a later one.
fn add(sandbox: &Sandbox, title: &str, later: i64) -> Timestamp {
    let given_up = std::time::Instant::now() + PATIENCE;
    loop {
        let at = Timestamp::from_millis((real_now().millis() + later) / 1_000 * 1_000 + 1_000);
        let answer = run(sandbox, &["add", "--literal", title, &format!("--remind={at}")]);
        if answer.status == 0 {
            return at;
        }
        let over = answer.err.contains("has passed") && real_now() >= at;
        assert!(over && std::time::Instant::now() < given_up, "{answer:?}");
    }
}

#[test]
fn r10_two_watches_show_a_reminder_once_and_not_before_its_time() {
    let sandbox = Sandbox::new();
    let at = add(&sandbox, "Tea", 1_500);
    let (one, first) = watch(&sandbox, &[], None);
    let (two, second) = watch(&sandbox, &[], None);
    let shown = lines(vec![first, second]);
    let line = shown.recv_timeout(PATIENCE).expect("it is shown");
    assert!(real_now() >= at, "shown before its time");
    let told: Value = serde_json::from_str(&line).expect("an object a line");
    let reminder = &told["reminders"][0];
    assert_eq!((&reminder["title"], &reminder["id"]), (&"Tea".into(), &1.into()));
    assert_eq!(reminder["remind_at"], at.to_string());
    // Another one, which both have seen the first by.
    add(&sandbox, "Coffee", 0);
    let line = shown.recv_timeout(PATIENCE).expect("a reminder that came meanwhile is shown");
    assert!(line.contains("Coffee"), "{line}");
    drop((one, two));
    // Both have ended, so nothing more can come.
    assert_eq!(shown.iter().collect::<Vec<_>>(), Vec::<String>::new());
    let again = run(&sandbox, &["reminders"]);
    assert_eq!((again.status, again.out.lines().count()), (0, 1), "{again:?}");
    assert!(again.out.starts_with("No reminder is due"), "{again:?}");
}

/// With a fixed present.
fn at(sandbox: &Sandbox, now: &str, words: &[&str]) -> crate::support::Answer {
    let mut command = sandbox.command();
    let output = command.env("TODO_NOW", now).args(words).output();
    output.expect("todo starts").into()
}

#[test]
fn r10_a_dry_run_says_what_would_be_shown_and_marks_nothing() {
    let sandbox = Sandbox::given();
    let before = sandbox.files();
    let expected = "Would show, and mark as shown:\n2026-11-21 09:59  6  Stretch\n";
    for _ in 0..2 {
        assert_eq!(sandbox.ok(&["reminders", "--dry-run"]).out, expected);
        assert_eq!(sandbox.ok(&["reminders", "--dry-run", "--notify"]).out, expected);
    }
    assert_eq!(sandbox.files(), before);
    assert_eq!(sandbox.ok(&["reminders"]).out, "2026-11-21 09:59  6  Stretch\n");
    let none = "No reminder is due, and none is to come.\n";
    assert_eq!(sandbox.ok(&["reminders", "--dry-run"]).out, none);
    let answer = sandbox.fails(2, &["reminders", "--watch", "--dry-run"]);
    assert!(answer.err.contains("--coming"), "{answer:?}");
}

#[test]
fn r10_what_was_due_meanwhile_is_late_and_what_is_older_than_a_day_is_missed() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "--literal", "Old", "--due", "2026-11-21T12:00"]);
    sandbox.ok(&["add", "--literal", "Fresh", "--due", "2026-11-22T12:00"]);
    sandbox.ok(&["add", "--literal", "Done", "--due", "2026-11-22T12:00"]);
    sandbox.ok(&[
        "add",
        "--literal",
        "Hidden",
        "--due",
        "2026-11-22T12:00",
        "--start",
        "in 1 month",
    ]);
    sandbox.ok(&["done", "3"]);
    let later = "2026-11-22T20:00:00Z";
    let shown = at(&sandbox, later, &["reminders"]);
    let expected = "2026-11-21 12:00  1  Old (missed)\n2026-11-22 12:00  2  Fresh (late)\n";
    assert_eq!(shown.out, expected);
    let states = |id| {
        let told = at(&sandbox, later, &["remind", id, "--json"]).json();
        told["tasks"][0]["reminders"][0]["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(["1", "2", "3", "4"].map(states), ["missed", "sent", "silent", "silent"]);
    assert!(at(&sandbox, later, &["reminders"]).out.starts_with("No reminder is due"));
}

#[test]
fn r9_snoozing_reminds_again_and_moves_nothing() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["reminders"]);
    let answer = sandbox.ok(&["snooze", "6", "10m"]);
    assert!(answer.out.contains("reminds at the due time, 2026-11-21 10:10"), "{answer:?}");
    assert!(answer.out.contains("due Sat 21 Nov 2026, 09:59"), "{answer:?}");
    assert!(sandbox.ok(&["reminders"]).out.contains("The next: 2026-11-21 10:10  6  Stretch"));
    let shown = at(&sandbox, "2026-11-21T09:10:00Z", &["reminders"]);
    assert_eq!(shown.out, "2026-11-21 10:10  6  Stretch\n");
}

/// Whoever waits for a reminder must not find the watch gone.
#[test]
fn a_watch_outlives_a_file_that_is_damaged_for_a_while() {
    let sandbox = Sandbox::new();
    add(&sandbox, "Water", 0);
    let mut command = sandbox.command();
    command.env_remove("TODO_NOW").args(["reminders", "--watch", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("todo");
    let out = child.stdout.take().expect("a pipe");
    let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
    let _watch = Running(child);
    let shown = lines(vec![out]);
    let line = shown.recv_timeout(PATIENCE).expect("the watch is there");
    assert!(line.contains("Water"), "{line}");
    let good = sandbox.bytes();
    sandbox.write(b"{\"format\": 2, half");
    let mut told = String::new();
    err.read_line(&mut told).expect("it says what it waits for");
    assert!(told.starts_with("waiting: ") && told.contains("damaged"), "{told}");
    sandbox.write(&good);
    add(&sandbox, "Tea", 0);
    let line = shown.recv_timeout(PATIENCE).expect("it is shown");
    assert!(line.contains("Tea"), "{line}");
}

#[test]
fn a_watch_needs_a_clock_that_goes_on() {
    let answer = Sandbox::given().fails(1, &["reminders", "--watch"]);
    assert!(answer.err.contains("TODO_NOW"), "{answer:?}");
}

#[test]
fn a_desktop_that_shows_nothing_is_no_failure() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "--literal", "Tea", "--due", "2026-11-21T10:00"]);
    let mut command = sandbox.command();
    command.args(["reminders", "--notify"]);
    let nowhere = sandbox.path("no-such-bus");
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", nowhere.display()));
    let answer: crate::support::Answer = command.output().expect("todo starts").into();
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.out.contains("Tea"), "it is shown here all the same: {answer:?}");
    assert!(answer.err.contains("desktop"), "and why it is not shown there: {answer:?}");
}

#[cfg(target_os = "linux")]
#[expect(clippy::used_underscore_binding, reason = "by what the interface's macro makes")]
mod desktop {
    use std::collections::HashMap;
    use std::process::Command;

    use super::*;

    /// As much of a desktop as shows notifications (Desktop Notifications Specification 1.2).
    struct Desktop(mpsc::Sender<(String, String)>);

    #[expect(clippy::unused_self, clippy::too_many_arguments, reason = "the interface's shape")]
    #[zbus::interface(name = "org.freedesktop.Notifications")]
    impl Desktop {
        fn notify(
            &self,
            _app: &str,
            _replaces: u32,
            _icon: &str,
            summary: &str,
            body: &str,
            _actions: Vec<String>,
            _hints: HashMap<String, zbus::OwnedVariant>,
            _timeout: i32,
        ) -> u32 {
            let _ = self.0.send((summary.to_owned(), body.to_owned()));
            1
        }

        fn get_capabilities(&self) -> Vec<String> {
            vec!["body".to_owned()]
        }

        fn get_server_information(&self) -> (String, String, String, String) {
            let text = |text: &str| text.to_owned();
            (text("test"), text("todo"), text("1"), text("1.2"))
        }
    }

    /// A bus of its own.
    fn bus() -> (Running, String) {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("dbus-daemon starts");
        let out = child.stdout.take().expect("a pipe");
        let mut address = String::new();
        BufReader::new(out).read_line(&mut address).expect("it prints its address");
        (Running(child), address.trim().to_owned())
    }

    #[test]
    #[ignore = "needs dbus-daemon: tests/run"]
    fn desktop_notifications_reach_the_desktop() {
        let (_bus, address) = bus();
        let (sender, shown) = mpsc::channel();
        let serving = async {
            let bus: zbus::Address = address.parse().expect("an address");
            zbus::connection::Builder::address(bus)
                .name("org.freedesktop.Notifications")
                .serve_at("/org/freedesktop/Notifications", Desktop(sender))
                .build()
                .await
        };
        let connection = zbus::block_on(serving).expect("the desktop is on the bus");
        let sandbox = Sandbox::new();
        let at = Timestamp::from_millis(real_now().millis() / 1_000 * 1_000 + 2_000);
        assert_eq!(run(&sandbox, &["add", "--literal", "Tea"]).status, 0);
        let when = at.to_string();
        let words = ["remind", "1", &when, "--message", "the green one"];
        assert_eq!(run(&sandbox, &words).status, 0);
        let (_watch, _out) = watch(&sandbox, &["--notify"], Some(&address));
        let notification = shown.recv_timeout(PATIENCE).expect("it is shown on the desktop");
        assert_eq!(notification, ("Tea".to_owned(), "the green one".to_owned()));
        drop(connection);
    }
}
