//! Help, completions and manual pages: made from one definition, so none may forget a command.

use std::fs;

use crate::support::{Sandbox, subcommands};

#[test]
fn every_command_has_help_that_says_what_it_does() {
    let sandbox = Sandbox::new();
    for name in subcommands().iter().filter(|name| *name != "help") {
        let short = sandbox.ok(&[name, "-h"]).out;
        let about = short.lines().next().unwrap_or_default();
        assert!(about.len() > 5 && !about.starts_with("Usage"), "{name}: {short}");
        assert!(short.contains(&format!("Usage: todo {name}")), "{name}: {short}");
        let long = sandbox.ok(&[name, "--help"]).out;
        for line in long.lines() {
            assert!(line.chars().count() <= 100, "{name}: {line}");
        }
        assert_eq!(sandbox.ok(&["help", name]).out, long, "{name}");
    }
    assert!(!sandbox.file().exists(), "help needs no file and makes none");
}

/// Every flag and argument says what it is for.
#[test]
fn every_flag_has_a_description() {
    let sandbox = Sandbox::new();
    for name in subcommands().iter().filter(|name| *name != "help") {
        let short = sandbox.ok(&[name, "-h"]).out;
        for line in short.lines().filter(|line| line.trim_start().starts_with('-')) {
            // A long flag has its description on the next line.
            let inline = line
                .trim_start()
                .split_once("  ")
                .map(|pair| pair.1)
                .is_some_and(|text| !text.trim().is_empty());
            let mut following = short.lines().skip_while(|other| *other != line).skip(1);
            let below = following.next().is_some_and(|next| next.starts_with("          "));
            assert!(inline || below, "{name}: {line:?} says nothing");
        }
    }
}

#[test]
fn completions_know_every_command_in_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = sandbox.ok(&["completions", shell]).out;
        assert!(script.len() > 1000, "{shell}");
        for name in subcommands() {
            assert!(script.contains(&name), "{shell} does not know {name}");
        }
        for flag in ["cascade", "due-from", "restore-backup"] {
            assert!(script.contains(flag), "{shell} does not know --{flag}");
        }
    }
    assert!(!sandbox.file().exists());
}

/// A script that the shell itself refuses would be no help.
#[test]
#[cfg(unix)]
fn bash_understands_its_completions() {
    let sandbox = Sandbox::new();
    let script = sandbox.ok(&["completions", "bash"]).out;
    fs::write(sandbox.path("todo.bash"), script).expect("a file");
    let check = "source ./todo.bash && COMP_WORDS=(todo do) COMP_CWORD=1 && _todo todo do todo && \
                 echo \"${COMPREPLY[@]}\"";
    let mut bash = sandbox.command_of(std::path::Path::new("bash"));
    let output = bash.args(["--norc", "-c", check]).output().expect("bash starts");
    let reply = String::from_utf8_lossy(&output.stdout);
    assert!(reply.contains("done") && reply.contains("doctor"), "{output:?}");
}

#[test]
fn the_manual_names_every_command_and_has_a_page_for_each() {
    let sandbox = Sandbox::new();
    let page = sandbox.ok(&["man"]).out;
    assert!(page.contains(".TH todo 1"), "{page}");
    fs::create_dir(sandbox.path("man1")).expect("a folder");
    sandbox.ok(&["man", "--dir", "man1"]);
    for name in subcommands() {
        assert!(page.contains(&format!("todo\\-{name}(1)")), "{name} is not in the manual");
        let own = sandbox.path(&format!("man1/todo-{name}.1"));
        let own = fs::read_to_string(own).expect("a page of its own");
        assert!(own.contains(".SH SYNOPSIS"), "{name}");
        assert!(own.contains(".SH DESCRIPTION"), "{name}");
    }
    let answer = sandbox.fails(3, &["man", "--dir", "no/such/folder"]);
    assert!(answer.err.contains("no such file or folder"), "{answer:?}");
}

#[test]
fn version_and_help_need_no_file_no_home_and_no_valid_clock() {
    let sandbox = Sandbox::new();
    for words in [&["--version"][..], &["-V"], &["--help"], &["-h"], &["help"]] {
        let mut command = sandbox.command();
        command.env("TODO_FILE", "/dev/null/x").env("TODO_NOW", "never").env("TZ", "Nowhere");
        let output = command.args(words).output().expect("todo starts");
        assert!(output.status.success(), "{words:?}: {output:?}");
        assert!(output.stdout.starts_with(b"todo ") || output.stdout.starts_with(b"Tasks in"));
    }
}
