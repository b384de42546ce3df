//! Reading JSON record by record: the places of faults, bounds, and our own format's round trip.

use std::io::BufReader;

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use todo_core::change::diff;
use todo_core::conformance::given::{cases, instant, record};
use todo_core::interchange::{
    Format, ImportError, Imported, Losses, Reading, Writing, export, import,
};
use todo_core::query::Moment;
use todo_core::words::Asking;
use todo_core::{Task, Zone};

use crate::interchange_walks::any_task;

fn reading(zone: Zone) -> Reading {
    let at = instant("2026-11-21T09:00:00Z");
    let moment = Moment { now: at, zone, owner_zone: zone, week_start: chrono::Weekday::Mon };
    Reading { asking: Asking { moment, date_order: None }, at }
}

pub(crate) fn read(format: Format, text: &[u8], zone: Zone) -> Result<Imported, ImportError> {
    import(format, text, &reading(zone))
}

pub(crate) fn written(format: Format, tasks: &[Task], zone: Zone) -> (String, Losses) {
    let mut out = Vec::new();
    let writing = Writing { now: reading(zone).at, zone };
    let losses = export(format, tasks, &writing, &mut out).expect("memory");
    (String::from_utf8(out).expect("UTF-8"), losses)
}

const ROW: &str = r#"{"id":1,"uid":"00000000-0000-0000-0000-000000000001","title":"A","status":"pending","created_at":"2026-11-21T09:00:00.000Z","updated_at":"2026-11-21T09:00:00.000Z","version":1}"#;

fn told(format: Format, text: &[u8]) -> String {
    match read(format, text, Zone::UTC) {
        Ok(imported) => format!("{} tasks", imported.tasks.len()),
        Err(error) => error.to_string(),
    }
}

/// SPEC 6: what is wrong is said with its line and column, in characters.
#[test]
fn faults_are_placed() {
    let row = |title: &str| ROW.replace("\"A\"", title);
    let file = |rows: &[String]| format!("{{\"format\":2,\"tasks\":[\n{}\n]}}", rows.join(",\n"));
    let other = ROW.replace("000000000001", "000000000002");
    for (text, expected) in [
        (file(&[row("\"A\""), other.clone()]), "2 tasks"),
        (format!("\u{feff}{}", file(&[row("\"A\"")])), "1 tasks"),
        // What is passed over may be anything that ends.
        (r#"{"steps":[{"a":["]}"]}],"tasks":[],"format":1}"#.into(), "0 tasks"),
        (String::new(), "line 1, column 0: EOF while parsing a value"),
        ("[]".into(), "line 1, column 1: expected an object with \"format\" and \"tasks\""),
        ("{\"tasks\":[]}".into(), "line 1, column 13: missing field `format`"),
        ("{\"format\":2}".into(), "line 1, column 13: missing field `tasks`"),
        (
            "{\"format\":7,\"tasks\":[]}".into(),
            "line 1, column 12: format 7 is not known; this todo reads formats 1 and 2",
        ),
        ("{\"format\":2,\"tasks\":{}}".into(), "line 1, column 21: expected a list of tasks"),
        ("{\"format\":2,\"tasks\":[]} x".into(), "line 1, column 25: trailing characters"),
        ("{\"format\":2,}".into(), "line 1, column 13: trailing comma"),
        ("{\"format\" 2}".into(), "line 1, column 11: expected `:`"),
        (
            format!("{{\"format\":2,\"tasks\":[\n{ROW}\n{other}]}}"),
            "line 3, column 1: expected `,` or `]`",
        ),
        (file(&[row("\"é\" é")]), "line 2, column 66: record 1: expected `,` or `}`"),
        (
            file(&[row("7")]),
            "line 2, column 62: record 1: invalid type: integer `7`, expected a string",
        ),
        (
            file(&[row("\"A\""), row("\"A\"")]),
            "line 3, column 1: the uid 00000000-0000-0000-0000-000000000001 is that of line 2 already",
        ),
        // A quote that is missing is told where it is missed, not where the text ends.
        (file(&[row("\"A"), other]), "line 2, column 66: expected `,` or `}`"),
    ] {
        let told = told(Format::Json, text.as_bytes());
        assert_eq!(told, expected, "{text}");
    }
    let cut = file(&[row("\"A\"")]);
    for end in 1..cut.len() {
        let told = told(Format::Json, &cut.as_bytes()[..end]);
        assert!(told.contains("EOF while parsing"), "{told}: {}", &cut[..end]);
    }
}

#[test]
fn other_encodings_are_named() {
    let utf_16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("{}".bytes().flat_map(|b| [b, 0])).collect();
    for format in [Format::Json, Format::Taskwarrior] {
        let told = told(format, &utf_16);
        assert_eq!(told, "line 1, column 1: this looks like UTF-16; save the file in UTF-8");
    }
    let latin = [ROW.replace('A', "Caf").as_bytes(), b"\xe9"].concat();
    let text = [b"{\"format\":2,\n\"tasks\":[", &latin[..62], b"\xe9\"}]}"].concat();
    let told = told(Format::Json, &text);
    assert_eq!(told, "line 2, column 72: this is not UTF-8; save the file in that encoding");
}

/// A record without an end is refused before it fills the memory.
#[test]
fn a_record_is_at_most_a_mebibyte() {
    let endless = format!("{{\"format\":2,\"tasks\":[\n{{\"title\":\"{}", "x".repeat(3 << 20));
    let told_of = told(Format::Json, endless.as_bytes());
    assert_eq!(told_of, "line 2, column 1: this record is longer than 1 MiB, more than any task");
    let skipped = format!("{{\"steps\":\"{}\",\"format\":2,\"tasks\":[]}}", "x".repeat(3 << 20));
    assert_eq!(told(Format::Json, skipped.as_bytes()), "0 tasks");
    let deep = "[".repeat(2 << 20);
    assert!(told(Format::Taskwarrior, deep.as_bytes()).starts_with("line 1, column "));
}

#[test]
fn in_however_many_pieces_it_comes_it_says_the_same() {
    let tasks: Vec<_> = (1..=5)
        .map(|k| record(k, "Größe, 牛奶 \"x\" \\", instant("2026-11-21T09:00:00Z")))
        .collect();
    let (text, _) = written(Format::Json, &tasks, Zone::UTC);
    for size in 1..40 {
        let source = BufReader::with_capacity(size, text.as_bytes());
        let imported = import(Format::Json, source, &reading(Zone::UTC)).expect("an export");
        assert_eq!(imported.tasks, tasks, "in pieces of {size}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    /// Nothing of a task is lost.
    #[test]
    fn our_own_comes_back_as_it_went(tasks in vec(any_task(), 0..4)) {
        let mut tasks = tasks;
        tasks.sort_by_key(|task| task.uid);
        tasks.dedup_by_key(|task| task.uid);
        let (text, losses) = written(Format::Json, &tasks, Zone::UTC);
        prop_assert!(losses.is_empty());
        let back = read(Format::Json, text.as_bytes(), Zone::UTC).expect("an export").tasks;
        prop_assert_eq!(back.len(), tasks.len());
        for (back, sent) in back.iter().zip(&tasks) {
            prop_assert_eq!(diff(sent, back), vec![]);
            prop_assert_eq!((back.created_at, back.updated_at), (sent.created_at, sent.updated_at));
        }
    }

    /// What is not a file of ours is refused, whatever it is.
    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..400), at in any::<usize>()) {
        let tasks = [record(1, "A", instant("2026-11-21T09:00:00Z"))];
        for format in [Format::Json, Format::Taskwarrior] {
            let _ = read(format, &bytes, Zone::UTC);
            let mut text = written(format, &tasks, Zone::UTC).0.into_bytes();
            let at = at % text.len();
            text.splice(at..at, bytes.iter().take(3).copied());
            let _ = read(format, &text, Zone::UTC);
        }
    }
}
