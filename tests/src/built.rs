//! The programs of this workspace, as tests run them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The folder above all crates.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate lies in the workspace")
}

/// Where a program is, built if need be.
///
/// It lies beside the folder of the test's own executable, because `cargo test --workspace` builds
/// it there. Where only some packages were built it may be absent or older than the sources it is
/// made of; then, and only then, cargo is asked. Asking always would rebuild it each time, for cargo
/// unites features otherwise for one package than for all.
///
/// # Panics
/// If it is not there and cannot be built.
pub fn program(package: &str, name: &str, sources: &[&str]) -> PathBuf {
    let own = std::env::current_exe().expect("a test knows its own executable");
    let deps = own.parent().expect("an executable lies in a folder");
    let profile = if deps.ends_with("deps") { deps.parent().unwrap_or(deps) } else { deps };
    let program = profile.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let built = modified(&program);
    if built.is_none_or(|built| newest(sources).is_some_and(|source| source > built)) {
        build(package, name, profile);
    }
    assert!(program.is_file(), "{} was not built", program.display());
    program
}

fn build(package: &str, name: &str, profile: &Path) {
    let target = profile.parent().expect("a profile's folder lies in the target folder");
    let profile = match profile.file_name().and_then(OsStr::to_str) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(workspace()).arg("build").args(["-p", package, "--bin", name]);
    command.args(["--quiet", "--profile", profile]).arg("--target-dir").arg(target);
    let output = command.output().expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// When anything that a program is made of was last changed.
fn newest(sources: &[&str]) -> Option<SystemTime> {
    let mut newest = None;
    let mut queue: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock"]
        .iter()
        .chain(sources)
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
