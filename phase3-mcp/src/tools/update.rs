//! `update_task`, and the fields that `bulk_update` shares with it.

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::words;
use todo_core::{
    Action, Command, Item, Patch, RemindersPatch, Revision, TagsPatch, Task, TaskPatch, TaskRef,
    Verb,
};

use super::add::understood as read_as;
use super::{Hints, fields};
use crate::args::{Change, Repeats, TaskArg, Texts, is_none};
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::told::{Telling, Told, Written};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateTask {
    /// Id or uid.
    task_id: TaskArg,
    title: Option<String>,
    /// Notes in Markdown; null takes them away.
    #[serde(default)]
    description: Change<String>,
    /// pending, `in_progress`, completed or cancelled.
    status: Option<String>,
    /// high, medium or low.
    priority: Option<String>,
    /// null takes it away.
    #[serde(default)]
    project: Change<String>,
    /// These and no others.
    tags: Option<Texts>,
    #[serde(default)]
    add_tags: Texts,
    #[serde(default)]
    remove_tags: Texts,
    /// Words or ISO as in `add_task`; null takes it away.
    #[serde(default)]
    due_date: Change<String>,
    /// Hidden until then; null takes it away.
    #[serde(default)]
    start_date: Change<String>,
    /// As in `add_task`; null ends the series.
    #[serde(default)]
    recurrence: Change<Repeats>,
    /// These and no others: "1h before"; [] for none.
    reminders: Option<Texts>,
    /// Id of the task it becomes a subtask of; null moves it to the top.
    #[serde(default)]
    parent: Change<TaskArg>,
    /// Of a repeating task: "this" occurrence or this and all "future" ones.
    scope: Option<String>,
    /// Refuse unless it is at this version.
    version: Option<u64>,
}

/// What several tasks can be given at once.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Common {
    title: Option<String>,
    status: Option<String>,
    priority: Option<String>,
    project: Change<String>,
    add_tags: Texts,
    remove_tags: Texts,
    tags: Option<Texts>,
    due_date: Change<String>,
    start_date: Change<String>,
    recurrence: Change<Repeats>,
    reminders: Option<Texts>,
    description: Change<String>,
    parent: Change<TaskArg>,
    scope: Option<String>,
}

pub(super) fn tool() -> Tool {
    super::tool::<UpdateTask, Written>(
        "update_task",
        "Change a task",
        Hints::Changes { idempotent: true },
        "Changes fields of one task; what is not given stays. Use it to rename, reschedule, \
         prioritise, tag, move, start or cancel. To tick a task off use complete_task; for several \
         tasks bulk_update. Find the id with list_tasks; never guess it.",
    )
}

pub(super) async fn run<B: Backend>(desk: &Desk<'_, B>, args: UpdateTask) -> Result<Told, Fault> {
    let task = desk.task(&args.task_id, false).await?;
    let expect = args.version.map(Revision);
    let in_words = !matches!(
        (&args.due_date, &args.start_date, &args.recurrence, &args.reminders),
        (Change::Keep, Change::Keep, Change::Keep, None)
    );
    let patch = patch(desk, Common::from(args), &task).await?;
    if patch == TaskPatch::default() {
        let message = "there is nothing to change; give a field, such as title or due_date";
        return Err(Fault::arguments("", message));
    }
    let verb = Verb::Change(Box::new(patch));
    let action = Action { task: TaskRef::Uid(task.uid), verb, expect };
    let outcome = desk.carry_out(Command::One(Item::Act(action))).await?;
    let glance = desk.glance();
    let understood = outcome.tasks.get(&task.uid).filter(|_| in_words);
    let understood = understood.map(|task| read_as(task, &glance)).unwrap_or_default();
    let named = [task.id.to_string()];
    let telling = Telling { did: "Changed", named: &named, understood, dry_run: false };
    Ok(Written::told(&outcome, telling, &glance))
}

impl From<UpdateTask> for Common {
    fn from(args: UpdateTask) -> Self {
        Self {
            title: args.title,
            status: args.status,
            priority: args.priority,
            project: args.project,
            add_tags: args.add_tags,
            remove_tags: args.remove_tags,
            tags: args.tags,
            due_date: args.due_date,
            start_date: args.start_date,
            recurrence: args.recurrence,
            reminders: args.reminders,
            description: args.description,
            parent: args.parent,
            scope: args.scope,
        }
    }
}

/// The change that is meant of one task, whose dates a recurrence is fitted to.
pub(super) async fn patch<B: Backend>(
    desk: &Desk<'_, B>,
    common: Common,
    task: &Task,
) -> Result<TaskPatch, Fault> {
    let parent = match common.parent.clone() {
        Change::Keep => Patch::Keep,
        Change::Clear => Patch::Clear,
        Change::Set(named) if is_none(&named.0) => Patch::Clear,
        Change::Set(named) => Patch::Set(desk.parent(&named).await?),
    };
    let asking = &desk.asking;
    let date = |field, change: Change<String>| {
        change.or_none().read(|text| fields::date(asking, field, &text))
    };
    let description = match common.description {
        Change::Set(text) if text.is_empty() => Change::Clear,
        other => other,
    };
    let mut patch = TaskPatch {
        title: common.title.as_deref().map(fields::title).transpose()?,
        description: description.read(|text| fields::description(&text))?,
        status: common.status.as_deref().map(fields::status).transpose()?,
        priority: common.priority.as_deref().map(fields::priority).transpose()?,
        project: common.project.or_none().read(|text| fields::project(&text))?,
        tags: tags(common.tags.as_ref(), &common.add_tags, &common.remove_tags)?,
        parent,
        start_date: date("start_date", common.start_date)?,
        due_date: date("due_date", common.due_date)?,
        recurrence: Patch::Keep,
        reminders: match &common.reminders {
            None => RemindersPatch::Keep,
            Some(texts) => RemindersPatch::Set(fields::reminders(asking, texts)?),
        },
        scope: common.scope.as_deref().map(|text| fields::one_of("scope", text)).transpose()?,
    };
    match common.recurrence {
        Change::Keep => {}
        Change::Clear => patch.recurrence = Patch::Clear,
        Change::Set(repeats) if is_none(&repeats.rule) => patch.recurrence = Patch::Clear,
        Change::Set(repeats) => {
            let goes_on = fields::goes_on(&repeats)?;
            words::again(&repeats.rule, asking, task, goes_on, &mut patch)
                .map_err(|error| Fault::words("recurrence", error))?;
        }
    }
    Ok(patch)
}

fn tags(whole: Option<&Texts>, add: &Texts, remove: &Texts) -> Result<TagsPatch, Fault> {
    let edits = !add.0.is_empty() || !remove.0.is_empty();
    match whole {
        Some(_) if edits => {
            let message = "says all of them; leave add_tags and remove_tags away";
            Err(Fault::arguments("tags", message))
        }
        Some(texts) => Ok(TagsPatch::Set(fields::tags(texts)?)),
        None if edits => {
            Ok(TagsPatch::Edit { add: fields::tag_list(add)?, remove: fields::tag_list(remove)? })
        }
        None => Ok(TagsPatch::Keep),
    }
}
