//! `docs/mcp-transcript.md`, played: the inspector calls each tool on the terminal's own file, and
//! `todo list` shows what came of it. `UPDATE=transcript` writes down what is answered now.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use todo_tests::built::{self, workspace};

use super::{named, sources};

/// The moment of all of it.
const NOW: &str = "2026-11-21T09:00:00Z";

/// A home with a terminal and an assistant's server in it, and a client of that.
struct Home {
    folder: TempDir,
    path: OsString,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).expect("a folder");
        let todo = built::program("todo-cli", "todo", &["core/src", "phase1-cli"]);
        let server = built::program("todo-mcp", "todo-mcp", &sources());
        for (name, program) in [("todo", todo), ("todo-mcp", server)] {
            // A client hands on no more of its environment than it must.
            let script = format!(
                "#!/bin/sh\nexport HOME='{}' TZ=UTC TODO_NOW={NOW}\nexec '{}' \"$@\"\n",
                folder.path().display(),
                program.display(),
            );
            let path = programs.join(name);
            fs::write(&path, script).expect("a script");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its owner may");
        }
        let node = PathBuf::from(named("TODO_TEST_MCP_NODE"));
        let modules = Path::new(&named("TODO_TEST_MCP_MODULES")).join("node_modules/.bin");
        let mut path = vec![programs, node.parent().expect("a folder").to_owned(), modules];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let path = std::env::join_paths(path).expect("no colons");
        Self { folder, path }
    }

    fn run(&self, prelude: &str, line: &str) -> String {
        let mut shell = Command::new("bash");
        shell.args(["-c", &format!("{prelude}\n{line}")]).current_dir(self.folder.path());
        shell.env_clear().env("PATH", &self.path).env("HOME", self.folder.path());
        let ran = shell.output().expect("a shell");
        let complaint = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && complaint.is_empty(), "{line}: {complaint}");
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }
}

#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_say_what_the_transcript_says() {
    let place = workspace().join("docs/mcp-transcript.md");
    let written = fs::read_to_string(&place).expect("the transcript");
    let block = |kind: &str| {
        let (_, rest) = written.split_once(&format!("```{kind}\n")).expect("a block");
        rest.split_once("```").expect("its end").0
    };
    let (prelude, played) = (block("sh"), block("console"));
    let lines: Vec<_> = played.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let called = lines.iter().filter_map(|line| line.strip_prefix("call ")?.split(' ').next());
    let home = Home::new();
    let listed = home.run("", "mcp-inspector --cli todo-mcp --method tools/list");
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let tools = listed["tools"].as_array().expect("tools").iter();
    let tools = tools.filter_map(|tool| tool["name"].as_str());
    assert_eq!(called.collect::<BTreeSet<_>>(), tools.collect(), "each tool is called");
    let answered: Vec<_> =
        lines.iter().map(|line| format!("$ {line}\n{}", home.run(prelude, line))).collect();
    let answered = answered.join("\n");
    if std::env::var_os("UPDATE").is_some_and(|what| what == "transcript") {
        fs::write(&place, written.replace(played, &answered)).expect("the transcript");
        return;
    }
    assert_eq!(answered, played, "UPDATE=transcript writes it anew");
}
