//! What holds of any text (W1–W3): nothing panics, answers come fast, and what is printed is read
//! again as the same.

use std::time::{Duration, Instant};

use chrono::NaiveTime;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use todo_core::conformance::cases;
use todo_core::recurrence::{Basis, NewRecurrence, Slot, Slots};
use todo_core::words::{Asking, Every, PartKind, every, quick_add, remind, snooze, when};

use crate::words::wednesday;
use crate::words_given::{any_due, anybody, line, recurrence};

/// Asks everything about a text; each answer is a value or names a place in the text.
fn ask_all(text: &str, asking: &Asking) {
    let length = text.chars().count();
    let morning = NaiveTime::from_hms_opt(9, 0, 0).expect("a time");
    let refused = [
        when(text, asking).err(),
        every(text, asking, None).err(),
        remind(text, asking).err(),
        snooze(text, asking, morning).err(),
        quick_add(text, asking).err(),
    ];
    for error in refused.into_iter().flatten() {
        assert!(error.at.start <= error.at.end && error.at.end <= length, "{text:?}: {error:?}");
        assert!(!error.problem.is_empty() && error.text.chars().count() <= 41, "{error:?}");
    }
}

/// The due date lies on the rule (R1): the series begins there.
fn is_a_slot(every: &Every) -> bool {
    let Every { recurrence, due } = every;
    let slot = Slot::of(*due);
    Slots::from(&recurrence.rule, *due, slot).next() == Some(slot)
}

fn is_white(c: char) -> bool {
    c.is_whitespace() || "\u{200b}\u{200e}\u{200f}\u{2060}\u{feff}".contains(c)
}

/// The line without its parts is the title, apart from white space.
fn covers(text: &str, asking: &Asking) {
    let Ok(add) = quick_add(text, asking) else { return };
    let mut kept: Vec<Option<char>> = text.chars().map(Some).collect();
    let mut before = 0;
    let separates = |c: &char| matches!(c, ',' | ';') || c.is_whitespace();
    let chars: Vec<char> = text.chars().collect();
    for (place, part) in add.parts.iter().enumerate() {
        // What only separated two that are gone, or the last from the end, goes with them.
        let next = add.parts.get(place + 1);
        if [Some(part), next].iter().flatten().any(|part| part.kind == PartKind::Escape) {
            continue;
        }
        let next = next.map_or(chars.len(), |next| next.at.start);
        if chars[part.at.end..next].iter().all(|c| separates(c) || is_white(*c)) {
            kept[part.at.end..next].fill(None);
        }
    }
    for part in &add.parts {
        assert!(before <= part.at.start && part.at.start < part.at.end, "{text:?}: {part:?}");
        before = part.at.end;
        kept[part.at.clone()].fill(None);
    }
    let plain = |text: &str| -> String { text.chars().filter(|c| !is_white(*c)).collect() };
    let left: String = kept.into_iter().flatten().collect();
    // Without the spaces, marks may join the letter before them: the same on both sides.
    let nfc = |text: &str| {
        todo_core::Title::new(&format!("|{}", plain(text))).expect("a title").to_string()
    };
    let (title, nfc) = (nfc(add.title.as_str()), nfc(&left));
    // At the start of a title there is no punctuation that stood behind something taken out.
    let punctuation = [',', ';', ':', '.', '!', '?'];
    let bare = |text: &str| text[1..].trim_start_matches(punctuation).to_owned();
    assert_eq!(bare(&title), bare(&nfc), "{text:?}: {add:?}");
    let has = |kind| add.parts.iter().any(|part| part.kind == kind);
    assert_eq!(has(PartKind::Tag), !add.tags.is_empty());
    assert_eq!(has(PartKind::Project), add.project.is_some());
    assert_eq!(has(PartKind::Priority), add.priority.is_some());
    assert_eq!(has(PartKind::Recurrence), add.recurrence.is_some());
    assert_eq!(has(PartKind::Reminder), !add.reminders.is_empty());
    assert_eq!(has(PartKind::Due) || has(PartKind::Recurrence), add.due.is_some());
}

/// What a person reads can be typed again and means the same.
fn sentence_is_read_again(made: &Every, asking: &Asking) {
    let NewRecurrence { rule, from, .. } = &made.recurrence;
    let sentence = rule.sentence(*from);
    let again = every(&sentence, asking, Some(made.due));
    let same = again.as_ref().is_ok_and(|again| again == made);
    assert!(same, "{rule} is said {sentence:?}, which is {again:?}");
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// W1–W3
    #[test]
    fn any_text_is_understood_or_refused(text in "\\PC{0,40}|[ -~]{0,60}", asking in anybody()) {
        ask_all(&text, &asking);
        covers(&text, &asking);
    }

    /// W1–W3
    #[test]
    fn any_words_are_understood_or_refused(text in line(), asking in anybody()) {
        ask_all(&text, &asking);
        covers(&text, &asking);
    }

    /// W2: a due date as it is shown is a due date as it is typed.
    #[test]
    fn w2_a_printed_date_is_read(due in any_due(), asking in anybody()) {
        // A clock that stands outside the calendar knows no dates.
        if when("today", &asking).is_ok() {
            prop_assert_eq!(when(&due.to_string(), &asking), Ok(due));
        }
    }

    /// W2: the range of years holds for every answer.
    #[test]
    fn w2_dates_lie_in_the_calendar(text in line(), asking in anybody()) {
        if let Ok(due) = when(&text, &asking) {
            let year = chrono::Datelike::year(&due.wall_day());
            prop_assert!((1970..=2099).contains(&year), "{text:?}: {due}");
        }
    }

    /// W3, R1: whatever was said, the first date is one of the rule's own.
    #[test]
    fn w3_a_series_begins_on_its_rule(
        text in line(),
        given in proptest::option::of(any_due()),
        asking in anybody(),
    ) {
        if let Ok(made) = every(&format!("every {text}"), &asking, given) {
            prop_assert!(is_a_slot(&made), "{text:?}: {made:?}");
            prop_assert!(made.recurrence.check().is_ok());
        }
    }

    /// W3
    #[test]
    fn w3_a_sentence_is_read_again(
        text in recurrence(),
        given in proptest::option::of(any_due()),
        asking in anybody(),
    ) {
        if let Ok(made) = every(&text, &asking, given) {
            prop_assert!(is_a_slot(&made), "{text:?}: {made:?}");
            sentence_is_read_again(&made, &asking);
        }
    }
}

/// W1–W3: hostile texts of the greatest length are answered in time. The bound is a tenth of a
/// second in a build without optimisation; `tests/bench` has the figures.
#[test]
fn answers_come_fast() {
    let pieces = [
        "in ",
        "3d ",
        "1y 1m 1w 1d 1h 1min ",
        "every ",
        "every mon and ",
        "every 1st and ",
        "mon, ",
        "next ",
        "the ",
        "due: ",
        "by ",
        "on ",
        "remind ",
        "remind 1h before ",
        "\"",
        "\"a ",
        "“",
        "#a ",
        "#a",
        "#a,",
        "@",
        "\\",
        "5pm ",
        "5",
        "5:",
        "1/",
        "1.",
        "2026-",
        "2026-04-01T",
        "(",
        "a ",
        "a week from ",
        "until ",
        "every day until ",
        "tomorrow ",
        "tomorrow, ",
        "5 times ",
        "first ",
        "last ",
        "of ",
        "fri 13 ",
        "é",
        "\u{200b}x",
        "+",
        "! ",
        "every 3d 9am 5 times until fri ",
        "remind at the due time ",
        "jan ",
        "jan 1 ",
        "half an ",
    ];
    for piece in pieces {
        let text: String = piece.chars().cycle().take(500).collect();
        for text in [format!("x {text}"), format!("{text} x"), text] {
            let start = Instant::now();
            ask_all(&text, &wednesday());
            let took = start.elapsed();
            assert!(took < Duration::from_millis(100), "{piece:?}: {took:?}");
        }
    }
}

/// The sentence of a rule names the basis it is counted from.
#[test]
fn w3_a_sentence_tells_completion() {
    let made = every("every! 3 days", &wednesday(), None).expect("a recurrence");
    assert_eq!(made.recurrence.rule.sentence(Basis::Completion), "3 days after completion");
    assert_eq!(made.recurrence.rule.sentence(Basis::Schedule), "every 3 days");
}
