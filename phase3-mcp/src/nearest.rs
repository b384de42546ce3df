//! The tasks that a name may have meant. A model that guessed learns what there is; nothing is ever
//! done to a task that was only meant.

use std::collections::BTreeSet;

use todo_core::batch::NUMBER_MAX;
use todo_core::error::{Candidate, excerpt};
use todo_core::fold::fold;
use todo_core::{
    Filter, Limit, Needs, Problem, Status, Task, TaskError, TaskNo, TaskQuery, TaskRef,
};

use crate::args::TaskArg;
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;

/// Candidates that are told.
const TOLD: usize = 5;
/// Tasks that are compared for one word.
const COMPARED: u32 = 50;
/// Words that are looked for.
const WORDS: usize = 4;
/// How like a name a title must be, of 1.
const ALIKE: f64 = 0.6;

/// A number or a uid that is nobody's.
pub(crate) async fn by_reference<B: Backend>(desk: &Desk<'_, B>, reference: TaskRef) -> Fault {
    let candidates = match &reference {
        TaskRef::No(TaskNo(id)) => match numbered(desk, *id).await {
            Ok(candidates) => candidates,
            Err(fault) => return fault,
        },
        _ => Vec::new(),
    };
    let hint = if candidates.is_empty() {
        "call list_tasks to see the ids".to_owned()
    } else {
        "these ids are like it; ask the user which one is meant, or call list_tasks".to_owned()
    };
    Fault::Reference { error: Box::new(TaskError::NotFound(reference)), candidates, hint }
}

/// Words where an id belongs: the tasks whose titles they are in, or are like.
pub(crate) async fn by_words<B: Backend>(desk: &Desk<'_, B>, named: &TaskArg) -> Fault {
    let candidates = match titled(desk, &named.0).await {
        Ok(candidates) => candidates,
        Err(fault) => return fault,
    };
    let problem = Problem::NotAReference(excerpt(&named.0));
    let hint = match candidates.as_slice() {
        [] => "no open task is called like that; call list_tasks with `search`",
        [_] => "if this task is meant, send its id",
        _ => "ask the user which one is meant, and send its id",
    };
    Fault::Reference {
        error: Box::new(TaskError::field("task_id", problem)),
        candidates,
        hint: hint.to_owned(),
    }
}

/// The start of a uid that several have.
pub(crate) fn ambiguous(reference: TaskRef, tasks: &[&Task]) -> Fault {
    let candidates: Vec<_> = tasks.iter().take(10).map(|task| Candidate::from(*task)).collect();
    Fault::Reference {
        error: Box::new(TaskError::Ambiguous { reference, candidates: candidates.clone() }),
        candidates,
        hint: "send the id of the one that is meant".to_owned(),
    }
}

/// A task that was deleted.
pub(crate) fn in_the_trash(reference: TaskRef, task: &Task) -> Fault {
    Fault::Reference {
        error: Box::new(TaskError::NotFound(reference)),
        candidates: Vec::new(),
        hint: format!(
            "{} is in the trash; bulk_update with action \"restore\" brings it back, and so does \
             undo of the step that deleted it",
            task.id
        ),
    }
}

/// The tasks whose numbers are a slip away from one.
async fn numbered<B: Backend>(desk: &Desk<'_, B>, id: u64) -> Result<Vec<Candidate>, Fault> {
    let tasks = slips(id).into_iter().map(|id| TaskRef::No(TaskNo(id))).collect();
    let facts = desk.load(Needs { tasks, to_show: true, ..Needs::default() }).await?;
    let there = |task: &&Task| task.trash.is_none() && task.status.is_open();
    let mut near: Vec<_> = facts.tasks.values().filter(there).collect();
    near.sort_by_key(|task| (task.id.0.abs_diff(id), task.id));
    Ok(near.into_iter().take(TOLD).map(Candidate::from).collect())
}

/// The numbers that one may be a slip of: a digit too many, too few or another, two changed over, or
/// one counted wrongly.
fn slips(id: u64) -> BTreeSet<u64> {
    let digits = id.to_string();
    let mut texts: Vec<String> = Vec::new();
    for at in 0..digits.len() {
        let (before, rest) = digits.split_at(at);
        let after = &rest[1..];
        texts.push(format!("{before}{after}"));
        texts.extend((0..10).map(|digit| format!("{before}{digit}{after}")));
        if let Some(next) = after.get(..1) {
            texts.push(format!("{before}{next}{}{}", &rest[..1], &after[1..]));
        }
    }
    texts.extend((0..10).map(|digit| format!("{digits}{digit}")));
    let near = (1..=2).flat_map(|by| [id.saturating_sub(by), id.saturating_add(by)]);
    let numbers = texts.iter().filter_map(|text| text.parse().ok()).chain(near);
    numbers.filter(|no| (1..=NUMBER_MAX).contains(no) && *no != id).collect()
}

/// The tasks whose titles are most like a text.
async fn titled<B: Backend>(desk: &Desk<'_, B>, text: &str) -> Result<Vec<Candidate>, Fault> {
    let text = excerpt(text);
    let wanted = fold(&text).into_owned();
    let mut found: Vec<Task> = Vec::new();
    let words = wanted.split_whitespace().filter(|word| word.chars().count() > 2).take(WORDS);
    for search in std::iter::once(wanted.as_str()).chain(words) {
        let filter = Filter::default().search(search);
        let limit = Limit::Page(COMPARED);
        let page = desk.find(TaskQuery { filter, limit, ..TaskQuery::new(desk.moment()) }).await?;
        for task in page.tasks {
            if found.iter().all(|known| known.uid != task.uid) {
                found.push(task);
            }
        }
    }
    if found.is_empty() {
        // A slip within a word: look at what was changed last.
        let order = "-updated".parse()?;
        let filter = Filter { status: Some(Status::ALL.to_vec()), ..Filter::default() };
        let query =
            TaskQuery { filter, order, limit: Limit::Page(200), ..TaskQuery::new(desk.moment()) };
        found = desk.find(query).await?.tasks;
        found.retain(|task| likeness(&wanted, task) >= ALIKE);
    }
    found.sort_by(|a, b| {
        likeness(&wanted, b).total_cmp(&likeness(&wanted, a)).then(a.id.cmp(&b.id))
    });
    Ok(found.iter().take(TOLD).map(Candidate::from).collect())
}

fn likeness(wanted: &str, task: &Task) -> f64 {
    let title = fold(task.title.as_str());
    let whole = strsim::jaro_winkler(wanted, &title);
    let words = title.split_whitespace().map(|word| strsim::jaro_winkler(wanted, word));
    words.fold(whole, f64::max)
}
