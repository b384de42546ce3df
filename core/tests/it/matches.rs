//! Q1–Q5: the filter against a naive reading of the specification.

use chrono::Weekday;
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_assert_eq, proptest};
use proptest::sample::select;
use todo_core::TaskQuery;
use todo_core::conformance::cases;
use todo_core::conformance::given::instant;
use todo_core::conformance::history::record;
use todo_core::conformance::wanted::filter;
use todo_core::query::{Matcher, Moment};

use crate::naive;

fn moment() -> impl Strategy<Value = Moment> {
    let zones = [
        Tz::UTC,
        Tz::Asia__Karachi,
        Tz::America__New_York,
        Tz::Africa__Cairo,
        Tz::Australia__Lord_Howe,
        Tz::America__Havana,
    ];
    let moments = [
        "2026-11-21T12:00:00Z",
        "2026-11-20T19:00:00Z",
        "2026-11-20T18:59:59.999Z",
        "2026-11-21T22:00:00Z",
        "2026-11-22T05:00:00Z",
        "2026-04-23T22:00:00Z",
        "2026-04-23T22:00:00.001Z",
        "2026-11-01T05:30:00Z",
        "2026-11-01T06:30:00.001Z",
        "2026-12-21T12:00:00Z",
    ];
    let weeks = select(vec![Weekday::Mon, Weekday::Sun, Weekday::Sat]);
    (select(moments.to_vec()), select(zones.to_vec()), weeks).prop_map(|(now, zone, week_start)| {
        Moment { now: instant(now), zone, owner_zone: zone, week_start }
    })
}

proptest! {
    #![proptest_config(cases(2048))]

    #[test]
    fn as_the_specification_says(filter in filter(), tasks in vec(record(), 8), moment in moment()) {
        let query = TaskQuery { filter, ..TaskQuery::new(moment) };
        let matcher: Matcher<'_> = query.filter.matcher(&moment);
        for task in tasks {
            let expected = naive::matches(&query.filter, &task, &moment);
            prop_assert_eq!(matcher.matches(&task), expected, "{:?}", task);
            prop_assert_eq!(query.matches(&task), expected);
        }
    }
}
