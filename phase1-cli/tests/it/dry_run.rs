//! `--dry-run` (S5): it answers what would happen, and not a byte in the folder is another.

use crate::support::{IMPORT, READS, Sandbox, WRITES, with};

#[test]
fn a_dry_run_changes_no_byte_and_says_so() {
    for words in WRITES {
        let sandbox = Sandbox::given();
        let before = everything(&sandbox);
        let answer = sandbox.ok(&with(words, &["--dry-run"]));
        assert_eq!(everything(&sandbox), before, "{words:?}");
        if words[0] != "config" {
            assert!(answer.out.contains("Would "), "{words:?}: {answer:?}");
        }
        // Without the flag, each of them does change something: else the above would be empty.
        sandbox.ok(words);
        assert_ne!(everything(&sandbox), before, "{words:?}");
    }
}

#[test]
fn a_dry_run_answers_programs_as_the_run_would() {
    for words in WRITES.iter().filter(|words| words[0] != "config") {
        let sandbox = Sandbox::given();
        let mut dry = sandbox.ok(&with(words, &["--dry-run", "--json"])).json();
        let mut wet = sandbox.ok(&with(words, &["--json"])).json();
        assert_eq!((&dry["dry_run"], &wet["dry_run"]), (&true.into(), &false.into()), "{words:?}");
        for answer in [&mut dry, &mut wet] {
            let answer = answer.as_object_mut().expect("an object");
            // What the store stamps, and fresh identities, are known only when it is done.
            answer.remove("dry_run");
            answer.remove("step");
            for tasks in ["tasks", "unchanged", "purged"] {
                for task in
                    answer.get_mut(tasks).and_then(|t| t.as_array_mut()).into_iter().flatten()
                {
                    task.as_object_mut().expect("a task").retain(|name, _| {
                        !matches!(name.as_str(), "uid" | "trash_id" | "id" | "updated_at")
                    });
                }
            }
        }
        assert_eq!(dry, wet, "{words:?}");
    }
}

#[test]
fn a_dry_run_of_what_would_be_refused_is_refused() {
    let sandbox = Sandbox::given();
    for words in [&["done", "2"][..], &["done", "99"], &["cancel", "4"], &["add", ""]] {
        let dry = sandbox.fails(1, &with(words, &["--dry-run"]));
        let wet = sandbox.fails(1, words);
        let first = |text: &str| text.lines().next().map(ToOwned::to_owned);
        assert_eq!(first(&dry.err), first(&wet.err), "{words:?}");
    }
    std::fs::write(sandbox.path(IMPORT), "{").expect("a file");
    sandbox.fails(1, &["import", IMPORT, "--dry-run"]);
}

#[test]
fn a_dry_run_on_no_file_makes_none() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Buy milk", "--dry-run"]);
    let names_a_task = |words: &&&[&str]| words[1..].iter().any(|w| w.parse::<u64>().is_ok());
    for words in READS.iter().filter(|words| !names_a_task(words)) {
        sandbox.ok(words);
    }
    sandbox.ok(&["doctor"]);
    assert_eq!(everything(&sandbox), [], "neither a dry run nor a reader makes a file");
}

#[test]
fn a_dry_run_of_the_repair_repairs_nothing() {
    let sandbox = Sandbox::given();
    sandbox.ok(&["done", "1"]);
    sandbox.write(b"{ broken");
    let before = everything(&sandbox);
    let answer = sandbox.run(&["doctor", "--restore-backup", "--dry-run"]);
    assert_eq!(answer.status, 1, "{answer:?}");
    assert_eq!(everything(&sandbox), before);
}

/// Every name in the folder with its bytes; here the lock file counts too.
fn everything(sandbox: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(sandbox.path(".")).expect("the folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let name = |path: &std::path::Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    let mut files: Vec<_> = paths
        .map(|path| (name(&path).unwrap_or_default(), std::fs::read(&path).unwrap_or_default()))
        .collect();
    files.sort_unstable();
    files
}
