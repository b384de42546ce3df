//! RRULEs (R2): refused, or written one way that is read again; their slots go forward and end with
//! the calendar; their sentence is never another rule.
#![no_main]

use libfuzzer_sys::fuzz_target;
use todo_core::recurrence::{Basis, Slot, Slots};
use todo_core::time::LAST_DAY;
use todo_core::words::every;
use todo_core::{Due, Rule, Zone};

fuzz_target!(|data: &[u8]| {
    let Some((asking, text)) = todo_fuzz::asked(data) else { return };
    let Ok(rule) = text.parse::<Rule>() else { return };
    let written = rule.to_string();
    assert_eq!(written.parse::<Rule>().as_ref(), Ok(&rule), "{written}");
    let now = asking.moment.now.wall(asking.moment.zone);
    for anchor in [Due::Day(now.date()), Due::at(now, Zone::Africa__Cairo, None)] {
        let mut before = None;
        for slot in Slots::from(&rule, anchor, Slot::of(anchor)).take(20) {
            assert!(before < Some(slot) && slot >= Slot::of(anchor), "{rule}: {slot}");
            assert!(slot.wall().date() <= LAST_DAY, "{rule}: {slot}");
            before = Some(slot);
        }
        let sentence = rule.sentence(Basis::Schedule);
        let given = Due::Day(chrono::NaiveDate::from_ymd_opt(2026, 1, 15).expect("a day"));
        if let Ok(made) = every(&sentence, &asking, Some(given)) {
            let week_start = rule.week_start;
            let same = Rule { week_start, ..made.recurrence.rule };
            assert_eq!(same, rule, "{sentence}");
        }
    }
});
