//! Files that mean harm, or mean nothing: an error or a readable store, never a panic.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use todo_core::conformance::cases;
use todo_core::conformance::given::rename;
use todo_core::{Command, Verb};

use crate::given::{Folder, act, list, run, steps, try_add};

/// Does everything with a file; what is refused leaves it as it was, what is done can be read.
fn survive(folder: &Folder) -> Result<(), String> {
    drop(list(&folder.store()));
    drop(folder.store().settings());
    drop(todo_file::doctor(&folder.path(), crate::given::ZONE));
    let acts: [&dyn Fn() -> bool; 5] = [
        &|| try_add(&mut folder.store(), 9, "added").is_ok(),
        &|| act(&mut folder.store(), 1, rename("renamed")).is_ok(),
        &|| act(&mut folder.store(), 2, Verb::Delete).is_ok(),
        &|| run(&mut folder.store(), &Command::Undo(None)).is_ok(),
        &|| folder.store().change_settings(|s| drop(s.insert("k".into(), 1.into()))).is_ok(),
    ];
    for (number, act) in acts.iter().enumerate() {
        let before = folder.bytes();
        let readable = list(&folder.store()).is_ok();
        let done = act();
        if !done && folder.bytes() != before {
            return Err(format!("act {number} was refused, and changed the file"));
        }
        if readable && list(&folder.store()).is_err() {
            return Err(format!("act {number} made a file that cannot be read"));
        }
    }
    Ok(())
}

/// The file of three tasks with one part replaced.
fn replaced(part: &str, by: &str) -> Folder {
    let text = Folder::with_tasks().text();
    assert!(text.contains(part), "{part} is there to be replaced");
    Folder::with(text.replacen(part, by, 1))
}

#[test]
fn nesting_without_end() {
    let deep = |count: usize| format!("{}{}", "[".repeat(count), "]".repeat(count));
    for count in [100, 200, 100_000] {
        let places = [
            ("\"settings\": {}", format!("\"settings\": {{\"x\":{}}}", deep(count))),
            ("\"settings\": {}", format!("\"settings\": {}", deep(count))),
            ("\"filters\": {}", format!("\"filters\": {}", deep(count))),
            ("\"filters\": {}", format!("\"filters\": {{}}, \"x\": {}", deep(count))),
            ("\"title\":\"Buy milk\"", format!("\"title\":\"Buy milk\",\"x\":{}", deep(count))),
            ("\"title\":\"Buy milk\"", format!("\"title\":{}", deep(count))),
            ("{\"no\":1,", format!("{{\"x\":{},\"no\":1,", deep(count))),
        ];
        for (part, by) in places {
            survive(&replaced(part, &by)).expect(part);
        }
    }
    survive(&Folder::with("[".repeat(1_000_000))).expect("brackets only");
    survive(&Folder::with("{\"a\":".repeat(300_000))).expect("objects only");
}

#[test]
fn numbers_without_bounds() {
    let numbers = [
        "9007199254740991",
        "9007199254740992",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551614",
        "18446744073709551615",
        "18446744073709551616",
        "1e400",
        "-1",
        "0",
        "1.0",
        "1.5",
        "-0",
        "1e2",
        "null",
        "\"1\"",
        "99999999999999999999999999999999999999",
    ];
    for number in numbers {
        let places = [
            ("\"format\": 2", format!("\"format\": {number}")),
            ("\"next_id\": 4", format!("\"next_id\": {number}")),
            ("\"next_seq\": 5", format!("\"next_seq\": {number}")),
            ("\"id\":1,", format!("\"id\":{number},")),
            ("\"version\":1", format!("\"version\":{number}")),
            ("\"version\":1", format!("\"parent\":{number},\"version\":1")),
            ("\"no\":4", format!("\"no\":{number}")),
            ("\"no\":4", format!("\"undone\":{number},\"no\":4")),
        ];
        for (part, by) in places {
            survive(&replaced(part, &by)).unwrap_or_else(|error| panic!("{by}: {error}"));
        }
    }
}

/// Circles, tasks below themselves or below nobody, by hand.
#[test]
fn trees_that_are_none() {
    let uids: Vec<_> = (1..=3).map(|k| todo_core::conformance::uid(k).to_string()).collect();
    let parent = |of: usize, to: &str| {
        let title = ["\"title\":\"Buy milk\"", "\"title\":\"Écrire", "\"title\":\"Done\""][of];
        (title, format!("\"parent_uid\":\"{to}\",{title}"))
    };
    let mut text = Folder::with_tasks().text();
    for (of, to) in [(0, 1), (1, 2), (2, 0)] {
        let (title, by) = parent(of, &uids[to]);
        text = text.replacen(title, &by, 1);
    }
    survive(&Folder::with(&text)).expect("a circle");
    let (title, by) = parent(0, &uids[0]);
    survive(&replaced(title, &by)).expect("below itself");
    let (title, by) = parent(0, "00000000-0000-0000-0000-000000000000");
    survive(&replaced(title, &by)).expect("below nobody");
    survive(&replaced("\"title\":\"Buy milk\"", "\"parent\":1,\"title\":\"Buy milk\""))
        .expect("by number");
}

/// A circle can be undone by moving a task out of it.
#[test]
fn a_circle_can_be_broken() {
    let uid = todo_core::conformance::uid(1).to_string();
    let folder = replaced(
        "\"title\":\"Buy milk\"",
        &format!("\"parent\":1,\"parent_uid\":\"{uid}\",\"title\":\"Buy milk\""),
    );
    let top = todo_core::TaskPatch { parent: todo_core::Patch::Clear, ..Default::default() };
    act(&mut folder.store(), 1, Verb::Change(Box::new(top))).expect("it is written");
    assert_eq!(list(&folder.store()).expect("it can be read")[0].parent, None);
    assert_eq!(steps(&folder.store()).len(), 5);
}

/// A sound file with some bytes replaced, taken out, or put in.
fn bent() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>(), 1..4),
        proptest::sample::select(vec![
            "\"", "{", "}", "[", "]", ",", ":", "null", "\\", "\\u0000", "1", "\n", "é"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    let edit = (any::<proptest::sample::Index>(), 0..5_usize, piece);
    let whole = Folder::with_tasks().bytes();
    proptest::collection::vec(edit, 1..4).prop_map(move |edits| {
        let mut bytes = whole.clone();
        for (at, out, piece) in edits {
            let start = at.index(bytes.len());
            let end = (start + out).min(bytes.len());
            bytes.splice(start..end, piece);
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..cases(160) })]

    #[test]
    fn a_bent_file(bytes in bent()) {
        prop_assert_eq!(survive(&Folder::with(bytes)), Ok(()));
    }

    #[test]
    fn arbitrary_bytes(bytes in any::<Vec<u8>>(), first in proptest::sample::select(vec!["", "{", "[", "{\"format\":1,", "\u{feff}"])) {
        let folder = Folder::with([first.as_bytes(), &bytes].concat());
        prop_assert_eq!(survive(&folder), Ok(()));
        prop_assert!(folder.path().exists());
    }
}
