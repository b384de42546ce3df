//! Texts that are too long, too odd, or meant to do harm.

use std::fs;

use crate::support::{IMPORT, READS, Sandbox, file_of, row, with};

/// As much as one argument may hold on Linux (128 KiB), nearly.
const ARGUMENT: usize = 128 * 1024 - 100;

#[test]
fn a_title_near_the_systems_limit_is_refused_in_a_short_message() {
    let sandbox = Sandbox::given();
    let long = "x".repeat(ARGUMENT);
    for words in [
        &["add", long.as_str()][..],
        &["add", "--literal", &long],
        &["edit", "1", "--title", &long],
        &["edit", "1", "--due", &long],
        &["repeat", "1", &long],
        &["remind", "1", &long],
        &["snooze", "1", &long],
        &["done", &long],
    ] {
        let answer = sandbox.run(words);
        assert!((1..=2).contains(&answer.status), "{}", answer.status);
        assert!(answer.err.len() < 2000, "a message of {} bytes", answer.err.len());
    }
    let wide = "界".repeat(ARGUMENT / 3);
    assert!(sandbox.fails(1, &["add", "--literal", &wide]).err.contains("500"));
    assert!(sandbox.fails(1, &["add", &wide]).err.contains("too long"));
    sandbox.ok(&["list", "--search", &long]);
}

#[test]
fn titles_end_at_500_characters_however_many_bytes_they_take() {
    let sandbox = Sandbox::new();
    for letter in ["x", "ü", "界", "🦀"] {
        for words in [&["add"][..], &["add", "--literal"]] {
            sandbox.ok(&with(words, &[&letter.repeat(500)]));
            sandbox.fails(1, &with(words, &[&letter.repeat(501)]));
        }
    }
    assert_eq!(sandbox.tasks().len(), 8);
}

#[test]
fn a_million_characters_in_an_import_are_refused_by_line() {
    let sandbox = Sandbox::given();
    let rows = [row(901, "Good", ""), row(902, &"x".repeat(1_000_000), "")];
    fs::write(sandbox.path(IMPORT), file_of(903, &rows)).expect("a file to import");
    let answer = sandbox.fails(1, &["import", IMPORT]);
    assert!(answer.err.contains("line 2"), "{answer:?}");
    assert!(answer.err.len() < 2000, "a message of {} bytes", answer.err.len());
}

#[test]
fn control_characters_are_refused_wherever_they_are_typed() {
    let sandbox = Sandbox::given();
    for bad in ["a\u{1b}[31mb", "a\u{7}b", "a\u{8}b", "a\rb", "a\u{1f}b", "a\u{0b}b"] {
        for words in [
            &["add", bad][..],
            &["add", "--literal", bad],
            &["add", "x", "--due", bad],
            &["add", "x", "--repeat", bad],
            &["add", "x", "--remind", bad],
            &["add", "x", "--description", bad],
            &["add", "x", "--tag", bad],
            &["add", "x", "--project", bad],
            &["edit", "1", "--title", bad],
            &["edit", "1", "--description", bad],
        ] {
            let answer = sandbox.fails(1, words);
            harmless(&answer.err, words);
        }
    }
    // A line end is no part of a title; in a description it is at home.
    sandbox.fails(1, &["add", "two\nlines"]);
    sandbox.fails(1, &["add", "--literal", "two\nlines"]);
    sandbox.ok(&["add", "x", "--description", "two\nlines\tand a tab"]);
}

#[test]
fn control_characters_in_an_import_are_refused() {
    for bad in [r"a\u0000b", r"a\u001b]0;owned\u0007b", r"a\u001fb", r"two\nlines"] {
        let sandbox = Sandbox::given();
        let rows = [row(901, bad, "")];
        fs::write(sandbox.path(IMPORT), file_of(902, &rows)).expect("a file to import");
        let answer = sandbox.fails(1, &["import", IMPORT]);
        harmless(&answer.err, &["import", bad]);
    }
}

#[test]
fn texts_of_every_script_come_back_as_they_were() {
    let titles = [
        "اشترِ الحليب غدًا",
        "קנה חלב",
        "دودھ خریدیں",
        "👩‍👩‍👧‍👦 family 🏳️‍🌈 flag",
        "e\u{301}te\u{301} combining",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
        "全角ＡＢＣ　空白",
        "\u{200d}\u{fe0f}joiners alone",
        "'; DROP TABLE tasks; -- \"quoted\" \\back\\slash",
        "--not-a-flag",
    ];
    // Read as a line nothing of them has a meaning, and a title stays as it was.
    for add in [&["add", "--literal", "--"][..], &["add", "--"]] {
        let sandbox = Sandbox::new();
        for title in titles {
            sandbox.ok(&with(add, &[title]));
        }
        let listed = sandbox.ok(&["list", "--json"]).json();
        for (at, title) in titles.iter().enumerate() {
            let found = listed["tasks"].as_array().expect("tasks").iter().any(|task| {
                let text = task["title"].as_str().unwrap_or_default();
                text == *title || (at == 4 && text == "été combining")
            });
            assert!(found, "{title:?} is in {listed}");
            sandbox.ok(&["show", &(at + 1).to_string()]);
        }
        sandbox.ok(&["list"]);
        assert_eq!(sandbox.ok(&["count", "--search", "ÉTÉ"]).out, "1\n", "Q5: folded");
    }
}

/// A file made by somebody who means harm: to move the cursor, set the window's title, or turn
/// text around so that it reads as something else.
const ATTACKS: &[&str] = &[
    r"\u001b[2J\u001b[H gone",
    r"\u001b]0;owned\u0007",
    r"\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\",
    r"\u009b31mred",
    r"\u202etxt.exe",
    r"\u2066isolate\u2069 \u202aembed\u202c",
    r"a\rb",
    r"a\u0008\u0008\u0008b",
    r"a\u2028b\u2029c",
    r"\u0000",
    r"\u007f",
];

#[test]
fn no_title_in_a_file_reaches_the_terminal_as_anything_but_text() {
    for attack in ATTACKS {
        let sandbox = Sandbox::new();
        let more =
            format!(r#","description":"{attack}","project":"p{attack}","tags":["t{attack}"]"#);
        let rows = [row(1, attack, ""), row(2, "Mild", &more), row(3, "Good", "")];
        sandbox.write(file_of(4, &rows).as_bytes());
        let more: [&[&str]; 7] = [
            &["doctor"],
            &["list", "--format", "plain"],
            &["list", "--parent", "1"],
            &["done", "1", "--dry-run"],
            &["purge", "1"],
            &["delete", "2", "--dry-run"],
            &["export", "--to", "taskwarrior"],
        ];
        for words in READS.iter().copied().chain(more) {
            let answer = sandbox.run(words);
            harmless(&answer.out, words);
            harmless(&answer.err, words);
            assert!((0..=3).contains(&answer.status));
        }
    }
}

/// Nothing that a terminal would act on. Escapes as JSON writes them are text.
fn harmless(text: &str, words: &[&str]) {
    let acts = |c: char| {
        c != '\n'
            && c != '\t'
            && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    let json = words.contains(&"--json") || words.contains(&"export");
    // JSON escapes C0; the rest it may hold, as programs read it and not terminals.
    let found = text.chars().find(|c| if json { *c < ' ' && *c != '\n' } else { acts(*c) });
    assert_eq!(found, None, "{words:?}: {text:?}");
}

#[test]
fn a_csv_cell_is_never_a_formula() {
    let sandbox = Sandbox::new();
    for title in ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "plain", "a,\"b\""] {
        sandbox.ok(&["add", "--literal", &format!("--project={title}"), "--", title]);
    }
    let text = sandbox.ok(&["list", "--format", "csv"]).out;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records: Vec<_> = reader.records().map(|record| record.expect("CSV")).collect();
    assert_eq!(records.len(), 7);
    for record in &records {
        for cell in record {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
    let titles: Vec<_> = records.iter().map(|record| record.get(2).unwrap_or_default()).collect();
    assert!(titles.contains(&"'=1+1") && titles.contains(&"a,\"b\""), "{titles:?}");
}

#[test]
fn what_plain_prints_is_one_line_and_seven_fields_whatever_a_title_holds() {
    let sandbox = Sandbox::new();
    let title = r"a\u2028b\u0085c";
    sandbox.write(file_of(2, &[row(1, title, r#","tags":["x"]"#)]).as_bytes());
    let out = sandbox.run(&["list", "--format", "plain"]).out;
    assert!(out.lines().all(|line| line.split('\t').count() == 7), "{out:?}");
}

/// A path need not be Unicode, and the line that an error shows has it in.
#[test]
#[cfg(unix)]
fn a_path_that_is_not_unicode_is_shown_in_an_error_without_harm() {
    use std::os::unix::ffi::OsStrExt as _;

    let sandbox = Sandbox::new();
    let path = std::ffi::OsStr::from_bytes(b"t\xff.json");
    let mut command = sandbox.command();
    command.arg("--file").arg(path).args(["done", "99"]);
    let answer: crate::support::Answer = command.output().expect("todo starts").into();
    assert_eq!(answer.status, 1, "{answer:?}");
    assert!(answer.err.contains("there is no task 99") && answer.err.contains("^^"), "{answer:?}");
}

/// A server that was named and is none must not end in the tasks of the file.
#[test]
#[cfg(unix)]
fn a_variable_that_is_no_text_is_refused_and_not_left_out() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let sandbox = Sandbox::given();
    for (name, bytes, status) in
        [("TODO_SERVER", &b"https://caf\xe9.example"[..], 2), ("TODO_NOW", b"2026-11-21\xff", 1)]
    {
        let mut command = sandbox.command();
        let ran = command.env(name, OsStr::from_bytes(bytes)).arg("list").output();
        let ran = ran.expect("todo starts");
        let told = String::from_utf8(ran.stderr).expect("text");
        assert_eq!((ran.status.code(), ran.stdout.len()), (Some(status), 0), "{told}");
        assert!(told.starts_with("error: ") && told.contains(name), "{told}");
    }
}
