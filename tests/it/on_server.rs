//! The terminal on a server: staying logged in, being thrown out, many at once, and moving a file
//! there and back. That it does what it does on a file is told by the scenarios.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;

use serde_json::{Value, json};
use todo_core::{Timestamp, Zone};
use todo_tests::services::until;
use todo_tests::surfaces::Surface as _;
use todo_tests::surfaces::cli::program::{Ran, Todo};
use todo_tests::surfaces::rest::{Rest, Sqlite};

use crate::alike::{masked, without_steps};

const NOW: &str = "2026-11-21T09:00:00Z";
const MINUTE: i64 = 60_000;

/// A server, and a terminal that has logged in to it with a password.
struct Both {
    server: Rest<Sqlite>,
    todo: Todo,
    now: Timestamp,
}

impl Both {
    fn new() -> Self {
        let now = NOW.parse().expect("an instant");
        let mut both = Self { server: Rest::fresh(), todo: Todo::fresh(), now };
        both.travel(0);
        let (email, password) = both.server.account();
        both.todo.log_in_as(&both.server.url(), &email, password);
        both
    }

    fn travel(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
        self.server.travel(self.now, Zone::UTC);
        self.todo.travel(self.now, Zone::UTC);
    }

    /// The file with the tokens.
    fn login(&self) -> PathBuf {
        let servers = self.todo.folder().join(".local/share/todo/servers");
        let folders =
            fs::read_dir(servers).expect("a folder").map(|entry| entry.expect("one").path());
        folders.map(|path| path.join("login.json")).find(|path| path.exists()).expect("the tokens")
    }
}

fn error(ran: &Ran) -> Value {
    let told: Value = serde_json::from_str(&ran.err).unwrap_or_else(|_| panic!("{ran:?}"));
    told["error"].clone()
}

/// So many at the same time.
fn at_once(todo: &Todo, commands: &[Vec<String>]) -> Vec<i32> {
    let running: Vec<_> = commands
        .iter()
        .map(|words| todo.command(words).spawn().expect("todo can be run"))
        .collect();
    let wait = |todo: std::process::Child| todo.wait_with_output().expect("it ends");
    running.into_iter().filter_map(|todo| wait(todo).status.code()).collect()
}

/// Issue 6: two tabs, two terminals: neither throws the other out.
#[test]
fn several_terminals_renew_their_tokens_at_once() {
    let mut both = Both::new();
    for _ in 0..2 {
        both.travel(20 * MINUTE);
        let list = vec!["list".to_owned()];
        assert_eq!(at_once(&both.todo, &vec![list; 4]), [0; 4]);
    }
    both.todo.run(["list"]).done();
}

/// A crash after the server has given new tokens and before they are on the disk.
#[test]
fn tokens_that_were_lost_are_had_again_for_half_a_minute() {
    let mut both = Both::new();
    both.travel(20 * MINUTE);
    let path = both.login();
    let before = fs::read(&path).expect("the tokens");
    both.todo.run(["list"]).done();
    assert_ne!(fs::read(&path).expect("the tokens"), before);
    fs::write(&path, &before).expect("the tokens");
    both.travel(20_000);
    both.todo.run(["list"]).done();
    // Later it may be a thief who uses the old one: the session ends.
    fs::write(&path, &before).expect("the tokens");
    both.travel(MINUTE);
    let over = both.todo.run(["list", "--json"]);
    assert_eq!((over.status, error(&over)["code"].as_str()), (Some(1), Some("unauthorized")));
}

#[test]
fn a_revoked_session_says_to_log_in_again() {
    let mut both = Both::new();
    both.todo.run(["add", "Before"]).done();
    both.server.end_other_sessions();
    both.travel(10_000);
    let over = both.todo.run(["add", "After", "--json"]);
    assert_eq!(over.status, Some(1), "{over:?}");
    let hint = format!("log in again: todo login {}", both.server.url());
    assert_eq!(error(&over)["hint"], json!(hint));
    // Nothing is queued: who logs in again finds what was done, and no more.
    let (email, password) = both.server.account();
    both.todo.log_in_as(&both.server.url(), &email, password);
    assert_eq!(both.todo.run(["count"]).out, "1\n");
}

#[cfg(unix)]
#[test]
fn tokens_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut both = Both::new();
    both.travel(20 * MINUTE);
    both.todo.run(["list"]).done();
    for name in ["login.json", "copy.json"] {
        let mode =
            fs::metadata(both.login().with_file_name(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // Logging out ends the session there, and leaves neither tokens nor tasks here.
    let sessions = both.server.sessions();
    let folder = both.login().parent().expect("a folder").to_owned();
    both.todo.run(["logout"]).done();
    assert_eq!(both.server.sessions(), sessions - 1);
    for name in ["login.json", "copy.json", "copy.json.bak"] {
        assert!(!folder.join(name).exists(), "{name}");
    }
    assert_eq!(both.todo.run(["list"]).status, Some(1));
}

/// §6: exit status 3, and the file is there as ever.
#[test]
fn a_server_that_is_gone_is_told_of_and_nothing_is_queued() {
    let both = Both::new();
    both.todo.run(["add", "On the server"]).done();
    let Both { server, todo, .. } = both;
    let address = server.url().replace("http://", "");
    drop(server);
    until("the server does not go", || match TcpStream::connect(&address) {
        Ok(_) => Err("it still listens"),
        Err(_) => Ok(()),
    });
    for words in
        [vec!["list", "--json"], vec!["add", "Lost", "--json"], vec!["done", "1", "--json"]]
    {
        let ran = todo.run(&words);
        assert_eq!(ran.status, Some(3), "{ran:?}");
        assert_eq!(error(&ran)["code"], "storage_unavailable");
        assert!(ran.out.is_empty(), "{ran:?}");
    }
    let here = |words: &[&str]| todo.run([&["--server", "none"], words].concat());
    here(&["add", "In the file"]).done();
    assert_eq!(here(&["count"]).out, "1\n");
}

/// The copy can always be had again: what is in it decides nothing.
#[test]
fn a_copy_that_is_damaged_or_goes_too_far_is_made_anew() {
    let both = Both::new();
    both.todo.run(["add", "One"]).done();
    both.todo.run(["add", "Two"]).done();
    let listed = || both.todo.run(["list"]);
    let before = listed();
    before.done();
    let copy = both.login().with_file_name("copy.json");
    let good = fs::read_to_string(&copy).expect("the copy");
    let kept: Value = serde_json::from_str(&good).expect("the copy is JSON");
    let at = |seq: u64| format!("\"next_seq\": {seq}");
    let here = at(kept["next_seq"].as_u64().expect("how far it goes"));
    // A backup was put back on the server; another account was there; the disk did it.
    for bad in [
        good.replace(&here, &at(99)),
        good.replace("\"account\":\"", "\"account\":\"not-"),
        good.replace("\"One\"", "\"Eins\"").replace(&here, &at(1)),
        good[..good.len() / 2].to_owned(),
        String::new(),
    ] {
        assert_ne!(bad, good);
        fs::write(&copy, bad).expect("the copy");
        assert_eq!(listed().out, before.out);
    }
}

#[test]
fn wrong_passwords_and_tokens_that_only_read_are_refused() {
    let mut both = Both::new();
    let (email, _) = both.server.account();
    let words = ["login", &both.server.url(), "--email", &email, "--json"];
    let ran = both.todo.run_with(words, "not the password");
    assert_eq!((ran.status, error(&ran)["code"].as_str()), (Some(1), Some("unauthorized")));
    // Who was logged in still is.
    both.todo.run(["add", "One"]).done();
    let token = both.server.token("read");
    both.todo.log_in(&both.server.url(), &token);
    assert_eq!(both.todo.run(["count"]).out, "1\n");
    let ran = both.todo.run(["add", "Two", "--json"]);
    assert_eq!((ran.status, error(&ran)["code"].as_str()), (Some(1), Some("forbidden")));
    assert_eq!(both.todo.run(["count"]).out, "1\n");
}

/// Logging in again ends the session that nobody can use any more, and keeps what belongs to the
/// terminal.
#[test]
fn who_logs_in_again_leaves_no_session_behind() {
    let mut both = Both::new();
    both.todo.run(["config", "theme", "mono"]).done();
    both.todo.run(["config", "timezone", "Asia/Karachi"]).done();
    let sessions = both.server.sessions();
    let (email, password) = both.server.account();
    both.todo.log_in_as(&both.server.url(), &email, password);
    assert_eq!(both.server.sessions(), sessions);
    let settings = both.todo.run(["config", "--json"]).json()["settings"].clone();
    assert_eq!(
        (&settings["theme"], &settings["timezone"]),
        (&json!("mono"), &json!("Asia/Karachi"))
    );
}

#[test]
fn what_a_server_does_not_do_is_said() {
    let both = Both::new();
    for command in ["doctor", "reminders"] {
        let ran = both.todo.run([command]);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(ran.err.contains("server"), "{ran:?}");
    }
}

/// What is worked out on the copy is asked with the versions it was worked out on.
#[test]
fn many_terminals_write_at_once_and_nothing_is_lost() {
    let both = Both::new();
    let add = |n: usize| vec!["add".to_owned(), format!("Task {n}")];
    let adds: Vec<_> = (0..8).map(add).collect();
    assert_eq!(at_once(&both.todo, &adds), [0; 8]);
    assert_eq!(both.todo.run(["count"]).out, "8\n");
    // Each takes its own tag and leaves those of the others.
    let tag = |n: usize| ["edit", "1", "--add-tag", &format!("t{n}")].map(str::to_owned).to_vec();
    let tags: Vec<_> = (0..4).map(tag).collect();
    assert_eq!(at_once(&both.todo, &tags), [0; 4]);
    let shown = both.todo.run(["show", "1", "--json"]).json();
    assert_eq!(shown["tasks"][0]["tags"].as_array().map(Vec::len), Some(4), "{shown}");
}

/// Word by word, but for identities, which are drawn.
#[test]
fn people_read_on_a_server_what_they_read_on_a_file() {
    let mut both = Both::new();
    let mut file = Todo::fresh();
    file.travel(both.now, Zone::UTC);
    let said: &[&[&str]] = &[
        &[],
        &["add", "Pay rent tomorrow 5pm #finance @home/bills !high every month remind 1h before"],
        &["add", "Paint the fence", "--due", "2026-11-20", "--project", "home/garden"],
        &["add", "Buy paint", "--parent", "2", "--start", "2026-12-01"],
        &["add", "Nothing", "--due", "on the day after never"],
        &["list"],
        &["list", "--format", "csv"],
        &["list", "--sort", "-priority", "--urgency"],
        &["today"],
        &["agenda"],
        &["show", "1"],
        &["why", "1", "2"],
        &["done", "2"],
        &["done", "2", "--cascade", "--dry-run"],
        &["done", "2", "--cascade"],
        &["done", "2"],
        &["done", "99"],
        &["done", "1"],
        &["log"],
        &["undo", "--list"],
        &["undo"],
        &["redo"],
        &["redo"],
        &["edit", "1-4", "--add-tag", "later", "--due", "next friday"],
        &["edit", "1", "--expect", "1", "--title", "Too late"],
        &["snooze", "4", "in", "2", "hours"],
        &["remind", "4"],
        &["remind", "4", "2", "hours", "before"],
        &["remind", "4", "--remove", "1"],
        &["repeat", "4"],
        &["skip", "4"],
        &["start", "5"],
        &["cancel", "tag:later", "--yes"],
        &["reopen", "status:cancelled", "--yes"],
        &["delete", "2", "5"],
        &["list", "--trash"],
        &["restore", "2"],
        &["purge", "5", "--yes"],
        &["purge", "--trash", "--yes"],
        &["filter", "save", "soon", "due<2027-01-01 and not tag:done"],
        &["filter", "save", "bad", "due<"],
        &["context", "soon"],
        &["list"],
        &["list", "--no-context", "--all"],
        &["filter", "remove", "soon"],
        &["context"],
        &["tags"],
        &["projects"],
        &["stats"],
        &["count", "--all"],
        &["search", "paint"],
        &["export", "--to", "todotxt"],
        &["config", "week_start", "sunday"],
        &["config", "theme", "mono"],
        &[],
    ];
    for words in said {
        let [here, there] = [&file, &both.todo].map(|todo| {
            let Ran { status, out, err } = todo.run(*words);
            (status, masked(&without_steps(words, &out)), masked(&err))
        });
        assert_eq!(there, here, "{words:?}");
        both.travel(MINUTE);
        file.travel(both.now, Zone::UTC);
    }
}

/// Own JSON of so many tasks.
fn tasks(count: u128) -> String {
    let task = |n: u128| {
        let (version, variant) = (7_u128 << 76, 2_u128 << 62);
        let uid = uuid::Uuid::from_u128(0x0197_0000_0000 << 80 | version | variant | n);
        json!({
            "id": n, "uid": uid, "title": format!("Task {n}"), "status": "pending",
            "priority": "medium", "tags": ["many"], "created_at": NOW, "updated_at": NOW,
            "version": 1,
        })
    };
    json!({ "format": 2, "tasks": (1..=count).map(task).collect::<Vec<_>>() }).to_string()
}

/// Issue 6: a file of 10 000 tasks is pushed twice, and the second time nothing changes.
#[test]
fn a_long_file_is_pushed_and_pushed_again() {
    const COUNT: u64 = 10_000;
    let both = Both::new();
    let here = |words: &[&str]| both.todo.run([&["--server", "none"], words].concat());
    fs::write(both.todo.folder().join("many.json"), tasks(COUNT.into())).expect("a file");
    here(&["import", "many.json"]).done();
    here(&["filter", "save", "mine", "tag:many"]).done();
    let push = || {
        let ran = both.todo.run(["push", "--json"]);
        let told = ran.json();
        let counts = ["added", "updated", "unchanged", "left"].map(|name| told[name].clone());
        (counts, told["renumbered"].clone(), told["filters"].clone())
    };
    let dry = both.todo.run(["push", "--dry-run", "--json"]).json();
    assert_eq!((dry["added"].as_u64(), dry["step"].as_u64()), (Some(COUNT), None));
    assert_eq!(both.todo.run(["count"]).out, "0\n");
    let none = json!([]);
    let first = json!({ "saved": ["mine"], "left": [] });
    assert_eq!(push(), ([json!(COUNT), json!(0), json!(0), json!(0)], none.clone(), first));
    let second = json!({ "saved": [], "left": [] });
    assert_eq!(push(), ([json!(0), json!(0), json!(COUNT), json!(0)], none, second));
    // What was there is there, number by number, but for what belongs to the file alone.
    assert_eq!(both.todo.run(["export"]).out, here(&["export"]).out);
    assert_eq!(both.todo.run(["filter", "list"]).out, here(&["filter", "list"]).out);
}

/// Numbers that the other side has used are others there, and are told.
#[test]
fn what_has_another_number_there_is_told() {
    let both = Both::new();
    let here = |words: &[&str]| both.todo.run([&["--server", "none"], words].concat());
    both.todo.run(["add", "Theirs"]).done();
    here(&["add", "Ours"]).done();
    let pushed = both.todo.run(["push"]);
    assert!(pushed.out.contains("1 here is 2 there  Ours"), "{pushed:?}");
    let pulled = both.todo.run(["pull", "--json"]).json();
    assert_eq!((&pulled["added"], &pulled["unchanged"]), (&json!(1), &json!(1)), "{pulled}");
    let renumbered = pulled["renumbered"].as_array().expect("a list");
    let pairs: Vec<_> = renumbered.iter().map(|one| (&one["from"], &one["to"])).collect();
    assert_eq!(pairs, [(&json!(1), &json!(2)), (&json!(2), &json!(1))]);
    let again = both.todo.run(["pull", "--json"]).json();
    assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &json!(2)));
    // The newer state of a task is taken, whichever side it is on.
    let mut both = both;
    both.travel(MINUTE);
    both.todo.run(["done", "2"]).done();
    let pulled = both.todo.run(["pull", "--json"]).json();
    assert_eq!((&pulled["updated"], &pulled["left"]), (&json!(1), &json!(0)), "{pulled}");
    let pushed = both.todo.run(["push", "--json"]).json();
    assert_eq!((&pushed["updated"], &pushed["unchanged"]), (&json!(0), &json!(2)), "{pushed}");
}
