//! What was asked as values of the core; each fault names the field it is in.

use chrono::NaiveTime;
use todo_core::reminder::{Offset, ReminderId, Trigger};
use todo_core::words::{self, Asking, WordsError};
use todo_core::{
    Description, Due, NewRecurrence, NewReminder, NewTask, Patch, Preferences, Priority, Problem,
    Project, RemindersPatch, Rule, Tag, Tags, TagsPatch, TaskError, TaskId, TaskPatch, TaskRef,
    Title,
};

use super::{Decided, Memory};
use crate::surfaces::asked::{Change, Draft, Edits, Ref, Remind, Repeat};

impl Memory {
    pub(super) fn asking(&self) -> Asking {
        Asking { moment: self.moment(), date_order: None }
    }

    /// A date as programs write it, else in words.
    pub(super) fn due(&self, field: &'static str, text: &str) -> Decided<Due> {
        Due::parse(text, None, self.zone)
            .or_else(|_| words::when(text, &self.asking()))
            .map_err(|error| not_understood(field, error))
    }

    /// A rule as programs write it, else in words: these say when it begins, too.
    fn repeat(&self, repeat: &Repeat, due: Option<Due>) -> Decided<(NewRecurrence, Option<Due>)> {
        let (mut new, due) = if repeat.rule.contains('=') {
            (NewRecurrence::new(repeat.rule.parse::<Rule>()?), due)
        } else {
            let every = words::every(&repeat.rule, &self.asking(), due)
                .map_err(|error| not_understood("recurrence", error))?;
            (every.recurrence, Some(every.due))
        };
        if let Some(word) = &repeat.from {
            new.from = word.parse().map_err(|problem| TaskError::field("from", problem))?;
        }
        if let Some(word) = &repeat.spawn {
            new.spawn = word.parse().map_err(|problem| TaskError::field("spawn", problem))?;
        }
        Ok((new, due))
    }

    /// A task as one line says it.
    pub(super) fn said(&self, uid: TaskId, text: &str) -> Decided<NewTask> {
        let said = words::quick_add(text, &self.asking())
            .map_err(|error| not_understood("title", error))?;
        Ok(said.into_new_task(uid)?)
    }

    pub(super) fn new_task(&self, uid: TaskId, draft: &Draft) -> Decided<NewTask> {
        let date = |field, text: &Option<String>| {
            text.as_deref().map(|text| self.due(field, text)).transpose()
        };
        let mut due_date = date("due_date", &draft.due_date)?;
        let mut recurrence = None;
        if let Some(asked) = &draft.recurrence {
            let (new, due) = self.repeat(asked, due_date)?;
            (recurrence, due_date) = (Some(new), due);
        }
        Ok(NewTask {
            uid,
            title: Title::new(&draft.title)?,
            description: draft.description.as_deref().map(Description::new).transpose()?,
            priority: match &draft.priority {
                None => Priority::Medium,
                Some(word) => word.parse().map_err(|p| TaskError::field("priority", p))?,
            },
            project: draft.project.as_deref().map(Project::new).transpose()?,
            tags: Tags::parse(&draft.tags)?,
            parent: draft.parent.as_ref().map(reference).transpose()?,
            start_date: date("start_date", &draft.start_date)?,
            due_date,
            recurrence,
            reminders: draft.reminders.as_deref().map(reminders).transpose()?,
        })
    }

    pub(super) fn patch(&self, edits: &Edits) -> Decided<TaskPatch> {
        let tags = |texts: &[String]| {
            texts.iter().map(|text| Ok(Tag::new(text)?)).collect::<Decided<Vec<_>>>()
        };
        let priority = edits.priority.as_deref().map(str::parse).transpose();
        let status = edits.status.as_deref().map(str::parse).transpose();
        Ok(TaskPatch {
            title: edits.title.as_deref().map(Title::new).transpose()?,
            description: patch(&edits.description, |text| Ok(Description::new(text)?))?,
            status: status.map_err(|problem| TaskError::field("status", problem))?,
            priority: priority.map_err(|problem| TaskError::field("priority", problem))?,
            project: patch(&edits.project, |text| Ok(Project::new(text)?))?,
            tags: match &edits.tags {
                Some(texts) => TagsPatch::Set(Tags::parse(texts)?),
                None if edits.add_tags.is_empty() && edits.remove_tags.is_empty() => {
                    TagsPatch::Keep
                }
                None => {
                    let (add, remove) = (tags(&edits.add_tags)?, tags(&edits.remove_tags)?);
                    TagsPatch::Edit { add, remove }
                }
            },
            parent: patch(&edits.parent, reference)?,
            start_date: patch(&edits.start_date, |text| self.due("start_date", text))?,
            due_date: patch(&edits.due_date, |text| self.due("due_date", text))?,
            // Fitted to each task by `repeated`.
            recurrence: Patch::Keep,
            reminders: match &edits.reminders {
                None => RemindersPatch::Keep,
                Some(asked) => RemindersPatch::Set(reminders(asked)?),
            },
            scope: edits
                .scope
                .as_deref()
                .map(|word| word.parse().map_err(|problem| TaskError::field("scope", problem)))
                .transpose()?,
        })
    }

    /// The change to one task, with how it repeats from now on.
    pub(super) fn repeated(
        &self,
        mut patch: TaskPatch,
        edits: &Edits,
        task: &Ref,
    ) -> Decided<TaskPatch> {
        match &edits.recurrence {
            Change::Keep => {}
            Change::Clear => patch.recurrence = Patch::Clear,
            Change::Set(asked) => {
                let mut due = self.find(task)?.due_date;
                patch.due_date.apply(&mut due);
                let (new, begins) = self.repeat(asked, due)?;
                patch.recurrence = Patch::Set(new);
                if let Some(begins) = begins.filter(|begins| Some(*begins) != due) {
                    patch.due_date = Patch::Set(begins);
                }
            }
        }
        Ok(patch)
    }

    pub(super) fn reminders_patch(add: Option<&Remind>, remove: &[u32]) -> Decided<RemindersPatch> {
        let add = add.map(reminder).transpose()?.into_iter().collect();
        Ok(RemindersPatch::Edit { add, remove: remove.iter().map(|id| ReminderId(*id)).collect() })
    }
}

fn not_understood(field: &'static str, error: WordsError) -> TaskError {
    TaskError::Words { field, error: Box::new(error) }
}

fn reminders(asked: &[Remind]) -> Decided<Vec<NewReminder>> {
    asked.iter().map(reminder).collect()
}

fn reminder(asked: &Remind) -> Decided<NewReminder> {
    let wrong = |problem| TaskError::field("reminders", problem);
    let trigger = match (&asked.offset, &asked.at) {
        (Some(offset), None) => Trigger::Offset(offset.parse().map_err(wrong)?),
        (None, Some(at)) => Trigger::At(at.parse().map_err(wrong)?),
        _ => return Err(wrong(Problem::ReminderTrigger)),
    };
    let mut new = NewReminder::new(trigger);
    new.message = asked.message.as_deref().map(Title::new).transpose()?;
    if let Some(word) = &asked.channel {
        new.channel = word.parse().map_err(|problem| TaskError::field("channel", problem))?;
    }
    Ok(new)
}

/// The preferences with one of them changed.
pub(super) fn preferred(old: &Preferences, name: &str, value: &str) -> Decided<Preferences> {
    let mut new = old.clone();
    match name {
        "all_day_time" => {
            let hint = "write 09:00";
            let text = value.to_owned();
            new.all_day_time = NaiveTime::parse_from_str(value, "%H:%M")
                .map_err(|_| TaskError::field("all_day_time", Problem::NotADate { text, hint }))?;
        }
        "default_reminders" if value == "none" => new.default_reminders.clear(),
        "default_reminders" => {
            let offset = |text: &str| {
                let offset = text.parse::<Offset>();
                let trigger = offset.map_err(|p| TaskError::field("default_reminders", p))?;
                Ok(NewReminder::new(Trigger::Offset(trigger)))
            };
            new.default_reminders = value.split(',').map(offset).collect::<Decided<_>>()?;
        }
        _ => {
            let given = name.to_owned();
            let allowed = &["all_day_time", "default_reminders", "week_start"];
            return Err(TaskError::field("name", Problem::NotOneOf { given, allowed }));
        }
    }
    Ok(new)
}

pub(super) fn reference(name: &Ref) -> Decided<TaskRef> {
    name.0.parse().map_err(|problem| TaskError::field("id", problem))
}

fn patch<A, B>(change: &Change<A>, read: impl FnOnce(&A) -> Decided<B>) -> Decided<Patch<B>> {
    Ok(match change.as_ref() {
        Change::Keep => Patch::Keep,
        Change::Clear => Patch::Clear,
        Change::Set(value) => Patch::Set(read(value)?),
    })
}
