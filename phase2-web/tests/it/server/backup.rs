//! `docs/backup.md` is walked: its ```` ```shell-session ```` blocks are run, line by line in one
//! shell, beside a server that runs. `[..]` stands for what differs from run to run.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::process::Program;

const DOCUMENT: &str = include_str!("../../../../docs/backup.md");
/// Ends the answer of each command; nothing that is printed holds it.
const END: &str = "\u{1}end of the answer\n";

/// The commands, each with what it answers.
fn lines() -> Vec<(&'static str, String)> {
    let mut lines: Vec<(_, String)> = Vec::new();
    let mut inside = false;
    for text in DOCUMENT.lines() {
        match (text, text.strip_prefix("$ ")) {
            ("```shell-session", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) if inside => lines.push((command, String::new())),
            _ if inside => {
                let (_, answer) = lines.last_mut().expect("an answer follows a command");
                writeln!(answer, "{text}").unwrap();
            }
            _ => {}
        }
    }
    lines
}

/// Whether an answer is what was written, where `[..]` is anything within a line.
fn fits(answer: &str, written: &str) -> bool {
    let fits = |line: &str, written: &str| match written.split_once("[..]") {
        Some((before, after)) => line.starts_with(before) && line.ends_with(after),
        None => line == written,
    };
    answer.lines().count() == written.lines().count()
        && answer.lines().zip(written.lines()).all(|(line, written)| fits(line, written))
}

#[test]
fn the_document_is_walked() {
    let folder = TempDir::new().unwrap();
    let mut server = Program::start(folder.path(), &["--port", "0"]);
    server.address();
    let lines = lines();
    assert!(lines.len() > 5, "the walk is in the document");
    let mut script = String::new();
    for (command, _) in &lines {
        writeln!(script, "{command}\nprintf '{END}'").unwrap();
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_todo-web")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display());
    let mut shell = Command::new("bash");
    let ran = shell.args(["-c", &script]).env_clear().env("PATH", path).current_dir(folder.path());
    let told = String::from_utf8(ran.output().unwrap().stdout).unwrap();
    let mut answers = told.split(END);
    for (command, written) in &lines {
        let answer = answers.next().unwrap_or_default();
        assert!(fits(answer, written), "$ {command}\n{answer}instead of\n{written}");
    }
}

/// What a reader sees of standard output is a backup and nothing else, and nothing is left behind.
#[test]
fn standard_output_is_a_backup() {
    let folder = TempDir::new().unwrap();
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let todo_web = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo-web"));
        command.env_clear().env("TMPDIR", &temporary).current_dir(folder.path()).args(words);
        command.output().unwrap()
    };
    assert!(todo_web(&["migrate"]).status.success());
    let backup = todo_web(&["backup", "-"]);
    assert!(backup.status.success() && backup.stdout.starts_with(b"SQLite format 3\0"));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    std::fs::write(folder.path().join("copy"), backup.stdout).unwrap();
    let restored = todo_web(&["restore", "copy", "--database-url", "sqlite://other.db"]);
    assert!(restored.status.success(), "{restored:?}");
    let torn = todo_web(&["restore", "todo.secret"]);
    assert_eq!(torn.status.code(), Some(1), "{torn:?}");
}

/// Whoever reads has stopped, and ctrl-c has not.
#[test]
fn an_output_that_nobody_reads_can_be_interrupted() {
    let folder = TempDir::new().unwrap();
    let todo_web = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo-web"));
        command.env_clear().env("TMPDIR", folder.path()).current_dir(folder.path()).args(words);
        command
    };
    assert!(todo_web(&["migrate"]).status().unwrap().success());
    // More than a pipe holds.
    assert!(std::fs::metadata(folder.path().join("todo.db")).unwrap().len() > 0x1_0000);
    let mut backup = todo_web(&["backup", "-"]);
    let mut backup = backup.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = backup.stdout.take().unwrap();
    output.read_exact(&mut [0]).unwrap();
    let told = Command::new("kill").args(["-s", "INT", &backup.id().to_string()]).status();
    assert!(told.unwrap().success());
    let (ended, ending) = std::sync::mpsc::channel();
    std::thread::spawn(move || ended.send(backup.wait_with_output()));
    let ended = ending.recv_timeout(Duration::from_secs(30)).expect("it ends").unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("interrupted"), "{ended:?}");
}
