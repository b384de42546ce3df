//! `add_task`.

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::wire::sentence;
use todo_core::words;
use todo_core::{Command, Item, NewTask, Task, TaskRef};

use super::{Hints, fields};
use crate::args::{Repeats, TaskArg, Texts, is_none};
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::told::{Glance, Telling, Told, Written, when};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AddTask {
    /// What is to be done, in one line; taken word for word.
    title: Option<String>,
    /// Instead of `title`: one line in which words say everything, e.g. "Pay rent tomorrow 5pm #finance @home/bills !high every month remind 1h before".
    text: Option<String>,
    /// Notes in Markdown.
    description: Option<String>,
    /// high, medium (default) or low.
    priority: Option<String>,
    /// "home/garden": `/` parts levels.
    project: Option<String>,
    tags: Option<Texts>,
    /// "tomorrow 5pm", "next monday", "in 3 days", "2026-11-21", "2026-11-21T17:00[Asia/Karachi]".
    due_date: Option<String>,
    /// Hidden until then; written like `due_date`.
    start_date: Option<String>,
    /// "every monday", "every! 3 days" (counted from completion), "every last friday until 2027-06-30", or an RRULE. Brings a due date.
    recurrence: Option<Repeats>,
    /// "1h before", "tomorrow 9am"; [] for none. Not given: the user's default.
    reminders: Option<Texts>,
    /// Id of the task it is a subtask of.
    parent: Option<TaskArg>,
}

pub(super) fn tool() -> Tool {
    super::tool::<AddTask, Written>(
        "add_task",
        "Add a task",
        Hints::Adds,
        "Adds one task. Use it when the user wants to remember or plan something new. Not for \
         changing a task that exists (update_task): look with list_tasks first if it may. Dates are \
         words or ISO, in the user's time zone: pass on the user's own words instead of computing \
         dates. The answer says what was stored, with id and version, and how words were read.",
    )
}

pub(super) async fn run<B: Backend>(desk: &Desk<'_, B>, args: AddTask) -> Result<Told, Fault> {
    let parent = match &args.parent {
        Some(named) if !is_none(&named.0) => Some(desk.parent(named).await?),
        _ => None,
    };
    let new = new_task(desk, args, parent)?;
    let uid = new.uid;
    let outcome = desk.carry_out(Command::One(Item::Create(Box::new(new)))).await?;
    let glance = desk.glance();
    let understood = outcome.tasks.get(&uid).map(|task| understood(task, &glance));
    let telling = Telling {
        did: "Added",
        named: &[],
        understood: understood.unwrap_or_default(),
        dry_run: false,
    };
    Ok(Written::told(&outcome, telling, &glance))
}

/// What the line says, and what the arguments say over it.
fn new_task<B: Backend>(
    desk: &Desk<'_, B>,
    args: AddTask,
    parent: Option<TaskRef>,
) -> Result<NewTask, Fault> {
    let asking = &desk.asking;
    let (mut new, notes) = begun(desk, &args)?;
    new.parent = parent;
    new.description = notes.as_deref().map(fields::description).transpose()?;
    if let Some(text) = args.priority {
        new.priority = fields::priority(&text)?;
    }
    if let Some(text) = args.project.filter(|text| !is_none(text)) {
        new.project = Some(fields::project(&text)?);
    }
    if let Some(texts) = args.tags {
        let said = new.tags.iter().cloned();
        new.tags = todo_core::Tags::new(said.chain(fields::tag_list(&texts)?))?;
    }
    for (field, text, own) in [
        ("due_date", args.due_date, &mut new.due_date),
        ("start_date", args.start_date, &mut new.start_date),
    ] {
        if let Some(text) = text.filter(|text| !is_none(text)) {
            *own = Some(fields::date(asking, field, &text)?);
        }
    }
    if let Some(repeats) = args.recurrence.filter(|repeats| !is_none(&repeats.rule)) {
        let every = words::every(&repeats.rule, asking, new.due_date);
        let every = every.map_err(|error| Fault::words("recurrence", error))?;
        let (mut recurrence, goes_on) = (every.recurrence, fields::goes_on(&repeats)?);
        recurrence.from = goes_on.from.unwrap_or(recurrence.from);
        recurrence.spawn = goes_on.spawn.unwrap_or(recurrence.spawn);
        (new.recurrence, new.due_date) = (Some(recurrence), Some(every.due));
    }
    if let Some(texts) = args.reminders {
        new.reminders = Some(fields::reminders(asking, &texts)?);
    }
    Ok(new)
}

/// The task with its title, and the description beside it. A description alone is the title.
fn begun<B: Backend>(
    desk: &Desk<'_, B>,
    args: &AddTask,
) -> Result<(NewTask, Option<String>), Fault> {
    let uid = desk.fresh_id();
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let notes = given(&args.description);
    match (given(&args.title), given(&args.text)) {
        (Some(_), Some(_)) => {
            Err(Fault::arguments("text", "says again what `title` says; give one"))
        }
        (Some(title), None) => Ok((NewTask::new(uid, fields::title(&title)?), notes)),
        (None, Some(text)) => {
            let said = words::quick_add(&text, &desk.asking);
            let said = said.map_err(|error| Fault::words("text", error))?;
            Ok((said.into_new_task(uid)?, notes))
        }
        (None, None) => match notes {
            Some(text) => Ok((NewTask::new(uid, fields::title(&text)?), None)),
            None => Err(Fault::arguments("title", "is missing; say what is to be done")),
        },
    }
}

/// How what was said in words was read.
pub(super) fn understood(task: &Task, glance: &Glance) -> Vec<String> {
    let mut read = Vec::new();
    if let Some(due) = task.due_date {
        read.push(format!("due {}", when(due, glance)));
    }
    if let Some(start) = task.start_date {
        read.push(format!("starts {}", when(start, glance)));
    }
    if let Some(recurrence) = &task.recurrence {
        read.push(format!("repeats {}", sentence(recurrence)));
    }
    let reminders = task.reminders.iter().count();
    if reminders > 0 {
        read.push(format!("{reminders} reminder(s)"));
    }
    read
}
