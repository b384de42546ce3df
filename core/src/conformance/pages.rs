//! Walking through pages (Q7).

use std::collections::BTreeMap;

use super::given::{MINUTE, Stage, due, ids, order, title, uid};
use crate::command::{NewTask, Verb};
use crate::ports::AsyncTaskStore;
use crate::query::{Limit, TaskQuery};
use crate::task::{Priority, Status};

const ORDERS: [&str; 7] = ["due", "-due", "priority,-due", "-title", "-updated", "-urgency", "-id"];

/// Twelve tasks, with ties and missing values in every key.
async fn shelf<S: AsyncTaskStore>(store: &S) -> Stage<'_, S> {
    let mut stage = Stage::new(store);
    for k in 0..12 {
        if k % 3 == 0 {
            stage.later(MINUTE);
        }
        let mut new = NewTask::new(uid(k), title(["Same", "same", "Other"][usize::from(k % 3)]));
        new.priority = Priority::ALL[usize::from(k / 2 % 3)];
        new.due_date = (k % 4 != 0).then(|| due(&format!("2026-12-{:02}", 1 + k / 4)));
        stage.create(new).await;
    }
    stage
}

/// However large the pages, a walk gives every row once and in order.
pub async fn a_walk_gives_every_row_once<S: AsyncTaskStore>(store: &S) {
    let stage = shelf(store).await;
    for keys in ORDERS {
        let whole =
            TaskQuery { order: order(keys), limit: Limit::All, ..TaskQuery::new(stage.moment()) };
        let expected = ids(&stage.find(&whole).await.tasks);
        assert_eq!(expected.len(), 12);
        for size in [1, 2, 3, 5, 11] {
            let mut query = TaskQuery { limit: Limit::Page(size), ..whole.clone() };
            let mut walked = Vec::new();
            loop {
                let page = stage.find(&query).await;
                assert!(page.tasks.len() <= size as usize);
                walked.extend(ids(&page.tasks));
                let Some(next) = page.next else { break };
                query.after = Some(next);
            }
            assert_eq!(walked, expected, "{keys} by {size}");
        }
    }
}

/// A page that ends with the last row has no next one.
pub async fn a_full_last_page_has_no_next<S: AsyncTaskStore>(store: &S) {
    let stage = shelf(store).await;
    for (size, more) in [(11, true), (12, false), (13, false), (200, false)] {
        let query = TaskQuery { limit: Limit::Page(size), ..TaskQuery::new(stage.moment()) };
        assert_eq!(stage.find(&query).await.next.is_some(), more, "pages of {size}");
    }
}

/// An unchanged row is given exactly once, whatever is made, changed and removed on the way: here
/// the row that the page ended with goes, too.
pub async fn a_walk_survives_changes<S: AsyncTaskStore>(store: &S) {
    let mut stage = shelf(store).await;
    let mut fresh = 100;
    for keys in ORDERS {
        let query = TaskQuery { order: order(keys), ..TaskQuery::new(stage.moment()) };
        let before = stage.all().await;
        let mut query = TaskQuery { limit: Limit::Page(3), ..query };
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        let mut touched = Vec::new();
        loop {
            let page = stage.find(&query).await;
            for task in &page.tasks {
                *seen.entry(task.uid).or_default() += 1;
            }
            let Some(next) = page.next else { break };
            query.after = Some(next);
            stage.later(1);
            fresh += 1;
            stage.add(fresh, "Came in between").await;
            // The row at the edge loses its place, and comes back under another name.
            let edge = page.tasks.last().expect("a page before another is not empty").uid;
            let act =
                async |verb| stage.done(&crate::Command::One(crate::Item::act(edge, verb))).await;
            act(super::given::rename(&format!("Renamed {fresh}"))).await;
            if fresh % 2 == 0 {
                act(Verb::Move { to: Status::Completed, cascade: true }).await;
            }
            touched.push(edge);
        }
        for task in before.iter().filter(|task| task.status.is_open()) {
            if !touched.contains(&task.uid) {
                assert_eq!(seen.get(&task.uid), Some(&1), "{keys}: {task:?}");
            }
        }
    }
}
