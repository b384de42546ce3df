//! The trash.

use std::collections::BTreeSet;

use axum::response::Response;
use todo_core::command::BULK_MAX;
use todo_core::{
    Bulk, Command, Filter, Item, Limit, Needs, Outcome, Task, TaskId, TaskQuery, Verb,
};

use super::one::OneTask;
use crate::ApiError;
use crate::api::desk::{Desk, How, Named, WriteDesk, several};
use crate::api::params::{DryRun, Params};
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{answers, asked, schema};

/// Moves a task and its subtasks to the trash; with `purge=true`, removes them for good.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}",
    tag = "tasks",
    operation_id = "delete_task",
    params(
        asked::Id,
        ("purge" = Option<bool>, Query, description = "For good: there is no way back."),
        asked::DryRun,
        asked::IfMatch,
    ),
    responses(
        (status = 200, description = "The task as it stands; null once it is purged.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn delete(
    write: WriteDesk,
    Named(reference): Named,
    mut params: Params,
    sent: Sent,
) -> Result<Response, ApiError> {
    let verb = if params.flag("purge") { Verb::Purge } else { Verb::Delete };
    let dry_run = params.flag("dry_run");
    params.finish()?;
    let how = How { dry_run, fingerprint: sent.nothing()? };
    write.act(reference, verb, how).await
}

/// Brings back a task from the trash, with what was deleted together with it.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/restore",
    tag = "tasks",
    operation_id = "restore_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid)
)]
pub(crate) async fn restore(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act(sent, Verb::Restore).await
}

/// Removes for good all that lies in the trash.
#[utoipa::path(
    post,
    path = "/api/trash/empty",
    tag = "tasks",
    operation_id = "empty_trash",
    params(asked::DryRun, asked::OnceKey),
    responses(
        (status = 200, description = "What is gone.", body = schema::TaskChanges),
        Malformed, ReadOnly, Conflict, Invalid,
    ),
)]
pub(crate) async fn empty(
    write: WriteDesk,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.nothing()? };
    let mut doomed = doomed(&write.desk).await?;
    let mut gone = Outcome::default();
    // A purge leaves no step, so nothing is lost by making several commands of a full trash. What
    // was answered before is not done again, though the trash has filled since.
    if doomed.len() > BULK_MAX && !write.was_answered().await? {
        let last = doomed.split_off((doomed.len() - 1) / BULK_MAX * BULK_MAX);
        for items in doomed.chunks(BULK_MAX) {
            let part = write.part(&purge(items), dry_run).await?;
            gone.items.extend(part.items);
            gone.purged.extend(part.purged);
            gone.notes.extend(part.notes);
            gone.tasks.extend(part.tasks);
        }
        doomed = last;
    }
    doomed.truncate(BULK_MAX);
    let named: Vec<_> = gone
        .items
        .iter()
        .map(|_| String::new())
        .chain(doomed.iter().map(ToString::to_string))
        .collect();
    let tell = several(named);
    let whole = move |last: &Outcome, dry_run| {
        let mut whole = gone.clone();
        whole.items.extend(last.items.iter().cloned());
        whole.purged.extend(last.purged.iter().cloned());
        whole.notes.extend(last.notes.iter().cloned());
        whole.tasks.extend(last.tasks.iter().map(|(uid, task)| (*uid, task.clone())));
        tell(&whole, dry_run)
    };
    write.carry_out(&purge(&doomed), how, whole).await
}

fn purge(tasks: &[TaskId]) -> Command {
    let items = tasks.iter().map(|task| Item::act(*task, Verb::Purge)).collect();
    Command::Bulk(Bulk { items, atomic: false })
}

/// What lies in the trash, without what lies there below another of it: it goes with that one.
async fn doomed(desk: &Desk) -> Result<Vec<TaskId>, ApiError> {
    let filter = Filter { trash: true, ..Filter::default() };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(desk.moment()) };
    let tasks = desk.server().find(&query, &desk.ctx).await?.tasks;
    let uids: BTreeSet<_> = tasks.iter().map(|task| task.uid).collect();
    let lineage = uids.iter().map(|uid| (*uid).into()).collect();
    let known = desk.server().load(&Needs { lineage, ..Needs::default() }, &desk.ctx).await?.tasks;
    let below_another = |task: &Task| {
        let above = |task: &Task| task.parent.map(|parent| parent.uid);
        let mut next = above(task);
        // A tree has no circle; a damaged one must not hold anybody up.
        for _ in 0..=todo_core::task::DEPTH_MAX {
            let Some(uid) = next else { break };
            if uids.contains(&uid) {
                return true;
            }
            next = known.get(&uid).and_then(above);
        }
        false
    };
    Ok(tasks.iter().filter(|task| !below_another(task)).map(|task| task.uid).collect())
}
