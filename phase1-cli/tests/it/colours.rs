//! Themes, and colours that are set one by one.

use std::collections::BTreeSet;

use crate::support::{Sandbox, file_of, row, with};

const ESC: char = '\u{1b}';

/// Every colour has something to colour: overdue, due today, in progress, done, a tag.
fn colourful() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Late", "--due", "2026-11-19", "--priority", "high", "--tag", "a"]);
    sandbox.ok(&["add", "Dinner", "--due", "2026-11-21", "-P", "home"]);
    sandbox.ok(&["add", "Begun"]);
    sandbox.ok(&["add", "Finished"]);
    sandbox.ok(&["start", "3"]);
    sandbox.ok(&["done", "4"]);
    sandbox
}

/// The codes (SGR) that a text is coloured with, without those that end one.
fn codes(text: &str) -> BTreeSet<String> {
    let codes = text.split(ESC).skip(1).map(|rest| {
        let code = rest.strip_prefix('[').and_then(|rest| rest.split_once('m'));
        code.expect("nothing but colours").0.to_owned()
    });
    codes.filter(|code| code != "0").collect()
}

fn listed(sandbox: &Sandbox) -> BTreeSet<String> {
    codes(&sandbox.ok(&["list", "--all", "--color", "always"]).out)
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn a_theme_decides_every_colour() {
    let sandbox = colourful();
    let usual = listed(&sandbox);
    assert_eq!(usual, set(&["1", "2", "31", "32", "33", "34", "36"]));
    sandbox.ok(&["config", "theme", "default"]);
    assert_eq!(listed(&sandbox), usual);
    sandbox.ok(&["config", "theme", "Mono"]);
    assert_eq!(listed(&sandbox), set(&["1", "2", "4"]), "bold, dim, underlined and nothing else");
    sandbox.ok(&["config", "theme", "colorblind"]);
    let told = listed(&sandbox);
    for opposed in ["31", "32", "91", "92"] {
        assert!(!told.contains(opposed), "{told:?} has red or green");
    }
    assert!(told.contains("38;5;208"), "{told:?}");
    sandbox.ok(&["config", "theme", "bright"]);
    let told = listed(&sandbox);
    assert!(told.contains("91") && !told.contains("2"), "{told:?}: nothing is dim");
}

#[test]
fn a_single_colour_comes_before_the_theme() {
    let sandbox = colourful();
    sandbox.ok(&["config", "color_alarm", "ul #FF8700  blue"]);
    assert_eq!(
        sandbox.ok(&["config", "color_alarm", "--json"]).json()["settings"]["color_alarm"],
        "ul #ff8700 blue"
    );
    for theme in ["default", "mono"] {
        sandbox.ok(&["config", "theme", theme]);
        let late = sandbox.ok(&["list", "--color", "always"]).out;
        let late = codes(late.lines().find(|line| line.contains("Late")).expect("the task"));
        assert!(late.is_superset(&set(&["4", "38;2;255;135;0", "44"])), "{theme}: {late:?}");
    }
    sandbox.ok(&["config", "color_label", "normal"]);
    sandbox.ok(&["config", "theme", "--unset"]);
    assert!(!listed(&sandbox).contains("34"), "normal is no colour");
    sandbox.ok(&["config", "color_alarm", "--unset"]);
    assert!(listed(&sandbox).contains("31"));
}

#[test]
fn errors_and_warnings_have_the_same_colours() {
    let sandbox = colourful();
    let refused = |sandbox: &Sandbox| codes(&sandbox.run(&["done", "99", "--color", "always"]).err);
    assert_eq!(refused(&sandbox), set(&["1", "2", "31"]));
    sandbox.ok(&["config", "theme", "mono"]);
    assert_eq!(refused(&sandbox), set(&["1", "2", "4"]));
}

#[test]
fn no_colour_is_stronger_than_any_that_is_set() {
    let sandbox = colourful();
    sandbox.ok(&["config", "color_strong", "bold red"]);
    sandbox.ok(&["config", "theme", "bright"]);
    assert!(!sandbox.ok(&["list"]).out.contains(ESC), "not a terminal");
    assert!(!sandbox.ok(&["list", "--color", "never"]).out.contains(ESC));
    sandbox.ok(&["config", "color", "always"]);
    assert!(sandbox.ok(&["list"]).out.contains(ESC));
    let bare = sandbox.command().args(["list"]).env("NO_COLOR", "1").output().expect("todo starts");
    assert!(!bare.stdout.contains(&0x1b));
    sandbox.ok(&["config", "color", "never"]);
    assert!(!sandbox.ok(&["list"]).out.contains(ESC));
}

#[test]
fn what_is_no_colour_is_refused_with_what_is_one() {
    let sandbox = colourful();
    let long = "bold ".repeat(100);
    for (colour, why) in [
        ("rde", "\"rde\" is not one of black, red, "),
        ("yelow", "did you mean yellow?"),
        ("bold 256", "\"256\" is not one of black, red, "),
        ("#ff87", "\"#ff87\" is not one of "),
        ("#éa", "\"#éa\" is not one of "),
        ("#+f+f+f", "\"#+f+f+f\" is not one of "),
        ("ＲＥＤ", "\"ＲＥＤ\" is not one of "),
        ("red blue green", "\"green\" is not one of bold, dim, "),
        ("\u{1b}[31m", "is not one of "),
        ("", "must not be empty"),
        (&long, "at most 80 are allowed"),
    ] {
        let answer = sandbox.fails(1, &["config", "color_soon", "--", colour]);
        assert!(answer.err.contains(why) && !answer.err.contains(ESC), "{colour:?}: {answer:?}");
    }
    let answer = sandbox.fails(1, &["config", "theme", "dark"]);
    assert!(answer.err.contains("default, bright, colorblind, mono"), "{answer:?}");
}

/// A file that comes from elsewhere, or from a newer version.
#[test]
fn what_a_file_sets_wrongly_counts_as_not_set() {
    let sandbox = Sandbox::new();
    let values =
        r##""theme":"neon","color_alarm":"#éa","color_dim":7,"color_label":"red green blue""##;
    let file = file_of(2, &[row(1, "A task", r#","tags":["a"]"#)]);
    let file =
        file.replacen(r#"{"format":1,"#, &format!(r#"{{"format":2,"settings":{{{values}}},"#), 1);
    sandbox.write(file.as_bytes());
    assert_eq!(listed(&sandbox), set(&["1", "2", "34"]));
    let told = sandbox.ok(&["config", "--json"]).json();
    for name in ["theme", "color_alarm", "color_dim", "color_label"] {
        assert!(told["settings"][name].is_null(), "{name}: {told}");
    }
}

#[test]
fn config_shows_a_colour_as_it_is() {
    let sandbox = colourful();
    sandbox.ok(&["config", "color_done", "bold 33"]);
    let shown = sandbox.ok(&with(&["config", "color_done"], &["--color", "always"])).out;
    assert_eq!(codes(shown.lines().next().expect("a line")), set(&["1", "38;5;33"]));
}
