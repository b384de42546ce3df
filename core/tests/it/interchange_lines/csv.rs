//! CSV: tables as spreadsheets write them.

use todo_core::change::Field;
use todo_core::conformance::given::{due, instant, record, title};
use todo_core::conformance::uid;
use todo_core::interchange::Format::Csv;
use todo_core::interchange::csv::Column;
use todo_core::{Command, Description, Import, Priority, Status, Tag, Task};

use super::{changed, lost, one, refused, taken, titles, written};
use crate::play::Play;

#[test]
fn a_title_is_enough() {
    let task = one(Csv, "title\nBuy milk\n");
    assert_eq!((task.title.as_str(), task.priority), ("Buy milk", Priority::Medium));
    assert_eq!((task.created_at, task.updated_at), (changed(), changed()));
    assert_eq!(taken(Csv, "title\n").tasks, []);
}

#[test]
fn columns_go_by_their_names() {
    let tables = [
        "Due_Date,TITLE, priority ,tags,status,completed_at\n2026-12-01,a,HIGH,\"x, y\",completed,2026-11-19",
        "Due_Date;TITLE; priority ;tags;status;completed_at\n2026-12-01;a;HIGH;x, y;completed;2026-11-19",
        "\u{feff}due_date\ttitle\tpriority\ttags\tstatus\tcompleted_at\r\n2026-12-01\ta\thigh\tx,y\tCompleted\t2026-11-19\r\n",
    ];
    for table in tables {
        let task = one(Csv, table);
        assert_eq!(task.due_date, Some(due("2026-12-01")), "{table}");
        let tags: Vec<_> = task.tags.iter().map(Tag::as_str).collect();
        assert_eq!((task.priority, tags), (Priority::High, vec!["x", "y"]));
        assert_eq!(task.status, Status::Completed);
        assert_eq!(task.completed_at, Some(instant("2026-11-19T00:00:00Z")));
    }
}

#[test]
fn unknown_columns_are_named() {
    let imported = taken(Csv, "title,mood,empty\na,good,\nb,,\n");
    assert_eq!(titles(&imported.tasks), ["a", "b"]);
    assert_eq!(lost(&imported.losses), ["mood"]);
}

/// A formula's guard goes, and a text that begins like one stays.
#[test]
fn what_spreadsheets_compute_is_guarded() {
    for text in ["=1+1", "-1", "'=1", "''+x", "'quoted'", "@home"] {
        let description = Description::new(&format!("{text}\nmore")).ok();
        let made = instant("2026-11-21T00:00:00Z");
        let task = Task { title: title(text), description, ..record(1, "-", made) };
        let (table, _) = written(Csv, std::slice::from_ref(&task));
        assert!(!table.contains(",=") && !table.contains(",-") && !table.contains(",@"), "{table}");
        let back = one(Csv, &table);
        assert_eq!((back.title, back.description), (task.title, task.description));
    }
}

/// Of what has no column nothing is said, and a known task keeps it.
#[test]
fn a_narrow_table_leaves_the_rest_alone() {
    let mut play = Play::new();
    let made = play.ctx.now;
    let known = Task {
        priority: Priority::Low,
        due_date: Some(due("2026-12-01")),
        description: Description::new("more").ok(),
        ..record(1, "old name", made)
    };
    play.done(&Command::Import(vec![known.clone()].into()));
    let table = format!("uid,title,updated_at\n{},new name,2026-12-01\n", known.uid);
    let imported = taken(Csv, &table);
    assert!(imported.keeps.contains(&Field::DueDate) && !imported.keeps.contains(&Field::Title));
    play.done(&Command::Import(Import { tasks: imported.tasks, keeps: imported.keeps }));
    let task = play.task(1);
    assert_eq!(task.title.as_str(), "new name");
    assert_eq!((task.priority, task.due_date), (known.priority, known.due_date));
    assert_eq!(task.description, known.description);
}

#[test]
fn parents_go_by_number_or_uid() {
    let table = format!("id,title,parent,parent_uid\n7,a,,\n8,b,7,\n9,c,,{}\n,d,5,\n", uid(1));
    let imported = taken(Csv, &table);
    let above: Vec<_> = imported.tasks.iter().map(|task| task.parent.map(|p| p.uid)).collect();
    assert_eq!(above, [None, Some(imported.tasks[0].uid), Some(uid(1)), None]);
    assert_eq!(lost(&imported.losses), ["parent"]);
}

#[test]
fn the_same_table_again_is_the_same_tasks() {
    let table = "title,priority\nBuy milk,low\nBuy milk,low\n";
    let (first, second) = (taken(Csv, table), taken(Csv, table));
    assert_eq!(first, second);
    assert_ne!(first.tasks[0].uid, first.tasks[1].uid);
}

#[test]
fn a_list_has_the_first_columns_of_an_export() {
    let names: Vec<_> = Column::listed().iter().map(|column| column.as_str()).collect();
    let (header, _) = written(Csv, &[]);
    assert_eq!(names.join(","), &header.trim_end()[..names.join(",").len()]);
    assert_eq!((names.len(), names.last()), (16, Some(&"recurrence")));
}

#[test]
fn faults_have_their_place() {
    let record = uid(1);
    let twice = format!("title,uid\na,{record}\nb,{record}");
    let again = format!("line 3, column uid: the uid {record} is that of line 2 already");
    let faults = [
        ("name,done\na,b", "line 1, column 1: expected the names of the columns, title among them"),
        ("", "line 1, column 1: expected the names of the columns"),
        (
            "TYPE,CONTENT\ntask,a",
            "line 1, column 1: expected the names of the columns, title among them; this looks like Todoist's CSV",
        ),
        (
            "BEGIN:VCALENDAR\n",
            "line 1, column 1: expected the names of the columns, title among them; this looks like iCalendar",
        ),
        ("title,title\na,b", "line 1, column 1: the column title is there twice"),
        (
            "title,due_date\n\"a\nb\",\nc,2026-02-30",
            "line 4, column due_date: \"2026-02-30\" is not a date",
        ),
        ("title,due_date\na,tomorrow", "line 2, column due_date: \"tomorrow\" is not a date"),
        ("title,due_date\na,2150-01-01", "line 2, column due_date: 2150-01-01 is out of range"),
        (
            "title,priority\na,urgent",
            "line 2, column priority: \"urgent\" is not one of high, medium, low",
        ),
        ("title,uid\na,7", "line 2, column uid: \"7\" is not a UUID"),
        ("title,recurrence\na,FREQ=DAILY", "line 2, column recurrence: counts from a due date"),
        (
            "title,due_date,recurrence\na,2026-12-01,FREQ=HOURLY",
            "line 2, column recurrence: FREQ cannot be",
        ),
        ("title,timezone\na,Moon", "line 2, column timezone: \"Moon\" is not a time zone"),
        ("title,id\na,-1", "line 2, column id: \"-1\" is not a whole number"),
        ("title\n\" \"", "line 2, column title: must not be empty"),
        ("title,status\na", "line 2, column 1: the record has 1 cells, and the first line 2"),
        ("title,status\na,\"pend", "line 2, column 1: a quote is left open to the end of the file"),
        (twice.as_str(), again.as_str()),
    ];
    for (table, wanted) in faults {
        let error = refused(Csv, table.as_bytes());
        assert!(error.starts_with(wanted), "{error}");
    }
}

/// A table with the rule alone says nothing of where its series stands (R1).
#[test]
fn a_known_rule_keeps_its_place() {
    let mut play = Play::new();
    let uid = "00000000-0000-0000-0000-000000000001";
    let whole = format!(
        "uid,title,due_date,updated_at,recurrence,recurrence_from,recurrence_spawn,recurrence_anchor,recurrence_n\n\
         {uid},a,2026-11-21,2026-11-20T09:00:00.000Z,FREQ=WEEKLY,schedule,on_schedule,2026-11-07,3\n"
    );
    let mut take = |text: &str| {
        let imported = taken(Csv, text);
        play.done(&Command::Import(Import { tasks: imported.tasks, keeps: imported.keeps }));
        play.seen().tasks.into_values().next().expect("it is here")
    };
    let first = take(&whole);
    let again = take(&format!(
        "uid,title,due_date,updated_at,recurrence\n{uid},b,2026-11-21,2026-11-20T10:00:00.000Z,FREQ=WEEKLY\n"
    ));
    assert_eq!((again.title.as_str(), &again.recurrence), ("b", &first.recurrence));
    // The due date is known here, so the rule has what it counts from.
    let dateless = take(&format!(
        "uid,title,updated_at,recurrence\n{uid},c,2026-11-20T11:00:00.000Z,FREQ=WEEKLY\n"
    ));
    assert_eq!((dateless.title.as_str(), &dateless.recurrence), ("c", &first.recurrence));
    let daily = take(&format!(
        "uid,title,updated_at,recurrence\n{uid},d,2026-11-20T12:00:00.000Z,FREQ=DAILY\n"
    ));
    let rule = daily.recurrence.expect("it repeats");
    assert_eq!((rule.n, Some(rule.anchor)), (1, first.due_date), "a new rule begins anew");
}

/// Where there is no status, the instants tell it; what contradicts it is named.
#[test]
fn instants_tell_the_status() {
    let (first, second) = ("2026-11-19T09:00:00.000Z", "2026-11-18T09:00:00.000Z");
    let done = one(Csv, &format!("title,completed_at\na,{first}\n"));
    assert_eq!((done.status, done.completed_at), (Status::Completed, Some(instant(first))));
    let gone = one(Csv, &format!("title,status,cancelled_at\na,,{first}\n"));
    assert_eq!((gone.status, gone.cancelled_at), (Status::Cancelled, Some(instant(first))));
    let both = taken(Csv, &format!("title,completed_at,cancelled_at\na,{first},{second}\n"));
    assert_eq!(both.tasks[0].completed_at, Some(instant(first)));
    assert_eq!(lost(&both.losses), ["cancelled_at"]);
    let open = taken(Csv, &format!("title,status,completed_at\na,pending,{first}\n"));
    assert_eq!((open.tasks[0].status, open.tasks[0].completed_at), (Status::Pending, None));
    assert_eq!(lost(&open.losses), ["completed_at"]);
    let mut play = Play::new();
    let mut take = |text: String| {
        let imported = taken(Csv, &text);
        play.done(&Command::Import(Import { tasks: imported.tasks, keeps: imported.keeps }));
        play.seen().tasks.into_values().next().expect("it is here")
    };
    let row = "00000000-0000-0000-0000-000000000001,a,2026-11-20T";
    let known = take(format!("uid,title,updated_at,completed_at\n{row}09:00:00.000Z,{first}\n"));
    assert_eq!(known.completed_at, Some(instant(first)));
    for (hour, columns, cells) in
        [(10, "completed_at", ""), (11, "status", "completed"), (12, "cancelled_at", "")]
    {
        let again =
            take(format!("uid,title,updated_at,{columns}\n{row}{hour}:00:00.000Z,{cells}\n"));
        let stands = (again.status, again.completed_at);
        assert_eq!(stands, (Status::Completed, Some(instant(first))), "{columns}");
    }
}
