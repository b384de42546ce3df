//! Programs of the user's that are told what was written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Answer, IMPORT, Sandbox, TODO, WRITES, document, with};

/// Keeps what it is told, a line each.
const KEEP: &str = "#!/bin/sh\ncat >> told\n";

/// Puts a hook there. A process of its own writes it: while this one, which starts others all the
/// time, had it open for writing, nobody could run it.
fn hook(sandbox: &Sandbox, name: &str, script: &str) {
    place(&sandbox.path("hooks"), name, script);
}

fn place(folder: &Path, name: &str, script: &str) {
    let line = "umask 022 && mkdir -p \"$0\" && cat > \"$0/$1\" && chmod 755 \"$0/$1\"";
    let mut writer = Command::new("sh");
    writer.args(["-c", line]).arg(folder).arg(name).stdin(Stdio::piped());
    let mut writer = writer.spawn().expect("sh starts");
    writer.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
    assert!(writer.wait().expect("it ends").success());
}

fn command(sandbox: &Sandbox, words: &[&str]) -> Command {
    let mut command = sandbox.command();
    command.env("TODO_HOOKS", "hooks").args(words);
    command
}

/// Runs a command that has hooks and must succeed.
fn ok(sandbox: &Sandbox, words: &[&str]) -> Answer {
    let answer = Answer::from(command(sandbox, words).output().expect("todo starts"));
    assert_eq!(answer.status, 0, "todo {}: {answer:?}", words.join(" "));
    answer
}

/// What the hooks that [`KEEP`] were told, in order.
fn told(sandbox: &Sandbox) -> Vec<Value> {
    let text = fs::read_to_string(sandbox.path("told")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn listening() -> Sandbox {
    let sandbox = Sandbox::given();
    for name in ["on-add", "on-modify", "on-done"] {
        hook(&sandbox, name, KEEP);
    }
    sandbox
}

/// The uids that each hook must be told of, read from the file before and after.
fn expected(before: &[Value], after: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for task in after {
        let old = before.iter().find(|old| old["uid"] == task["uid"]);
        let done = |task: &Value| task["status"] == "completed";
        let hook = match old {
            None => "on-add",
            Some(old) if old["version"] == task["version"] => continue,
            Some(old) if done(task) && !done(old) => "on-done",
            Some(_) => "on-modify",
        };
        let uid = task["uid"].as_str().expect("a uid").to_owned();
        expected.entry(hook.to_owned()).or_default().insert(uid);
    }
    expected
}

#[test]
fn every_command_that_writes_tells_what_it_wrote() {
    let mut hooks = 0;
    for words in WRITES {
        let sandbox = listening();
        let before = sandbox.tasks();
        let answer = ok(&sandbox, words);
        assert_eq!(answer.err, "", "{words:?}");
        let after = sandbox.tasks();
        let mut got: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for object in told(&sandbox) {
            assert_eq!(object["command"], words[0], "{words:?}");
            assert_eq!(
                object["file"],
                sandbox.file().canonicalize().expect("a file").display().to_string()
            );
            let hook = object["hook"].as_str().expect("a hook").to_owned();
            for task in object["tasks"].as_array().expect("tasks") {
                let row = after.iter().find(|row| row["uid"] == task["uid"]).expect("a task");
                assert_eq!((&task["version"], &task["title"]), (&row["version"], &row["title"]));
                let uid = task["uid"].as_str().expect("a uid").to_owned();
                assert!(got.entry(hook.clone()).or_default().insert(uid), "told twice: {words:?}");
            }
        }
        assert_eq!(got, expected(&before, &after), "{words:?}");
        hooks += got.len();
    }
    assert!(hooks >= 14, "only {hooks} hooks were told anything");
}

#[test]
fn an_alias_is_told_by_the_commands_own_name() {
    let sandbox = listening();
    ok(&sandbox, &["complete", "1"]);
    let told = told(&sandbox);
    assert_eq!(
        (told.len(), &told[0]["command"], &told[0]["hook"]),
        (1, &"done".into(), &"on-done".into())
    );
}

#[test]
fn a_change_is_told_field_by_field() {
    let sandbox = listening();
    ok(&sandbox, &["edit", "1", "2", "--title", "Both", "--add-tag", "new"]);
    let told = told(&sandbox);
    assert_eq!(told.len(), 1, "once a command");
    let changes = told[0]["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["task"], told[0]["tasks"][0]);
    let fields = serde_json::json!({
        "title": { "old": "Buy milk", "new": "Both" },
        "tags": { "old": [], "new": ["new"] },
    });
    assert_eq!(changes[0]["fields"], fields);
    // Coming to be, and being completed, have no values before.
    ok(&sandbox, &["add", "More"]);
    assert!(self::told(&sandbox)[1].get("changes").is_none());
}

/// R5: what the clock brings is told, also when the command itself comes to nothing.
#[test]
fn r5_what_the_clock_brought_is_told_before_a_refusal() {
    let sandbox = Sandbox::new();
    sandbox.ok(&[
        "add",
        "Bins",
        "--due",
        "2026-11-21",
        "--repeat",
        "daily",
        "--spawn",
        "on_schedule",
    ]);
    hook(&sandbox, "on-add", KEEP);
    let mut command = command(&sandbox, &["done", "99"]);
    let answer =
        Answer::from(command.env("TODO_NOW", "2026-11-22T09:00:00Z").output().expect("todo"));
    assert_eq!(answer.status, 1, "{answer:?}");
    let told = told(&sandbox);
    assert_eq!((told.len(), &told[0]["tasks"][0]["slot"]), (1, &"2026-11-22".into()));
}

#[test]
fn hooks_run_in_the_order_of_their_names_and_only_what_is_one() {
    let sandbox = Sandbox::new();
    for name in
        ["on-add.b", "on-add-a", "on-add", "on-add.sh~", "on-added", "on-done", "add", "on-add.B"]
    {
        hook(&sandbox, name, &format!("#!/bin/sh\necho {name}\n"));
    }
    hook(&sandbox, "on-add.off", "#!/bin/sh\necho off\n");
    let off = fs::Permissions::from_mode(0o644);
    fs::set_permissions(sandbox.path("hooks/on-add.off"), off).expect("the mode");
    fs::create_dir(sandbox.path("hooks/on-add.d")).expect("a folder");
    symlink("nowhere", sandbox.path("hooks/on-add.gone")).expect("a link");
    let answer = ok(&sandbox, &["add", "Buy milk"]);
    assert_eq!(answer.err, "on-add\non-add-a\non-add.B\non-add.b\n");
    assert_eq!(answer.out, "Added 1  Buy milk\n", "the answer is what it was");
}

/// The right to write is given back before, and there is no end without an end.
#[test]
fn a_hook_may_call_todo_which_runs_no_hooks() {
    let sandbox = Sandbox::new();
    let script = format!("#!/bin/sh\necho \"$TODO_HOOK\"; {TODO} add \"After this\" >&2\n");
    hook(&sandbox, "on-add", &script);
    let mut command = command(&sandbox, &["add", "First", "--file", "other.json"]);
    let answer = Answer::from(command.output().expect("todo starts"));
    assert_eq!((answer.status, answer.err.as_str()), (0, "on-add\nAdded 2  After this\n"));
    assert!(!sandbox.file().exists(), "it works on the file that the command was about");
    let undone = sandbox.ok(&["undo", "--file", "other.json"]).out;
    assert!(undone.contains("After this"), "{undone}");
}

#[test]
fn a_hook_that_fails_is_a_warning_and_changes_nothing() {
    for (script, why) in [
        (
            "#!/bin/sh\necho no; exit 3\n",
            "no\nwarning: the hook on-add ended with exit status: 3; what was done stays\n",
        ),
        (
            "#!/bin/sh\nkill -KILL $$\n",
            "warning: the hook on-add ended with signal: 9 (SIGKILL); what was done stays\n",
        ),
        (
            "#!/no/such/shell\n",
            "warning: the hook on-add cannot be started: no such file or folder",
        ),
    ] {
        let sandbox = Sandbox::new();
        hook(&sandbox, "on-add", script);
        hook(&sandbox, "on-add.2", "#!/bin/sh\necho and the next one runs\n");
        let answer = ok(&sandbox, &["add", "Buy milk"]);
        assert!(answer.err.starts_with(why), "{answer:?}");
        assert!(answer.err.ends_with("and the next one runs\n"), "{answer:?}");
        assert_eq!(sandbox.tasks().len(), 1);
    }
}

#[test]
fn what_a_hook_says_is_harmless_and_bounded() {
    let sandbox = Sandbox::new();
    hook(&sandbox, "on-add", "#!/bin/sh\nprintf '\\033[2J\\aHi\\377\\n'\nprintf 'error\\n' >&2\n");
    let answer = ok(&sandbox, &["add", "One"]);
    assert_eq!(answer.err, "\u{fffd}[2J\u{fffd}Hi\u{fffd}\nerror\n");
    hook(&sandbox, "on-add", "#!/bin/sh\nfor i in $(seq 30); do echo \"line $i\"; done\n");
    let answer = ok(&sandbox, &["add", "Two"]);
    assert!(answer.err.ends_with("line 19\nline 20\nand more\n"), "{answer:?}");
    // Megabytes on one line, and what never ends for as long as anybody reads.
    hook(&sandbox, "on-add", "#!/bin/sh\nhead -c 5000000 /dev/zero | tr '\\0' x\n");
    let answer = ok(&sandbox, &["add", "Three"]);
    assert!(answer.err.len() < 1000 && answer.err.ends_with("…\nand more\n"), "{answer:?}");
}

#[test]
fn a_hook_need_not_read_what_it_is_told() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path(IMPORT), document(1..2000)).expect("a file to import");
    hook(&sandbox, "on-add", "#!/bin/sh\nexec true\n");
    hook(&sandbox, "on-add.all", "#!/bin/sh\nwc -c\n");
    let answer = ok(&sandbox, &["import", IMPORT]);
    let size: usize = answer.err.trim().parse().expect("a number and no warning");
    assert!(size > 500_000, "more than a pipe holds: {size}");
}

#[test]
fn a_hook_that_leaves_something_running_is_not_waited_for() {
    let sandbox = Sandbox::new();
    hook(&sandbox, "on-add", "#!/bin/sh\necho said; sleep 30 &\necho $! > left\n");
    assert_eq!(ok(&sandbox, &["add", "One"]).err, "said\n");
    let left = fs::read_to_string(sandbox.path("left")).expect("its number");
    assert!(Command::new("kill").arg(left.trim()).status().expect("kill").success(), "it runs on");
}

#[test]
#[cfg(target_os = "linux")]
fn a_hook_that_hangs_is_stopped_with_what_it_started() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["config", "hook_timeout", "2"]);
    hook(&sandbox, "on-add", "#!/bin/sh\nsleep 1000 & echo $! > child\necho waiting\nwait\n");
    let answer = ok(&sandbox, &["add", "Buy milk"]);
    let why = "waiting\nwarning: the hook on-add was stopped: it took longer than 2 s (hook_timeout); what was done stays\n";
    assert_eq!(answer.err, why);
    let child = fs::read_to_string(sandbox.path("child")).expect("its number");
    let stat = Path::new("/proc").join(child.trim()).join("stat");
    // Dead, whether or not anybody has taken note of it yet.
    let runs = || fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z "));
    let late = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while runs() {
        assert!(std::time::Instant::now() < late, "what the hook started runs on");
        std::thread::yield_now();
    }
}

#[test]
fn programs_get_their_answer_and_warnings_only() {
    let sandbox = Sandbox::new();
    hook(&sandbox, "on-add", "#!/bin/sh\necho noise; echo noise >&2; exit 1\n");
    let answer = ok(&sandbox, &["add", "Buy milk", "--json"]);
    assert_eq!(answer.json()["command"], "add");
    assert_eq!(
        answer.err,
        "warning: the hook on-add ended with exit status: 1; what was done stays\n"
    );
}

#[test]
fn a_dry_run_and_what_changes_nothing_tell_nobody() {
    let sandbox = listening();
    for words in WRITES {
        ok(&sandbox, &with(words, &["--dry-run"]));
    }
    ok(&sandbox, &["list"]);
    ok(&sandbox, &["edit", "1", "--title", "Buy milk"]);
    assert_eq!(told(&sandbox), [Value::Null; 0]);
}

#[test]
fn what_others_could_have_written_is_not_run() {
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode");
    };
    for bits in [0o775, 0o757] {
        let sandbox = Sandbox::new();
        hook(&sandbox, "on-add", KEEP);
        hook(&sandbox, "on-add.2", "#!/bin/sh\necho fine\n");
        mode(&sandbox.path("hooks/on-add"), bits);
        let answer = ok(&sandbox, &["add", "Buy milk"]);
        assert!(
            answer.err.starts_with("warning: the hook on-add was not run: others can write "),
            "{answer:?}"
        );
        assert!(
            answer.err.contains("chmod go-w") && answer.err.ends_with("\nfine\n"),
            "{answer:?}"
        );
        assert_eq!(told(&sandbox), [Value::Null; 0]);

        mode(&sandbox.path("hooks/on-add"), 0o755);
        mode(&sandbox.path("hooks"), bits);
        let answer = ok(&sandbox, &["add", "Buy milk"]);
        assert_eq!(
            answer.err,
            "warning: no hook was run: others can write hooks; to have it run: chmod go-w hooks\n"
        );
        assert_eq!(told(&sandbox), [Value::Null; 0]);
    }
    // A link leads to where the program is: that folder counts.
    let sandbox = Sandbox::new();
    hook(&sandbox, "on-done", KEEP);
    place(&sandbox.path("elsewhere"), "program", KEEP);
    symlink("../elsewhere/program", sandbox.path("hooks/on-add")).expect("a link");
    ok(&sandbox, &["add", "Buy milk"]);
    assert_eq!(told(&sandbox).len(), 1, "links are followed");
    mode(&sandbox.path("elsewhere"), 0o777);
    let answer = ok(&sandbox, &["add", "Buy milk"]);
    assert!(answer.err.contains("on-add was not run: others can write "), "{answer:?}");
    assert_eq!(told(&sandbox).len(), 1);
}

#[test]
#[ignore = "needs root: tests/run"]
fn another_users_program_is_not_run() {
    let sandbox = Sandbox::new();
    hook(&sandbox, "on-add", KEEP);
    std::os::unix::fs::chown(sandbox.path("hooks/on-add"), Some(12345), None).expect("root");
    let answer = ok(&sandbox, &["add", "Buy milk"]);
    assert!(answer.err.ends_with("hooks/on-add belongs to another user\n"), "{answer:?}");
    assert_eq!(told(&sandbox), [Value::Null; 0]);
}

/// A tasks' file that comes from elsewhere runs nothing, whatever lies beside it.
#[test]
fn hooks_are_where_the_user_keeps_settings_and_nowhere_else() {
    let sandbox = Sandbox::new();
    for folder in ["hooks", ".hooks", ".config/todo/hooks", "home/.config/todo/hooks"] {
        place(&sandbox.path(folder), "on-add", &format!("#!/bin/sh\necho {folder}\n"));
    }
    sandbox.write(br#"{"format":2,"next_id":1,"next_seq":1,"settings":{"hooks":"hooks","TODO_HOOKS":"hooks"},"tasks":[],"steps":[]}"#);
    let add = |home: &str, hooks: Option<&str>| {
        let mut command = sandbox.command();
        command
            .env_remove("TODO_HOOKS")
            .env_remove("XDG_CONFIG_HOME")
            .env("HOME", sandbox.path(home));
        command.envs(hooks.map(|hooks| ("TODO_HOOKS", hooks))).args(["add", "Buy milk"]);
        Answer::from(command.output().expect("todo starts")).err
    };
    assert_eq!(add("empty", None), "");
    if cfg!(target_os = "linux") {
        assert_eq!(add("home", None), "home/.config/todo/hooks\n");
    }
    assert_eq!(add("home", Some("")), "", "an empty name is none at all");
    assert_eq!(add("home", Some(".hooks")), ".hooks\n");
    assert_eq!(add("home", Some("not/there")), "");
    let odd = add("home", Some("tasks.json"));
    assert_eq!(odd, "warning: no hook was run: tasks.json cannot be read: Not a directory\n");
}
