//! What the servers of one process share: a runtime, and one database of each kind with everybody's
//! tasks in it.

use std::any::Any;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};

use tempfile::TempDir;
use todo_store::{DatabaseUrl, Options, Store};
use tokio::runtime::Runtime;

use super::relaying::Relaying;
use super::server::Server;
#[cfg(unix)]
use crate::services::Database;

/// Everything that waits, waits here.
pub(in crate::surfaces) fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    &RUNTIME
}

/// A kind of database.
pub trait Base: 'static {
    /// The one that is in use.
    fn shared() -> &'static Mutex<Weak<Shared>>;
    /// A new one, and what must not go before it does.
    fn place() -> (DatabaseUrl, Box<dyn Any + Send + Sync>);
}

/// A database in use. It goes with the last surface that uses it: a static would never be dropped,
/// and what it holds would stay on the disk.
#[derive(Debug)]
pub struct Shared {
    pub(super) store: Store,
    /// Those that are asked, and those that will be.
    pub(super) servers: Mutex<Vec<Arc<Server>>>,
    /// What runs beside the API. It ends before the database goes.
    pub(super) relay: OnceLock<Relaying>,
    pub(super) url: DatabaseUrl,
    _place: Box<dyn Any + Send + Sync>,
}

/// A file.
#[derive(Debug)]
pub struct Sqlite;

impl Base for Sqlite {
    fn shared() -> &'static Mutex<Weak<Shared>> {
        static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());
        &SHARED
    }

    fn place() -> (DatabaseUrl, Box<dyn Any + Send + Sync>) {
        let folder = TempDir::new().expect("a temporary folder");
        (DatabaseUrl::Sqlite(folder.path().join("todo.db")), Box::new(folder))
    }
}

/// A database on the server that the environment names.
#[cfg(unix)]
#[derive(Debug)]
pub struct Postgres;

#[cfg(unix)]
impl Base for Postgres {
    fn shared() -> &'static Mutex<Weak<Shared>> {
        static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());
        &SHARED
    }

    fn place() -> (DatabaseUrl, Box<dyn Any + Send + Sync>) {
        let database = Database::fresh();
        (DatabaseUrl::Postgres(database.url()), Box::new(database))
    }
}

/// The database in use, or a new one.
pub(super) fn shared<B: Base>() -> Arc<Shared> {
    let mut shared = B::shared().lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(used) = shared.upgrade() {
        return used;
    }
    let (url, place) = B::place();
    let store = runtime().block_on(async {
        let store = Store::open(&url, &Options::default()).await.expect("a database");
        store.migrate().await.expect("tables");
        store
    });
    let new = Arc::new(Shared {
        store,
        servers: Mutex::default(),
        relay: OnceLock::new(),
        url,
        _place: place,
    });
    *shared = Arc::downgrade(&new);
    new
}
