//! Eighty expressions that people use for dates (W2), on Wednesday 2026-03-11 at 10:30. Other
//! programs refuse many of them, and some read a few of them wrongly; here each is right or
//! refused.

use todo_core::words::{Asking, DateOrder, when};

use crate::words::{check_dates, shown, wednesday};

const EIGHTY: [(&str, &str); 80] = [
    ("today", "2026-03-11"),
    ("tomorrow", "2026-03-12"),
    ("yesterday", "2026-03-10"),
    ("tod", "2026-03-11"),
    ("tom", "2026-03-12"),
    ("tmr", "2026-03-12"),
    ("now", "2026-03-11T10:30"),
    ("monday", "2026-03-16"),
    ("fri", "2026-03-13"),
    ("wednesday", "2026-03-18"),
    ("next monday", "2026-03-16"),
    ("next friday", "2026-03-20"),
    ("this friday", "2026-03-13"),
    ("last friday", "2026-03-06"),
    ("on friday", "2026-03-13"),
    ("next week", "2026-03-16"),
    ("next month", "2026-04-01"),
    ("next year", "2027-01-01"),
    ("in 3 days", "2026-03-14"),
    ("3 days", "2026-03-14"),
    ("3d", "2026-03-14"),
    ("+3d", "2026-03-14"),
    ("in 2 weeks", "2026-03-25"),
    ("2wks", "2026-03-25"),
    ("2w", "2026-03-25"),
    ("in a week", "2026-03-18"),
    ("in two weeks", "2026-03-25"),
    ("in 1 month", "2026-04-11"),
    ("in 6 months", "2026-09-11"),
    ("in 1 year", "2027-03-11"),
    ("in 2 hours", "2026-03-11T12:30"),
    ("in 90 minutes", "2026-03-11T12:00"),
    ("2 weeks from now", "2026-03-25"),
    ("3 days from tomorrow", "2026-03-15"),
    ("3 days ago", "2026-03-08"),
    ("a week ago", "2026-03-04"),
    ("tomorrow 5pm", "2026-03-12T17:00"),
    ("tomorrow at 5pm", "2026-03-12T17:00"),
    ("tomorrow 17:00", "2026-03-12T17:00"),
    ("5pm", "2026-03-11T17:00"),
    ("at 9:30", "2026-03-12T09:30"),
    ("friday at 6:15 pm", "2026-03-13T18:15"),
    ("next friday 8pm", "2026-03-20T20:00"),
    ("tonight", "2026-03-11T20:00"),
    ("noon", "2026-03-11T12:00"),
    ("tomorrow at noon", "2026-03-12T12:00"),
    ("midnight", "2026-03-12T00:00"),
    ("2026-04-01", "2026-04-01"),
    ("2026-04-01T14:30", "2026-04-01T14:30"),
    ("2026-04-01 14:30", "2026-04-01T14:30"),
    ("2026-04-01T14:30:00Z", "2026-04-01T14:30"),
    ("20260401", "2026-04-01"),
    ("april 1", "2026-04-01"),
    ("1 april", "2026-04-01"),
    ("apr 1 2027", "2027-04-01"),
    ("April 1, 2027", "2027-04-01"),
    ("jan 27", "2027-01-27"),
    ("27 jan", "2027-01-27"),
    ("1st of april", "2026-04-01"),
    ("april 1st", "2026-04-01"),
    ("15th", "2026-03-15"),
    (
        "4/1/2026",
        "0..8 \"4/1/2026\" can be 4 January 2026 or 1 April 2026; write 4 jan 2026 or 1 apr 2026",
    ),
    ("01.04.2026", "2026-04-01"),
    ("eod", "2026-03-11"),
    ("eow", "2026-03-15"),
    ("eom", "2026-03-31"),
    ("eoy", "2026-12-31"),
    ("som", "2026-04-01"),
    ("end of month", "2026-03-31"),
    ("end of the week", "2026-03-15"),
    ("weekend", "2026-03-14"),
    ("first monday of april", "2026-04-06"),
    ("last day of the month", "2026-03-31"),
    ("in 3 business days", "2026-03-16"),
    ("2026-02-30", "0..10 there is no day 30: February 2026 has 28 days"),
    (
        "banana",
        "0..6 \"banana\" is not understood here; write for example tomorrow 5pm, next monday, \
         21 nov or 2026-11-21",
    ),
    ("25:99", "0..5 \"25:99\" is no time: a time is from 00:00 to 23:59; write 17:00 or 5pm"),
    (
        " ",
        "0..0 there is nothing to read; write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21",
    ),
    ("may", "2026-05-01"),
    ("32 april", "0..8 there is no day 32: April has 30 days"),
];

#[test]
fn w2_eighty_expressions() {
    check_dates(&wednesday(), &EIGHTY);
}

/// W2: the one of them that is refused for its order is read where somebody has set one.
#[test]
fn w2_a_set_order_decides() {
    let read = |text: &str, order| {
        when(text, &Asking { date_order: Some(order), ..wednesday() }).map(shown)
    };
    assert_eq!(read("4/1/2026", DateOrder::DayFirst).as_deref(), Ok("2026-01-04"));
    assert_eq!(read("4/1/2026", DateOrder::MonthFirst).as_deref(), Ok("2026-04-01"));
    // Only one order is possible here, whatever was set.
    for order in [DateOrder::DayFirst, DateOrder::MonthFirst] {
        assert_eq!(read("21/11", order).as_deref(), Ok("2026-11-21"));
        assert_eq!(read("11/21", order).as_deref(), Ok("2026-11-21"));
    }
}
