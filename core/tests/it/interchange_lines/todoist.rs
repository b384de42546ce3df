//! Todoist's table, in the versions that are about.

use todo_core::conformance::given::{below, due, instant, record, title};
use todo_core::interchange::Format::Todoist;
use todo_core::interchange::{Reading, import};
use todo_core::recurrence::Basis;
use todo_core::{Command, Description, Import, Priority, Project, Status, Tag, Task, Zone};

use super::{changed, lost, one, reading, refused, taken, titles, written};
use crate::play::Play;

const NEWEST: &str = "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,\
    TIMEZONE,DURATION,DURATION_UNIT,DEADLINE,DEADLINE_LANG\n";
const OLDEST: &str = "TYPE,CONTENT,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG\n";

fn described(task: &Task) -> &str {
    task.description.as_ref().map_or("", Description::as_str)
}

#[test]
fn a_project_is_read_in_its_order() {
    let table = format!(
        "{NEWEST}meta,view_style=list,,,,,,,,,,,,\n\
         task,Plan the move @home @later,Boxes first,1,1,Kim (7),,2026-12-01,en,Europe/Berlin,,None,,\n\
         task,Call the movers,,4,2,Kim (7),,,,,,None,,\n\
         note,\"Ask for two vans\nand a lift\",,,,Kim (7),,,,,,,,\n\
         note,They close at six,,,,,,,,,,,,\n\
         ,,,,,,,,,,,,,\n\
         section,Garden,,,,,,,,,,,,\n\
         task,Water,,3,1,,,every! 3 days,en,,30,minute,,\n"
    );
    let imported = taken(Todoist, &table);
    assert_eq!(titles(&imported.tasks), ["Plan the move", "Call the movers", "Water"]);
    let [plan, call, water] = &imported.tasks[..] else { panic!("three tasks") };
    let tags: Vec<_> = plan.tags.iter().map(Tag::as_str).collect();
    assert_eq!((plan.priority, tags), (Priority::High, vec!["home", "later"]));
    assert_eq!((plan.due_date, described(plan)), (Some(due("2026-12-01")), "Boxes first"));
    assert_eq!((plan.created_at, plan.updated_at), (changed(), changed()));
    assert_eq!(call.parent.map(|parent| parent.uid), Some(plan.uid));
    let notes = "## Notes\n\n- Ask for two vans\nand a lift\n- They close at six";
    assert_eq!((call.priority, described(call)), (Priority::Medium, notes));
    assert_eq!(water.project.as_ref().map(Project::as_str), Some("Garden"));
    assert_eq!((water.parent, water.priority), (None, Priority::Medium));
    let recurrence = water.recurrence.as_ref().expect("a recurrence");
    assert_eq!(recurrence.rule.to_string(), "FREQ=DAILY;INTERVAL=3");
    assert_eq!(recurrence.from, Basis::Completion);
    let named = ["AUTHOR", "note", "section", "PRIORITY", "DURATION"];
    assert_eq!(lost(&imported.losses), named);
}

#[test]
fn dates_are_read_as_they_are_typed_there() {
    // Saturday 21 November 2026.
    let cases = [
        ("2026-12-01", "2026-12-01", ""),
        ("2026-12-01 17:30", "2026-12-01T17:30[UTC]", ""),
        ("Dec 1 2026", "2026-12-01", ""),
        ("1 Dec 17:15", "2026-12-01T17:15[UTC]", ""),
        ("tomorrow at 18:00", "2026-11-22T18:00[UTC]", ""),
        ("every day at 9am starting 1 Dec", "2026-12-01T09:00[UTC]", "FREQ=DAILY"),
        ("every day @ 9am", "2026-11-22T09:00[UTC]", "FREQ=DAILY"),
        ("every mon, fri", "2026-11-23", "FREQ=WEEKLY;BYDAY=MO,FR"),
        ("every 3rd friday", "2026-12-18", "FREQ=MONTHLY;BYDAY=3FR"),
        ("every other week", "2026-11-21", "FREQ=WEEKLY;INTERVAL=2"),
        ("every last day", "2026-11-30", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every jan 27", "2027-01-27", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27"),
    ];
    for (text, date, rule) in cases {
        let task = one(Todoist, &format!("{OLDEST}task,a,4,1,,,\"{text}\",en"));
        assert_eq!(task.due_date, Some(due(date)), "{text}");
        let read = task.recurrence.map(|r| r.rule.to_string()).unwrap_or_default();
        assert_eq!(read, rule, "{text}");
        assert_eq!(task.series.is_some(), !rule.is_empty());
    }
    let zoned = format!("{NEWEST}task,a,,4,1,,,2026-12-01 17:30,en,Asia/Karachi,,,,");
    assert_eq!(one(Todoist, &zoned).due_date, Some(due("2026-12-01T17:30[Asia/Karachi]")));
}

#[test]
fn what_is_not_understood_is_kept_and_never_guessed() {
    let rows = [
        ("every full moon,en,,,,", "DATE", "DATE: every full moon"),
        ("jeden Montag,de,,,,", "DATE", "DATE: jeden Montag"),
        ("tomorrow,fr,,,,", "DATE", "DATE: tomorrow"),
        ("2026-12-01,en,,,,Dec 3 2026", "DEADLINE", "DEADLINE: Dec 3 2026"),
    ];
    for (cells, field, kept) in rows {
        let imported = taken(Todoist, &format!("{NEWEST}task,a,more,4,1,,,{cells},en"));
        assert_eq!(described(&imported.tasks[0]), format!("more\n\n{kept}"));
        assert_eq!(lost(&imported.losses), [field]);
    }
    // A date without words is the same in every language.
    assert_eq!(
        one(Todoist, &format!("{OLDEST}task,a,4,1,,,2026-12-01,ja")).due_date,
        Some(due("2026-12-01"))
    );
    let imported = taken(Todoist, &format!("{NEWEST}task,a,,4,1,,,,,,,,Dec 3 2026,en"));
    assert_eq!(imported.tasks[0].due_date, Some(due("2026-12-03")));
    assert_eq!(lost(&imported.losses), ["DEADLINE"]);
}

#[test]
fn deeper_levels_than_ours_are_flattened() {
    let rows: Vec<_> = (1..=6).map(|level| format!("task,t{level},4,{level},,,,\n")).collect();
    let rows = rows.concat();
    let imported = taken(Todoist, &format!("{OLDEST}{rows}task,back,4,2,,,,\ntask,jump,4,9,,,,\n"));
    let place = |uid| imported.tasks.iter().position(|task| task.uid == uid);
    let above: Vec<_> =
        imported.tasks.iter().map(|t| t.parent.and_then(|p| place(p.uid))).collect();
    assert_eq!(above, [None, Some(0), Some(1), Some(2), Some(2), Some(2), Some(0), Some(6)]);
    let loss = imported.losses.iter().next().expect("a loss");
    assert_eq!((loss.field.as_str(), loss.count), ("INDENT", 2));
}

#[test]
fn the_same_project_again_is_the_same_tasks() {
    let table = format!("{OLDEST}task,Buy milk @a,4,1,,,,\ntask,Buy milk,4,1,,,,\n");
    let (first, second) = (taken(Todoist, &table), taken(Todoist, &table));
    assert_eq!(first, second);
    assert_ne!(first.tasks[0].uid, first.tasks[1].uid);
}

#[test]
fn an_export_is_a_project_with_ours_as_its_sections() {
    let made = instant("2026-11-21T12:00:00Z");
    let in_project =
        |k, text, path: &str| Task { project: Project::new(path).ok(), ..record(k, text, made) };
    let read = |text: &str| one(Todoist, &format!("{OLDEST}task,a,4,1,,,{text},en")).recurrence;
    let tasks = [
        in_project(1, "Dig", "home/garden"),
        Task { parent: below(1), ..in_project(2, "Buy a spade", "shopping") },
        Task {
            priority: Priority::High,
            due_date: Some(due("2026-12-01T17:00[Asia/Karachi]")),
            tags: todo_core::conformance::given::tags(&["phone"]),
            ..record(3, "Call", made)
        },
        Task {
            due_date: Some(due("2026-12-01")),
            recurrence: read("every month starting 1 Dec"),
            ..record(4, "Pay", made)
        },
        in_project(5, "Rake", "home/garden"),
        Task { status: Status::Completed, ..record(6, "Done", made) },
        Task { parent: below(6), ..record(7, "Left over", made) },
    ];
    let (table, losses) = written(Todoist, &tasks);
    let rows: Vec<_> = table.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "task,Call @phone,,1,1,,,2026-12-01 17:00,en,Asia/Karachi",
            "task,Pay,,4,1,,,every month starting 2026-12-01,en,",
            "task,Left over,,4,1,,,,,",
            "section,home/garden,,,,,,,,",
            "task,Dig,,4,1,,,,,",
            "task,Buy a spade,,4,2,,,,,",
            "task,Rake,,4,1,,,,,",
        ]
    );
    let fates: Vec<_> = losses.iter().map(|loss| (loss.field.as_str(), loss.count)).collect();
    let named = [
        ("status", 1),
        ("parent", 1),
        ("uid", 6),
        ("created_at", 6),
        ("updated_at", 6),
        ("project", 1),
    ];
    assert_eq!(fates, named);
}

/// A circle of parents, as a file by hand may have it, loses nobody.
#[test]
fn a_circle_is_written_too() {
    let made = instant("2026-11-21T12:00:00Z");
    let circle = [
        Task { parent: below(2), ..record(1, "a", made) },
        Task { parent: below(1), ..record(2, "b", made) },
    ];
    let (table, losses) = written(Todoist, &circle);
    assert_eq!(titles(&taken(Todoist, &table).tasks), ["a", "b"]);
    assert!(lost(&losses).contains(&"parent"));
    // Nor does one uid of two tasks make an end to it.
    let twice = [Task { parent: below(1), ..record(1, "a", made) }, record(1, "b", made)];
    assert_eq!(titles(&taken(Todoist, &written(Todoist, &twice).0).tasks), ["b", "a"]);
}

/// What Todoist would read otherwise is not written: the date alone is.
#[test]
fn recurrence_without_words_there_is_named() {
    let made = instant("2026-11-21T12:00:00Z");
    for rule in
        ["FREQ=DAILY;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"]
    {
        let task = one(Todoist, &format!("{OLDEST}task,a,4,1,,,every day starting 1 Dec,en"));
        let mut recurrence = task.recurrence.expect("a recurrence");
        recurrence.rule = rule.parse().expect("a rule");
        let task = Task {
            due_date: task.due_date,
            recurrence: Some(recurrence),
            title: title("a"),
            ..record(1, "-", made)
        };
        let (table, losses) = written(Todoist, &[task]);
        assert!(table.contains(",2026-12-01,en,"), "{table}");
        assert!(lost(&losses).contains(&"recurrence"), "{rule}");
    }
}

#[test]
fn faults_have_their_place() {
    let faults = [
        ("TYPE,CONTENT\ntask,".to_owned(), "line 2, column CONTENT: must not be empty"),
        (format!("{OLDEST}task,a,5,1,,,,"), "line 2, column PRIORITY: must be from 1 to 4"),
        (format!("{OLDEST}task,a,4,x,,,,"), "line 2, column INDENT: must be from 1 to 99"),
        (
            format!("{OLDEST}tusk,a,4,1,,,,"),
            "line 2, column TYPE: \"tusk\" is not one of task, section, note",
        ),
        (format!("{OLDEST},a,4,1,,,,"), "line 2, column TYPE: is empty"),
        (
            "title,due_date\na,b".to_owned(),
            "line 1, column 1: expected the names of the columns, CONTENT among them; this looks like CSV",
        ),
    ];
    for (table, wanted) in faults {
        let error = refused(Todoist, table.as_bytes());
        assert!(error.starts_with(wanted), "{error}");
    }
    let zone = import(Todoist, OLDEST.as_bytes(), &reading(Zone::UTC));
    assert_eq!(zone.expect("a header").tasks, []);
}

/// The file does not name its project: what was set here stays, but a section is one.
#[test]
fn a_newer_copy_keeps_the_project() {
    let mut play = Play::new();
    let copy = |priority: u8, at: &str| {
        let first = format!("{OLDEST}task,a,{priority},1,,,,\n");
        let text = format!("{first}section,Garden,,,,,,\ntask,b,4,1,,,,\n");
        let reading = Reading { at: instant(at), ..reading(Zone::UTC) };
        let imported = import(Todoist, text.as_bytes(), &reading).expect("a project");
        Import { tasks: imported.tasks, keeps: imported.keeps }
    };
    play.done(&Command::Import(copy(4, "2026-11-20T08:00:00Z")));
    let mut moved = copy(4, "2026-11-20T09:00:00Z").tasks;
    for task in &mut moved {
        task.project = Project::new("moved").ok();
    }
    play.done(&Command::Import(moved.into()));
    play.done(&Command::Import(copy(1, "2026-11-20T10:00:00Z")));
    let tasks = play.seen().tasks;
    let of = |title: &str| tasks.values().find(|task| task.title.as_str() == title).expect("here");
    assert_eq!(of("a").priority, Priority::High, "it was taken over");
    assert_eq!(of("a").project.as_ref().map(Project::as_str), Some("moved"));
    assert_eq!(of("b").project.as_ref().map(Project::as_str), Some("Garden"));
}
