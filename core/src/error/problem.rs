//! What is wrong with one value.

use std::borrow::Cow;
use std::fmt;

use crate::reference::TaskRef;
use crate::reminder::ReminderId;
use crate::task::{TaskId, TaskNo};

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing but white space.
    #[error("must not be empty")]
    Blank,
    /// More characters than the field takes.
    #[error("is {got} characters long; at most {max} are allowed")]
    TooLong {
        /// The bound, in Unicode scalar values.
        max: usize,
        /// What was given.
        got: usize,
    },
    /// Fewer characters than the field needs.
    #[error("is {got} characters long; at least {min} are needed")]
    TooShort {
        /// The bound, in Unicode scalar values.
        min: usize,
        /// What was given.
        got: usize,
    },
    /// More items than the field takes.
    #[error("has {got} items; at most {max} are allowed")]
    TooMany {
        /// The bound.
        max: usize,
        /// What was given.
        got: usize,
    },
    /// A control character other than TAB and LF.
    #[error("holds the control character U+{code:04X} at position {position}; take it out")]
    Control {
        /// The scalar value.
        code: u32,
        /// Counted in characters, from 1.
        position: usize,
    },
    /// A line break where one line is wanted.
    #[error("must be one line; put the rest into the description")]
    LineBreak,
    /// A character that separates tags or marks them.
    #[error("must not hold {0:?}; a tag is one word without spaces, commas, # and @")]
    TagCharacter(char),
    /// `a//b`, or a slash at an end.
    #[error("has an empty level; write levels as home/garden")]
    EmptyLevel,
    /// Not a date, or no such day.
    #[error("{text:?} is not a date; {hint}")]
    NotADate {
        /// As it was given, shortened.
        text: String,
        /// What to write instead.
        hint: &'static str,
    },
    /// A date before 1970 or after 2099.
    #[error("{0} is out of range; dates run from 1970-01-01 to 2099-12-31")]
    DateOutOfRange(String),
    /// Not a name of the IANA time zone database.
    #[error("{0:?} is not a time zone; write a name such as Europe/Berlin or Asia/Karachi")]
    UnknownZone(String),
    /// Not an e-mail address. It is not repeated: messages are kept longer than they should be.
    #[error("is not an e-mail address; write one such as name@example.org")]
    NotAnEmail,
    /// Not a language tag.
    #[error("{0:?} is not a language; write a tag such as en or ur-PK")]
    NotALanguage(String),
    /// Not one of a closed set of words.
    #[error("{given:?} is not one of {}", .allowed.join(", "))]
    NotOneOf {
        /// As it was given, shortened.
        given: String,
        /// Every word that is taken.
        allowed: &'static [&'static str],
    },
    /// Not an instant in RFC 3339.
    #[error("{0:?} is not a time in RFC 3339, such as 2026-11-21T17:00:00Z")]
    NotATimestamp(String),
    /// Not an id, uid or unique start of a uid.
    #[error("{0:?} is not a task id; write a number, or 4 or more characters of the uid")]
    NotAReference(String),
    /// Another saved filter names it.
    #[error("is used by the saved filter {0:?}; change that one first")]
    FilterInUse(String),
    /// Not what something can be called by.
    #[error("{0:?} cannot be one; write letters, digits, - and _")]
    NotAName(String),
    /// A number outside its range.
    #[error("must be from {min} to {max}")]
    OutOfRange {
        /// Smallest value taken.
        min: u64,
        /// Largest value taken.
        max: u64,
    },
    /// The parent is the task itself or one of its subtasks.
    #[error("would make a circle: task {0} lies below this one")]
    Cycle(TaskNo),
    /// The tree would be deeper than three levels below the top.
    #[error("would nest too deep; subtasks go at most {max} levels below the top")]
    TooDeep {
        /// Levels below the top.
        max: usize,
    },
    /// The parent does not exist or lies in the trash.
    #[error("there is no task {0} to put it under")]
    NoParent(TaskRef),
    /// An imported record gives the same identity twice.
    #[error("the uid {0} occurs twice")]
    Duplicate(TaskId),
    /// `from: completion` with `spawn: on_schedule` (R1).
    #[error(
        "counted from completion cannot be made on schedule: until the task is done there is no next date"
    )]
    CompletionOnSchedule,
    /// `from: completion` with a rule that names days (R4).
    #[error(
        "counted from completion takes FREQ and INTERVAL only, with COUNT or UNTIL; a rule that names days goes by the calendar"
    )]
    CompletionRule,
    /// A rule is for this occurrence and all later ones: it has no narrower scope (R7).
    #[error("is for this occurrence and all later ones; leave the scope away")]
    RuleForThisOnly,
    /// The task does not repeat.
    #[error("cannot be: the task does not repeat")]
    NotRecurring,
    /// The task repeats, but a later occurrence is the one that goes on.
    #[error("has passed on to task {0}, the next occurrence; name that one")]
    SeriesGoesOn(TaskNo),
    /// Waiting needs a clock that goes on.
    #[error("fixes the clock, and waiting needs one that goes on; unset it")]
    ClockStands,
    /// An instant that is not to come any more.
    #[error("must lie in the future")]
    NotInFuture,
    /// Not a time of day.
    #[error("{0:?} is not a time of day; write 09:00")]
    NotATimeOfDay(String),
    /// Not a duration before a due date.
    #[error("{0:?} is not a time before the due date; write -PT1H, -P1D, or PT0S for the due time")]
    NotAnOffset(String),
    /// A reminder after the due date.
    #[error("must not lie after the due date; write -PT1H for an hour before it")]
    ReminderAfter,
    /// A reminder very long before the due date.
    #[error("lies more than a year before the due date")]
    ReminderTooEarly,
    /// Something that counts from a due date, on an imported task without one.
    #[error("of {0} counts from a due date, and there is none")]
    NeedsDue(TaskId),
    /// Two tasks in one place of a series.
    #[error("of {0} is that of another task of its series")]
    SlotTaken(TaskId),
    /// A reminder with neither of the two, or both.
    #[error("must have either an offset or an instant (at)")]
    ReminderTrigger,
    /// A stored reminder's number is 0 or there twice.
    #[error("has a wrong or repeated number {0}")]
    BadReminderId(ReminderId),
}

impl Problem {
    /// The kind of fault, for programs; the text is for people.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooLong { .. } => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::NotAnEmail => "not_an_email",
            Self::NotALanguage(_) => "not_a_language",
            Self::TooMany { .. } => "too_many",
            Self::Control { .. } => "control_character",
            Self::LineBreak => "line_break",
            Self::TagCharacter(_) => "tag_character",
            Self::EmptyLevel => "empty_level",
            Self::NotADate { .. } => "not_a_date",
            Self::DateOutOfRange(_) => "date_out_of_range",
            Self::UnknownZone(_) => "unknown_zone",
            Self::NotOneOf { .. } => "not_one_of",
            Self::NotATimestamp(_) => "not_a_timestamp",
            Self::NotAReference(_) => "not_a_reference",
            Self::FilterInUse(_) => "filter_in_use",
            Self::NotAName(_) => "not_a_name",
            Self::OutOfRange { .. } => "out_of_range",
            Self::Cycle(_) => "cycle",
            Self::TooDeep { .. } => "too_deep",
            Self::NoParent(_) => "no_parent",
            Self::Duplicate(_) => "duplicate",
            Self::CompletionOnSchedule => "completion_on_schedule",
            Self::CompletionRule => "completion_rule",
            Self::RuleForThisOnly => "rule_for_this_only",
            Self::NotRecurring => "not_recurring",
            Self::SeriesGoesOn(_) => "series_goes_on",
            Self::ClockStands => "clock_stands",
            Self::NotInFuture => "not_in_future",
            Self::NotATimeOfDay(_) => "not_a_time_of_day",
            Self::NotAnOffset(_) => "not_an_offset",
            Self::ReminderAfter => "reminder_after_due",
            Self::ReminderTooEarly => "reminder_too_early",
            Self::NeedsDue(_) => "needs_due",
            Self::SlotTaken(_) => "slot_taken",
            Self::ReminderTrigger => "reminder_trigger",
            Self::BadReminderId(_) => "bad_reminder_id",
        }
    }
}

/// One faulty field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's JSON name, or the parameter's.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub problem: Problem,
}

impl FieldError {
    /// Names the field that a problem is about.
    pub fn new(field: impl Into<Cow<'static, str>>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

/// A value as it may be shown in a message: one line, and not a million characters of it.
pub fn excerpt(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut short: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

/// The candidate that a mistyped word is most like, if it is like any.
pub fn similar<'c>(given: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    const ENOUGH: f64 = 0.75;
    let given = given.to_lowercase();
    candidates
        .map(|word| (strsim::jaro_winkler(&given, word), word))
        .filter(|(likeness, _)| *likeness >= ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}
