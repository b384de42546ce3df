//! Reminders with their instants, for programs.

use serde::Serialize;

use crate::reminder::{
    Firing, FiringFate, Preferences, Reminder, ReminderId, ReminderState, Trigger, planned, state,
};
use crate::task::{Task, TaskId, TaskNo};
use crate::time::{Timestamp, Zone};

/// A reminder with its task, its instant, and where it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The task's number.
    pub id: TaskNo,
    /// The task.
    #[serde(rename = "uid")]
    pub task: TaskId,
    /// The task's title.
    pub title: String,
    /// When the task is due.
    pub due_date: Option<String>,
    /// The reminder's number among those of its task.
    pub reminder: ReminderId,
    /// What it says beside the title.
    pub message: Option<String>,
    /// How it comes.
    pub channel: &'static str,
    /// What sets it off.
    #[serde(skip)]
    pub trigger: Trigger,
    /// When it comes.
    #[serde(rename = "remind_at")]
    pub at: Timestamp,
    /// Where it stands.
    pub state: ReminderState,
    /// Shown after a time in which nothing ran.
    pub late: bool,
}

impl Shown {
    /// A reminder that is yet to come.
    pub fn new(task: &Task, reminder: &Reminder, at: Timestamp) -> Self {
        Self {
            id: task.id,
            task: task.uid,
            title: task.title.as_str().to_owned(),
            due_date: task.due_date.map(|due| due.date_text()),
            reminder: reminder.id,
            message: reminder.message.as_ref().map(|text| text.as_str().to_owned()),
            channel: reminder.channel.as_str(),
            trigger: reminder.trigger,
            at,
            state: ReminderState::Scheduled,
            late: false,
        }
    }
}

/// Every reminder of a task and where it stands, the earliest first.
pub fn shown(
    task: &Task,
    firings: &[Firing],
    preferences: &Preferences,
    now: Timestamp,
    zone: Zone,
) -> Vec<Shown> {
    let reminder = |id| task.reminders.iter().find(|reminder| reminder.id == id);
    planned(task, preferences, zone)
        .into_iter()
        .filter_map(|planned| {
            let key = (task.uid, planned.reminder, planned.at);
            let fate = firings.iter().find(|firing| firing.key() == key).map(|firing| firing.fate);
            Some(Shown {
                state: state(task, planned, fate, now, zone),
                late: fate == Some(FiringFate::Late),
                ..Shown::new(task, reminder(planned.reminder)?, planned.at)
            })
        })
        .collect()
}
