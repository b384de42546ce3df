//! Recurrence in words (W3), on Wednesday 2026-03-11 at 10:30.

use chrono::Weekday;
use todo_core::ErrorCode;
use todo_core::conformance::given::due;
use todo_core::words::{Asking, every};

use crate::words::{refusal, shown, wednesday};

/// A recurrence as the tables write it: rule, basis, first date.
fn answer(text: &str, asking: &Asking, given: Option<&str>) -> String {
    match every(text, asking, given.map(due)) {
        Ok(every) => {
            let new = every.recurrence;
            let from = if new.from.as_str() == "completion" { " from completion" } else { "" };
            format!("{}{from} {}", new.rule, shown(every.due))
        }
        Err(error) => refusal(&error),
    }
}

fn check(table: &[(&str, Option<&str>, &str)]) {
    let asking = wednesday();
    let rows: Vec<_> = table.iter().map(|(text, given, _)| answer(text, &asking, *given)).collect();
    let wrong: Vec<_> = table
        .iter()
        .zip(&rows)
        .filter(|((_, _, wanted), answer)| *wanted != **answer)
        .map(|((text, given, wanted), answer)| {
            format!("{text:?} {given:?}: {answer}\n  not {wanted}")
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn w3_how_often() {
    check(&[
        ("every day", None, "FREQ=DAILY 2026-03-11"),
        ("EVERY  DAY", None, "FREQ=DAILY 2026-03-11"),
        ("each day", None, "FREQ=DAILY 2026-03-11"),
        ("daily", None, "FREQ=DAILY 2026-03-11"),
        ("every week", None, "FREQ=WEEKLY 2026-03-11"),
        ("weekly", None, "FREQ=WEEKLY 2026-03-11"),
        ("biweekly", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("fortnightly", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every fortnight", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every 2 weeks", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every two weeks", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every other week", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every 2nd week", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every other day", None, "FREQ=DAILY;INTERVAL=2 2026-03-11"),
        ("every month", None, "FREQ=MONTHLY 2026-03-11"),
        ("monthly", None, "FREQ=MONTHLY 2026-03-11"),
        ("quarterly", None, "FREQ=MONTHLY;INTERVAL=3 2026-03-11"),
        ("every quarter", None, "FREQ=MONTHLY;INTERVAL=3 2026-03-11"),
        ("every 3 months", None, "FREQ=MONTHLY;INTERVAL=3 2026-03-11"),
        ("every year", None, "FREQ=YEARLY 2026-03-11"),
        ("yearly", None, "FREQ=YEARLY 2026-03-11"),
        ("annually", None, "FREQ=YEARLY 2026-03-11"),
        ("every 3d", None, "FREQ=DAILY;INTERVAL=3 2026-03-11"),
        // In a field of its own it needs no "every".
        ("2 weeks", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("monday", None, "FREQ=WEEKLY;BYDAY=MO 2026-03-16"),
        // From completion.
        ("every! 3 days", None, "FREQ=DAILY;INTERVAL=3 from completion 2026-03-11"),
        ("every! month", Some("2026-01-31"), "FREQ=MONTHLY from completion 2026-01-31"),
        ("3 days after completion", None, "FREQ=DAILY;INTERVAL=3 from completion 2026-03-11"),
        ("every week after completion", None, "FREQ=WEEKLY from completion 2026-03-11"),
    ]);
}

#[test]
fn w3_on_which_days() {
    check(&[
        ("every monday", None, "FREQ=WEEKLY;BYDAY=MO 2026-03-16"),
        ("every wednesday", None, "FREQ=WEEKLY;BYDAY=WE 2026-03-11"),
        ("every mon,wed,fri", None, "FREQ=WEEKLY;BYDAY=MO,WE,FR 2026-03-11"),
        ("every mon and thu", None, "FREQ=WEEKLY;BYDAY=MO,TH 2026-03-12"),
        ("every mon, wed, and fri", None, "FREQ=WEEKLY;BYDAY=MO,WE,FR 2026-03-11"),
        ("every sat & sun", None, "FREQ=WEEKLY;BYDAY=SA,SU 2026-03-14"),
        ("every weekday", None, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 2026-03-11"),
        ("every workday", None, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 2026-03-11"),
        ("every business day", None, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 2026-03-11"),
        ("every weekend", None, "FREQ=WEEKLY;BYDAY=SA 2026-03-14"),
        ("every other monday", None, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO 2026-03-16"),
        ("every 2 weeks on mon and fri", None, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR 2026-03-13"),
        ("every 2 months on the 1st", None, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1 2026-04-01"),
        ("every week on friday", None, "FREQ=WEEKLY;BYDAY=FR 2026-03-13"),
        ("weekly on friday", None, "FREQ=WEEKLY;BYDAY=FR 2026-03-13"),
        ("every 15th", None, "FREQ=MONTHLY;BYMONTHDAY=15 2026-03-15"),
        ("every 1st and 15th", None, "FREQ=MONTHLY;BYMONTHDAY=1,15 2026-03-15"),
        ("every 1st, 10th and 20th", None, "FREQ=MONTHLY;BYMONTHDAY=1,10,20 2026-03-20"),
        ("every 15th of the month", None, "FREQ=MONTHLY;BYMONTHDAY=15 2026-03-15"),
        ("every 3rd day of the month", None, "FREQ=MONTHLY;BYMONTHDAY=3 2026-04-03"),
        // Literally, as RFC 5545 has it: short months are left out.
        ("every 31st", None, "FREQ=MONTHLY;BYMONTHDAY=31 2026-03-31"),
        ("every month on the 31st", None, "FREQ=MONTHLY;BYMONTHDAY=-1 2026-03-31"),
        (
            "every month on the 30th",
            None,
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1 2026-03-30",
        ),
        ("monthly on the 29th", None, "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1 2026-03-29"),
        ("every 2 months on the 31st", None, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1 2026-03-31"),
        ("every month on the 1st and 31st", None, "FREQ=MONTHLY;BYMONTHDAY=1,31 2026-03-31"),
        (
            "every month on the 31st, where there is one",
            None,
            "FREQ=MONTHLY;BYMONTHDAY=31 2026-03-31",
        ),
        (
            "every 2 months on the 30th, where there is one, 5 times",
            None,
            "FREQ=MONTHLY;INTERVAL=2;COUNT=5;BYMONTHDAY=30 2026-03-30",
        ),
        ("every last day", None, "FREQ=MONTHLY;BYMONTHDAY=-1 2026-03-31"),
        ("every last day of the month", None, "FREQ=MONTHLY;BYMONTHDAY=-1 2026-03-31"),
        ("every 15th and last day", None, "FREQ=MONTHLY;BYMONTHDAY=-1,15 2026-03-15"),
        ("every 3rd friday", None, "FREQ=MONTHLY;BYDAY=3FR 2026-03-20"),
        ("every 2nd tuesday of the month", None, "FREQ=MONTHLY;BYDAY=2TU 2026-04-14"),
        ("every second tuesday of the month", None, "FREQ=MONTHLY;BYDAY=2TU 2026-04-14"),
        ("every 2nd tuesday", None, "FREQ=MONTHLY;BYDAY=2TU 2026-04-14"),
        ("every other tuesday", None, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU 2026-03-17"),
        ("every second week", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-11"),
        ("every second and fourth tuesday", None, "FREQ=MONTHLY;BYDAY=2TU,4TU 2026-03-24"),
        ("every third friday", None, "FREQ=MONTHLY;BYDAY=3FR 2026-03-20"),
        ("every last friday", None, "FREQ=MONTHLY;BYDAY=-1FR 2026-03-27"),
        ("every 2nd last friday", None, "FREQ=MONTHLY;BYDAY=-2FR 2026-03-20"),
        ("every 1st and 3rd monday", None, "FREQ=MONTHLY;BYDAY=1MO,3MO 2026-03-16"),
        ("every first monday and last friday", None, "FREQ=MONTHLY;BYDAY=-1FR,1MO 2026-03-27"),
        (
            "every last weekday of the month",
            None,
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 2026-03-31",
        ),
        (
            "every first business day",
            None,
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1 2026-04-01",
        ),
        ("every month on the 15th", None, "FREQ=MONTHLY;BYMONTHDAY=15 2026-03-15"),
        ("every month on 15", None, "FREQ=MONTHLY;BYMONTHDAY=15 2026-03-15"),
        (
            "every 2 months on the 1st and 15th",
            None,
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15 2026-03-15",
        ),
        (
            "every 2 months on the last friday",
            None,
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR 2026-03-27",
        ),
        ("every jan 27", None, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27 2027-01-27"),
        ("every 27 january", None, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27 2027-01-27"),
        ("every 27th of january", None, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27 2027-01-27"),
        ("every year on 27 january", None, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27 2027-01-27"),
        ("every january", None, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1 2027-01-01"),
        ("every 1 january and july", None, "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1 2026-07-01"),
        ("every feb 29", None, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29 2028-02-29"),
        ("every first monday of april", None, "FREQ=YEARLY;BYMONTH=4;BYDAY=1MO 2026-04-06"),
        (
            "every 2 years on the last day of february",
            None,
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=-1 2027-02-28",
        ),
    ]);
}

#[test]
fn w3_time_end_and_beginning() {
    check(&[
        ("every monday 9am", None, "FREQ=WEEKLY;BYDAY=MO 2026-03-16T09:00"),
        ("every day at 9am", None, "FREQ=DAILY 2026-03-12T09:00"),
        ("every day at 11am", None, "FREQ=DAILY 2026-03-11T11:00"),
        ("every weekday 9am", None, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 2026-03-12T09:00"),
        ("every day at midnight", None, "FREQ=DAILY 2026-03-12T00:00"),
        ("every morning", None, "FREQ=DAILY 2026-03-12T09:00"),
        ("every evening", None, "FREQ=DAILY 2026-03-11T18:00"),
        ("every monday morning", None, "FREQ=WEEKLY;BYDAY=MO 2026-03-16T09:00"),
        ("every week 9am", None, "FREQ=WEEKLY 2026-03-18T09:00"),
        ("every day until friday", None, "FREQ=DAILY;UNTIL=20260313 2026-03-11"),
        ("every day till 31 dec", None, "FREQ=DAILY;UNTIL=20261231 2026-03-11"),
        ("every day until friday at 5pm", None, "FREQ=DAILY;UNTIL=20260313 2026-03-11T17:00"),
        ("every day 5pm until 2026-12-31", None, "FREQ=DAILY;UNTIL=20261231 2026-03-11T17:00"),
        ("every month 5 times", None, "FREQ=MONTHLY;COUNT=5 2026-03-11"),
        ("every month for 5 times", None, "FREQ=MONTHLY;COUNT=5 2026-03-11"),
        ("every mon, 5 times", None, "FREQ=WEEKLY;COUNT=5;BYDAY=MO 2026-03-16"),
        ("every 15th, five times", None, "FREQ=MONTHLY;COUNT=5;BYMONTHDAY=15 2026-03-15"),
        ("every day starting monday", None, "FREQ=DAILY 2026-03-16"),
        ("every day from tomorrow 9am", None, "FREQ=DAILY 2026-03-12T09:00"),
        ("every monday starting 1 april", None, "FREQ=WEEKLY;BYDAY=MO 2026-04-06"),
        ("every 2 weeks starting on friday", None, "FREQ=WEEKLY;INTERVAL=2 2026-03-13"),
        ("every month starting jan 31", None, "FREQ=MONTHLY;BYMONTHDAY=-1 2027-01-31"),
    ]);
}

/// W3: with a date given, the series begins there; its time and zone stay, unless the words name
/// a time.
#[test]
fn w3_from_a_given_date() {
    check(&[
        ("every monday", Some("2026-03-20"), "FREQ=WEEKLY;BYDAY=MO 2026-03-23"),
        ("every monday", Some("2026-03-23"), "FREQ=WEEKLY;BYDAY=MO 2026-03-23"),
        ("every monday", Some("2026-03-20T17:00"), "FREQ=WEEKLY;BYDAY=MO 2026-03-23T17:00"),
        ("every monday 9am", Some("2026-03-20T17:00"), "FREQ=WEEKLY;BYDAY=MO 2026-03-23T09:00"),
        ("every monday 9am", Some("2026-03-20"), "FREQ=WEEKLY;BYDAY=MO 2026-03-23T09:00"),
        // What is given may have passed.
        ("every day", Some("2026-01-01T08:00"), "FREQ=DAILY 2026-01-01T08:00"),
        ("every day starting friday", Some("2026-01-01T08:00"), "FREQ=DAILY 2026-03-13T08:00"),
        // That day, or the last one: what a person means.
        ("every month", Some("2026-01-31"), "FREQ=MONTHLY;BYMONTHDAY=-1 2026-01-31"),
        (
            "every month",
            Some("2026-01-30"),
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1 2026-01-30",
        ),
        ("every month", Some("2026-01-29"), "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1 2026-01-29"),
        ("every month", Some("2026-01-28"), "FREQ=MONTHLY 2026-01-28"),
        ("quarterly", Some("2026-01-31"), "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1 2026-01-31"),
        ("every year", Some("2028-02-29"), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1 2028-02-29"),
        ("every year", Some("2026-02-28"), "FREQ=YEARLY 2026-02-28"),
        // A rule given as such is taken as it is.
        ("FREQ=MONTHLY", Some("2026-01-31"), "FREQ=MONTHLY 2026-01-31"),
        ("rrule:freq=weekly;byday=mo,fr", None, "FREQ=WEEKLY;BYDAY=MO,FR 2026-03-13"),
        ("INTERVAL=2;FREQ=DAILY", None, "FREQ=DAILY;INTERVAL=2 2026-03-11"),
    ]);
    let given = "2026-03-20T17:00[America/New_York]";
    let begun = every("every monday 9am", &wednesday(), Some(due(given))).expect("a recurrence");
    assert_eq!(begun.due.to_string(), "2026-03-23T09:00:00-04:00[America/New_York]");
}

#[test]
fn w3_what_is_refused() {
    check(&[
        ("", None, "0..0 there is nothing to read; write for example every monday 9am"),
        (
            "every",
            None,
            "5..5 the text ends where a day, week, month, year or weekday has to follow; write for example every monday 9am",
        ),
        (
            "every blue moon",
            None,
            "6..10 \"blue\" is not understood here; write for example every monday 9am",
        ),
        ("every mnoday", None, "6..12 \"mnoday\" is not understood here; did you mean monday?"),
        (
            "every 3",
            None,
            "7..7 the text ends where days, weeks, months or years has to follow; write for example every monday 9am",
        ),
        (
            "every 3rd day",
            None,
            "6..13 \"3rd day\" can be every 3 days, or the 3rd of every month; write every 3 days, or every 3rd",
        ),
        ("every 2 hours", None, "6..13 tasks repeat by the day, not more often"),
        ("every hour", None, "6..10 tasks repeat by the day, not more often"),
        (
            "every second tuesday",
            None,
            "6..20 \"second tuesday\" can be every other tuesday, or the 2nd tuesday of every month; write every other tuesday, or every 2nd tuesday of the month",
        ),
        (
            "every 3 days!",
            None,
            "12..13 a ! that counts from completion stands behind every; write every! 3 days",
        ),
        (
            "every monday!",
            None,
            "12..13 a ! that counts from completion stands behind every; leave out the !",
        ),
        ("every 0 days", None, "6..12 intervals go from 1 to 999"),
        ("every 1000 days", None, "6..15 intervals go from 1 to 999"),
        ("every 400 quarters", None, "6..18 intervals go from 1 to 999"),
        ("every day 1001 times", None, "10..20 occurrences go from 1 to 1000"),
        ("every day 0 times", None, "10..17 occurrences go from 1 to 1000"),
        ("every 32nd", None, "6..10 the days of a month go from 1 to 31"),
        ("every 6th friday", None, "6..16 the weekdays of a month go from 1 to 5"),
        ("every 30 feb", None, "6..12 there is no day 30: February has at most 29 days"),
        (
            "every last",
            None,
            "10..10 the text ends where day or a weekday has to follow; write for example every monday 9am",
        ),
        (
            "every day at 9am and 5pm",
            None,
            "17..20 \"and\" is not understood here; write for example every monday 9am",
        ),
        ("every day 9am 5pm", None, "14..17 \"5pm\" is a second time; leave one of them out"),
        (
            "every monday at midnight",
            None,
            "13..24 midnight can be the beginning or the end of that day; write 0:00 or 23:59",
        ),
        (
            "every! monday",
            None,
            "0..13 counted from completion there is only how often, no days; write every! 3 days, or leave out the !",
        ),
        (
            "every day from monday to friday",
            None,
            "25..31 \"friday\" stands where a date with its month has to follow; write for example every monday 9am",
        ),
        (
            "every day until",
            None,
            "15..15 the text ends where a date has to follow; write for example every monday 9am",
        ),
        (
            "every day until banana",
            None,
            "16..22 \"banana\" stands where a date has to follow; write for example every monday 9am",
        ),
        (
            "every day until yesterday",
            None,
            "0..25 the rule ends before its first date, 11 March 2026",
        ),
        (
            "every first",
            None,
            "6..11 \"first\" is not understood here; write for example every monday 9am",
        ),
        (
            "every monday banana",
            None,
            "13..19 \"banana\" is not understood here; write for example every monday 9am",
        ),
        (
            "tomorrow",
            None,
            "0..8 \"tomorrow\" is not understood here; write for example every monday 9am",
        ),
    ]);
}

/// R2: what is wrong with a rule that is given as such is answered as with every rule.
#[test]
fn r2_rules_as_text() {
    let refused = |text: &str| every(text, &wednesday(), None).expect_err(text);
    let error = refused("FREQ=HOURLY");
    assert_eq!((error.code, error.at.clone()), (ErrorCode::UnsupportedRule, 0..11));
    assert_eq!(error.rule.map(|rule| rule.part).as_deref(), Some("FREQ"));
    assert_eq!(refused("FREQ=DAILY;UNTIL=20200101").code, ErrorCode::UnsupportedRule);
    let error = refused("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30");
    assert_eq!((error.code, error.rule), (ErrorCode::RuleNeverMatches, None));
    assert_eq!(refused("every blue moon").code, ErrorCode::ValidationError);
    let long = format!("FREQ=DAILY;{}", "X".repeat(5_000));
    assert_eq!(refused(&long).code, ErrorCode::UnsupportedRule);
}

/// W3: where an asker's week begins matters to rules that leave weeks out, and is said then.
#[test]
fn w3_the_asker_s_week() {
    let mut asking = wednesday();
    asking.moment.week_start = Weekday::Sun;
    let rule = |text: &str| answer(text, &asking, None);
    assert_eq!(
        rule("every 2 weeks on sun and mon"),
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU 2026-03-15"
    );
    assert_eq!(
        rule("every 2 weeks on mon and fri"),
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR 2026-03-13"
    );
    assert_eq!(rule("every sun and mon"), "FREQ=WEEKLY;BYDAY=MO,SU 2026-03-15");
}
