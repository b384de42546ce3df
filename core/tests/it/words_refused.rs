//! Dates that are refused (W2), on Wednesday 2026-03-11 at 10:30: where, why, and what to write
//! instead.

use todo_core::words::when;

use crate::words::{check_dates, wednesday};

#[test]
fn w2_what_is_refused() {
    check_dates(
        &wednesday(),
        &[
            ("tomorow", "0..7 \"tomorow\" is not understood here; did you mean tomorrow?"),
            ("wendesday", "0..9 \"wendesday\" is not understood here; did you mean wednesday?"),
            ("tomorrow banana", "9..15 \"banana\" is not understood here"),
            ("tomorrow 5", "9..10 \"5\" is not understood here"),
            ("tomorrow at 5", "12..13 5 can be the morning or the afternoon; write 5am or 5pm"),
            (
                "friday 25:99",
                "7..12 \"25:99\" is no time: a time is from 00:00 to 23:59; write 17:00 or 5pm",
            ),
            (
                "24:00",
                "0..5 \"24:00\" is no time: a time is from 00:00 to 23:59; write 17:00 or 5pm",
            ),
            (
                "13pm",
                "0..4 \"13pm\" is no time: hours go from 1 to 12 with am and pm; write 17:00 or 5pm",
            ),
            (
                "0am",
                "0..3 \"0am\" is no time: hours go from 1 to 12 with am and pm; write 17:00 or 5pm",
            ),
            (
                "friday midnight",
                "7..15 midnight can be the beginning or the end of that day; write 2026-03-13 00:00 or 2026-03-14 00:00",
            ),
            (
                "tonight 9am",
                "8..11 \"9am\" is not in the evening; write tonight 9pm, or tomorrow 9am",
            ),
            (
                "this monday",
                "0..11 \"this monday\" has passed; write monday for the coming one, or last monday",
            ),
            (
                "this morning",
                "0..12 \"this morning\" has passed; write tonight, or tomorrow morning",
            ),
            ("first monday of the month", "0..25 \"first monday of the month\" has passed"),
            ("start of this month", "0..19 \"start of this month\" has passed"),
            ("fifth monday of february", "0..24 there are not that many Mondays in it"),
            ("friday 14 march 2026", "0..20 14 March 2026 is a Saturday"),
            ("2026-13-01", "0..10 there is no month 13"),
            ("31/2/2026", "0..9 there is no day 31: February 2026 has 28 days"),
            ("30 feb", "0..6 there is no day 30: February has at most 29 days"),
            ("april 31", "0..8 there is no day 31: April has 30 days"),
            ("32nd", "0..4 the days of a month go from 1 to 31"),
            (
                "4/1",
                "0..3 \"4/1\" can be 4 January 2027 or 1 April 2026; write 4 jan 2027 or 1 apr 2026",
            ),
            ("1/4/26", "0..6 the year has to have four digits"),
            ("30m", "0..3 30m can be minutes or months; write 30min or 30 months"),
            ("in 5m", "3..5 5m can be minutes or months; write 5min or 5 months"),
            (
                "in 3",
                "4..4 the text ends where days, weeks or another length of time has to follow",
            ),
            (
                "in banana",
                "3..9 \"banana\" stands where days, weeks or another length of time has to follow",
            ),
            ("on", "2..2 the text ends where a date or a time has to follow"),
            ("in 90m", "3..6 90m can be minutes or months; write 90min or 90 months"),
            (
                "next banana",
                "5..11 \"banana\" stands where a weekday, week, month, quarter or year has to follow",
            ),
            (
                "next",
                "4..4 the text ends where a weekday, week, month, quarter or year has to follow",
            ),
            ("last", "4..4 the text ends where a weekday, or \"day of\" a month has to follow"),
            (
                "first monday of aprl",
                "16..20 \"aprl\" stands where a month, or the month, quarter or year has to follow; did you mean april?",
            ),
            ("first monday", "12..12 the text ends where \"of\" and a month or year has to follow"),
            ("3 days from", "11..11 the text ends where now, or a day to count from has to follow"),
            ("2 hours from tomorrow", "0..21 hours and minutes count from a time, not from a day"),
            (
                "in 999999 days",
                "0..14 \"in 999999 days\" lies out of range: dates run from 1970 to 2099",
            ),
            (
                "99999999999999999999 years",
                "0..26 \"99999999999999999999 years\" lies out of range: dates run from 1970 to 2099",
            ),
            ("2100-01-01", "0..10 \"2100-01-01\" lies out of range: dates run from 1970 to 2099"),
            ("1 jan 1969", "0..10 \"1 jan 1969\" lies out of range: dates run from 1970 to 2099"),
            ("80 years", "0..8 \"80 years\" lies out of range: dates run from 1970 to 2099"),
            (
                "2026-04-01T25:00",
                "0..16 the text \"2026-04-01T25:00\" is not a date; write 2026-12-01, 2026-12-01T17:00, or 2026-12-01T17:00+01:00",
            ),
            (
                "2026-04-01T14:30[Nowhere]",
                "0..25 the text \"Nowhere\" is not a time zone; write a name such as Europe/Berlin or Asia/Karachi",
            ),
            (
                "every monday",
                "0..5 \"every\" says how something repeats, not when it is; put it where the recurrence goes",
            ),
            (
                "daily",
                "0..5 \"daily\" says how something repeats, not when it is; put it where the recurrence goes",
            ),
            ("today tomorrow", "6..14 \"tomorrow\" is not understood here"),
            ("tomorrow 5pm 6pm", "13..16 \"6pm\" is not understood here"),
            ("monday or tuesday", "7..9 \"or\" is not understood here"),
            ("in 2 hours 5pm", "11..14 \"5pm\" is not understood here"),
            (
                "3dx",
                "0..3 \"3dx\" is not understood here; write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21",
            ),
            (
                "morning",
                "0..7 \"morning\" is not understood here; write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21",
            ),
            (
                "second",
                "0..6 \"second\" is not understood here; write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21",
            ),
            (
                "🙂",
                "0..1 \"🙂\" is not understood here; write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21",
            ),
            (
                "明日",
                "0..2 \"明日\" is not understood here; write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21",
            ),
        ],
    );
    let long = "in ".repeat(700);
    let error = when(&long, &wednesday()).expect_err("a long text");
    assert_eq!(error.problem, "the text is too long: at most 2000 bytes are read");
}
