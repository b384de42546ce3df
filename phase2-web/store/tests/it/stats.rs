//! Statistics that a database answers piece by piece (S4, Q3, Q4, Q9).

use todo_core::conformance::agree::same_stats;
use todo_core::conformance::given::{DAY, expression, tags, title};
use todo_core::conformance::{OWNERS, Stage};
use todo_core::memory::{MemoryStore, Shared};
use todo_core::query::Filter;
use todo_core::{Due, Priority, Project, Status, Task, TaskId, TaskQuery, Timestamp, Trash};
use todo_store::Store;
use uuid::Uuid;

use crate::find::put;
use crate::support::on_both;

/// Tasks of every kind: some closed, some labelled, one in eleven in the trash.
fn tasks(many: u64, now: Timestamp) -> Vec<Task> {
    let task = |k: u64| {
        let past = |days: u64| now.plus_millis(-(k % days).cast_signed() * DAY);
        let day = now.plus_millis(((k % 50).cast_signed() - 20) * DAY).day(chrono_tz::Tz::UTC);
        let uid = TaskId(Uuid::from_u128(1 << 64 | u128::from(k)));
        let mut task = Task {
            priority: Priority::ALL[(k % 3) as usize],
            project: k.is_multiple_of(4).then(|| Project::new("Home/\"q\"").expect("a project")),
            tags: if k.is_multiple_of(5) { tags(&["work", "a\"b"]) } else { tags(&[]) },
            due_date: (!k.is_multiple_of(3)).then_some(Due::Day(day)),
            ..Task::blank(uid, title(&format!("Number {k}")), past(200))
        };
        if k.is_multiple_of(7) {
            task.set_status(Status::Completed, past(40));
        }
        if k.is_multiple_of(11) {
            task.trash = Some(Trash { at: past(45), group: uid.0 });
        }
        task
    };
    (1..=many).map(task).collect()
}

/// There are more than come in one piece, and just as many.
async fn all_pieces_are_counted_once(store: &Store) {
    let reference = Shared::new(MemoryStore::default());
    for (owner, many) in OWNERS.into_iter().zip([2_345, 1_000]) {
        let (ours, theirs) = (Stage::of(store, owner), Stage::of(&reference, owner));
        let tasks = tasks(many, ours.ctx.now);
        put(&ours, &tasks).await;
        put(&theirs, &tasks).await;
        // The last is for the core alone: urgency is in no column (Q8).
        for text in ["", "#work", "due<today and not @home", "urgency>50"] {
            let said = (!text.is_empty()).then(|| expression(text));
            let filter = Filter { expression: said, ..Filter::default() };
            let query = TaskQuery { filter, ..TaskQuery::new(ours.moment()) };
            same_stats(&ours, &theirs, &query).await.expect(text);
        }
    }
}

on_both! { all_pieces_are_counted_once }
