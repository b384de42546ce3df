//! Several things at once: one plan, one commit, one step (S5).

use std::sync::Arc;

use axum::response::Response;
use todo_core::command::BULK_MAX;
use todo_core::{
    Action, Bulk, Command, Facts, Item, Needs, Outcome, Patch, Revision, Status, TaskError,
    TaskRef, Verb,
};

use super::places::Places;
use super::written::{Purpose, Unfit, Written};
use super::{create, verbs};
use crate::ApiError;
use crate::api::desk::{Desk, How, WriteDesk};
use crate::api::faults::Trouble;
use crate::api::form::{Form, boolean, number, string};
use crate::api::params::DryRun;
use crate::api::refusals::{Conflict, Invalid, Malformed, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{asked, schema};

/// What an item asks for.
const OPS: &[&str] = &[
    "create", "update", "complete", "cancel", "start", "reopen", "skip", "snooze", "delete",
    "restore", "purge",
];

/// Does several things at once: all that are accepted are one commit and one step. What is refused
/// is listed in `refused`; with `atomic`, one refusal refuses all.
#[utoipa::path(
    post,
    path = "/api/tasks/bulk",
    tag = "tasks",
    operation_id = "bulk",
    params(asked::DryRun, asked::OnceKey),
    request_body(content = schema::BulkTasks),
    responses(
        (status = 200, description = "What came of each.", body = schema::TaskChanges),
        Malformed, ReadOnly, Conflict, Invalid,
    ),
)]
pub(crate) async fn bulk(
    write: WriteDesk,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.fingerprint };
    let desk = &write.desk;
    let (asked, atomic) = sent.read(|form| {
        let atomic = form.optional("atomic", boolean).unwrap_or_default();
        if !form.has("items") {
            form.fault("items", Trouble::new("missing", "is missing"));
        }
        match form.list("items", |item, at, faults| one(Form::open(item, at, faults)?, desk)) {
            Patch::Set(items) => Some((items, atomic)),
            Patch::Keep => None,
            Patch::Clear => {
                form.fault("items", Trouble::type_of("must not be null"));
                None
            }
        }
    })?;
    if asked.len() > BULK_MAX {
        let limit = BULK_MAX as u64;
        return Err(TaskError::LimitExceeded { what: "items in one command", limit }.into());
    }
    let answered = !dry_run && write.was_answered().await?;
    let (items, places) = resolved(desk, asked, answered).await?;
    if atomic && let Some(error) = places.first_fault() {
        return Err(error);
    }
    let places = Arc::new(places);
    let tell = Arc::clone(&places);
    let tell = move |outcome: &Outcome, dry_run| tell.tell(outcome, dry_run);
    let done = write.carry_out(&Command::Bulk(Bulk { items, atomic }), how, tell).await;
    done.map_err(|error| places.located(error))
}

/// An item as it was asked for.
enum Asked {
    Item(Item),
    Change { task: TaskRef, written: Box<Written>, expect: Option<Revision> },
}

impl Asked {
    /// How it names its task.
    fn named(&self) -> String {
        match self {
            Self::Item(Item::Create(new)) => new.uid.to_string(),
            Self::Item(Item::Act(Action { task, .. })) | Self::Change { task, .. } => {
                task.to_string()
            }
        }
    }
}

fn one(mut form: Form<'_>, desk: &Desk) -> Option<Asked> {
    let op = form.required("op", |value| {
        let op = string(value)?;
        let known = OPS.iter().find(|known| known.eq_ignore_ascii_case(op));
        known.copied().ok_or_else(|| {
            let given = todo_core::error::excerpt(op);
            todo_core::Problem::NotOneOf { given, allowed: OPS }.into()
        })
    });
    let asked = op.and_then(|op| match op {
        "create" => create_one(&mut form, desk),
        "update" => change_one(&mut form, desk),
        op => act(&mut form, desk, op),
    });
    form.finish();
    asked
}

fn create_one(form: &mut Form<'_>, desk: &Desk) -> Option<Asked> {
    let Some(value) = form.take("task") else {
        form.fault("task", Trouble::new("missing", "is missing"));
        return None;
    };
    let mut child = form.child("task", value)?;
    let (uid, written) = create::read(&mut child, desk);
    let new = if child.is_sound() {
        let new = written.into_new(uid, &desk.asking());
        new.map_err(|Unfit(field, trouble)| child.fault(field, trouble)).ok()
    } else {
        None
    };
    child.finish();
    new.map(|new| Asked::Item(Item::Create(Box::new(new))))
}

fn change_one(form: &mut Form<'_>, desk: &Desk) -> Option<Asked> {
    let (task, expect) = target(form);
    let Some(value) = form.take("patch") else {
        form.fault("patch", Trouble::new("missing", "is missing"));
        return None;
    };
    let mut child = form.child("patch", value)?;
    let written = Written::read(&mut child, &desk.asking(), Purpose::Change);
    child.finish();
    Some(Asked::Change { task: task?, written: Box::new(written), expect })
}

fn act(form: &mut Form<'_>, desk: &Desk, op: &str) -> Option<Asked> {
    let (task, expect) = target(form);
    let to = |to| Verb::Move { to, cascade: false };
    let verb = match op {
        "complete" => Verb::Move { to: Status::Completed, cascade: verbs::cascade(form) },
        "cancel" => Verb::Move { to: Status::Cancelled, cascade: verbs::cascade(form) },
        "skip" => Verb::Skip { cascade: verbs::cascade(form) },
        "start" => to(Status::InProgress),
        "reopen" => to(Status::Pending),
        "snooze" => Verb::Snooze { until: verbs::until(form, &desk.ctx)? },
        "restore" => Verb::Restore,
        "purge" => Verb::Purge,
        _ => Verb::Delete,
    };
    Some(Asked::Item(Item::Act(Action { task: task?, verb, expect })))
}

/// The task that an item is about, and the version that it expects.
fn target(form: &mut Form<'_>) -> (Option<TaskRef>, Option<Revision>) {
    let task = form.required("id", super::written::task);
    (task, form.optional("version", number).map(Revision))
}

/// The items, once the tasks were looked at that must be, and where each of them came from. What was
/// answered before is answered again, and not measured by what is now.
async fn resolved(
    desk: &Desk,
    asked: Vec<Asked>,
    answered: bool,
) -> Result<(Vec<Item>, Places), ApiError> {
    let mut needs = Needs::default();
    for one in &asked {
        if let Asked::Change { task, written, .. } = one
            && written.looks_at_task()
        {
            needs.tasks.insert(task.clone());
        }
    }
    let facts = if answered || needs.tasks.is_empty() {
        Facts::default()
    } else {
        desk.server().load(&needs, &desk.ctx).await?
    };
    let asking = desk.asking();
    let (mut items, mut places) = (Vec::new(), Places::default());
    for (index, one) in asked.into_iter().enumerate() {
        let named = one.named();
        match one {
            Asked::Item(item) => {
                let below = if matches!(item, Item::Create(_)) { "/task" } else { "" };
                places.taken(index, named, below);
                items.push(item);
            }
            Asked::Change { task, written, expect } => {
                let known = facts.resolved.get(&task).and_then(|fits| fits.first());
                match written.into_patch(known.and_then(|uid| facts.tasks.get(uid)), &asking) {
                    Ok(patch) => {
                        places.taken(index, named, "/patch");
                        let verb = Verb::Change(Box::new(patch));
                        items.push(Item::Act(Action { task, verb, expect }));
                    }
                    Err(unfit) => places.refused(index, named, "/patch", unfit),
                }
            }
        }
    }
    Ok((items, places))
}
