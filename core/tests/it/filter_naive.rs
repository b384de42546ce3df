//! What an expression means (Q9), once more: said in local days as the specification says it, by
//! looking at each task from the beginning.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use todo_core::conformance::given::instant;
use todo_core::fold::fold;
use todo_core::query::Moment;
use todo_core::query::expression::{Compare, DateField, DateTest, IdRange, Is, Node, Term};
use todo_core::urgency::urgency;
use todo_core::{Due, Filter, Priority, Status, Task, TaskRef, Timestamp, Zone};

use crate::naive;

/// The days in words that are understood here.
pub(crate) const PLAIN_DAYS: &[&str] =
    &["2026-11-21", "2011-12-30", "2026-03-08", "yesterday", "in 3 days", "monday", "eow", "eom"];
/// What a date may be compared with beside them.
pub(crate) const PLAIN_MOMENTS: &[&str] =
    &["today", "tomorrow", "2026-11-21T12:00:00Z", "2026-11-01T05:30:00Z", "2011-12-30T10:00:00Z"];

/// What a date in words says.
enum Said {
    Day(NaiveDate),
    /// All of this day, too.
    EndOf(NaiveDate),
    At(Timestamp),
}

/// Whether a filter with this expression means a task.
pub(crate) fn matches(filter: &Filter, root: &Node, task: &Task, moment: &Moment) -> bool {
    let mut filter = filter.clone();
    if filter.status.is_none() && names(root, is_about_status) {
        filter.status = Some(Status::ALL.to_vec());
    }
    filter.waiting |= names(root, is_about_start);
    naive::matches(&filter, task, moment) && holds(root, task, moment)
}

pub(crate) fn is_about_status(term: &Term) -> bool {
    use DateField::{Cancelled, Completed};
    matches!(term, Term::Status(_) | Term::Date(Completed | Cancelled, _))
}

pub(crate) fn is_about_start(term: &Term) -> bool {
    matches!(term, Term::Waiting | Term::Date(DateField::Start, _))
}

pub(crate) fn names(node: &Node, about: fn(&Term) -> bool) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(|node| names(node, about)),
        Node::Not(node) | Node::Saved(_, node) => names(node, about),
        Node::Term(term) => about(term),
    }
}

fn holds(node: &Node, task: &Task, moment: &Moment) -> bool {
    match node {
        Node::And(nodes) => !nodes.iter().any(|node| !holds(node, task, moment)),
        Node::Or(nodes) => nodes.iter().any(|node| holds(node, task, moment)),
        Node::Not(node) => !holds(node, task, moment),
        Node::Saved(_, node) => holds(node, task, moment),
        Node::Term(term) => one(term, task, moment),
    }
}

fn one(term: &Term, task: &Task, moment: &Moment) -> bool {
    let starts = |due: Due| first_instant(due, moment.zone);
    match term {
        Term::Text(text) => searched(task).iter().any(|own| occurs(text, own)),
        Term::Title(text) => occurs(text, task.title.as_str()),
        Term::Description(is) => {
            let own = task.description.as_ref().map(todo_core::Description::as_str);
            value(is, own, |text, own| occurs(text, own))
        }
        Term::Status(any) => any.contains(&task.status),
        Term::Priority(any) => any.contains(&task.priority),
        Term::Rank(by, level) => compare(*by, weight(task.priority), weight(*level)),
        Term::Project(is) => {
            let own = task.project.as_ref().map(todo_core::Project::as_str);
            value(is, own, |any, own| any.iter().any(|path| lies_within(own, path)))
        }
        Term::Tag(is) => {
            let own: Vec<_> = task.tags.iter().map(|tag| fold(tag.as_str())).collect();
            let some = (!own.is_empty()).then_some(own);
            value(is, some, |any, own| any.iter().any(|tag| own.contains(&fold(tag))))
        }
        Term::Id(any) => any.iter().any(|range| match range {
            IdRange::One(reference) => is_meant(reference, task.uid, task.id.0),
            IdRange::Range(from, to) => task.id.0 >= *from && task.id.0 <= *to,
        }),
        Term::IdRank(by, number) => compare(*by, task.id.0, *number),
        Term::Parent(is) => value(is, task.parent, |any, parent| {
            any.iter().any(|reference| is_meant(reference, parent.uid, parent.id.0))
        }),
        Term::Date(field, test) => {
            let at = match field {
                DateField::Due => task.due_date.map(starts),
                DateField::Start => task.start_date.map(starts),
                DateField::Created => Some(task.created_at),
                DateField::Updated => Some(task.updated_at),
                DateField::Completed => task.completed_at,
                DateField::Cancelled => task.cancelled_at,
            };
            match (test, at) {
                (DateTest::None, at) => at.is_none(),
                (_, None) => false,
                (test, Some(at)) => date(*field, test, at, moment),
            }
        }
        Term::Urgency(by, points) => compare(*by, urgency(task, moment), *points),
        Term::Overdue => {
            let open = [Status::Pending, Status::InProgress].contains(&task.status);
            open && task.due_date.is_some_and(|due| match due {
                Due::Day(day) => first_of(next(day), moment.zone) <= moment.now,
                at @ Due::At { .. } => starts(at) < moment.now,
            })
        }
        Term::Waiting => task.start_date.is_some_and(|start| moment.now < starts(start)),
        Term::Repeating(does) => task.recurrence.is_some() == *does,
        Term::Reminders(has) => (task.reminders.iter().count() > 0) == *has,
    }
}

/// No value is only ever `none`.
fn value<T, V>(is: &Is<T>, own: Option<V>, meant: impl FnOnce(&T, V) -> bool) -> bool {
    match (is, own) {
        (Is::None, own) => own.is_none(),
        (_, None) => false,
        (Is::Any, Some(_)) => true,
        (Is::A(wanted), Some(own)) => meant(wanted, own),
    }
}

fn compare<T: PartialOrd + Copy>(by: Compare, own: T, wanted: T) -> bool {
    match by {
        Compare::Less => own < wanted,
        Compare::AtMost => own <= wanted,
        Compare::More => own > wanted,
        Compare::AtLeast => own >= wanted,
    }
}

fn searched(task: &Task) -> Vec<&str> {
    let mut texts = vec![task.title.as_str()];
    texts.extend(task.description.as_ref().map(todo_core::Description::as_str));
    texts.extend(task.project.as_ref().map(todo_core::Project::as_str));
    texts.extend(task.tags.iter().map(todo_core::Tag::as_str));
    texts
}

fn occurs(text: &str, own: &str) -> bool {
    fold(own).contains(&*fold(text))
}

fn lies_within(own: &str, path: &str) -> bool {
    let (own, path) = (fold(own), fold(path));
    let levels: Vec<_> = own.split('/').collect();
    levels.starts_with(&path.split('/').collect::<Vec<_>>())
}

fn weight(priority: Priority) -> u8 {
    match priority {
        Priority::High => 3,
        Priority::Medium => 2,
        Priority::Low => 1,
    }
}

fn is_meant(reference: &TaskRef, uid: todo_core::TaskId, no: u64) -> bool {
    match reference {
        TaskRef::No(wanted) => wanted.0 == no,
        TaskRef::Uid(wanted) => *wanted == uid,
        TaskRef::Prefix(prefix) => uid.to_string().replace('-', "").starts_with(&**prefix),
    }
}

fn date(field: DateField, test: &DateTest, at: Timestamp, moment: &Moment) -> bool {
    let today = moment.now.day(moment.zone);
    let day = at.day(moment.zone);
    match test {
        DateTest::None => false,
        DateTest::Any => true,
        DateTest::Today => day == today,
        DateTest::Tomorrow => day == next(today),
        DateTest::Week => {
            let last = end_of_week(today, moment);
            // What has happened, happened before today, too.
            let ahead = matches!(field, DateField::Due | DateField::Start);
            let first = if ahead { today } else { last - Days::new(6) };
            day >= first && day <= last
        }
        DateTest::On(text) => match said(text, moment) {
            Said::Day(wanted) | Said::EndOf(wanted) => day == wanted,
            Said::At(_) => panic!("{text} is no day"),
        },
        DateTest::Bound(by, text) => match said(text, moment) {
            Said::Day(wanted) => compare(*by, day, wanted),
            // Its last moment belongs to it.
            Said::EndOf(wanted) => match by {
                Compare::Less | Compare::AtMost => day <= wanted,
                Compare::More | Compare::AtLeast => day > wanted,
            },
            Said::At(wanted) => compare(*by, at, wanted),
        },
    }
}

fn said(text: &str, moment: &Moment) -> Said {
    let today = moment.now.day(moment.zone);
    let day = |text: &str| text.parse().expect("a day of the suite");
    match text {
        "today" => Said::Day(today),
        "tomorrow" => Said::Day(next(today)),
        "yesterday" => Said::Day(today - Days::new(1)),
        "in 3 days" => Said::Day(today + Days::new(3)),
        "monday" => Said::Day(until(next(today), |day| day.weekday() == chrono::Weekday::Mon)),
        "eow" => Said::EndOf(end_of_week(today, moment)),
        "eom" => Said::EndOf(until(today, |day| next(day).month() != day.month())),
        text if text.contains('T') => Said::At(instant(text)),
        text => Said::Day(day(text)),
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day + Days::new(1)
}

/// The first day from here on of which that is so.
fn until(day: NaiveDate, is_so: impl Fn(NaiveDate) -> bool) -> NaiveDate {
    day.iter_days().find(|day| is_so(*day)).expect("days go on")
}

fn end_of_week(today: NaiveDate, moment: &Moment) -> NaiveDate {
    until(today, |day| next(day).weekday() == moment.week_start)
}

fn first_instant(due: Due, zone: Zone) -> Timestamp {
    match due {
        Due::Day(day) => first_of(day, zone),
        Due::At { .. } => due.starts(zone),
    }
}

/// The first instant of a local day, or of the next one that there is: by going forward until it
/// has come, in steps that every change of clocks is a multiple of.
fn first_of(day: NaiveDate, zone: Zone) -> Timestamp {
    const STEP: i64 = 15 * 60_000;
    thread_local! {
        static KNOWN: RefCell<HashMap<(NaiveDate, Zone), Timestamp>> = RefCell::default();
    }
    let walk = || {
        let start =
            Timestamp::from_utc((day - Days::new(2)).and_time(chrono::NaiveTime::MIN).and_utc());
        let mut steps = (0..).map(|step| start.plus_millis(step * STEP));
        steps.find(|at| at.day(zone) >= day).expect("time goes on")
    };
    KNOWN.with_borrow_mut(|known| *known.entry((day, zone)).or_insert_with(walk))
}
