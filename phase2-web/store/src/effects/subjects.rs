//! What must be known of a task before its owner is told of it, and whether its owner is reminded at all:
//! of what was past when it was set nobody is, wherever reminders are told.

use std::collections::HashMap;

use todo_core::change::FieldChange;
use todo_core::event::{EventData, Origin, Seq};
use todo_core::reminder::{Preferences, Reminder, Trigger, instant};
use todo_core::{Due, Owner, StoreError, TaskId, Timestamp, Zone};

use crate::Store;
use crate::cells::Cells;
use crate::sql::Sql;
use crate::tasks::load::number;

/// A reminder that was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The event that says so.
    pub seq: Seq,
    /// Which task it is of.
    pub task: TaskId,
    /// As it was then.
    pub reminder: Reminder,
    /// For when it was planned.
    pub at: Timestamp,
}

/// Of how many reminders is asked at a time.
const AT_A_TIME: usize = 8;

/// What is known of the task of a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What it is called now.
    pub title: String,
    /// Whether its owner is reminded, wherever that is told. Not if the moment was past when it was set: by
    /// who made the task or changed it, or by an import. A series may make a task later than it reminds.
    pub reminds: bool,
}

/// What happened to the task before, and after the moment of the reminder: if the newest of these that set
/// that moment is not among them, it was set in time. What could not have set it is not read. Of a task to
/// which more than a hundred things happened since, the newest of them count, and in doubt it reminds.
static SUBJECTS: Sql = Sql::new(
    "SELECT s.seq, t.title, e.data FROM {moments} s CROSS JOIN tasks t \
     LEFT JOIN events e{of task} ON e.owner = t.owner AND e.aggregate_id = t.uid AND e.seq < s.seq \
     AND e.seq > COALESCE((SELECT f.seq FROM events f WHERE f.owner = t.owner \
     AND f.aggregate_id = t.uid AND f.seq < s.seq ORDER BY f.seq DESC LIMIT 1 OFFSET 100), 0) \
     AND e.at > s.at AND e.aggregate_type = 'task' AND (e.event_type = 'task.created' \
     OR e.data LIKE '%\"field\":\"reminders\"%' OR e.data LIKE '%\"field\":\"due_date\"%') \
     WHERE t.owner = ? AND t.uid = s.task ORDER BY s.seq, e.seq DESC",
);
static CAME_AT: Sql = Sql::new(
    "SELECT e.at FROM events e{of task} WHERE e.owner = ? AND e.aggregate_id = ? \
     AND e.event_type = 'task.created' ORDER BY e.seq DESC LIMIT 1",
);
static TITLE: Sql = Sql::new("SELECT title FROM tasks WHERE owner = ? AND uid = ?");

impl Store {
    /// What a task is called; nothing if it is gone for good.
    pub async fn title(&self, owner: Owner, task: TaskId) -> Result<Option<String>, StoreError> {
        let values = vec![owner.0.into(), task.0.into()];
        let title = |row: &dyn Cells| Ok(row.text(0)?.unwrap_or_default().to_owned());
        Ok(self.asked(&TITLE, values, title).await?.pop())
    }

    /// When a task came to be here; the last time, if it was gone for good in between.
    pub async fn came_at(
        &self,
        owner: Owner,
        task: TaskId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let at = |row: &dyn Cells| Ok(row.integer(0)?.map(Timestamp::from_millis));
        let found = self.asked(&CAME_AT, vec![owner.0.into(), task.0.into()], at).await?;
        Ok(found.into_iter().flatten().next())
    }

    /// What is known of the tasks of an owner's reminders, by the events that tell of these, some in one question;
    /// nothing of those that are gone for good. It is the same whatever has become of a task since.
    pub async fn subjects(
        &self,
        owner: Owner,
        settled: &[Settled],
    ) -> Result<HashMap<Seq, Subject>, StoreError> {
        let mut known = HashMap::new();
        // What happened to a task may be long.
        for some in settled.chunks(AT_A_TIME) {
            known.extend(self.some_subjects(owner, some).await?);
        }
        Ok(known)
    }

    async fn some_subjects(
        &self,
        owner: Owner,
        settled: &[Settled],
    ) -> Result<impl Iterator<Item = (Seq, Subject)>, StoreError> {
        let number_of = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
        let moment = |one: &Settled| (one.task.0, number_of(one.seq), one.at.millis());
        let moments: Vec<_> = settled.iter().map(moment).collect();
        let asked: HashMap<_, _> = settled.iter().map(|one| (one.seq, one)).collect();
        let read = |row: &dyn Cells| {
            let seq = Seq(number(row, 0)?);
            let title = row.text(1)?.unwrap_or_default().to_owned();
            // What cannot be read keeps nobody from being reminded.
            let said = row.text(2).ok().flatten().and_then(|data| serde_json::from_str(data).ok());
            let reminds = asked.get(&seq).zip(said).and_then(|(one, said)| reminds(one, &said));
            Ok((seq, title, reminds))
        };
        let mut known = HashMap::new();
        for (seq, title, reminds) in
            self.asked(&SUBJECTS, vec![moments.into(), owner.0.into()], read).await?
        {
            let (_, newest) = known.entry(seq).or_insert((title, None));
            *newest = newest.or(reminds);
        }
        Ok(known.into_iter().map(|(seq, (title, reminds))| {
            (seq, Subject { title, reminds: reminds.unwrap_or(true) })
        }))
    }
}

/// Whether a reminder counts whose moment was past when this happened; nothing if this did not set it.
fn reminds(settled: &Settled, said: &EventData) -> Option<bool> {
    match said {
        EventData::Created { origin, .. } => Some(*origin == Some(Origin::Series)),
        EventData::Changed { changes, .. } => sets(settled, changes).then_some(false),
        _ => None,
    }
}

/// Whether changes gave a reminder its moment: not if it had that before.
fn sets(settled: &Settled, changes: &[FieldChange]) -> bool {
    let Settled { reminder, at, .. } = settled;
    let had = changes.iter().find_map(|change| match change {
        FieldChange::Reminders(swap) => Some(swap.old.iter().find(|old| old.id == reminder.id)),
        _ => None,
    });
    let trigger = had.map_or(Some(reminder.trigger), |had| had.map(|had| had.trigger));
    let due = changes.iter().find_map(|change| match change {
        FieldChange::DueDate(swap) => Some(swap.old),
        _ => None,
    });
    if trigger != Some(reminder.trigger) {
        return true;
    }
    match (reminder.trigger, due) {
        (Trigger::At(_), _) | (_, None) => false,
        // Another zone or another way to write the same.
        (trigger, Some(Some(due @ Due::At { .. }))) => {
            instant(trigger, Some(due), &Preferences::default(), Zone::UTC) != Some(*at)
        }
        (_, Some(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::explain::plan;
    use crate::{DatabaseUrl, Options};

    /// Each task's own history is looked up, and no more of it than may count.
    #[tokio::test]
    async fn nothing_goes_through_all_that_happened() {
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        let nobody = Uuid::nil();
        let values = vec![vec![(nobody, 2, 1)].into(), nobody.into()];
        let plan = plan(&store, &SUBJECTS, values).await;
        let of_task = "events_of_task (owner=? AND aggregate_id=? AND seq";
        for part in ["e", "f"] {
            let found = format!("SEARCH {part} USING ");
            let found = plan.iter().find(|line| line.starts_with(&found));
            assert!(found.is_some_and(|line| line.contains(of_task)), "{part}: {plan:#?}");
        }
        assert!(plan.iter().any(|line| line.starts_with("SEARCH t USING ")), "{plan:#?}");
        let scans = |line: &&String| line.starts_with("SCAN ") && !line.contains("json_each");
        assert_eq!(plan.iter().find(scans), None, "{plan:#?}");
    }
}
