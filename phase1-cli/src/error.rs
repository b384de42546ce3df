//! What `todo` says when it does not do what it was asked, and with which exit status.

mod mark;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use serde_json::json;
use todo_core::interchange::ImportError;
use todo_core::{ErrorCode, FieldError, Problem, ServiceError, StoreError, TaskError};
use todo_file::FileError;

use crate::remote::ServerError;
use crate::view::palette::Palette;
use crate::view::screen::visible;

use mark::mark_argument;

/// Exit status: refused.
const REFUSED: u8 = 1;
/// Exit status: not understood.
const USAGE: u8 = 2;
/// Exit status: the file, its disk, or the server.
const STORAGE: u8 = 3;

/// Why a command was not carried out. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The rules or the store.
    #[error("{error}")]
    Service {
        #[source]
        error: Box<ServiceError>,
        /// Which argument, as it was typed.
        argument: Option<String>,
        /// Which part of it, counted in characters; all of it unless said.
        part: Option<Range<usize>>,
        /// What to type instead.
        hint: Option<String>,
    },
    /// An argument that is not understood.
    #[error("{what}")]
    Usage { what: String, argument: Option<String>, hint: Option<String> },
    /// A range of ids in which there is no task.
    #[error("there are no tasks {typed}")]
    EmptyRange { typed: String, hint: Option<String> },
    /// A filter that means no task.
    #[error("{what}")]
    NothingLike { what: &'static str, typed: String, hint: Option<String> },
    /// A destructive act that nobody confirmed.
    #[error("{0}")]
    Unconfirmed(String),
    /// A file to be imported.
    #[error("cannot import {name}: {error}; nothing was imported")]
    Import { name: String, error: Box<ImportError> },
    /// Reading or writing something other than the tasks' file.
    #[error("cannot {doing}: {}", explain(.error))]
    Io { doing: String, error: io::Error },
    /// The output.
    #[error("cannot write the output: {}; what was asked may have been done", explain(.0))]
    Output(io::Error),
    /// The server.
    #[error(transparent)]
    Server(Box<ServerError>),
    /// What a server does by itself, or has no need of.
    #[error("{what}")]
    NotOnServer { what: &'static str, instead: &'static str },
    /// No server is known.
    #[error("no server is known")]
    NoServer,
    /// No place for the file is known.
    #[error("no home folder is known to keep the tasks in")]
    Homeless,
}

impl CliError {
    pub(crate) fn usage(
        what: impl Into<String>,
        argument: Option<&str>,
        hint: Option<String>,
    ) -> Self {
        Self::Usage { what: what.into(), argument: argument.map(ToOwned::to_owned), hint }
    }

    pub(crate) fn refused_range(typed: &str) -> Self {
        Self::EmptyRange { typed: typed.to_owned(), hint: None }
    }

    pub(crate) fn nothing_like(what: &'static str, typed: &str) -> Self {
        Self::NothingLike { what, typed: typed.to_owned(), hint: None }
    }

    /// Marks the argument that an error is about.
    #[must_use]
    pub(crate) fn at(mut self, typed: &str) -> Self {
        if let Self::Service { argument, .. } = &mut self {
            *argument = Some(typed.to_owned());
        }
        self
    }

    /// Marks a part of that argument.
    #[must_use]
    pub(crate) fn part(mut self, at: Range<usize>) -> Self {
        if let Self::Service { part, .. } = &mut self {
            *part = Some(at);
        }
        self
    }

    /// A task that is not there, but was to be a parent, is a faulty field and not a missing task.
    #[must_use]
    pub(crate) fn of_parent(mut self) -> Self {
        if let Self::Service { error, .. } = &mut self
            && let ServiceError::Refused(TaskError::NotFound(reference)) = &**error
        {
            let problem = Problem::NoParent(reference.clone());
            **error = TaskError::field("parent", problem).into();
        }
        self
    }

    /// Adds what to type instead.
    #[must_use]
    pub(crate) fn hint(mut self, text: Option<String>) -> Self {
        if let Self::Service { hint, .. }
        | Self::EmptyRange { hint, .. }
        | Self::NothingLike { hint, .. } = &mut self
        {
            *hint = text;
        }
        self
    }

    /// The stable code (SPEC 5).
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Service { error, .. } => error.code(),
            Self::EmptyRange { .. } | Self::NothingLike { .. } => ErrorCode::NotFound,
            Self::Usage { .. }
            | Self::Import { .. }
            | Self::NotOnServer { .. }
            | Self::NoServer => ErrorCode::ValidationError,
            Self::Server(error) => error.code(),
            Self::Unconfirmed(_) => ErrorCode::ConfirmationRequired,
            Self::Io { .. } | Self::Output(_) | Self::Homeless => ErrorCode::StorageUnavailable,
        }
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Self::Usage { .. } => USAGE,
            _ => match self.code() {
                ErrorCode::StorageUnavailable | ErrorCode::StorageCorrupt | ErrorCode::Internal => {
                    STORAGE
                }
                _ => REFUSED,
            },
        }
    }

    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether a field was refused.
    pub(crate) fn is_about(&self, field: &str) -> bool {
        let Self::Service { error, .. } = self else { return false };
        let ServiceError::Refused(TaskError::Validation(fields)) = &**error else { return false };
        fields.iter().any(|error| error.field == field)
    }

    /// What it is about, as it was typed, and what to type instead.
    fn place(&self) -> (Option<&str>, Option<Cow<'_, str>>) {
        if let Self::Server(error) = self {
            return (None, error.hint().map(Cow::Owned));
        }
        let (argument, hint) = self.known_place();
        (argument, hint.map(Cow::Borrowed))
    }

    fn known_place(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Service { argument, hint, .. } | Self::Usage { argument, hint, .. } => {
                (argument.as_deref(), hint.as_deref())
            }
            Self::EmptyRange { typed, hint } | Self::NothingLike { typed, hint, .. } => {
                (Some(typed), hint.as_deref())
            }
            Self::Unconfirmed(_) => (None, Some("add --yes to do it without being asked")),
            Self::NotOnServer { instead, .. } => (None, Some(instead)),
            Self::NoServer => (None, Some("log in: todo login https://todo.example.org")),
            Self::Homeless => (None, Some("name a file with --file, or set TODO_FILE")),
            _ => (None, None),
        }
    }

    /// The message, the place in the command line, and what to type instead.
    pub(crate) fn render(&self, palette: Palette) -> String {
        let Palette { alarm: mark, dim, strong, .. } = palette;
        let alarm = mark.effects(mark.get_effects() | strong.get_effects());
        let mut text = format!("{alarm}error:{alarm:#} {}", visible(&self.to_string()));
        let (argument, hint) = self.place();
        let part = if let Self::Service { part, .. } = self { part.clone() } else { None };
        if let Some((line, under)) = argument.and_then(|argument| mark_argument(argument, part)) {
            let _ = write!(text, "\n  {dim}{line}{dim:#}\n  {mark}{under}{mark:#}");
        }
        if let Some(hint) = hint {
            let _ = write!(text, "\n  {}", visible(&hint));
        }
        text
    }

    /// The same for programs (one line), with what the clock had brought before.
    pub(crate) fn json(&self, notes: Vec<serde_json::Value>) -> String {
        let (argument, hint) = self.place();
        let mut error = json!({ "code": self.code().as_str(), "message": self.to_string() });
        if let Some(map) = error.as_object_mut() {
            map.extend(argument.map(|argument| ("argument".to_owned(), argument.into())));
            map.extend(hint.map(|hint| ("hint".to_owned(), hint.into_owned().into())));
            if let Self::Service { error, .. } = self
                && let ServiceError::Refused(refused) = &**error
            {
                map.extend(todo_core::wire::details(refused));
            }
            if !notes.is_empty() {
                map.insert("notes".to_owned(), notes.into());
            }
        }
        format!("{{\"schema\":{},\"error\":{error}}}", crate::view::json::SCHEMA)
    }
}

/// What [`clap`] refuses, for programs: they asked for one shape, so they get it here too.
pub(crate) fn usage_json(refused: &clap::Error) -> String {
    let text = refused.render().to_string();
    let mut parts = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>());
    let message = parts.next().unwrap_or_default().join(" ");
    let message = message.trim_start_matches("error: ");
    let error = json!({ "code": ErrorCode::ValidationError.as_str(), "message": message });
    format!("{{\"schema\":{},\"error\":{error}}}", crate::view::json::SCHEMA)
}

/// The system's word for it, without its error number.
pub(crate) fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "it exists already; name another file".to_owned(),
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::StorageFull => "no space is left".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

impl From<ServiceError> for CliError {
    fn from(error: ServiceError) -> Self {
        let hint = match &error {
            ServiceError::Refused(TaskError::OpenSubtasks { .. }) => {
                Some("`todo done ID --cascade` includes the subtasks; so does cancel".to_owned())
            }
            ServiceError::Refused(TaskError::StepConflict { .. }) => Some(
                "`todo undo --list` shows the other steps; todo undo STEP takes one".to_owned(),
            ),
            _ => None,
        };
        Self::Service { error: Box::new(error), argument: None, part: None, hint }
    }
}

impl From<TaskError> for CliError {
    fn from(error: TaskError) -> Self {
        ServiceError::from(error).into()
    }
}

impl From<FieldError> for CliError {
    fn from(error: FieldError) -> Self {
        TaskError::from(error).into()
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        ServiceError::from(error).into()
    }
}

impl From<FileError> for CliError {
    fn from(error: FileError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<ServerError> for CliError {
    fn from(error: ServerError) -> Self {
        Self::Server(Box::new(error))
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A faulty value of an option.
pub(crate) fn faulty(field: &'static str, problem: Problem, typed: &str) -> CliError {
    CliError::from(FieldError::new(field, problem)).at(typed)
}
