//! Tails of a line that look whole and are not (W1): a clause before them began and could not be
//! finished. The shorter tail would be a wrong date, so the line is refused with what is wrong
//! there.

use super::clock::clock;
use super::every::suffix_day;
use super::lexicon::Sense;
use super::quick::{Clause, Found, is_led};
use super::reader::Reader;
use super::token::Kind;
use super::trouble::{Fault, Trouble};

/// What was tried at each place of a line.
pub(super) struct Tried<'t> {
    /// At the beginning of the line.
    pub(super) line: Reader<'t>,
    pub(super) known: &'t [Option<Found>],
    /// Whether clauses go on from a place to the end.
    pub(super) is_tail: &'t [bool],
    /// What went wrong, and where the clause began; from the left.
    pub(super) faults: &'t [(usize, Fault)],
    /// Where the tail begins, or the end.
    pub(super) tail: usize,
}

impl Tried<'_> {
    /// What is wrong with the line, if the tail is not all that was meant.
    pub(super) fn refused(&self) -> Option<Fault> {
        let failed = self.faults.iter().filter(|(at, _)| *at < self.tail);
        let failed =
            failed.filter(|(at, fault)| self.is_meant(*at, fault) || self.cuts(*at, fault));
        let failed = failed.map(|(_, fault)| fault.clone()).next();
        failed
            .or_else(|| self.cut_open())
            .or_else(|| self.early_suffix())
            .or_else(|| self.glued())
            .or_else(|| self.goes_on_listing())
            .or_else(|| self.goes_on_counting())
    }

    fn at(&self, at: usize) -> Reader<'_> {
        Reader { at, ..self.line }
    }

    fn due(&self, at: usize) -> Option<&Found> {
        let found = self.known.get(at)?.as_ref()?;
        matches!(found.clause, Clause::Due(_)).then_some(found)
    }

    fn is_tail(&self, at: usize) -> bool {
        self.is_tail.get(at) == Some(&true)
    }

    /// Whether a clause that reaches the end, or the tail, can only have been meant as one.
    fn is_meant(&self, at: usize, fault: &Fault) -> bool {
        if fault.to < self.known.len() && !self.is_tail(fault.to) {
            return false;
        }
        let words_before = fault.from - at.min(fault.from);
        fault.trouble.is_sure()
            || match fault.trouble {
                // "Sunday at 3", but not "look at 3".
                Trouble::AmOrPm(_) | Trouble::BadTime => words_before > 1,
                // "On tuesdays", but not "I hate tuesdays".
                Trouble::Plural(_) | Trouble::TwoReadings { .. } => words_before > 0,
                _ => false,
            }
    }

    /// Whether what began at a place is cut short by a tail, or by what "on" or "by" leads.
    fn cuts(&self, at: usize, fault: &Fault) -> bool {
        let begins = |place: usize| {
            let is_led = place < self.known.len() && is_led(&self.at(place));
            self.is_tail(place) || (is_led && self.due(place).is_some())
        };
        match fault.trouble {
            Trouble::Unknown | Trouble::MinutesOrMonths { is_time: false, .. } => false,
            // "First monday 5pm", but not "log in tomorrow".
            Trouble::Expected(_) => fault.from > at + 1 && begins(fault.from),
            // There is no 42nd: it is a street.
            Trouble::TooMany { .. } if self.at(at).number(0).is_some() => false,
            _ => (at + 1..=fault.to).any(begins),
        }
    }

    /// A date that the word before takes to the title, but not its time: "to friday 5pm".
    fn cut_open(&self) -> Option<Fault> {
        let found = (0..self.tail).filter_map(|at| self.due(at));
        let found = found.filter(|_| self.tail < self.known.len());
        let mut open = found.filter(|found| found.tokens.end > self.tail);
        let tokens = open.next()?.tokens.clone();
        Some(Fault { from: tokens.start, to: tokens.end, trouble: Trouble::Belongs })
    }

    /// "Until friday every day".
    fn early_suffix(&self) -> Option<Fault> {
        let is_every = |at: usize| {
            let found = self.known.get(at).and_then(Option::as_ref);
            self.is_tail(at) && found.is_some_and(Found::is_every)
        };
        (0..self.known.len()).find_map(|at| {
            let mut r = self.at(at);
            let begins = matches!(r.sense(0), Some(Sense::Until | Sense::Starting | Sense::From));
            let ends = begins && matches!(suffix_day(&mut r), Ok(Some(())));
            (ends && is_every(r.at)).then(|| r.since(at, Trouble::Early))
        })
    }

    /// "Mon-fri 5pm", "monday/tuesday 5pm".
    fn glued(&self) -> Option<Fault> {
        let tokens = self.line.tokens;
        self.line.tokens.get(self.tail)?;
        let last = self.tail.checked_sub(1)?;
        let chunk = tokens[last].chunk;
        let from = tokens[..last].iter().rposition(|token| token.chunk != chunk);
        let from = from.map_or(0, |before| before + 1);
        let is_day = |at: usize| matches!(self.at(at).sense(0), Some(Sense::Weekday(_)));
        let is_joined = |at: usize| matches!(tokens[at].kind, Kind::Mark('-' | '–' | '/' | '&'));
        let all = (from..=last).all(|at| is_day(at) || is_joined(at));
        (all && last > from && is_day(last)).then_some(Fault {
            from,
            to: last + 1,
            trouble: Trouble::Unknown,
        })
    }

    /// "Every 1st and 15 5pm".
    fn goes_on_counting(&self) -> Option<Fault> {
        let last = self.tail.checked_sub(1).filter(|_| self.tail < self.known.len())?;
        let r = self.at(last.checked_sub(1)?);
        let goes_on = r.sense(0) == Some(Sense::And) && r.number(1).is_some();
        let ends = |found: &Found| found.tokens.end == r.at && found.is_every();
        (goes_on && self.known.iter().flatten().any(ends))
            .then(|| self.at(last).here(Trouble::Unknown))
    }

    /// "On tuesday and thursday": a task has one date.
    fn goes_on_listing(&self) -> Option<Fault> {
        (0..self.tail).find_map(|at| {
            let led = self.due(at).filter(|_| is_led(&self.at(at)))?;
            let r = self.at(led.tokens.end);
            let joined = matches!(r.sense(0), Some(Sense::And | Sense::Or | Sense::To))
                || ['-', '–', '—', '&'].iter().any(|mark| r.is_mark(0, *mark));
            let second = self.due(r.at + 1).filter(|_| joined)?;
            let named = matches!(r.sense(1), Some(Sense::Weekday(_) | Sense::Relative(_)));
            let ends = second.tokens.end;
            let last = ends >= self.known.len() || self.is_tail(ends);
            let trouble = Trouble::Twice("date");
            (named || last).then_some(Fault { from: r.at + 1, to: ends, trouble })
        })
    }
}

/// Whether a clause is a time with its day behind it: "at 5pm on friday".
pub(super) fn is_time_and_led(line: &Reader<'_>, known: &[Option<Found>], at: usize) -> bool {
    let Some(Some(found)) = known.get(at) else { return false };
    if !matches!(found.clause, Clause::Due(_)) {
        return false;
    }
    let mut r = Reader { at, ..*line };
    if !matches!(clock(&mut r), Ok(Some(_))) {
        return false;
    }
    let ends = found.tokens.end;
    r.at < ends && is_led(&r) && known[r.at].as_ref().is_some_and(|led| led.tokens.end == ends)
}
