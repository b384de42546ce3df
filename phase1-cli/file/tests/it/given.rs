//! A folder with a tasks' file in it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use todo_core::conformance::given::{ctx, go, instant, order, rename, title};
use todo_core::conformance::{OWNERS, uid};
use todo_core::query::{Limit, Moment};
use todo_core::service::execute;
use todo_core::{
    Command, Ctx, Filter, Item, Needs, NewTask, Outcome, Owner, ServiceError, Status, Step,
    StoreError, Task, TaskQuery, TaskStore as _, Verb, Zone,
};
use todo_file::{FileError, FileStore};

/// Where local times of the first format are understood.
pub(crate) const ZONE: Zone = Zone::Asia__Karachi;

pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for the test") }
    }

    /// With a file of three tasks, the third of them completed.
    pub(crate) fn with_tasks() -> Self {
        let folder = Self::new();
        let mut store = folder.store();
        for (k, text) in [(1, "Buy milk"), (2, "Écrire \"le\" rapport"), (3, "Done")] {
            add(&mut store, k, text);
        }
        act(&mut store, 3, go(Status::Completed)).expect("it is written");
        folder
    }

    /// With a file that somebody else wrote.
    pub(crate) fn with(text: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write(text);
        folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("tasks.json")
    }

    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("tasks.json{suffix}"))
    }

    pub(crate) fn store(&self) -> FileStore {
        open(&self.path())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).expect("the file is there")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes()).expect("the file is text")
    }

    pub(crate) fn write(&self, text: impl AsRef<[u8]>) {
        fs::write(self.path(), text).expect("the folder can be written");
    }

    /// The names in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder can be read");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.sort();
        names
    }

    /// That no write changes a byte; answers why not.
    pub(crate) fn refuses(&self) -> StoreError {
        let before = self.bytes();
        let mut store = self.store();
        let changed = act(&mut store, 1, rename("overwritten"));
        let added = try_add(&mut self.store(), 9, "added");
        let settings = self.store().change_settings(serde_json::Map::clear);
        assert!(changed.is_err() && added.is_err() && settings.is_err());
        assert_eq!(self.bytes(), before, "what cannot be read is not written");
        match added {
            Err(ServiceError::Store(error)) => error,
            other => panic!("refused for another reason: {other:?}"),
        }
    }

    /// As [`Folder::refuses`], because the file is damaged; answers how.
    pub(crate) fn damaged(&self) -> String {
        match self.refuses() {
            StoreError::Corrupt(cause) => match cause.downcast_ref::<FileError>() {
                Some(FileError::Damaged { what, .. }) => what.clone(),
                Some(lost @ FileError::Lost(_)) => lost.to_string(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn open(path: &Path) -> FileStore {
    FileStore::open(path, ZONE).expect("the store is opened")
}

pub(crate) fn now() -> Ctx {
    ctx(Owner::LOCAL, instant("2026-11-21T12:00:00Z"))
}

pub(crate) fn run(store: &mut FileStore, command: &Command) -> Result<Outcome, ServiceError> {
    execute(store, command, &now())
}

pub(crate) fn act(store: &mut FileStore, k: u8, verb: Verb) -> Result<Outcome, ServiceError> {
    run(store, &Command::One(Item::act(uid(k), verb)))
}

pub(crate) fn try_add(store: &mut FileStore, k: u8, text: &str) -> Result<Outcome, ServiceError> {
    let new = NewTask::new(uid(k), title(text));
    run(store, &Command::One(Item::Create(Box::new(new))))
}

pub(crate) fn add(store: &mut FileStore, k: u8, text: &str) -> Task {
    let mut done = try_add(store, k, text).expect("it is written");
    done.tasks.remove(&uid(k)).expect("it was made")
}

/// Every task outside the trash, by number.
pub(crate) fn list(store: &FileStore) -> Result<Vec<Task>, StoreError> {
    let (now, zone) = (now().now, ZONE);
    let moment = Moment { now, zone, owner_zone: zone, week_start: chrono::Weekday::Mon };
    let all = Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    let query = TaskQuery { filter: all, order: order("id"), ..TaskQuery::new(moment) };
    store.find(OWNERS[0], &TaskQuery { limit: Limit::All, ..query }).map(|page| page.tasks)
}

pub(crate) fn titles(store: &FileStore) -> Vec<String> {
    let tasks = list(store).expect("the file can be read");
    tasks.into_iter().map(|task| task.title.into()).collect()
}

pub(crate) fn steps(store: &FileStore) -> Vec<Step> {
    store.load(OWNERS[0], &Needs::all_steps()).expect("the file can be read").steps
}
