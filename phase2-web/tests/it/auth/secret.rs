//! The secret that a server makes and keeps for itself.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::thread;

use tempfile::TempDir;
use todo_web::{Secret, SecretError};

fn text(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("todo.secret")).expect("a secret")
}

#[test]
fn is_made_once_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("todo.secret");
    Secret::kept(&path).unwrap();
    let made = text(&folder);
    assert_eq!(made.trim_end().len(), 64, "32 bytes in hex");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    Secret::kept(&path).unwrap();
    assert_eq!(text(&folder), made);
}

#[test]
fn two_processes_make_one() {
    for _ in 0..20 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("todo.secret");
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Secret::kept(&path).unwrap());
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(text(&folder).trim_end().len(), 64);
    }
}

#[test]
fn is_refused_when_others_can_read_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("todo.secret");
    Secret::kept(&path).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o644, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(matches!(Secret::kept(&path), Err(SecretError::Exposed(_))), "{mode:o}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    Secret::kept(&path).unwrap();
}

#[test]
fn is_never_replaced_when_it_is_damaged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("todo.secret");
    let hex = "ab".repeat(32);
    for damaged in ["", "ab", "zz", &hex[..62], &hex.to_uppercase(), &"ab".repeat(4000)] {
        fs::write(&path, damaged).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(Secret::kept(&path), Err(SecretError::Damaged(_))), "{damaged:.10}");
        assert_eq!(text(&folder), damaged);
    }
}

#[test]
fn says_where_it_cannot_be_made() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("nowhere").join("todo.secret");
    let error = Secret::kept(&missing).unwrap_err();
    assert!(matches!(error, SecretError::Io(..)));
    // A link that leads nowhere is no place for a secret either.
    let link = folder.path().join("todo.secret");
    symlink(&missing, &link).unwrap();
    assert!(matches!(Secret::kept(&link).unwrap_err(), SecretError::Io(..)));
}

#[test]
fn a_short_one_is_refused() {
    assert!(matches!(Secret::new(&[1; 31]), Err(SecretError::TooShort)));
    Secret::new(&[1; 32]).unwrap();
}
