//! Dates as they are given and as they are written (SPEC 1), on clocks that jump (R3).

use chrono_tz::Africa::Cairo;
use chrono_tz::America::{Havana, New_York};
use chrono_tz::Asia::Karachi;
use chrono_tz::Australia::Lord_Howe;
use chrono_tz::Tz;
use todo_core::conformance::given::instant;
use todo_core::{Due, Problem};

#[test]
fn what_is_given_is_understood() {
    let table = [
        ("2026-11-21", None, "2026-11-21"),
        ("  2026-11-21 ", None, "2026-11-21"),
        // A day takes no zone.
        ("2026-11-21", Some(Cairo), "2026-11-21"),
        ("2026-11-21[Africa/Cairo]", None, "2026-11-21"),
        // A local time is the asker's, unless a zone is given beside it or, before that, with it.
        ("2026-11-21T17:00", None, "2026-11-21T17:00:00+05:00[Asia/Karachi]"),
        ("2026-11-21 17:00:30", None, "2026-11-21T17:00:30+05:00[Asia/Karachi]"),
        ("2026-11-21t17:00:30.999", None, "2026-11-21T17:00:30+05:00[Asia/Karachi]"),
        ("2026-11-21T17:00", Some(Cairo), "2026-11-21T17:00:00+02:00[Africa/Cairo]"),
        (
            "2026-11-21T17:00[america/new_york]",
            Some(Cairo),
            "2026-11-21T17:00:00-05:00[America/New_York]",
        ),
        // An offset names an instant: the wall time is what the zone shows then.
        ("2026-11-21T17:00Z", None, "2026-11-21T22:00:00+05:00[Asia/Karachi]"),
        ("2026-11-21T17:00:00z", None, "2026-11-21T22:00:00+05:00[Asia/Karachi]"),
        ("2026-11-21T17:00:00.5+01:00", None, "2026-11-21T21:00:00+05:00[Asia/Karachi]"),
        ("2026-11-21T17:00+01:00", Some(New_York), "2026-11-21T11:00:00-05:00[America/New_York]"),
        (
            "2026-11-21T17:00-08:00[Asia/Karachi]",
            Some(Cairo),
            "2026-11-22T06:00:00+05:00[Asia/Karachi]",
        ),
        ("1970-01-01", None, "1970-01-01"),
        ("2099-12-31T23:59:59", None, "2099-12-31T23:59:59+05:00[Asia/Karachi]"),
    ];
    for (given, zone, written) in table {
        let due = Due::parse(given, zone, Karachi);
        assert_eq!(due.map(|due| due.to_string()).as_deref(), Ok(written), "{given}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    let not_dates = [
        "",
        "tomorrow",
        "2026-02-30",
        "2026-13-01",
        "0000-00-00",
        "21-11-2026",
        "2026-1-2",
        "20261121",
        "2026-11-21T",
        "2026-11-21T17",
        "2026-11-21T24:00",
        "2026-11-21T17:60",
        "2026-11-21T17:00:60",
        "2026-11-21T17:00:00.",
        "2026-11-21T17:00:00.x",
        "2026-11-21T17:00+",
        "2026-11-21T17:00+25:00",
        "2026-11-21T17:00 +01:00",
        "2026-11-21x17:00",
        "２０２６-11-21",
        "2026-11-21T17:00é",
        "2026-11-2é",
        "2026-11-21[",
        "2026-11-21]",
        "é",
        "+026-11-21",
    ];
    for text in not_dates {
        let refused = Due::parse(text, None, Karachi);
        assert!(matches!(refused, Err(Problem::NotADate { .. })), "{text:?}: {refused:?}");
    }
    for text in
        ["1969-12-31", "2100-01-01", "9999-12-31", "1969-12-31T23:59", "2099-12-31T23:00-05:00"]
    {
        let refused = Due::parse(text, None, Karachi);
        assert!(matches!(refused, Err(Problem::DateOutOfRange(_))), "{text}: {refused:?}");
    }
    for text in ["2026-11-21T17:00[Nowhere]", "2026-11-21T17:00[]", "2026-11-21[Nowhere]"] {
        let refused = Due::parse(text, None, Karachi);
        assert!(matches!(refused, Err(Problem::UnknownZone(_))), "{text}: {refused:?}");
    }
}

/// R3: a missing time is read with the offset before the gap; a doubled one is the earlier, unless
/// an offset says otherwise.
#[test]
fn r3_clocks_that_jump() {
    let table: [(Tz, &str, &str, &str); 15] = [
        // The gap swallows midnight.
        (Cairo, "2026-04-23T23:59:59", "2026-04-23T23:59:59+02:00", "2026-04-23T21:59:59Z"),
        (Cairo, "2026-04-24T00:00", "2026-04-24T01:00:00+03:00", "2026-04-23T22:00:00Z"),
        (Cairo, "2026-04-24T00:30", "2026-04-24T01:30:00+03:00", "2026-04-23T22:30:00Z"),
        (Cairo, "2026-04-24T01:00", "2026-04-24T01:00:00+03:00", "2026-04-23T22:00:00Z"),
        (New_York, "2026-03-08T02:30", "2026-03-08T03:30:00-04:00", "2026-03-08T07:30:00Z"),
        // The hour that comes twice.
        (New_York, "2026-11-01T01:30", "2026-11-01T01:30:00-04:00", "2026-11-01T05:30:00Z"),
        (New_York, "2026-11-01T01:30-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T05:30:00Z"),
        (New_York, "2026-11-01T01:30-05:00", "2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00Z"),
        (New_York, "2026-11-01T06:30Z", "2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00Z"),
        // Half an hour.
        (Lord_Howe, "2026-10-04T02:15", "2026-10-04T02:45:00+11:00", "2026-10-03T15:45:00Z"),
        (Lord_Howe, "2026-04-05T01:45", "2026-04-05T01:45:00+11:00", "2026-04-04T14:45:00Z"),
        (Lord_Howe, "2026-04-05T01:45+10:30", "2026-04-05T01:45:00+10:30", "2026-04-04T15:15:00Z"),
        // Midnight missing, and midnight doubled.
        (Havana, "2026-03-08T00:30", "2026-03-08T01:30:00-04:00", "2026-03-08T05:30:00Z"),
        (Havana, "2026-11-01T00:00", "2026-11-01T00:00:00-04:00", "2026-11-01T04:00:00Z"),
        (Havana, "2026-11-01T00:00-05:00", "2026-11-01T00:00:00-05:00", "2026-11-01T05:00:00Z"),
    ];
    for (zone, given, written, at) in table {
        let due = Due::parse(given, Some(zone), Karachi).expect(given);
        assert_eq!((due.date_text().as_str(), due.zone()), (written, Some(zone)), "{given}");
        // A timed date is an instant, whoever asks.
        assert_eq!(due.starts(Karachi), instant(at), "{given}");
        assert_eq!(due.starts(Havana), instant(at), "{given}");
    }
}

/// Q4: a time has passed once its instant has; a day when it is over, where one is.
#[test]
fn q4_when_it_has_passed() {
    let day = Due::parse("2026-04-23", None, Karachi).expect("a day");
    assert_eq!(day.starts(Cairo), instant("2026-04-22T22:00:00Z"));
    assert_eq!(day.passes(Cairo), instant("2026-04-23T22:00:00Z"));
    assert_eq!(day.starts(Karachi), instant("2026-04-22T19:00:00Z"));
    assert_eq!(day.order_key(Karachi), instant("2026-04-23T18:59:59.999Z"));
    let time = Due::parse("2026-04-23T12:00", Some(Cairo), Karachi).expect("a time");
    assert_eq!(time.passes(Karachi), instant("2026-04-23T10:00:00.001Z"));
    assert_eq!(time.order_key(Karachi), instant("2026-04-23T10:00:00Z"));
    assert_eq!(time.day_in(Karachi).to_string(), "2026-04-23");
    let late = Due::parse("2026-04-23T23:30", Some(Cairo), Karachi).expect("a time");
    assert_eq!(late.day_in(Karachi).to_string(), "2026-04-24");
    assert_eq!(day.day_in(Karachi).to_string(), "2026-04-23");
}

/// On another clock it is the same moment, also in an hour that comes twice there.
#[test]
fn the_same_moment_on_another_clock() {
    for at in ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-04-23T22:30:00Z"] {
        let due = Due::parse(at, None, Karachi).expect(at);
        for zone in [New_York, Cairo, Havana, Lord_Howe] {
            let there = due.in_zone(zone);
            assert_eq!((there.starts(Karachi), there.zone()), (instant(at), Some(zone)));
        }
    }
    let day = Due::parse("2026-11-01", None, Karachi).expect("a day");
    assert_eq!(day.in_zone(Havana), day);
}
