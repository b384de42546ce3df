//! What is meant by what was typed: texts become values of the core, and each fault points at the
//! argument it is in.

use std::ops::RangeInclusive;

use todo_core::query::{Bound, DueFilter, ParentFilter, ProjectFilter};
use todo_core::{
    Description, Due, FieldError, Filter, Limit, NewTask, Order, Patch, Priority, Problem, Project,
    Revision, Status, Tag, Tags, TagsPatch, TaskError, TaskId, TaskPatch, TaskQuery, TaskRef,
    Title,
};

use crate::args::{AddArgs, EditArgs, FilterArgs, ListArgs};
use crate::error::{CliError, faulty};
use crate::session::{Session, Trashed};

/// The word that takes a value away.
const NONE: &str = "none";

/// One argument that names tasks.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// As typed.
    pub(crate) typed: String,
    pub(crate) named: Named,
}

/// What an argument names.
#[derive(Debug, Clone)]
pub(crate) enum Named {
    One(TaskRef),
    /// Those of the numbers that exist.
    Range(RangeInclusive<u64>),
}

/// Reads ids, ranges and uids.
pub(crate) fn targets(typed: &[String]) -> Result<Vec<Target>, CliError> {
    typed.iter().map(|typed| target(typed)).collect()
}

fn target(typed: &str) -> Result<Target, CliError> {
    let range = typed.split_once('-').filter(|(from, to)| {
        [from, to].iter().all(|end| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()))
    });
    let named = match range {
        None => Named::One(reference(typed)?),
        Some((from, to)) => match (from.parse::<u64>(), to.parse::<u64>()) {
            (Ok(from), Ok(to)) if from <= to && from > 0 => Named::Range(from..=to),
            (Ok(from), Ok(to)) if from > to && to > 0 => {
                let hint = Some(format!("write the smaller number first: {to}-{from}"));
                let what = format!("{typed} is not a range of ids");
                return Err(CliError::usage(what, Some(typed), hint));
            }
            _ => {
                let hint = Some("ids begin at 1".to_owned());
                let what = format!("{typed} is not a range of ids");
                return Err(CliError::usage(what, Some(typed), hint));
            }
        },
    };
    Ok(Target { typed: typed.to_owned(), named })
}

/// Reads one id or uid.
pub(crate) fn reference(typed: &str) -> Result<TaskRef, CliError> {
    typed
        .parse()
        .map_err(|problem: Problem| CliError::usage(problem.to_string(), Some(typed), None))
}

fn text<T>(typed: &str, read: impl FnOnce(&str) -> Result<T, FieldError>) -> Result<T, CliError> {
    read(typed).map_err(|error| CliError::from(error).at(typed))
}

fn word<T: std::str::FromStr<Err = Problem>>(
    field: &'static str,
    typed: &str,
) -> Result<T, CliError> {
    typed.parse().map_err(|problem| {
        let hint = nearest(&problem).map(|word| format!("did you mean {word}?"));
        faulty(field, problem, typed).hint(hint)
    })
}

/// The word of a closed set that is most like the one given.
fn nearest(problem: &Problem) -> Option<&'static str> {
    let Problem::NotOneOf { given, allowed } = problem else { return None };
    similar(given, allowed.iter().copied())
}

/// The candidate most like a text, if any is like it.
pub(crate) fn similar<'c>(
    given: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    const ENOUGH: f64 = 0.75;
    let given = given.to_lowercase();
    // What the command is called is what people try for the status.
    let given = if given == "done" { "completed" } else { &given };
    candidates
        .map(|word| (strsim::jaro_winkler(given, word), word))
        .filter(|(likeness, _)| *likeness >= ENOUGH)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

fn due(session: &Session, field: &'static str, typed: &str) -> Result<Due, CliError> {
    Due::parse(typed, None, session.zone).map_err(|problem| faulty(field, problem, typed))
}

fn tag(typed: &str) -> Result<Tag, CliError> {
    let bare = typed.trim().strip_prefix('#').unwrap_or(typed);
    text(bare, Tag::new).map_err(|error| error.at(typed))
}

fn tags(typed: &[String]) -> Result<Vec<Tag>, CliError> {
    typed.iter().filter(|typed| !typed.is_empty()).map(|typed| tag(typed)).collect()
}

/// `todo add`.
pub(crate) fn new_task(
    session: &Session,
    uid: TaskId,
    args: &AddArgs,
) -> Result<NewTask, CliError> {
    let title = args.title.join(" ");
    let title = text(&title, Title::new).map_err(|error| error.at(&args.title[0]))?;
    let read = |field, typed: &Option<String>| {
        typed.as_deref().map(|typed| due(session, field, typed)).transpose()
    };
    Ok(NewTask {
        description: args.description.as_deref().map(|d| text(d, Description::new)).transpose()?,
        priority: match &args.priority {
            Some(typed) => word("priority", typed)?,
            None => Priority::Medium,
        },
        project: args.project.as_deref().map(|typed| text(typed, Project::new)).transpose()?,
        tags: Tags::new(tags(&args.tag)?)?,
        parent: args.parent.as_deref().map(reference).transpose()?,
        start_date: read("start_date", &args.start)?,
        due_date: read("due_date", &args.due)?,
        ..NewTask::new(uid, title)
    })
}

/// `none` takes away, anything else sets.
fn patch<T>(
    typed: Option<&str>,
    read: impl FnOnce(&str) -> Result<T, CliError>,
) -> Result<Patch<T>, CliError> {
    match typed {
        None => Ok(Patch::Keep),
        Some(typed) if typed.trim().is_empty() || typed.eq_ignore_ascii_case(NONE) => {
            Ok(Patch::Clear)
        }
        Some(typed) => read(typed).map(Patch::Set),
    }
}

/// `todo edit`.
pub(crate) fn task_patch(session: &Session, args: &EditArgs) -> Result<TaskPatch, CliError> {
    let status = args.status.as_deref().map(|typed| word::<Status>("status", typed)).transpose()?;
    let change = TaskPatch {
        title: args.title.as_deref().map(|typed| text(typed, Title::new)).transpose()?,
        description: patch(args.description.as_deref(), |typed| text(typed, Description::new))?,
        status,
        priority: args.priority.as_deref().map(|typed| word("priority", typed)).transpose()?,
        project: patch(args.project.as_deref(), |typed| text(typed, Project::new))?,
        tags: tags_patch(args)?,
        parent: patch(args.parent.as_deref(), reference)?,
        start_date: patch(args.start.as_deref(), |typed| due(session, "start_date", typed))?,
        due_date: patch(args.due.as_deref(), |typed| due(session, "due_date", typed))?,
    };
    if change == TaskPatch::default() {
        let hint = Some("say what to change, such as --title or --due; see `todo edit --help`");
        return Err(CliError::usage("there is nothing to change", None, hint.map(str::to_owned)));
    }
    Ok(change)
}

fn tags_patch(args: &EditArgs) -> Result<TagsPatch, CliError> {
    match args.tag.as_slice() {
        [] if args.add_tag.is_empty() && args.remove_tag.is_empty() => Ok(TagsPatch::Keep),
        [] => Ok(TagsPatch::Edit { add: tags(&args.add_tag)?, remove: tags(&args.remove_tag)? }),
        [only] if only.eq_ignore_ascii_case(NONE) => Ok(TagsPatch::Set(Tags::default())),
        several => Ok(TagsPatch::Set(Tags::new(tags(several)?)?)),
    }
}

/// The version that must still stand.
pub(crate) fn expected(args: &EditArgs) -> Option<Revision> {
    args.expect.map(Revision)
}

/// Which tasks a list or a count is about.
pub(crate) fn filter(session: &mut Session, args: &FilterArgs) -> Result<Filter, CliError> {
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

fn statuses(args: &FilterArgs) -> Result<Option<Vec<Status>>, CliError> {
    const OPEN: &str = "open";
    const ALL: &str = "all";
    const WORDS: &[&str] = &[OPEN, ALL, "pending", "in_progress", "completed", "cancelled"];
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
            ALL => statuses.extend(Status::ALL),
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

fn due_filter(session: &Session, args: &FilterArgs, filter: &mut Filter) -> Result<(), CliError> {
    let bound = |field, typed: &Option<String>| -> Result<Option<Bound>, CliError> {
        Ok(typed.as_deref().map(|typed| due(session, field, typed)).transpose()?.map(Bound::from))
    };
    filter.due_from = bound("due_from", &args.due_from)?;
    filter.due_to = bound("due_to", &args.due_to)?;
    let Some(typed) = args.due.as_deref() else { return Ok(()) };
    match typed.parse::<DueFilter>() {
        Ok(word) => filter.due = Some(word),
        // A date is that day, from its first instant to the next day's.
        Err(words) => match Due::parse(typed, None, session.zone) {
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
                return Err(faulty("due", words, typed).hint(Some(hint)));
            }
            // It was meant to be a date: say what is wrong with it as one.
            Err(date) if typed.starts_with(|c: char| c.is_ascii_digit()) => {
                return Err(faulty("due", date, typed));
            }
            Err(_) => {
                let hint = nearest(&words).map_or_else(
                    || "or write a day, such as 2026-12-01".to_owned(),
                    |word| format!("did you mean {word}?"),
                );
                return Err(faulty("due", words, typed).hint(Some(hint)));
            }
        },
    }
    Ok(())
}

/// `todo list`. The terminal owns its file: unless a limit is asked for, every task is shown.
pub(crate) fn query(session: &mut Session, args: &ListArgs) -> Result<TaskQuery, CliError> {
    let filter = filter(session, &args.filter)?;
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
