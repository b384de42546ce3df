//! The tools: one file a theme, and here the table of all of them, in the order in which they are
//! listed. What a model reads of a tool says when to use it and when not.

mod add;
mod bulk;
mod count;
mod fields;
pub(crate) mod get;
mod list;
mod one;
mod undo;
mod update;

use std::sync::{Arc, OnceLock};

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use todo_core::query::Moment;
use todo_core::words::Asking;
use todo_core::{Ctx, Timestamp};

use crate::args::{measured, read};
use crate::backend::{Asker, Backend};
use crate::confirm::Secrets;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::told::Told;
use crate::{Clock, edge, schema};

/// The tools on the tasks of one person.
#[derive(Debug)]
pub struct Tools<B> {
    backend: B,
    clock: Clock,
    secrets: Secrets,
}

/// What came of a call: JSON by the tool's output schema, and the same in a few lines.
#[derive(Debug)]
pub struct Answer {
    /// The JSON.
    pub structured: serde_json::Value,
    /// The lines.
    pub text: String,
}

impl<B: Backend> Tools<B> {
    /// The tools on a backend. `secrets` sign confirmations and page cursors.
    pub fn new(backend: B, clock: Clock, secrets: Secrets) -> Self {
        Self { backend, clock, secrets }
    }

    /// Calls a tool; `None` if there is none of that name. Dropping the future gives up what has not
    /// begun to be written.
    pub async fn call(&self, name: &str, arguments: JsonObject) -> Option<Result<Answer, Fault>> {
        // Most calls answer with a short error or a short list; this keeps all of them small.
        let done = Box::pin(self.run(name, arguments)).await?;
        Some(done.map(|Told { structured, text }| Answer { structured, text }))
    }

    async fn run(&self, name: &str, arguments: JsonObject) -> Option<Result<Told, Fault>> {
        // Before anything is read, so that a wrong name costs nothing.
        let tool = list().iter().find(|tool| tool.name == name)?;
        if !self.may_be_called(tool) {
            return Some(Err(Fault::ReadOnly));
        }
        if let Err(fault) = measured(&arguments) {
            return Some(Err(fault));
        }
        let desk = match self.desk().await {
            Ok(desk) => desk,
            Err(fault) => return Some(Err(fault)),
        };
        Some(dispatch(&desk, name, arguments).await)
    }

    /// The tools that who asks may call.
    pub(crate) fn listed(&self) -> Vec<Tool> {
        list().iter().filter(|tool| self.may_be_called(tool)).cloned().collect()
    }

    fn may_be_called(&self, tool: &Tool) -> bool {
        let reads = tool.annotations.as_ref().and_then(|hints| hints.read_only_hint);
        reads == Some(true) || self.backend.may_write()
    }

    /// Whether what a store says of its own faults is for the asker.
    pub(crate) fn tells_causes(&self) -> bool {
        self.backend.tells_causes()
    }

    /// What a call works with, as things stand.
    pub(crate) async fn desk(&self) -> Result<Desk<'_, B>, Fault> {
        let Asker { owner, actor, zone, week_start, preferences, date_order } =
            self.backend.asker().await?;
        let now: Timestamp = self.clock.now();
        let moment = Moment { now, zone, owner_zone: zone, week_start };
        let correlation = self.backend.correlation().unwrap_or_else(|| edge::fresh_id(now).0);
        let causation = None;
        let ctx = Ctx { owner, actor, now, zone, week_start, preferences, correlation, causation };
        let asking = Asking { moment, date_order };
        Ok(Desk { backend: &self.backend, secrets: &self.secrets, ctx, asking })
    }
}

async fn dispatch<B: Backend>(
    desk: &Desk<'_, B>,
    name: &str,
    arguments: JsonObject,
) -> Result<Told, Fault> {
    match name {
        "add_task" => add::run(desk, read(arguments)?).await,
        "list_tasks" => list::run(desk, read(arguments)?).await,
        "get_task" => get::run(desk, read(arguments)?).await,
        "update_task" => update::run(desk, read(arguments)?).await,
        "complete_task" => one::complete(desk, arguments).await,
        "reopen_task" => one::reopen(desk, read(arguments)?).await,
        "skip_task" => one::skip(desk, read(arguments)?).await,
        "delete_task" => one::delete(desk, arguments).await,
        "bulk_update" => bulk::run(desk, arguments).await,
        "undo" => undo::run(desk, read(arguments)?).await,
        "list_tags" => count::tags(desk, read(arguments)?).await,
        _ => count::stats(desk, read(arguments)?).await,
    }
}

/// What a tool may do, told truly. What one `undo` takes back is not called destructive; what takes
/// many tasks at once, or leads to the trash, is.
#[derive(Debug, Clone, Copy)]
enum Hints {
    Reads,
    Adds,
    Changes { idempotent: bool },
    Destroys { idempotent: bool },
}

impl Hints {
    fn annotations(self) -> ToolAnnotations {
        let (reads, destroys, idempotent) = match self {
            Self::Reads => (true, false, true),
            Self::Adds => (false, false, false),
            Self::Changes { idempotent } => (false, false, idempotent),
            Self::Destroys { idempotent } => (false, true, idempotent),
        };
        ToolAnnotations::new()
            .read_only(reads)
            .destructive(destroys)
            .idempotent(idempotent)
            .open_world(false)
    }
}

fn tool<I: JsonSchema, O: JsonSchema>(
    name: &'static str,
    title: &'static str,
    hints: Hints,
    description: &'static str,
) -> Tool {
    Tool::new(name, description, schema::input::<I>())
        .with_title(title)
        .with_raw_output_schema(schema::output::<O>())
        .with_annotations(hints.annotations())
}

/// Every tool, always in the same order.
pub fn list() -> &'static [Tool] {
    static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();
    TOOLS.get_or_init(|| {
        vec![
            add::tool(),
            list::tool(),
            get::tool(),
            update::tool(),
            one::complete_tool(),
            one::reopen_tool(),
            one::skip_tool(),
            one::delete_tool(),
            bulk::tool(),
            undo::tool(),
            count::tags_tool(),
            count::stats_tool(),
        ]
    })
}

/// A schema of any object.
fn any_object() -> Arc<JsonObject> {
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    Arc::new(schema)
}
