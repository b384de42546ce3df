//! What is said in two places, without what cannot be the same in both.

/// What begins its lines with the numbers of steps.
const STEPS: [&[&str]; 2] = [&["log"], &["undo", "--list"]];

/// Without the numbers of steps: a server counts what happened to the account, too.
pub(crate) fn without_steps(words: &[&str], text: &str) -> String {
    let number = |c: char| c.is_ascii_digit();
    if STEPS.contains(&words) {
        let bare = |line: &str| line.trim_start().trim_start_matches(number).to_owned();
        return text.lines().map(bare).collect::<Vec<_>>().join("\n");
    }
    let mut parts = text.split("step ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + "step " + part.trim_start_matches(number))
}

/// With every uid as the same one.
pub(crate) fn masked(text: &str) -> String {
    let is_uid = |word: &str| word.len() == 36 && word.bytes().filter(|b| *b == b'-').count() == 4;
    let words = text.split_inclusive(|c: char| !c.is_ascii_hexdigit() && c != '-');
    let mask = |word: &str| {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit() && c != '-');
        if is_uid(bare) { word.replace(bare, "UID") } else { word.to_owned() }
    };
    words.map(mask).collect()
}
