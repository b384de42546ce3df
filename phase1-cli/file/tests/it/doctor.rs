//! What doctor finds, and the way back.

use std::fs;

use todo_core::Timestamp;
use todo_core::conformance::given::{instant, rename};
use todo_core::conformance::uid;
use todo_file::{Backup, Finding, Report, Severity, restore_backup};

use crate::given::{Folder, ZONE, act, add, titles};

fn examine(folder: &Folder) -> Report {
    let names = folder.names();
    let report = todo_file::doctor(&folder.path(), ZONE).expect("a report");
    assert_eq!(folder.names(), names, "nothing is written");
    report
}

fn moment() -> Timestamp {
    instant("2026-11-21T12:00:00Z")
}

/// The file of three tasks with one part replaced.
fn replaced(part: &str, by: &str) -> Folder {
    let folder = Folder::with_tasks();
    assert!(folder.text().contains(part), "{part} is there to be replaced");
    folder.write(folder.text().replacen(part, by, 1));
    folder
}

#[test]
fn a_sound_file_has_no_findings() {
    let report = examine(&Folder::with_tasks());
    assert_eq!((report.tasks, report.findings.as_slice()), (Some(3), &[][..]));
    assert_eq!((report.backup.clone(), report.is_damaged()), (Backup::Good { tasks: 3 }, false));
}

#[test]
fn no_file_is_no_damage() {
    let folder = Folder::new();
    let report = examine(&folder);
    assert_eq!((report.tasks, report.backup.clone()), (None, Backup::None));
    assert!(!report.is_damaged() && report.findings[0].text.contains("no file yet"));
}

#[test]
fn each_kind_of_damage_is_found() {
    use Severity::{Error, Note, Warning};
    let first = uid(1).to_string();
    let second = uid(2).to_string();
    let milk = "\"title\":\"Buy milk\"";
    let table = [
        (milk, "\"title\":\"\"".to_owned(), Error, "title must not be empty"),
        (milk, "\"title\":".to_owned(), Error, "damaged"),
        ("\"status\":\"pending\"", "\"status\":\"odd\"".to_owned(), Error, "line"),
        ("\"id\":2,", "\"id\":1,".to_owned(), Error, "the id 1 was used"),
        ("\"id\":2,", "\"id\":4,".to_owned(), Error, "the id 4 is not below next_id"),
        (second.as_str(), first.clone(), Error, "was used"),
        ("\"no\":4", "\"no\":5".to_owned(), Error, "step 5 is not below next_seq"),
        ("\"kind\":\"add\"", "\"kind\":\"odd\"".to_owned(), Error, "step at line"),
        ("\"next_id\": 4", "\"next_id\": 0".to_owned(), Error, "next_id"),
        ("\"format\": 2", "\"format\": 3".to_owned(), Error, "Use a newer todo"),
        (milk, format!("{milk},\"parent\":9,\"parent_uid\":\"{}\"", uid(9)), Warning, "not there"),
        (
            milk,
            format!("{milk},\"parent\":1,\"parent_uid\":\"{first}\""),
            Warning,
            "lies below itself",
        ),
    ];
    for (part, by, severity, text) in table {
        let folder = replaced(part, &by);
        let report = examine(&folder);
        let found = |finding: &Finding| finding.severity == severity && finding.text.contains(text);
        assert!(report.findings.iter().any(found), "{by}: {report:#?}");
        assert_eq!(report.is_damaged(), severity == Error, "{by}");
    }
    let old = Folder::with("[]");
    let found = examine(&old).findings;
    assert_eq!(found[0].severity, Note);
    assert!(found[0].text.contains("first format"), "{found:?}");
}

/// Every fault is listed, not the first only.
#[test]
fn all_faults_are_listed() {
    let folder = replaced("\"title\":\"Buy milk\"", "\"title\":\"\"");
    folder.write(folder.text().replacen("\"title\":\"Done\"", "\"title\":\"\"", 1));
    let report = examine(&folder);
    assert_eq!(report.findings.len(), 2, "{report:#?}");
    let lines: Vec<_> = report.findings.iter().map(|f| f.text.split("line ").nth(1)).collect();
    assert_ne!(lines[0], lines[1], "each by its line");
}

#[test]
fn an_interrupted_write_and_a_read_only_file_are_noted() {
    let folder = Folder::with_tasks();
    fs::write(folder.beside(".tmp"), "half").expect("the folder can be written");
    let report = examine(&folder);
    assert!(report.findings[0].text.contains("interrupted"), "{report:?}");
    let mut permissions = fs::metadata(folder.path()).expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.path(), permissions).expect("the mode is set");
    let report = examine(&folder);
    let found = report.findings.iter().find(|finding| finding.severity == Severity::Warning);
    assert!(found.is_some_and(|finding| finding.text.contains("read-only")), "{report:?}");
}

/// A backup is good only if its tasks can be read.
#[test]
fn a_damaged_backup_is_told_apart() {
    let sound = Folder::with_tasks().text();
    for damaged in [
        "{".to_owned(),
        sound.replacen("Buy milk", "", 1),
        sound.replacen("\"id\":2,", "\"id\":1,", 1),
    ] {
        let folder = Folder::with_tasks();
        fs::write(folder.beside(".bak"), &damaged).expect("the folder can be written");
        let report = examine(&folder);
        assert!(matches!(report.backup, Backup::Bad { .. }), "{report:?}");
        let before = folder.bytes();
        restore_backup(&folder.path(), ZONE, moment()).expect_err("it helps nobody");
        assert_eq!(folder.bytes(), before);
    }
}

/// The way back: the backup in place, the damaged file kept, and work goes on.
#[test]
fn the_backup_is_put_back() {
    let folder = Folder::with_tasks();
    act(&mut folder.store(), 1, rename("lost with the damage")).expect("it is written");
    let damaged = "{\"format\": 1, \"next_";
    folder.write(damaged);
    let kept = restore_backup(&folder.path(), ZONE, moment()).expect("it is put back");
    let kept = kept.expect("there was a file");
    assert_eq!(fs::read_to_string(&kept).expect("it is kept"), damaged);
    assert!(kept.to_string_lossy().contains(".damaged-"));
    assert_eq!(titles(&folder.store())[0], "Buy milk");
    assert!(!examine(&folder).is_damaged());
    assert_eq!(add(&mut folder.store(), 9, "work goes on").id.0, 4);
    assert!(!folder.beside(".tmp").exists());
}

/// Also where the file itself is gone; and without a backup nothing is done.
#[test]
fn a_lost_file_comes_back() {
    let folder = Folder::with_tasks();
    fs::remove_file(folder.path()).expect("it was there");
    assert_eq!(restore_backup(&folder.path(), ZONE, moment()).expect("it is put back"), None);
    assert_eq!(titles(&folder.store()).len(), 3);
    let without = Folder::with("damaged");
    let error = restore_backup(&without.path(), ZONE, moment()).expect_err("there is none");
    assert!(error.to_string().contains("backup"), "{error}");
    assert_eq!(without.text(), "damaged");
}
