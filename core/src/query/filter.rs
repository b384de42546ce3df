//! Which tasks a query means (Q1–Q5).

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono::{NaiveDate, Weekday};
use serde::Serialize;

use super::expression::{Condition, Expression, is_overdue, is_waiting, rest_of_week, texts};
use super::fields::TaskFields;
use crate::due::Due;
use crate::error::{Problem, excerpt};
use crate::fold::fold;
use crate::task::{Priority, Status, TaskId, is_expired};
use crate::text::{Project, Tag, is_within};
use crate::time::{Timestamp, Zone, day_end, day_start};

/// When and where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The present.
    pub now: Timestamp,
    /// The asker's zone: what "today" is.
    pub zone: Zone,
    /// The zone in which all-day tasks are put in order (Q6).
    pub owner_zone: Zone,
    /// The asker's first day of the week.
    pub week_start: Weekday,
}

/// One wanted project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ProjectFilter {
    /// Tasks without a project.
    None,
    /// This folded path and what lies below it.
    Within(Box<str>),
}

impl ProjectFilter {
    /// A project and what lies below it.
    pub fn within(project: &Project) -> Self {
        Self::Within(fold(project.as_str()).into())
    }
}

/// Where in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ParentFilter {
    /// Tasks at the top.
    None,
    /// Direct subtasks of a task.
    Of(TaskId),
}

/// A word about due dates (Q3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum DueFilter {
    /// Without one.
    None,
    /// With one.
    Any,
    /// Passed, and still open (Q4).
    Overdue,
    /// Today, passed or not.
    Today,
    /// Tomorrow.
    Tomorrow,
    /// From today to the end of the week.
    Week,
}

impl DueFilter {
    /// The words.
    pub const WORDS: &'static [&'static str] =
        &["none", "any", "overdue", "today", "tomorrow", "week"];
    const ALL: [Self; 6] =
        [Self::None, Self::Any, Self::Overdue, Self::Today, Self::Tomorrow, Self::Week];

    /// From the first instant of the days that it names to before the last one's end.
    pub(crate) fn days(self, moment: &Moment) -> Option<Range<Timestamp>> {
        let today = moment.now.day(moment.zone);
        let tomorrow = today.succ_opt().unwrap_or(today);
        let (first, last) = match self {
            Self::Today => (today, today),
            Self::Tomorrow => (tomorrow, tomorrow),
            Self::Week => (today, rest_of_week(today, moment)),
            Self::None | Self::Any | Self::Overdue => return None,
        };
        Some(day_start(first, moment.zone)..day_end(last, moment.zone))
    }
}

impl FromStr for DueFilter {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let place = Self::WORDS.iter().position(|word| word.eq_ignore_ascii_case(text.trim()));
        place
            .and_then(|at| Self::ALL.get(at).copied())
            .ok_or_else(|| Problem::NotOneOf { given: excerpt(text), allowed: Self::WORDS })
    }
}

impl fmt::Display for DueFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Self::ALL.iter().position(|word| word == self).unwrap_or_default();
        f.pad(Self::WORDS[place])
    }
}

/// An end of a range of due dates: a day stands for its first instant in the asking zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Bound {
    /// An instant.
    At(Timestamp),
    /// A day.
    Day(NaiveDate),
}

impl Bound {
    /// The bound in a zone.
    pub fn instant(self, zone: Zone) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Day(day) => day_start(day, zone),
        }
    }
}

impl From<Due> for Bound {
    fn from(due: Due) -> Self {
        match due {
            Due::Day(day) => Self::Day(day),
            // A timed one needs no zone from outside.
            Due::At { zone, .. } => Self::At(due.starts(zone)),
        }
    }
}

/// Which tasks. What is empty asks for nothing; different parts AND together (Q1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Filter {
    /// Any of these; `None` is open, or in the trash every status.
    pub status: Option<Vec<Status>>,
    /// Any of these.
    pub priority: Vec<Priority>,
    /// Any of these.
    pub project: Vec<ProjectFilter>,
    /// All of these, folded.
    pub tags: Vec<Box<str>>,
    /// At least one of these, folded.
    pub tags_any: Vec<Box<str>>,
    /// None of these, folded.
    pub tags_none: Vec<Box<str>>,
    /// Where in the tree.
    pub parent: Option<ParentFilter>,
    /// A word about the due date.
    pub due: Option<DueFilter>,
    /// Due then or later.
    pub due_from: Option<Bound>,
    /// Due before.
    pub due_to: Option<Bound>,
    /// Each of these words, folded, in one of the texts (Q5).
    pub search: Vec<Box<str>>,
    /// What lies in the trash, and nothing else.
    pub trash: bool,
    /// Also what is hidden until its start date.
    pub waiting: bool,
    /// Only what holds the baton of a series that goes by the clock (R5).
    pub scheduled: bool,
    /// What was typed (Q9). Where it says which statuses are meant, or which start dates, the
    /// default list's own say nothing (Q1).
    pub expression: Option<Expression>,
}

/// A tag as filters hold it.
pub(super) fn folded_tag(tag: &Tag) -> Box<str> {
    fold(tag.as_str()).into()
}

impl Filter {
    /// Adds a tag that a task must have.
    #[must_use]
    pub fn tag(mut self, tag: &Tag) -> Self {
        self.tags.push(folded_tag(tag));
        self
    }

    /// Adds the words of a search text.
    #[must_use]
    pub fn search(mut self, text: &str) -> Self {
        self.search.extend(fold(text).split_whitespace().map(Box::from));
        self
    }

    /// Works out what depends on the moment, once for many tasks.
    pub fn matcher(&self, moment: &Moment) -> Matcher<'_> {
        let zone = moment.zone;
        Matcher {
            filter: self,
            moment: *moment,
            any_status: self.any_status(),
            any_start: self.any_start(),
            test: self.expression.as_ref().map(|expression| expression.compile(moment)),
            due: self.due.and_then(|due| due.days(moment)),
            from: self.due_from.map(|bound| bound.instant(zone)),
            to: self.due_to.map(|bound| bound.instant(zone)),
        }
    }
}

impl Filter {
    /// Where it names no status, whether any will do, and not only open ones.
    pub(super) fn any_status(&self) -> bool {
        self.trash || self.expression.as_ref().is_some_and(Expression::names_status)
    }

    /// Whether what waits for its start date is not hidden.
    pub(super) fn any_start(&self) -> bool {
        self.trash || self.waiting || self.expression.as_ref().is_some_and(Expression::names_start)
    }
}

/// A [`Filter`] at a moment.
#[derive(Debug)]
pub struct Matcher<'f> {
    filter: &'f Filter,
    moment: Moment,
    /// Where the filter names no status, any will do, and not only open ones.
    any_status: bool,
    /// What waits for its start date is not hidden.
    any_start: bool,
    test: Option<Condition>,
    due: Option<Range<Timestamp>>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Matcher<'_> {
    /// Whether a task is meant. What is cheap and refuses most comes first.
    pub fn matches(&self, task: &impl TaskFields) -> bool {
        self.place(task)
            && self.priority_and_project(task)
            && self.tags(task)
            && self.dates(task)
            && self.search(task)
            && self.test.as_ref().is_none_or(|test| test.holds(task, &self.moment))
    }

    fn place(&self, task: &impl TaskFields) -> bool {
        let filter = self.filter;
        let trash = task.trash();
        let status = match &filter.status {
            Some(any) => any.contains(&task.status()),
            None => self.any_status || task.status().is_open(),
        };
        let parent = match filter.parent {
            None => true,
            Some(ParentFilter::None) => task.parent().is_none(),
            Some(ParentFilter::Of(parent)) => task.parent().is_some_and(|own| own.uid == parent),
        };
        let scheduled = !filter.scheduled || task.is_scheduled();
        status
            && parent
            && scheduled
            && trash.is_some() == filter.trash
            && !is_expired(trash, self.moment.now)
    }

    fn priority_and_project(&self, task: &impl TaskFields) -> bool {
        let filter = self.filter;
        let priority = filter.priority.is_empty() || filter.priority.contains(&task.priority());
        priority
            && (filter.project.is_empty()
                || filter.project.iter().any(|wanted| match wanted {
                    ProjectFilter::None => task.project().is_none(),
                    ProjectFilter::Within(path) => {
                        task.project().is_some_and(|project| is_within(project, path))
                    }
                }))
    }

    fn tags(&self, task: &impl TaskFields) -> bool {
        let Filter { tags, tags_any, tags_none, .. } = self.filter;
        let has = |wanted: &str| task.tags().any(|tag| fold(tag) == wanted);
        tags.iter().all(|tag| has(tag))
            && (tags_any.is_empty() || tags_any.iter().any(|tag| has(tag)))
            && !tags_none.iter().any(|tag| has(tag))
    }

    fn dates(&self, task: &impl TaskFields) -> bool {
        let zone = self.moment.zone;
        if !self.any_start && is_waiting(task, &self.moment) {
            return false;
        }
        let asks = self.filter.due.is_some() || self.from.is_some() || self.to.is_some();
        if !asks {
            return true;
        }
        let Some(due) = task.due_date() else {
            return self.filter.due == Some(DueFilter::None)
                && self.from.is_none()
                && self.to.is_none();
        };
        let word = match self.filter.due {
            Some(DueFilter::None) => false,
            Some(DueFilter::Overdue) => is_overdue(task, &self.moment),
            _ => true,
        };
        let at = due.starts(zone);
        word && self.due.as_ref().is_none_or(|range| range.contains(&at))
            && self.from.is_none_or(|from| at >= from)
            && self.to.is_none_or(|to| at < to)
    }

    fn search(&self, task: &impl TaskFields) -> bool {
        if self.filter.search.is_empty() {
            return true;
        }
        let texts = texts(task);
        self.filter.search.iter().all(|word| texts.iter().any(|text| text.contains(&**word)))
    }
}
