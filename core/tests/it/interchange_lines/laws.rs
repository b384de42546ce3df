//! Out and back.

use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::change::diff;
use todo_core::conformance::{cases, history};
use todo_core::interchange::{Format, Losses, Reading, Writing, export, import};
use todo_core::{
    Command, Decided, Fate, Import, Parent, Revision, Status, Task, TaskNo, Title, Zone,
};

use super::{lost, reading, writing};
use crate::play::Play;
use crate::wire::any_task;

/// Words that a line or a table could take for something else.
const WORDS: &[&str] = &[
    "x",
    "(A)",
    "2026-11-21",
    "+a",
    "@b",
    "+",
    "@",
    "\\+a",
    "\\\\@b",
    "due:2026-11-21",
    "\\due:x",
    "uid:1",
    "http://a.b/c:d",
    "a:b",
    "rec:1w",
    "p:3",
    "h:1",
    "",
    "=1+1",
    "'=1",
    "'",
    "\"",
    ",",
    "100%",
    "%20",
    "-",
    "a\tb",
    "straße",
    "\u{a0}",
    "BEGIN:VCALENDAR",
    "time:17:00",
    "pri:A",
];

fn title() -> impl Strategy<Value = Title> {
    proptest::collection::vec(select(WORDS), 1..5)
        .prop_filter_map("a title", |words| Title::new(&words.join(" ")).ok())
}

/// Any task, often with a title made of marks.
fn task() -> impl Strategy<Value = Task> {
    (any_task(), prop_oneof![Just(None), title().prop_map(Some)]).prop_map(|(task, title)| Task {
        title: title.unwrap_or(task.title),
        parent: task.parent.filter(|parent| parent.uid != task.uid),
        version: Revision(task.version.0.min(1 << 51)),
        ..task
    })
}

fn zone() -> impl Strategy<Value = Zone> {
    select(vec![Zone::UTC, Zone::Asia__Karachi, Zone::America__Havana])
}

/// A task out and back.
fn trip(format: Format, task: &Task, zone: Zone) -> (Vec<Task>, Losses, String) {
    let mut out = Vec::new();
    let tasks = std::slice::from_ref(task);
    let losses = export(format, tasks, &writing(zone), &mut out).expect("memory takes all");
    let text = String::from_utf8(out).expect("UTF-8");
    let back = import(format, text.as_bytes(), &reading(zone)).expect(&text);
    (back.tasks, losses, text)
}

/// The fields in which two states differ, by the names of the losses.
fn differing(sent: &Task, came: &Task) -> Vec<&'static str> {
    let mut fields: Vec<_> =
        diff(sent, came).iter().map(|change| change.field().as_str()).collect();
    let others = [
        ("uid", sent.uid == came.uid),
        ("created_at", sent.created_at == came.created_at),
        ("updated_at", sent.updated_at == came.updated_at),
    ];
    fields.extend(others.iter().filter(|(_, same)| !same).map(|(name, _)| *name));
    fields
}

/// A number counts in one store only.
fn unnumbered(task: Task) -> Task {
    let parent = task.parent.map(|parent| Parent { id: TaskNo::UNSTAMPED, ..parent });
    Task { parent, ..task }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn csv_loses_nothing(task in task(), zone in zone()) {
        let (back, losses, text) = trip(Format::Csv, &task, zone);
        prop_assert!(losses.is_empty());
        prop_assert_eq!(back, [task], "{}", text);
    }

    #[test]
    fn todo_txt_loses_what_it_names(task in task(), zone in zone()) {
        let task = unnumbered(Task { trash: None, ..task });
        let (back, losses, text) = trip(Format::Todotxt, &task, zone);
        prop_assert_eq!(text.lines().count(), 1);
        prop_assert_eq!(back.len(), 1);
        let differing = differing(&task, &back[0]);
        let named = lost(&losses);
        let unsaid: Vec<_> = differing.iter().filter(|field| !named.contains(field)).collect();
        prop_assert!(unsaid.is_empty(), "{unsaid:?}: {text}\n{task:#?}\n{back:#?}");
        // Nor is anything named that is not lost.
        let kept: Vec<_> = named.iter().filter(|field| !differing.contains(field)).collect();
        prop_assert!(kept.is_empty(), "{kept:?}: {text}");
    }

    #[test]
    fn todoist_loses_what_it_names(task in task(), zone in zone()) {
        let task = Task { trash: None, ..unnumbered(task) };
        let (back, losses, text) = trip(Format::Todoist, &task, zone);
        let named = lost(&losses);
        if !task.status.is_open() {
            prop_assert!(back.is_empty() && named == ["status"], "{}", text);
            return Ok(());
        }
        prop_assert_eq!(back.len(), 1, "{}", text);
        // A place in a series goes with the series.
        let said = |field: &str| named.contains(&field) || (field == "slot" && named.contains(&"series"));
        let differing = differing(&task, &back[0]);
        let unsaid: Vec<_> = differing.iter().filter(|field| !said(field)).collect();
        prop_assert!(unsaid.is_empty(), "{unsaid:?}: {text}\n{task:#?}\n{back:#?}");
    }

    /// Into the store they came from, nothing changes: not even where the file is newer.
    #[test]
    fn what_went_out_comes_back_unchanged(history in history()) {
        let mut play = Play::new();
        for step in history {
            play.later(step.wait);
            drop(play.run(&step.command));
        }
        let seen = play.seen();
        let tasks: Vec<_> = seen.tasks.values().cloned().collect();
        let (now, zone) = (play.ctx.now, play.ctx.zone);
        for format in [Format::Csv, Format::Todotxt] {
            let mut out = Vec::new();
            export(format, &tasks, &Writing { now, zone }, &mut out).expect("memory takes all");
            let reading = Reading { at: now.plus_millis(1), ..reading(zone) };
            let back = import(format, out.as_slice(), &reading).expect("what was written is read");
            let written = tasks.iter().filter(|task| format == Format::Csv || task.trash.is_none());
            prop_assert_eq!(back.tasks.len(), written.count());
            let import = Import { tasks: back.tasks, keeps: back.keeps };
            let outcome = play.run(&Command::Import(import)).expect("what is here is taken");
            // What has been in the trash for long is left there (S4).
            let is_alive = |item: &&Decided| seen.tasks[&item.task].trash.is_none();
            let mut items = outcome.items.iter().flatten().filter(is_alive);
            let is_same = items.all(|item| item.fate == Fate::Unchanged);
            prop_assert!(is_same, "{}", String::from_utf8_lossy(&out));
        }
        prop_assert_eq!(play.seen(), seen);
    }
}

/// What todo.txt has no place for is said, and stays as it is in the store.
#[test]
fn the_trash_stays_where_it_is() {
    let mut play = Play::new();
    play.add(1, "here");
    let gone = play.add(2, "gone").uid;
    play.act(2, todo_core::Verb::Delete);
    let tasks: Vec<_> = play.seen().tasks.into_values().collect();
    for format in [Format::Todotxt, Format::Todoist] {
        let (text, losses) = super::written(format, &tasks);
        assert!(text.contains("here") && !text.contains("gone"), "{text}");
        assert!(lost(&losses).contains(&"trash"), "{losses:?}");
    }
    let (text, losses) = super::written(Format::Csv, &tasks);
    assert!(text.contains("gone") && losses.is_empty());
    // Brought back by another program's copy of the line, it still lies in the trash.
    let line = format!("2026-11-21 gone uid:{gone}\n");
    let back = super::taken(Format::Todotxt, &line);
    play.done(&Command::Import(Import { tasks: back.tasks, keeps: back.keeps }));
    let task = play.task(2);
    assert!(task.trash.is_some() && task.status == Status::Pending);
}
