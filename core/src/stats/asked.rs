//! Of which tasks statistics are asked.

use crate::query::{Filter, Limit, Moment, TaskQuery};
use crate::task::Status;

/// A question for statistics: the tasks that a filter means, in the trash or not.
#[derive(Debug, Clone, PartialEq)]
pub struct StatsQuery {
    /// Nothing where only the trash was asked for.
    there: Option<TaskQuery>,
    trash: TaskQuery,
}

impl StatsQuery {
    /// What was done counts as much as what is to be done, unless the filter names statuses; and
    /// what waits is counted as such. What a filter for the trash means is counted there alone.
    pub fn new(mut filter: Filter, moment: Moment) -> Self {
        filter.status.get_or_insert_with(|| Status::ALL.to_vec());
        filter.waiting = true;
        let query = |filter| TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) };
        let there = (!filter.trash).then(|| query(filter.clone()));
        Self { there, trash: query(Filter { trash: true, ..filter }) }
    }

    /// When and where it is asked.
    pub fn moment(&self) -> &Moment {
        &self.trash.moment
    }

    /// The question for those in the trash.
    pub fn trash(&self) -> &TaskQuery {
        &self.trash
    }

    /// The questions for the tasks to be counted, none of which two of them mean.
    pub fn parts(&self) -> impl Iterator<Item = &TaskQuery> + Clone {
        self.there.iter().chain([&self.trash])
    }
}
