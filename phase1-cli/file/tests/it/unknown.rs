//! What this program does not know belongs to somebody else, and survives.

use todo_core::conformance::given::{go, rename};
use todo_core::conformance::uid;
use todo_core::{Command, Status, Verb};

use crate::given::{Folder, act, add, list, run, titles};

/// Odd on purpose: spacing, escapes, numbers that no float holds, nesting, a name twice.
const OTHERS: [&str; 5] = [
    r#""x-top": {"a" :  [1,2.50, 1e400], "a": null}"#,
    r#""\u00fcber": "\u0041\ud83d\ude00""#,
    r#""big": 123456789012345678901234567890.10"#,
    r#""x_deep":[[[[[[[[[[{"uid":"0"}]]]]]]]]]]"#,
    r#""":"an empty name""#,
];

/// A file with unknown names at the top, in the first task, and in the first step.
fn with_others() -> Folder {
    let folder = Folder::with_tasks();
    let all = OTHERS.join(",\n");
    let text = folder.text();
    let text = text.replacen(
        "\"settings\": {}",
        &format!("\"settings\": {{\"theme\" : \"x\"}}, {all}"),
        1,
    );
    let text = text.replacen("\"title\":\"Buy milk\"", &format!("{all},\"title\":\"Buy milk\""), 1);
    let text = text.replacen("\"filters\": {}", "\"filters\": {\"mine\":  \"due:today\"}", 1);
    let (tasks, steps) = text.split_once("\"steps\"").expect("steps");
    let steps = steps.replacen("{\"no\":1,", &format!("{{\"no\":1,{all},"), 1);
    folder.write(format!("{tasks}\"steps\"{steps}"));
    folder
}

/// How often each of the unknown parts is in the file, to the letter.
fn counts(folder: &Folder) -> Vec<usize> {
    OTHERS
        .iter()
        .map(|other| {
            // A name may be written in another way; its value may not.
            let (_, value) = other.split_once(':').expect("a name and a value");
            folder.text().matches(value.trim_start()).count()
        })
        .collect()
}

#[test]
fn survives_every_kind_of_change() {
    let folder = with_others();
    let before = counts(&folder);
    assert!(before.iter().all(|count| *count == 3), "{before:?}");
    let mut store = folder.store();
    add(&mut store, 7, "a new task");
    assert_eq!(counts(&folder), before);
    for verb in
        [rename("Changed"), go(Status::Completed), go(Status::Pending), Verb::Delete, Verb::Restore]
    {
        act(&mut store, 1, verb).expect("it is written");
        assert_eq!(counts(&folder), before, "in the changed task itself");
    }
    for command in [Command::Undo(None), Command::Redo] {
        run(&mut store, &command).expect("it is written");
        assert_eq!(counts(&folder), before);
    }
    store
        .change_settings(|settings| drop(settings.insert("zone".into(), "UTC".into())))
        .expect("written");
    assert_eq!(counts(&folder), before);
    assert_eq!(store.settings().expect("settings").len(), 2);
    assert!(folder.text().contains("\"filters\": {\"mine\":  \"due:today\"}"));
    assert_eq!(titles(&folder.store())[0], "Changed");
}

/// Rows beside the changed one are copied to the letter.
#[test]
fn neighbours_are_left_alone() {
    let folder = with_others();
    let row = |folder: &Folder| {
        let text = folder.text();
        let start = text.find("{\"id\":1,").expect("the first task");
        let end = text.find("{\"id\":2,").expect("the second task");
        text[start..end].to_owned()
    };
    let before = row(&folder);
    let mut store = folder.store();
    act(&mut store, 2, rename("Changed")).expect("it is written");
    act(&mut store, 3, Verb::Purge).expect("it is written");
    assert_eq!(row(&folder), before);
    // With the task goes what was said of it, in its row and in the kept steps.
    act(&mut store, 1, Verb::Purge).expect("it is written");
    assert!(counts(&folder).iter().all(|count| *count == 1), "{:?}", counts(&folder));
}

/// A field of ours that is written in another way is ours all the same: changed, not doubled.
#[test]
fn known_names_are_never_doubled() {
    let folder = Folder::with_tasks();
    let text = folder.text().replacen(
        "\"title\":\"Buy milk\"",
        "\"t\\u0069tle\":\"Buy milk\",\"project\":null",
        1,
    );
    folder.write(text);
    let mut store = folder.store();
    act(&mut store, 1, rename("Changed")).expect("it is written");
    let tasks = list(&folder.store()).expect("no name is there twice");
    assert_eq!((tasks[0].uid, tasks[0].title.as_str()), (uid(1), "Changed"));
}
