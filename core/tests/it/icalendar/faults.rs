//! What is wrong is named by its line and column, and nothing is taken.

use std::io::{self, BufReader, Read};

use todo_core::conformance::given::ZONE;
use todo_core::interchange::{Format, ImportError, import};

use super::{losses, lost, read, reading_in, refused, todo, try_read};

fn error(text: impl AsRef<[u8]>) -> String {
    try_read(text).expect_err("it should be refused").to_string()
}

#[test]
fn files_of_another_kind() {
    let faults: &[(&[u8], &str)] = &[
        (b"", "line 1, column 1: the file is empty; expected BEGIN:VCALENDAR"),
        (b"\n\n", "line 3, column 1: the file is empty; expected BEGIN:VCALENDAR"),
        (b"[{\"uuid\": 1}]", "line 1, column 1: expected BEGIN:VCALENDAR; this looks like JSON"),
        (
            b"begin:vcard\nEND:VCARD\n",
            "line 1, column 1: expected BEGIN:VCALENDAR; this looks like contacts (vCard)",
        ),
        (b"id,title\n1,a\n", "line 1, column 1: expected BEGIN:VCALENDAR; this looks like CSV"),
        (
            b"<!DOCTYPE html>\n",
            "line 1, column 1: expected BEGIN:VCALENDAR; this looks like XML or HTML",
        ),
        (
            b"\xff\xfeB\0E\0G\0I\0N\0",
            "line 1, column 1: this looks like UTF-16; save the file in UTF-8",
        ),
        (b"B\0E\0G\0I\0N\0", "line 1, column 1: this looks like UTF-16; save the file in UTF-8"),
        (
            b"BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR\n",
            "line 2, column 9: this is vCalendar 1.0; save it as iCalendar, which is 2.0",
        ),
        (
            b"BEGIN:VCALENDAR\nEND:VCALENDAR\n\nBEGIN:VTODO\n",
            "line 4, column 1: expected BEGIN:VCALENDAR",
        ),
    ];
    for (text, expected) in faults {
        assert_eq!(error(text), *expected, "{}", String::from_utf8_lossy(text));
    }
}

/// Latin-1, in a folded line: the column is where the text in UTF-8 ends.
#[test]
fn another_encoding_has_its_place() {
    let text = b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:gr\xc3\xbc\r\n n und gr\xfcn\r\n";
    let expected = "line 4, column 10: this is not UTF-8; save the file in that encoding";
    assert_eq!(error(text), expected);
}

#[test]
fn what_is_cut_off() {
    let whole = todo("SUMMARY:a\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:PT0S\nEND:VALARM");
    assert_eq!(read(&whole).tasks.len(), 1);
    for end in 1..whole.len() - 1 {
        let message = error(&whole[..end]);
        assert!(message.starts_with("line "), "{message}");
    }
    let cut = |lines: usize| error(whole.lines().take(lines).collect::<Vec<_>>().join("\n"));
    let inside = |line, name, begun| {
        format!(
            "line {line}, column 1: the file ends inside {name}, begun on line {begun}: it is cut off"
        )
    };
    assert_eq!(cut(2), inside(3, "VCALENDAR", 1));
    assert_eq!(cut(4), inside(5, "VTODO", 3));
    assert_eq!(cut(6), inside(7, "VALARM", 5));
}

#[test]
fn lines_that_are_none() {
    let faults = [
        ("SUMMARY", "line 4, column 8: expected NAME:VALUE here"),
        ("SUM MARY:a", "line 4, column 4: expected NAME:VALUE here"),
        ("DUE;:20261121", "line 4, column 5: expected PARAMETER=VALUE here"),
        ("DUE;TZID:20261121", "line 4, column 5: expected PARAMETER=VALUE here"),
        ("DUE;TZID=\"a:20261121", "line 4, column 10: this quote is not closed"),
        ("DUE;TZID=\"a\"b:20261121", "line 4, column 13: expected : or ; here"),
        ("END:VEVENT", "line 4, column 1: expected END:VTODO, begun on line 3"),
        // In a folded line, the column is that of the file.
        ("DESCRIPTION;X=1;\n Y=2;\n  Z:a", "line 6, column 2: expected PARAMETER=VALUE here"),
    ];
    for (lines, expected) in faults {
        assert_eq!(refused(lines), expected, "{lines}");
    }
}

#[test]
fn values_that_are_none() {
    let dates = "write 20261121, 20261121T170000 or 20261121T170000Z";
    for (lines, expected) in [
        ("DUE:20261341", format!("line 4, column 5: DUE cannot be \"20261341\"; {dates}")),
        (
            "SUMMARY:a\nDUE;VALUE=DATE:20270229",
            format!("line 5, column 16: DUE cannot be \"20270229\"; {dates}"),
        ),
        ("DTSTART:tomorrow", format!("line 4, column 9: DTSTART cannot be \"tomorrow\"; {dates}")),
        ("CREATED:2026", format!("line 4, column 9: CREATED cannot be \"2026\"; {dates}")),
        (
            "DTSTART:20261121\nDURATION:1D",
            "line 5, column 10: DURATION cannot be \"1D\"; write P1D, PT1H30M or P2W".to_owned(),
        ),
        (
            "DUE:20261121\nBEGIN:VALARM\nTRIGGER:soon\nEND:VALARM",
            "line 6, column 9: TRIGGER cannot be \"soon\"; write -PT15M, or 20261121T170000Z"
                .to_owned(),
        ),
        (
            "SUMMARY:a\u{1}b",
            "line 4, record 1 (\"a\\u{1}b\"): title holds the control character U+0001 at \
             position 2; take it out"
                .to_owned(),
        ),
        (
            "SUMMARY:a\nDESCRIPTION:\u{0}",
            "line 5, column 13: a NUL, which no text holds; save the file in UTF-8".to_owned(),
        ),
    ] {
        assert_eq!(refused(lines), expected, "{lines}");
    }
}

/// Never silently another zone.
#[test]
fn a_zone_that_nobody_knows() {
    let zone = "is not a time zone known here, and the file has no VTIMEZONE of that name that \
                could be read";
    let expected = format!("line 4, column 20: \"Mars/Base\" {zone}");
    assert_eq!(refused("DUE;TZID=Mars/Base:20261121T170000"), expected);
}

#[test]
fn a_uid_that_is_there_twice() {
    let uid = "UID:5f2d1b7a-93c4-4e0f-9a51-0b6c2d8e7f10";
    let lines = format!("{uid}\nEND:VTODO\nBEGIN:VTODO\nSUMMARY:b\n{}", uid.to_uppercase());
    let expected = "line 8, column 5: the uid 5f2d1b7a-93c4-4e0f-9a51-0b6c2d8e7f10 is that of \
                    line 3 already";
    assert_eq!(refused(&lines), expected);
    // An occurrence of its own is no other task.
    let one = format!("{lines}\nRECURRENCE-ID:20261121T090000Z");
    let imported = read(todo(&one));
    assert_eq!((imported.tasks.len(), lost(&imported.losses).len()), (1, 2));
}

/// One endless line, one endless component, components without end.
#[test]
fn what_has_no_end_is_refused() {
    let long = format!("DESCRIPTION:{}", "x".repeat(1 << 20));
    assert_eq!(
        refused(&long),
        "line 4, column 1: this line is longer than 1 MiB, more than any task"
    );
    let folded = format!("DESCRIPTION:{}", "x\n ".repeat(1 << 20));
    assert_eq!(
        refused(&folded),
        "line 4, column 1: this line is longer than 1 MiB, more than any task"
    );
    let large = "COMMENT:hello\n".repeat(1 << 17);
    let message = refused(&large);
    assert!(message.ends_with("this VTODO is longer than 1 MiB, more than any task"), "{message}");
    let deep = "BEGIN:VALARM\n".repeat(1 << 16);
    assert_eq!(refused(&deep), "line 12, column 1: components nest too deep here");
    // What is passed over may be as deep as it likes.
    let event = format!("{}{}", "BEGIN:VEVENT\n".repeat(5000), "END:VEVENT\n".repeat(5000));
    let file = format!("BEGIN:VCALENDAR\n{event}END:VCALENDAR\n");
    assert_eq!(lost(&read(file).losses), [("VEVENT".to_owned(), 1)]);
}

/// A line without end is not waited for.
#[test]
fn an_endless_line_stops() {
    let endless = io::repeat(b'x').take(1 << 40);
    let error = import(Format::Icalendar, BufReader::new(endless), &reading_in(ZONE));
    assert!(matches!(error, Err(ImportError::Syntax { line: 1, column: 1, .. })), "{error:?}");
}

/// Names made up without end are counted, and not each of them for ever.
#[test]
fn many_names_are_told_together() {
    let lines: Vec<_> = (0..2000).map(|n| format!("X-{n}:a")).collect();
    let lost = losses(&lines.join("\n"));
    assert_eq!(lost.len(), 101, "{lost:?}");
    assert!(lost.contains(&"other fields".to_owned()));
}

/// Read as it comes, a byte at a time.
#[test]
fn reads_from_any_source() {
    struct Slow<'t>(&'t [u8]);
    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let some = buffer.len().min(1);
            self.0.read(&mut buffer[..some])
        }
    }
    for file in super::programs::ALL {
        let file = format!("\u{feff}{}", file.replace('\n', "\r\n"));
        let slow = BufReader::with_capacity(1, Slow(file.as_bytes()));
        let slow = import(Format::Icalendar, slow, &reading_in(ZONE)).expect("the same file");
        assert_eq!(slow, read(&file));
    }
}

/// What is made to take long takes as long as its size: each of these would go on for minutes if
/// its parts were compared with one another.
#[test]
fn large_records_are_read_in_one_pass() {
    let half = 1 << 19;
    let fill = |line: &str, bytes: usize| line.repeat(bytes / line.len());
    let alarm = "BEGIN:VALARM\nTRIGGER:PT0S\nDESCRIPTION:a\nEND:VALARM\n";
    for lines in [
        fill("URL:a\n", half) + &fill("DUE:20261121\n", half / 2),
        fill("X-A:a\n", half / 2) + "DUE:20261121\n" + &fill(alarm, half),
        format!("SUMMARY:{}\nDUE:20261121\n{}", "a".repeat(half / 2), fill(alarm, half / 2)),
        format!("CATEGORIES:{}", fill("a,b,", half)),
    ] {
        let lines = lines.trim_end();
        assert_eq!(read(todo(lines)).tasks.len(), 1, "{}", &lines[..40]);
    }
    let zone = format!("DUE;TZID=\"{}\":20261121T090000", fill("/a", half));
    assert!(refused(&zone).contains("is not a time zone known here"));
}
