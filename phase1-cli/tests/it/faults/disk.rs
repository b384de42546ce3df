//! Disks that are full, and output that goes nowhere.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::Command;

use crate::support::{Answer, Sandbox, TODO};

/// Runs a command whose writes fail after this many blocks of 512 bytes, as on a full disk: the
/// limit of the shell's `ulimit`, with the signal for it ignored, so that `write` answers an error.
fn with_file_limit(sandbox: &Sandbox, blocks: u32, words: &[&str]) -> Answer {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = sandbox.command_of(Path::new("sh"));
    command.args(["-c", &script, TODO]).args(words).output().expect("sh starts").into()
}

#[test]
fn a_write_that_stops_halfway_leaves_the_file_and_no_rest() {
    let sandbox = Sandbox::with_tasks(500);
    sandbox.ok(&["done", "7"]);
    let before = sandbox.files();
    for words in [&["add", "One more"][..], &["done", "1"], &["delete", "1-400"], &["undo"]] {
        let answer = with_file_limit(&sandbox, 64, words);
        assert_eq!(answer.status, 3, "{words:?}: {answer:?}");
        assert!(answer.err.starts_with("error: cannot write "), "{answer:?}");
        assert_eq!(sandbox.files(), before, "{words:?} left something");
    }
    sandbox.ok(&["add", "One more"]);
    assert_eq!(sandbox.tasks().len(), 501);
}

#[test]
fn output_that_cannot_be_written_is_an_error_not_a_crash() {
    let sandbox = Sandbox::given();
    for words in [&["list"][..], &["show", "1"], &["export"], &["man"], &["completions", "bash"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let output = sandbox.command().args(words).stdout(full).output().expect("todo starts");
        let answer = Answer::from(output);
        assert_eq!(answer.status, 3, "{words:?}: {answer:?}");
        assert!(answer.err.contains("cannot write the output"), "{words:?}: {answer:?}");
    }
}

/// A file system of its own that is as small as we like.
struct SmallDisk<'s> {
    sandbox: &'s Sandbox,
}

impl<'s> SmallDisk<'s> {
    fn mount(sandbox: &'s Sandbox, kib: u32) -> Self {
        let folder = sandbox.path("disk");
        fs::create_dir(&folder).expect("a folder");
        let size = format!("size={kib}k");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(&folder);
        assert!(mount.status().is_ok_and(|status| status.success()), "mounting needs root");
        Self { sandbox }
    }

    fn run(&self, words: &[&str]) -> Answer {
        let file = self.sandbox.path("disk/tasks.json");
        let mut command = self.sandbox.command();
        command.env("TODO_FILE", file).args(words).output().expect("todo starts").into()
    }

    /// Everything on the disk but the lock file.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.sandbox.path("disk")).expect("the disk");
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
            .filter(|(_, path)| path.extension().is_none_or(|extension| extension != "lock"))
            .map(|(name, path)| (name, fs::read(path).expect("a file")))
            .collect();
        files.sort_unstable();
        files
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.sandbox.path("disk")).status();
    }
}

#[test]
#[ignore = "needs root and tmpfs: tests/run"]
fn a_full_disk_costs_nothing_but_the_command() {
    let sandbox = Sandbox::with_tasks(1000);
    let disk = SmallDisk::mount(&sandbox, 1024);
    fs::copy(sandbox.file(), sandbox.path("disk/tasks.json")).expect("room for the file");
    assert_eq!(disk.run(&["done", "1"]).status, 0);
    // What is left is less than one more generation takes, and then nothing at all.
    for left in [40 * 1024, 4096, 0] {
        let filler = sandbox.path("disk/filler");
        let _ = fs::remove_file(&filler);
        fill(&filler, left);
        let before = disk.files();
        for words in [&["add", "One more"][..], &["done", "2"], &["delete", "1-900"]] {
            let answer = disk.run(words);
            assert_eq!(answer.status, 3, "{left} left: {words:?}: {answer:?}");
            assert!(answer.err.contains("no space is left on the disk"), "{answer:?}");
            assert_eq!(disk.files(), before, "{left} left: {words:?} left something");
        }
        assert_eq!(disk.run(&["doctor"]).status, 0);
        fs::remove_file(&filler).expect("the filler");
    }
    assert_eq!(disk.run(&["add", "One more"]).status, 0);
    assert_eq!(disk.run(&["count", "--json"]).json()["count"], 1000);
}

/// Fills the disk that a file is on, but for so many bytes.
fn fill(filler: &Path, left: u64) {
    use std::io::Write as _;
    let mut file = fs::File::create(filler).expect("the filler");
    let mut size = 0;
    while let Ok(written) = file.write(&[b'x'; 1024]) {
        size += written as u64;
    }
    file.set_len(size.saturating_sub(left)).expect("a shorter filler");
}
