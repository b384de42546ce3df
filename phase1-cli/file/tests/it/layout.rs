//! How the file looks, and in which other layouts it is understood.

use todo_core::conformance::given::{go, rename};
use todo_core::{Command, Status};

use crate::given::{Folder, act, add, run, steps, titles};

/// The same content, indented by somebody's editor.
fn prettified(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}

/// One task a line, so that a difference shows what changed and nothing else.
#[test]
fn one_change_is_one_line() {
    let folder = Folder::with_tasks();
    let before = folder.text();
    act(&mut folder.store(), 2, rename("Changed")).expect("it is written");
    let after = folder.text();
    let in_tasks = |text: &str| {
        let (tasks, _) = text.split_once("\"steps\"").expect("steps come last");
        tasks.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (before, after) = (in_tasks(&before), in_tasks(&after));
    assert_eq!(before.len(), after.len());
    let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
    assert_eq!(changed, 2, "the task, and next_seq: {after:#?}");
}

#[test]
fn begins_with_what_it_is() {
    let folder = Folder::with_tasks();
    let value: serde_json::Value = serde_json::from_str(&folder.text()).expect("JSON");
    let names: Vec<_> = value.as_object().expect("an object").keys().cloned().collect();
    let mut expected =
        ["format", "next_id", "next_seq", "settings", "filters", "tasks", "firings", "steps"];
    let at: Vec<_> =
        expected.iter().map(|name| folder.text().find(&format!("\"{name}\""))).collect();
    assert!(at.is_sorted() && at.iter().all(Option::is_some), "{at:?}");
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(
        (&value["format"], &value["next_id"], &value["next_seq"]),
        (&2.into(), &4.into(), &5.into())
    );
    assert!(folder.text().ends_with("}\n"));
}

#[test]
fn any_layout_is_read_and_written() {
    let layouts: [fn(&str) -> String; 5] = [
        prettified,
        |text| text.replace('\n', "\r\n"),
        |text| format!("\u{feff}{text}"),
        |text| format!(" \n\t{text}\n\n "),
        |text| {
            let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
            value.to_string()
        },
    ];
    for layout in layouts {
        let original = Folder::with_tasks();
        let folder = Folder::with(layout(&original.text()));
        let mut store = folder.store();
        let names = ["Buy milk", "Écrire \"le\" rapport", "Done"];
        assert_eq!(titles(&store), names);
        assert_eq!(steps(&store), steps(&original.store()));
        act(&mut store, 1, rename("Renamed")).expect("it is written");
        assert_eq!(add(&mut store, 7, "New").id.0, 4);
        run(&mut store, &Command::Undo(None)).expect("it is undone");
        run(&mut store, &Command::Undo(None)).expect("it is undone");
        run(&mut store, &Command::Undo(None)).expect("the step of the old file, too");
        let read = folder.store();
        assert_eq!(titles(&read), names);
        assert!(!folder.text().starts_with('\u{feff}'));
    }
}

/// Names may come in any order, and be written with escapes.
#[test]
fn order_and_escapes_do_not_matter() {
    let folder = Folder::with_tasks();
    let mut value: serde_json::Value = serde_json::from_str(&folder.text()).expect("JSON");
    let object = value.as_object_mut().expect("an object");
    let tasks = object.remove("tasks").expect("tasks");
    let rest = serde_json::to_string(&object).expect("JSON");
    let tasks = tasks.to_string().replace("\"uid\"", "\"\\u0075id\"");
    folder.write(format!("{{\"tasks\": {tasks}, {}", &rest[1..]));
    let mut store = folder.store();
    act(&mut store, 1, go(Status::InProgress)).expect("it is written");
    assert_eq!(titles(&store)[0], "Buy milk");
    // A known task is known, however its uid is written: it is not added a second time.
    add(&mut store, 2, "Écrire \"le\" rapport");
    assert_eq!(titles(&folder.store()).len(), 3);
}

/// A uid may be written in capitals or without hyphens; it is the same uid.
#[test]
fn uids_in_any_spelling_are_known() {
    let spellings: [fn(&str) -> String; 3] =
        [|uid| uid.to_uppercase(), |uid| uid.replace('-', ""), |uid| format!("urn:uuid:{uid}")];
    for spelling in spellings {
        let folder = Folder::with_tasks();
        let uid = todo_core::conformance::uid(2).to_string();
        let (tasks, steps) = {
            let text = folder.text();
            let (tasks, steps) = text.split_once("\"steps\"").expect("steps");
            (tasks.replace(&uid, &spelling(&uid)), steps.to_owned())
        };
        // The steps would tell the uid in its usual spelling.
        assert!(steps.contains(&uid));
        folder.write(format!("{tasks}\"steps\": []}}"));
        let mut store = folder.store();
        let same = add(&mut store, 2, "Écrire \"le\" rapport");
        assert_eq!(same.title.as_str(), "Écrire \"le\" rapport");
        act(&mut store, 2, rename("renamed")).expect("it is written");
        assert_eq!(titles(&folder.store()), ["Buy milk", "renamed", "Done"]);
    }
}
