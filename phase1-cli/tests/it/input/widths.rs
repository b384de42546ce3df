//! Tables fit the terminal, whatever is in them (SPEC 6: aligned for wide characters and narrow
//! terminals).

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use crate::support::{Dice, Sandbox, file_of, row, uid};

const WIDTHS: &[usize] = &[20, 40, 60, 80, 200];
/// Pieces of nasty titles: wide, combining, of no width, joined, with a presentation of their own,
/// right to left, and long words.
const PIECES: &[&str] = &[
    "a",
    "word ",
    "界",
    "全角",
    "e\u{301}",
    "a\u{300}\u{301}\u{302}",
    "\u{200b}",
    "\u{ad}",
    "\u{fe0f}",
    "👩‍👩‍👧",
    "🏳️‍🌈",
    "❤️",
    "1️⃣",
    "🇩🇪",
    "ｱｲｳ",
    "한국어",
    "שלום",
    "سلام",
    "ﷺ",
    "…",
    " › ",
    "Donaudampfschifffahrtsgesellschaft",
];

/// A task's row with what fills every column.
fn nasty(dice: &mut Dice, id: u64) -> String {
    let mut text = |pieces: u64| -> String {
        let count = 1 + dice.below(pieces);
        let text: String = (0..count).map(|_| dice.pick(PIECES)).collect();
        if text.trim().is_empty() { "empty".to_owned() } else { text.trim().to_owned() }
    };
    let (title, project) = (text(24), text(4));
    let label = text(3).replace(' ', "");
    let mut more = format!(r#","priority":"{}""#, dice.pick(&["high", "medium", "low"]));
    if dice.below(2) == 0 {
        let _ = write!(more, r#","project":"{project}""#);
    }
    if dice.below(2) == 0 {
        let _ = write!(more, r#","tags":["x{label}","second"]"#);
    }
    if dice.below(2) == 0 {
        let day = dice.pick(&["2026-11-21", "2026-11-30", "1999-01-01", "2099-12-31"]);
        let _ = write!(more, r#","due_date":"{day}""#);
    }
    if id > 1 && dice.below(4) == 0 {
        let parent = 1 + dice.below(id - 1);
        let _ = write!(more, r#","parent":{parent},"parent_uid":"{}""#, uid(parent));
    }
    row(id, &title, &more)
}

#[test]
fn no_line_of_a_table_is_wider_than_the_terminal() {
    let mut dice = Dice::new(7);
    for round in 0..40 {
        let sandbox = Sandbox::new();
        let count = 1 + dice.below(12);
        // Numbers of every length.
        let shift = 10_u64.pow(u32::try_from(dice.below(6)).expect("small"));
        let rows: Vec<_> = (1..=count).map(|id| nasty(&mut dice, id)).collect();
        sandbox.write(file_of(count * shift + 1, &rows).as_bytes());
        for width in WIDTHS {
            for words in [&["list"][..], &["list", "--search", "a"], &["list", "--all"]] {
                let mut command = sandbox.command();
                let output = command.args(words).env("COLUMNS", width.to_string()).output();
                let text = String::from_utf8(output.expect("todo starts").stdout).expect("UTF-8");
                // Where nothing is found, a sentence says so, and sentences are wrapped.
                if words == ["list", "--search", "a"] && !text.trim_start().starts_with("Id") {
                    continue;
                }
                for line in text.lines() {
                    let used = line.width();
                    assert!(used <= *width, "round {round}: {used} > {width}: {line:?}");
                }
            }
        }
    }
}

/// Where each text fits, the columns stand one under the other.
#[test]
fn columns_are_aligned_under_wide_and_combining_characters() {
    let sandbox = Sandbox::new();
    for title in ["plain", "全角の題", "e\u{301}te\u{301}", "👩‍👩‍👧 family", "❤️ heart", "שלום"]
    {
        sandbox.ok(&["add", title, "--project", "here"]);
    }
    let text = sandbox.ok(&["list"]).out;
    let places: Vec<_> = text
        .lines()
        .filter_map(|line| line.find("here").map(|at| line.get(..at).unwrap_or_default().width()))
        .collect();
    assert_eq!(places.len(), 6, "{text}");
    assert!(places.windows(2).all(|pair| pair[0] == pair[1]), "{places:?}\n{text}");
}

#[test]
fn a_narrow_terminal_still_shows_number_title_and_date() {
    let sandbox = Sandbox::given();
    let list = |sandbox: &Sandbox| {
        let output = sandbox.command().arg("list").env("COLUMNS", "20").output();
        String::from_utf8(output.expect("todo starts").stdout).expect("UTF-8")
    };
    // A time takes much of the line; that it repeats is then told elsewhere.
    let text = list(&sandbox);
    let stretch = text.lines().find(|line| line.contains("St")).expect("the task");
    assert!(stretch.trim_start().starts_with('6') && stretch.ends_with("today 09:59"), "{text}");
    sandbox.ok(&["delete", "6"]);
    let text = list(&sandbox);
    let fence = text.lines().find(|line| line.contains("Pai")).expect("the task");
    assert!(fence.trim_start().starts_with('2') && fence.contains("in 9 days"), "{text}");
    // What cannot be a width is not taken for one.
    for odd in ["0", "-5", "wide", "", "99999999999999999999999"] {
        let output = sandbox.command().arg("list").env("COLUMNS", odd).output().expect("todo");
        assert!(output.status.success() && !output.stdout.is_empty(), "COLUMNS={odd}");
    }
}
