//! Files that are not what this program wrote: nothing is ever written over one (SPEC 6).

use std::fs;

use crate::support::{IMPORT, READS, Sandbox, WRITES, file_of, row};

/// A way to break a file, and what of it the message must name.
struct Damage {
    name: &'static str,
    names: &'static str,
    bytes: fn(&[u8]) -> Vec<u8>,
}

/// Where the whole file cannot be understood.
const DAMAGES: &[Damage] = &[
    Damage { name: "cut in half", names: "EOF", bytes: |b| b[..b.len() / 2].to_vec() },
    Damage { name: "its last byte gone", names: "EOF", bytes: |b| b[..b.len() - 3].to_vec() },
    Damage { name: "filled with NUL", names: "line 1", bytes: |b| vec![0; b.len()] },
    Damage { name: "its end overwritten with NUL", names: "line ", bytes: nul_at_end },
    Damage { name: "not UTF-8", names: "UTF-8", bytes: not_utf8 },
    Damage { name: "UTF-16", names: "UTF-8", bytes: |_| b"\xff\xfe{\x00}\x00".to_vec() },
    Damage { name: "twice the file", names: "trailing", bytes: |b| [b, b].concat() },
    Damage { name: "nested without end", names: "line 1", bytes: |_| b"[".repeat(300_000) },
    Damage {
        name: "another program's",
        names: "line 1",
        bytes: |_| b"x 2026-11-21 Buy milk\n".to_vec(),
    },
    Damage { name: "a number", names: "line 1", bytes: |_| b"42".to_vec() },
    Damage {
        name: "conflict markers",
        names: "line 1",
        bytes: |b| [b"<<<<<<< HEAD\n", b].concat(),
    },
    Damage {
        name: "no counters",
        names: "next_id",
        bytes: |_| br#"{"format":1,"tasks":[]}"#.to_vec(),
    },
];

fn not_utf8(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let at = text.find("Buy milk").expect("the task");
    [&bytes[..at], b"\xc3\x28", &bytes[at..]].concat()
}

fn nul_at_end(bytes: &[u8]) -> Vec<u8> {
    [&bytes[..bytes.len() - 100], &[0; 100]].concat()
}

#[test]
fn a_damaged_file_is_never_written_over_and_doctor_is_named() {
    for damage in DAMAGES {
        let sandbox = damaged(damage);
        for words in WRITES {
            let answer = sandbox.fails(3, words);
            let told = ["is damaged", damage.names, "todo doctor", "Nothing was changed"];
            for part in told {
                assert!(
                    answer.err.contains(part),
                    "{}: {words:?}: {part}? {answer:?}",
                    damage.name
                );
            }
        }
    }
}

#[test]
fn a_damaged_file_is_not_half_read_either() {
    for damage in DAMAGES {
        let sandbox = damaged(damage);
        // Settings stand before the tasks, and reading them looks no further.
        // Settings and filters stand before the tasks.
        let heads = ["config", "filter", "context"];
        for words in READS.iter().filter(|words| !heads.contains(&words[0])) {
            let answer = sandbox.fails(3, words);
            assert_eq!(answer.out, "", "{}: {words:?} showed a part", damage.name);
        }
    }
}

#[test]
fn doctor_puts_the_backup_back_and_keeps_the_damaged_file() {
    for damage in DAMAGES {
        let sandbox = damaged(damage);
        let broken = sandbox.bytes();
        let before = sandbox.files();
        let found = sandbox.run(&["doctor"]);
        assert_eq!(found.status, 1, "{}: {found:?}", damage.name);
        assert!(found.out.contains("todo doctor --restore-backup"), "{found:?}");
        assert_eq!(sandbox.files(), before, "looking changes nothing");

        let restored = sandbox.ok(&["doctor", "--restore-backup"]);
        assert!(restored.out.contains("kept as "), "{}: {restored:?}", damage.name);
        let titles: Vec<_> = sandbox.tasks().iter().map(|task| task["title"].clone()).collect();
        assert_eq!(titles[0], "Buy milk", "{}", damage.name);
        let kept = sandbox.files().into_iter().find(|(path, _)| {
            path.file_name().is_some_and(|name| name.to_string_lossy().contains(".damaged-"))
        });
        assert_eq!(kept.map(|(_, bytes)| bytes), Some(broken), "{}", damage.name);
        sandbox.ok(&["add", "Life goes on"]);
    }
}

/// A file that was whole, with its backup, and then was damaged.
fn damaged(damage: &Damage) -> Sandbox {
    let sandbox = Sandbox::given();
    sandbox.ok(&["add", "The newest"]);
    let bytes = sandbox.bytes();
    sandbox.write(&(damage.bytes)(&bytes));
    sandbox
}

/// What a crash of the disk may leave, or a synchronising program: it must not pass for a file that
/// was never there, or the next command would begin anew over it.
#[test]
fn a_file_that_is_gone_or_empty_beside_its_backup_is_no_new_beginning() {
    for gone in [true, false] {
        let broken = || {
            let sandbox = Sandbox::given();
            sandbox.ok(&["add", "The newest"]);
            if gone {
                fs::remove_file(sandbox.file()).expect("the file");
            } else {
                sandbox.write(b"");
            }
            sandbox
        };
        for words in WRITES.iter().chain(READS) {
            let answer = broken().fails(3, words);
            assert!(answer.err.contains("todo doctor --restore-backup"), "{words:?}: {answer:?}");
        }
        let sandbox = broken();
        assert_eq!(sandbox.run(&["doctor"]).status, 1);
        sandbox.ok(&["doctor", "--restore-backup"]);
        assert_eq!(sandbox.tasks().len(), 6);

        let sandbox = broken();
        fs::remove_file(sandbox.path("tasks.json.bak")).expect("the backup");
        assert!(sandbox.ok(&["list"]).out.starts_with("No tasks yet"), "begun anew, on purpose");
    }
}

#[test]
fn a_file_of_a_newer_todo_is_left_alone_and_not_called_damaged() {
    let sandbox = Sandbox::given();
    sandbox.write(br#"{"format":3,"tasks":{"what":"ever"}}"#);
    for words in WRITES.iter().chain(READS) {
        let answer = sandbox.fails(3, words);
        assert!(answer.err.contains("has format 3"), "{answer:?}");
        assert!(answer.err.contains("Use a newer todo"), "{answer:?}");
    }
}

#[test]
fn without_a_good_backup_doctor_changes_nothing() {
    let sandbox = Sandbox::given();
    sandbox.write(b"{");
    let answer = sandbox.fails(3, &["doctor", "--restore-backup"]);
    assert!(answer.err.contains("backup"), "{answer:?}");

    fs::write(sandbox.path("tasks.json.bak"), "{ broken as well").expect("a backup");
    let found = sandbox.run(&["doctor"]);
    assert!(found.out.contains("the backup cannot be used"), "{found:?}");
    sandbox.fails(3, &["doctor", "--restore-backup"]);
}

/// One row that no rule would let in: whoever names tasks must not work on it, and what is shown
/// says where it is.
#[test]
fn a_damaged_row_is_named_by_its_line_and_stops_what_reads_it() {
    for (bad, field) in [
        (row(2, "Bad", r#","due_date":"someday""#), "due_date"),
        (row(2, "Bad", "").replace("\"pending\"", "\"gone\""), "gone"),
        (row(2, "", ""), "title"),
        (row(1, "Bad", ""), "twice"),
        (row(9, "Bad", ""), "next_id"),
    ] {
        let sandbox = Sandbox::new();
        let text = file_of(4, &[row(1, "Good", ""), bad.clone(), row(3, "Good too", "")]);
        sandbox.write(text.as_bytes());
        let found = sandbox.run(&["doctor"]);
        assert_eq!(found.status, 1, "{bad}: {found:?}");
        assert!(found.out.contains("line 2"), "{bad}: {found:?}");
        let answer = sandbox.fails(3, &["done", "2"]);
        assert!(answer.err.contains("todo doctor"), "{bad}: {answer:?}");
        assert!(answer.err.contains(field), "{field}? {answer:?}");
    }
}

/// What others keep in the file is theirs (SPEC 6: unknown fields are kept), however odd it is.
#[test]
fn a_foreign_field_nested_without_end_is_kept_and_breaks_nothing() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let sandbox = Sandbox::new();
    sandbox.write(file_of(2, &[row(1, "Mine", &format!(r#","theirs":{deep}"#))]).as_bytes());
    for words in [&["add", "New"][..], &["done", "1"], &["undo"], &["doctor"], &["list"]] {
        sandbox.ok(words);
        let text = String::from_utf8(sandbox.bytes()).expect("UTF-8");
        assert!(text.contains(&format!(r#""theirs":{deep}"#)), "{words:?}");
    }
}

/// What is to be imported may be damaged as well; that is a refusal, not a failure of the file.
#[test]
fn a_damaged_import_is_refused_by_line_and_nothing_is_imported() {
    let sandbox = Sandbox::given();
    let good = row(901, "Good", "");
    for (text, told) in [
        (file_of(9, &[good.clone(), row(902, "Bad", r#","due_date":"someday""#)]), "line 2"),
        (file_of(9, &[good.clone(), row(902, "", "")]), "title"),
        (
            file_of(9, std::slice::from_ref(&good)).replace("\"format\":1", "\"format\":7"),
            "format 7",
        ),
        ("{\"format\":1,\"tasks\":[".to_owned(), "line 1"),
        (String::new(), "EOF"),
        ("[".repeat(200_000), "line 1"),
    ] {
        fs::write(sandbox.path(IMPORT), &text).expect("a file to import");
        let answer = sandbox.fails(1, &["import", IMPORT]);
        assert!(answer.err.contains(told), "{told}? {answer:?}");
        assert!(answer.err.contains("nothing was imported"), "{answer:?}");
    }
    let wrong = ["{\"format\":2,\n \"Täglich".as_bytes(), b"\xff\xfe\x00"].concat();
    fs::write(sandbox.path(IMPORT), wrong).expect("a file to import");
    let answer = sandbox.fails(1, &["import", IMPORT]);
    assert!(answer.err.contains("line 2, column 10: this is not UTF-8"), "{answer:?}");
    sandbox.fails(3, &["import", "there-is-no-such.json"]);
}
