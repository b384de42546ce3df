//! A whole filter as one condition.

use super::expression::{Condition, DateField, Is};
use super::filter::{DueFilter, Filter, Moment, ParentFilter, ProjectFilter};
use crate::reference::TaskRef;
use crate::task::Status;

impl Filter {
    /// What it asks at a moment, as one tree: for a store that asks it in a language of its own. It
    /// holds of exactly the tasks that the [`matcher`](Self::matcher) matches.
    pub fn condition(&self, moment: &Moment) -> Condition {
        let mut all = vec![Condition::Trash(self.trash)];
        all.extend(self.scheduled.then_some(Condition::Scheduled));
        match &self.status {
            Some(any) => all.push(Condition::Status(any.clone())),
            None if self.any_status() => {}
            None => all.push(Condition::Status(vec![Status::Pending, Status::InProgress])),
        }
        if !self.priority.is_empty() {
            all.push(Condition::Priority(self.priority.clone()));
        }
        all.extend(self.project_condition());
        all.extend(self.tags.iter().map(|tag| Condition::Tag(Is::A(vec![tag.clone()]))));
        if !self.tags_any.is_empty() {
            all.push(Condition::Tag(Is::A(self.tags_any.clone())));
        }
        if !self.tags_none.is_empty() {
            let any = Condition::Tag(Is::A(self.tags_none.clone()));
            all.push(Condition::Not(Box::new(any)));
        }
        all.extend(self.parent.map(|parent| {
            Condition::Parent(match parent {
                ParentFilter::None => Is::None,
                ParentFilter::Of(uid) => Is::A(vec![TaskRef::Uid(uid)]),
            })
        }));
        all.extend(self.due_conditions(moment));
        all.extend(self.search.iter().map(|word| Condition::Text(word.clone())));
        all.extend(self.expression.as_ref().map(|expression| expression.compile(moment)));
        // Few tasks wait: what refuses more comes first.
        if !self.any_start() {
            all.push(Condition::Not(Box::new(Condition::Waiting)));
        }
        Condition::All(all)
    }

    fn project_condition(&self) -> Option<Condition> {
        let none = self.project.contains(&ProjectFilter::None);
        let paths = self.project.iter().filter_map(|wanted| match wanted {
            ProjectFilter::None => None,
            ProjectFilter::Within(path) => Some(path.clone()),
        });
        let paths = paths.collect::<Vec<_>>();
        match (none, paths.is_empty()) {
            (false, true) => None,
            (true, true) => Some(Condition::Project(Is::None)),
            (false, false) => Some(Condition::Project(Is::A(paths))),
            (true, false) => Some(Condition::Any(vec![
                Condition::Project(Is::None),
                Condition::Project(Is::A(paths)),
            ])),
        }
    }

    fn due_conditions(&self, moment: &Moment) -> impl Iterator<Item = Condition> {
        let due = DateField::Due;
        let word = self.due.map(|word| match word {
            DueFilter::None => Condition::Has(due, false),
            DueFilter::Any => Condition::Has(due, true),
            DueFilter::Overdue => Condition::Overdue,
            DueFilter::Today | DueFilter::Tomorrow | DueFilter::Week => {
                let days = word.days(moment);
                Condition::Within(due, days.as_ref().map(|d| d.start), days.map(|d| d.end))
            }
        });
        let ends = [self.due_from, self.due_to].map(|end| end.map(|end| end.instant(moment.zone)));
        let range = match ends {
            [None, None] => None,
            [from, to] => Some(Condition::Within(due, from, to)),
        };
        word.into_iter().chain(range)
    }
}
