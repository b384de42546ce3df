//! What was asked as values of the core; each fault names the field it is in.

use todo_core::{
    Description, Due, NewTask, Patch, Priority, Project, Tag, Tags, TagsPatch, TaskError, TaskId,
    TaskPatch, TaskRef, Title,
};

use super::{Decided, Memory};
use crate::surfaces::asked::{Change, Draft, Edits, Ref};

impl Memory {
    pub(super) fn due(&self, field: &'static str, text: &str) -> Decided<Due> {
        Due::parse(text, None, self.zone).map_err(|problem| TaskError::field(field, problem))
    }

    pub(super) fn new_task(&self, uid: TaskId, draft: &Draft) -> Decided<NewTask> {
        let date = |field, text: &Option<String>| {
            text.as_deref().map(|text| self.due(field, text)).transpose()
        };
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
            due_date: date("due_date", &draft.due_date)?,
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
        })
    }
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
