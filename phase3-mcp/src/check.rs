//! `--check`: what a client will see, for the one who sets it up.

use std::fmt::Write as _;

use todo_core::{Limit, TaskQuery};

use crate::backend::Backend;
use crate::fault::Fault;
use crate::server::McpServer;
use crate::tools::{self, Tools};
use crate::{prompts, resources};

/// What a client will see, in lines; refused where it would see nothing but refusals.
pub(crate) async fn report<B: Backend>(tools: &Tools<B>, place: &str) -> Result<String, Fault> {
    let desk = tools.desk().await?;
    let one = TaskQuery { limit: Limit::Page(1), count: true, ..TaskQuery::new(desk.moment()) };
    let open = desk.find(one).await?.total.unwrap_or_default();
    let mut told = String::new();
    let listed = serde_json::to_string(tools::list()).map_or(0, |text| text.len());
    // Writing to a text cannot fail.
    let _ = writeln!(told, "todo-mcp {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(told, "protocol   {}", McpServer::<B>::revisions().join(", "));
    let _ = writeln!(told, "tasks      {place}, {open} open");
    let _ = writeln!(told, "dates      read in {}", desk.moment().zone.name());
    let _ = writeln!(told, "tools      {} in {listed} bytes", tools::list().len());
    for tool in tools::list() {
        let hints = tool.annotations.as_ref();
        let reads = hints.and_then(|hints| hints.read_only_hint) == Some(true);
        let destroys = hints.is_some_and(rmcp::model::ToolAnnotations::is_destructive);
        let kind = match (reads, destroys) {
            (true, _) => "reads",
            (_, true) => "destroys",
            _ => "writes",
        };
        let title = tool.title.as_deref().unwrap_or_default();
        let _ = writeln!(told, "  {:<14} {kind:<9} {title}", tool.name);
    }
    let uris = resources::list().into_iter().map(|resource| resource.uri);
    let uris: Vec<_> = uris.chain([resources::TASKS.to_owned()]).collect();
    let _ = writeln!(told, "resources  {}", uris.join(", "));
    let names: Vec<_> = prompts::list().into_iter().map(|prompt| prompt.name).collect();
    let _ = writeln!(told, "prompts    {}", names.join(", "));
    Ok(told)
}
