//! What a client offers while somebody types an argument: ids, tags, projects (SPEC 8).

use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};
use todo_core::fold::fold;
use todo_core::stats::Uses;
use todo_core::{Filter, Limit, TaskNo, TaskQuery};

use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::resources::TASKS;

/// Values that are offered.
const OFFERED: usize = 50;

/// The values that begin with, or hold, what was typed.
pub(crate) async fn values<B: Backend>(
    desk: &Desk<'_, B>,
    request: &CompleteRequestParams,
) -> Result<Vec<String>, Fault> {
    let typed = &request.argument.value;
    match (&request.r#ref, request.argument.name.as_str()) {
        (Reference::Resource(resource), "id") if resource.uri == TASKS => ids(desk, typed).await,
        (Reference::Prompt(prompt), "tag") if prompt.name == "plan_my_day" => {
            Ok(labels(&desk.backend.labels(&desk.ctx).await?.tags, typed))
        }
        (Reference::Prompt(prompt), "project")
            if ["weekly_review", "capture"].contains(&prompt.name.as_str()) =>
        {
            Ok(labels(&desk.backend.labels(&desk.ctx).await?.projects, typed))
        }
        _ => Ok(Vec::new()),
    }
}

/// All that is offered, and whether it is all.
pub(crate) fn offered(mut values: Vec<String>) -> CompletionInfo {
    let total = u32::try_from(values.len()).ok();
    let more = values.len() > OFFERED;
    values.truncate(OFFERED);
    // No more than the protocol takes.
    CompletionInfo::with_pagination(values, total, more).unwrap_or_default()
}

/// The ids of open tasks that begin with digits, or whose texts hold words.
async fn ids<B: Backend>(desk: &Desk<'_, B>, typed: &str) -> Result<Vec<String>, Fault> {
    let digits = typed.bytes().all(|b| b.is_ascii_digit());
    let filter = if digits { Filter::default() } else { Filter::default().search(typed) };
    let order = "-urgency".parse()?;
    let query =
        TaskQuery { filter, order, limit: Limit::Page(200), ..TaskQuery::new(desk.moment()) };
    let ids = desk.find(query).await?.tasks.into_iter().map(|task| task.id);
    Ok(ids.map(|TaskNo(id)| id.to_string()).filter(|id| !digits || id.starts_with(typed)).collect())
}

/// Labels that begin with what was typed, and then those that hold it.
fn labels(uses: &Uses, typed: &str) -> Vec<String> {
    let typed = fold(typed);
    let (first, rest): (Vec<_>, Vec<_>) = uses
        .iter()
        .map(|(name, _)| name)
        .filter(|name| fold(name).contains(&*typed))
        .partition(|name| fold(name).starts_with(&*typed));
    first.into_iter().chain(rest).map(str::to_owned).collect()
}
