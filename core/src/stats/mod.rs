//! Statistics: how many tasks there are of which kind, and what came and went day by day.
//!
//! A [`Tally`] looks at tasks one by one, in any order, and answers whole numbers: no store, no
//! order of tasks and no platform can make them differ. A task in the trash counts there and
//! nowhere else; one whose time in the trash is over counts nowhere (S4).

mod asked;
mod counted;
mod labels;

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Serialize, Serializer};

use crate::due::Due;
use crate::query::{DueFilter, Moment, TaskFields};
use crate::task::{Priority, Status, has_expired};
use crate::time::Timestamp;

use labels::Spellings;

pub use asked::StatsQuery;
pub use counted::Counted;
pub use labels::{LABELS_MAX, LabelCount, Labels, Uses};

/// How many days [`Stats::days`] has: four whole weeks, so that each weekday is there as often.
pub const DAYS: usize = 28;

/// The numbers. A day is one of the asker's zone, however many hours it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// How many tasks have each status.
    pub status: StatusCounts,
    /// How many lie in the trash.
    pub trash: u64,
    /// What stands out among the open ones.
    pub open: OpenCounts,
    /// Open tasks by priority.
    pub priorities: PriorityCounts,
    /// Projects of open tasks, each by its whole path.
    pub projects: Labels,
    /// Tags of open tasks.
    pub tags: Labels,
    /// The last [`DAYS`] days, the earliest first, today the last.
    pub days: Vec<DayCounts>,
    /// Completions of those days by weekday, from the asker's first day of the week on.
    pub weekdays: Vec<WeekdayCount>,
    /// Days in a row, up to today, on each of which something was completed. While today has
    /// nothing yet, up to yesterday: a streak ends with a day, not with a morning.
    pub streak_days: u64,
    /// The median age of open tasks: calendar days since they were made. Of an even number the
    /// smaller of the two in the middle, here and below.
    pub median_age_days: Option<u64>,
    /// The median time from creation to completion of completed tasks, in whole seconds.
    pub median_seconds_to_complete: Option<u64>,
}

impl Stats {
    /// How many tasks were counted, in the trash or not.
    pub fn total(&self) -> u64 {
        let StatusCounts { pending, in_progress, completed, cancelled } = self.status;
        pending + in_progress + completed + cancelled + self.trash
    }
}

/// Tasks outside the trash, by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each is the status of that name")]
pub struct StatusCounts {
    pub pending: u64,
    pub in_progress: u64,
    pub completed: u64,
    pub cancelled: u64,
}

impl StatusCounts {
    /// Pending or in progress.
    pub fn open(&self) -> u64 {
        self.pending + self.in_progress
    }

    fn of(&mut self, status: Status) -> &mut u64 {
        match status {
            Status::Pending => &mut self.pending,
            Status::InProgress => &mut self.in_progress,
            Status::Completed => &mut self.completed,
            Status::Cancelled => &mut self.cancelled,
        }
    }
}

/// Open tasks outside the trash that ask for attention, or need none yet. What waits is not among
/// the first three: they count what a list with that filter shows (Q1, Q3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OpenCounts {
    /// The due date has passed (Q4).
    pub overdue: u64,
    /// Due today, passed or not.
    pub today: u64,
    /// Due from today to the end of the week.
    pub week: u64,
    /// Hidden until a start date that is to come.
    pub waiting: u64,
    /// Holds the baton of a series: more will follow (R1).
    pub repeating: u64,
}

/// Open tasks outside the trash, by priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "each is the priority of that name")]
pub struct PriorityCounts {
    pub high: u64,
    pub medium: u64,
    pub low: u64,
}

impl PriorityCounts {
    fn of(&mut self, priority: Priority) -> &mut u64 {
        match priority {
            Priority::High => &mut self.high,
            Priority::Medium => &mut self.medium,
            Priority::Low => &mut self.low,
        }
    }
}

/// What came and went on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DayCounts {
    /// The day.
    pub date: NaiveDate,
    /// Tasks made that day, whatever became of them.
    pub created: u64,
    /// Tasks completed that day, and not reopened.
    pub completed: u64,
}

/// What was completed on a day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WeekdayCount {
    /// Which day: `monday`.
    #[serde(serialize_with = "in_full")]
    pub weekday: Weekday,
    /// How many tasks.
    pub completed: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn in_full<S: Serializer>(weekday: &Weekday, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match weekday {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    })
}

/// Statistics in the making: tasks are offered one by one, in any order.
#[derive(Debug)]
pub struct Tally {
    moment: Moment,
    today: NaiveDate,
    /// What is due today, and this week: as a list with that filter has it.
    due: [Option<Range<Timestamp>>; 2],
    stats: Stats,
    projects: Spellings,
    tags: Spellings,
    /// Every day on which something was completed.
    busy: BTreeSet<NaiveDate>,
    ages: Vec<u64>,
    spans: Vec<u64>,
}

impl Tally {
    /// Nothing has been offered yet.
    pub fn new(moment: Moment) -> Self {
        let today = moment.now.day(moment.zone);
        let day = |back| DayCounts {
            date: today.checked_sub_days(Days::new(back)).unwrap_or(today),
            created: 0,
            completed: 0,
        };
        let stats = Stats {
            status: StatusCounts::default(),
            trash: 0,
            open: OpenCounts::default(),
            priorities: PriorityCounts::default(),
            projects: Labels::default(),
            tags: Labels::default(),
            days: (0..DAYS as u64).rev().map(day).collect(),
            weekdays: Vec::new(),
            streak_days: 0,
            median_age_days: None,
            median_seconds_to_complete: None,
        };
        Self {
            moment,
            today,
            due: [DueFilter::Today, DueFilter::Week].map(|word| word.days(&moment)),
            stats,
            projects: Spellings::default(),
            tags: Spellings::default(),
            busy: BTreeSet::new(),
            ages: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// Counts a task.
    pub fn offer(&mut self, task: &impl TaskFields) {
        self.count(&Counted::of(task), task.tags());
    }

    /// Counts a task of which no more is known than what is counted, and its tags.
    pub fn count<'t>(&mut self, task: &Counted<'t>, tags: impl IntoIterator<Item = &'t str>) {
        if let Some(at) = task.deleted_at {
            self.stats.trash += u64::from(!has_expired(at, self.moment.now));
            return;
        }
        *self.stats.status.of(task.status) += 1;
        let made = task.created_at.day(self.moment.zone);
        if let Some(day) = self.day(made) {
            day.created += 1;
        }
        if let Some(at) = task.completed_at {
            self.completed(task, at);
        }
        if task.status.is_open() {
            let age = (self.today - made).num_days();
            self.ages.push(u64::try_from(age).unwrap_or_default());
            self.open(task);
            self.labels(task, tags);
        }
    }

    fn completed(&mut self, task: &Counted<'_>, at: Timestamp) {
        let done = at.day(self.moment.zone);
        if let Some(day) = self.day(done) {
            day.completed += 1;
        }
        self.busy.insert(done);
        // Imported dates may say anything; nothing takes less than no time.
        let millis = at.millis().saturating_sub(task.created_at.millis());
        self.spans.push(u64::try_from(millis / 1000).unwrap_or_default());
    }

    fn open(&mut self, task: &Counted<'_>) {
        let Moment { now, zone, .. } = self.moment;
        self.stats.open.repeating += u64::from(task.is_repeating);
        *self.stats.priorities.of(task.priority) += 1;
        if task.start_date.is_some_and(|start| start.starts(zone) > now) {
            self.stats.open.waiting += 1;
        } else if let Some(due) = task.due_date {
            self.due(due);
        }
    }

    /// What is due: shown by a list, as it does not wait.
    fn due(&mut self, due: Due) {
        let Moment { now, zone, .. } = self.moment;
        let starts = due.starts(zone);
        // Nothing has passed that has not begun.
        let overdue = starts <= now && due.passes(zone) <= now;
        let [today, week] = self
            .due
            .each_ref()
            .map(|days| u64::from(days.as_ref().is_some_and(|days| days.contains(&starts))));
        let open = &mut self.stats.open;
        open.overdue += u64::from(overdue);
        open.today += today;
        open.week += week;
    }

    fn labels<'t>(&mut self, task: &Counted<'t>, tags: impl IntoIterator<Item = &'t str>) {
        match task.project {
            Some(project) => self.projects.add(project, task.updated_at),
            None => self.stats.projects.without += 1,
        }
        let mut tagged = false;
        for tag in tags {
            self.tags.add(tag, task.updated_at);
            tagged = true;
        }
        self.stats.tags.without += u64::from(!tagged);
    }

    /// A day, if it is one of the last.
    fn day(&mut self, date: NaiveDate) -> Option<&mut DayCounts> {
        let back = (self.today - date).num_days();
        let back = usize::try_from(back).ok()?;
        self.stats.days.iter_mut().nth_back(back)
    }

    /// The numbers.
    pub fn finish(mut self) -> Stats {
        self.stats.weekdays = self.weekdays();
        self.stats.streak_days = self.streak();
        self.stats.median_age_days = median(&mut self.ages);
        self.stats.median_seconds_to_complete = median(&mut self.spans);
        self.projects.uses().rank(&mut self.stats.projects);
        self.tags.uses().rank(&mut self.stats.tags);
        self.stats
    }

    fn weekdays(&self) -> Vec<WeekdayCount> {
        let week = std::iter::successors(Some(self.moment.week_start), |day| Some(day.succ()));
        let count = |weekday| {
            let days = self.stats.days.iter().filter(|day| day.date.weekday() == weekday);
            WeekdayCount { weekday, completed: days.map(|day| day.completed).sum() }
        };
        week.take(7).map(count).collect()
    }

    fn streak(&self) -> u64 {
        let back = |day: &NaiveDate| day.pred_opt();
        let newest =
            if self.busy.contains(&self.today) { Some(self.today) } else { back(&self.today) };
        let days = std::iter::successors(newest, back);
        days.take_while(|day| self.busy.contains(day)).count() as u64
    }
}

/// The middle one; of an even number the smaller of the two in the middle.
fn median(values: &mut [u64]) -> Option<u64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable(middle).1)
}
