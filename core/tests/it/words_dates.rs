//! More dates (W2), on Wednesday 2026-03-11 at 10:30.

use chrono::Weekday;
use chrono_tz::Africa::Cairo;
use chrono_tz::America::Havana;
use chrono_tz::Asia::Karachi;
use chrono_tz::Pacific::Apia;
use todo_core::words::{Asking, when};

use crate::words::{asking, check_dates, wednesday};

#[test]
fn w2_days_by_name() {
    check_dates(
        &wednesday(),
        &[
            ("TOMORROW", "2026-03-12"),
            ("  tomorrow\t", "2026-03-12"),
            ("\u{a0}tomorrow\u{2003}5pm\u{feff}", "2026-03-12T17:00"),
            ("tmrw", "2026-03-12"),
            ("Tue", "2026-03-17"),
            ("tues", "2026-03-17"),
            ("weds", "2026-03-18"),
            ("thurs", "2026-03-12"),
            ("sun", "2026-03-15"),
            ("coming friday", "2026-03-13"),
            ("next wednesday", "2026-03-18"),
            ("next sunday", "2026-03-22"),
            ("last wednesday", "2026-03-04"),
            ("last thursday", "2026-03-05"),
            ("this wednesday", "2026-03-11"),
            ("this sunday", "2026-03-15"),
            ("this weekend", "2026-03-14"),
            ("next weekend", "2026-03-21"),
            ("monday next week", "2026-03-16"),
            ("friday of next week", "2026-03-20"),
            ("next week friday", "2026-03-20"),
            ("next week on tuesday", "2026-03-17"),
            ("next quarter", "2026-04-01"),
            ("next day", "2026-03-12"),
            ("next business day", "2026-03-12"),
            ("day after tomorrow", "2026-03-13"),
            ("the day after tomorrow", "2026-03-13"),
            ("day before yesterday", "2026-03-09"),
            ("by friday", "2026-03-13"),
            ("tomorrow.", "2026-03-12"),
        ],
    );
}

#[test]
fn w2_days_by_their_place() {
    check_dates(
        &wednesday(),
        &[
            ("the 15th", "2026-03-15"),
            ("11th", "2026-03-11"),
            ("10th", "2026-04-10"),
            ("31st", "2026-03-31"),
            ("15th of april", "2026-04-15"),
            ("the 1st of april 2027", "2027-04-01"),
            ("15th of next month", "2026-04-15"),
            ("15th of the month", "2026-03-15"),
            ("second tuesday of april", "2026-04-14"),
            ("2nd tuesday in april", "2026-04-14"),
            ("first monday of next month", "2026-04-06"),
            ("last friday of april", "2026-04-24"),
            ("last friday of next month", "2026-04-24"),
            ("last friday of the month", "2026-03-27"),
            ("last day of february", "2027-02-28"),
            ("last day of february 2028", "2028-02-29"),
            ("first day of next month", "2026-04-01"),
            ("last day of the year", "2026-12-31"),
            ("last weekday of the month", "2026-03-31"),
            ("last business day of may", "2026-05-29"),
            ("first workday of august", "2026-08-03"),
            ("first monday of march", "2027-03-01"),
            ("fifth sunday of march", "2026-03-29"),
            ("end of april", "2026-04-30"),
            ("end of next month", "2026-04-30"),
            ("end of next week", "2026-03-22"),
            ("end of the year", "2026-12-31"),
            ("end of quarter", "2026-03-31"),
            ("end of day", "2026-03-11"),
            ("end of the day", "2026-03-11"),
            ("the end of the month", "2026-03-31"),
            ("start of next month", "2026-04-01"),
            ("start of the month", "2026-04-01"),
            ("beginning of april", "2026-04-01"),
            ("start of next year", "2027-01-01"),
            ("eoq", "2026-03-31"),
            ("sow", "2026-03-16"),
            ("soq", "2026-04-01"),
            ("soy", "2027-01-01"),
        ],
    );
}

#[test]
fn w2_dates_of_the_calendar() {
    check_dates(
        &wednesday(),
        &[
            ("11 march", "2026-03-11"),
            ("10 march", "2027-03-10"),
            ("feb 29", "2028-02-29"),
            ("29 feb 2028", "2028-02-29"),
            ("may 2027", "2027-05-01"),
            ("in april", "2026-04-01"),
            ("april the 1st", "2026-04-01"),
            ("1st april 2027", "2027-04-01"),
            ("jan27", "2027-01-27"),
            ("27jan", "2027-01-27"),
            ("15-may-2027", "2027-05-15"),
            ("Fri, 13 Mar 2026", "2026-03-13"),
            ("friday 13th", "2026-03-13"),
            ("monday 16 march 9am", "2026-03-16T09:00"),
            ("21/11", "2026-11-21"),
            ("11/21/2026", "2026-11-21"),
            ("4/4/2026", "2026-04-04"),
            ("2026/04/01", "2026-04-01"),
            ("2026-4-1", "2026-04-01"),
            ("1.4.2026", "2026-04-01"),
            ("1.4.", "2026-04-01"),
            ("21-11-2026", "2026-11-21"),
            ("2026-04-01 5pm", "2026-04-01T17:00"),
            ("2026-04-01, 17:00", "2026-04-01T17:00"),
            ("2026-04-01T14:30+02:00", "2026-04-01T12:30"),
            ("2026-04-01 14:30+02:00", "2026-04-01T12:30"),
            ("2026-04-01T14:30:15.5Z", "2026-04-01T14:30"),
            ("2026-04-01T14:30[Asia/Karachi]", "2026-04-01T14:30"),
            ("20260401 9am", "2026-04-01T09:00"),
        ],
    );
}

#[test]
fn w2_lengths_of_time() {
    check_dates(
        &wednesday(),
        &[
            ("1y", "2027-03-11"),
            ("+1m", "2026-04-11"),
            ("1mo", "2026-04-11"),
            ("1y 2m 3w 4d", "2027-06-05"),
            ("1w2d", "2026-03-20"),
            ("two weeks", "2026-03-25"),
            ("twelve days", "2026-03-23"),
            ("a fortnight", "2026-03-25"),
            ("in a quarter", "2026-06-11"),
            ("in 0 days", "2026-03-11"),
            ("1 week and 2 days", "2026-03-20"),
            ("in 3 days at 5pm", "2026-03-14T17:00"),
            ("5pm in 3 days", "2026-03-14T17:00"),
            ("in 1h30m", "2026-03-11T12:00"),
            ("2h", "2026-03-11T12:30"),
            ("in 2 hours 30 minutes", "2026-03-11T13:00"),
            ("in half an hour", "2026-03-11T11:00"),
            ("in an hour", "2026-03-11T11:30"),
            ("1 day 2 hours", "2026-03-12T12:30"),
            ("2 hours ago", "2026-03-11T08:30"),
            ("10min", "2026-03-11T10:40"),
            ("a week from friday", "2026-03-20"),
            ("2 weeks from 1 april", "2026-04-15"),
            ("3 days after tomorrow", "2026-03-15"),
            ("1 month ago", "2026-02-11"),
            ("3 business days ago", "2026-03-06"),
            ("10 working days", "2026-03-25"),
            ("5 weekdays from now", "2026-03-18"),
        ],
    );
}

#[test]
fn w2_times() {
    check_dates(
        &wednesday(),
        &[
            ("10:30", "2026-03-12T10:30"),
            ("10:31", "2026-03-11T10:31"),
            ("5:30 pm", "2026-03-11T17:30"),
            ("5.30pm", "2026-03-11T17:30"),
            ("5 p.m.", "2026-03-11T17:00"),
            ("12am", "2026-03-12T00:00"),
            ("12pm", "2026-03-11T12:00"),
            ("0:15", "2026-03-12T00:15"),
            ("at 17", "2026-03-11T17:00"),
            ("17:00 tomorrow", "2026-03-12T17:00"),
            ("5pm on friday", "2026-03-13T17:00"),
            ("5pm, friday", "2026-03-13T17:00"),
            ("fri @ 7pm", "2026-03-13T19:00"),
            ("friday, 7pm", "2026-03-13T19:00"),
            ("tomorrow morning", "2026-03-12T09:00"),
            ("friday afternoon", "2026-03-13T15:00"),
            ("tomorrow in the evening", "2026-03-12T18:00"),
            ("friday night", "2026-03-13T20:00"),
            ("this evening", "2026-03-11T18:00"),
            ("tonight 9pm", "2026-03-11T21:00"),
            ("tonight at midnight", "2026-03-12T00:00"),
            ("9pm tonight", "2026-03-11T21:00"),
            ("today at midnight", "2026-03-12T00:00"),
            ("today 9am", "2026-03-11T09:00"),
            ("midday", "2026-03-11T12:00"),
            ("eod 5pm", "2026-03-11T17:00"),
        ],
    );
}

/// W2: the week begins where the asker's does.
#[test]
fn w2_the_asker_s_week() {
    let mut sunday = wednesday();
    sunday.moment.week_start = Weekday::Sun;
    check_dates(
        &sunday,
        &[
            ("next monday", "2026-03-16"),
            ("next sunday", "2026-03-15"),
            ("next week", "2026-03-15"),
            ("eow", "2026-03-14"),
            (
                "this sunday",
                "0..11 \"this sunday\" has passed; write sunday for the coming one, or last sunday",
            ),
            ("monday", "2026-03-16"),
        ],
    );
}

/// W2: where the week begins on Saturday, on a Wednesday its own weekend is over.
#[test]
fn w2_a_week_from_saturday() {
    let mut saturday = wednesday();
    saturday.moment.week_start = Weekday::Sat;
    check_dates(
        &saturday,
        &[
            ("this weekend", "2026-03-14"),
            ("this sat", "2026-03-14"),
            ("weekend", "2026-03-14"),
            ("next weekend", "2026-03-21"),
            ("this friday", "2026-03-13"),
        ],
    );
}

/// W2: names of days of the week are never today's; dates and times can be.
#[test]
fn w2_at_the_turn_of_things() {
    let on = |now: &str| asking(now, chrono_tz::UTC);
    let one = |asking: &Asking, text: &str, wanted: &str| check_dates(asking, &[(text, wanted)]);
    let saturday = on("2026-03-14T23:59:30Z");
    one(&saturday, "saturday", "2026-03-21");
    one(&saturday, "weekend", "2026-03-14");
    one(&saturday, "14th", "2026-03-14");
    one(&saturday, "14 march", "2026-03-14");
    one(&saturday, "tonight", "2026-03-14T23:59");
    one(&saturday, "midnight", "2026-03-15T00:00");
    one(&saturday, "1 business day", "2026-03-16");
    one(&saturday, "5 business days", "2026-03-20");
    let last = on("2026-01-31T12:00:00Z");
    one(&last, "in 1 month", "2026-02-28");
    one(&last, "eom", "2026-01-31");
    one(&last, "som", "2026-02-01");
    one(&last, "30th", "2026-03-30");
    let end = on("2099-12-31T12:00:00Z");
    one(&end, "today", "2099-12-31");
    one(&end, "tomorrow", "0..8 \"tomorrow\" lies out of range: dates run from 1970 to 2099");
    one(&end, "11am", "0..4 \"11am\" lies out of range: dates run from 1970 to 2099");
    one(&end, "1pm", "2099-12-31T13:00");
    let far = on("2300-01-01T00:00:00Z");
    one(&far, "today", "0..5 \"today\" lies out of range: dates run from 1970 to 2099");
}

/// W2, R3: wall times that the clocks skip or double, and days that a zone left out.
#[test]
fn w2_clocks_that_jump() {
    let full = |asking: &Asking, text: &str| {
        when(text, asking).map_or_else(|error| error.to_string(), |due| due.to_string())
    };
    let cairo = asking("2026-04-23T10:00:00Z", Cairo);
    assert_eq!(full(&cairo, "midnight"), "2026-04-24T01:00:00+03:00[Africa/Cairo]");
    assert_eq!(full(&cairo, "tomorrow 0:30"), "2026-04-24T01:30:00+03:00[Africa/Cairo]");
    assert_eq!(full(&cairo, "in 24 hours"), "2026-04-24T13:00:00+03:00[Africa/Cairo]");
    assert_eq!(full(&cairo, "in 1 day"), "2026-04-24");
    let havana = asking("2026-11-01T03:30:00Z", Havana);
    // In an hour it is 00:30 for the first time, in two for the second.
    assert_eq!(full(&havana, "in 1 hour"), "2026-11-01T00:30:00-04:00[America/Havana]");
    assert_eq!(full(&havana, "in 2 hours"), "2026-11-01T00:30:00-05:00[America/Havana]");
    assert_eq!(full(&havana, "tomorrow 0:30"), "2026-11-01T00:30:00-04:00[America/Havana]");
    let apia = asking("2011-12-29T20:00:00Z", Apia);
    // The 30th of December 2011 was left out.
    assert_eq!(full(&apia, "today"), "2011-12-29");
    assert_eq!(full(&apia, "tomorrow 10am"), "2011-12-31T10:00:00+14:00[Pacific/Apia]");
    assert_eq!(full(&apia, "in 24 hours"), "2011-12-31T10:00:00+14:00[Pacific/Apia]");
    let karachi = asking("2026-03-10T20:00:00Z", Karachi);
    assert_eq!(full(&karachi, "today"), "2026-03-11");
    assert_eq!(full(&karachi, "2am"), "2026-03-11T02:00:00+05:00[Asia/Karachi]");
}
