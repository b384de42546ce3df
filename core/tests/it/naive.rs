//! What a filter means, once more: said in days and words as the specification says it, without
//! the ranges of instants that the real one works with.

use chrono::{Datelike, NaiveDate};
use todo_core::fold::fold;
use todo_core::query::{Bound, DueFilter, Moment, ParentFilter, ProjectFilter};
use todo_core::recurrence::Spawn;
use todo_core::{Due, Filter, Status, Task, Timestamp};

pub(crate) fn matches(filter: &Filter, task: &Task, moment: &Moment) -> bool {
    let checks: [fn(&Filter, &Task, &Moment) -> bool; 8] =
        [trash, status, waiting, place, tags, due, search, scheduled];
    checks.iter().all(|check| check(filter, task, moment))
}

fn trash(filter: &Filter, task: &Task, moment: &Moment) -> bool {
    let thirty_days = 30 * 24 * 60 * 60 * 1000;
    match task.trash {
        None => !filter.trash,
        Some(trash) => filter.trash && moment.now.millis() <= trash.at.millis() + thirty_days,
    }
}

fn status(filter: &Filter, task: &Task, _: &Moment) -> bool {
    match &filter.status {
        Some(any) => any.contains(&task.status),
        None if filter.trash => true,
        None => [Status::Pending, Status::InProgress].contains(&task.status),
    }
}

fn waiting(filter: &Filter, task: &Task, moment: &Moment) -> bool {
    let hidden = match task.start_date {
        None => false,
        Some(Due::Day(day)) => moment.now.day(moment.zone) < day,
        Some(at) => moment.now < at.starts(moment.zone),
    };
    filter.waiting || filter.trash || !hidden
}

fn place(filter: &Filter, task: &Task, _: &Moment) -> bool {
    let parent = match filter.parent {
        None => true,
        Some(ParentFilter::None) => task.parent.is_none(),
        Some(ParentFilter::Of(uid)) => task.parent.is_some_and(|parent| parent.uid == uid),
    };
    let path = task.project.as_ref().map(|project| fold(project.as_str()).into_owned());
    let within = |wanted: &ProjectFilter| match (wanted, &path) {
        (ProjectFilter::None, path) => path.is_none(),
        (ProjectFilter::Within(_), None) => false,
        (ProjectFilter::Within(wanted), Some(path)) => {
            let levels: Vec<_> = path.split('/').collect();
            levels.starts_with(&wanted.split('/').collect::<Vec<_>>())
        }
    };
    parent
        && (filter.priority.is_empty() || filter.priority.contains(&task.priority))
        && (filter.project.is_empty() || filter.project.iter().any(within))
}

fn tags(filter: &Filter, task: &Task, _: &Moment) -> bool {
    let own: Vec<_> = task.tags.iter().map(|tag| fold(tag.as_str())).collect();
    let has = |tag: &str| own.iter().any(|own| own == tag);
    filter.tags.iter().all(|tag| has(tag))
        && (filter.tags_any.is_empty() || filter.tags_any.iter().any(|tag| has(tag)))
        && filter.tags_none.iter().all(|tag| !has(tag))
}

/// A day itself, or the next that there is: in some zones one was left out.
fn that_is(day: NaiveDate, moment: &Moment) -> NaiveDate {
    Due::Day(day).starts(moment.zone).day(moment.zone)
}

/// Whether a date is at or behind the beginning of what a bound names.
fn from(due: Due, bound: Bound, moment: &Moment) -> bool {
    let first_of_its_day =
        |at: Timestamp| at.plus_millis(-1).day(moment.zone) != at.day(moment.zone);
    match (due, bound) {
        (Due::Day(day), Bound::Day(bound)) => that_is(day, moment) >= that_is(bound, moment),
        (Due::At { .. }, Bound::Day(bound)) => due.starts(moment.zone).day(moment.zone) >= bound,
        (Due::At { .. }, Bound::At(at)) => due.starts(moment.zone) >= at,
        (Due::Day(day), Bound::At(at)) => {
            let (day, bound) = (that_is(day, moment), at.day(moment.zone));
            day > bound || (day == bound && first_of_its_day(at))
        }
    }
}

fn due(filter: &Filter, task: &Task, moment: &Moment) -> bool {
    let today = moment.now.day(moment.zone);
    let in_range = task.due_date.is_some_and(|due| {
        filter.due_from.is_none_or(|bound| from(due, bound, moment))
            && filter.due_to.is_none_or(|bound| !from(due, bound, moment))
    });
    let no_range = filter.due_from.is_none() && filter.due_to.is_none();
    let day = task.due_date.map(|due| match due {
        Due::Day(day) => day,
        Due::At { .. } => due.starts(moment.zone).day(moment.zone),
    });
    let comes = day.map(|day| that_is(day, moment));
    let word = match (filter.due, day, task.due_date) {
        (None, ..) | (Some(DueFilter::None), None, _) | (Some(DueFilter::Any), Some(_), _) => true,
        (Some(DueFilter::Today), ..) => comes == Some(today),
        (Some(DueFilter::Tomorrow), Some(_), _) => comes == today.succ_opt(),
        (Some(DueFilter::Week), ..) => {
            comes.is_some_and(|day| rest_of_week(today, moment).contains(&day))
        }
        // What is done with is never overdue.
        (Some(DueFilter::Overdue), ..) if !task.status.is_open() => false,
        (Some(DueFilter::Overdue), Some(day), Some(Due::Day(_))) => day < today,
        (Some(DueFilter::Overdue), Some(_), Some(at)) => at.starts(moment.zone) < moment.now,
        _ => false,
    };
    word && (no_range || in_range)
}

/// Today and the days after it, until a week begins.
fn rest_of_week(today: NaiveDate, moment: &Moment) -> Vec<NaiveDate> {
    let after = today.iter_days().skip(1).take_while(|day| day.weekday() != moment.week_start);
    [today].into_iter().chain(after).collect()
}

fn search(filter: &Filter, task: &Task, _: &Moment) -> bool {
    let mut texts = vec![task.title.as_str()];
    texts.extend(task.description.as_ref().map(todo_core::Description::as_str));
    texts.extend(task.project.as_ref().map(todo_core::Project::as_str));
    texts.extend(task.tags.iter().map(todo_core::Tag::as_str));
    filter.search.iter().all(|word| texts.iter().any(|text| fold(text).contains(&**word)))
}

fn scheduled(filter: &Filter, task: &Task, _: &Moment) -> bool {
    let by_the_clock = task.recurrence.as_ref().map(|recurrence| recurrence.spawn);
    !filter.scheduled || by_the_clock == Some(Spawn::OnSchedule)
}
