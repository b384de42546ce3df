//! What is asked of many tasks at once, on the core alone: pages, numbers, saved filters.

use serde_json::Value;
use todo_core::query::CursorKey;
use todo_core::stats::Tally;
use todo_core::urgency::{explain, urgency};
use todo_core::{Limit, Status, Task, TaskQuery};

use super::{Decided, Memory, question, refusal, seen};
use crate::surfaces::Told;
use crate::surfaces::asked::{How, Question};
use crate::surfaces::told::{Filters, Page, Refusal, Urgency};

/// What this surface signs its cursors with.
const KEY: CursorKey = CursorKey::new([7; 32]);

impl Memory {
    /// The question without a limit.
    pub(super) fn all_of(&self, question: &Question) -> Told<TaskQuery> {
        let query = question::query(question, self).map_err(|error| refusal(&error))?;
        Ok(TaskQuery { limit: Limit::All, ..query })
    }

    pub(super) fn page_of(
        &self,
        question: &Question,
        after: Option<&str>,
        count: bool,
    ) -> Told<Page> {
        let mut query = question::query(question, self).map_err(|error| refusal(&error))?;
        query.count = count;
        if let Some(cursor) = after {
            query = query.resume(cursor, &KEY).map_err(|error| refusal(&error))?;
        }
        let page = self.answer(&query)?;
        let next = page.cursor(&query, &KEY);
        let tasks = page.tasks.iter().map(seen).collect::<Told<_>>()?;
        Ok(Page { tasks, next, total: page.total })
    }

    pub(super) fn weighed(&self, task: &Task) -> Urgency {
        let moment = self.moment();
        let parts = explain(task, &moment).into_iter();
        let parts = parts.map(|part| (part.factor.as_str().to_owned(), part.points));
        Urgency { urgency: urgency(task, &moment), parts: parts.collect() }
    }

    pub(super) fn counted(&self, question: &Question) -> Told<Value> {
        let mut query = self.all_of(question)?;
        query.filter.status.get_or_insert_with(|| Status::ALL.to_vec());
        query.filter.waiting = true;
        let mut tally = Tally::new(query.moment);
        for trash in [false, true] {
            query.filter.trash = trash;
            self.found(&query)?.iter().for_each(|task| tally.offer(task));
        }
        serde_json::to_value(tally.finish()).map_err(|error| Refusal::broken(error.to_string()))
    }

    pub(super) fn save(&mut self, name: &str, filter: &str, how: &How) -> Decided<Filters> {
        let mut then = self.filters.clone();
        let kept = then.save(name, filter, &self.asking())?;
        if !how.dry_run {
            self.filters = then;
        }
        Ok(Filters::from([kept]))
    }
}
