//! The REST API: `todo-web` over a real socket, on either database.
//!
//! Each surface is a person of their own at a server that nobody else asks meanwhile, whose clock is
//! theirs to set; all of them share one database, so a query that forgot its owner would show everybody's tasks.

mod account;
mod answer;
mod base;
mod body;
mod person;
mod relaying;
mod reminding;
mod server;
mod sweeping;

use std::fmt;
use std::marker::PhantomData;

use axum::http::Method;
use chrono::Days;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use todo_core::{Timestamp, Zone};

use super::asked::{Draft, Edits, How, Question, Ref, Refs, Remind, Verb, Which};
use super::told::{Done, Filters, Fired, Page, Refusal, Seen, Taken, Urgency};
use super::{Ability, Surface, Told};
use crate::http::{Answer, Asked};
use answer::{Listed, One, Saved, Several, read};

#[cfg(unix)]
pub use base::Postgres;
pub(super) use base::runtime;
pub use base::{Base, Shared, Sqlite};
use body::{Path, encoded, name};
use person::Person;

/// Longest page.
const PAGE_MAX: u32 = 200;

/// `todo-web` on a kind of database.
pub struct Rest<B> {
    person: Person,
    base: PhantomData<B>,
}

impl<B> fmt::Debug for Rest<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rest").field(&self.person).finish()
    }
}

impl<B: Base> Surface for Rest<B> {
    fn fresh() -> Self {
        Self { person: Person::new::<B>(), base: PhantomData }
    }

    fn can(ability: Ability) -> bool {
        // Programs name tasks in full, and write dates as the standard does.
        !matches!(ability, Ability::Prefixes | Ability::Words)
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.person.travel(now, zone);
        self.sweep();
    }

    fn add(&mut self, draft: &Draft, how: &How) -> Told<Done> {
        self.post::<One>(Path::new("/api/tasks").flag("dry_run", how.dry_run), &body::draft(draft))
            .map(Done::from)
    }

    fn edit(&mut self, tasks: &Which, edits: &Edits, how: &How) -> Told<Done> {
        let patch = body::edits(edits);
        let tasks = self.which(tasks, None)?;
        if let Some(task) = single(&tasks, how) {
            let path = Path::of(task, "").flag("dry_run", how.dry_run);
            let asked = self.guarded(Method::PATCH, path, task, how)?;
            return self.answer::<One>(asked.json(&patch)).map(Done::from);
        }
        self.bulk("update", &tasks, &json!({ "patch": patch }), how)
    }

    fn act(&mut self, verb: Verb, tasks: &Which, how: &How) -> Told<Done> {
        let name = name(verb);
        let body = if how.cascade { json!({ "cascade": true }) } else { json!({}) };
        let tasks = self.which(tasks, Some(verb))?;
        let Some(task) = single(&tasks, how) else {
            return self.bulk(name, &tasks, &body, how);
        };
        let (method, path) = match verb {
            Verb::Delete => (Method::DELETE, Path::of(task, "")),
            Verb::Purge => (Method::DELETE, Path::of(task, "").flag("purge", true)),
            _ => (Method::POST, Path::of(task, &format!("/{name}"))),
        };
        let path = path.flag("dry_run", how.dry_run);
        let asked = self.guarded(method, path, task, how)?;
        let asked = if how.cascade { asked.json(&body) } else { asked };
        self.answer::<One>(asked).map(Done::from)
    }

    fn say(&mut self, text: &str, how: &How) -> Told<Done> {
        let body = json!({ "text": text, "dry_run": how.dry_run });
        self.post::<One>(Path::new("/api/tasks/quick"), &body).map(Done::from)
    }

    fn remind(
        &mut self,
        tasks: &[Ref],
        add: Option<&Remind>,
        remove: &[u32],
        how: &How,
    ) -> Told<Done> {
        let [task] = tasks else { return Err(Refusal::cannot("remind of several tasks")) };
        let asked = match (add, remove) {
            (Some(add), []) => {
                let path = Path::of(task, "/reminders").flag("dry_run", how.dry_run);
                self.guarded(Method::POST, path, task, how)?.json(&body::reminder(add))
            }
            (None, [one]) => {
                let path =
                    Path::of(task, &format!("/reminders/{one}")).flag("dry_run", how.dry_run);
                self.guarded(Method::DELETE, path, task, how)?
            }
            _ => return Err(Refusal::cannot("add and remove at once")),
        };
        self.answer::<One>(asked).map(Done::from)
    }

    fn snooze(&mut self, tasks: &[Ref], until: &str, how: &How) -> Told<Done> {
        let [task] = tasks else { return Err(Refusal::cannot("snooze several tasks")) };
        let path = Path::of(task, "/snooze").flag("dry_run", how.dry_run);
        let asked = self.guarded(Method::POST, path, task, how)?;
        self.answer::<One>(asked.json(&json!({ "until": until }))).map(Done::from)
    }

    fn remind_now(&mut self) -> Told<Vec<Fired>> {
        self.settle()
    }

    fn prefer(&mut self, name: &str, value: &str) -> Told<()> {
        let value = match name {
            "default_reminders" if value == "none" => json!([]),
            "default_reminders" => {
                value.split(',').map(|offset| json!({ "offset": offset })).collect()
            }
            _ => json!(value),
        };
        let asked = Asked::new(Method::PATCH, "/api/auth/me").json(&json!({ name: value }));
        self.answer::<Value>(asked).map(drop)
    }

    fn undo(&mut self, step: Option<u64>, how: &How) -> Told<Done> {
        let body = step.map_or_else(|| json!({}), |step| json!({ "step": step }));
        let path = Path::new("/api/undo").flag("dry_run", how.dry_run);
        self.post::<Several>(path, &body).map(Done::from)
    }

    fn redo(&mut self, how: &How) -> Told<Done> {
        let path = Path::new("/api/redo").flag("dry_run", how.dry_run);
        self.post::<Several>(path, &json!({})).map(Done::from)
    }

    fn show(&mut self, task: &Ref) -> Told<Seen> {
        self.get::<Seen>(Path::of(task, ""))
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
        let path = Path::new("/api/tasks")
            .ordered(question)
            .with("limit", question.limit)
            .with("cursor", after)
            .with("count", count.then_some("exact"));
        let Listed { items, next_cursor, total } = self.get(path)?;
        Ok(Page { tasks: items, next: next_cursor, total })
    }

    fn urgency(&mut self, task: &Ref) -> Told<Urgency> {
        answer::urgency(&self.ask(Path::of(task, "/urgency").with("trash", Some("true")))?)
    }

    fn stats(&mut self, question: &Question) -> Told<Value> {
        self.get(Path::new("/api/stats").question(question))
    }

    fn save_filter(&mut self, name: &str, filter: &str, how: &How) -> Told<Filters> {
        let path = Path::new("/api/filters").flag("dry_run", how.dry_run);
        let Saved { name, filter } = self.post(path, &json!({ "name": name, "filter": filter }))?;
        Ok(Filters::from([(name, filter)]))
    }

    fn remove_filter(&mut self, name: &str, how: &How) -> Told<()> {
        let path =
            Path::new(format!("/api/filters/{}", encoded(name))).flag("dry_run", how.dry_run);
        let answer = self.person.ask(Asked::new(Method::DELETE, path.into_text()))?;
        if answer.status.is_success() { Ok(()) } else { read(&answer) }
    }

    fn filters(&mut self) -> Told<Filters> {
        answer::filters(&self.ask(Path::new("/api/filters"))?)
    }

    fn today(&mut self) -> Told<Vec<Seen>> {
        let today = self.person.now().day(self.person.zone());
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let due_to = Some(tomorrow.to_string());
        self.list(&Question { due_to, ..Question::default() })
    }

    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>> {
        #[derive(Deserialize)]
        struct Preview {
            coming: Vec<Next>,
        }
        #[derive(Deserialize)]
        struct Next {
            due_date: String,
        }
        let path = Path::of(task, "/recurrence/preview").with("n", Some(count));
        let Preview { coming } = self.get(path)?;
        Ok(coming.into_iter().map(|next| next.due_date).collect())
    }

    fn import(&mut self, text: &str, how: &How) -> Told<Taken> {
        let path =
            Path::new("/api/import").with("format", Some("json")).flag("dry_run", how.dry_run);
        let asked = Asked::new(Method::POST, path.into_text());
        self.answer(asked.body("application/json", text.to_owned()))
    }

    fn export(&mut self) -> Told<String> {
        let answer = self.ask(Path::new("/api/export"))?;
        if !answer.status.is_success() {
            return read(&answer);
        }
        String::from_utf8(answer.body.into()).map_err(|error| Refusal::broken(error.to_string()))
    }
}

impl<B: Base> Rest<B> {
    /// Tells the server where they are now.
    pub(super) fn arrive(&mut self) -> Told<()> {
        self.ask(Path::new("/api/auth/me")).map(drop)
    }

    /// Asks the server what is no route of the API.
    pub(super) fn asked(&mut self, asked: Asked) -> Told<Answer> {
        self.person.ask(asked)
    }

    fn ask(&mut self, path: Path) -> Told<Answer> {
        self.person.ask(Asked::new(Method::GET, path.into_text()))
    }

    fn get<T: DeserializeOwned>(&mut self, path: Path) -> Told<T> {
        self.ask(path).and_then(|answer| read(&answer))
    }

    fn answer<T: DeserializeOwned>(&mut self, asked: Asked) -> Told<T> {
        self.person.ask(asked).and_then(|answer| read(&answer))
    }

    fn post<T: DeserializeOwned>(&mut self, path: Path, body: &Value) -> Told<T> {
        self.answer(Asked::new(Method::POST, path.into_text()).json(body))
    }

    /// A write of one task, which names the version that the asker has seen.
    fn guarded(&mut self, method: Method, path: Path, task: &Ref, how: &How) -> Told<Asked> {
        let asked = Asked::new(method, path.into_text());
        let Some(version) = how.version else { return Ok(asked) };
        // An entity tag begins with the number.
        let id = match task.0.parse() {
            Ok(id) => id,
            Err(_) => self.get::<Seen>(Path::of(task, ""))?.id,
        };
        Ok(asked.header("if-match", format!("\"{id}-{version}\"")))
    }

    /// The tasks that a command is about. What an expression means is asked first.
    fn which(&mut self, tasks: &Which, verb: Option<Verb>) -> Told<Vec<Ref>> {
        let filter = match tasks {
            Which::Named(Refs(tasks)) => return Ok(tasks.clone()),
            Which::Meant(filter) => filter.clone(),
        };
        let mut question = Question { filter: Some(filter), ..Question::default() };
        match verb {
            Some(Verb::Reopen) => {
                question.status = ["completed", "cancelled"].map(str::to_owned).to_vec();
            }
            Some(Verb::Restore | Verb::Purge) => question.trash = true,
            _ => {}
        }
        let found = self.list(&question)?;
        if found.is_empty() {
            return Err(none());
        }
        Ok(found.into_iter().map(|task| task.id.into()).collect())
    }

    fn bulk(&mut self, op: &str, tasks: &[Ref], more: &Value, how: &How) -> Told<Done> {
        let item = |task| {
            let mut item = more.clone();
            item["op"] = json!(op);
            item["id"] = body::reference(task);
            if let Some(version) = how.version {
                item["version"] = json!(version);
            }
            item
        };
        let items: Vec<_> = tasks.iter().map(item).collect();
        let path = Path::new("/api/tasks/bulk").flag("dry_run", how.dry_run);
        let body = json!({ "items": items, "atomic": how.atomic });
        self.post::<Several>(path, &body).map(Done::from)
    }
}

/// The one task that a command is about, if it is not about several.
fn single<'t>(tasks: &'t [Ref], how: &How) -> Option<&'t Ref> {
    match tasks {
        [task] if !how.atomic => Some(task),
        _ => None,
    }
}

fn none() -> Refusal {
    Refusal { code: "not_found".to_owned(), ..Refusal::default() }
}
