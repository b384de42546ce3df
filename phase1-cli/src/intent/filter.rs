//! Which tasks are meant by a filter, by flags, and by the context that stands.

use todo_core::query::{Bound, DueFilter, Expression, ParentFilter, ProjectFilter};
use todo_core::{Due, Filter, Limit, Order, Problem, Project, Status, TaskError, TaskQuery};

use super::{NONE, nearest, similar, tags, targets, text, word, words};
use crate::args::{FilterArgs, FilterFlags, OrderArgs};
use crate::error::{CliError, faulty};
use crate::named::Trashed;
use crate::session::Session;

/// Which tasks a list or a count is about.
pub(crate) fn filter(session: &mut Session, args: &FilterArgs) -> Result<Filter, CliError> {
    let filter = flags(session, &args.flags)?;
    let expression = match args.expression.as_slice() {
        [] => context(session)?,
        words => {
            let typed = expression(session, &words.join(" "))?;
            Some(match context(session)? {
                Some(context) => context.and(typed),
                None => typed,
            })
        }
    };
    Ok(Filter { expression, ..filter })
}

/// Which tasks an export is about: no context hides any of them.
pub(crate) fn out_of_context(session: &mut Session, args: &FilterArgs) -> Result<Filter, CliError> {
    let filter = flags(session, &args.flags)?;
    let expression = match args.expression.as_slice() {
        [] => None,
        words => Some(expression(session, &words.join(" "))?),
    };
    Ok(Filter { expression, ..filter })
}

/// A filter as it was typed.
pub(crate) fn expression(session: &mut Session, typed: &str) -> Result<Expression, CliError> {
    // Everywhere else a number is an id.
    let is_id = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '-');
    if typed.split_whitespace().all(is_id) && typed.contains(|c: char| c.is_ascii_digit()) {
        let ids = typed.split_whitespace().collect::<Vec<_>>().join(",");
        let hint = format!("did you mean id:{ids}? In quotes, \"{typed}\" is looked for");
        return Err(CliError::usage("a number alone is no filter", Some(typed), Some(hint)));
    }
    let saved = session.filters()?;
    Expression::parse(typed, &words::asking(session), &saved)
        .map_err(|error| words::not_understood("filter", error, typed))
}

/// The filter that stands over all others, if one does.
pub(crate) fn context(session: &mut Session) -> Result<Option<Expression>, CliError> {
    // The settings say which.
    session.store()?;
    if session.global.no_context {
        return Ok(None);
    }
    let Some(name) = session.settings.context() else { return Ok(None) };
    let saved = session.filters()?;
    let found = saved.expression(&name, &words::asking(session));
    found.map(Some).map_err(|error| {
        let hint = format!("the context {name} stands; `todo context none` lifts it");
        CliError::from(error).hint(Some(hint))
    })
}

/// Which tasks flags mean.
pub(crate) fn flags(session: &mut Session, args: &FilterFlags) -> Result<Filter, CliError> {
    // The settings decide the zone that dates are read in.
    session.store()?;
    let parent = match args.parent.as_deref() {
        None => None,
        Some(typed) if typed.eq_ignore_ascii_case(NONE) => Some(ParentFilter::None),
        Some(typed) => {
            let typed = [typed.to_owned()];
            let task = session.resolve(&targets(&typed)?, Trashed::Count)?.into_iter().next();
            task.map(|task| ParentFilter::Of(task.uid))
        }
    };
    let mut filter = Filter {
        status: statuses(args)?,
        priority: args.priority.iter().map(|p| word("priority", p)).collect::<Result<_, _>>()?,
        project: args.project.iter().map(|p| project(p)).collect::<Result<_, _>>()?,
        parent,
        trash: args.trash,
        waiting: args.waiting,
        ..Filter::default()
    };
    filter.tags = folded(&args.tag)?;
    filter.tags_any = folded(&args.any_tag)?;
    filter.tags_none = folded(&args.no_tag)?;
    due_filter(session, args, &mut filter)?;
    for words in &args.search {
        filter = filter.search(words);
    }
    Ok(filter)
}

fn folded(typed: &[String]) -> Result<Vec<Box<str>>, CliError> {
    Ok(tags(typed)?.iter().fold(Filter::default(), Filter::tag).tags)
}

fn statuses(args: &FilterFlags) -> Result<Option<Vec<Status>>, CliError> {
    const OPEN: &str = "open";
    const ALL: &str = "all";
    const CLOSED: &str = "closed";
    const WORDS: &[&str] = &[OPEN, CLOSED, ALL, "pending", "in_progress", "completed", "cancelled"];
    if args.all {
        return Ok(Some(Status::ALL.to_vec()));
    }
    if args.status.is_empty() {
        return Ok(None);
    }
    let mut statuses = Vec::new();
    for typed in &args.status {
        match typed.to_ascii_lowercase().as_str() {
            OPEN => statuses.extend(Status::ALL.iter().filter(|status| status.is_open())),
            CLOSED => statuses.extend(Status::ALL.iter().filter(|status| !status.is_open())),
            ALL => statuses.extend(Status::ALL),
            "done" => statuses.push(Status::Completed),
            _ => statuses.push(typed.parse().map_err(|_| {
                let given = todo_core::error::excerpt(typed);
                let hint = similar(typed, WORDS.iter().copied());
                let hint = hint.map(|word| format!("did you mean {word}?"));
                faulty("status", Problem::NotOneOf { given, allowed: WORDS }, typed).hint(hint)
            })?),
        }
    }
    Ok(Some(statuses))
}

fn project(typed: &str) -> Result<ProjectFilter, CliError> {
    if typed.eq_ignore_ascii_case(NONE) {
        return Ok(ProjectFilter::None);
    }
    Ok(ProjectFilter::within(&text(typed, Project::new)?))
}

fn due_filter(session: &Session, args: &FilterFlags, filter: &mut Filter) -> Result<(), CliError> {
    let bound = |field, typed: &Option<String>| -> Result<Option<Bound>, CliError> {
        Ok(typed
            .as_deref()
            .map(|typed| words::date(session, field, typed))
            .transpose()?
            .map(Bound::from))
    };
    filter.due_from = bound("due_from", &args.due_from)?;
    filter.due_to = bound("due_to", &args.due_to)?;
    let Some(typed) = args.due.as_deref() else { return Ok(()) };
    match typed.parse::<DueFilter>() {
        Ok(word) => filter.due = Some(word),
        // A date is that day, from its first instant to the next day's.
        Err(problem) => match words::date(session, "due", typed) {
            Ok(Due::Day(day)) => {
                let zone = session.zone;
                let [first, next] = [Some(day), day.succ_opt()].map(|day| day.map(Bound::Day));
                // Both flags hold (Q1): the later beginning and the earlier end.
                filter.due_from =
                    first.into_iter().chain(filter.due_from).max_by_key(|b| b.instant(zone));
                filter.due_to =
                    next.into_iter().chain(filter.due_to).min_by_key(|b| b.instant(zone));
            }
            Ok(Due::At { .. }) => {
                let hint = "name a day, or use --due-from and --due-to".to_owned();
                return Err(faulty("due", problem, typed).hint(Some(hint)));
            }
            Err(date) => {
                // One word is more likely one of the filter's than a date.
                let word = nearest(&problem).filter(|_| !typed.trim().contains(' '));
                return Err(match word {
                    Some(word) => {
                        faulty("due", problem, typed).hint(Some(format!("did you mean {word}?")))
                    }
                    None => date,
                });
            }
        },
    }
    Ok(())
}

/// The terminal owns its file: unless a limit is asked for, every task is shown.
pub(crate) fn query(
    session: &Session,
    filter: Filter,
    args: &OrderArgs,
) -> Result<TaskQuery, CliError> {
    let mut query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    if let Some(keys) = args.sort.as_deref() {
        query.order = keys.parse::<Order>().map_err(|error| {
            let hint = match &error {
                TaskError::Validation(fields) => fields.first().and_then(|e| nearest(&e.problem)),
                _ => None,
            };
            CliError::from(error).at(keys).hint(hint.map(|word| format!("did you mean {word}?")))
        })?;
    }
    if let Some(limit) = args.limit {
        query.limit = Limit::Page(limit);
        query.count = true;
    }
    Ok(query)
}
