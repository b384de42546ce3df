//! PgBouncer, which lends a connection of PostgreSQL for a transaction at a time.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::chown;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::postgres::{Database, other_user, unprivileged};
use super::watcher::Watcher;
use super::{free_port, until};

/// Before a database, gone when it is dropped.
#[derive(Debug)]
pub struct PgBouncer {
    url: String,
    _watcher: Watcher,
    bouncer: Child,
    _folder: TempDir,
}

impl PgBouncer {
    /// Starts it before a database, with few connections for many clients: two questions in a row are
    /// seldom asked on the same.
    ///
    /// # Panics
    /// If PgBouncer is not installed, or does not come up.
    pub fn before(database: &Database) -> Self {
        let folder = tempfile::Builder::new().prefix("todo-pgbouncer-").tempdir();
        let folder = folder.expect("a temporary folder");
        let (name, server) = database.place();
        let (host, behind) = server.split_once(':').unwrap_or((server, "5432"));
        let port = free_port();
        let settings = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n\
             {name} = host={host} port={behind} user=postgres \
             connect_query='SET statement_timeout = 20000; SET lock_timeout = 5000; \
             SET idle_in_transaction_session_timeout = 20000'\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\n\
             max_client_conn = 200\nmax_prepared_statements = 10\n"
        );
        fs::write(&settings, text).expect("its settings");
        if let Some((user, group)) = other_user() {
            for path in [folder.path(), &settings] {
                chown(path, Some(user), Some(group)).expect("root gives a file away");
            }
        }
        let mut command = Command::new(program());
        command.arg("--quiet").arg(&settings);
        let mut command = unprivileged(command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let bouncer = command.spawn().expect("pgbouncer can be run");
        let watcher = Watcher::over(bouncer.id());
        until("PgBouncer does not start", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).map(drop)
        });
        let url = format!("postgres://postgres@127.0.0.1:{port}/{name}");
        Self { url, _watcher: watcher, bouncer, _folder: folder }
    }

    /// Where the database is reached through it.
    pub fn url(&self) -> String {
        self.url.clone()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Already gone, perhaps; then there is nothing to wait for.
        let _ = self.bouncer.kill();
        let _ = self.bouncer.wait();
    }
}

/// Debian keeps it out of the path of those who are not root.
fn program() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    let found = folders.find_map(|folder| {
        let file = folder.join("pgbouncer");
        file.is_file().then_some(file)
    });
    found.map_or_else(|| "pgbouncer".into(), OsString::from)
}
