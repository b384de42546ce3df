//! Q7: cursors are opaque, signed, and good for one query only.

use chrono_tz::Tz;
use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::{any, prop_assert_eq, proptest};
use todo_core::conformance::given::{instant, order, record, title};
use todo_core::conformance::{cases, uid};
use todo_core::query::{Cursor, CursorKey, Moment};
use todo_core::{
    Filter, Limit, Page, Priority, Task, TaskError, TaskNo, TaskQuery, TaskStore as _,
};

use crate::play::Play;

const KEY: CursorKey = CursorKey::new([7; 32]);

fn moment() -> Moment {
    Moment {
        now: instant("2026-11-21T12:00:00.123Z"),
        zone: Tz::Asia__Karachi,
        owner_zone: Tz::Asia__Karachi,
        week_start: chrono::Weekday::Mon,
    }
}

fn cursor() -> Cursor {
    // No date, a text beyond ASCII, and a number.
    let mut task = record(1, "Straße", moment().now);
    task.id = TaskNo(12);
    let after = order("due,title,-updated").key(&task, &moment());
    let query = Cursor::digest(&TaskQuery::new(moment()));
    Cursor { after, query, now: moment().now, zone: moment().zone }
}

fn opened(text: &str) -> Result<Cursor, TaskError> {
    Cursor::open(text, &KEY)
}

#[test]
fn q7_is_read_as_it_was_sealed() {
    assert_eq!(opened(&cursor().seal(&KEY)), Ok(cursor()));
}

#[test]
fn q7_another_key_is_refused() {
    let mut near = [7; 32];
    near[31] = 8;
    let sealed = cursor().seal(&CursorKey::new(near));
    assert_eq!(opened(&sealed), Err(TaskError::InvalidCursor));
    assert_eq!(opened(&sealed).map_err(|error| error.code().as_str()), Err("invalid_cursor"));
}

/// Every bit counts.
#[test]
fn q7_a_forged_cursor_is_refused() {
    let bytes = BASE64URL_NOPAD.decode(cursor().seal(&KEY).as_bytes()).expect("its own text");
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut forged = bytes.clone();
            forged[at] ^= 1 << bit;
            let forged = BASE64URL_NOPAD.encode(&forged);
            assert_eq!(opened(&forged), Err(TaskError::InvalidCursor), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn q7_a_truncated_or_extended_cursor_is_refused() {
    let sealed = cursor().seal(&KEY);
    for end in 0..sealed.len() {
        assert_eq!(opened(&sealed[..end]), Err(TaskError::InvalidCursor), "{end} characters");
    }
    for more in ["A", "AA", "=", " ", "\n", "é"] {
        assert_eq!(opened(&format!("{sealed}{more}")), Err(TaskError::InvalidCursor));
    }
    assert_eq!(opened(&"A".repeat(10_000_000)), Err(TaskError::InvalidCursor));
}

/// A cursor belongs to a filter and an order; the page size may change on the way.
#[test]
fn q7_another_query_is_refused() {
    let mut play = Play::new();
    for k in 1..=5 {
        play.add(k, "one of five");
    }
    let query = TaskQuery { limit: Limit::Page(2), ..TaskQuery::new(moment()) };
    let page: Page<Task> = play.store.find(play.ctx.owner, &query).expect("memory answers");
    let given = page.cursor(&query, &KEY).expect("there is more");
    let filtered = Filter { priority: vec![Priority::Medium], ..Filter::default() };
    let others = [
        TaskQuery { filter: filtered, ..query.clone() },
        TaskQuery { filter: Filter { trash: true, ..Filter::default() }, ..query.clone() },
        TaskQuery { order: order("-due"), ..query.clone() },
        TaskQuery { order: order("due,title"), ..query.clone() },
    ];
    for other in others {
        assert_eq!(other.resume(&given, &KEY), Err(TaskError::InvalidCursor));
    }
    // The first page's moment stays, whenever and wherever the next one is asked for.
    let later = Moment { now: instant("2027-01-01T00:00:00Z"), zone: Tz::UTC, ..moment() };
    let next = TaskQuery { limit: Limit::Page(3), moment: later, ..query };
    let next = next.resume(&given, &KEY).expect("the same query");
    assert_eq!((next.moment, next.after.as_ref()), (moment(), page.next.as_ref()));
    let rest = play.store.find(play.ctx.owner, &next).expect("memory answers");
    let ids: Vec<_> = page.tasks.iter().chain(&rest.tasks).map(|task| task.id.0).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    assert_eq!(rest.cursor(&next, &KEY), None);
}

/// What is given out is taken back: also with titles whose folded form is 18 times as long, and
/// with every key that there is, said twice.
#[test]
fn q7_the_longest_cursor_is_taken() {
    let mut play = Play::new();
    for k in 1..=2 {
        play.add(k, &"\u{fdfa}".repeat(500));
    }
    let keys = "title,-title,due,priority,created,updated,id,title,-due,title,title";
    let query = TaskQuery { order: order(keys), limit: Limit::Page(1), ..TaskQuery::new(moment()) };
    let page = play.store.find(play.ctx.owner, &query).expect("memory answers");
    let given = page.cursor(&query, &KEY).expect("there is more");
    let next = query.resume(&given, &KEY).expect("our own cursor");
    let page = play.store.find(play.ctx.owner, &next).expect("memory answers");
    assert_eq!(page.tasks.iter().map(|task| task.uid).collect::<Vec<_>>(), [uid(2)]);
    assert_eq!(page.tasks[0].title, title(&"\u{fdfa}".repeat(500)));
}

#[test]
fn the_key_is_not_shown() {
    assert_eq!(format!("{KEY:?}"), "CursorKey(…)");
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn q7_arbitrary_text_is_refused(text in any::<String>()) {
        prop_assert_eq!(opened(&text), Err(TaskError::InvalidCursor));
    }

    /// Well-formed base64 of anything is refused too.
    #[test]
    fn q7_arbitrary_bytes_are_refused(bytes in any::<Vec<u8>>()) {
        prop_assert_eq!(opened(&BASE64URL_NOPAD.encode(&bytes)), Err(TaskError::InvalidCursor));
    }
}

/// While one secret takes the place of another, pages go on; and one that was never accepted does not.
#[test]
fn what_another_accepted_key_sealed_is_taken() {
    let mut play = Play::new();
    for k in 1..=2 {
        play.add(k, "one of two");
    }
    let query = TaskQuery { limit: Limit::Page(1), ..TaskQuery::new(moment()) };
    let page: Page<Task> = play.store.find(play.ctx.owner, &query).expect("memory answers");
    let given = page.cursor(&query, &KEY).expect("there is more");
    let other = CursorKey::new([8; 32]);
    assert_eq!(query.clone().resume(&given, &other), Err(TaskError::InvalidCursor));
    query.clone().resume(&given, &other.clone().accepting([7; 32])).expect("it accepts both");
    let third = other.accepting([9; 32]);
    assert_eq!(query.resume(&given, &third), Err(TaskError::InvalidCursor));
}
