//! Reminders in words, and putting them off (W1, R9).

use chrono::NaiveTime;

use super::lexicon::{Sense, Unit};
use super::moment::moment;
use super::reader::{Read, Reader};
use super::span::{Lone, Span, span};
use super::trouble::Trouble;
use crate::due::Due;
use crate::reminder::{Offset, Preferences, Trigger};
use crate::time::Timestamp;

/// When to remind, and whether the words said a time but not on which day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) trigger: Trigger,
    pub(super) lacks_day: bool,
}

/// `1h before`, `10m`, `at the due time`, `tomorrow 9am`.
pub(super) fn trigger(r: &mut Reader<'_>) -> Read<Asked> {
    let offset = |offset| Asked { trigger: Trigger::Offset(offset), lacks_day: false };
    if at_due(r) {
        return Ok(Some(offset(Offset::ZERO)));
    }
    let from = r.at;
    if let Some(found) = r.maybe(before)? {
        if found.days() > 0 && at_a_time(r) {
            return Err(r.since(from, Trouble::BeforeAtTime));
        }
        return Ok(Some(offset(found)));
    }
    let Some(due) = r.wholly(|r| moment(r, Lone::Minute))? else { return Ok(None) };
    let morning = Preferences::default().all_day_time;
    let at = instant(r, due, morning);
    if at <= r.present.now {
        return Err(r.since(from, Trouble::Passed(None)));
    }
    Ok(Some(Asked { trigger: Trigger::At(at), lacks_day: is_bare_time(r, from) }))
}

/// One, or several lengths of time before the due date: `15 minutes before, 1 hour before`.
pub(super) fn triggers(r: &mut Reader<'_>) -> Read<Vec<Asked>> {
    let Some(first) = trigger(r)? else { return Ok(None) };
    let mut asked = vec![first];
    while let Some(Asked { trigger: Trigger::Offset(_), .. }) = asked.last()
        && let Some(offset) = r.maybe(another)?
    {
        asked.push(Asked { trigger: Trigger::Offset(offset), lacks_day: false });
    }
    Ok(Some(asked))
}

/// `, 1 hour before`: without its "before" it may be a date.
fn another(r: &mut Reader<'_>) -> Read<Offset> {
    let comma = r.take_mark(',');
    if !r.take(Sense::And) && !r.take_mark('&') && !comma {
        return Ok(None);
    }
    let from = r.at;
    let found = before(r)?;
    let said = (from..r.at).any(|at| Reader { at, ..*r }.sense(0) == Some(Sense::Before));
    Ok(found.filter(|_| said))
}

/// `at 9am` and no day, behind `1 day before`.
fn at_a_time(r: &mut Reader<'_>) -> bool {
    let begins = r.at;
    let mut there = *r;
    if !there.take(Sense::At) || there.number(0).is_none() {
        return false;
    }
    there.at = begins;
    let read = there.wholly(|r| moment(r, Lone::Minute));
    let ends = match read {
        Ok(Some(_)) if is_bare_time(&there, begins) => there.at,
        Err(fault) if matches!(fault.trouble, Trouble::AmOrPm(_)) => fault.to,
        _ => return false,
    };
    r.at = ends;
    true
}

/// Whether what was read since is a time and no more.
fn is_bare_time(r: &Reader<'_>, from: usize) -> bool {
    let mut there = Reader { at: from, ..*r };
    matches!(super::clock::clock(&mut there), Ok(Some(_))) && there.at == r.at
}

/// The instant of a moment; of a day, its morning.
fn instant(r: &Reader<'_>, due: Due, morning: NaiveTime) -> Timestamp {
    let due = match due {
        Due::Day(day) => Due::at(day.and_time(morning), r.present.zone, None),
        Due::At { .. } => due,
    };
    due.starts(r.present.zone)
}

/// `at the due time`, `on time`, `when due`.
fn at_due(r: &mut Reader<'_>) -> bool {
    let from = r.at;
    let found = if r.take(Sense::When) {
        let _ = r.take(Sense::It) && r.take(Sense::Is);
        r.take(Sense::Due)
    } else if r.take(Sense::On) {
        r.take(Sense::Time)
    } else if r.take(Sense::At) {
        r.take(Sense::The);
        let due = r.take(Sense::Due);
        let _ = due && (r.take(Sense::Time) || r.take(Sense::Date));
        due
    } else {
        false
    };
    r.at = if found { r.at } else { from };
    found
}

/// A length of time before the due date, with "before" or without; ISO's `-PT1H`.
fn before(r: &mut Reader<'_>) -> Read<Offset> {
    let from = r.at;
    if let Some(offset) = r.maybe(iso)? {
        return Ok(Some(offset));
    }
    let found = match r.maybe(|r| Ok(the_unit_before(r)))? {
        None => span(r, Lone::Minute)?,
        found => found,
    };
    let Some(span) = found else { return Ok(None) };
    if matches!(r.sense(0), Some(Sense::From | Sense::After | Sense::Ago)) {
        return Ok(None);
    }
    if r.take(Sense::Before) {
        before_what(r);
    }
    if span.months != 0 || span.workdays != 0 {
        return Err(r.since(from, Trouble::MonthsBefore));
    }
    let (days, seconds) = (u32::try_from(span.days), u32::try_from(span.seconds));
    let offset = Offset::before(days.unwrap_or(u32::MAX), seconds.unwrap_or(u32::MAX));
    let refused = |problem| r.since(from, Trouble::Refused("reminder", problem));
    offset.map(Some).map_err(refused)
}

/// `the day before`.
fn the_unit_before(r: &mut Reader<'_>) -> Option<Span> {
    r.take(Sense::The);
    let (days, seconds) = match (r.sense(0)?, r.sense(1)?) {
        (Sense::Unit(Unit::Week), Sense::Before) => (7, 0),
        (Sense::Unit(Unit::Day), Sense::Before) => (1, 0),
        (Sense::Unit(Unit::Hour), Sense::Before) => (0, 3600),
        _ => return None,
    };
    r.at += 1;
    Some(Span { days, seconds, ..Span::default() })
}

/// `before the due date`, `before it is due`: the same in more words.
fn before_what(r: &mut Reader<'_>) {
    let start = r.at;
    if r.take(Sense::It) {
        r.take(Sense::Is);
        if r.take(Sense::Due) {
            return;
        }
    }
    r.at = start;
    r.take(Sense::The);
    if r.take(Sense::Due) {
        let _ = r.take(Sense::Date) || r.take(Sense::Time);
    } else {
        r.at = start;
    }
}

/// `-PT1H`, all of a chunk.
fn iso(r: &mut Reader<'_>) -> Read<Offset> {
    let from = r.at;
    let sign = usize::from(r.is_mark(0, '-'));
    let starts = r.shown(sign);
    let is_one = starts.eq_ignore_ascii_case("p") || starts.eq_ignore_ascii_case("pt");
    let Some(first) = r.token(0).filter(|_| is_one && r.number(sign + 1).is_some()) else {
        return Ok(None);
    };
    let chunk = r.tokens[from..].iter().take_while(|token| token.chunk == first.chunk);
    let (mut end, mut to) = (from, first.to);
    for token in chunk.filter(|token| !matches!(token.kind, super::token::Kind::Mark(','))) {
        (end, to) = (end + 1, token.to);
    }
    r.at = end;
    let offset = r.text.get(first.from..to).unwrap_or_default().parse();
    offset.map(Some).map_err(|problem| r.since(from, Trouble::Refused("reminder", problem)))
}

/// `10m`, `2 days`, `tomorrow`: until when something is put off.
pub(super) fn later(r: &mut Reader<'_>, morning: NaiveTime) -> Read<Timestamp> {
    let from = r.at;
    // "Until monday", "for 10 minutes", "on friday".
    let _ = [Sense::Until, Sense::For, Sense::On].iter().any(|word| r.take(*word));
    let found = match r.maybe(alone)? {
        Some(at) => at,
        None => match moment(r, Lone::Minute)? {
            Some(due) => instant(r, due, morning),
            None => return Ok(None),
        },
    };
    if found <= r.present.now {
        return Err(r.since(from, Trouble::Passed(None)));
    }
    Ok(Some(found))
}

/// A length of time and no more: days keep the time of day.
fn alone(r: &mut Reader<'_>) -> Read<Timestamp> {
    let from = r.at;
    let _ = r.take(Sense::In) || r.take_mark('+');
    let Some(span) = span(r, Lone::Minute)? else { return Ok(None) };
    if !r.is_done() {
        return Ok(None);
    }
    let exact = Span { is_exact: true, ..span };
    let due = exact.after_now(r.present).ok_or_else(|| r.since(from, Trouble::OutOfRange))?;
    Ok(Some(due.starts(r.present.zone)))
}
