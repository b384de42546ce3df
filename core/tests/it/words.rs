//! What people type: what the tables and the laws of W1–W3 share.

use chrono::Weekday;
use todo_core::conformance::given::instant;
use todo_core::query::Moment;
use todo_core::words::{Asking, WordsError, when};
use todo_core::{Due, Zone};

/// Somebody in a zone, at an instant, whose week begins on Monday.
pub(crate) fn asking(now: &str, zone: Zone) -> Asking {
    let moment = Moment { now: instant(now), zone, owner_zone: zone, week_start: Weekday::Mon };
    Asking { moment, date_order: None }
}

/// Wednesday 2026-03-11 at 10:30, UTC.
pub(crate) fn wednesday() -> Asking {
    asking("2026-03-11T10:30:00Z", Zone::UTC)
}

/// A due date as the tables write it: `2026-03-12`, `2026-03-12T17:00`.
pub(crate) fn shown(due: Due) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::At { wall, .. } => wall.format("%Y-%m-%dT%H:%M").to_string(),
    }
}

/// A refusal as the tables write it: the place, what is wrong, what may help.
pub(crate) fn refusal(error: &WordsError) -> String {
    let place = format!("{}..{}", error.at.start, error.at.end);
    match &error.suggestion {
        Some(suggestion) => format!("{place} {error}; {suggestion}"),
        None => format!("{place} {error}"),
    }
}

/// What a table says of dates holds.
pub(crate) fn check_dates(asking: &Asking, table: &[(&str, &str)]) {
    let answers: Vec<_> = table
        .iter()
        .map(|(text, _)| match when(text, asking) {
            Ok(due) => shown(due),
            Err(error) => refusal(&error),
        })
        .collect();
    let rows = table.iter().zip(&answers).filter(|((_, wanted), answer)| *wanted != **answer);
    let wrong: Vec<_> = rows
        .map(|((text, wanted), answer)| format!("{text:?}: {answer}\n  not {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}
