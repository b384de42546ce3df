//! What holds of every format alike: a file of another one is recognised, one that was cut off gives
//! no half of a task, and what is read is taken over.

use todo_core::conformance::given::due;
use todo_core::conformance::uid;
use todo_core::interchange::{Format, ImportError, Imported};
use todo_core::{Command, Fate, Import, Zone};

use crate::interchange_json::read;
use crate::play::Play;

/// A small file of each format, with three tasks, the second below the first where that can be said.
const SAMPLES: [(Format, &str, &str); 6] = [
    (
        Format::Json,
        "todo's own JSON",
        r#"{"format":2,"tasks":[
{"id":1,"uid":"00000000-0000-0000-0000-000000000001","title":"Größe","status":"pending","due_date":"2026-12-01","created_at":"2026-11-21T09:00:00.000Z","updated_at":"2026-11-21T09:00:00.000Z","version":1},
{"id":2,"uid":"00000000-0000-0000-0000-000000000002","title":"below","status":"pending","parent":1,"created_at":"2026-11-21T09:00:00.000Z","updated_at":"2026-11-21T09:00:00.000Z","version":1},
{"id":3,"uid":"00000000-0000-0000-0000-000000000003","title":"done","status":"completed","created_at":"2026-11-21T09:00:00.000Z","updated_at":"2026-11-21T09:00:00.000Z","completed_at":"2026-11-21T09:00:00.000Z","version":1}
]}
"#,
    ),
    (
        Format::Taskwarrior,
        "Taskwarrior's JSON",
        r#"[
{"id":1,"description":"Größe","due":"20261201T000000Z","entry":"20261121T090000Z","modified":"20261121T090000Z","status":"pending","uuid":"00000000-0000-0000-0000-000000000001"},
{"id":2,"description":"more","entry":"20261121T090000Z","modified":"20261121T090000Z","status":"pending","uuid":"00000000-0000-0000-0000-000000000002"},
{"id":0,"description":"done","end":"20261121T090000Z","entry":"20261121T090000Z","modified":"20261121T090000Z","status":"completed","uuid":"00000000-0000-0000-0000-000000000003"}
]
"#,
    ),
    (
        Format::Icalendar,
        "iCalendar",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
         BEGIN:VTODO\r\nUID:00000000-0000-0000-0000-000000000001\r\nDTSTAMP:20261121T090000Z\r\n\
         SUMMARY:Grö\r\n ße\r\nDUE;VALUE=DATE:20261201\r\nEND:VTODO\r\n\
         BEGIN:VTODO\r\nUID:00000000-0000-0000-0000-000000000002\r\nDTSTAMP:20261121T090000Z\r\n\
         SUMMARY:below\r\nRELATED-TO:00000000-0000-0000-0000-000000000001\r\nEND:VTODO\r\n\
         BEGIN:VTODO\r\nDTSTAMP:20261121T090000Z\r\nSUMMARY:done\r\nSTATUS:COMPLETED\r\nEND:VTODO\r\n\
         END:VCALENDAR\r\n",
    ),
    (
        Format::Todotxt,
        "todo.txt",
        "(A) 2026-11-21 Größe +home due:2026-12-01 id:1\n2026-11-21 below p:1\nx 2026-11-21 2026-11-20 done @a\n",
    ),
    (
        Format::Csv,
        "CSV",
        "id,title,status,due_date,parent\n1,Größe,pending,2026-12-01,\n2,below,pending,,1\n3,\"d,one\",completed,,\n",
    ),
    (
        Format::Todoist,
        "Todoist's CSV",
        "TYPE,CONTENT,PRIORITY,INDENT,DATE\ntask,Größe,1,1,2026-12-01\ntask,below,4,2,\ntask,done,4,1,\n",
    ),
];

fn parse(format: Format, text: &str) -> Result<Imported, ImportError> {
    read(format, text.as_bytes(), Zone::UTC)
}

fn refused(format: Format, text: &str) -> String {
    let error = parse(format, text).expect_err("it should be refused");
    error.to_string()
}

fn expected(format: Format) -> &'static str {
    match format {
        Format::Json => "an object with \"format\" and \"tasks\"",
        Format::Taskwarrior => "tasks of Taskwarrior's",
        Format::Icalendar => "BEGIN:VCALENDAR",
        Format::Todotxt => "one task a line",
        Format::Csv => "the names of the columns, title among them",
        Format::Todoist => "the names of the columns, CONTENT among them",
    }
}

#[test]
fn a_file_of_another_format_is_recognised() {
    let others = [
        ("JSON", "{\"a\": 1}\n"),
        ("contacts (vCard)", "BEGIN:VCARD\nEND:VCARD\n"),
        ("XML or HTML", "<!DOCTYPE html>\n"),
        ("Taskwarrior's JSON", "{\"uuid\":\"a\",\"description\":\"b\"}\n"),
    ];
    for (format, own, _) in SAMPLES {
        let samples = SAMPLES.iter().map(|(_, name, text)| (*name, *text));
        for (name, text) in samples.chain(others).filter(|(name, _)| *name != own) {
            if name == "JSON" && own.ends_with("JSON") {
                continue;
            }
            let told =
                format!("line 1, column 1: expected {}; this looks like {name}", expected(format));
            assert_eq!(refused(format, text), told);
            assert_eq!(refused(format, &format!("\u{feff}{text}")), told);
        }
    }
}

/// An encoding that is none of ours is told alike, wherever it shows.
#[test]
fn another_encoding_has_one_message() {
    for (format, _, text) in SAMPLES {
        let wide = |bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
            format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
        };
        let told = "line 1, column 1: this looks like UTF-16; save the file in UTF-8";
        for bytes in [
            wide(u16::to_le_bytes, "\u{feff}"),
            wide(u16::to_be_bytes, "\u{feff}"),
            wide(u16::to_le_bytes, ""),
            wide(u16::to_be_bytes, ""),
        ] {
            let error = read(format, &bytes, Zone::UTC).expect_err("it is no UTF-8");
            assert_eq!(error.to_string(), told, "{format}");
        }
        // ö as Latin-1 has it, and a NUL in its place.
        let (before, behind) = text.split_once('ö').expect("every sample has one");
        let line = before.lines().count();
        let column = before.lines().next_back().map_or(0, |line| line.chars().count()) + 1;
        for (byte, what) in [
            (0xf6, "this is not UTF-8; save the file in that encoding"),
            (0, "a NUL, which no text holds; save the file in UTF-8"),
        ] {
            let bytes = [before.as_bytes(), &[byte], behind.as_bytes()].concat();
            let error = read(format, &bytes, Zone::UTC).expect_err("it is no text");
            assert_eq!(
                error.to_string(),
                format!("line {line}, column {column}: {what}"),
                "{format}"
            );
        }
    }
}

/// Cut off at any byte: refused, or fewer tasks, of which each is as it was. Of a format that has
/// one task a line nobody can tell that its last line was longer.
#[test]
fn what_is_cut_off_gives_no_half_of_a_task() {
    for (format, _, text) in SAMPLES {
        let whole = parse(format, text).expect("a sample").tasks;
        assert_eq!(whole.len(), 3, "{format}");
        assert_eq!(whole[0].due_date, Some(due("2026-12-01")), "{format}");
        let by_line = matches!(format, Format::Todotxt | Format::Csv | Format::Todoist);
        for end in 0..text.len() {
            let Ok(cut) = read(format, &text.as_bytes()[..end], Zone::UTC) else { continue };
            let is_line = text[..end].ends_with('\n') || text[end..].starts_with('\n');
            let sure = cut.tasks.len().saturating_sub(usize::from(by_line && !is_line));
            assert_eq!(cut.tasks[..sure], whole[..sure], "{format}: {:?}", &text.as_bytes()[..end]);
            assert!(cut.tasks.len() <= whole.len(), "{format}");
        }
        let cuts = text.match_indices('\n').map(|(at, _)| &text[..=at]);
        for cut in cuts.filter_map(|cut| parse(format, cut).ok()) {
            assert_eq!(cut.tasks, whole[..cut.tasks.len()], "{format}");
        }
    }
}

fn command(imported: Imported) -> Command {
    Command::Import(Import { tasks: imported.tasks, keeps: imported.keeps })
}

/// SPEC 6: what is read is taken over, and a second time changes nothing.
#[test]
fn what_is_read_is_taken_once() {
    for (format, _, text) in SAMPLES {
        let mut play = Play::new();
        let imported = || command(parse(format, text).expect("a sample"));
        let made = play.done(&imported());
        assert!(made.items.iter().flatten().all(|item| item.fate == Fate::Created), "{format}");
        let seen = play.seen();
        let again = play.done(&imported());
        assert!(again.items.iter().flatten().all(|item| item.fate == Fate::Unchanged), "{format}");
        assert_eq!(play.seen(), seen, "{format}");
    }
}

const CIRCLE: &str = "parent would make a circle: task";
const DEEP: &str = "parent would nest too deep; subtasks go at most 3 levels below the top";
const CLASH: &str = "recurrence counted from completion";
const TAKEN: &str = "is that of another task of its series";
const NO_DUE: &str = "counts from a due date, and there is none";

fn is_refused(format: Format, text: &str, line: usize, expected: &str) {
    let told = refused(format, text);
    assert!(told.starts_with(&format!("line {line}, ")), "{format}: {told}: {text}");
    assert!(told.contains(expected), "{format}: {told}: {text}");
}

/// A record of our own JSON, with what more there is of it.
fn json(k: u8, more: &str) -> String {
    let (uid, at) = (uid(k), "2026-11-21T09:00:00.000Z");
    let times = format!(r#""created_at":"{at}","updated_at":"{at}","version":1"#);
    format!(r#"{{"id":{k},"uid":"{uid}","title":"t{k}","status":"pending",{times}{more}}}"#)
}

/// What the rules refuse of a file for reasons that lie in it is refused where it stands.
#[test]
fn what_the_rules_refuse_of_json_has_its_place() {
    let repeats = |rule: &str, from: &str, spawn: &str| {
        let how = format!(r#""rule":"{rule}","from":"{from}","spawn":"{spawn}""#);
        format!(r#","recurrence":{{{how},"anchor":"2026-12-01","n":1}}"#)
    };
    let due = |more: String| format!(r#","due_date":"2026-12-01"{more}"#);
    let below = |parent| format!(r#","parent_uid":"{}""#, uid(parent));
    let slot = format!(r#","series":"{}","slot":"2026-12-01""#, uid(9));
    let series = due(format!(r#","series":"{}""#, uid(9)));
    let daily = repeats("FREQ=DAILY", "schedule", "on_completion");
    let both = repeats("FREQ=DAILY", "completion", "on_schedule");
    let days = repeats("FREQ=WEEKLY;BYDAY=MO", "completion", "on_completion");
    let hour = r#","reminders":[{"id":1,"offset":"-PT1H","channel":"in_app"}]"#;
    let bare = || json(1, "");
    let chain = (2..=5).map(|k| json(k, &below(k - 1)));
    let chain: Vec<_> = std::iter::once(bare()).chain(chain).collect();
    for (records, line, expected) in [
        (vec![json(1, hour)], 2, NO_DUE),
        (vec![bare(), json(2, &daily)], 3, NO_DUE),
        (vec![json(1, r#","due_date":"2150-01-01""#)], 2, "due_date 2150-01-01 is out of range"),
        (vec![json(1, &due(both))], 2, CLASH),
        (vec![bare(), json(2, &due(days))], 3, CLASH),
        (vec![json(1, &below(2)), json(2, &below(1))], 2, CIRCLE),
        (vec![bare(), json(2, &below(2))], 3, CIRCLE),
        (chain, 6, DEEP),
        (vec![json(1, &slot), json(2, &slot)], 3, TAKEN),
        // Without a place of its own in the series, it is in that of its due date.
        (vec![json(1, &slot), json(2, &series)], 3, TAKEN),
    ] {
        let text = format!("{{\"format\":2,\"tasks\":[\n{}\n]}}", records.join(",\n"));
        is_refused(Format::Json, &text, line, expected);
    }
}

#[test]
fn what_the_rules_refuse_of_others_has_its_place() {
    let series = uid(9);
    let hour = r#""[{""id"":1,""offset"":""-PT1H"",""channel"":""in_app""}]""#;
    let rows = format!("title,series,slot\na,{series},2026-12-01\nb,{series},2026-12-01");
    let lines = format!("a series:{series},slot=2026-12-01\nb due:2026-12-01 series:{series}");
    let todo = format!(
        "BEGIN:VTODO\nX-TODO-SERIES:{series}\nX-TODO-SLOT:2026-12-01\nSUMMARY:a\nEND:VTODO\n"
    );
    let calendar = format!("BEGIN:VCALENDAR\n{todo}{todo}END:VCALENDAR\n");
    let anchored =
        "title,due_date,recurrence,recurrence_anchor\n\"b\nb\",,,\na,,FREQ=DAILY,2026-12-01";
    let both = "title,due_date,recurrence,recurrence_from,recurrence_spawn\n\
                a,2026-12-01,FREQ=DAILY,completion,on_schedule";
    let days = "a due:2026-12-01 rrule:FREQ=WEEKLY;BYDAY=MO series:from=completion";
    for (format, text, line, expected) in [
        (Format::Csv, &*format!("title,reminders\na,{hour}"), 2, NO_DUE),
        (Format::Csv, anchored, 4, NO_DUE),
        (Format::Csv, both, 2, CLASH),
        (Format::Csv, "title,id,parent\na,1,2\nb,2,1", 2, CIRCLE),
        (Format::Csv, "title,id,parent\na,1,\nb,2,1\nc,3,2\nd,4,3\ne,5,4", 6, DEEP),
        (Format::Csv, &rows, 3, TAKEN),
        (Format::Todotxt, "\na id:1 p:2\nb id:2 p:1", 2, CIRCLE),
        (Format::Todotxt, "a id:1\nb id:2 p:1\nc id:3 p:2\nd id:4 p:3\n\ne p:4", 6, DEEP),
        (Format::Todotxt, days, 1, CLASH),
        (Format::Todotxt, &lines, 2, TAKEN),
        (Format::Icalendar, &calendar, 7, TAKEN),
    ] {
        is_refused(format, text, line, expected);
    }
}

/// What another format says and nothing here can hold is named, and the rest is taken over.
#[test]
fn what_does_not_fit_is_named_and_the_rest_taken() {
    let record = |more: &str| {
        let (uid, entry) = (uid(1), r#""entry":"20261121T090000Z""#);
        format!(r#"{{"uuid":"{uid}","description":"a","status":"pending",{entry}{more}}}"#)
    };
    let template = |more: &str| record(more).replace("pending", "recurring");
    let todo = |k: u8, lines: &str| {
        format!("BEGIN:VTODO\nUID:{}\nSUMMARY:a\n{lines}\nEND:VTODO\n", uid(k))
    };
    let calendar = |todos: &[String]| format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", todos.concat());
    let dated = |lines: &str| calendar(&[todo(1, lines)]);
    let below = |k: u8| format!("RELATED-TO:{}", uid(k));
    let circle = calendar(&[todo(1, &below(2)), todo(2, &below(1))]);
    let table = |rows: &str| format!("TYPE,CONTENT,INDENT,DATE\n{rows}\n");
    let over = r#","due":"20261201T000000Z","recur":"weekly","until":"20261101T000000Z""#;
    for (format, text, field) in [
        (Format::Taskwarrior, record(r#","due":"99991231T000000Z""#), "due"),
        (Format::Taskwarrior, record(r#","due":"19691231T000000Z""#), "due"),
        (Format::Taskwarrior, template(r#","recur":"weekly""#), "recur"),
        (Format::Taskwarrior, template(over), "recur"),
        (Format::Icalendar, dated("DUE:21500101"), "DUE"),
        (Format::Icalendar, dated("DUE:21500101\nRRULE:FREQ=DAILY"), "RRULE"),
        (Format::Icalendar, dated("DUE:20261201\nRRULE:FREQ=DAILY;COUNT=2000"), "RRULE"),
        (Format::Icalendar, dated("DUE:20261201\nRRULE:FREQ=DAILY;UNTIL=21500101"), "RRULE"),
        (Format::Icalendar, dated("BEGIN:VALARM\nTRIGGER:-PT1H\nEND:VALARM"), "VALARM"),
        (Format::Icalendar, circle, "RELATED-TO"),
        (Format::Todotxt, "a rec:1w".into(), "rec"),
        (Format::Todotxt, "a remind:-PT1H".into(), "remind"),
        (Format::Todotxt, "a due:2026-12-01 rrule:FREQ=DAILY;COUNT=2000".into(), "rrule"),
        (Format::Csv, "title,parent\na,7".into(), "parent"),
        (Format::Todoist, table("task,a,1,2150-01-01"), "DATE"),
        (Format::Todoist, table("task,a,1,every blue moon"), "DATE"),
        (Format::Todoist, table("task,a,1,\ntask,b,2,\ntask,c,3,\ntask,d,4,\ntask,e,5,"), "INDENT"),
    ] {
        let imported = parse(format, &text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let lost: Vec<_> = imported.losses.iter().map(|loss| loss.field.clone()).collect();
        assert!(lost.iter().any(|name| name == field), "{format}: {lost:?}: {text}");
        let count = imported.tasks.len();
        let mut play = Play::new();
        play.done(&command(imported));
        assert_eq!(play.seen().tasks.len(), count, "{format}: {text}");
    }
}

/// A file can make up names without end: each is found at once, and not all of them are told.
#[test]
fn many_losses_are_told_together() {
    let record = |n: usize| {
        let others: Vec<_> = (0..5).map(|k| format!(",\"uda{n}x{k}\":\"a\"")).collect();
        let others = others.concat();
        let uid = uuid::Uuid::from_u128(n as u128 + 1);
        format!("{{\"uuid\":\"{uid}\",\"description\":\"a\",\"status\":\"pending\"{others}}}")
    };
    let records: Vec<_> = (0..2000).map(record).collect();
    let text = format!("[{}]", records.join(","));
    let losses = read(Format::Taskwarrior, text.as_bytes(), Zone::UTC).expect("records").losses;
    assert_eq!(losses.iter().count(), 101);
    let others = losses.iter().find(|loss| loss.field == "other fields").expect("the others");
    assert_eq!((others.count, others.examples.len()), (10_000 - 100, 3));
}

/// A task that loses the same thing several times has lost it once.
#[test]
fn losses_count_tasks() {
    let uid = "00000000-0000-0000-0000-000000000001";
    for (format, text) in [
        (Format::Todotxt, "a due:soon due:later @a#b @c#d".to_owned()),
        (Format::Csv, "title,tags,mood,Mood\na,\"a#b,c#d\",good,bad\n".to_owned()),
        (Format::Todoist, "TYPE,CONTENT,PRIORITY,INDENT,DATE\ntask,a @b#c @d#e,4,1,\n".to_owned()),
        (
            Format::Taskwarrior,
            format!(
                "[{{\"uuid\":\"{uid}\",\"description\":\"a\",\"status\":\"pending\",\"tags\":[\"b#c\",\"d#e\"]}}]"
            ),
        ),
    ] {
        let losses = read(format, text.as_bytes(), Zone::UTC).expect("it can be read").losses;
        assert!(!losses.is_empty(), "{text}");
        for loss in losses.iter() {
            assert_eq!(loss.count, 1, "{format}: {loss:?}");
        }
    }
}
