//! The examples of RFC 5545, section 3.8.5.3: those inside the subset come to the RFC's own dates,
//! in New York at nine; the others are refused by the name of what is not supported.

use todo_core::recurrence::Slots;
use todo_core::{Due, ErrorCode, Rule, Slot, TaskError};

use super::calendar::{dates, occurrences};

/// The rule, its first day, the dates as the RFC lists them, and whether these are all.
const EXAMPLES: &[(&str, &str, &str, bool)] = &[
    // Daily for ten occurrences; until a day; every other day; every ten days.
    ("FREQ=DAILY;COUNT=10", "1997-09-02", "1997-09: 2-11", true),
    (
        "FREQ=DAILY;UNTIL=19971224T000000Z",
        "1997-09-02",
        "1997-09: 2-30; 1997-10: 1-31; 1997-11: 1-30; 1997-12: 1-23",
        true,
    ),
    (
        "FREQ=DAILY;INTERVAL=2",
        "1997-09-02",
        "1997-09: 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30; 1997-10: 2,4,6,8",
        false,
    ),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "1997-09: 2,12,22; 1997-10: 2,12", true),
    // Every day in January, for three years, in both ways of saying it.
    (
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998-01-01",
        "1998-01: 1-31; 1999-01: 1-31; 2000-01: 1-31",
        true,
    ),
    (
        "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        "1998-01-01",
        "1998-01: 1-31; 1999-01: 1-31; 2000-01: 1-31",
        true,
    ),
    // Weekly for ten occurrences; until a day; every other week.
    (
        "FREQ=WEEKLY;COUNT=10",
        "1997-09-02",
        "1997-09: 2,9,16,23,30; 1997-10: 7,14,21,28; 1997-11: 4",
        true,
    ),
    (
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997-09-02",
        "1997-09: 2,9,16,23,30; 1997-10: 7,14,21,28; 1997-11: 4,11,18,25; 1997-12: 2,9,16,23",
        true,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997-09-02",
        "1997-09: 2,16,30; 1997-10: 14,28; 1997-11: 11,25; 1997-12: 9,23; 1998-01: 6,20; 1998-02: 3,17",
        false,
    ),
    // Tuesday and Thursday for five weeks.
    (
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "1997-09-02",
        "1997-09: 2,4,9,11,16,18,23,25,30; 1997-10: 2",
        true,
    ),
    (
        "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        "1997-09-02",
        "1997-09: 2,4,9,11,16,18,23,25,30; 1997-10: 2",
        true,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997-09-01",
        "1997-09: 1,3,5,15,17,19,29; 1997-10: 1,3,13,15,17,27,29,31; 1997-11: 10,12,14,24,26,28; 1997-12: 8,10,12,22",
        true,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997-09-02",
        "1997-09: 2,4,16,18,30; 1997-10: 2,14,16",
        true,
    ),
    // The first Friday; the first and last Sunday; the second-to-last Monday.
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997-09-05",
        "1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5; 1998-01: 2; 1998-02: 6; 1998-03: 6; 1998-04: 3; 1998-05: 1; 1998-06: 5",
        true,
    ),
    (
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997-09-05",
        "1997-09: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5",
        true,
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997-09-07",
        "1997-09: 7,28; 1997-11: 2,30; 1998-01: 4,25; 1998-03: 1,29; 1998-05: 3,31",
        true,
    ),
    (
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997-09-22",
        "1997-09: 22; 1997-10: 20; 1997-11: 17; 1997-12: 22; 1998-01: 19; 1998-02: 16",
        true,
    ),
    // Days of the month, from either end.
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997-09-28",
        "1997-09: 28; 1997-10: 29; 1997-11: 28; 1997-12: 29; 1998-01: 29; 1998-02: 26",
        false,
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997-09-02",
        "1997-09: 2,15; 1997-10: 2,15; 1997-11: 2,15; 1997-12: 2,15; 1998-01: 2,15",
        true,
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997-09-30",
        "1997-09: 30; 1997-10: 1,31; 1997-11: 1,30; 1997-12: 1,31; 1998-01: 1,31; 1998-02: 1",
        true,
    ),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997-09-10",
        "1997-09: 10-15; 1999-03: 10-13",
        true,
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997-09-02",
        "1997-09: 2,9,16,23,30; 1997-11: 4,11,18,25; 1998-01: 6,13,20,27; 1998-03: 3,10,17,24,31",
        false,
    ),
    // Months of the year.
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997-06-10",
        "1997-06: 10; 1997-07: 10; 1998-06: 10; 1998-07: 10; 1999-06: 10; 1999-07: 10; 2000-06: 10; 2000-07: 10; 2001-06: 10; 2001-07: 10",
        true,
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997-03-10",
        "1997-03: 10; 1999-01: 10; 1999-02: 10; 1999-03: 10; 2001-01: 10; 2001-02: 10; 2001-03: 10; 2003-01: 10; 2003-02: 10; 2003-03: 10",
        true,
    ),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997-03-13",
        "1997-03: 13,20,27; 1998-03: 5,12,19,26; 1999-03: 4,11,18,25",
        false,
    ),
    (
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997-06-05",
        "1997-06: 5,12,19,26; 1997-07: 3,10,17,24,31; 1997-08: 7,14,21,28; 1998-06: 4,11,18,25; 1998-07: 2,9,16,23,30; 1998-08: 6,13,20,27",
        false,
    ),
    // Friday the 13th, without the first day, which is none; the Saturday after the first Sunday.
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1997-09-02",
        "1998-02: 13; 1998-03: 13; 1998-11: 13; 1999-08: 13; 2000-10: 13",
        false,
    ),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997-09-13",
        "1997-09: 13; 1997-10: 11; 1997-11: 8; 1997-12: 13; 1998-01: 10; 1998-02: 7; 1998-03: 7; 1998-04: 11; 1998-05: 9; 1998-06: 13",
        false,
    ),
    // Election day in the United States.
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996-11-05",
        "1996-11: 5; 2000-11: 7; 2004-11: 2",
        false,
    ),
    // Positions.
    (
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "1997-09-04",
        "1997-09: 4; 1997-10: 7; 1997-11: 6",
        true,
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997-09-29",
        "1997-09: 29; 1997-10: 30; 1997-11: 27; 1997-12: 30; 1998-01: 29; 1998-02: 26; 1998-03: 30",
        false,
    ),
    // What WKST changes.
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997-08-05",
        "1997-08: 5,10,19,24",
        true,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1997-08-05",
        "1997-08: 5,17,19,31",
        true,
    ),
    // A date that is none is left out.
    (
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "2007-01-15",
        "2007-01: 15,30; 2007-02: 15; 2007-03: 15,30",
        true,
    ),
];

#[test]
fn r2_the_examples_of_rfc_5545() {
    for (rule, first, expected, all) in EXAMPLES {
        let expected = dates(expected);
        let found = occurrences(rule, &format!("{first}T09:00[America/New_York]"));
        let found: Vec<_> = found.take(expected.len() + 1).collect();
        let days: Vec<_> = found.iter().map(Due::wall_day).collect();
        assert_eq!(days[..expected.len().min(days.len())], expected, "{rule} from {first}");
        assert_eq!(days.len() == expected.len(), *all, "{rule} from {first}: {days:?}");
        for due in found {
            let Due::At { wall, .. } = due else { panic!("{due} is timed") };
            assert_eq!(wall.time().to_string(), "09:00:00", "{rule}");
        }
    }
}

/// The rule, and the part that is named.
const REFUSED: &[(&str, &str)] = &[
    ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "BYYEARDAY"),
    ("FREQ=YEARLY;BYDAY=20MO", "BYDAY"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "BYWEEKNO"),
    ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", "FREQ"),
    ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "FREQ"),
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "FREQ"),
    ("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "BYHOUR"),
    ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "FREQ"),
];

#[test]
fn r2_the_other_examples_are_refused_by_name() {
    for (rule, part) in REFUSED {
        let error = rule.parse::<Rule>().expect_err(rule);
        assert_eq!(error.part, *part, "{rule}");
        assert_eq!(TaskError::from(error).code(), ErrorCode::UnsupportedRule);
    }
}

/// The first of these rules' slots is the first day itself, where the rule means it.
#[test]
fn r2_the_first_day_is_a_slot_where_it_fits() {
    for (rule, first, expected, _) in EXAMPLES {
        let anchor = super::due(first);
        let rule: Rule = rule.parse().expect(rule);
        let found = Slots::from(&rule, anchor, Slot::of(anchor)).next();
        assert_eq!(found.map(|slot| slot.wall().date()), dates(expected).first().copied());
    }
}
