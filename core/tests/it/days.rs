//! Where a day begins (Q3), and instants as text.

use chrono::{Duration, NaiveDate};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use todo_core::Timestamp;
use todo_core::conformance::cases;
use todo_core::conformance::given::instant;
use todo_core::time::{day_end, day_start, zone};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[test]
fn q3_days_without_a_midnight() {
    let table = [
        ("UTC", "2026-11-21", "2026-11-21T00:00:00Z"),
        ("Asia/Karachi", "2026-11-21", "2026-11-20T19:00:00Z"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),
        ("Africa/Cairo", "2026-10-30", "2026-10-29T22:00:00Z"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"),
        // Midnight comes twice: the day begins with the first.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"),
        // The day before was left out altogether.
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        // The gap lay across midnight: 23:30 to 00:30.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"),
    ];
    for (name, date, at) in table {
        let zone = zone(name).expect(name);
        assert_eq!(day_start(day(date), zone), instant(at), "{date} in {name}");
    }
    assert_eq!(day_end(day("2026-04-23"), Tz::Africa__Cairo), instant("2026-04-23T22:00:00Z"));
}

#[test]
fn zones_are_found_without_case() {
    assert_eq!(zone("asia/KARACHI").map(Tz::name), Ok("Asia/Karachi"));
    assert!(zone("Asia").is_err() && zone("").is_err() && zone("+05:00").is_err());
}

/// Written in one form only, read in any that RFC 3339 knows.
#[test]
fn instants_as_text() {
    let table = [
        ("2026-11-21T17:00:00Z", "2026-11-21T17:00:00.000Z"),
        ("2026-11-21T17:00:00.123456789Z", "2026-11-21T17:00:00.123Z"),
        ("2026-11-21t22:00:00+05:00", "2026-11-21T17:00:00.000Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ];
    for (given, written) in table {
        assert_eq!(given.parse::<Timestamp>().map(|at| at.to_string()).as_deref(), Ok(written));
    }
    for text in [
        "",
        "2026-11-21",
        "2026-11-21T17:00:00",
        "2026-02-30T00:00:00.000Z",
        "now",
        "2026-11-21T25:00:00.000Z",
        // In UTC these lie in years that RFC 3339 cannot write.
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00+01:00",
        "2026-11-2éT17:00:00.000Z",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(cases(192))]

    /// By its own meaning: before it the day had not come, from it on it has.
    #[test]
    fn q3_a_day_begins_with_its_first_instant(
        days in 0..130 * 365_i64,
        zone in select(TZ_VARIANTS.to_vec()),
    ) {
        let day = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day") + Duration::days(days);
        let start = day_start(day, zone);
        prop_assert!(start.day(zone) >= day);
        // No instant of the day comes earlier: half a minute is finer than any offset.
        for steps in 1..=2 * 60 * 24 {
            let earlier = start.plus_millis(-30_000 * steps);
            prop_assert!(earlier.day(zone) < day, "{} is in {} already", earlier, day);
        }
        prop_assert!(start.plus_millis(-1).day(zone) < day);
    }

    /// What is read is written so that it is read again as the same.
    #[test]
    fn an_instant_is_read_as_it_was_written(
        text in "[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])",
    ) {
        if let Ok(at) = text.parse::<Timestamp>() {
            prop_assert_eq!(at.to_string().parse(), Ok(at), "{}", text);
            prop_assert_eq!(at.to_string().len(), 24);
        }
    }

    #[test]
    fn any_text_is_an_instant_or_refused(text in "[0-9TZ:.-]{24}|\\PC{0,30}") {
        if let Ok(at) = text.parse::<Timestamp>() {
            prop_assert_eq!(at.to_string().parse(), Ok(at));
        }
    }
}
