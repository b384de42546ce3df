//! What depends on whether somebody is looking: colours, pipes, questions.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;

use crate::support::{Answer, IMPORT, Sandbox, TODO, file_of, row};

const ESC: char = '\u{1b}';

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    // More than a pipe holds, so that the writer meets the closed end.
    let sandbox = Sandbox::with_tasks(20_000);
    for words in [&["list"][..], &["list", "--json"], &["list", "--format", "csv"], &["export"]] {
        let mut child = sandbox.start(words);
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        out.read_line(&mut first).expect("a line");
        assert!(!first.is_empty());
        drop(out);
        let mut err = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("UTF-8");
        let status = child.wait().expect("it ends");
        assert_eq!((status.code(), err.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn colours_follow_the_flag_then_no_color_then_the_setting_then_the_terminal() {
    let sandbox = Sandbox::given();
    let coloured = |words: &[&str], no_color: Option<&str>| {
        let mut command = sandbox.command();
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let answer = Answer::from(command.args(words).output().expect("todo starts"));
        assert_eq!(answer.status, 0, "{answer:?}");
        answer.out.contains(ESC)
    };
    assert!(!coloured(&["list"], None), "not a terminal");
    assert!(coloured(&["list", "--color", "always"], None));
    assert!(coloured(&["list", "--color", "always"], Some("1")), "the flag comes first");
    assert!(!coloured(&["list", "--color", "never"], None));
    sandbox.ok(&["config", "color", "always"]);
    assert!(coloured(&["list"], None), "as it is set");
    assert!(!coloured(&["list"], Some("1")), "NO_COLOR comes before the setting");
    assert!(coloured(&["list"], Some("")), "an empty NO_COLOR is none");
    assert!(!coloured(&["list", "--color", "never"], None), "the flag comes first");
    for words in [["list", "--json"], ["list", "--format=csv"], ["list", "--format=plain"]] {
        assert!(!coloured(&words, None), "{words:?} is for programs");
    }
}

#[test]
fn errors_are_coloured_by_the_flag_too() {
    let sandbox = Sandbox::given();
    assert!(sandbox.run(&["done", "99", "--color", "always"]).err.contains(ESC));
    assert!(!sandbox.run(&["done", "99"]).err.contains(ESC));
    assert!(!sandbox.run(&["done", "99", "--color", "always", "--json"]).err.contains(ESC));
}

#[test]
fn purge_without_a_terminal_wants_yes_even_if_yes_is_piped_in() {
    let sandbox = Sandbox::given();
    let before = sandbox.files();
    for words in [&["purge", "5"][..], &["purge", "--trash"], &["purge", "2"]] {
        let answer = sandbox.run_with(words, b"y\n");
        assert_eq!(answer.status, 1, "{answer:?}");
        assert!(answer.err.contains("for good") && answer.err.contains("--yes"), "{answer:?}");
        assert_eq!(sandbox.files(), before, "{words:?}");
    }
    assert!(sandbox.run(&["purge", "2"]).err.contains("2 tasks"), "its subtask goes with it");
    sandbox.ok(&["purge", "2", "--yes"]);
    assert_eq!(sandbox.tasks().len(), 4);
}

/// Runs a command on a terminal of its own (`script` of util-linux or BSD) and types an answer.
pub(crate) fn on_a_terminal(sandbox: &Sandbox, line: &str, typed: &[u8]) -> (i32, String) {
    let mut command = sandbox.command_of(Path::new("script"));
    let line = format!("{TODO} {line}");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]).env("TERM", "xterm");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("script (util-linux) starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(typed).expect("typed");
    let mut shown = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut shown).expect("UTF-8");
    drop(stdin);
    let status = child.wait().expect("it ends").code().expect("no signal");
    (status, shown)
}

#[test]
fn purge_on_a_terminal_names_what_goes_and_takes_only_yes_for_yes() {
    for (typed, purged) in
        [("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("yup\n", false)]
    {
        let sandbox = Sandbox::given();
        let before = sandbox.bytes();
        let (status, shown) = on_a_terminal(&sandbox, "purge 2", typed.as_bytes());
        assert!(shown.contains("This removes 2 tasks for good:"), "{shown:?}");
        assert!(shown.contains("Paint the fence") && shown.contains("Buy paint"), "{shown:?}");
        assert_eq!(status, i32::from(!purged), "{typed:?}: {shown:?}");
        assert_eq!(sandbox.bytes() != before, purged, "{typed:?}: {shown:?}");
    }
}

/// Runs a command that asks, does something before it is answered with yes, and gives back how it
/// ended and what it said then.
pub(crate) fn while_it_asks(
    sandbox: &Sandbox,
    line: &str,
    meanwhile: impl FnOnce(),
) -> (Option<i32>, String) {
    let mut command = sandbox.command_of(Path::new("script"));
    let line = format!("{TODO} {line}");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("script (util-linux) starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut asked = Vec::new();
    out.read_until(b']', &mut asked).expect("the question");
    assert!(String::from_utf8_lossy(&asked).contains("Go on? [y/N]"), "{asked:?}");
    meanwhile();
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"y\n").expect("typed");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("UTF-8");
    (child.wait().expect("it ends").code(), rest)
}

#[test]
fn a_question_does_not_keep_others_from_writing() {
    let sandbox = Sandbox::given();
    // Asked, and not answered: somebody else makes the task into two.
    let (status, rest) = while_it_asks(&sandbox, "purge 1", || {
        sandbox.ok(&["add", "A new subtask", "--parent", "1"]);
    });
    assert!(rest.contains("have changed since you were asked"), "{rest:?}");
    assert_eq!(status, Some(1));
    assert_eq!(sandbox.tasks().len(), 7, "nothing was purged");
}

/// A long import says how far it is, where somebody looks, and leaves nothing of it behind.
#[test]
fn a_long_import_shows_how_far_it_is() {
    let sandbox = Sandbox::new();
    let more = format!(r#","description":"{}""#, "x".repeat(9_000));
    let rows: Vec<_> = (1..400).map(|id| row(id, "A long one", &more)).collect();
    fs::write(sandbox.path(IMPORT), file_of(400, &rows)).expect("a file to import");
    let (status, shown) = on_a_terminal(&sandbox, "import import.json --dry-run", b"");
    assert_eq!(status, 0, "{shown:?}");
    assert!(shown.contains("\r\u{1b}[Kreading: 0.0 of 3."), "{shown:?}");
    let (progress, answer) = shown.rsplit_once("\r\u{1b}[K").expect("it is cleared");
    assert!(progress.ends_with("writing …"), "{shown:?}");
    assert_eq!(answer.trim(), "Would import 399 tasks");
    let (_, shown) = on_a_terminal(&sandbox, "import import.json --dry-run --json", b"");
    assert!(shown.starts_with('{'), "{shown:?}");
    assert_eq!(sandbox.run(&["import", IMPORT, "--dry-run"]).err, "", "nobody looks into a pipe");
    fs::write(sandbox.path(IMPORT), file_of(2, &[row(1, "A", "")])).expect("a file to import");
    let (_, shown) = on_a_terminal(&sandbox, "import import.json", b"");
    assert!(shown.starts_with("Imported 1 task"), "{shown:?}");
}

#[test]
fn a_terminal_gets_colours_and_its_own_width() {
    let sandbox = Sandbox::given();
    let (status, shown) = on_a_terminal(&sandbox, "list", b"");
    assert_eq!(status, 0, "{shown:?}");
    assert!(shown.contains(ESC), "{shown:?}");
    let (_, shown) = on_a_terminal(&sandbox, "list --color never", b"");
    assert!(!shown.contains(ESC), "{shown:?}");
}
