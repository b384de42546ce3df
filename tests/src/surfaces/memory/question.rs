//! A question as the core takes it. Every surface has this translation once, from its own
//! parameters; each fault names the parameter it is in (Q1).

use todo_core::query::{Bound, Expression, ParentFilter, ProjectFilter};
use todo_core::{
    Filter, Limit, Order, Problem, Project, Status, Tag, TaskError, TaskQuery, TaskRef,
};

use super::{Decided, Memory};
use crate::surfaces::asked::Question;

const NONE: &str = "none";
const STATUSES: &[&str] = &["open", "all", "pending", "in_progress", "completed", "cancelled"];

pub(super) fn query(question: &Question, memory: &Memory) -> Decided<TaskQuery> {
    let mut filter = Filter {
        status: statuses(&question.status)?,
        priority: words("priority", &question.priority)?,
        project: each(&question.project).map(project).collect::<Result<_, _>>()?,
        parent: question.parent.as_ref().map(|name| parent(&name.0, memory)).transpose()?,
        due: question.due.as_deref().map(|text| word("due", text)).transpose()?,
        due_from: bound("due_from", question.due_from.as_deref(), memory)?,
        due_to: bound("due_to", question.due_to.as_deref(), memory)?,
        trash: question.trash,
        waiting: question.waiting,
        ..Filter::default()
    };
    filter.expression =
        question.filter.as_deref().map(|text| memory.expression(text)).transpose()?;
    filter.tags = tags("tag", &question.tag)?;
    filter.tags_any = tags("tag_any", &question.tag_any)?;
    filter.tags_none = tags("tag_none", &question.tag_none)?;
    if let Some(text) = &question.search {
        filter = filter.search(text);
    }
    let mut query = TaskQuery { filter, ..TaskQuery::new(memory.moment()) };
    if let Some(keys) = &question.sort {
        query.order = keys.parse::<Order>()?;
    }
    if let Some(limit) = question.limit {
        query.limit = Limit::page(u64::from(limit))?;
    }
    Ok(query)
}

impl Memory {
    /// A filter as it was typed (Q9).
    fn expression(&self, text: &str) -> Decided<Expression> {
        Expression::read(text, &self.asking(), &self.filters)
    }
}

/// A value may be several, separated by commas (Q2).
fn each(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().flat_map(|text| text.split(','))
}

fn word<T: std::str::FromStr<Err = Problem>>(field: &'static str, text: &str) -> Decided<T> {
    text.parse().map_err(|problem| TaskError::field(field, problem))
}

fn words<T: std::str::FromStr<Err = Problem>>(
    field: &'static str,
    texts: &[String],
) -> Decided<Vec<T>> {
    each(texts).map(|text| word(field, text)).collect()
}

fn statuses(texts: &[String]) -> Decided<Option<Vec<Status>>> {
    let mut statuses = Vec::new();
    for text in each(texts) {
        match text.to_ascii_lowercase().as_str() {
            "open" => statuses.extend(Status::ALL.iter().filter(|status| status.is_open())),
            "all" => statuses.extend(Status::ALL),
            _ => statuses.push(text.parse().map_err(|_| {
                let problem = Problem::NotOneOf { given: text.to_owned(), allowed: STATUSES };
                TaskError::field("status", problem)
            })?),
        }
    }
    Ok((!texts.is_empty()).then_some(statuses))
}

fn project(text: &str) -> Decided<ProjectFilter> {
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(ProjectFilter::None);
    }
    Ok(ProjectFilter::within(&Project::new(text)?))
}

fn parent(text: &str, memory: &Memory) -> Decided<ParentFilter> {
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(ParentFilter::None);
    }
    let reference: TaskRef = word("parent", text)?;
    memory
        .find(&crate::surfaces::asked::Ref(reference.to_string()))
        .map(|t| ParentFilter::Of(t.uid))
}

fn tags(field: &'static str, texts: &[String]) -> Decided<Vec<Box<str>>> {
    let mut filter = Filter::default();
    for text in each(texts) {
        let tag = Tag::new(text).map_err(|error| TaskError::field(field, error.problem))?;
        filter = filter.tag(&tag);
    }
    Ok(filter.tags)
}

fn bound(field: &'static str, text: Option<&str>, memory: &Memory) -> Decided<Option<Bound>> {
    Ok(text.map(|text| memory.due(field, text)).transpose()?.map(Bound::from))
}
