//! `bulk_update`.

use rmcp::model::{JsonObject, Tool};
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::query::Expression;
use todo_core::{Action, Filter, Limit, Status, Task, TaskPatch, TaskQuery, TaskRef, Verb};

use super::Hints;
use super::one::without_confirm;
use super::update::{Common, patch};
use crate::args::{TaskArg, read};
use crate::backend::Backend;
use crate::desk::{Bold, Desk, counted};
use crate::fault::Fault;
use crate::told::{Telling, Told, Written};

/// Enough to see that a filter means more tasks than one command takes (S5).
const JUST_TOO_MANY: Limit = Limit::Page(1_001);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BulkUpdate {
    /// Ids or uids; or give `filter`.
    #[serde(default)]
    task_ids: Vec<TaskArg>,
    /// An expression as in `list_tasks`. Means open tasks unless it names a status; for reopen closed ones, for restore the trash.
    filter: Option<String>,
    #[serde(default)]
    action: Deed,
    /// For action "update": fields as in `update_task`.
    set: Option<Common>,
    /// Take open subtasks along.
    #[serde(default)]
    cascade: bool,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
    /// What `confirmation_required` gave.
    confirm: Option<String>,
}

/// What is done to each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Deed {
    #[default]
    Update,
    Complete,
    Start,
    Cancel,
    Reopen,
    Skip,
    Delete,
    Restore,
}

impl Deed {
    fn verb(self, cascade: bool) -> Option<Verb> {
        let to = |to| Verb::Move { to, cascade };
        Some(match self {
            Self::Update => return None,
            Self::Complete => to(Status::Completed),
            Self::Start => to(Status::InProgress),
            Self::Cancel => to(Status::Cancelled),
            Self::Reopen => to(Status::Pending),
            Self::Skip => Verb::Skip { cascade },
            Self::Delete => Verb::Delete,
            Self::Restore => Verb::Restore,
        })
    }

    /// `complete`, `Completed`.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Update => ("change", "Changed"),
            Self::Complete => ("complete", "Completed"),
            Self::Start => ("start", "Started"),
            Self::Cancel => ("cancel", "Cancelled"),
            Self::Reopen => ("reopen", "Reopened"),
            Self::Skip => ("skip", "Skipped"),
            Self::Delete => ("delete", "Deleted"),
            Self::Restore => ("restore", "Restored"),
        }
    }
}

pub(super) fn tool() -> Tool {
    super::tool::<BulkUpdate, Written>(
        "bulk_update",
        "Change many tasks",
        Hints::Destroys { idempotent: false },
        "Does one thing to several tasks, named by ids or by a filter: one step, which one undo takes \
         back. Refused ones are listed, the others done. Use it to reschedule what is overdue, to \
         clean up, to retag. Try `dry_run` first. What changes more than one task answers \
         confirmation_required: show the user, then send the same call with `confirm`.",
    )
}

pub(super) async fn run<B: Backend>(
    desk: &Desk<'_, B>,
    arguments: JsonObject,
) -> Result<Told, Fault> {
    let asked = without_confirm(&arguments);
    let args: BulkUpdate = read(arguments)?;
    let tasks = meant(desk, &args).await?;
    let items = items(desk, &args, &tasks).await?;
    let named: Vec<_> = tasks.iter().map(|task| task.id.to_string()).collect();
    let (verb, did) = args.action.words();
    let (outcome, dry_run) = if args.dry_run {
        (desk.rehearse(items).await?, true)
    } else {
        let confirm = args.confirm.as_deref();
        let bold =
            Bold { tool: "bulk_update", arguments: &asked, confirm, items, named: &named, verb };
        (desk.dare(bold).await?, false)
    };
    let telling = Telling { did, named: &named, understood: Vec::new(), dry_run };
    Ok(Written::told(&outcome, telling, &desk.glance()))
}

/// What is to be done to each task.
async fn items<B: Backend>(
    desk: &Desk<'_, B>,
    args: &BulkUpdate,
    tasks: &[Task],
) -> Result<Vec<Action>, Fault> {
    let mut items = Vec::with_capacity(tasks.len());
    for task in tasks {
        let verb = match (args.action.verb(args.cascade), &args.set) {
            (Some(verb), None) => verb,
            (Some(_), Some(_)) => {
                let message = "is for action \"update\"; leave it away, or leave `action` away";
                return Err(Fault::arguments("set", message));
            }
            (None, set) => {
                let set = set.clone().unwrap_or_default();
                let patch = patch(desk, set, task).await?;
                if patch == TaskPatch::default() {
                    let message = "is missing or empty; say what to change, or give `action`";
                    return Err(Fault::arguments("set", message));
                }
                Verb::Change(Box::new(patch))
            }
        };
        items.push(Action { task: TaskRef::Uid(task.uid), verb, expect: None });
    }
    Ok(items)
}

/// The tasks that are named, or that the filter means.
async fn meant<B: Backend>(desk: &Desk<'_, B>, args: &BulkUpdate) -> Result<Vec<Task>, Fault> {
    let filter = args.filter.as_deref().filter(|text| !text.trim().is_empty());
    match (args.task_ids.as_slice(), filter) {
        ([], None) => Err(Fault::arguments("task_ids", "is missing; name tasks, or give `filter`")),
        ([_, ..], Some(_)) => {
            Err(Fault::arguments("filter", "names tasks too; give it or `task_ids`"))
        }
        (named, None) => {
            let trash = matches!(args.action, Deed::Restore | Deed::Delete);
            desk.tasks(named, trash).await
        }
        ([], Some(text)) => {
            let said = desk.expression(text).await?;
            let filter = scoped(args.action, said);
            let query = TaskQuery { filter, limit: JUST_TOO_MANY, ..TaskQuery::new(desk.moment()) };
            let tasks = desk.find(query).await?.tasks;
            counted(tasks.len())?;
            if tasks.is_empty() {
                return Err(nothing(args.action, text));
            }
            Ok(tasks)
        }
    }
}

/// Which tasks an expression means that says nothing of their status.
fn scoped(action: Deed, said: Expression) -> Filter {
    let of = |open| Status::ALL.iter().copied().filter(move |status| status.is_open() == open);
    let status = match action {
        Deed::Restore => None,
        Deed::Reopen => Some(of(false).collect()),
        _ if said.names_status() => Some(Status::ALL.to_vec()),
        _ => Some(of(true).collect()),
    };
    Filter { status, trash: action == Deed::Restore, expression: Some(said), ..Filter::default() }
}

fn nothing(action: Deed, text: &str) -> Fault {
    let which = match action {
        Deed::Restore => "nothing in the trash",
        Deed::Reopen => "no closed task",
        _ => "no open task",
    };
    let hint = format!("{which} is like that; list_tasks shows what there is");
    Fault::NoneLike { filter: todo_core::error::excerpt(text), hint }
}
