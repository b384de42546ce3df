//! `list_tags` and `get_stats`.

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use todo_core::Filter;
use todo_core::stats::{Stats, StatsQuery, Uses};

use super::{Hints, any_object};
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::schema;
use crate::told::Told;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Used {
    tags: Vec<Label>,
    projects: Vec<Label>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Label {
    name: String,
    count: u64,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GetStats {
    /// Only of these: an expression as in `list_tasks`.
    filter: Option<String>,
}

pub(super) fn tags_tool() -> Tool {
    super::tool::<Nothing, Used>(
        "list_tags",
        "List tags and projects",
        Hints::Reads,
        "The tags and projects of open tasks, with how many tasks have each. Look here before you \
         make a new tag or project: the user's own word for it may be there.",
    )
}

pub(super) fn stats_tool() -> Tool {
    Tool::new("get_stats", STATS, schema::input::<GetStats>())
        .with_title("Count tasks")
        .with_raw_output_schema(any_object())
        .with_annotations(Hints::Reads.annotations())
}

const STATS: &str = "Counts tasks, every status: by status and priority, overdue, due today and this \
    week, done per day of the last four weeks, streak, median age. Use it for \"how many\" and \"how \
    am I doing\"; for the tasks themselves list_tasks.";

pub(super) async fn tags<B: Backend>(desk: &Desk<'_, B>, _: Nothing) -> Result<Told, Fault> {
    let labels = desk.backend.labels(&desk.ctx).await?;
    let listed = |uses: &Uses| -> Vec<Label> {
        uses.iter().map(|(name, count)| Label { name: name.to_owned(), count }).collect()
    };
    let used = Used { tags: listed(&labels.tags), projects: listed(&labels.projects) };
    let lines = |what: &str, labels: &[Label]| {
        let named: Vec<_> =
            labels.iter().map(|label| format!("{} ({})", label.name, label.count)).collect();
        let named = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
        format!("{what}: {named}")
    };
    let text = [lines("Tags", &used.tags), lines("Projects", &used.projects)].join("\n");
    Ok(Told::new(&used, text))
}

pub(super) async fn stats<B: Backend>(desk: &Desk<'_, B>, args: GetStats) -> Result<Told, Fault> {
    let expression = match args.filter.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => Some(desk.expression(text).await?),
        None => None,
    };
    let filter = Filter { expression, ..Filter::default() };
    let stats = desk.stats(StatsQuery::new(filter, desk.moment())).await?;
    Ok(Told::new(&stats, summary(&stats)))
}

fn summary(stats: &Stats) -> String {
    let (status, open) = (&stats.status, &stats.open);
    let done: u64 = stats.days.iter().rev().take(7).map(|day| day.completed).sum();
    format!(
        "Open {} ({} in progress, {} overdue, {} due today, {} due this week, {} waiting); completed \
         {}, cancelled {}, in the trash {}.\nOpen by priority: high {}, medium {}, low {}.\nCompleted \
         in the last 7 days: {done}; days in a row: {}.",
        status.open(),
        status.in_progress,
        open.overdue,
        open.today,
        open.week,
        open.waiting,
        status.completed,
        status.cancelled,
        stats.trash,
        stats.priorities.high,
        stats.priorities.medium,
        stats.priorities.low,
        stats.streak_days,
    )
}
