//! What a server tells beside the three verbs: labels, one task's history, what changed, saved
//! filters.

use todo_core::conformance::{OWNERS, Stage, given, uid};
use todo_core::event::{EventType, Seq};
use todo_core::query::SavedFilters;
use todo_core::words::Asking;
use todo_core::{ErrorCode, NewTask, Project, Status, Verb};
use todo_store::{Changes, Store};

use crate::support::on_both;

on_both! {
    labels_of_open_tasks
    a_history_is_the_tasks_own
    changes_go_in_the_order_of_seq
    another_history_is_seen_through
    q9_filters_are_kept
    q9_filters_guard_each_other
}

fn asking(stage: &Stage<'_, Store>) -> Asking {
    Asking { moment: stage.moment(), date_order: None }
}

fn labelled(k: u8, tags: &[&str], project: &str) -> NewTask {
    let project = Some(Project::new(project).expect("a project"));
    NewTask { tags: given::tags(tags), project, ..NewTask::new(uid(k), given::title("labelled")) }
}

async fn labels_of_open_tasks(store: &Store) {
    let mut stage = Stage::new(store);
    stage.create(labelled(1, &["Work", "home"], "Garden")).await;
    stage.later(1);
    stage.create(labelled(2, &["WORK"], "garden")).await;
    stage.create(labelled(3, &["done"], "done")).await;
    stage.act(3, given::go(Status::Completed)).await;
    stage.create(labelled(4, &["gone"], "gone")).await;
    stage.act(4, Verb::Delete).await;
    Stage::of(store, OWNERS[1]).create(labelled(5, &["theirs"], "theirs")).await;

    let labels = store.labels(OWNERS[0]).await.expect("labels");
    assert_eq!(labels.tags.iter().collect::<Vec<_>>(), [("home", 1), ("WORK", 2)]);
    assert_eq!(labels.projects.iter().collect::<Vec<_>>(), [("garden", 2)]);
}

async fn a_history_is_the_tasks_own(store: &Store) {
    let stage = Stage::new(store);
    stage.add(1, "first").await;
    stage.add(2, "second").await;
    stage.rename(1, "First").await;
    stage.act(1, given::go(Status::Completed)).await;
    let owner = OWNERS[0];
    let all = store.history(owner, uid(1), None, 10).await.expect("a history");
    let types: Vec<_> = all.iter().map(|event| (event.seq.0, event.event_type)).collect();
    let expected = [(4, EventType::Completed), (3, EventType::Updated), (1, EventType::Created)];
    assert_eq!(types, expected);
    assert!(all.iter().all(|event| event.actor == stage.ctx.actor && event.at == stage.ctx.now));
    assert!(all.iter().all(|event| event.data.as_ref().is_some_and(|data| data.id().0 == 1)));

    let older = store.history(owner, uid(1), Some(Seq(4)), 1).await.expect("a history");
    assert_eq!(older, all[1..2]);
    let theirs = store.history(OWNERS[1], uid(1), None, 10).await.expect("a history");
    assert_eq!(theirs, [], "S6");

    stage.act(1, Verb::Delete).await;
    stage.act(1, Verb::Purge).await;
    let left = store.history(owner, uid(1), None, 10).await.expect("a history");
    let told: Vec<_> = left.iter().filter(|event| event.data.is_some()).collect();
    assert!(told.iter().all(|event| event.event_type == EventType::Purged), "{told:?}");
}

fn uids(changes: &Changes) -> Vec<(u64, bool)> {
    let present = |touched: &todo_store::Touched| (touched.seq.0, touched.task.is_some());
    changes.tasks.iter().map(present).collect()
}

async fn changes_go_in_the_order_of_seq(store: &Store) {
    let stage = Stage::new(store);
    for k in 1..=3 {
        stage.add(k, "a task").await;
    }
    stage.rename(1, "renamed").await;
    stage.act(2, Verb::Delete).await;
    stage.act(3, Verb::Delete).await;
    stage.act(3, Verb::Purge).await;
    let owner = OWNERS[0];

    let all = store.changes(owner, Seq(0), 100).await.expect("changes");
    assert_eq!(uids(&all), [(4, true), (5, true), (7, false)]);
    assert_eq!((all.seq, all.more), (Seq(7), false));
    let names: Vec<_> = all.tasks.iter().map(|touched| touched.uid).collect();
    assert_eq!(names, [uid(1), uid(2), uid(3)]);
    let trashed = all.tasks[1].task.as_ref().expect("it is in the trash");
    assert!(trashed.trash.is_some());

    // In pieces of two events: what comes last is how it stands.
    let mut seen = std::collections::BTreeMap::new();
    let mut since = Seq(0);
    loop {
        let piece = store.changes(owner, since, 2).await.expect("changes");
        assert!(piece.seq > since || !piece.more, "it goes on");
        since = piece.seq;
        seen.extend(piece.tasks.into_iter().map(|touched| (touched.uid, touched.task)));
        if !piece.more {
            break;
        }
    }
    let expected = all.tasks.into_iter().map(|touched| (touched.uid, touched.task)).collect();
    assert_eq!(seen, expected);
    assert_eq!(since, Seq(7));
    let theirs = store.changes(OWNERS[1], Seq(0), 100).await.expect("changes");
    let history = theirs.history;
    assert_eq!(theirs, Changes { tasks: Vec::new(), seq: Seq(0), history, more: false }, "S6");
}

/// Who looked at a database that was restored since must not wait for what never comes.
async fn another_history_is_seen_through(store: &Store) {
    let stage = Stage::new(store);
    stage.add(1, "first").await;
    let history = store.head(OWNERS[0]).await.expect("told").history;
    let none = |seq| Changes { tasks: Vec::new(), seq, history, more: false };
    let up_to_date = store.changes(OWNERS[0], Seq(1), 10).await.expect("changes");
    assert_eq!(up_to_date, none(Seq(1)));
    let ahead = store.changes(OWNERS[0], Seq(9), 10).await.expect("changes");
    assert_eq!(ahead, none(Seq(1)));
}

async fn q9_filters_are_kept(store: &Store) {
    let stage = Stage::new(store);
    let asking = asking(&stage);
    let owner = OWNERS[0];
    let saved = store.save_filter(owner, "Mine", "#work  or  !high", &asking).await;
    let (name, text) = saved.expect("it is saved");
    assert_eq!(name, "mine");
    let filters = store.filters(owner).await.expect("filters");
    assert_eq!(filters.iter().collect::<Vec<_>>(), [("mine", text.as_str())]);
    store.save_filter(owner, "MINE", "#home", &asking).await.expect("over the one there is");
    let filters = store.filters(owner).await.expect("filters");
    assert_eq!(filters.text("mine"), Some("tag:home"));
    assert_eq!(store.filters(OWNERS[1]).await.expect("filters").iter().count(), 0, "S6");

    store.remove_filter(owner, "mine", &asking).await.expect("it is removed");
    assert_eq!(store.filters(owner).await.expect("filters").iter().count(), 0);
    let gone = store.remove_filter(owner, "mine", &asking).await;
    assert_eq!(gone.map_err(|error| error.code()), Err(ErrorCode::NotFound));
}

async fn q9_filters_guard_each_other(store: &Store) {
    let stage = Stage::new(store);
    let asking = asking(&stage);
    let owner = OWNERS[0];
    store.save_filter(owner, "inner", "#work", &asking).await.expect("it is saved");
    store.save_filter(owner, "outer", "filter:inner", &asking).await.expect("it is saved");
    let refused = store.remove_filter(owner, "inner", &asking).await;
    assert_eq!(refused.map_err(|error| error.code()), Err(ErrorCode::ValidationError));
    let circle = store.save_filter(owner, "inner", "filter:outer", &asking).await;
    assert_eq!(circle.map_err(|error| error.code()), Err(ErrorCode::ValidationError));
    let filters = store.filters(owner).await.expect("filters");
    assert_eq!(filters.text("inner"), Some("tag:work"), "a refusal changes nothing");
}
