//! The tools: `todo-mcp` over its standard streams, on a file, a database or a server, and over HTTP.
//!
//! Lists and writes answer short tasks; the driver looks at each with `get_task`, as a model would that wants to
//! know more.

mod client;
mod wire;
mod words;

use serde_json::{Map, Value, json};
use todo_core::{Timestamp, Zone};

use super::asked::{Draft, Edits, How, Question, Ref, Refs, Remind, Verb, Which};
use super::told::{Done, Filters, Fired, Page, Refusal, Seen, Taken, Urgency};
use super::{Ability, Surface, Told};
pub use client::{Client, Tasks, refusal as refusal_of};
pub use wire::{Http, OnAccount, OnFile, OnServer, Wire};

/// Longest page.
const PAGE_MAX: u32 = 200;

/// The tools, however they are reached.
#[derive(Debug)]
pub struct Mcp<W> {
    wire: W,
}

impl<W: Wire> Surface for Mcp<W> {
    fn fresh() -> Self {
        Self { wire: W::fresh() }
    }

    fn can(ability: Ability) -> bool {
        match ability {
            Ability::Prefixes
            | Ability::TagEdits
            | Ability::Nul
            | Ability::Words
            | Ability::Pages => true,
            Ability::LastingCursors => W::LASTS,
            // A few tools, made for what people say. One unknown id stops a call: it is more likely
            // made up than meant. Words for a recurrence say when it begins.
            Ability::VersionOnEveryWrite
            | Ability::Atomic
            | Ability::UnknownAmongSeveral
            | Ability::Transfer
            | Ability::BareRecurrence
            | Ability::DryRun
            | Ability::Purge
            | Ability::Reminding
            | Ability::Preferences
            | Ability::SavedFilters
            | Ability::Urgency
            | Ability::VersionOfSeveral => false,
        }
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.wire.travel(now, zone);
    }

    fn add(&mut self, draft: &Draft, how: &How) -> Told<Done> {
        plain(how)?;
        self.write("add_task", words::draft(draft))
    }

    fn edit(&mut self, tasks: &Which, edits: &Edits, how: &How) -> Told<Done> {
        let mut said = words::edits(edits);
        if let Some(task) = single(tasks) {
            said.insert("task_id".to_owned(), words::name(task));
            said.extend(how.version.map(|version| ("version".to_owned(), json!(version))));
            return self.write("update_task", Value::Object(said));
        }
        plain(how)?;
        let mut said = Map::from_iter([("set".to_owned(), Value::Object(said))]);
        said.extend([which(tasks)]);
        self.write("bulk_update", Value::Object(said))
    }

    fn act(&mut self, verb: Verb, tasks: &Which, how: &How) -> Told<Done> {
        plain(how)?;
        let mut said = Map::new();
        said.extend(how.cascade.then(|| ("cascade".to_owned(), json!(true))));
        let (tool, action) = match verb {
            Verb::Complete => (Some("complete_task"), "complete"),
            Verb::Skip => (Some("skip_task"), "skip"),
            Verb::Reopen => (Some("reopen_task"), "reopen"),
            Verb::Delete => (Some("delete_task"), "delete"),
            Verb::Start => (None, "start"),
            Verb::Cancel => (None, "cancel"),
            Verb::Restore => (None, "restore"),
            Verb::Purge => return Err(Refusal::cannot("purge")),
        };
        if let (Some(tool), Some(task)) = (tool, single(tasks)) {
            said.insert("task_id".to_owned(), words::name(task));
            return self.write(tool, Value::Object(said));
        }
        said.insert("action".to_owned(), json!(action));
        said.extend([which(tasks)]);
        self.write("bulk_update", Value::Object(said))
    }

    fn say(&mut self, text: &str, how: &How) -> Told<Done> {
        plain(how)?;
        self.write("add_task", json!({ "text": text }))
    }

    fn remind(&mut self, _: &[Ref], _: Option<&Remind>, _: &[u32], _: &How) -> Told<Done> {
        Err(Refusal::cannot("set one reminder"))
    }

    fn snooze(&mut self, _: &[Ref], _: &str, _: &How) -> Told<Done> {
        Err(Refusal::cannot("put a reminder off"))
    }

    fn remind_now(&mut self) -> Told<Vec<Fired>> {
        Err(Refusal::cannot("show reminders when their time comes"))
    }

    fn prefer(&mut self, _: &str, _: &str) -> Told<()> {
        Err(Refusal::cannot("set preferences"))
    }

    fn undo(&mut self, step: Option<u64>, how: &How) -> Told<Done> {
        plain(how)?;
        self.write("undo", step.map_or_else(|| json!({}), |step| json!({ "step": step })))
    }

    fn redo(&mut self, how: &How) -> Told<Done> {
        plain(how)?;
        self.write("undo", json!({ "redo": true }))
    }

    fn show(&mut self, task: &Ref) -> Told<Seen> {
        self.seen(&json!({ "task_id": words::name(task) }))
    }

    fn list(&mut self, question: &Question) -> Told<Vec<Seen>> {
        if question.limit.is_some() {
            return self.page(question, None, false).map(|page| page.tasks);
        }
        let whole = Question { limit: Some(PAGE_MAX), ..question.clone() };
        let mut page = self.page(&whole, None, false)?;
        let mut tasks = page.tasks;
        while let Some(next) = page.next {
            page = self.page(&whole, Some(&next), false)?;
            tasks.append(&mut page.tasks);
        }
        Ok(tasks)
    }

    fn page(&mut self, question: &Question, after: Option<&str>, count: bool) -> Told<Page> {
        let mut said = words::question(question);
        said.extend(after.map(|cursor| ("cursor".to_owned(), json!(cursor))));
        said.extend(count.then(|| ("count".to_owned(), json!(true))));
        let told = self.ask("list_tasks", &Value::Object(said));
        let told = told.map_err(|refusal| renamed(refusal, question))?;
        Ok(Page {
            tasks: self.all(&told["tasks"])?,
            next: told["next_cursor"].as_str().map(str::to_owned),
            total: told["total"].as_u64(),
        })
    }

    fn urgency(&mut self, _: &Ref) -> Told<Urgency> {
        Err(Refusal::cannot("ask how urgent a task is"))
    }

    fn stats(&mut self, question: &Question) -> Told<Value> {
        let filter = words::counted(question);
        self.ask("get_stats", &filter.map_or_else(|| json!({}), |text| json!({ "filter": text })))
    }

    fn save_filter(&mut self, _: &str, _: &str, _: &How) -> Told<Filters> {
        Err(Refusal::cannot("save a filter"))
    }

    fn remove_filter(&mut self, _: &str, _: &How) -> Told<()> {
        Err(Refusal::cannot("forget a filter"))
    }

    fn filters(&mut self) -> Told<Filters> {
        Err(Refusal::cannot("list saved filters"))
    }

    fn today(&mut self) -> Told<Vec<Seen>> {
        let filter = Some("due<tomorrow".to_owned());
        self.list(&Question { filter, ..Question::default() })
    }

    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>> {
        let told = self.ask("get_task", &json!({ "task_id": words::name(task) }))?;
        let dates = told["coming"].as_array().into_iter().flatten();
        let dates = dates.filter_map(|next| next["due_date"].as_str().map(str::to_owned));
        Ok(dates.take(count).collect())
    }

    fn import(&mut self, _: &str, _: &How) -> Told<Taken> {
        Err(Refusal::cannot("import"))
    }

    fn export(&mut self) -> Told<String> {
        Err(Refusal::cannot("export"))
    }
}

impl<W: Wire> Mcp<W> {
    /// Calls a tool; the JSON that it answers, or its refusal.
    fn ask(&mut self, tool: &str, arguments: &Value) -> Told<Value> {
        let mut result = self.wire.call(tool, arguments).map_err(Refusal::broken)?;
        if result["isError"] != true {
            return Ok(result["structuredContent"].take());
        }
        let text = result["content"][0]["text"].as_str().unwrap_or_default();
        let told: Value = serde_json::from_str(text).unwrap_or_default();
        let error = &told["error"];
        let mut refusal = refusal(error);
        if let Some(id) = error["current"]["id"].as_u64() {
            refusal.current = self.one(id).ok().map(Box::new);
        }
        if refusal.code == "confirmation_required" {
            // For the one who asks again.
            error["confirm"].as_str().unwrap_or_default().clone_into(&mut refusal.message);
        }
        Err(refusal)
    }

    /// A write. What has to be confirmed is.
    fn write(&mut self, tool: &str, mut arguments: Value) -> Told<Done> {
        let told = match self.ask(tool, &arguments) {
            Err(refusal) if refusal.code == "confirmation_required" => {
                arguments["confirm"] = json!(refusal.message);
                self.ask(tool, &arguments)?
            }
            told => told?,
        };
        let mut done = Done {
            step: told["step"].as_u64(),
            changed: self.all(&told["tasks"])?,
            refused: told["refused"].as_array().into_iter().flatten().map(refusal).collect(),
            ..Done::default()
        };
        for id in told["unchanged"].as_array().into_iter().flatten().filter_map(Value::as_u64) {
            done.unchanged.push(self.one(id)?);
        }
        if let Some(notes) = told.get("notes") {
            done.notes = serde_json::from_value(notes.clone())
                .map_err(|error| Refusal::broken(error.to_string()))?;
        }
        Ok(done)
    }

    /// The whole of each task of a list.
    fn all(&mut self, tasks: &Value) -> Told<Vec<Seen>> {
        let ids = tasks.as_array().into_iter().flatten().filter_map(|task| task["id"].as_u64());
        ids.map(|id| self.one(id)).collect()
    }

    fn one(&mut self, id: u64) -> Told<Seen> {
        self.seen(&json!({ "task_id": id, "trash": true }))
    }

    fn seen(&mut self, arguments: &Value) -> Told<Seen> {
        let told = self.ask("get_task", arguments)?;
        serde_json::from_value(told["task"].clone())
            .map_err(|error| Refusal::broken(format!("{error}: {told}")))
    }
}

/// These calls take nothing else.
fn plain(how: &How) -> Told<()> {
    match how {
        How { dry_run: false, atomic: false, version: None, .. } => Ok(()),
        _ => Err(Refusal::cannot("ask it so")),
    }
}

fn single(tasks: &Which) -> Option<&Ref> {
    match tasks {
        Which::Named(Refs(tasks)) if tasks.len() == 1 => tasks.first(),
        _ => None,
    }
}

fn which(tasks: &Which) -> (String, Value) {
    match tasks {
        Which::Named(Refs(tasks)) => ("task_ids".to_owned(), words::names(tasks)),
        Which::Meant(filter) => ("filter".to_owned(), json!(filter)),
    }
}

fn refusal(told: &Value) -> Refusal {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| told[name].as_array().into_iter().flatten();
    // A faulty field comes with what is wrong with it; one that has changed since is a name.
    let field = |field: &Value| {
        let name = field.get("field").unwrap_or(field).as_str()?;
        // What was said in a line is about the title on other surfaces.
        Some(if name == "text" { "title" } else { name }.to_owned())
    };
    let place = |field: &Value| Some((field.get("from")?.as_u64()?, field.get("to")?.as_u64()?));
    // Those that are only like a name are this surface's own affair.
    let meant = ["ambiguous_reference", "open_subtasks"].contains(&text("code").as_str());
    let candidates = list("candidates").filter(|_| meant);
    Refusal {
        code: text("code"),
        message: text("message"),
        task: text("ref").parse().ok(),
        fields: list("fields").filter_map(field).collect(),
        place: list("fields").find_map(place).map(Box::new),
        candidates: candidates.filter_map(|task| task["id"].as_u64()).collect(),
        current: None,
    }
}

/// What was said in an expression, by its own name.
fn renamed(mut refusal: Refusal, question: &Question) -> Refusal {
    if let [only] = words::expression(question).0.as_slice() {
        for field in refusal.fields.iter_mut().filter(|field| *field == "filter") {
            (*only).clone_into(field);
        }
    }
    refusal
}
