//! A folder with a tasks' file in it, and the real binary run on it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// The binary under test.
pub(crate) const TODO: &str = env!("CARGO_BIN_EXE_todo");
/// The present of every test: a Saturday, 10:00 in Berlin.
pub(crate) const NOW: &str = "2026-11-21T09:00:00Z";
/// The file's name in its folder.
pub(crate) const FILE: &str = "tasks.json";

/// Every command that writes, as it succeeds on [`Sandbox::given`]. `faults` runs each of them on
/// broken files, `dry_run` without effect; [`every_command_is_known_to_the_tests`] keeps it whole.
pub(crate) const WRITES: &[&[&str]] = &[
    &["add", "Something new", "--due", "2026-12-01", "--tag", "new"],
    &["edit", "1", "--title", "Another title"],
    &["done", "1"],
    &["start", "1"],
    &["reopen", "4"],
    &["cancel", "1"],
    &["skip", "6"],
    &["repeat", "2", "every friday"],
    &["remind", "2", "1 day before"],
    &["snooze", "2", "1h"],
    &["reminders"],
    &["delete", "1"],
    &["restore", "5"],
    &["purge", "5", "--yes"],
    &["purge", "--trash", "--yes"],
    &["undo"],
    &["redo"],
    &["config", "timezone", "Asia/Karachi"],
    &["config", "week_start", "--unset"],
    &["filter", "save", "money", "tag:finance or @home"],
    &["filter", "remove", "home"],
    &["context", "home"],
    &["import", IMPORT],
];
/// Commands that read the file and change nothing.
pub(crate) const READS: &[&[&str]] = &[
    &["list"],
    &["list", "overdue or status:completed", "--sort", "-urgency"],
    &["search", "milk"],
    &["filter"],
    &["context"],
    &["today"],
    &["agenda"],
    &["repeat", "6"],
    &["remind", "6"],
    &["reminders", "--coming"],
    &["show", "1"],
    &["why", "1"],
    &["undo", "--list"],
    &["tags"],
    &["projects"],
    &["count"],
    &["stats"],
    &["log"],
    &["config"],
    &["export"],
];
/// Commands that need no file, or have tests of their own; those about servers in `tests/`.
const OTHERS: &[&str] =
    &["doctor", "completions", "man", "help", "login", "logout", "push", "pull", "watch"];
/// Something to import, beside the file in [`Sandbox::given`].
pub(crate) const IMPORT: &str = "import.json";

#[test]
fn every_command_is_known_to_the_tests() {
    let listed = WRITES.iter().chain(READS).map(|words| words[0]).chain(OTHERS.iter().copied());
    let listed: BTreeSet<_> = listed.map(ToOwned::to_owned).collect();
    assert_eq!(listed, subcommands(), "add a new command to WRITES or READS");
}

/// The names of all commands, as `--help` lists them.
pub(crate) fn subcommands() -> BTreeSet<String> {
    let help = Sandbox::new().ok(&["-h"]).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| line.starts_with("  ")).filter_map(|line| {
        line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.split(' ').next()
    });
    names.map(ToOwned::to_owned).collect()
}

/// A folder of its own for one test.
#[derive(Debug)]
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        let err = text(output.stderr);
        let status = output.status.code().unwrap_or_else(|| panic!("died: {err}"));
        // 101 would be a panic: no input, no file and no disk may cause one.
        assert!((0..=3).contains(&status), "exit status {status}: {err}");
        Self { status, out: text(output.stdout), err }
    }
}

impl Answer {
    /// The answer on standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Sandbox {
    /// Without a file.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// With a file on which each of [`WRITES`] has something to do, and something to import.
    pub(crate) fn given() -> Self {
        static GIVEN: OnceLock<Vec<u8>> = OnceLock::new();
        let sandbox = Self::new();
        let bytes = GIVEN.get_or_init(|| {
            sandbox.ok(&["add", "Buy milk"]);
            sandbox.ok(&["add", "Paint the fence", "--due", "2026-11-30", "-P", "home/garden"]);
            sandbox.ok(&["add", "Buy paint", "--parent", "2", "--tag", "shop"]);
            sandbox.ok(&["add", "Call Ann"]);
            sandbox.ok(&["add", "Old plan"]);
            sandbox.ok(&["add", "Stretch", "--due", "2026-11-21T09:59", "--repeat", "every day"]);
            sandbox.ok(&["done", "4"]);
            sandbox.ok(&["delete", "5"]);
            sandbox.ok(&["config", "week_start", "sunday"]);
            sandbox.ok(&["filter", "save", "home", "@home"]);
            sandbox.ok(&["start", "2"]);
            sandbox.ok(&["undo"]);
            sandbox.bytes()
        });
        sandbox.write(bytes);
        fs::write(sandbox.path(IMPORT), document(900..903)).expect("a file to import");
        sandbox
    }

    /// With this many open tasks, called `Task 1` and so on.
    pub(crate) fn with_tasks(count: u64) -> Self {
        let sandbox = Self::new();
        sandbox.write(document(1..count + 1).as_bytes());
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path(FILE)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(self.file()).expect("the tasks' file")
    }

    pub(crate) fn write(&self, bytes: &[u8]) {
        fs::write(self.file(), bytes).expect("the tasks' file can be made");
    }

    /// The tasks as the file has them: read by another parser than the program's own.
    pub(crate) fn tasks(&self) -> Vec<Value> {
        let document: Value = serde_json::from_slice(&self.bytes()).expect("the file is JSON");
        document["tasks"].as_array().expect("the file has tasks").clone()
    }

    /// Every file of the folder with its bytes. The lock file's note is nobody's data.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let files = paths.filter(|path| path.extension() != Some(OsStr::new("lock")));
        files.filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes))).collect()
    }

    /// `todo` in this folder, with nothing of the tester's own environment.
    pub(crate) fn command(&self) -> Command {
        self.command_of(Path::new(TODO))
    }

    pub(crate) fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for name in ["NO_COLOR", "COLUMNS", "TERM", "XDG_DATA_HOME", "TODO_SERVER"] {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_remove("TODO_HOOK").env("TODO_HOOKS", "");
        command.env("TODO_FILE", FILE).env("TODO_NOW", NOW).env("TZ", "Europe/Berlin");
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Answer {
        self.command().args(words).output().expect("todo starts").into()
    }

    /// Runs a command that must succeed.
    pub(crate) fn ok(&self, words: &[&str]) -> Answer {
        let answer = self.run(words);
        assert_eq!(answer.status, 0, "todo {}: {answer:?}", words.join(" "));
        answer
    }

    /// Runs a command that must fail with this status and change no byte.
    pub(crate) fn fails(&self, status: i32, words: &[&str]) -> Answer {
        let before = self.files();
        let answer = self.run(words);
        assert_eq!(answer.status, status, "todo {}: {answer:?}", words.join(" "));
        assert!(answer.err.starts_with("error: "), "{words:?} must say why: {answer:?}");
        assert_eq!(self.files(), before, "todo {} changed something", words.join(" "));
        answer
    }

    /// Starts a command and gives its process, whose output is kept.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command();
        command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("todo starts")
    }

    /// Gives a command something to read.
    pub(crate) fn run_with(&self, words: &[&str], input: &[u8]) -> Answer {
        let mut command = self.command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.args(words).spawn().expect("todo starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // It may end without having read any of it.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().expect("todo ends").into()
    }
}

/// A tasks' file as a person could write one.
pub(crate) fn document(ids: std::ops::Range<u64>) -> String {
    let rows = ids.clone().map(|id| row(id, &format!("Task {id}"), ""));
    file_of(ids.end, &rows.collect::<Vec<_>>())
}

/// A tasks' file with these rows.
pub(crate) fn file_of(next_id: u64, rows: &[String]) -> String {
    let rows = rows.join(",\n");
    format!(r#"{{"format":1,"next_id":{next_id},"next_seq":1,"tasks":[{rows}],"steps":[]}}"#)
}

/// A task's row; `title` is put in as it is, escapes and all, and `more` behind it.
pub(crate) fn row(id: u64, title: &str, more: &str) -> String {
    let at = "2026-11-01T08:00:00.000Z";
    let mut row = String::new();
    let uid = uid(id);
    let _ = write!(row, r#"{{"id":{id},"uid":"{uid}","title":"{title}","status":"pending","#);
    let _ = write!(row, r#""created_at":"{at}","updated_at":"{at}","version":1{more}}}"#);
    row
}

/// The uid that [`row`] gives a task.
pub(crate) fn uid(id: u64) -> String {
    format!("0197a000-0000-7000-8000-{id:012x}")
}

/// A small generator of numbers (xorshift), the same on every run.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        let at = usize::try_from(self.below(from.len() as u64)).unwrap_or_default();
        from[at]
    }
}

/// Words and more words.
pub(crate) fn with<'w>(words: &[&'w str], more: &[&'w str]) -> Vec<&'w str> {
    [words, more].concat()
}
