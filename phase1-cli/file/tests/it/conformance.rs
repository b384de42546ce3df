//! The file is a store like any other.

use tempfile::TempDir;
use todo_core::conformance::ready;
use todo_core::memory::Shared;
use todo_file::FileStore;

use crate::given::{ZONE, open};

async fn empty() -> (Shared<FileStore>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let store = open(&folder.path().join("tasks.json"));
    (Shared::new(store), folder)
}

todo_core::conformance_tests!(one_owner, ready, empty);

/// A store that opens the file anew for each call, as the terminal does.
mod reopened {
    use std::path::PathBuf;

    use super::{FileStore, Shared, TempDir, ZONE, ready};
    use todo_core::{
        Batch, Committed, Facts, Needs, Owner, Page, StoreError, Task, TaskQuery, TaskStore,
    };

    struct Reopened(PathBuf);

    impl Reopened {
        fn store(&self) -> FileStore {
            FileStore::open(&self.0, ZONE).expect("the store is opened")
        }
    }

    impl TaskStore for Reopened {
        fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
            self.store().load(owner, needs)
        }

        fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
            self.store().find(owner, query)
        }

        fn commit(&mut self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
            self.store().commit(owner, batch)
        }
    }

    async fn empty() -> (Shared<Reopened>, TempDir) {
        let folder = tempfile::tempdir().expect("a folder for the test");
        (Shared::new(Reopened(folder.path().join("tasks.json"))), folder)
    }

    todo_core::conformance_tests!(one_owner, ready, empty);
}
