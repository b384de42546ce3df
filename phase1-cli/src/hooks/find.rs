//! Which programs may be run.
//!
//! Only what the user put into the folder of hooks: whoever else could write there, or into a
//! program's own folder, could run what they like as the user.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::Hook;
use crate::error::explain;

/// A program of the user's.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) hook: Hook,
    pub(super) path: PathBuf,
    /// Why it must not be run.
    pub(super) fault: Option<Fault>,
}

/// Why something is not run.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// Somebody else's, and not the system's.
    #[cfg(unix)]
    #[error("{} belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// Others could put something else there.
    #[cfg(unix)]
    #[error("others can write {path}; to have it run: chmod go-w {path}", path = .0.display())]
    Open(PathBuf),
    /// Nobody can say.
    #[error("{} cannot be read: {}", .path.display(), explain(.error))]
    Unread { path: PathBuf, error: io::Error },
}

/// The programs in a folder, in the order of the bytes of their names; none where there is no
/// such folder.
pub(super) fn programs(folder: &Path) -> Result<Vec<Program>, Fault> {
    let unread = |error| Fault::Unread { path: folder.to_owned(), error };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unread)?,
    };
    let mut programs = Vec::new();
    for entry in entries {
        programs.extend(program(entry.map_err(unread)?.path()));
    }
    let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_vec();
    programs.sort_by_cached_key(|program| bytes(&program.path));
    if let (false, Some(fault)) = (programs.is_empty(), fault_of(folder)) {
        return Err(fault);
    }
    Ok(programs)
}

/// A file that is meant to be run; what is there but not so is nobody's fault.
fn program(path: PathBuf) -> Option<Program> {
    let hook = hook_of(path.file_name()?.to_str()?)?;
    // Links are followed.
    let meta = fs::metadata(&path).ok()?;
    if !meta.is_file() || !can_run(&path, &meta) {
        return None;
    }
    // Of a link, the folder where the program really is.
    let place = fs::canonicalize(&path).ok()?;
    let fault = fault_of(&place).or_else(|| fault_of(place.parent()?));
    Some(Program { hook, path, fault })
}

/// `on-add`, `on-add.sh`, `on-add-mail`; what editors keep beside it (`on-add.sh~`) is none.
fn hook_of(name: &str) -> Option<Hook> {
    let named = |hook: &Hook| {
        let rest = name.strip_prefix(hook.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    Hook::ALL.into_iter().find(named).filter(|_| !name.ends_with('~'))
}

#[cfg(unix)]
fn can_run(_: &Path, meta: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn can_run(path: &Path, _: &Metadata) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let runs = |known: &&str| extension.is_some_and(|own| own.eq_ignore_ascii_case(known));
    ["exe", "cmd", "bat"].iter().any(runs)
}

/// Whether somebody else decides what is there.
#[cfg(unix)]
fn fault_of(path: &Path) -> Option<Fault> {
    use std::os::unix::fs::MetadataExt;
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) => return Some(Fault::Unread { path: path.to_owned(), error }),
    };
    let own = [rustix::process::geteuid().as_raw(), 0];
    if !own.contains(&meta.uid()) {
        return Some(Fault::Foreign(path.to_owned()));
    }
    (meta.mode() & 0o022 != 0).then(|| Fault::Open(path.to_owned()))
}

/// Elsewhere the user's own folder is nobody else's.
#[cfg(not(unix))]
fn fault_of(_: &Path) -> Option<Fault> {
    None
}
