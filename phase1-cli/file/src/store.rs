//! The store: what the core asks for, answered from the file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use serde_json::{Map, Value};
use todo_core::batch::Stamped;
use todo_core::facts::{TaskIndex as _, gather};
use todo_core::query::{self, TaskQuery};
use todo_core::task::is_expired;
use todo_core::wire::TaskRecord;
use todo_core::{
    Batch, Committed, Counters, Facts, Needs, Owner, Page, StoreError, Task, TaskFields as _,
    TaskId, TaskRef, TaskStore, Timestamp, Zone,
};

use crate::atomic::{backup_path, replace, resolve};
use crate::document::Document;
use crate::error::FileError;
use crate::index::{Index, Indexed, record_at};
use crate::lock::{self, Lock, beside};
use crate::write::{Change, write};

/// One generation of the file, as read.
#[derive(Debug, Default)]
struct Snapshot {
    document: Document,
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
    fn index(&self, path: &Path) -> Result<&Index, FileError> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let index = Index::new(&self.document, path)?;
        Ok(self.index.get_or_init(|| index))
    }

    /// Whether a uid can be in the file at all: a fresh one is not, which spares the index.
    fn mentions(&self, uid: TaskId) -> bool {
        self.document.legacy || self.document.text.contains(&uid.to_string())
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
            self.lock = Some(lock::take(&self.path)?);
            refuse_read_only(&self.path)?;
        }
        Ok(())
    }

    /// Gives back the right to write.
    pub fn unlock(&mut self) {
        self.lock = None;
    }

    /// The user's settings.
    pub fn settings(&self) -> Result<Map<String, Value>, FileError> {
        let snapshot = self.snapshot()?;
        let Some(span) = &snapshot.document.settings else { return Ok(Map::new()) };
        serde_json::from_str(snapshot.document.part(span))
            .map_err(|error| FileError::damaged(&self.path, &format!("settings: {error}")))
    }

    /// Changes the user's settings.
    pub fn change_settings(
        &mut self,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<(), FileError> {
        self.exclusively(|store| {
            let mut settings = store.settings()?;
            change(&mut settings);
            let settings = Some(Value::Object(settings).to_string());
            let snapshot = store.snapshot()?;
            let counters = snapshot.document.counters;
            store.write(&snapshot, &Change { counters, settings, ..Change::default() })
        })
    }

    /// Tasks whose 30 days in the trash are over (S4).
    pub fn expired(&self, now: Timestamp) -> Result<Vec<TaskId>, FileError> {
        let snapshot = self.snapshot()?;
        let document = &snapshot.document;
        let mut expired = Vec::new();
        for span in &document.tasks {
            // Most rows have never been deleted, and this runs before every write.
            if document.part(span).contains("\"deleted_at\"") {
                let record = record_at(document, span, &self.path)?;
                if is_expired(record.trash(), now) {
                    expired.push(record.uid());
                }
            }
        }
        Ok(expired)
    }

    /// Does something while nobody else writes.
    fn exclusively<T, E: From<FileError>>(
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
    fn snapshot(&self) -> Result<Arc<Snapshot>, FileError> {
        let identity = Identity::of(&self.path);
        let mut kept = self.snapshot.borrow_mut();
        if let Some(kept) = kept.as_ref().filter(|kept| kept.identity == identity) {
            return Ok(Arc::clone(kept));
        }
        // The old text goes before the new one is read: two of them would double the memory.
        *kept = None;
        let document = Document::read(&self.path, self.zone)?.unwrap_or_default();
        let fresh = Arc::new(Snapshot { document, index: OnceLock::new(), identity });
        *kept = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn indexed<'s>(&'s self, snapshot: &'s Snapshot) -> Result<Indexed<'s>, FileError> {
        let index = snapshot.index(&self.path)?;
        Ok(Indexed { document: &snapshot.document, index, path: &self.path })
    }

    fn write(&self, snapshot: &Snapshot, change: &Change) -> Result<(), FileError> {
        if snapshot.document.legacy {
            keep_first_format(&self.path)?;
        }
        replace(&self.path, |out| write(&snapshot.document, change, out))
    }

    fn change(&self, snapshot: &Snapshot, stamped: &Stamped) -> Result<Change, FileError> {
        let mut change =
            Change { counters: stamped.counters, step: stamped.step.clone(), ..Change::default() };
        let old = |task: &TaskId| snapshot.mentions(*task);
        let known = stamped.upserts.iter().map(|task| task.uid).chain(stamped.deletes.clone());
        let places: HashMap<TaskId, usize> = if known.clone().any(|task| old(&task)) {
            let index = snapshot.index(&self.path)?;
            known.filter_map(|task| Some((task, index.place(task)?))).collect()
        } else {
            HashMap::new()
        };
        for task in &stamped.upserts {
            match places.get(&task.uid) {
                Some(place) => drop(change.replaced.insert(*place, task.clone())),
                None => change.added.push(task.clone()),
            }
        }
        change.removed.extend(stamped.deletes.iter().filter_map(|task| places.get(task)));
        Ok(change)
    }

    /// Whether what the batch was planned on still holds.
    fn check(&self, snapshot: &Snapshot, batch: &Batch) -> Result<(), StoreError> {
        let counters = snapshot.document.counters;
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
        for task in batch.inserts().filter(|task| snapshot.mentions(*task)) {
            if snapshot.index(&self.path)?.place(task).is_some() {
                return Err(StoreError::Conflict);
            }
        }
        Ok(())
    }
}

impl TaskStore for FileStore {
    fn load(&self, _: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        let snapshot = self.snapshot()?;
        let document = &snapshot.document;
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
            ..Facts::default()
        };
        let fresh = |reference: &TaskRef| match reference {
            TaskRef::Uid(uid) => !snapshot.mentions(*uid),
            _ => false,
        };
        if needs.references().all(fresh) {
            facts.resolved.extend(needs.references().map(|r| (r.clone(), Vec::new())));
        } else {
            gather(&self.indexed(&snapshot)?, &needs, &mut facts)?;
        }
        if needs.steps {
            facts.steps = steps;
        }
        Ok(facts)
    }

    fn find(&self, _: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        let snapshot = self.snapshot()?;
        let document = &snapshot.document;
        let records = document.tasks.iter().map(|span| record_at(document, span, &self.path));
        let page = query::select::<TaskRecord<'_>, _, _, _>(records, query, |record| {
            let uid = record.uid();
            if record.parent().is_none() && record.parent_id().is_some() {
                // Written by hand with the parent's number only.
                let read = self.indexed(&snapshot)?.read(uid)?;
                return read.ok_or_else(|| FileError::damaged(&self.path, &uid));
            }
            record.into_task().map_err(|error| {
                // Only the row knows its line, and only a fault asks for it.
                match self.indexed(&snapshot).and_then(|indexed| indexed.read(uid)) {
                    Err(placed) => placed,
                    Ok(_) => FileError::damaged(&self.path, &error),
                }
            })
        });
        Ok(page?)
    }

    /// Receipts and inbox notes are for servers; a file keeps none.
    fn commit(&mut self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        if batch.is_empty() {
            return Ok(Committed::default());
        }
        self.exclusively(|store| {
            let snapshot = store.snapshot()?;
            store.check(&snapshot, &batch)?;
            let stamped = batch.stamp(owner, snapshot.document.counters);
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
    let copied = std::fs::copy(path, &kept).and_then(|_| std::fs::File::open(&kept)?.sync_all());
    copied.map_err(FileError::io("keep the first format at", &kept))
}

/// The counters and rows of a file's backup, for doctor.
pub(crate) fn read_backup(path: &Path, zone: Zone) -> Option<Result<(Counters, usize), FileError>> {
    let backup = backup_path(path);
    match Document::read(&backup, zone) {
        Ok(None) => None,
        Ok(Some(document)) => Some(Ok((document.counters, document.tasks.len()))),
        Err(error) => Some(Err(error)),
    }
}
