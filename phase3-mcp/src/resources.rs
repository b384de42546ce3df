//! What a client can attach without a call: today, what is overdue, and each task (SPEC 8).

use rmcp::model::{Resource, ResourceContents, ResourceTemplate};
use serde_json::json;
use todo_core::query::{Bound, DueFilter};
use todo_core::{Filter, Limit, TaskQuery};

use crate::args::TaskArg;
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::told::line;
use crate::tools::get;

const TODAY: &str = "todo://today";
const OVERDUE: &str = "todo://overdue";
/// What the address of a task begins with.
const TASK: &str = "todo://tasks/";
/// The addresses of all of them.
pub(crate) const TASKS: &str = "todo://tasks/{id}";

/// Tasks of a view that are shown.
const SHOWN: u32 = 200;

/// Those that are always there.
pub(crate) fn list() -> Vec<Resource> {
    let plain = |uri: &str, name: &str, title: &str, about: &str| {
        Resource::new(uri, name)
            .with_title(title)
            .with_description(about)
            .with_mime_type("text/plain")
    };
    vec![
        plain(TODAY, "today", "Today", "What is overdue, and then what is due today."),
        plain(OVERDUE, "overdue", "Overdue", "Open tasks whose due date has passed."),
    ]
}

/// One for each task.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let task = ResourceTemplate::new(TASKS, "task")
        .with_title("A task")
        .with_description("All of one task, by its id or uid.")
        .with_mime_type("application/json");
    vec![task]
}

/// What stands at an address; `None` if there is nothing of that kind.
pub(crate) async fn read<B: Backend>(
    desk: &Desk<'_, B>,
    uri: &str,
) -> Option<Result<ResourceContents, Fault>> {
    Some(match uri {
        TODAY => view(desk, uri, today(desk)).await,
        OVERDUE => {
            let filter = Filter { due: Some(DueFilter::Overdue), ..Filter::default() };
            view(desk, uri, filter).await
        }
        _ => task(desk, uri, uri.strip_prefix(TASK).filter(|id| !id.is_empty())?).await,
    })
}

/// What is due by the end of the day: what is overdue comes first, for it is the earliest (Q4).
pub(crate) fn today<B: Backend>(desk: &Desk<'_, B>) -> Filter {
    let moment = desk.moment();
    let tomorrow = moment.now.day(moment.zone).succ_opt().map(Bound::Day);
    Filter { due_to: tomorrow, ..Filter::default() }
}

async fn view<B: Backend>(
    desk: &Desk<'_, B>,
    uri: &str,
    filter: Filter,
) -> Result<ResourceContents, Fault> {
    Ok(ResourceContents::text(lines(desk, filter).await?, uri))
}

/// The tasks that a filter means, a line each.
pub(crate) async fn lines<B: Backend>(desk: &Desk<'_, B>, filter: Filter) -> Result<String, Fault> {
    let moment = desk.moment();
    let query = TaskQuery { filter, limit: Limit::Page(SHOWN), ..TaskQuery::new(moment) };
    let page = desk.find(query).await?;
    let glance = desk.glance();
    let mut lines: Vec<_> = page.tasks.iter().map(|task| line(task, &glance)).collect();
    if page.next.is_some() {
        lines.push("and more".to_owned());
    }
    if lines.is_empty() {
        lines.push("Nothing.".to_owned());
    }
    Ok(lines.join("\n"))
}

async fn task<B: Backend>(
    desk: &Desk<'_, B>,
    uri: &str,
    id: &str,
) -> Result<ResourceContents, Fault> {
    let task = desk.task(&TaskArg(id.to_owned()), false).await?;
    let whole = json!(get::whole(desk, &task).await?).to_string();
    Ok(ResourceContents::text(whole, uri).with_mime_type("application/json"))
}
