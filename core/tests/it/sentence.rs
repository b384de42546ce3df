//! Rules in words: true of every rule of the subset, and typed again where people would type them.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::Rule;
use todo_core::conformance::cases;
use todo_core::conformance::given::due;
use todo_core::recurrence::Basis;
use todo_core::words::every;

use crate::words::wednesday;

#[test]
fn r2_rules_in_words() {
    let table = [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", "every Monday and Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "every 2 weeks on Monday and Friday"),
        (
            "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU",
            "every 2 weeks on Monday and Sunday, weeks from Sunday",
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every last Friday"),
        ("FREQ=MONTHLY;BYDAY=3FR", "every 3rd Friday"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "every first and 3rd Monday"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "every first Monday and last Friday"),
        ("FREQ=MONTHLY;BYDAY=-2FR", "every 2nd last Friday"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "every month on the 31st, where there is one"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=29", "every 2 months on the 29th, where there is one"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every last day of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,-1", "every month on the 15th and last day"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15", "every 2 months on the 1st and 15th"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            "every month on the 30th, or the last day",
        ),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every last weekday of the month"),
        ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=27", "every year on 27 January"),
        ("FREQ=YEARLY;BYMONTH=4;BYDAY=1MO", "every first Monday of April"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "every year on the last day of February"),
        (
            "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1,15",
            "every year on the 1st and 15th of January and July",
        ),
        ("FREQ=DAILY;COUNT=5", "every day, 5 times"),
        ("FREQ=DAILY;COUNT=1", "every day, 1 time"),
        ("FREQ=DAILY;UNTIL=20261231", "every day, until 31 Dec 2026"),
        ("FREQ=DAILY;UNTIL=20261231T170000", "every day, until 17:00:00 on 31 Dec 2026"),
        ("FREQ=DAILY;UNTIL=20261231T170000Z", "every day, until 17:00:00 UTC on 31 Dec 2026"),
        // What nobody would type.
        ("FREQ=DAILY;BYMONTH=1,2", "every day, in January and February"),
        ("FREQ=DAILY;BYDAY=MO", "every day, on any Monday"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "every month, on the 13th, if that is any Friday"),
        ("FREQ=MONTHLY;BYDAY=MO", "every month, on any Monday"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,-1",
            "every month, on any Monday and any Tuesday, of these the first and last of the month",
        ),
        (
            "FREQ=YEARLY;BYMONTH=4;BYDAY=1MO,TU;BYSETPOS=2",
            "every year, in April, on any Tuesday and the first Monday, of these the 2nd of the year",
        ),
        ("FREQ=YEARLY;BYMONTH=4", "every year, in April"),
    ];
    for (rule, wanted) in table {
        let rule: Rule = rule.parse().expect(rule);
        assert_eq!(rule.sentence(Basis::Schedule), wanted, "{rule}");
    }
    let plain: Rule = "FREQ=DAILY;INTERVAL=3;COUNT=4".parse().expect("a rule");
    assert_eq!(plain.sentence(Basis::Completion), "3 days after completion, 4 times");
}

/// Rules, many of them of the subset.
fn rules() -> impl Strategy<Value = String> {
    let freq = select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let list = |part: &'static str, values: &'static [&'static str]| {
        prop_oneof![
            2 => Just(String::new()),
            1 => vec(select(values), 1..4)
                .prop_map(move |values| format!(";{part}={}", values.join(","))),
        ]
    };
    let days = &["MO", "FR", "SU", "1MO", "-1FR", "3WE", "-5SU"];
    (
        freq,
        select(vec!["", ";INTERVAL=2", ";INTERVAL=13"]),
        select(vec!["", "", ";COUNT=3", ";UNTIL=20991231", ";UNTIL=20991231T120000Z"]),
        select(vec!["", ";WKST=SU", ";WKST=SA", ";WKST=WE"]),
        list("BYMONTH", &["1", "2", "7", "12"]),
        list("BYMONTHDAY", &["1", "15", "29", "30", "31", "-1", "-2", "28"]),
        list("BYDAY", days),
        list("BYSETPOS", &["1", "2", "-1"]),
    )
        .prop_map(|(freq, a, b, c, d, e, f, g)| format!("FREQ={freq}{a}{b}{c}{d}{e}{f}{g}"))
}

proptest! {
    #![proptest_config(cases(3_000))]

    /// W3: a sentence that is typed again is the same rule, or refused; never another one.
    #[test]
    fn w3_no_sentence_becomes_another_rule(text in rules()) {
        let Ok(rule) = text.parse::<Rule>() else { return Ok(()) };
        let sentence = rule.sentence(Basis::Schedule);
        if let Ok(made) = every(&sentence, &wednesday(), Some(due("2026-01-15"))) {
            let same = Rule { week_start: rule.week_start, ..made.recurrence.rule.clone() };
            // Where weeks are left out, their beginning is said; elsewhere it makes no difference.
            assert_eq!(same, rule, "{sentence}");
            if sentence.contains("weeks from") {
                assert_eq!(made.recurrence.rule, rule, "{sentence}");
            }
        }
    }
}
