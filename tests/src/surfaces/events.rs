//! What events tell: a read model that knows of nobody's tasks but by the log.
//!
//! Writes go to the REST API, on whose database a relay runs. A reader of the log applies what it is told
//! with the core's own rule and holds what comes of it; questions are put to both, and the answer is
//! theirs only if it is the same. It waits until the log has come as far as what has happened to its
//! owner, and never for a time.

mod read_model;

use std::fmt::Debug;

use serde_json::Value;
use todo_core::{Timestamp, Zone};

use super::asked::{How, Question, Ref};
use super::passed_on::passed_on;
use super::rest::{Base, Rest};
use super::told::{Filters, Page, Refusal, Seen, Urgency};
use super::{Ability, Surface, Told, asked, told};
use read_model::ReadModel;

/// The REST API on a kind of database, read by its events.
#[derive(Debug)]
pub struct Events<B: Base> {
    rest: Rest<B>,
    model: ReadModel,
}

impl<B: Base> Events<B> {
    /// Puts a question to both.
    fn both<T>(&mut self, mut ask: impl FnMut(&mut dyn Surface) -> Told<T>) -> Told<T>
    where
        T: PartialEq + Debug,
    {
        let theirs = ask(&mut self.rest);
        self.model.follow(&mut self.rest)?;
        let ours = ask(&mut self.model.tasks);
        let alike = match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(ours), Err(theirs)) => ours.code == theirs.code,
            _ => false,
        };
        if alike {
            return ours;
        }
        Err(Refusal::broken(format!("events tell {ours:?}\nand the API {theirs:?}")))
    }
}

impl<B: Base> Surface for Events<B> {
    fn fresh() -> Self {
        let rest = Rest::fresh();
        let model = ReadModel::new(&rest);
        Self { rest, model }
    }

    fn can(ability: Ability) -> bool {
        Rest::<B>::can(ability)
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.rest.travel(now, zone);
        self.model.tasks.travel(now, zone);
    }

    passed_on!(rest: add edit act say remind snooze remind_now undo redo import export);

    /// Events say that a preference was set, and not what it is: whoever asks brings it along.
    fn prefer(&mut self, name: &str, value: &str) -> Told<()> {
        self.rest.prefer(name, value)?;
        self.model.tasks.prefer(name, value)
    }

    fn show(&mut self, task: &Ref) -> Told<Seen> {
        self.both(|surface| surface.show(task))
    }

    fn list(&mut self, question: &Question) -> Told<Vec<Seen>> {
        self.both(|surface| surface.list(question))
    }

    /// A cursor is good where it was given.
    fn page(&mut self, question: &Question, after: Option<&str>, count: bool) -> Told<Page> {
        self.rest.page(question, after, count)
    }

    fn urgency(&mut self, task: &Ref) -> Told<Urgency> {
        self.both(|surface| surface.urgency(task))
    }

    fn stats(&mut self, question: &Question) -> Told<Value> {
        self.both(|surface| surface.stats(question))
    }

    /// No event tells of filters.
    fn save_filter(&mut self, name: &str, filter: &str, how: &How) -> Told<Filters> {
        let saved = self.rest.save_filter(name, filter, how)?;
        self.model.tasks.save_filter(name, filter, how)?;
        Ok(saved)
    }

    fn remove_filter(&mut self, name: &str, how: &How) -> Told<()> {
        self.rest.remove_filter(name, how)?;
        self.model.tasks.remove_filter(name, how)
    }

    fn filters(&mut self) -> Told<Filters> {
        self.both(|surface| surface.filters())
    }

    fn today(&mut self) -> Told<Vec<Seen>> {
        self.both(|surface| surface.today())
    }

    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>> {
        self.both(|surface| surface.coming(task, count))
    }
}
