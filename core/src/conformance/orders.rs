//! In which order tasks come (Q6): both directions, ties, missing values.

use super::given::{DAY, Stage, due, ids, order, record};
use crate::command::Command;
use crate::ports::AsyncTaskStore;
use crate::query::{Limit, Moment, TaskQuery};
use crate::task::{Priority, Task};

/// Numbered from 1 in this order; `made` and `changed` are minutes.
async fn shelf<S: AsyncTaskStore>(store: &S) -> Stage<'_, S> {
    let stage = Stage::new(store);
    let now = stage.ctx.now;
    let task = |k, text, priority, due_date: Option<&str>, made: i64, changed: i64| Task {
        priority,
        due_date: due_date.map(due),
        updated_at: now.plus_millis(changed * super::given::MINUTE),
        ..record(k, text, now.plus_millis(made * super::given::MINUTE))
    };
    let tasks = vec![
        task(1, "b", Priority::Low, Some("2026-11-23"), 2, 9),
        task(2, "B", Priority::High, None, 1, 9),
        task(3, "a", Priority::Medium, Some("2026-11-23T23:00"), 2, 7),
        task(4, "ä", Priority::High, None, 3, 8),
        task(5, "Z", Priority::Medium, Some("2026-11-22"), 1, 7),
    ];
    stage.done(&Command::Import(tasks.into())).await;
    stage
}

async fn expect<S: AsyncTaskStore>(store: &S, table: &[(&str, [u64; 5])]) {
    let stage = shelf(store).await;
    for (keys, expected) in table {
        let query = TaskQuery { order: order(keys), ..TaskQuery::new(stage.moment()) };
        assert_eq!(ids(&stage.find(&query).await.tasks), expected, "{keys}");
        // Two at a time: every place at which a page can be cut, ties and missing ones included.
        let mut walked = Vec::new();
        let mut query = TaskQuery { limit: Limit::Page(2), ..query };
        loop {
            let page = stage.find(&query).await;
            walked.extend(ids(&page.tasks));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(walked, expected, "{keys}, two at a time");
    }
}

/// Every key, forwards and backwards. What has no due date is last both ways; an all-day one
/// stands at the end of its day; ties are decided by number.
pub async fn every_key_in_both_directions<S: AsyncTaskStore>(store: &S) {
    let table = [
        ("due", [5, 3, 1, 2, 4]),
        ("-due", [1, 3, 5, 2, 4]),
        ("priority", [2, 4, 3, 5, 1]),
        ("-priority", [1, 3, 5, 2, 4]),
        ("created", [2, 5, 1, 3, 4]),
        ("-created", [4, 1, 3, 2, 5]),
        ("updated", [3, 5, 4, 1, 2]),
        ("-updated", [1, 2, 4, 3, 5]),
        ("title", [3, 1, 2, 5, 4]),
        ("-title", [4, 5, 1, 2, 3]),
        // Q8: 77, 60, 97, 60 and 102 points.
        ("urgency", [2, 4, 1, 3, 5]),
        ("-urgency", [5, 3, 1, 2, 4]),
        ("id", [1, 2, 3, 4, 5]),
        ("-id", [5, 4, 3, 2, 1]),
    ];
    expect(store, &table).await;
}

/// Several keys, in mixed directions.
pub async fn several_keys<S: AsyncTaskStore>(store: &S) {
    let table = [
        ("priority,-due", [2, 4, 3, 5, 1]),
        ("-priority,title", [1, 3, 5, 2, 4]),
        ("due,-id", [5, 3, 1, 4, 2]),
        ("-due,-title", [1, 3, 5, 4, 2]),
        ("created,-updated,title", [2, 5, 1, 3, 4]),
        ("title,-id", [3, 2, 1, 5, 4]),
        ("-urgency,-id", [5, 3, 1, 4, 2]),
    ];
    expect(store, &table).await;
}

/// Q8: urgency is of the moment that is asked about, and nothing that is stored.
pub async fn urgency_is_of_its_moment<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let now = stage.ctx.now;
    let high = Task { priority: Priority::High, ..record(1, "high", now) };
    let distant = Task { due_date: Some(due("2026-12-21")), ..record(2, "distant", now) };
    stage.done(&Command::Import(vec![high, distant].into())).await;
    let found = async |days: i64| {
        let moment = Moment { now: now.plus_millis(days * DAY), ..stage.moment() };
        let query = TaskQuery { order: order("-urgency"), ..TaskQuery::new(moment) };
        ids(&stage.find(&query).await.tasks)
    };
    assert_eq!(found(0).await, [1, 2]);
    assert_eq!(found(21).await, [2, 1]);
    assert_eq!(found(0).await, [1, 2]);
}
