//! Ticking off, reopening, skipping, deleting: `complete_task`, `reopen_task`, `skip_task`,
//! `delete_task`.

use rmcp::model::{JsonObject, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::{Action, Command, Item, Revision, Status, Task, TaskRef, Verb};

use super::Hints;
use crate::args::{TaskArg, read};
use crate::backend::Backend;
use crate::desk::{Bold, Desk};
use crate::fault::Fault;
use crate::told::{Telling, Told, Written};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CompleteTask {
    /// Id or uid.
    task_id: Option<TaskArg>,
    /// Instead, several.
    #[serde(default)]
    task_ids: Vec<TaskArg>,
    /// Also complete open subtasks.
    #[serde(default)]
    cascade: bool,
    /// Refuse unless it is at this version.
    version: Option<u64>,
    /// What `confirmation_required` gave.
    confirm: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DeleteTask {
    /// Id or uid.
    task_id: Option<TaskArg>,
    /// Instead, several.
    #[serde(default)]
    task_ids: Vec<TaskArg>,
    /// Refuse unless it is at this version.
    version: Option<u64>,
    /// What `confirmation_required` gave.
    confirm: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReopenTask {
    /// Id or uid.
    task_id: TaskArg,
    /// Refuse unless it is at this version.
    version: Option<u64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipTask {
    /// Id or uid.
    task_id: TaskArg,
    /// Also give up open subtasks.
    #[serde(default)]
    cascade: bool,
    /// Refuse unless it is at this version.
    version: Option<u64>,
}

pub(super) fn complete_tool() -> Tool {
    super::tool::<CompleteTask, Written>(
        "complete_task",
        "Complete tasks",
        Hints::Changes { idempotent: true },
        "Ticks off a task, or several. A repeating task goes on to its next occurrence, which the \
         answer names. More than one task must be confirmed. To give a task up without doing it use \
         update_task with status cancelled; to pass over one occurrence, skip_task.",
    )
}

pub(super) fn reopen_tool() -> Tool {
    super::tool::<ReopenTask, Written>(
        "reopen_task",
        "Reopen a task",
        Hints::Changes { idempotent: true },
        "Makes a completed or cancelled task pending again. To take back what was done just now, \
         undo is better: it also removes the next occurrence of a repeating task.",
    )
}

pub(super) fn skip_tool() -> Tool {
    super::tool::<SkipTask, Written>(
        "skip_task",
        "Skip an occurrence",
        Hints::Changes { idempotent: false },
        "Passes over this occurrence of a repeating task and goes on to the next. Not for tasks that \
         do not repeat, and not for postponing (update_task with due_date).",
    )
}

pub(super) fn delete_tool() -> Tool {
    super::tool::<DeleteTask, Written>(
        "delete_task",
        "Delete tasks",
        Hints::Destroys { idempotent: true },
        "Moves a task and its subtasks to the trash, where they stay 30 days; deleting a repeating \
         task ends its series. Only when the user wants it gone: what is done is completed, what is \
         given up is cancelled. More than one task must be confirmed.",
    )
}

pub(super) async fn complete<B: Backend>(
    desk: &Desk<'_, B>,
    arguments: JsonObject,
) -> Result<Told, Fault> {
    let asked = without_confirm(&arguments);
    let CompleteTask { task_id, task_ids, cascade, version, confirm } = read(arguments)?;
    let verb = Verb::Move { to: Status::Completed, cascade };
    let (items, named) = meant(desk, task_id, task_ids, version, &verb, false).await?;
    let bold = Bold {
        tool: "complete_task",
        arguments: &asked,
        confirm: confirm.as_deref(),
        items,
        named: &named,
        verb: "complete",
    };
    tell(desk, bold, "Completed").await
}

pub(super) async fn delete<B: Backend>(
    desk: &Desk<'_, B>,
    arguments: JsonObject,
) -> Result<Told, Fault> {
    let asked = without_confirm(&arguments);
    let DeleteTask { task_id, task_ids, version, confirm } = read(arguments)?;
    // What is in the trash already is as wished (S4).
    let (items, named) = meant(desk, task_id, task_ids, version, &Verb::Delete, true).await?;
    let bold = Bold {
        tool: "delete_task",
        arguments: &asked,
        confirm: confirm.as_deref(),
        items,
        named: &named,
        verb: "delete",
    };
    tell(desk, bold, "Deleted").await
}

async fn tell<B: Backend>(desk: &Desk<'_, B>, bold: Bold<'_>, did: &str) -> Result<Told, Fault> {
    let named = bold.named;
    let outcome = desk.dare(bold).await?;
    let telling = Telling { did, named, understood: Vec::new(), dry_run: false };
    Ok(Written::told(&outcome, telling, &desk.glance()))
}

pub(super) async fn reopen<B: Backend>(
    desk: &Desk<'_, B>,
    args: ReopenTask,
) -> Result<Told, Fault> {
    let verb = Verb::Move { to: Status::Pending, cascade: false };
    act(desk, &args.task_id, verb, args.version, "Reopened").await
}

pub(super) async fn skip<B: Backend>(desk: &Desk<'_, B>, args: SkipTask) -> Result<Told, Fault> {
    let verb = Verb::Skip { cascade: args.cascade };
    act(desk, &args.task_id, verb, args.version, "Skipped").await
}

async fn act<B: Backend>(
    desk: &Desk<'_, B>,
    named: &TaskArg,
    verb: Verb,
    version: Option<u64>,
    did: &str,
) -> Result<Told, Fault> {
    let task = desk.task(named, false).await?;
    let action = Action { task: TaskRef::Uid(task.uid), verb, expect: version.map(Revision) };
    let outcome = desk.carry_out(Command::One(Item::Act(action))).await?;
    let named = [task.id.to_string()];
    let telling = Telling { did, named: &named, understood: Vec::new(), dry_run: false };
    Ok(Written::told(&outcome, telling, &desk.glance()))
}

/// What was asked, without the confirmation: it is what a confirmation is for.
pub(super) fn without_confirm(arguments: &JsonObject) -> serde_json::Value {
    let mut asked = arguments.clone();
    asked.remove("confirm");
    asked.into()
}

/// What is to be done to the tasks that are meant, and how they are named.
async fn meant<B: Backend>(
    desk: &Desk<'_, B>,
    one: Option<TaskArg>,
    several: Vec<TaskArg>,
    version: Option<u64>,
    verb: &Verb,
    trash: bool,
) -> Result<(Vec<Action>, Vec<String>), Fault> {
    let names = match (one, several.is_empty()) {
        (Some(_), false) => {
            return Err(Fault::arguments("task_ids", "names more tasks than `task_id`; give one"));
        }
        (None, true) => return Err(Fault::arguments("task_id", "is missing; say which task")),
        (Some(one), true) => vec![one],
        (None, false) => several,
    };
    if version.is_some() && names.len() > 1 {
        return Err(Fault::arguments("version", "is of one task; leave it away for several"));
    }
    let tasks = desk.tasks(&names, trash).await?;
    let expect = version.map(Revision);
    let item = |task: &Task| Action { task: TaskRef::Uid(task.uid), verb: verb.clone(), expect };
    let named = tasks.iter().map(|task| task.id.to_string()).collect();
    Ok((tasks.iter().map(item).collect(), named))
}
