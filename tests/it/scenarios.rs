//! Every row of data on every surface: one test a surface and file.

use std::collections::BTreeSet;

use todo_tests::each_surface;
use todo_tests::scenarios::{files, rows};
use todo_tests::surfaces::Surface;

/// The files, named once; [`every_file_is_played`] sees that none is forgotten.
macro_rules! on_every_surface {
    ($($file:ident)+) => {
        const FILES: &[&str] = &[$(stringify!($file)),+];
        each_surface!(tests_of!($($file)+));
    };
}

macro_rules! tests_of {
    ($needs:tt, $name:ident, $surface:ty, $($file:ident)+) => {
        mod $name {
            $(tests_of!(@one $needs, $name, $surface, $file);)+
        }
    };
    (@one [$($needs:meta)?], $name:ident, $surface:ty, $file:ident) => {
        #[test]
        $(#[$needs])?
        fn $file() {
            todo_tests::scenarios::run::<$surface>(stringify!($name), stringify!($file));
        }
    };
}

on_every_surface! {
    bulk due expressions fields filters pages recurrence references reminders saved_filters schedule
    search series sort stats subtasks transfer transitions trash undo urgency versions words
}

#[test]
fn every_file_is_played() {
    let played: BTreeSet<_> = FILES.iter().map(|file| (*file).to_owned()).collect();
    assert_eq!(played, files());
}

/// A row that needs what no surface has would never fail.
#[test]
fn every_row_is_played_somewhere() {
    let mut left_out: Vec<_> = FILES.iter().flat_map(|file| rows(file)).collect();
    macro_rules! play {
        ($needs:tt, $name:ident, $surface:ty,) => {
            left_out.retain(|row| !row.needs().all(<$surface>::can));
        };
    }
    each_surface!(play!());
    assert!(left_out.is_empty(), "{left_out:?}");
}

/// The rules that stand so far; a rule without a row is a promise without a test.
#[test]
fn every_rule_has_a_row() {
    const RULES: &[&str] = &[
        "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7",
        "Q8", "Q9", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "W1", "W2", "W3",
        "§1", "§5", "§6",
    ];
    let cited: BTreeSet<_> =
        FILES.iter().flat_map(|file| rows(file)).flat_map(|row| row.rules).collect();
    let missing: Vec<_> = RULES.iter().filter(|rule| !cited.contains(**rule)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Names are how a failing row is found.
#[test]
fn names_are_unique_in_their_file() {
    for file in FILES {
        let mut names = BTreeSet::new();
        let twice: Vec<_> =
            rows(file).into_iter().filter(|row| !names.insert(row.name.clone())).collect();
        assert!(twice.is_empty(), "{file}: {twice:?}");
    }
}
