//! The suite that every store passes unchanged.
//!
//! A store is right when nobody can tell it from [`MemoryStore`](crate::memory::MemoryStore). The
//! cases say so example by example, and [`agree`] says it for random histories. They are written
//! once, over [`AsyncTaskStore`](crate::AsyncTaskStore); a store without a runtime goes into
//! [`Shared`](crate::memory::Shared) and is run by [`ready`].
//!
//! ```
//! # mod doc {
//! use todo_core::conformance::ready;
//! use todo_core::memory::{MemoryStore, Shared};
//!
//! async fn empty() -> (Shared<MemoryStore>, ()) {
//!     (Shared::new(MemoryStore::default()), ())
//! }
//!
//! todo_core::conformance_tests!(ready, empty);
//! # }
//! ```

pub mod agree;
pub mod asked;
pub mod conflicts;
pub mod filters;
pub mod firings;
pub mod given;
pub mod history;
pub mod numbers;
pub mod once;
pub mod orders;
pub mod owners;
pub mod pages;
pub mod questions;
pub mod references;
pub mod relations;
pub mod steps;
pub mod visibility;
pub mod wanted;

pub use given::{OWNERS, Stage, cases, uid};
pub use history::{History, Move, history};

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future that never waits, such as those of a store behind
/// [`Shared`](crate::memory::Shared).
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("this store waits: run it on its own runtime"),
    }
}

/// Makes one `#[test]` of each case.
///
/// `$run` is a function that runs a future to its end and answers its output. `$make` is an async
/// function that answers a new empty store, and whatever must live as long as it (a temporary
/// folder, or `()`). A store that must know its owners beforehand finds them in
/// [`OWNERS`].
///
/// Attributes before `$run` go on every test: `#[ignore = "needs a server"]`.
///
/// `conformance_tests!(one_owner, run, make)` leaves out what a store for a single person has no
/// use for: several owners, and the receipts and inbox notes of servers.
#[macro_export]
macro_rules! conformance_tests {
    (one_owner, $run:path, $make:path) => {
        $crate::__conformance_cases!(one_owner, $run, $make);
    };
    ($(#[$on:meta])* $run:path, $make:path) => {
        $crate::__conformance_cases!(one_owner, $(#[$on])* $run, $make);
        $crate::__conformance_cases!(servers, $(#[$on])* $run, $make);
    };
}

/// The list of cases, by group. This is the only place that names them.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    (one_owner, $(#[$on:meta])* $run:path, $make:path) => {
        $crate::__conformance_cases! { @each [$(#[$on])*] $run, $make;
            numbers: ids_and_seq_are_contiguous ids_are_never_reused
                created_again_is_numbered_again imports_keep_free_numbers
                a_family_made_together_is_numbered_together commit_answers_what_is_stored;
            conflicts: a_moved_version_conflicts a_moved_seq_conflicts
                a_new_row_is_insert_only a_vanished_row_conflicts a_conflict_writes_nothing
                the_shell_plans_again;
            references: a_task_is_found_by_number_uid_and_prefix a_short_prefix_fits_several
                an_unknown_reference_fits_none;
            relations: lineage_is_everything_above subtree_is_everything_below
                a_group_is_what_was_deleted_together later_is_the_rest_of_the_series
                nothing_else_is_loaded;
            firings: firings_are_kept a_firing_is_written_once firings_go_with_their_task;
            steps: the_newest_hundred_are_kept a_new_step_ends_what_could_be_redone
                undo_and_redo_leave_their_marks a_wanted_step_comes_with_its_tasks
                a_purge_is_no_step;
            filters: every_filter_alone filters_together every_expression_alone
                expressions_and_filters_together;
            orders: every_key_in_both_directions several_keys urgency_is_of_its_moment;
            pages: a_walk_gives_every_row_once a_walk_survives_changes
                a_full_last_page_has_no_next;
            visibility: the_trash_shows_only_itself expired_trash_is_gone
                waiting_ends_with_its_instant days_turn_in_the_asking_zone count_is_exact;
        }

        /// Random histories end as they do on the reference store.
        #[test]
        $(#[$on])*
        fn agrees_with_the_reference_store() {
            $crate::conformance::agree::check(|history| {
                $run(async {
                    let (store, _kept) = $make().await;
                    $crate::conformance::agree::play(&store, &history).await
                })
            });
        }
    };
    (servers, $(#[$on:meta])* $run:path, $make:path) => {
        $crate::__conformance_cases! { @each [$(#[$on])*] $run, $make;
            owners: another_owners_task_is_unknown one_uid_can_be_two_owners_tasks
                each_owner_counts_alone;
            once: a_receipt_is_taken_once an_inbox_note_is_taken_once
                a_repeat_outranks_a_conflict receipts_are_each_owners_own
                an_answer_is_kept_with_its_receipt a_refusal_keeps_no_receipt
                an_old_receipt_counts_as_none;
        }
    };
    (@each $on:tt $run:path, $make:path; $($theme:ident: $($case:ident)+;)+) => {
        $($(
            $crate::__conformance_cases! { @case $on $run, $make, $theme $case }
        )+)+
    };
    (@case [$(#[$on:meta])*] $run:path, $make:path, $theme:ident $case:ident) => {
            #[test]
            $(#[$on])*
            fn $case() {
                $run(async {
                    let (store, _kept) = $make().await;
                    $crate::conformance::$theme::$case(&store).await;
                });
            }
    };
}
