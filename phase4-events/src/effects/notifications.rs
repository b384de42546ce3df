//! What one is told where one looks: reminders, and series that have ended. Whichever channel a reminder
//! names, it is told here too.

use todo_core::event::{EventData, EventEnvelope, Origin};
use todo_core::reminder::{Firing, FiringFate};
use todo_core::{Owner, StoreError, TaskId};
use todo_store::Store;
use todo_store::effects::{Notification, NotificationKind, Settled};
use todo_store::log::{Entry, Unreadable, Work};

use crate::consumer::{Consumer, Start, Verdict};

/// Writes notifications.
#[derive(Debug, Clone)]
pub struct Notifications {
    store: Store,
}

impl Notifications {
    /// What tasks are called is looked up in this store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

impl Consumer for Notifications {
    const NAME: &'static str = "notifications";
    const START: Start = Start::Now;

    async fn handle(&self, entry: &Entry, work: &mut Work) -> Verdict {
        match entry.event_type.as_str() {
            "reminder.triggered" | "reminder.missed" | "series.ended" => match entry.envelope() {
                Ok(event) => self.tell(&event, work).await.unwrap_or_else(Verdict::from),
                // Its task was purged meanwhile, and there is nothing to tell.
                Err(Unreadable::Blank) => Verdict::Done,
                Err(unreadable) => unreadable.into(),
            },
            "task.purged" => {
                work.forget_notifications(TaskId(entry.aggregate_id), entry.seq);
                Verdict::Done
            }
            _ => Verdict::Done,
        }
    }
}

impl Notifications {
    async fn tell(&self, event: &EventEnvelope, work: &mut Work) -> Result<Verdict, StoreError> {
        let (owner, task) = (event.user_id, event.aggregate_id);
        let (title, kind, message, remind_at) = match &event.data {
            EventData::Reminded { reminder, firing, .. } => {
                if self.is_over(owner, firing).await? {
                    return Ok(Verdict::Done);
                }
                let (reminder, at) = (reminder.clone(), firing.at);
                let message = reminder.message.as_ref().map(|text| text.as_str().to_owned());
                let settled = [Settled { seq: event.seq, task, reminder, at }];
                let subject = self.store.subjects(owner, &settled).await?.remove(&event.seq);
                let title = subject.filter(|subject| subject.reminds).map(|subject| subject.title);
                (title, kind_of(firing.fate), message, Some(at))
            }
            // SPEC 9: an import makes no notifications.
            EventData::SeriesEnded { origin: Some(Origin::Import), .. } => {
                return Ok(Verdict::Done);
            }
            EventData::SeriesEnded { .. } => {
                let title = self.store.title(owner, task).await?;
                (title, NotificationKind::SeriesEnded, None, None)
            }
            _ => return Ok(Verdict::Done),
        };
        let Some(title) = title else { return Ok(Verdict::Done) };
        let told = Notification {
            seq: event.seq,
            kind,
            task,
            task_id: event.data.id(),
            title,
            message,
            remind_at,
            at: event.timestamp,
            read_at: None,
        };
        work.notify(told);
        Ok(Verdict::Done)
    }
}

impl Notifications {
    /// Whether its moment was before there was anybody to tell of it, though its task was here: the first scheduler
    /// of a database settles what came in all the time without one.
    async fn is_over(&self, owner: Owner, firing: &Firing) -> Result<bool, StoreError> {
        if firing.fate == FiringFate::Sent {
            return Ok(false);
        }
        let begun = self.store.begun_at(<Self as Consumer>::NAME).await?;
        let Some(begun) = begun.filter(|begun| firing.at < *begun) else { return Ok(false) };
        Ok(self.store.came_at(owner, firing.task).await?.is_some_and(|came| came < begun))
    }
}

fn kind_of(fate: FiringFate) -> NotificationKind {
    match fate {
        FiringFate::Sent => NotificationKind::Reminder,
        FiringFate::Late => NotificationKind::LateReminder,
        FiringFate::Missed => NotificationKind::MissedReminder,
    }
}
