//! How urgent a task is (Q8): one integer, a pure function of the task, the moment and the zone.
//!
//! Each thing that makes a task urgent adds points; what they are is all there is to it, and
//! [`explain`] names them. Those who come from Taskwarrior know most of them, ten times as large:
//! an integer is the same on every machine, and can be sorted by and paged over without doubt.
//!
//! | what | points |
//! |---|---|
//! | priority high, medium, low | 60, 20, 0 |
//! | due: two weeks or more away; then rising to a week overdue and later | 24 … 120 |
//! | in progress | 40 |
//! | the tag `next` | 150 |
//! | one, two, more tags | 8, 9, 10 |
//! | a project; a description | 10; 10 |
//! | age: up to a year | 0 … 20 |
//! | waiting for its start date | −30 |
//!
//! A task that is closed or lies in the trash has none.

use serde::{Serialize, Serializer};

use crate::fold::fold;
use crate::query::{Moment, TaskFields, is_waiting};
use crate::task::{Priority, Status};

const DAY: i64 = 86_400_000;
/// Two weeks before the due date the points begin to rise …
const RISES_BEFORE: i64 = 14 * DAY;
/// … for three weeks.
const RISES_FOR: i64 = 21 * DAY;
/// An age counts up to this.
const OLD: i64 = 365 * DAY;

/// Something that makes a task more or less urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// How much it matters.
    Priority(Priority),
    /// Its due date.
    Due,
    /// It was begun.
    InProgress,
    /// The tag `next`: somebody said that it is.
    Next,
    /// So many tags.
    Tags(i64),
    /// It belongs to a project.
    Project,
    /// It has a description.
    Description,
    /// So many whole days old.
    Age(i64),
    /// It is hidden until its start date.
    Waiting,
}

impl Factor {
    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priority(_) => "priority",
            Self::Due => "due",
            Self::InProgress => "in_progress",
            Self::Next => "next",
            Self::Tags(_) => "tags",
            Self::Project => "project",
            Self::Description => "description",
            Self::Age(_) => "age",
            Self::Waiting => "waiting",
        }
    }
}

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What one factor adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What.
    pub factor: Factor,
    /// How many points; negative if it takes away.
    pub points: i64,
}

/// The urgency: the sum of [`explain`].
pub fn urgency(task: &impl TaskFields, moment: &Moment) -> i64 {
    let mut sum = 0;
    weigh(task, moment, |part| sum += part.points);
    sum
}

/// Everything that adds to a task's urgency or takes from it; what does neither is left out.
pub fn explain(task: &impl TaskFields, moment: &Moment) -> Vec<Part> {
    let mut parts = Vec::new();
    weigh(task, moment, |part| {
        if part.points != 0 {
            parts.push(part);
        }
    });
    parts
}

fn weigh(task: &impl TaskFields, moment: &Moment, mut add: impl FnMut(Part)) {
    if !task.status().is_open() || task.trash().is_some() {
        return;
    }
    let mut add = |factor, points| add(Part { factor, points });
    let priority = task.priority();
    add(
        Factor::Priority(priority),
        match priority {
            Priority::High => 60,
            Priority::Medium => 20,
            Priority::Low => 0,
        },
    );
    if let Some(due) = task.due_date() {
        let late = moment.now.millis() - due.passes(moment.zone).millis();
        let risen = (late + RISES_BEFORE).clamp(0, RISES_FOR);
        add(Factor::Due, 24 + risen * 96 / RISES_FOR);
    }
    if task.status() == Status::InProgress {
        add(Factor::InProgress, 40);
    }
    let mut tags: i64 = 0;
    for tag in task.tags() {
        tags += 1;
        // However it is spelt; and of plain letters, only four can be it.
        if (tag.len() == 4 || !tag.is_ascii()) && fold(tag) == "next" {
            add(Factor::Next, 150);
        }
    }
    if tags > 0 {
        add(Factor::Tags(tags), 7 + tags.min(3));
    }
    if task.project().is_some() {
        add(Factor::Project, 10);
    }
    if task.description().is_some() {
        add(Factor::Description, 10);
    }
    let age = (moment.now.millis() - task.created_at().millis()).max(0);
    add(Factor::Age(age / DAY), age.min(OLD) * 20 / OLD);
    if is_waiting(task, moment) {
        add(Factor::Waiting, -30);
    }
}
