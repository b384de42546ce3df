//! Which tasks a query string means (Q1–Q9), in which order, and how many of them.

use todo_core::error::excerpt;
use todo_core::query::{
    Bound, DueFilter, Expression, Filters, Moment, PAGE_DEFAULT, PAGE_MAX, ParentFilter,
    ProjectFilter,
};
use todo_core::text::no_control;
use todo_core::words::Asking;
use todo_core::{
    Due, Filter, Limit, Order, Problem, Project, Status, Tag, TaskError, TaskQuery, TaskRef, Zone,
};

use crate::ApiError;
use crate::api::desk::Desk;
use crate::api::faults::{Faults, Trouble};
use crate::api::form::Read;
use crate::api::params::{Params, number, word};
use crate::problem::Place;

/// The word for the lack of a value.
const NONE: &str = "none";

/// Which tasks are wanted, as far as the query string alone says it.
#[derive(Debug)]
pub(crate) struct Wanted {
    filter: Filter,
    parent: Option<TaskRef>,
    expression: Option<String>,
    due: Option<Due>,
    zone: Zone,
}

impl Wanted {
    /// Takes what says which tasks are meant, and in which zone.
    pub(crate) fn read(params: &mut Params, home: Zone) -> Self {
        let zone = params.one("tz", |name| Ok(todo_core::time::zone(name)?)).unwrap_or(home);
        let mut filter = Filter {
            status: statuses(params),
            priority: params.any("priority", word),
            project: params.any("project", project),
            trash: params.flag("trash"),
            waiting: params.flag("waiting"),
            ..Filter::default()
        };
        filter.tags = tags(params, "tag");
        filter.tags_any = tags(params, "tag_any");
        filter.tags_none = tags(params, "tag_none");
        let mut due = None;
        params.one("due", |text| match text.parse::<DueFilter>() {
            Ok(word) => {
                filter.due = Some(word);
                Ok(())
            }
            Err(problem) => match Due::parse(text, None, zone) {
                Ok(day @ Due::Day(_)) => {
                    due = Some(day);
                    Ok(())
                }
                _ => Err(problem.into()),
            },
        });
        let bound = |text: &str| Ok(Bound::from(Due::parse(text, None, zone)?));
        filter.due_from = params.one("due_from", bound);
        filter.due_to = params.one("due_to", bound);
        for words in params.many("search") {
            if let Err(problem) = no_control(&words) {
                params.fault("search", problem);
            }
            filter = filter.search(&words);
        }
        let parent = params.one("parent", |text| match text.parse::<TaskRef>() {
            _ if text.eq_ignore_ascii_case(NONE) => Ok(None),
            Ok(TaskRef::Prefix(_)) | Err(_) => Err(Trouble::not_a_task(text)),
            Ok(reference) => Ok(Some(reference)),
        });
        if parent == Some(None) {
            filter.parent = Some(ParentFilter::None);
        }
        let expression = params.one("filter", |text| Ok(text.to_owned()));
        Self { filter, parent: parent.flatten(), expression, due, zone }
    }

    /// When and where it is asked.
    pub(crate) fn moment(&self, desk: &Desk) -> Moment {
        Moment { zone: self.zone, ..desk.moment() }
    }

    /// The filter, once what it names was looked up.
    pub(crate) async fn filter(self, desk: &Desk) -> Result<Filter, ApiError> {
        let moment = self.moment(desk);
        let mut filter = self.filter;
        if let Some(reference) = &self.parent {
            filter.parent = Some(ParentFilter::Of(desk.shown(reference, filter.trash).await?.uid));
        }
        if let Some(text) = &self.expression {
            let saved = desk.app.store.filters(desk.ctx.owner).await?;
            filter.expression = Some(expression(text, moment, &saved)?);
        }
        if let Some(Due::Day(day)) = self.due {
            // Both hold (Q1): the later beginning and the earlier end.
            let ends = [Some(day), day.succ_opt()].map(|day| day.map(Bound::Day));
            let [first, next] = ends;
            let at = |bound: &Bound| bound.instant(self.zone);
            filter.due_from = first.into_iter().chain(filter.due_from).max_by_key(at);
            filter.due_to = next.into_iter().chain(filter.due_to).min_by_key(at);
        }
        Ok(filter)
    }
}

fn expression(text: &str, moment: Moment, saved: &Filters) -> Result<Expression, ApiError> {
    let asking = Asking { moment, date_order: None };
    Expression::parse(text, &asking, saved)
        .map_err(|error| Faults::one(Place::Parameter("filter".to_owned()), error))
}

fn statuses(params: &mut Params) -> Option<Vec<Status>> {
    const WORDS: &[&str] =
        &["open", "closed", "all", "pending", "in_progress", "completed", "cancelled"];
    let any = params.any("status", |text| {
        let of = |open: bool| Status::ALL.iter().copied().filter(|s| s.is_open() == open).collect();
        Ok::<Vec<_>, Trouble>(match text.to_ascii_lowercase().as_str() {
            "open" => of(true),
            "closed" => of(false),
            "all" => Status::ALL.to_vec(),
            _ => vec![
                text.parse::<Status>()
                    .map_err(|_| Problem::NotOneOf { given: excerpt(text), allowed: WORDS })?,
            ],
        })
    });
    (!any.is_empty()).then(|| any.concat())
}

fn project(text: &str) -> Read<ProjectFilter> {
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(ProjectFilter::None);
    }
    Ok(ProjectFilter::within(&Project::new(text)?))
}

fn tags(params: &mut Params, name: &'static str) -> Vec<Box<str>> {
    let tags = params.any(name, |text| Ok(Tag::new(text)?));
    tags.iter().fold(Filter::default(), Filter::tag).tags
}

/// A page that is wanted.
#[derive(Debug)]
pub(crate) struct Paged {
    pub(crate) order: Order,
    pub(crate) limit: Limit,
    pub(crate) cursor: Option<String>,
    pub(crate) count: bool,
}

impl Paged {
    /// Takes what says which page is meant.
    pub(crate) fn read(params: &mut Params) -> Self {
        let order = params.one("sort", |text| {
            text.parse::<Order>().map_err(|error| match error {
                TaskError::Validation(mut fields) if fields.len() == 1 => {
                    fields.remove(0).problem.into()
                }
                error => Trouble::new("not_an_order", error.to_string()),
            })
        });
        let size = params.one("limit", number(1, PAGE_MAX.into()));
        let size = size.and_then(|size| u32::try_from(size).ok()).unwrap_or(PAGE_DEFAULT);
        let count = params.one("count", |text| match text {
            "exact" => Ok(true),
            "none" => Ok(false),
            _ => {
                let allowed = &["exact", "none"];
                Err(Problem::NotOneOf { given: excerpt(text), allowed }.into())
            }
        });
        Self {
            order: order.unwrap_or_default(),
            limit: Limit::Page(size),
            cursor: params.one("cursor", |text| Ok(text.to_owned())),
            count: count.unwrap_or_default(),
        }
    }

    /// The question.
    pub(crate) fn query(
        self,
        filter: Filter,
        moment: Moment,
        desk: &Desk,
    ) -> Result<TaskQuery, ApiError> {
        let Self { order, limit, cursor, count } = self;
        let query = TaskQuery { filter, order, limit, count, ..TaskQuery::new(moment) };
        let Some(cursor) = cursor else { return Ok(query) };
        let query = query.resume(&cursor, &desk.app.cursors)?;
        // A cursor holds the zone of its first page; under another, days mean other times.
        if query.moment.zone != moment.zone {
            return Err(TaskError::InvalidCursor.into());
        }
        Ok(query)
    }
}
