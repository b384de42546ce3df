//! A whole line (W1): `Pay rent tomorrow 5pm #finance !high every month remind 1h before`.

use std::ops::Range;

use super::every::{Pattern, pattern};
use super::lexicon::{CLINGING, Sense, is_among};
use super::line::{Line, Taken, line};
use super::moment::moment;
use super::reader::{Manner, Present, Read, Reader, check};
use super::remind::{Asked, triggers};
use super::rest::{Marked, marked, title};
use super::span::Lone;
use super::tail::{Tried, is_time_and_led};
use super::token::{Kind, Token};
use super::trouble::{Fault, TEXT_MAX, Trouble};
use super::{Asking, WordsError, series};
use crate::command::NewTask;
use crate::due::Due;
use crate::error::FieldError;
use crate::recurrence::NewRecurrence;
use crate::reminder::{NewReminder, Trigger};
use crate::task::{Priority, TaskId};
use crate::text::{Project, Tag, Tags, Title};

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickAdd {
    /// What is left of it.
    pub title: Title,
    /// In the order they were typed.
    pub tags: Vec<Tag>,
    /// `@project`.
    pub project: Option<Project>,
    /// `!high`.
    pub priority: Option<Priority>,
    /// The date; of a recurrence, its first.
    pub due: Option<Due>,
    /// `every …`.
    pub recurrence: Option<NewRecurrence>,
    /// `remind …`.
    pub reminders: Vec<Trigger>,
    /// Which piece of the line was understood as what, from the left.
    pub parts: Vec<Part>,
}

impl QuickAdd {
    /// The task that the line asks for. A priority that is not said is the usual one, and
    /// reminders that are not said are what the owner prefers.
    pub fn into_new_task(self, uid: TaskId) -> Result<NewTask, FieldError> {
        let reminders: Vec<_> = self.reminders.into_iter().map(NewReminder::new).collect();
        Ok(NewTask {
            priority: self.priority.unwrap_or(Priority::Medium),
            project: self.project,
            tags: Tags::new(self.tags)?,
            due_date: self.due,
            recurrence: self.recurrence,
            reminders: (!reminders.is_empty()).then_some(reminders),
            ..NewTask::new(uid, self.title)
        })
    }
}

/// A piece of a line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// As what.
    pub kind: PartKind,
    /// Characters of the line, from 0. What marks interrupt is several parts.
    pub at: Range<usize>,
}

/// What a piece of a line can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// `#tag`.
    Tag,
    /// `@project`.
    Project,
    /// `!high`.
    Priority,
    /// A date.
    Due,
    /// `every …`.
    Recurrence,
    /// `remind …`.
    Reminder,
    /// A backslash that made what follows plain text.
    Escape,
}

/// What stands at a place of the line.
#[derive(Debug, Clone)]
pub(super) enum Clause {
    Due(Due),
    Every(Pattern),
    Remind(Vec<Asked>),
}

/// A clause, and the tokens it takes.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) clause: Clause,
    pub(super) tokens: Range<usize>,
}

impl Found {
    pub(super) fn is_every(&self) -> bool {
        matches!(self.clause, Clause::Every(_))
    }
}

const EXAMPLE: &str = "write for example Pay rent friday #home";

pub(super) fn quick_add(text: &str, asking: &Asking) -> Result<QuickAdd, WordsError> {
    let line = if text.len() > TEXT_MAX { Line::default() } else { line(text) };
    let refused = |fault: Fault| fault.error(text, &line.tokens);
    let long_enough = if line.marks.is_empty() { &line.tokens[..] } else { &WALL };
    check(text, long_enough, EXAMPLE).map_err(refused)?;
    let present = Present::new(asking).map_err(refused)?;
    let mut found = clauses(&present, text, &line.tokens).map_err(refused)?;
    found.sort_by_key(|found| found.tokens.start);
    let said = said(&present, &found).map_err(refused)?;
    let mut taken = line.marks.clone();
    for found in &found {
        taken.extend(pieces(&line.tokens, found));
    }
    taken.sort_by_key(|taken| taken.bytes.start);
    let marked = marked(text, &line.marks)?;
    let title = title(text, &taken)?;
    let parts = taken.iter().map(|t| Part { kind: t.kind, at: t.chars.clone() }).collect();
    let (Marked { tags, project, priority }, Said { due, recurrence, reminders }) = (marked, said);
    Ok(QuickAdd { title, tags, project, priority, due, recurrence, reminders, parts })
}

/// A token for lines that hold nothing but marks: they are not empty, they lack a title.
const WALL: [Token; 1] = [Token { kind: Kind::Wall, from: 0, to: 0, start: 0, end: 0, chunk: 0 }];

/// The clauses of a line: its longest tail of them, and before it what "by", "on" and `due:` lead.
fn clauses(present: &Present, text: &str, tokens: &[Token]) -> Result<Vec<Found>, Fault> {
    let sentence_end =
        |token: &Token| matches!(token.kind, Kind::Mark(',' | ';' | '.' | '!' | '?'));
    let tokens = &tokens[..tokens.iter().rposition(|t| !sentence_end(t)).map_or(0, |at| at + 1)];
    let mut known = vec![None; tokens.len()];
    let mut is_tail = vec![false; tokens.len()];
    let mut faults = Vec::new();
    for at in (0..tokens.len()).rev() {
        let mut r = Reader { at, ..Reader::new(present, text, tokens) };
        if r.is_glued(0) {
            continue;
        }
        let goes_on = |end: usize| end >= tokens.len() || is_tail.get(end) == Some(&true);
        match clause(&mut r) {
            Ok(Some(clause)) if ends_word(&r) => {
                while r.take_mark(',') || r.take_mark(';') {}
                is_tail[at] = goes_on(r.at);
                known[at] = Some(Found { clause, tokens: at..r.at });
            }
            Ok(_) if is_due(&Reader { at, ..r }) => {
                r.at = at + 2;
                return Err(r.here(Trouble::Expected("a date, or a recurrence")));
            }
            Err(fault) if is_due(&Reader { at, ..r }) => return Err(fault),
            Err(fault) => faults.push((at, fault)),
            Ok(_) => {}
        }
    }
    let starts = |at: &usize| {
        is_tail[*at] && !clings(present, text, tokens, *at) && !ends_range(tokens, &known, *at)
    };
    let tail = (0..tokens.len()).find(starts).unwrap_or(tokens.len());
    faults.reverse();
    let line = Reader::new(present, text, tokens);
    let (known_there, is_tail, faults) = (&known[..], &is_tail[..], &faults[..]);
    let tried = Tried { line, known: known_there, is_tail, faults, tail };
    if let Some(fault) = tried.refused() {
        return Err(fault);
    }
    Ok(chosen(present, text, tokens, known, tail))
}

/// The led clauses before the tail, and those of the tail.
fn chosen(
    present: &Present,
    text: &str,
    tokens: &[Token],
    mut known: Vec<Option<Found>>,
    tail: usize,
) -> Vec<Found> {
    let (mut chosen, mut at) = (Vec::new(), 0);
    let mut free = 0;
    while at < tokens.len() {
        let r = Reader { at, ..Reader::new(present, text, tokens) };
        let wanted = at >= tail || is_led(&r) || is_time_and_led(&r, &known, at);
        match known[at].take().filter(|_| wanted) {
            Some(mut found) => {
                if at == tail {
                    found.tokens.start -= separators(&tokens[free..tail], &tokens[tail]);
                }
                at = found.tokens.end;
                free = at;
                chosen.push(found);
            }
            None => at += 1,
        }
    }
    chosen
}

/// How many marks before the tail only separate it from the title: ", ", " - ".
fn separators(before: &[Token], tail: &Token) -> usize {
    let alone = |at: usize| {
        let chunk = before[at].chunk;
        let other = |token: &Token| token.chunk != chunk;
        (at == 0 || other(&before[at - 1])) && other(before.get(at + 1).unwrap_or(tail))
    };
    let separates = |at: &usize| match before[*at].kind {
        Kind::Mark(',' | ';') => true,
        Kind::Mark('-' | '–' | '—') => alone(*at),
        _ => false,
    };
    (0..before.len()).rev().take_while(separates).count()
}

/// Whether a clause ends where a word does.
fn ends_word(r: &Reader<'_>) -> bool {
    let marks = [',', ';', '.', '!', '?', ')'];
    !r.is_glued(0) || (marks.iter().any(|mark| r.is_mark(0, *mark)) && !r.is_glued(1))
}

fn is_due(r: &Reader<'_>) -> bool {
    r.sense(0) == Some(Sense::Due) && r.is_mark(1, ':') && r.is_glued(1)
}

pub(super) fn is_led(r: &Reader<'_>) -> bool {
    is_due(r) || matches!(r.sense(0), Some(Sense::By | Sense::On))
}

/// Whether the word before belongs with what begins here: "my Sunday", "Saturday and Sunday",
/// "Beethoven's 5th".
fn clings(present: &Present, text: &str, tokens: &[Token], at: usize) -> bool {
    let r = Reader { at, ..Reader::new(present, text, tokens) };
    let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) else {
        return false;
    };
    let word = text.get(before.from..before.to).unwrap_or_default();
    let owner = word.ends_with("'s") || word.ends_with("’s");
    !is_led(&r) && (owner || is_among(word, CLINGING))
}

/// Whether a date is the second of two with a dash between: "8pm - 10pm".
fn ends_range(tokens: &[Token], known: &[Option<Found>], at: usize) -> bool {
    let Some(dash) = at.checked_sub(1) else { return false };
    matches!(tokens[dash].kind, Kind::Mark('-' | '–' | '—'))
        && known.iter().flatten().any(|found| found.tokens.end == dash)
}

/// The clause that begins here.
fn clause(r: &mut Reader<'_>) -> Read<Clause> {
    let led = match r.sense(0) {
        Some(Sense::Remind) => {
            r.at += 1;
            r.take(Sense::Me);
            return Ok(triggers(r)?.map(Clause::Remind));
        }
        _ if is_due(r) => Some((Manner::Whole, 2)),
        Some(Sense::By) => Some((Manner::By, 1)),
        Some(Sense::On) => Some((Manner::On, 1)),
        _ => None,
    };
    let (manner, words) = led.unwrap_or((Manner::Tail, 0));
    r.at += words;
    r.manner = manner;
    if matches!(r.sense(0), Some(Sense::Every | Sense::Often(..))) {
        return Ok(pattern(r)?.map(Clause::Every));
    }
    Ok(moment(r, Lone::Month)?.map(Clause::Due))
}

/// What the clauses say together.
struct Said {
    due: Option<Due>,
    recurrence: Option<NewRecurrence>,
    reminders: Vec<Trigger>,
}

fn said(present: &Present, found: &[Found]) -> Result<Said, Fault> {
    let fault = |found: &Found, trouble| {
        Err(Fault { from: found.tokens.start, to: found.tokens.end, trouble })
    };
    let mut said = Said { due: None, recurrence: None, reminders: Vec::new() };
    let mut every: Option<(&Found, &Pattern)> = None;
    for found in found {
        match &found.clause {
            Clause::Due(due) => {
                if said.due.replace(*due).is_some() {
                    return fault(found, Trouble::Twice("date"));
                }
            }
            Clause::Every(pattern) => {
                if every.replace((found, pattern)).is_some() {
                    return fault(found, Trouble::Twice("recurrence"));
                }
            }
            Clause::Remind(asked) => said.reminders.extend(asked.iter().map(|one| one.trigger)),
        }
    }
    if let Some((found, pattern)) = every {
        match (pattern.starting, pattern.time, said.due) {
            (Some(_), _, Some(_)) => return fault(found, Trouble::Twice("date")),
            (_, Some(time), Some(Due::At { wall, .. })) if wall.time() != time => {
                return fault(found, Trouble::Twice("time"));
            }
            _ => {}
        }
        match series::begin(pattern, said.due, present) {
            Ok(every) => {
                said.due = Some(every.due);
                said.recurrence = Some(every.recurrence);
            }
            Err(trouble) => return fault(found, trouble),
        }
    }
    // "Friday, remind 9am": today's, or Friday's?
    let lacks_day = |found: &&Found| match &found.clause {
        Clause::Remind(asked) => asked.iter().any(|one| one.lacks_day),
        _ => false,
    };
    match found.iter().find(lacks_day).filter(|_| said.due.is_some()) {
        Some(found) => fault(found, Trouble::WhichDay),
        None => Ok(said),
    }
}

/// Where a clause stands in the line: in several places, if marks stand between.
fn pieces(tokens: &[Token], found: &Found) -> Vec<Taken> {
    let kind = match found.clause {
        Clause::Due(_) => PartKind::Due,
        Clause::Every(_) => PartKind::Recurrence,
        Clause::Remind(_) => PartKind::Reminder,
    };
    let mut pieces: Vec<Taken> = Vec::new();
    let mut chunk = usize::MAX;
    for token in &tokens[found.tokens.clone()] {
        match pieces.last_mut() {
            Some(piece) if token.chunk <= chunk.saturating_add(1) => {
                (piece.bytes.end, piece.chars.end) = (token.to, token.end);
            }
            _ => {
                let (bytes, chars) = (token.from..token.to, token.start..token.end);
                pieces.push(Taken { kind, bytes, chars });
            }
        }
        chunk = token.chunk;
    }
    pieces
}
