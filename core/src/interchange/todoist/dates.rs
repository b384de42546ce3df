//! Dates as Todoist has them: in words, which stand for a date or for a recurrence.

use super::rows::Columns;
use crate::due::Due;
use crate::interchange::Reading;
use crate::interchange::fit::Fit;
use crate::interchange::sheet::Row;
use crate::recurrence::{
    Basis, Day, End, Freq, NewRecurrence, Recurrence, Rule, Until, month_name, nth,
};
use crate::task::Task;
use crate::time::{self, Zone};
use crate::words::{self, Asking, Every};

/// What was understood, and the lines that are to stand in the description for what was not.
#[derive(Default)]
pub(super) struct Dates {
    pub(super) due: Option<Due>,
    pub(super) recurrence: Option<Recurrence>,
    pub(super) kept: Vec<String>,
}

/// Reads the date and the deadline of a row.
pub(super) fn read(
    row: Row<'_>,
    columns: &Columns,
    reading: &Reading,
    fit: &mut Fit<'_, '_>,
) -> Dates {
    let mut dates = Dates::default();
    let mut asking = reading.asking;
    let zone = row.cell(columns.zone);
    match time::zone(zone) {
        Ok(zone) => asking.moment.zone = zone,
        Err(_) if zone.is_empty() => {}
        Err(_) => fit.lose("TIMEZONE", "not a zone of the IANA database; times are yours"),
    }
    let language = row.cell(columns.language);
    let is_english = language.is_empty() || language.to_ascii_lowercase().starts_with("en");
    let text = row.cell(columns.date);
    match understood(text, is_english, &asking) {
        _ if text.is_empty() => {}
        Some((due, recurrence)) => (dates.due, dates.recurrence) = (Some(due), recurrence),
        None => {
            let fate = if is_english {
                "not understood; it stands in the description"
            } else {
                "only English is understood; it stands in the description"
            };
            fit.lose("DATE", fate);
            dates.kept.push(format!("DATE: {text}"));
        }
    }
    let text = row.cell(columns.deadline);
    match understood(text, true, &asking) {
        _ if text.is_empty() => {}
        Some((due, None)) if dates.due.is_none() => {
            fit.lose("DEADLINE", "is the due date, as there is no other");
            dates.due = Some(due);
        }
        _ => {
            fit.lose("DEADLINE", "a task has one date here; it stands in the description");
            dates.kept.push(format!("DEADLINE: {text}"));
        }
    }
    dates
}

/// The date that a text stands for, and how it repeats.
pub(super) fn understood(
    text: &str,
    is_english: bool,
    asking: &Asking,
) -> Option<(Due, Option<Recurrence>)> {
    let zone = asking.moment.zone;
    if let Ok(due) = Due::parse(text, None, zone) {
        return Some((due, None));
    }
    if !is_english {
        return None;
    }
    // Todoist takes @ for at.
    let text = text.replace(" @ ", " at ");
    if let Ok(due) = words::when(&text, asking) {
        return Some((due, None));
    }
    let Every { recurrence, due } = words::every(&text, asking, None).ok()?;
    let NewRecurrence { rule, from, spawn } = recurrence;
    Some((due, Some(Recurrence { rule, from, spawn, anchor: due, n: 1 })))
}

/// A date for the table.
#[derive(Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) zone: &'static str,
    /// Whether the date is read again as it was.
    pub(super) is_exact: bool,
    /// Whether that is said too how the task repeats, if it does.
    pub(super) repeats: bool,
}

/// The date of a task in words that Todoist takes. What would be read otherwise than it is meant is
/// not written: of a recurrence without words, the date alone.
pub(super) fn written(task: &Task, asking: &Asking) -> Written {
    let Some(due) = task.due_date else { return Written { is_exact: true, ..Written::default() } };
    let mut there = *asking;
    there.moment.zone = due.zone().unwrap_or(asking.moment.zone);
    let text = due.date_text();
    let day = text.get(..10).unwrap_or(&text);
    let clock = due.zone().and_then(|_| text.get(11..16));
    let at = |word: &str| clock.map(|clock| format!(" {word}{clock}")).unwrap_or_default();
    let zone = due.zone().map(Zone::name).unwrap_or_default();
    let plain = format!("{day}{}", at(""));
    let is_exact = understood(&plain, true, &there).is_some_and(|read| read == (due, None));
    let recurrence = task.recurrence.as_deref();
    let sentence =
        recurrence.and_then(pattern).map(|every| format!("{every}{} starting {day}", at("at ")));
    let says_so = |text: &String| {
        understood(text, true, &there)
            .is_some_and(|read| read.0 == due && read.1.as_ref() == recurrence)
    };
    let sentence = sentence.filter(says_so);
    let repeats = sentence.is_some();
    Written { text: sentence.unwrap_or(plain), zone, is_exact, repeats }
}

/// How a task repeats, as Todoist says it; nothing, where it has no words for that.
fn pattern(recurrence: &Recurrence) -> Option<String> {
    let Recurrence { rule, from, .. } = recurrence;
    let every = if *from == Basis::Completion { "every!" } else { "every" };
    let until = match rule.end {
        End::Never => String::new(),
        End::Until(Until::Day(day)) => format!(" until {day}"),
        End::Until(_) | End::Count(_) => return None,
    };
    let unit = match rule.freq {
        Freq::Daily => "day",
        Freq::Weekly => "week",
        Freq::Monthly => "month",
        Freq::Yearly => "year",
    };
    let when = if rule.is_plain() {
        match rule.interval {
            1 => unit.to_owned(),
            count => format!("{count} {unit}s"),
        }
    } else if rule.interval == 1 && rule.positions.is_empty() {
        on_days(rule)?
    } else {
        return None;
    };
    Some(format!("{every} {when}{until}"))
}

fn on_days(rule: &Rule) -> Option<String> {
    let days: Vec<_> = rule.days.iter().map(|day| day.weekday.to_string()).collect();
    match (rule.freq, &rule.months[..], &rule.month_days[..], &rule.days[..]) {
        (Freq::Weekly, [], [], _) => Some(days.join(", ")),
        (Freq::Monthly, [], [-1], []) => Some("last day".to_owned()),
        (Freq::Monthly, [], [day @ 1..=31], []) => Some(nth(*day)),
        (Freq::Monthly, [], [], [Day { ordinal: -1, .. }]) => Some(format!("last {}", days[0])),
        (Freq::Monthly, [], [], [Day { ordinal: place @ 1.., .. }]) => {
            Some(format!("{} {}", nth(*place), days[0]))
        }
        (Freq::Yearly, [month], [day @ 1..=31], []) => {
            Some(format!("{day} {}", month_name((*month).into())))
        }
        _ => None,
    }
}
