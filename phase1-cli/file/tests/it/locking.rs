//! One writer at a time.

use std::sync::mpsc::channel;
use std::thread;

use todo_core::StoreError;
use todo_core::conformance::given::rename;
use todo_file::FileError;

use crate::given::{Folder, act, add, titles, try_add};

/// Whoever waits in vain is told which process is in the way. This takes the whole five seconds.
#[test]
fn a_lock_that_is_held_is_an_error_naming_the_holder() {
    let folder = Folder::with_tasks();
    let mut holder = folder.store();
    holder.lock().expect("nobody holds it");
    let before = folder.bytes();
    let Err(todo_core::ServiceError::Store(StoreError::Unavailable(cause))) =
        try_add(&mut folder.store(), 9, "in vain")
    else {
        panic!("two writers at once")
    };
    let error = cause.downcast_ref::<FileError>();
    let Some(FileError::Locked { holder: named, .. }) = error else { panic!("{error:?}") };
    assert!(named.contains(&format!("process {}", std::process::id())), "{named}");
    assert!(cause.to_string().contains("is in use by process"), "{cause}");
    assert_eq!(folder.bytes(), before);
    // It was told only, not hurt.
    add(&mut holder, 9, "written by the holder");
    holder.unlock();
    add(&mut folder.store(), 10, "written by the other");
}

/// Whoever waits gets its turn, and plans on what was written meanwhile.
#[test]
fn waiting_ends_with_the_lock() {
    let folder = Folder::with_tasks();
    let mut holder = folder.store();
    holder.lock().expect("nobody holds it");
    let (ready, is_ready) = channel();
    let mut waiting = folder.store();
    let waiter = thread::spawn(move || {
        ready.send(()).expect("somebody listens");
        add(&mut waiting, 10, "after the other").id.0
    });
    is_ready.recv().expect("the thread begins");
    assert_eq!(add(&mut holder, 9, "first").id.0, 4);
    drop(holder);
    assert_eq!(waiter.join().expect("it is written"), 5);
    assert_eq!(titles(&folder.store()).len(), 5);
}

/// Readers wait for nobody.
#[test]
fn reading_needs_no_lock() {
    let folder = Folder::with_tasks();
    let mut holder = folder.store();
    holder.lock().expect("nobody holds it");
    assert_eq!(titles(&folder.store()).len(), 3);
    assert!(folder.store().settings().expect("settings").is_empty());
    let report = todo_file::doctor(&folder.path(), crate::given::ZONE).expect("a report");
    let named = format!("in use by process {}", std::process::id());
    assert!(report.findings[0].text.starts_with(&named), "{report:?}");
}

/// What was loaded under the lock is what is written over; twice taken is once held.
#[test]
fn the_lock_is_held_over_several_commands() {
    let folder = Folder::with_tasks();
    let mut store = folder.store();
    store.lock().expect("nobody holds it");
    store.lock().expect("it is ours already");
    act(&mut store, 1, rename("one")).expect("it is written");
    act(&mut store, 1, rename("two")).expect("it is written");
    store.unlock();
    act(&mut folder.store(), 1, rename("three")).expect("the lock was given back");
    assert_eq!(titles(&store)[0], "three");
}

/// A refused command gives the lock back, too.
#[test]
fn a_refusal_gives_the_lock_back() {
    let folder = Folder::with("damaged");
    let mut refused = folder.store();
    assert!(try_add(&mut refused, 1, "never").is_err());
    folder.write("");
    add(&mut folder.store(), 1, "somebody else");
    drop(refused);
}

/// The folder may have come from elsewhere: what stands under the lock's name is not written to
/// unless it is a lock.
#[cfg(unix)]
#[test]
fn a_link_under_the_name_of_the_lock_is_refused() {
    let folder = Folder::with_tasks();
    let victim = folder.beside(".victim");
    std::fs::write(&victim, "precious").expect("the folder can be written");
    let lock = folder.beside(".lock");
    std::fs::remove_file(&lock).expect("the lock file stays between writes");
    std::os::unix::fs::symlink(&victim, &lock).expect("a link");
    assert!(folder.store().lock().is_err());
    std::fs::remove_file(&lock).expect("the link");
    std::fs::write(&lock, "a file of somebody else").expect("the folder can be written");
    assert!(folder.store().lock().is_err());
    let read = |path| std::fs::read_to_string(path).expect("it is there");
    assert_eq!(
        (read(&victim).as_str(), read(&lock).as_str()),
        ("precious", "a file of somebody else")
    );
}
