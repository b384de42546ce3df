//! The documentation is run: every ```` ```console ```` block of `README.md` and `docs/cli/*.md`.
//!
//! After a change of what `todo` prints, renew the answers with
//!
//! ```sh
//! TRYCMD=overwrite cargo test -p todo-cli --test it transcripts
//! ```
//!
//! and read the difference as a user would. `[..]` and a line of `...` stand for what differs from
//! run to run; they are kept.
//!
//! Each file is a story of its own: it begins without a tasks' file in a folder of its own, where
//! there is an `export.json` that Taskwarrior wrote; the present is always [`NOW`].

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use trycmd::TestCases;

use crate::support::{FILE, NOW, Sandbox, TODO, with};

/// Programs of the system that a story may use beside `todo`.
const HELPERS: &[&str] = &["env", "sh", "timeout"];
/// What Taskwarrior wrote.
const EXPORT: &str = "tests/fixtures/taskwarrior/export.json";

fn root() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().expect("the crate lies in the workspace").to_owned()
}

fn stories() -> Vec<PathBuf> {
    let folder = root().join("docs/cli");
    let entries = fs::read_dir(folder).expect("docs/cli");
    let pages = entries.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<_> =
        pages.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    pages.push(root().join("README.md"));
    pages.sort_unstable();
    pages
}

#[test]
fn transcripts_are_what_the_program_prints() {
    // Run on copies: a sandbox is made where `NAME.out` lies beside `NAME.md`, and two folders
    // beside every page would be no help to its readers.
    let copies = Sandbox::new();
    for page in stories() {
        let copy = copies.path(&name_of(&page));
        fs::copy(&page, &copy).expect("a copy");
        for folder in ["in", "out"] {
            let folder = copy.with_extension(folder);
            fs::create_dir(&folder).expect("a folder");
            fs::write(folder.join(".keep"), "").expect("a file");
        }
        let export = copy.with_extension("in").join("export.json");
        fs::copy(root().join(EXPORT), export).expect("the export");
    }
    let cases = TestCases::new();
    cases.register_bin("todo", Path::new(TODO));
    for helper in HELPERS {
        cases.register_bin(*helper, found(helper).as_path());
    }
    for (name, value) in [("TODO_NOW", NOW), ("TZ", "Europe/Berlin"), ("TODO_FILE", FILE)] {
        cases.env(name, value);
    }
    cases.env("TODO_HOOKS", "");
    cases.env("NO_COLOR", "").env("LC_ALL", "C.UTF-8");
    cases.env("PATH", path_with_todo().to_str().expect("a PATH in UTF-8"));
    cases.case(copies.path("*.md"));
    cases.run();

    if env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        for page in stories() {
            fs::copy(copies.path(&name_of(&page)), &page).expect("the page can be renewed");
        }
    }
}

fn name_of(page: &Path) -> String {
    page.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The folder of the binary comes first, for what `sh` runs.
fn path_with_todo() -> OsString {
    let mut folders = vec![Path::new(TODO).parent().expect("a folder").to_owned()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    env::join_paths(folders).expect("a PATH")
}

fn found(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).map(|folder| folder.join(program));
    places.into_iter().find(|place| place.exists()).unwrap_or_else(|| panic!("no {program} here"))
}

/// trycmd skips a program that it does not know, without a word.
#[test]
fn no_command_of_a_transcript_is_skipped() {
    let mut known: BTreeSet<_> = HELPERS.iter().copied().collect();
    known.insert("todo");
    for page in stories() {
        let commands = commands(&page);
        assert!(!commands.is_empty(), "{} shows nothing", page.display());
        for command in commands {
            let mut words = command.split(' ').skip_while(|word| word.contains('='));
            let program = words.next().unwrap_or_default();
            assert!(known.contains(program), "{}: {command}: add it to HELPERS", page.display());
        }
    }
}

/// What is typed in a page's blocks.
fn commands(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).expect("a page");
    let mut commands = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => in_block = !in_block && language == "console",
            None if in_block => commands.extend(line.strip_prefix("$ ").map(ToOwned::to_owned)),
            None => {}
        }
    }
    commands
}

/// Nobody has to guess what a command prints: each is shown in some story.
#[test]
fn every_command_is_shown_somewhere() {
    let mut shown: String =
        stories().iter().flat_map(|page| commands(page)).collect::<Vec<_>>().join("\n");
    // What needs a server is run where there is one: tests/it/server_pages.rs.
    let page = fs::read_to_string(root().join("docs/terminal-on-a-server.md")).expect("the page");
    page.lines().filter(|line| line.starts_with("$ ")).for_each(|line| shown.push_str(line));
    let missing: Vec<_> = crate::support::subcommands()
        .into_iter()
        // A watch stays, so no story of it ends: watch.rs runs it.
        .filter(|name| !matches!(name.as_str(), "help" | "watch"))
        .filter(|name| !shown.contains(&format!("todo {name}")))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// `docs/cli/scripting.md` is where every JSON name is described (SPEC 6: one documented shape).
#[test]
fn every_json_name_is_described_in_scripting_md() {
    let page = fs::read_to_string(root().join("docs/cli/scripting.md")).expect("scripting.md");
    let mut names = BTreeSet::new();
    for words in crate::support::WRITES.iter().chain(crate::support::READS) {
        let sandbox = Sandbox::given();
        // An export without --output is the data itself.
        let words = if words[0] == "export" { &["export", "--output", "o.json"] } else { *words };
        let words = [words, &["--json"]].concat();
        collect(&sandbox.ok(&words).json(), &mut names);
    }
    let sandbox = Sandbox::given();
    collect(&sandbox.ok(&["doctor", "--json"]).json(), &mut names);
    for words in [
        &["done", "99"][..],
        &["done", "2"],
        &["done", "2", "1"],
        &["edit", "1", "--priority", "x"],
        &["edit", "1", "--expect", "9", "--title", "x"],
        &["undo", "2"],
    ] {
        let answer = sandbox.run(&with(words, &["--json"]));
        assert_eq!(answer.status, 1, "{words:?}: {answer:?}");
        let text = if answer.out.is_empty() { answer.err } else { answer.out };
        collect(&serde_json::from_str(&text).expect("JSON"), &mut names);
    }
    let undescribed: Vec<_> =
        names.into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert_eq!(undescribed, Vec::<String>::new());
}

fn collect(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (name, value) in map {
                names.insert(name.clone());
                collect(value, names);
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}
