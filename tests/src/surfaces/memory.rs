//! The core on the reference store: no process, no file, no protocol. What the other surfaces add
//! must not show.

mod filters;
mod held;
mod named;
mod question;
mod series;
mod values;

use std::collections::BTreeSet;

use chrono::Weekday;
use todo_core::interchange::json;
use todo_core::memory::MemoryStore;
use todo_core::query::{Filters, Moment};
use todo_core::service::{self, carry_out, execute, rehearse};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Fate, Filter, Item, Limit, Outcome, Owner, Page, Preferences,
    Problem, ServiceError, Status, StepNo, Task, TaskError, TaskId, TaskPatch, TaskQuery,
    TaskStore, Timestamp, Zone, task,
};
use uuid::Uuid;

use super::asked::{Change, Draft, Edits, How, Question, Ref, Remind, Verb, Which};
use super::told::{self, Done, Fired, Refusal, Seen, Taken, Urgency};
use super::{Ability, Surface, Told};

/// The core on a [`MemoryStore`].
#[derive(Debug)]
pub struct Memory {
    store: MemoryStore,
    now: Timestamp,
    zone: Zone,
    preferences: Preferences,
    week_start: Weekday,
    filters: Filters,
    minted: u64,
}

type Decided<T> = Result<T, TaskError>;

impl Surface for Memory {
    fn fresh() -> Self {
        let (now, zone) = (Timestamp::from_millis(0), Zone::UTC);
        Self {
            store: MemoryStore::default(),
            now,
            zone,
            preferences: Preferences::default(),
            week_start: Weekday::Mon,
            filters: Filters::default(),
            minted: 0,
        }
    }

    fn can(_ability: Ability) -> bool {
        true
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        (self.now, self.zone) = (now, zone);
    }

    fn add(&mut self, draft: &Draft, how: &How) -> Told<Done> {
        let uid = self.mint();
        self.look_up(draft.parent.as_ref())?;
        let item = self.new_task(uid, draft).map(|new| Item::Create(Box::new(new)));
        self.run(&Command::One(item.map_err(|error| refusal(&error))?), how, &[])
    }

    fn edit(&mut self, tasks: &Which, edits: &Edits, how: &How) -> Told<Done> {
        let tasks = self.which(tasks, None)?;
        if let Change::Set(parent) = &edits.parent {
            self.look_up(Some(parent))?;
        }
        let patch = self.patch(edits).map_err(|error| refusal(&error))?;
        self.each(&tasks, how, |memory, task| {
            let patch = memory.repeated(patch.clone(), edits, task)?;
            Ok(todo_core::Verb::Change(Box::new(patch)))
        })
    }

    fn act(&mut self, verb: Verb, tasks: &Which, how: &How) -> Told<Done> {
        let tasks = self.which(tasks, Some(verb))?;
        let go = |to| todo_core::Verb::Move { to, cascade: how.cascade };
        let verb = match verb {
            Verb::Start => go(Status::InProgress),
            Verb::Complete => go(Status::Completed),
            Verb::Cancel => go(Status::Cancelled),
            Verb::Skip => todo_core::Verb::Skip { cascade: how.cascade },
            Verb::Reopen => go(Status::Pending),
            Verb::Delete => todo_core::Verb::Delete,
            Verb::Restore => todo_core::Verb::Restore,
            Verb::Purge => todo_core::Verb::Purge,
        };
        self.each(&tasks, how, |_, _| Ok(verb.clone()))
    }

    fn say(&mut self, text: &str, how: &How) -> Told<Done> {
        let uid = self.mint();
        let new = self.said(uid, text).map_err(|error| refusal(&error))?;
        self.run(&Command::One(Item::Create(Box::new(new))), how, &[])
    }

    fn remind(
        &mut self,
        tasks: &[Ref],
        add: Option<&Remind>,
        remove: &[u32],
        how: &How,
    ) -> Told<Done> {
        let reminders = Self::reminders_patch(add, remove).map_err(|error| refusal(&error))?;
        let patch = TaskPatch { reminders, ..TaskPatch::default() };
        self.each(tasks, how, |_, _| Ok(todo_core::Verb::Change(Box::new(patch.clone()))))
    }

    fn snooze(&mut self, tasks: &[Ref], until: &str, how: &How) -> Told<Done> {
        let until = until
            .parse()
            .map_err(|problem: Problem| refusal(&TaskError::field("until", problem)))?;
        self.each(tasks, how, |_, _| Ok(todo_core::Verb::Snooze { until }))
    }

    fn remind_now(&mut self) -> Told<Vec<Fired>> {
        self.settle()
    }

    fn prefer(&mut self, name: &str, value: &str) -> Told<()> {
        if let ("week_start", Ok(day)) = (name, value.parse()) {
            self.week_start = day;
            return Ok(());
        }
        self.preferences =
            values::preferred(&self.preferences, name, value).map_err(|e| refusal(&e))?;
        Ok(())
    }

    fn undo(&mut self, step: Option<u64>, how: &How) -> Told<Done> {
        self.run(&Command::Undo(step.map(StepNo)), how, &[])
    }

    fn redo(&mut self, how: &How) -> Told<Done> {
        self.run(&Command::Redo, how, &[])
    }

    fn show(&mut self, task: &Ref) -> Told<Seen> {
        seen(&self.live(task)?)
    }

    fn list(&mut self, question: &Question) -> Told<Vec<Seen>> {
        let mut query = question::query(question, self).map_err(|error| refusal(&error))?;
        if question.limit.is_none() {
            query.limit = Limit::All;
        }
        self.found(&query)?.iter().map(seen).collect()
    }

    fn page(&mut self, question: &Question, after: Option<&str>, count: bool) -> Told<told::Page> {
        self.page_of(question, after, count)
    }

    fn urgency(&mut self, task: &Ref) -> Told<Urgency> {
        let task = self.find(task).map_err(|error| refusal(&error))?;
        Ok(self.weighed(&task))
    }

    fn stats(&mut self, question: &Question) -> Told<serde_json::Value> {
        self.counted(question)
    }

    fn save_filter(&mut self, name: &str, filter: &str, how: &How) -> Told<told::Filters> {
        self.save(name, filter, how).map_err(|error| refusal(&error))
    }

    fn remove_filter(&mut self, name: &str, how: &How) -> Told<()> {
        let mut then = self.filters.clone();
        then.remove(name, &self.asking()).map_err(|error| refusal(&error))?;
        if !how.dry_run {
            self.filters = then;
        }
        Ok(())
    }

    fn filters(&mut self) -> Told<told::Filters> {
        let filters = self.filters.iter();
        Ok(filters.map(|(name, text)| (name.to_owned(), text.to_owned())).collect())
    }

    fn today(&mut self) -> Told<Vec<Seen>> {
        self.found(&self.due_today())?.iter().map(seen).collect()
    }

    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>> {
        let task = self.live(task)?;
        Ok(series::coming(&task, count))
    }

    fn import(&mut self, text: &str, how: &How) -> Told<Taken> {
        let imported = json::import(text.as_bytes()).map_err(|error| Refusal {
            // As every surface does with a file that cannot be read.
            code: "validation_error".to_owned(),
            message: error.to_string(),
            ..Refusal::default()
        })?;
        let outcome = self.outcome(&Command::Import(imported.tasks.into()), how)?;
        let fates = || outcome.items.iter().flatten().map(|item| item.fate);
        let count = |fate| fates().filter(|other| *other == fate).count();
        Ok(Taken {
            step: outcome.step.map(|step| step.0),
            added: count(Fate::Created) as u64,
            updated: count(Fate::Changed) as u64,
            unchanged: count(Fate::Unchanged) as u64,
            left: fates().filter(|fate| matches!(fate, Fate::Left(_))).count() as u64,
        })
    }

    fn export(&mut self) -> Told<String> {
        let mut tasks = Vec::new();
        for question in [Question::everything(), Question::trash()] {
            let query = question::query(&question, self).map_err(|error| refusal(&error))?;
            tasks.extend(self.found(&TaskQuery { limit: Limit::All, ..query })?);
        }
        tasks.sort_by_key(|task| task.id);
        let mut text = Vec::new();
        json::export(&tasks, &mut text).map_err(|error| Refusal::broken(error.to_string()))?;
        String::from_utf8(text).map_err(|error| Refusal::broken(error.to_string()))
    }
}

impl Memory {
    /// A uid v7 of this moment: what the edge of a surface mints, but the same in every run.
    fn mint(&mut self) -> TaskId {
        self.minted += 1;
        let millis = u128::try_from(self.now.millis()).unwrap_or_default();
        let (version, variant) = (7_u128 << 76, 2_u128 << 62);
        // Spread over all digits, as what is drawn at random is.
        let spread = self.minted.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2;
        TaskId(Uuid::from_u128(millis << 80 | version | variant | u128::from(spread)))
    }

    fn moment(&self) -> Moment {
        let Self { now, zone, week_start, .. } = *self;
        Moment { now, zone, owner_zone: zone, week_start }
    }

    /// What has lain in the trash too long. No query answers such tasks, so the question is put in
    /// the past of all of them.
    fn expired(&self) -> BTreeSet<TaskId> {
        let filter = Filter { trash: true, ..Filter::default() };
        let moment = Moment { now: Timestamp::from_millis(0), ..self.moment() };
        let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) };
        let trash = self.store.find(Owner::LOCAL, &query).map_or_else(|_| vec![], |p| p.tasks);
        let over = trash.into_iter().filter(|t| task::is_expired(t.trash, self.now));
        over.map(|task| task.uid).collect()
    }

    fn ctx(&self) -> Ctx {
        Ctx {
            owner: Owner::LOCAL,
            actor: Actor { kind: ActorKind::User, id: Owner::LOCAL.0 },
            now: self.now,
            zone: self.zone,
            week_start: self.week_start,
            preferences: self.preferences.clone(),
            correlation: Uuid::nil(),
            causation: None,
        }
    }

    /// What the clock has brought shows, as it does everywhere.
    fn answer(&self, query: &TaskQuery) -> Told<Page<Task>> {
        service::find(&self.store, query, &self.ctx())
            .map_err(|error| Refusal::broken(error.to_string()))
    }

    fn found(&self, query: &TaskQuery) -> Told<Vec<Task>> {
        self.answer(query).map(|page| page.tasks)
    }

    fn outcome(&mut self, command: &Command, how: &How) -> Told<Outcome> {
        let ctx = self.ctx();
        let outcome = if how.dry_run {
            rehearse(&self.store, command, &ctx)
        } else {
            // As every surface does some time: before a write, or by a scheduler.
            let expired = self.expired();
            if !expired.is_empty() {
                let purged = execute(&mut self.store, &Command::PurgeExpired(expired), &ctx);
                purged.map_err(|error| Refusal::broken(error.to_string()))?;
            }
            carry_out(&mut self.store, command, &ctx)
        };
        outcome.map_err(|error| match error {
            ServiceError::Refused(error) => refusal(&error),
            error => Refusal::broken(error.to_string()),
        })
    }

    fn run(&mut self, command: &Command, how: &How, named: &[Ref]) -> Told<Done> {
        let outcome = self.outcome(command, how)?;
        let all = |tasks: Vec<&Task>| tasks.into_iter().map(seen).collect::<Told<Vec<_>>>();
        let unchanged = outcome.items.iter().flatten().filter(|item| !item.changed());
        Ok(Done {
            step: outcome.step.map(|step| step.0),
            changed: all(outcome.changed.iter().filter_map(|id| outcome.tasks.get(id)).collect())?,
            unchanged: all(unchanged.filter_map(|item| outcome.tasks.get(&item.task)).collect())?,
            purged: all(outcome.purged.iter().collect())?,
            refused: outcome
                .refused()
                .map(|(at, error)| {
                    let task = named.get(at).and_then(|name| name.0.parse().ok());
                    Refusal { task, ..refusal(error) }
                })
                .collect(),
            notes: series::notes(&outcome),
        })
    }
}

fn seen(task: &Task) -> Told<Seen> {
    let value = serde_json::to_value(task).map_err(|error| Refusal::broken(error.to_string()))?;
    serde_json::from_value(value).map_err(|error| Refusal::broken(error.to_string()))
}

fn refusal(error: &TaskError) -> Refusal {
    let mut told = Refusal {
        code: error.code().as_str().to_owned(),
        message: error.to_string(),
        ..Refusal::default()
    };
    match error {
        TaskError::Validation(fields) => {
            told.fields = fields.iter().map(|error| error.field.to_string()).collect();
        }
        TaskError::Words { field, error } => {
            told.fields = vec![(*field).to_owned()];
            told.place = Some(Box::new((error.at.start as u64, error.at.end as u64)));
        }
        TaskError::StepConflict { fields, .. } => {
            told.fields = fields.iter().map(|field| field.as_str().to_owned()).collect();
        }
        TaskError::Ambiguous { candidates, .. }
        | TaskError::OpenSubtasks { open: candidates, .. } => {
            told.candidates = candidates.iter().map(|candidate| candidate.id.0).collect();
        }
        TaskError::VersionConflict { current, .. } => {
            told.current = seen(current).ok().map(Box::new);
        }
        _ => {}
    }
    told
}
