//! R2: what a rule may say, how it is written, and what is refused, by the name of the part.

use todo_core::recurrence::{Day, End, Freq, RULE_MAX, RuleProblem};
use todo_core::{ErrorCode, Rule, TaskError};

/// As given, and as it is kept.
const CANONICAL: &[(&str, &str)] = &[
    ("FREQ=DAILY", "FREQ=DAILY"),
    ("freq=daily", "FREQ=DAILY"),
    ("  RRULE:FREQ=DAILY\n", "FREQ=DAILY"),
    ("rrule:Freq=Weekly;ByDay=mo", "FREQ=WEEKLY;BYDAY=MO"),
    ("INTERVAL=1;FREQ=DAILY", "FREQ=DAILY"),
    ("INTERVAL=002;FREQ=DAILY", "FREQ=DAILY;INTERVAL=2"),
    ("FREQ=DAILY;INTERVAL=999;COUNT=1000", "FREQ=DAILY;INTERVAL=999;COUNT=1000"),
    ("FREQ=WEEKLY;WKST=MO", "FREQ=WEEKLY"),
    ("WKST=su;FREQ=WEEKLY", "FREQ=WEEKLY;WKST=SU"),
    ("FREQ=WEEKLY;BYDAY=SU,FR,MO,FR", "FREQ=WEEKLY;BYDAY=MO,FR,SU"),
    ("FREQ=MONTHLY;BYDAY=2MO,-1FR,+1SU,MO", "FREQ=MONTHLY;BYDAY=-1FR,MO,1SU,2MO"),
    ("FREQ=MONTHLY;BYMONTHDAY=+15,1,-1,01", "FREQ=MONTHLY;BYMONTHDAY=-1,1,15"),
    ("FREQ=YEARLY;BYMONTH=12,01,6", "FREQ=YEARLY;BYMONTH=1,6,12"),
    (
        "BYSETPOS=-1,1;BYDAY=MO;BYMONTH=3;UNTIL=20271231;FREQ=YEARLY",
        "FREQ=YEARLY;UNTIL=20271231;BYMONTH=3;BYDAY=MO;BYSETPOS=-1,1",
    ),
    ("FREQ=DAILY;UNTIL=20271231t170000z", "FREQ=DAILY;UNTIL=20271231T170000Z"),
    ("FREQ=DAILY;UNTIL=20271231T170000", "FREQ=DAILY;UNTIL=20271231T170000"),
    ("FREQ=DAILY;UNTIL=20991231T235959Z", "FREQ=DAILY;UNTIL=20991231T235959Z"),
    ("FREQ=YEARLY;BYMONTHDAY=1;BYDAY=MO;BYMONTH=1", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYDAY=MO"),
];

#[test]
fn r2_one_rule_is_written_one_way() {
    for (given, kept) in CANONICAL {
        let rule: Rule = given.parse().unwrap_or_else(|error| panic!("{given}: {error}"));
        assert_eq!(rule.to_string(), *kept, "{given}");
        assert_eq!(kept.parse(), Ok(rule), "{given}");
    }
}

/// The rule and the part that is named. What is inside the quotes of an error is not looked at.
const REFUSED: &[(&str, &str)] = &[
    // Not a rule at all.
    ("", "RRULE"),
    ("RRULE:", "RRULE"),
    ("DAILY", "RRULE"),
    ("every day", "RRULE"),
    ("FREQ=DAILY;", "RRULE"),
    ("FREQ=DAILY;;COUNT=1", "RRULE"),
    ("FREQ = DAILY", "RRULE"),
    ("FREQ=DAILY\nFREQ=WEEKLY", "RRULE"),
    ("RRULE:FREQ=DAILY\nEXDATE:20261121", "RRULE"),
    ("DTSTART:20261121\nRRULE:FREQ=DAILY", "RRULE"),
    ("FREQ=TÄGLICH", "RRULE"),
    // Parts outside the subset, and parts of other standards.
    ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
    ("FREQ=DAILY;BYMINUTE=0", "BYMINUTE"),
    ("FREQ=DAILY;BYSECOND=0", "BYSECOND"),
    ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
    ("FREQ=YEARLY;BYYEARDAY=1", "BYYEARDAY"),
    ("FREQ=YEARLY;BYEASTER=0", "BYEASTER"),
    ("RSCALE=GREGORIAN;FREQ=DAILY", "RSCALE"),
    ("FREQ=DAILY;SKIP=OMIT", "SKIP"),
    ("FREQ=DAILY;EXDATE=20261121", "EXDATE"),
    ("FREQ=DAILY;X-OWN=1", "X-OWN"),
    ("FREQ=DAILY;TZID=Asia/Karachi", "TZID"),
    // FREQ.
    ("COUNT=3", "FREQ"),
    ("FREQ=SECONDLY", "FREQ"),
    ("FREQ=MINUTELY", "FREQ"),
    ("FREQ=HOURLY", "FREQ"),
    ("FREQ=FORTNIGHTLY", "FREQ"),
    ("FREQ=", "FREQ"),
    ("FREQ=DAILY;FREQ=DAILY", "FREQ"),
    // Numbers.
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=1000", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=99999", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=+1", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=2;INTERVAL=2", "INTERVAL"),
    ("FREQ=DAILY;COUNT=0", "COUNT"),
    ("FREQ=DAILY;COUNT=1001", "COUNT"),
    ("FREQ=DAILY;COUNT=99999999999999999999", "COUNT"),
    ("FREQ=DAILY;COUNT=-1", "COUNT"),
    ("FREQ=DAILY;COUNT=3;COUNT=3", "COUNT"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20271231", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20271231;COUNT=3", "COUNT"),
    // UNTIL.
    ("FREQ=DAILY;UNTIL=21000101", "UNTIL"),
    ("FREQ=DAILY;UNTIL=99991231T235959Z", "UNTIL"),
    ("FREQ=DAILY;UNTIL=100000101", "UNTIL"),
    ("FREQ=DAILY;UNTIL=00000101", "UNTIL"),
    ("FREQ=DAILY;UNTIL=2027-12-31", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20270230", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20271231T2400", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20271231T240000Z", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20271231T170000+0500", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20271231T17000é", "RRULE"),
    ("FREQ=DAILY;UNTIL=", "UNTIL"),
    // Weeks.
    ("FREQ=WEEKLY;WKST=MON", "WKST"),
    ("FREQ=WEEKLY;WKST=", "WKST"),
    ("FREQ=WEEKLY;WKST=MO,TU", "WKST"),
    // Lists.
    ("FREQ=DAILY;BYMONTH=0", "BYMONTH"),
    ("FREQ=DAILY;BYMONTH=13", "BYMONTH"),
    ("FREQ=DAILY;BYMONTH=-1", "BYMONTH"),
    ("FREQ=DAILY;BYMONTH=2L", "BYMONTH"),
    ("FREQ=DAILY;BYMONTH=", "BYMONTH"),
    ("FREQ=DAILY;BYMONTH=1,,2", "BYMONTH"),
    ("FREQ=DAILY;BYMONTH=257", "BYMONTH"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=--1", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=-128", "BYMONTHDAY"),
    ("FREQ=MONTHLY;BYMONTHDAY=-129", "BYMONTHDAY"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
    ("FREQ=YEARLY;BYMONTHDAY=1", "BYMONTHDAY"),
    ("FREQ=WEEKLY;BYDAY=", "BYDAY"),
    ("FREQ=WEEKLY;BYDAY=MO,", "BYDAY"),
    ("FREQ=WEEKLY;BYDAY=MON", "BYDAY"),
    ("FREQ=WEEKLY;BYDAY=M", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=-6MO", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=1", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=-128MO", "BYDAY"),
    ("FREQ=DAILY;BYDAY=1MO", "BYDAY"),
    ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
    ("FREQ=WEEKLY;BYDAY=MO,-1FR", "BYDAY"),
    ("FREQ=YEARLY;BYDAY=MO", "BYDAY"),
    ("FREQ=YEARLY;BYDAY=1MO", "BYDAY"),
    ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=1", "BYDAY"),
    ("FREQ=YEARLY;BYMONTH=1;BYDAY=1MO;BYMONTHDAY=1", "BYDAY"),
    // Positions.
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=32", "BYSETPOS"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-32", "BYSETPOS"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2,3,4,5,6,7,8,9,10,11,12,13", "BYSETPOS"),
    ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
    ("FREQ=YEARLY;BYMONTH=1;BYSETPOS=1", "BYSETPOS"),
    ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "BYSETPOS"),
    ("FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "BYSETPOS"),
];

#[test]
fn r2_what_is_not_supported_is_refused_by_name() {
    for (rule, part) in REFUSED {
        let error = rule.parse::<Rule>().expect_err(rule);
        assert_eq!(error.part, *part, "{rule}: {error}");
        let message = error.to_string();
        assert!(message.starts_with(part) && message.len() < 200, "{rule}: {message}");
        let refused = TaskError::from(error);
        assert_eq!(refused.code(), ErrorCode::UnsupportedRule);
        assert_eq!(refused.code().as_str(), "unsupported_rule");
    }
}

/// Long texts are not looked into.
#[test]
fn r2_a_rule_has_at_most_512_bytes() {
    let values = |n: usize| format!("FREQ=DAILY;BYMONTH=1{}", ",1".repeat(n));
    for text in [values(20_000), "FREQ=DAILY;".repeat(100), "x".repeat(1_000_000), values(247)] {
        let error = text.parse::<Rule>().expect_err("it is too long");
        assert_eq!((error.part.as_str(), error.why), ("RRULE", RuleProblem::TooLong));
    }
    let longest = values(246);
    assert_eq!(longest.len(), RULE_MAX);
    assert_eq!(
        longest.parse::<Rule>().map(|rule| rule.to_string()).as_deref(),
        Ok("FREQ=DAILY;BYMONTH=1")
    );
}

/// A name that nobody wrote by hand is not repeated at length.
#[test]
fn r2_an_unknown_part_is_named_in_short() {
    let text = format!("FREQ=DAILY;{}=1", "A".repeat(400));
    let error = text.parse::<Rule>().expect_err("it is unknown");
    assert!(error.part.chars().count() <= 41, "{error}");
}

/// Rules that are put together are held to the same.
#[test]
fn r2_a_rule_put_together_is_checked() {
    let monday = |ordinal| Day { ordinal, weekday: chrono::Weekday::Mon };
    let every = |freq| Rule::every(1, freq);
    let wrong = [
        (Rule { days: vec![monday(1)], ..every(Freq::Weekly) }, "BYDAY"),
        (Rule { days: vec![monday(9)], ..every(Freq::Monthly) }, "BYDAY"),
        (Rule { month_days: vec![0], ..every(Freq::Monthly) }, "BYMONTHDAY"),
        (Rule { months: vec![13], ..every(Freq::Daily) }, "BYMONTH"),
        (Rule { end: End::Count(0), ..every(Freq::Daily) }, "COUNT"),
        (Rule::every(0, Freq::Daily), "INTERVAL"),
        (Rule::every(1000, Freq::Daily), "INTERVAL"),
    ];
    for (rule, part) in wrong {
        assert_eq!(rule.checked().map_err(|error| error.part), Err(part.to_owned()));
    }
    let days = vec![monday(2), monday(-1), monday(2)];
    let rule = Rule { days, ..every(Freq::Monthly) }.checked().expect("it is a rule");
    assert_eq!(rule.to_string(), "FREQ=MONTHLY;BYDAY=-1MO,2MO");
}
