//! A PostgreSQL of a test's own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A PostgreSQL of a test's own, to be ill-treated; gone with this.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts it. The programs are those that `pg_config` tells of, or Debian's.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let server = Self { folder, port: port.expect("a free port").port() };
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(server.folder.path()).status();
            assert!(owned.expect("chown runs").success(), "there is a user postgres");
        }
        let made = server.program("initdb").args(["-U", "postgres", "-A", "trust"]).output();
        assert!(made.expect("initdb runs").status.success(), "a cluster is made");
        server.resume();
        server
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// kill -9.
    pub(crate) fn kill(&self) {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("its pid");
        let pid = text.lines().next().expect("its pid");
        let killed = Command::new("kill").args(["-9", pid]).status().expect("kill runs");
        assert!(killed.success(), "it is killed");
    }

    /// Starts it again, and waits until it answers.
    pub(crate) fn resume(&self) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let log = self.folder.path().join("log");
            let mut start = self.program("pg_ctl");
            start.args(["-w", "-o", &options, "start", "-l"]).arg(log).stdout(Stdio::null());
            if start.stderr(Stdio::null()).status().expect("pg_ctl runs").success() {
                return;
            }
            // What was killed holds its memory until its last process has noticed.
            assert!(Instant::now() < deadline, "it does not start");
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = programs().join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.data());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already, and the folder goes in any case.
        let _ = self.program("pg_ctl").args(["-m", "immediate", "stop"]).output();
    }
}

fn programs() -> PathBuf {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| {
        let told = Command::new("pg_config").arg("--bindir").output().expect("PostgreSQL is there");
        PathBuf::from(String::from_utf8_lossy(&told.stdout).trim())
    })
}

/// Whether this runs as root, as whom PostgreSQL does not.
pub(crate) fn is_root() -> bool {
    let told = Command::new("id").arg("-u").output().expect("id runs");
    told.stdout.starts_with(b"0\n")
}
