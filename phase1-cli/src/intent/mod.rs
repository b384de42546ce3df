//! What is meant by what was typed: texts become values of the core, and each fault points at the
//! argument it is in.

mod filter;
pub(crate) mod format;
pub(crate) mod words;

use std::ops::RangeInclusive;

use todo_core::{
    Description, FieldError, NewTask, Patch, Problem, Project, RemindersPatch, Revision, Status,
    Tag, Tags, TagsPatch, Task, TaskId, TaskNo, TaskPatch, TaskRef, Title,
};

use crate::args::{AddArgs, EditArgs};
use crate::error::{CliError, faulty};
use crate::session::Session;

pub(crate) use filter::{context, expression, filter, flags, out_of_context, query};

/// The word that takes a value away.
pub(crate) const NONE: &str = "none";

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

impl From<TaskNo> for Target {
    fn from(id: TaskNo) -> Self {
        Self { typed: id.to_string(), named: Named::One(id.into()) }
    }
}

/// What the words that say which tasks are meant say.
#[derive(Debug, Clone)]
pub(crate) enum Which {
    /// They name each.
    Named(Vec<Target>),
    /// They are a filter.
    Matching(String),
}

/// Reads ids, or else a filter. One id among them, or a number at their beginning, says that ids
/// are meant.
pub(crate) fn which(typed: &[String]) -> Result<Which, CliError> {
    let read: Vec<_> = typed.iter().map(|typed| target(typed)).collect();
    let is_number = |typed: &String| typed.trim_start().starts_with(|c: char| c.is_ascii_digit());
    // "feed" may be the start of a uid, and is far more likely a word: who means the uid writes more
    // of it, or id:feed.
    let is_word = |target: &Target| {
        let letters = target.typed.chars().all(|c| c.is_ascii_alphabetic());
        letters && matches!(target.named, Named::One(TaskRef::Prefix(_)))
    };
    let no_id = |read: &Result<Target, CliError>| read.as_ref().map_or(true, is_word);
    let is_filter = read.iter().all(no_id) && !typed.first().is_some_and(is_number);
    if is_filter {
        return Ok(Which::Matching(typed.join(" ")));
    }
    read.into_iter().collect::<Result<_, _>>().map(Which::Named)
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

pub(crate) fn text<T>(
    typed: &str,
    read: impl FnOnce(&str) -> Result<T, FieldError>,
) -> Result<T, CliError> {
    read(typed).map_err(|error| CliError::from(error).at(typed))
}

pub(crate) fn word<T: std::str::FromStr<Err = Problem>>(
    field: &'static str,
    typed: &str,
) -> Result<T, CliError> {
    typed.parse().map_err(|problem| {
        let hint = nearest(&problem).map(|word| format!("did you mean {word}?"));
        faulty(field, problem, typed).hint(hint)
    })
}

/// The word of a closed set that is most like the one given.
pub(crate) fn nearest(problem: &Problem) -> Option<&'static str> {
    let Problem::NotOneOf { given, allowed } = problem else { return None };
    similar(given, allowed.iter().copied())
}

/// The candidate most like a text, if any is like it. What the command is called is what people
/// try for the status.
pub(crate) fn similar<'c>(
    given: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    let given = if given.eq_ignore_ascii_case("done") { "completed" } else { given };
    todo_core::error::similar(given, candidates)
}

fn tag(typed: &str) -> Result<Tag, CliError> {
    if let Some(tag) = typed.strip_prefix("ag:") {
        // "-tag:work" is read as "-t ag:work".
        let hint = format!("for tasks without the tag write --no-tag {tag}, or 'not tag:{tag}'");
        return Err(CliError::usage("-tag: is no flag", Some(&format!("-t{typed}")), Some(hint)));
    }
    let bare = typed.trim().strip_prefix('#').unwrap_or(typed);
    text(bare, Tag::new).map_err(|error| error.at(typed))
}

fn tags(typed: &[String]) -> Result<Vec<Tag>, CliError> {
    typed.iter().filter(|typed| !typed.is_empty()).map(|typed| tag(typed)).collect()
}

/// `todo add`: what the text says, and what the flags say over it.
pub(crate) fn new_task(
    session: &Session,
    uid: TaskId,
    args: &AddArgs,
) -> Result<NewTask, CliError> {
    let typed = args.title.join(" ");
    let said = if args.literal {
        let title = text(&typed, Title::new).map_err(|error| error.at(&args.title[0]))?;
        NewTask::new(uid, title)
    } else {
        words::quick_add(session, uid, &typed)?
    };
    let date = |field, typed: &Option<String>, said| match typed.as_deref() {
        None => Ok(said),
        Some(typed) if words::is_none(typed) => Ok(None),
        Some(typed) => words::date(session, field, typed).map(Some),
    };
    let more = Tags::new(said.tags.iter().cloned().chain(tags(&args.tag)?))?;
    let mut new = NewTask {
        description: args.description.as_deref().map(|d| text(d, Description::new)).transpose()?,
        priority: match &args.priority {
            Some(typed) => word("priority", typed)?,
            None => said.priority,
        },
        project: match &args.project {
            Some(typed) => Some(text(typed, Project::new)?),
            None => said.project.clone(),
        },
        tags: more,
        parent: args.parent.as_deref().map(reference).transpose()?,
        start_date: date("start_date", &args.start, said.start_date)?,
        due_date: date("due_date", &args.due, said.due_date)?,
        ..said
    };
    let said = new.recurrence.take();
    (new.recurrence, new.due_date) =
        words::first(session, args.repeat.as_deref(), &args.series, said, new.due_date)?;
    if !args.remind.is_empty() {
        new.reminders = Some(words::reminders(session, &args.remind)?);
    }
    Ok(new)
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

/// `todo edit`: the change to one task, whose dates a recurrence is fitted to.
pub(crate) fn task_patch(
    session: &Session,
    args: &EditArgs,
    task: &Task,
) -> Result<TaskPatch, CliError> {
    let status = args.status.as_deref().map(|typed| word::<Status>("status", typed)).transpose()?;
    let mut change = TaskPatch {
        title: args.title.as_deref().map(|typed| text(typed, Title::new)).transpose()?,
        description: patch(args.description.as_deref(), |typed| text(typed, Description::new))?,
        status,
        priority: args.priority.as_deref().map(|typed| word("priority", typed)).transpose()?,
        project: patch(args.project.as_deref(), |typed| text(typed, Project::new))?,
        tags: tags_patch(args)?,
        parent: patch(args.parent.as_deref(), reference)?,
        start_date: patch(args.start.as_deref(), |typed| {
            words::date(session, "start_date", typed)
        })?,
        due_date: patch(args.due.as_deref(), |typed| words::date(session, "due_date", typed))?,
        recurrence: Patch::Keep,
        reminders: reminders_patch(session, args)?,
        scope: args.scope.as_deref().map(|typed| word("scope", typed)).transpose()?,
    };
    words::repeat(session, args.repeat.as_deref(), &args.series, task, &mut change)?;
    if change == TaskPatch::default() {
        let hint = Some("say what to change, such as --title or --due; see `todo edit --help`");
        return Err(CliError::usage("there is nothing to change", None, hint.map(str::to_owned)));
    }
    Ok(change)
}

fn reminders_patch(session: &Session, args: &EditArgs) -> Result<RemindersPatch, CliError> {
    match args.remind.as_slice() {
        [] => Ok(RemindersPatch::Keep),
        typed => words::reminders(session, typed).map(RemindersPatch::Set),
    }
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
