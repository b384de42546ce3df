//! What the system does, as rows of data, and how a row is played on a surface.
//!
//! The rows lie in `scenarios/*.json`, one file a theme, and are described in the README beside
//! them. A row knows no surface: it names abilities that not every surface has, and is left out
//! where one of them is missing.

pub mod call;
mod compare;
pub mod play;
pub mod row;
mod signs;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::surfaces::Surface;
use row::Row;

/// The folder of the rows.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// The names of all files of rows, without the ending.
///
/// # Panics
/// If the folder cannot be read.
pub fn files() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).expect("the folder of scenarios");
    let paths = entries.map(|entry| entry.expect("an entry of the folder").path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

/// The rows of a file.
///
/// # Panics
/// If it cannot be read, or a row is not of the shape described.
pub fn rows(file: &str) -> Vec<Row> {
    let path = folder().join(file).with_extension("json");
    let text = fs::read_to_string(&path).expect("a file of scenarios");
    let rows: Vec<Row> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for row in &rows {
        row.check().unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    }
    rows
}

/// Plays every row of a file, each on a fresh surface, and tells of all that went otherwise.
///
/// # Panics
/// If one did.
pub fn run<S: Surface>(surface: &str, file: &str) {
    let mut report = String::new();
    let (mut played, mut failed) = (0, 0);
    // Until the next one is there: what surfaces share goes with the last of them.
    let mut stage = None;
    for row in rows(file) {
        if !row.needs().all(S::can) {
            continue;
        }
        played += 1;
        let faults = play::play(stage.insert(S::fresh()), &row);
        if !faults.is_empty() {
            failed += 1;
            let _ = writeln!(report, "\n{file}: {:?} ({})", row.name, row.rules.join(" "));
            let _ = writeln!(report, "{}", faults.join("\n"));
        }
    }
    assert!(failed == 0, "{failed} of {played} rows failed on {surface}\n{report}");
}
