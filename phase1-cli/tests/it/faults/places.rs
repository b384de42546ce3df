//! Places where no file can be written, or where something else is in its place. Each answer is
//! exit status 3 and says what to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::{Answer, FILE, Sandbox, TODO, WRITES};

/// Nobody: a user that owns nothing.
const NOBODY: u32 = 65_534;

/// A sandbox seen by somebody whom permissions stop. Root may do everything, so as root the
/// commands are run as nobody, who gets the folder and a copy of the program that can be reached.
struct Stranger {
    sandbox: Sandbox,
    root: bool,
}

impl Stranger {
    fn new() -> Self {
        let sandbox = Sandbox::given();
        let folder = sandbox.path(".");
        let root = fs::metadata(&folder).expect("the folder").uid() == 0;
        if root {
            // By another process: a program that is open for writing cannot be run, and whatever
            // the other tests start meanwhile would inherit the open file from this one.
            let copied = Command::new("cp").arg(TODO).arg(sandbox.path("todo")).status();
            assert!(copied.expect("cp starts").success(), "a copy of the program");
            for entry in fs::read_dir(&folder).expect("the folder") {
                let path = entry.expect("an entry").path();
                chown(path, Some(NOBODY), Some(NOBODY)).expect("root gives files away");
            }
            chown(&folder, Some(NOBODY), Some(NOBODY)).expect("root gives files away");
        }
        Self { sandbox, root }
    }

    fn run(&self, words: &[&str]) -> Answer {
        let mut command = if self.root {
            // Nothing is skipped silently: without setpriv (util-linux) this fails and says so.
            let mut command = self.sandbox.command_of(Path::new("setpriv"));
            let id = NOBODY.to_string();
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
            command.arg(self.sandbox.path("todo"));
            command
        } else {
            self.sandbox.command()
        };
        command.args(words).output().expect("todo, or setpriv of util-linux, starts").into()
    }

    fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.sandbox.path(name), Permissions::from_mode(mode)).expect("a mode");
    }

    /// Every writing command is refused for this reason and leaves every byte.
    fn refuses_all(&self, reason: &str) {
        let before = self.sandbox.files();
        for words in WRITES {
            let answer = self.run(words);
            assert_eq!(answer.status, 3, "{words:?}: {answer:?}");
            assert!(answer.err.contains(reason), "{words:?}: {reason}? {answer:?}");
            assert_eq!(self.sandbox.files(), before, "{words:?} changed something");
        }
    }
}

#[test]
fn a_read_only_folder_is_readable_and_says_why_nothing_can_be_written() {
    let stranger = Stranger::new();
    assert_eq!(stranger.run(&["done", "1"]).status, 0, "without this the test shows nothing");
    fs::remove_file(stranger.sandbox.path("tasks.json.lock")).expect("the lock file");
    stranger.mode(".", 0o555);
    stranger.refuses_all("permission denied");
    assert_eq!(stranger.run(&["list"]).status, 0);
    assert_eq!(stranger.run(&["doctor"]).status, 0);
    stranger.mode(".", 0o755);
}

#[test]
fn a_read_only_folder_with_a_lock_file_in_it_is_no_different() {
    let stranger = Stranger::new();
    fs::write(stranger.sandbox.path("tasks.json.lock"), "").expect("a lock file");
    stranger.mode("tasks.json.lock", 0o666);
    stranger.mode(".", 0o555);
    stranger.refuses_all("permission denied");
    stranger.mode(".", 0o755);
}

#[test]
fn a_file_without_permission_is_refused_by_readers_too() {
    let stranger = Stranger::new();
    stranger.mode(FILE, 0o000);
    stranger.refuses_all("permission denied");
    for words in [&["list"][..], &["show", "1"], &["count"]] {
        let answer = stranger.run(words);
        assert_eq!(answer.status, 3, "{answer:?}");
        assert!(answer.err.contains("permission denied"), "{answer:?}");
        assert_eq!(answer.out, "");
    }
    assert_eq!(stranger.run(&["doctor"]).status, 1, "doctor looks even then");
}

/// Replacing it would be possible, for root even writing to it; the mark is a wish.
#[test]
fn a_file_marked_read_only_stays_as_it_is_even_for_root() {
    let sandbox = Sandbox::given();
    fs::set_permissions(sandbox.file(), Permissions::from_mode(0o444)).expect("a mode");
    for words in WRITES {
        let answer = sandbox.fails(3, words);
        assert!(answer.err.contains("read-only"), "{answer:?}");
        assert!(answer.err.contains("chmod u+w"), "{answer:?}");
    }
    sandbox.ok(&["list"]);
    let doctor = sandbox.ok(&["doctor"]);
    assert!(doctor.out.contains("warning: the file is read-only"), "{doctor:?}");
}

#[test]
fn mode_and_owner_are_kept_and_a_new_file_is_private() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Buy milk"]);
    let mode = || fs::metadata(sandbox.file()).expect("the file").mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(sandbox.file(), Permissions::from_mode(0o664)).expect("a mode");
    sandbox.ok(&["done", "1"]);
    assert_eq!(mode(), 0o664);
}

#[test]
fn a_link_stays_a_link_and_what_it_points_to_is_written() {
    for words in WRITES {
        let sandbox = Sandbox::given();
        fs::create_dir(sandbox.path("synced")).expect("a folder");
        fs::rename(sandbox.file(), sandbox.path("synced/real.json")).expect("another place");
        symlink("synced/real.json", sandbox.file()).expect("a link");
        let before = sandbox.bytes();
        sandbox.ok(words);
        assert!(sandbox.file().is_symlink(), "{words:?} replaced the link");
        let real = fs::read(sandbox.path("synced/real.json")).expect("the real file");
        assert_ne!(real, before, "{words:?} changed something else");
        let backup = fs::read(sandbox.path("synced/real.json.bak")).expect("a backup beside it");
        assert_eq!(backup, before, "{words:?}");
        assert!(!sandbox.path("tasks.json.bak").exists());
    }
}

#[test]
fn a_link_to_nothing_is_where_the_first_task_goes() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("synced")).expect("a folder");
    symlink("synced/real.json", sandbox.file()).expect("a link");
    assert_eq!(sandbox.ok(&["count"]).out, "0\n");
    sandbox.ok(&["add", "Buy milk"]);
    assert!(sandbox.file().is_symlink());
    assert!(sandbox.path("synced/real.json").is_file());

    let nowhere = Sandbox::new();
    symlink("no-such-folder/real.json", nowhere.file()).expect("a link");
    let answer = nowhere.fails(3, &["add", "Buy milk"]);
    assert!(answer.err.contains("no-such-folder"), "{answer:?}");

    let circle = Sandbox::new();
    symlink(FILE, circle.file()).expect("a link");
    let answer = circle.fails(3, &["add", "Buy milk"]);
    assert!(answer.err.contains("too many symbolic links"), "{answer:?}");
}

#[test]
fn what_is_not_a_file_is_not_taken_for_one() {
    let folder = Sandbox::new();
    fs::create_dir(folder.file()).expect("a folder");
    let pipe = Sandbox::new();
    let made = Command::new("mkfifo").arg(pipe.file()).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
    for sandbox in [folder, pipe] {
        for words in [&["add", "Buy milk"][..], &["list"], &["export"]] {
            let answer = sandbox.run(words);
            assert_eq!(answer.status, 3, "{answer:?}");
            assert!(answer.err.contains("is not a regular file"), "{answer:?}");
        }
    }
    let sandbox = Sandbox::new();
    for file in [".", "..", "/"] {
        let answer = sandbox.run(&["--file", file, "add", "Buy milk"]);
        assert_eq!(answer.status, 3, "{file}: {answer:?}");
        assert!(answer.err.contains("is not a regular file"), "{answer:?}");
    }
    let answer = sandbox.fails(3, &["--file", "/dev/null", "add", "Buy milk"]);
    assert!(answer.err.contains("is not a regular file"), "{answer:?}");
}

/// A folder that somebody names is theirs to make: a slip of the finger must not plant one.
#[test]
fn a_missing_folder_is_named_and_not_made() {
    let sandbox = Sandbox::new();
    for words in [&["add", "Buy milk"][..], &["list"], &["doctor"]] {
        let words = [&["--file", "no/such/tasks.json"], words].concat();
        let answer = sandbox.fails(3, &words);
        assert!(answer.err.contains("no such file or folder"), "{answer:?}");
        assert!(answer.err.contains("no/such"), "{answer:?}");
    }
    assert!(!sandbox.path("no").exists());
}

#[test]
fn the_platforms_own_folder_is_made() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("home")).expect("a home");
    let mut command = sandbox.command();
    command.env_remove("TODO_FILE").env("HOME", sandbox.path("home")).args(["add", "Buy milk"]);
    assert!(command.status().is_ok_and(|status| status.success()));
    assert!(sandbox.path("home/.local/share/todo/tasks.json").is_file());
    let mut command = sandbox.command();
    command.env_remove("TODO_FILE").env("XDG_DATA_HOME", sandbox.path("data")).arg("list");
    let answer = Answer::from(command.output().expect("todo starts"));
    assert_eq!(answer.status, 0, "{answer:?}");
    assert!(answer.out.starts_with("No tasks yet"), "{answer:?}");
}

/// A user of whom the system knows no home folder either: services and containers have such.
#[test]
#[ignore = "needs root: tests/run"]
fn without_any_home_the_hint_names_the_ways_to_name_a_file() {
    let stranger = Stranger::new();
    let mut command = stranger.sandbox.command_of(Path::new("setpriv"));
    command.args(["--reuid", "54321", "--regid", "54321", "--clear-groups"]);
    for name in ["TODO_FILE", "HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        command.env_remove(name);
    }
    command.arg(stranger.sandbox.path("todo")).args(["add", "Buy milk"]);
    stranger.mode(".", 0o755);
    let answer = Answer::from(command.output().expect("setpriv of util-linux starts"));
    assert_eq!(answer.status, 3, "{answer:?}");
    assert!(answer.err.contains("no home folder is known"), "{answer:?}");
    assert!(answer.err.contains("--file"), "{answer:?}");
    assert!(answer.err.contains("TODO_FILE"), "{answer:?}");
}
