//! What is stored of a date is read back as it was.

use chrono::{DateTime, Duration, NaiveDate};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;
use todo_core::conformance::cases;
use todo_core::{Due, Timestamp};

fn zone() -> impl Strategy<Value = Tz> {
    select(TZ_VARIANTS.to_vec())
}

/// Any second from 1970 until late in 2097.
fn wall() -> impl Strategy<Value = chrono::NaiveDateTime> {
    let seconds = 0..128_i64 * 365 * 86_400;
    seconds.prop_map(|seconds| (DateTime::UNIX_EPOCH + Duration::seconds(seconds)).naive_utc())
}

/// A wall time next to one of the zone's jumps, where there is more to get wrong.
fn near_a_jump() -> impl Strategy<Value = (chrono::NaiveDateTime, Tz)> {
    (zone(), wall(), -7_200..7_200_i64).prop_map(|(zone, wall, seconds)| {
        let offset =
            |at: chrono::NaiveDateTime| at.and_utc().with_timezone(&zone).naive_local() - at;
        let mut at = wall;
        for _ in 0..366 {
            let next = at + Duration::days(1);
            if offset(next) != offset(at) {
                break;
            }
            at = next;
        }
        // To the hour, then wherever around it.
        let mut jump = at;
        while jump < at + Duration::days(1) && offset(jump) == offset(at) {
            jump += Duration::minutes(30);
        }
        (jump + offset(at) + Duration::seconds(seconds), zone)
    })
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_time_is_read_as_it_was_written(
        (wall, zone) in prop_oneof![(wall(), zone()), near_a_jump()],
        later in any::<bool>(),
    ) {
        let earlier = Due::at(wall, zone, None);
        let Due::At { offset, .. } = earlier else { unreachable!("a time is timed") };
        // The other reading, where the hour comes twice and the clock went back by one.
        let hint = chrono::FixedOffset::east_opt(offset.local_minus_utc() - 3600).filter(|_| later);
        let due = Due::at(wall, zone, hint);
        prop_assert!(due.starts(Tz::UTC) >= earlier.starts(Tz::UTC));
        prop_assert_eq!(Due::from_stored(&due.date_text(), Some(zone)), Ok(due));
        prop_assert_eq!(due.to_string().parse(), Ok(due));
        let json = serde_json::to_string(&due).expect("a date is a string");
        prop_assert_eq!(serde_json::from_str::<Due>(&json).ok(), Some(due));
        if let Ok(given) = Due::parse(&due.to_string(), None, Tz::UTC) {
            prop_assert_eq!(given, due);
        }
    }

    /// Every instant can be shown in every zone, and is found again.
    #[test]
    fn an_instant_is_found_again(seconds in 86_400..129_i64 * 365 * 86_400, zone in zone()) {
        let at = Timestamp::from_millis(seconds * 1000);
        let due = Due::parse(&at.to_string(), Some(zone), Tz::UTC);
        prop_assert_eq!(due.as_ref().map(|due| due.starts(Tz::UTC)), Ok(at));
        let stored = due.map(|due| Due::from_stored(&due.date_text(), Some(zone)).map(|d| d.starts(zone)));
        prop_assert_eq!(stored, Ok(Ok(at)));
    }

    #[test]
    fn a_day_is_read_as_it_was_written(days in 0..130 * 365_i64) {
        let day = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day") + Duration::days(days);
        let due = Due::Day(day);
        prop_assert_eq!(due.date_text(), day.format("%Y-%m-%d").to_string());
        prop_assert_eq!(Due::from_stored(&due.date_text(), None), Ok(due));
        prop_assert_eq!(due.to_string().parse(), Ok(due));
    }

    /// No text makes it panic, and what it takes it writes in one form.
    #[test]
    fn any_text_is_read_or_refused(text in "[0-9TtZz:+.\\[\\]A-Za-z/ é-]{0,40}|\\PC*") {
        if let Ok(due) = Due::parse(&text, None, Tz::UTC) {
            prop_assert_eq!(due.to_string().parse(), Ok(due));
        }
        drop(text.parse::<Due>());
    }
}

/// The wall time counts and not the offset, so a change of a zone's rules moves the instant and
/// not the appointment.
#[test]
fn the_wall_time_counts() {
    let berlin = chrono_tz::Europe::Berlin;
    let due = Due::from_stored("2026-12-01T09:00:00+03:00", Some(berlin)).expect("a date");
    assert_eq!(due.date_text(), "2026-12-01T09:00:00+01:00");
    assert_eq!(due.starts(berlin).to_string(), "2026-12-01T08:00:00.000Z");
    // An offset that the zone knows nothing of decides nothing in a doubled hour either.
    let york = chrono_tz::America::New_York;
    let due = Due::from_stored("2026-11-01T01:30:00+09:00", Some(york)).expect("a date");
    assert_eq!(due.date_text(), "2026-11-01T01:30:00-04:00");
    assert!(Due::from_stored("2026-12-01T09:00:00", Some(berlin)).is_err(), "an offset is stored");
    assert!(Due::from_stored("2026-12-01T09:00:00+01:00", None).is_err(), "and a zone");
}

/// On another zone's clock the last day that can be given may be the next; it is still stored.
#[test]
fn the_last_evening_on_another_clock() {
    let (york, karachi) = (chrono_tz::America::New_York, chrono_tz::Asia::Karachi);
    let last = Due::parse("2099-12-31T23:00", Some(york), york).expect("a date");
    let there = last.in_zone(karachi);
    assert_eq!(there.date_text(), "2100-01-01T09:00:00+05:00");
    assert_eq!(Due::from_stored(&there.date_text(), Some(karachi)), Ok(there));
    let first = Due::parse("1970-01-01T00:00", Some(karachi), karachi).expect("a date");
    let there = first.in_zone(york);
    assert_eq!(Due::from_stored(&there.date_text(), Some(york)), Ok(there));
}
