//! What somebody is told where they look.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError, TaskId, TaskNo, Timestamp};
use uuid::Uuid;

use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::log::Work;
use crate::sql::Sql;
use crate::tasks::load::{bad, number};
use crate::tasks::tables::NOTIFICATIONS;

/// How many an owner has at most: the oldest make room for the newest.
pub const NOTIFICATIONS_KEPT: u32 = 1_000;

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationKind {
    /// It is time.
    Reminder,
    /// It was time a while ago, when nobody could say so.
    LateReminder,
    /// It was time so long ago that it is only said that it was.
    MissedReminder,
    /// A series goes no further.
    SeriesEnded,
}

impl NotificationKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::LateReminder => "late_reminder",
            Self::MissedReminder => "missed_reminder",
            Self::SeriesEnded => "series_ended",
        }
    }

    fn of(word: &str) -> Option<Self> {
        let all = [Self::Reminder, Self::LateReminder, Self::MissedReminder, Self::SeriesEnded];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Something that somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The number of the event that it comes of, by which it is known.
    pub seq: Seq,
    /// What it says.
    pub kind: NotificationKind,
    /// Of which task.
    pub task: TaskId,
    /// The task's number.
    pub task_id: TaskNo,
    /// What the task was called then.
    pub title: String,
    /// What the reminder says.
    pub message: Option<String>,
    /// When the reminder was meant to come.
    pub remind_at: Option<Timestamp>,
    /// Since when it is here.
    pub at: Timestamp,
    /// When it was read; of one that comes, it never was.
    pub read_at: Option<Timestamp>,
}

/// Some of them, and how many wait to be read in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notifications {
    /// The newest first.
    pub items: Vec<Notification>,
    /// All that were not read, on whatever page.
    pub unread: u64,
}

/// Which of them were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToRead {
    /// These.
    These(Vec<Seq>),
    /// This one and all before it.
    UpTo(Seq),
}

/// Of many owners at a time, who are looked up one by one.
static PRUNE: Sql = Sql::new(
    "WITH last AS MATERIALIZED (SELECT o.owner, (SELECT n.seq FROM notifications n \
     WHERE n.owner = o.owner ORDER BY n.seq DESC LIMIT 1 OFFSET ?) AS seq \
     FROM owners o WHERE o.owner {uids}) \
     DELETE FROM notifications WHERE (owner, seq) IN (SELECT n.owner, n.seq FROM last \
     CROSS JOIN notifications n WHERE n.owner = last.owner AND n.seq <= last.seq)",
);
/// What came before a task was gone: a task that came again under its name is another.
static FORGET: Sql = Sql::new(
    "DELETE FROM notifications WHERE (owner, seq) IN (SELECT n.owner, n.seq FROM {tasks} gone \
     CROSS JOIN notifications n WHERE n.owner = gone.owner AND n.task = gone.task \
     AND n.seq < gone.seq)",
);

macro_rules! page {
    ($unread:literal) => {
        concat!(
            "SELECT seq, kind, task, task_id, title, message, remind_at, at, read_at \
             FROM notifications WHERE owner = ? AND seq < ?",
            $unread,
            " ORDER BY seq DESC LIMIT ?"
        )
    };
}
static PAGE: Sql = Sql::new(page!(""));
static UNREAD_PAGE: Sql = Sql::new(page!(" AND read_at IS NULL"));
static UNREAD: Sql =
    Sql::new("SELECT COUNT(*) FROM notifications WHERE owner = ? AND read_at IS NULL");
static READ: Sql = Sql::new(
    "UPDATE notifications SET read_at = ? WHERE owner = ? AND read_at IS NULL AND seq {numbers}",
);
static READ_UP_TO: Sql = Sql::new(
    "UPDATE notifications SET read_at = ? WHERE owner = ? AND read_at IS NULL AND seq <= ?",
);

impl Work {
    /// Tells the event's owner something. The oldest make room where there are more than are kept.
    pub fn notify(&mut self, told: Notification) {
        let row = vec![
            told.seq.0.into(),
            told.kind.as_str().into(),
            told.task.0.into(),
            told.task_id.0.into(),
            told.title.into(),
            told.message.into(),
            told.remind_at.map(Timestamp::millis).into(),
            told.at.millis().into(),
        ];
        self.insert(&NOTIFICATIONS, row);
    }

    /// Takes away what the event's owner was told of a task before it was gone for good.
    pub fn forget_notifications(&mut self, task: TaskId, gone: Seq) {
        self.forget(task, gone);
    }
}

/// Takes away what owners were told of tasks before they were gone.
pub(crate) async fn forget(conn: &mut Conn<'_>, gone: Vec<(Uuid, Uuid, i64)>) -> StoreResult<()> {
    if !gone.is_empty() {
        conn.run(&FORGET, vec![gone.into()]).await?;
    }
    Ok(())
}

/// Makes room where owners have more than are kept.
pub(crate) async fn make_room(conn: &mut Conn<'_>, owners: Vec<Uuid>) -> StoreResult<()> {
    if !owners.is_empty() {
        conn.run(&PRUNE, vec![i64::from(NOTIFICATIONS_KEPT).into(), owners.into()]).await?;
    }
    Ok(())
}

impl Store {
    /// What somebody was told, the newest first: what came before one of them, or from the newest on.
    pub async fn notifications(
        &self,
        owner: Owner,
        unread: bool,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<Notifications, StoreError> {
        let before = before.map_or(u64::MAX, |seq| seq.0);
        let sql = if unread { &UNREAD_PAGE } else { &PAGE };
        let values = vec![owner.0.into(), before.into(), limit.into()];
        let items = self.asked(sql, values, notification).await?;
        let counted = self.asked(&UNREAD, vec![owner.0.into()], |row| number(row, 0)).await?;
        Ok(Notifications { items, unread: counted.first().copied().unwrap_or_default() })
    }

    /// Notes that some were read. What was read before, or is not there, stays as it is. Answers how
    /// many are still to be read.
    pub async fn mark_read(
        &self,
        owner: Owner,
        which: &ToRead,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut values = vec![now.millis().into(), owner.0.into()];
        let sql = match which {
            ToRead::UpTo(seq) => {
                values.push(seq.0.into());
                &READ_UP_TO
            }
            ToRead::These(seqs) => {
                let seqs = seqs.iter().filter_map(|seq| i64::try_from(seq.0).ok());
                values.push(seqs.collect::<Vec<_>>().into());
                &READ
            }
        };
        let mut tx = self.writing().await?;
        tx.lend().run(sql, values).await?;
        let left = vec![owner.0.into()];
        let left = tx.lend().rows(&UNREAD, left, |row| number(row, 0)).await?;
        tx.commit().await?;
        Ok(left.first().copied().unwrap_or_default())
    }
}

fn instant(row: &dyn Cells, at: usize) -> StoreResult<Timestamp> {
    Ok(Timestamp::from_millis(row.integer(at)?.ok_or_else(|| bad(()))?))
}

fn notification(row: &dyn Cells) -> StoreResult<Notification> {
    let text = |at| row.text(at)?.ok_or_else(|| bad(()));
    Ok(Notification {
        seq: Seq(number(row, 0)?),
        kind: NotificationKind::of(text(1)?).ok_or_else(|| bad(()))?,
        task: TaskId(row.uuid(2)?.ok_or_else(|| bad(()))?),
        task_id: TaskNo(number(row, 3)?),
        title: text(4)?.to_owned(),
        message: row.text(5)?.map(str::to_owned),
        remind_at: row.integer(6)?.map(Timestamp::from_millis),
        at: instant(row, 7)?,
        read_at: row.integer(8)?.map(Timestamp::from_millis),
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::explain::plan;
    use crate::{DatabaseUrl, Options};

    /// What is taken away is found by an index: a batch may purge hundreds of tasks.
    #[tokio::test]
    async fn nothing_goes_through_all_notifications() {
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        let nobody = Uuid::nil();
        let gone = plan(&store, &FORGET, vec![vec![(nobody, nobody, 1)].into()]).await;
        let task = "notifications_of_task (owner=? AND task=? AND seq<?)";
        assert!(gone.iter().any(|line| line.ends_with(task)), "{gone:#?}");
        let pruned = plan(&store, &PRUNE, vec![1_i64.into(), vec![nobody].into()]).await;
        for plan in [gone, pruned] {
            let scans = |line: &&String| {
                ["SCAN notifications", "SCAN n", "SCAN o"].contains(&line.as_str())
                    || line.starts_with("SCAN n ")
            };
            assert_eq!(plan.iter().find(scans), None, "{plan:#?}");
        }
    }
}
