//! What a body says of a task, read field by field.

use serde_json::Value;
use todo_core::batch::NUMBER_MAX;
use todo_core::reminder::{Channel, Offset, Trigger};
use todo_core::words::{self, Asking};
use todo_core::{
    Description, Due, NewReminder, NewTask, Patch, Priority, Problem, Project, RemindersPatch, Tag,
    Tags, TagsPatch, Task, TaskId, TaskNo, TaskPatch, TaskRef, Timestamp, Title, Zone,
};

use super::repeats::{Repeats, repeats};
use crate::ApiError;
use crate::api::faults::{Faults, Trouble};
use crate::api::form::{Form, Read, string, text, word};
use crate::problem::Place;

/// What stands in every task and is not for others to write.
const READ_ONLY: &[&str] = &[
    "id",
    "uid",
    "parent_uid",
    "series",
    "slot",
    "created_at",
    "updated_at",
    "completed_at",
    "cancelled_at",
    "deleted_at",
    "trash_id",
    "version",
];

/// What is said of a task.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// All but the following.
    pub(crate) patch: TaskPatch,
    pub(crate) repeats: Patch<Repeats>,
    /// The zone, where it is said without a time.
    pub(super) zone: Option<Zone>,
}

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new task.
    Create,
    /// Some fields of one that is there.
    Change,
    /// All of one that is there: what is not said is taken away.
    Replace,
}

impl Written {
    /// Reads the fields that are there.
    pub(crate) fn read(form: &mut Form<'_>, asking: &Asking, purpose: Purpose) -> Self {
        let home = asking.moment.zone;
        read_only(form, purpose);
        let zone = match form.patch("timezone", text(todo_core::time::zone)) {
            Patch::Set(zone) => Some(zone),
            Patch::Keep | Patch::Clear => None,
        };
        let date = |value: &Value| Ok(Due::parse(string(value)?, zone, home)?);
        let start_date = form.patch("start_date", date);
        let due_date = form.patch("due_date", date);
        let dates = [&start_date, &due_date];
        let timed = dates.iter().any(|date| matches!(date, Patch::Set(Due::At { .. })));
        let read_title = text(Title::new);
        let title = if purpose == Purpose::Change {
            form.optional("title", read_title)
        } else {
            form.required("title", read_title)
        };
        let mut written = Self {
            patch: TaskPatch {
                title,
                description: description(form),
                status: form.optional("status", word),
                priority: form.optional("priority", word),
                project: form.patch("project", text(Project::new)),
                tags: tags(form, purpose),
                parent: form.patch("parent", task),
                start_date,
                due_date,
                recurrence: Patch::Keep,
                reminders: reminders(form, purpose),
                scope: None,
            },
            repeats: repeats(form),
            zone: zone.filter(|_| !timed),
        };
        match purpose {
            Purpose::Create => {}
            Purpose::Change => written.patch.scope = form.optional("scope", word),
            Purpose::Replace => written.say_all(),
        }
        written
    }

    /// What is not said is taken away; the status has verbs of its own, and stays.
    fn say_all(&mut self) {
        fn clear<T>(patch: &mut Patch<T>) {
            if matches!(patch, Patch::Keep) {
                *patch = Patch::Clear;
            }
        }
        let patch = &mut self.patch;
        clear(&mut patch.description);
        clear(&mut patch.project);
        clear(&mut patch.parent);
        clear(&mut patch.start_date);
        clear(&mut patch.due_date);
        clear(&mut self.repeats);
        patch.priority = patch.priority.or(Some(Priority::Medium));
        if patch.tags == TagsPatch::Keep {
            patch.tags = TagsPatch::Set(Tags::default());
        }
        if patch.reminders == RemindersPatch::Keep {
            patch.reminders = RemindersPatch::Set(Vec::new());
        }
    }

    /// Whether the task itself must be looked at to know what is meant.
    pub(crate) fn looks_at_task(&self) -> bool {
        self.zone.is_some() || matches!(self.repeats, Patch::Set(Repeats::Words(..)))
    }

    /// The new task.
    pub(crate) fn into_new(self, uid: TaskId, asking: &Asking) -> Result<NewTask, Unfit> {
        fn set<T>(patch: Patch<T>) -> Option<T> {
            match patch {
                Patch::Set(value) => Some(value),
                Patch::Keep | Patch::Clear => None,
            }
        }
        let TaskPatch { title, tags, reminders, .. } = self.patch;
        let title = title.ok_or_else(|| Unfit("title", Trouble::new("missing", "is missing")))?;
        let mut new = NewTask {
            description: set(self.patch.description),
            priority: self.patch.priority.unwrap_or(Priority::Medium),
            project: set(self.patch.project),
            tags: if let TagsPatch::Set(tags) = tags { tags } else { Tags::default() },
            parent: set(self.patch.parent),
            start_date: set(self.patch.start_date),
            due_date: set(self.patch.due_date),
            reminders: match reminders {
                RemindersPatch::Set(list) => Some(list),
                RemindersPatch::Keep | RemindersPatch::Edit { .. } => None,
            },
            ..NewTask::new(uid, title)
        };
        match set(self.repeats) {
            None => {}
            Some(Repeats::Rule(rule)) => new.recurrence = Some(rule),
            Some(Repeats::Words(words, goes_on)) => {
                let mut asking = *asking;
                asking.moment.zone = self.zone.unwrap_or(asking.moment.zone);
                let every = words::every(&words, &asking, new.due_date)
                    .map_err(|error| Unfit("recurrence", error.into()))?;
                let mut recurrence = every.recurrence;
                recurrence.from = goes_on.from.unwrap_or(recurrence.from);
                recurrence.spawn = goes_on.spawn.unwrap_or(recurrence.spawn);
                (new.recurrence, new.due_date) = (Some(recurrence), Some(every.due));
            }
        }
        if self.zone.is_some() && !matches!(new.due_date, Some(Due::At { .. })) {
            return Err(no_time());
        }
        Ok(new)
    }

    /// The change to a task; `task` is it, where [`Written::looks_at_task`] asked for it.
    pub(crate) fn into_patch(
        self,
        task: Option<&Task>,
        asking: &Asking,
    ) -> Result<TaskPatch, Unfit> {
        let mut patch = self.patch;
        if let (Some(zone), Some(task)) = (self.zone, task) {
            let mut timed = false;
            for (own, date) in
                [(&mut patch.start_date, task.start_date), (&mut patch.due_date, task.due_date)]
            {
                if *own == Patch::Keep
                    && let Some(Due::At { wall, .. }) = date
                {
                    *own = Patch::Set(Due::at(wall, zone, None));
                    timed = true;
                }
            }
            if !timed {
                return Err(no_time());
            }
        }
        match (self.repeats, task) {
            (Patch::Keep, _) | (Patch::Set(Repeats::Words(..)), None) => {}
            (Patch::Clear, _) => patch.recurrence = Patch::Clear,
            (Patch::Set(Repeats::Rule(rule)), _) => patch.recurrence = Patch::Set(rule),
            (Patch::Set(Repeats::Words(words, goes_on)), Some(task)) => {
                words::again(&words, asking, task, goes_on, &mut patch).map_err(not_understood)?;
            }
        }
        Ok(patch)
    }
}

/// Why what was read makes no task, or no change of this one: the field, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) &'static str, pub(crate) Trouble);

impl From<Unfit> for ApiError {
    fn from(Unfit(field, trouble): Unfit) -> Self {
        Faults::one(Place::Pointer(format!("/{field}")), trouble)
    }
}

fn not_understood(error: words::WordsError) -> Unfit {
    Unfit("recurrence", error.into())
}

fn no_time() -> Unfit {
    Unfit("timezone", Trouble::new("no_time", "belongs to a time; give a date with one too"))
}

/// What a task that was read brings along says nothing where it is put back whole.
fn read_only(form: &mut Form<'_>, purpose: Purpose) {
    for name in READ_ONLY.iter().filter(|name| form.has(name)).copied().collect::<Vec<_>>() {
        if purpose == Purpose::Create && name == "uid" {
            continue;
        }
        form.take(name);
        if purpose != Purpose::Replace {
            form.fault(name, Trouble::new("read_only", "cannot be written"));
        }
    }
}

/// An empty text is none.
fn description(form: &mut Form<'_>) -> Patch<Description> {
    let read = |value: &Value| match string(value)? {
        "" => Ok(None),
        text => Ok(Some(Description::new(text)?)),
    };
    match form.patch("description", read) {
        Patch::Set(Some(text)) => Patch::Set(text),
        Patch::Set(None) | Patch::Clear => Patch::Clear,
        Patch::Keep => Patch::Keep,
    }
}

/// A task, by its number or its uid.
pub(super) fn task(value: &Value) -> Read<TaskRef> {
    if let Some(id) = value.as_u64().filter(|id| (1..=NUMBER_MAX).contains(id)) {
        return Ok(TaskRef::No(TaskNo(id)));
    }
    let Some(text) = value.as_str() else {
        return Err(Trouble::type_of("must be the id or the uid of a task"));
    };
    match text.parse::<TaskRef>() {
        Ok(TaskRef::Prefix(_)) | Err(_) => Err(Trouble::not_a_task(text)),
        Ok(reference) => Ok(reference),
    }
}

fn tags(form: &mut Form<'_>, purpose: Purpose) -> TagsPatch {
    fn each(form: &mut Form<'_>, name: &'static str) -> Patch<Vec<Tag>> {
        form.list(name, |item, at, faults| {
            let read = string(&item).and_then(|text| Ok(Tag::new(text)?));
            read.map_err(|trouble| faults.add(Place::Pointer(at), trouble)).ok()
        })
    }
    let whole = match each(form, "tags") {
        Patch::Keep => None,
        Patch::Clear => Some(Vec::new()),
        Patch::Set(tags) => Some(tags),
    };
    let mut list = |name| match each(form, name) {
        Patch::Set(tags) => tags,
        Patch::Keep | Patch::Clear => Vec::new(),
    };
    if purpose == Purpose::Change {
        let (add, remove) = (list("add_tags"), list("remove_tags"));
        if !add.is_empty() || !remove.is_empty() {
            if whole.is_some() {
                let message = "says all of them; leave add_tags and remove_tags away";
                form.fault("tags", Trouble::new("twice", message));
            }
            return TagsPatch::Edit { add, remove };
        }
    }
    let Some(tags) = whole else { return TagsPatch::Keep };
    match Tags::new(tags) {
        Ok(tags) => TagsPatch::Set(tags),
        Err(error) => {
            form.fault("tags", error);
            TagsPatch::Keep
        }
    }
}

fn reminders(form: &mut Form<'_>, purpose: Purpose) -> RemindersPatch {
    let read = form.list("reminders", |item, at, faults| {
        let mut form = Form::open(item, at, faults)?;
        // Known ones keep their numbers by what they say.
        form.pass_over(&["id"]);
        let reminder = reminder(&mut form);
        form.finish();
        reminder
    });
    match read {
        // As what is not said: what the owner prefers.
        Patch::Clear if purpose == Purpose::Create => RemindersPatch::Keep,
        Patch::Keep => RemindersPatch::Keep,
        Patch::Clear => RemindersPatch::Set(Vec::new()),
        Patch::Set(list) => RemindersPatch::Set(list),
    }
}

/// A reminder: before the due date, or at an instant.
pub(crate) fn reminder(form: &mut Form<'_>) -> Option<NewReminder> {
    let both = form.has("offset") && form.has("at");
    let offset = form.optional("offset", |v| Ok(string(v)?.parse::<Offset>()?));
    let at = form.optional("at", |v| Ok(string(v)?.parse::<Timestamp>()?));
    let message = match form.patch("message", text(Title::new)) {
        Patch::Set(message) => Some(message),
        Patch::Keep | Patch::Clear => None,
    };
    let channel = form.optional("channel", word).unwrap_or(Channel::InApp);
    let trigger = match (offset, at) {
        (Some(offset), None) => Trigger::Offset(offset),
        (None, Some(at)) => Trigger::At(at),
        _ => {
            if both || form.is_sound() {
                form.fault_here(Problem::ReminderTrigger);
            }
            return None;
        }
    };
    Some(NewReminder { trigger, message, channel })
}
