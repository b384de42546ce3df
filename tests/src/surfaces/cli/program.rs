//! The built `todo`, and how to run it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;
use tempfile::TempDir;
use todo_core::{Timestamp, Zone};

/// What one run came to.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Sees that it succeeded.
    ///
    /// # Panics
    /// If it did not.
    pub fn done(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
    }

    /// The JSON on standard output of a run that succeeded.
    ///
    /// # Panics
    /// If it did not succeed, or wrote something else.
    pub fn json(&self) -> Value {
        self.done();
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `todo` on a file of its own, at a moment and in a zone that the test decides.
#[derive(Debug)]
pub struct Todo {
    folder: TempDir,
    now: Timestamp,
    zone: Zone,
}

impl Todo {
    /// On a file that is not there yet.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn fresh() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, now: Timestamp::from_millis(0), zone: Zone::UTC }
    }

    /// From now on it is `now`, in `zone`.
    pub fn travel(&mut self, now: Timestamp, zone: Zone) {
        (self.now, self.zone) = (now, zone);
    }

    /// Its folder, for files to be handed over.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it. Nothing of the environment reaches it but what is set here: neither the settings
    /// of whoever runs the tests, nor where their tasks are.
    pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Ran {
        let mut command = Command::new(program());
        command.env_clear();
        for kept in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        command
            .env("HOME", self.folder.path())
            .env("TODO_NOW", self.now.to_string())
            .env("TZ", self.zone.name())
            .current_dir(self.folder.path())
            .args(["--file", "tasks.json"])
            .args(args)
            .stdin(Stdio::null());
        match command.output() {
            Ok(output) => Ran {
                status: output.status.code(),
                out: String::from_utf8_lossy(&output.stdout).into_owned(),
                err: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
            Err(error) => Ran { status: None, out: String::new(), err: error.to_string() },
        }
    }
}

/// Where `todo` is. It lies beside the folder of the test's own executable, because
/// `cargo test --workspace` builds it there. Where only some packages were built it may be absent
/// or old; then, and only then, cargo is asked, once for all tests of this process. Asking always
/// would rebuild it each time, for cargo unites features otherwise for one package than for all.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let own = std::env::current_exe().expect("a test knows its own executable");
        let deps = own.parent().expect("an executable lies in a folder");
        let profile = if deps.ends_with("deps") { deps.parent().unwrap_or(deps) } else { deps };
        let program = profile.join(format!("todo{}", std::env::consts::EXE_SUFFIX));
        let built = modified(&program);
        if built.is_none_or(|built| newest_source().is_some_and(|source| source > built)) {
            build(profile);
        }
        assert!(program.is_file(), "{} was not built", program.display());
        program
    })
}

fn build(profile: &Path) {
    let target = profile.parent().expect("a profile's folder lies in the target folder");
    let name = match profile.file_name().and_then(OsStr::to_str) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(workspace()).arg("build").args(["-p", "todo-cli", "--bin", "todo"]);
    command.args(["--quiet", "--profile", name]).arg("--target-dir").arg(target);
    let output = command.output().expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The folder above all crates.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate lies in the workspace")
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// When anything that `todo` is made of was last changed.
fn newest_source() -> Option<SystemTime> {
    let mut newest = None;
    let mut queue: Vec<PathBuf> =
        ["Cargo.toml", "Cargo.lock", "core/Cargo.toml", "core/src", "phase1-cli"]
            .iter()
            .map(|place| workspace().join(place))
            .collect();
    while let Some(path) = queue.pop() {
        if path.is_dir() {
            // Tests are no part of the program.
            let inside = fs::read_dir(&path).into_iter().flatten().flatten().map(|e| e.path());
            queue.extend(inside.filter(|path| !path.ends_with("tests")));
        } else {
            newest = newest.max(modified(&path));
        }
    }
    newest
}
