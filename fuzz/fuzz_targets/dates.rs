//! Dates, recurrence and reminders in words (W2, W3): what is read lies in the calendar and is read
//! again as it is printed; a series begins on its rule.
#![no_main]

use chrono::{Datelike, NaiveTime};
use libfuzzer_sys::fuzz_target;
use todo_core::recurrence::{Slot, Slots};
use todo_core::words::{every, remind, snooze, when};

fuzz_target!(|data: &[u8]| {
    let Some((asking, text)) = todo_fuzz::asked(data) else { return };
    if let Ok(due) = when(text, &asking) {
        assert!((1970..=2099).contains(&due.wall_day().year()), "{due}");
        assert_eq!(when(&due.to_string(), &asking), Ok(due));
    }
    if let Ok(made) = every(text, &asking, None) {
        let slot = Slot::of(made.due);
        let first = Slots::from(&made.recurrence.rule, made.due, slot).next();
        assert_eq!(first, Some(slot), "{made:?}");
        // An RRULE is said for people, and may say more than they would type.
        if !text.contains('=') {
            let sentence = made.recurrence.rule.sentence(made.recurrence.from);
            assert_eq!(every(&sentence, &asking, Some(made.due)).as_ref(), Ok(&made), "{sentence}");
        }
    }
    let _ = remind(text, &asking);
    if let Ok(at) = snooze(text, &asking, NaiveTime::MIN) {
        assert!(at > asking.moment.now);
    }
});
