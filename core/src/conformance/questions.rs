//! Questions that are put to two stores at the end of a random history.

use super::given::{expression, order, uid};
use crate::query::{
    Bound, DueFilter, Filter, Limit, Moment, ParentFilter, ProjectFilter, TaskQuery,
};
use crate::task::{Priority, Status};

/// Filters of every kind, over the words that [`history`](super::history()) uses.
pub fn filters(moment: &Moment) -> Vec<Filter> {
    let none = Filter::default;
    let all = || Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    let word = |due| Filter { due: Some(due), ..all() };
    let day = Bound::Day(moment.now.day(moment.zone));
    let said = |text| Filter { expression: Some(expression(text)), ..none() };
    vec![
        none(),
        all(),
        Filter { trash: true, ..none() },
        Filter { status: Some(vec![Status::Completed]), ..none() },
        Filter { priority: vec![Priority::High, Priority::Low], ..all() },
        Filter { project: vec![ProjectFilter::Within("home".into())], ..all() },
        Filter { project: vec![ProjectFilter::None], ..all() },
        Filter { tags: vec!["work".into()], ..all() },
        Filter { tags_any: vec!["straße".into(), "strasse".into()], ..all() },
        Filter { tags_none: vec!["work".into()], ..all() },
        Filter { parent: Some(ParentFilter::None), ..all() },
        Filter { parent: Some(ParentFilter::Of(uid(0))), ..all() },
        word(DueFilter::None),
        word(DueFilter::Any),
        word(DueFilter::Overdue),
        word(DueFilter::Today),
        word(DueFilter::Tomorrow),
        word(DueFilter::Week),
        Filter { due_from: Some(day), ..all() },
        Filter { due_to: Some(Bound::At(moment.now)), ..all() },
        all().search("a"),
        all().search("STRASSE milk"),
        said("overdue or due:none and not #work"),
        said("status:all (@home | urgency>=60 | repeating) not title:milk"),
        said("start:none or updated<today or waiting"),
    ]
}

/// Orders with every key.
pub const ORDERS: [&str; 8] = [
    "due",
    "-due,title",
    "priority,-updated",
    "title",
    "-title,created",
    "-created",
    "-urgency,title",
    "-id",
];

/// Every filter in one order, and every order with one filter.
pub fn queries(moment: Moment) -> Vec<TaskQuery> {
    let query = |filter, keys| TaskQuery {
        filter,
        order: order(keys),
        limit: Limit::All,
        count: true,
        ..TaskQuery::new(moment)
    };
    let all = Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    let filters = filters(&moment).into_iter().map(|filter| query(filter, "id"));
    filters.chain(ORDERS.map(|keys| query(all.clone(), keys))).collect()
}
