//! Whole lines (W1): an answer, or a place in the line; parts in order, within the line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use todo_core::words::quick_add;

fuzz_target!(|data: &[u8]| {
    let Some((asking, text)) = todo_fuzz::asked(data) else { return };
    let length = text.chars().count();
    match quick_add(text, &asking) {
        Ok(add) => {
            let mut before = 0;
            for part in &add.parts {
                assert!(before <= part.at.start && part.at.start < part.at.end, "{part:?}");
                before = part.at.end;
            }
            assert!(before <= length);
        }
        Err(error) => {
            assert!(error.at.start <= error.at.end && error.at.end <= length, "{error:?}")
        }
    }
});
