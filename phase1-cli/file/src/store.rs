//! The store: what the core asks for, answered from the file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use todo_core::batch::Stamped;
use todo_core::facts::{TaskIndex as _, gather};
use todo_core::query::TaskQuery;
use todo_core::stats::{Stats, StatsQuery};
use todo_core::wire::TaskRecord;
use todo_core::{
    Batch, Committed, Facts, Needs, Owner, Page, StoreError, Task, TaskFields as _, TaskId,
    TaskStore, Timestamp, Zone,
};

use crate::atomic::{backup_path, copy, replace, resolve};
use crate::document::{Document, Source, check_format, refuse};
use crate::error::FileError;
use crate::index::{Index, Indexed, task_at};
use crate::lock::{self, Lock, beside};
use crate::rows::{Counting, Found, Rows};
use crate::scan;
use crate::write::{Change, write};

/// What every row with such a series has in it (`Spawn::OnSchedule`).
const SCHEDULED: &[u8] = b"on_schedule";

/// One generation of the file, as read.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) source: Source,
    document: OnceLock<Document>,
    index: OnceLock<Index>,
    identity: Option<Identity>,
}

/// What tells one generation from the next without reading it: every write makes a new inode.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    inode: u64,
    length: u64,
    modified: Option<SystemTime>,
}

impl Identity {
    fn of(path: &Path) -> Option<Self> {
        let meta = std::fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&meta);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { inode, length: meta.len(), modified: meta.modified().ok() })
    }
}

impl Snapshot {
    pub(crate) fn document(&self, path: &Path) -> Result<&Document, FileError> {
        if let Some(document) = self.document.get() {
            return Ok(document);
        }
        let document = if self.source.text.is_empty() {
            Document::default()
        } else {
            Document::parse(&self.source, path)?
        };
        Ok(self.document.get_or_init(|| document))
    }

    fn index(&self, path: &Path) -> Result<&Index, FileError> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let index = Index::new(self.document(path)?, path)?;
        Ok(self.index.get_or_init(|| index))
    }

    /// Where the tasks among these that the file holds stand.
    fn places(
        &self,
        tasks: impl Iterator<Item = TaskId>,
        path: &Path,
    ) -> Result<HashMap<TaskId, usize>, FileError> {
        let index = self.index(path)?;
        Ok(tasks.filter_map(|task| Some((task, index.place(task)?))).collect())
    }
}

/// The tasks in a JSON file. Any number of these, in any number of processes, may use one file.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    zone: Zone,
    snapshot: RefCell<Option<Arc<Snapshot>>>,
    lock: Option<Lock>,
}

impl FileStore {
    /// A store on a file that need not exist yet; its folder must. `zone` is where the local
    /// times of the first format are understood. Nothing is written.
    pub fn open(path: &Path, zone: Zone) -> Result<Self, FileError> {
        let path = resolve(path)?;
        Ok(Self { path, zone, snapshot: RefCell::new(None), lock: None })
    }

    /// The file itself, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the right to write until [`FileStore::unlock`] or drop: what is loaded from now on
    /// is what will be written over. Without it, each commit takes and gives back the right.
    pub fn lock(&mut self) -> Result<(), FileError> {
        if self.lock.is_none() {
            let lock = lock::take(&self.path)?;
            refuse_read_only(&self.path)?;
            self.lock = Some(lock);
        }
        Ok(())
    }

    /// Gives back the right to write.
    pub fn unlock(&mut self) {
        self.lock = None;
    }

    /// Tasks whose 30 days in the trash are over (S4).
    pub fn expired(&self, now: Timestamp) -> Result<Vec<TaskId>, FileError> {
        Ok(self.snapshot()?.index(&self.path)?.expired(now))
    }

    /// Does something while nobody else writes.
    pub(crate) fn exclusively<T, E: From<FileError>>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let held = self.lock.is_some();
        self.lock()?;
        let done = act(self);
        if !held {
            self.unlock();
        }
        done
    }

    /// The present generation, read again if the file is another than last time.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>, FileError> {
        let identity = Identity::of(&self.path);
        let mut kept = self.snapshot.borrow_mut();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.identity == identity) {
            return Ok(Arc::clone(kept));
        }
        // The old text goes before the new one is read: two of them would double the memory.
        *kept = None;
        let source = Source::read(&self.path, self.zone)?.unwrap_or_default();
        let fresh = Arc::new(Snapshot { source, identity, ..Snapshot::default() });
        *kept = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// Where the tasks among these that the file holds stand.
    pub(crate) fn places(
        &self,
        snapshot: &Snapshot,
        tasks: impl Iterator<Item = TaskId>,
    ) -> Result<HashMap<TaskId, usize>, FileError> {
        snapshot.places(tasks, &self.path)
    }

    fn indexed<'s>(&'s self, snapshot: &'s Snapshot) -> Result<Indexed<'s>, FileError> {
        let index = snapshot.index(&self.path)?;
        Ok(Indexed { document: snapshot.document(&self.path)?, index, path: &self.path })
    }

    pub(crate) fn write(&self, snapshot: &Snapshot, change: &Change<'_>) -> Result<(), FileError> {
        // Reads every row: a file that is damaged anywhere is not replaced.
        snapshot.index(&self.path)?;
        let document = snapshot.document(&self.path)?;
        if document.legacy {
            keep_first_format(&self.path)?;
        }
        replace(&self.path, |out| write(document, change, out))
    }

    fn change<'s>(
        &self,
        snapshot: &Snapshot,
        stamped: &'s Stamped,
    ) -> Result<Change<'s>, FileError> {
        let mut change =
            Change { counters: stamped.counters, step: stamped.step.as_ref(), ..Change::default() };
        change.firings = &stamped.firings;
        let written = stamped.upserts.iter().map(|task| task.uid);
        let touched = written.chain(stamped.deletes.iter().copied());
        let places = snapshot.places(touched, &self.path)?;
        for task in &stamped.upserts {
            match places.get(&task.uid) {
                Some(place) => drop(change.replaced.insert(*place, task)),
                None => change.added.push(task),
            }
        }
        change.purged.extend(stamped.deletes.iter().copied());
        change.removed.extend(stamped.deletes.iter().filter_map(|task| places.get(task)));
        Ok(change)
    }

    /// Shows each row.
    fn each(&self, snapshot: &Snapshot, rows: &mut impl Rows) -> Result<(), StoreError> {
        let mut by_hand = Vec::new();
        let mut see = |mut record: TaskRecord<'_>| {
            let id = record.id();
            record.read_dates().map_err(|error| format!("task {id}: {error}"))?;
            if record.parent().is_none() && record.parent_id().is_some() {
                by_hand.push(record.uid());
                return Ok(());
            }
            rows.see(record).map_err(|error| format!("task {id}: {error}"))
        };
        if !snapshot.source.text.is_empty() {
            let format = scan::tasks(snapshot.source.json(), &mut see)
                .map_err(|error| refuse(&snapshot.source, &self.path, &error))?;
            check_format(format, &self.path)?;
        }
        // Written by hand with the parent's number only: the index knows whose number it is.
        for uid in by_hand {
            if let Some(task) = self.indexed(snapshot)?.read(uid)? {
                rows.see_task(task)?;
            }
        }
        Ok(())
    }

    /// Whether what the batch was planned on still holds.
    fn check(&self, snapshot: &Snapshot, batch: &Batch) -> Result<(), StoreError> {
        let counters = snapshot.document(&self.path)?.counters;
        if batch.expected_seq.is_some_and(|seq| seq != counters.next_seq) {
            return Err(StoreError::Conflict);
        }
        if !batch.expected.is_empty() {
            let index = snapshot.index(&self.path)?;
            let moved = |(task, version): &(TaskId, _)| index.version(*task) != Some(*version);
            if batch.expected.iter().any(moved) {
                return Err(StoreError::Conflict);
            }
        }
        if !batch.firings.is_empty() {
            let index = snapshot.index(&self.path)?;
            if batch.firings.iter().any(|firing| index.has_settled(firing)) {
                return Err(StoreError::Conflict);
            }
        }
        let inserts: Vec<_> = batch.inserts().collect();
        if snapshot.places(inserts.into_iter(), &self.path)?.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
    }
}

impl TaskStore for FileStore {
    fn load(&self, _: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        let snapshot = self.snapshot()?;
        let document = snapshot.document(&self.path)?;
        let steps = if needs.step.is_some() || needs.steps {
            document.read_steps(&self.path)?
        } else {
            Vec::new()
        };
        let (needs, step) = needs.clone().with_step(&steps);
        let mut facts = Facts {
            step: step.cloned(),
            counters: document.counters,
            count: document.tasks.len() as u64,
            by_clock: true,
            redo: true,
            ..Facts::default()
        };
        if needs.references().next().is_some() {
            gather(&self.indexed(&snapshot)?, &needs, &mut facts)?;
        }
        if needs.steps {
            facts.steps = steps;
        }
        Ok(facts)
    }

    fn find(&self, _: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        let snapshot = self.snapshot()?;
        let mut found = Found::new(query);
        if query.filter.scheduled {
            // Asked before everything else, and most lists have none: most are not even looked at.
            if memchr::memmem::find(snapshot.source.text.as_bytes(), SCHEDULED).is_some() {
                let indexed = self.indexed(&snapshot)?;
                for uid in indexed.index.scheduled() {
                    if let Some(task) = indexed.read(uid)? {
                        found.see_task(task)?;
                    }
                }
            }
            return Ok(found.page());
        }
        self.each(&snapshot, &mut found)?;
        Ok(found.page())
    }

    fn stats(&self, _: Owner, query: &StatsQuery) -> Result<Stats, StoreError> {
        let snapshot = self.snapshot()?;
        let mut counting = Counting::new(query);
        self.each(&snapshot, &mut counting)?;
        Ok(counting.stats())
    }

    /// Receipts and inbox notes are for servers; a file keeps none.
    fn commit(&mut self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        if batch.is_empty() {
            return Ok(Committed::default());
        }
        self.exclusively(|store| {
            let snapshot = store.snapshot()?;
            store.check(&snapshot, &batch)?;
            let stamped = batch.stamp(owner, snapshot.document(&store.path)?.counters);
            let change = store.change(&snapshot, &stamped)?;
            store.write(&snapshot, &change)?;
            Ok(stamped.into())
        })
    }
}

fn refuse_read_only(path: &Path) -> Result<(), FileError> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.permissions().readonly() => Err(FileError::ReadOnly(path.to_owned())),
        _ => Ok(()),
    }
}

/// The first format's file, which the second write would else take from the backup too.
fn keep_first_format(path: &Path) -> Result<(), FileError> {
    let kept = beside(path, ".v0");
    if kept.exists() {
        return Ok(());
    }
    copy(path, &kept)
}

/// How many tasks a file's backup holds, for doctor. All of it must be readable: a backup is put
/// in place of a damaged file, and another damaged file would be no help.
pub(crate) fn read_backup(path: &Path, zone: Zone) -> Option<Result<usize, FileError>> {
    let backup = backup_path(path);
    let document = Document::read(&backup, zone).transpose()?;
    Some(document.and_then(|document| {
        Index::new(&document, &backup)?;
        for span in &document.tasks {
            task_at(&document, span, &backup)?;
        }
        document.read_steps(&backup)?;
        Ok(document.tasks.len())
    }))
}
