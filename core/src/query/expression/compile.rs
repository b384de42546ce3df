//! What an expression asks at a moment, worked out once for many tasks.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};

use super::{Compare, DateField, DateTest, Expression, IdRange, Is, Node, Term};
use crate::due::Due;
use crate::fold::fold;
use crate::query::{Moment, TaskFields};
use crate::reference::TaskRef;
use crate::task::{Priority, Status, is_expired};
use crate::text::is_within_folded;
use crate::time::{Timestamp, day_end, day_start};
use crate::urgency::urgency;
use crate::words::{self, Asking};

/// What is asked of a task at a moment, for a store that asks it in a language of its own: every
/// text is folded, every date in words is an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of them.
    All(Vec<Self>),
    /// At least one of them.
    Any(Vec<Self>),
    /// Not this one.
    Not(Box<Self>),
    /// In one of the texts that are searched (Q5).
    Text(Box<str>),
    /// In the title.
    Title(Box<str>),
    /// In the description.
    Description(Is<Box<str>>),
    /// One of these.
    Status(Vec<Status>),
    /// One of these.
    Priority(Vec<Priority>),
    /// So much or more, or less; the one that matters most is the least.
    Rank(Compare, Priority),
    /// One of these projects, or what lies below it.
    Project(Is<Vec<Box<str>>>),
    /// At least one of these tags.
    Tag(Is<Vec<Box<str>>>),
    /// One of these tasks.
    Id(Vec<IdRange>),
    /// A number before or after one.
    IdRank(Compare, u64),
    /// A direct subtask of one of these.
    Parent(Is<Vec<TaskRef>>),
    /// Whether there is such a date.
    Has(DateField, bool),
    /// From the first to before the second, as far as they are given. An all-day date is its first
    /// instant in the asking zone (Q3).
    Within(DateField, Option<Timestamp>, Option<Timestamp>),
    /// So urgent (Q8).
    Urgency(Compare, i64),
    /// Open, and its due date has passed (Q4).
    Overdue,
    /// Hidden until its start date.
    Waiting,
    /// It holds the baton of a series (R1), or does not.
    Repeating(bool),
    /// It holds the baton of a series that goes by the clock (R5).
    Scheduled,
    /// It has reminders, or none.
    Reminders(bool),
    /// It lies in the trash and its stay is not over (S4), or it does not lie there.
    Trash(bool),
}

impl Expression {
    /// Works out what depends on the moment.
    ///
    /// A date that was understood when it was read may say nothing at another moment: "this
    /// morning" in the evening, "sat 21 nov" a year later. Then nobody knows what is meant, and no
    /// task is, whatever else is said: `not` of it must not come to mean all of them.
    pub(in crate::query) fn compile(&self, moment: &Moment) -> Condition {
        let asking = Asking { moment: *moment, date_order: self.date_order };
        compile(&self.root, &asking).unwrap_or_else(|| Condition::Any(Vec::new()))
    }
}

fn compile(node: &Node, asking: &Asking) -> Option<Condition> {
    let all =
        |nodes: &[Node]| nodes.iter().map(|node| compile(node, asking)).collect::<Option<Vec<_>>>();
    Some(match node {
        Node::And(nodes) => Condition::All(all(nodes)?),
        Node::Or(nodes) => Condition::Any(all(nodes)?),
        Node::Not(inner) => Condition::Not(Box::new(compile(inner, asking)?)),
        Node::Saved(_, inner) => compile(inner, asking)?,
        Node::Term(Term::Date(field, test)) => date(*field, test, asking)?,
        Node::Term(term) => compile_term(term),
    })
}

fn folded(text: &str) -> Box<str> {
    fold(text).into()
}

fn all_folded(is: &Is<Vec<Box<str>>>) -> Is<Vec<Box<str>>> {
    match is {
        Is::None => Is::None,
        Is::Any => Is::Any,
        Is::A(texts) => Is::A(texts.iter().map(|text| folded(text)).collect()),
    }
}

/// What depends on no moment.
fn compile_term(term: &Term) -> Condition {
    match term {
        Term::Text(text) => Condition::Text(folded(text)),
        Term::Title(text) => Condition::Title(folded(text)),
        Term::Description(is) => Condition::Description(match is {
            Is::None => Is::None,
            Is::Any => Is::Any,
            Is::A(text) => Is::A(folded(text)),
        }),
        Term::Status(any) => Condition::Status(any.clone()),
        Term::Priority(any) => Condition::Priority(any.clone()),
        Term::Rank(compare, level) => Condition::Rank(*compare, *level),
        Term::Project(is) => Condition::Project(all_folded(is)),
        Term::Tag(is) => Condition::Tag(all_folded(is)),
        Term::Id(any) => Condition::Id(any.clone()),
        Term::IdRank(compare, number) => Condition::IdRank(*compare, *number),
        Term::Parent(is) => Condition::Parent(is.clone()),
        // Worked out before.
        Term::Date(..) => Condition::Any(Vec::new()),
        Term::Urgency(compare, number) => Condition::Urgency(*compare, *number),
        Term::Overdue => Condition::Overdue,
        Term::Waiting => Condition::Waiting,
        Term::Repeating(does) => Condition::Repeating(*does),
        Term::Reminders(has) => Condition::Reminders(*has),
    }
}

/// The days of a week that are left, today among them (Q3).
pub(in crate::query) fn rest_of_week(today: NaiveDate, moment: &Moment) -> NaiveDate {
    let gone = today.weekday().days_since(moment.week_start);
    today.checked_add_days(Days::new(6 - u64::from(gone))).unwrap_or(today)
}

fn date(field: DateField, test: &DateTest, asking: &Asking) -> Option<Condition> {
    let moment = &asking.moment;
    let zone = moment.zone;
    let today = moment.now.day(zone);
    let days =
        |from, to| Condition::Within(field, Some(day_start(from, zone)), Some(day_end(to, zone)));
    Some(match test {
        DateTest::None => Condition::Has(field, false),
        DateTest::Any => Condition::Has(field, true),
        DateTest::Today => days(today, today),
        DateTest::Tomorrow => {
            let tomorrow = today.succ_opt().unwrap_or(today);
            days(tomorrow, tomorrow)
        }
        DateTest::Week => {
            let last = rest_of_week(today, moment);
            let first = if field.is_past() { last - Days::new(6) } else { today };
            days(first, last)
        }
        DateTest::On(text) => {
            let day = words::when(text, asking).ok()?.day_in(zone);
            days(day, day)
        }
        DateTest::Bound(compare, text) => {
            let Range { start, end } = words::range(text, asking).ok()?;
            match compare {
                Compare::Less => Condition::Within(field, None, Some(start)),
                Compare::AtMost => Condition::Within(field, None, Some(end)),
                Compare::More => Condition::Within(field, Some(end), None),
                Compare::AtLeast => Condition::Within(field, Some(start), None),
            }
        }
    })
}

/// A task while it is looked at: each of its texts is folded when it is first asked for, however
/// many conditions ask.
struct Row<'t, T> {
    task: &'t T,
    title: OnceCell<Cow<'t, str>>,
    description: OnceCell<Option<Cow<'t, str>>>,
    project: OnceCell<Option<Cow<'t, str>>>,
    tags: OnceCell<Vec<Cow<'t, str>>>,
}

impl<'t, T: TaskFields> Row<'t, T> {
    fn new(task: &'t T) -> Self {
        let [description, project] = [OnceCell::new(), OnceCell::new()];
        Self { task, title: OnceCell::new(), description, project, tags: OnceCell::new() }
    }

    fn title(&self) -> &str {
        self.title.get_or_init(|| fold(self.task.title()))
    }

    fn description(&self) -> Option<&str> {
        self.description.get_or_init(|| self.task.description().map(fold)).as_deref()
    }

    fn project(&self) -> Option<&str> {
        self.project.get_or_init(|| self.task.project().map(fold)).as_deref()
    }

    fn tags(&self) -> &[Cow<'t, str>] {
        self.tags.get_or_init(|| self.task.tags().map(fold).collect())
    }

    /// Whether a folded word is in one of the texts that are searched (Q5).
    fn says(&self, word: &str) -> bool {
        self.title().contains(word)
            || self.description().is_some_and(|text| text.contains(word))
            || self.project().is_some_and(|text| text.contains(word))
            || self.tags().iter().any(|tag| tag.contains(word))
    }
}

/// The texts that are searched (Q5), folded.
pub(in crate::query) fn texts<T: TaskFields>(task: &T) -> Vec<Cow<'_, str>> {
    let single = [Some(task.title()), task.description(), task.project()];
    single.into_iter().flatten().chain(task.tags()).map(fold).collect()
}

impl Condition {
    /// Whether a task is meant.
    pub fn holds<T: TaskFields>(&self, task: &T, moment: &Moment) -> bool {
        self.on(&Row::new(task), moment)
    }

    fn on<T: TaskFields>(&self, row: &Row<'_, T>, moment: &Moment) -> bool {
        let task = row.task;
        match self {
            Self::All(tests) => tests.iter().all(|test| test.on(row, moment)),
            Self::Any(tests) => tests.iter().any(|test| test.on(row, moment)),
            Self::Not(test) => !test.on(row, moment),
            Self::Text(word) => row.says(word),
            Self::Title(part) => row.title().contains(&**part),
            Self::Description(is) => match is {
                Is::None => task.description().is_none(),
                Is::Any => task.description().is_some(),
                Is::A(part) => row.description().is_some_and(|text| text.contains(&**part)),
            },
            Self::Status(any) => any.contains(&task.status()),
            Self::Priority(any) => any.contains(&task.priority()),
            // High comes first among them, so it is the least.
            Self::Rank(compare, level) => compare.holds(level, &task.priority()),
            Self::Project(is) => match is {
                Is::None => task.project().is_none(),
                Is::Any => task.project().is_some(),
                Is::A(any) => row
                    .project()
                    .is_some_and(|project| any.iter().any(|path| is_within_folded(project, path))),
            },
            Self::Tag(is) => match is {
                Is::None => task.tags().next().is_none(),
                Is::Any => task.tags().next().is_some(),
                Is::A(any) => row.tags().iter().any(|tag| any.iter().any(|one| **one == **tag)),
            },
            Self::Id(any) => any.iter().any(|range| match range {
                IdRange::One(wanted) => wanted.fits(task.uid(), task.id()),
                IdRange::Range(from, to) => (*from..=*to).contains(&task.id().0),
            }),
            Self::IdRank(compare, number) => compare.holds(&task.id().0, number),
            Self::Parent(is) => match (is, task.parent()) {
                (Is::None, parent) => parent.is_none(),
                (Is::Any, parent) => parent.is_some(),
                (Is::A(any), Some(parent)) => {
                    any.iter().any(|wanted| wanted.fits(parent.uid, parent.id))
                }
                (Is::A(_), None) => false,
            },
            Self::Has(field, has) => instant(*field, task, moment).is_some() == *has,
            Self::Within(field, from, to) => instant(*field, task, moment).is_some_and(|at| {
                from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to)
            }),
            Self::Urgency(compare, number) => compare.holds(&urgency(task, moment), number),
            Self::Overdue => is_overdue(task, moment),
            Self::Waiting => is_waiting(task, moment),
            Self::Repeating(does) => task.is_repeating() == *does,
            Self::Scheduled => task.is_scheduled(),
            Self::Reminders(has) => task.is_reminding() == *has,
            Self::Trash(lies) => {
                let trash = task.trash();
                trash.is_some() == *lies && !is_expired(trash, moment.now)
            }
        }
    }
}

/// Hidden until its start date, which is to come (Q1).
pub fn is_waiting(task: &impl TaskFields, moment: &Moment) -> bool {
    task.start_date().is_some_and(|start| start.starts(moment.zone) > moment.now)
}

/// Open, and its due date has passed (Q4).
pub fn is_overdue(task: &impl TaskFields, moment: &Moment) -> bool {
    let passed = |due: Due| due.passes(moment.zone) <= moment.now;
    task.status().is_open() && task.due_date().is_some_and(passed)
}

/// An all-day date is its first instant in the asking zone (Q3).
fn instant(field: DateField, task: &impl TaskFields, moment: &Moment) -> Option<Timestamp> {
    let starts = |due: Due| due.starts(moment.zone);
    match field {
        DateField::Due => task.due_date().map(starts),
        DateField::Start => task.start_date().map(starts),
        DateField::Created => Some(task.created_at()),
        DateField::Updated => Some(task.updated_at()),
        DateField::Completed => task.completed_at(),
        DateField::Cancelled => task.cancelled_at(),
    }
}

impl Compare {
    fn holds<T: Ord>(self, one: &T, other: &T) -> bool {
        match self {
            Self::Less => one < other,
            Self::AtMost => one <= other,
            Self::More => one > other,
            Self::AtLeast => one >= other,
        }
    }
}
