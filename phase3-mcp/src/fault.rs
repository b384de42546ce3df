//! What a call can be refused for, and how a model is told: what is wrong, where, and what to do next.

use serde_json::{Map, Value, json};
use todo_client::ClientError;
use todo_core::error::{Candidate, excerpt};
use todo_core::service::ServiceError;
use todo_core::wire::details;
use todo_core::words::WordsError;
use todo_core::{ErrorCode, FieldError, Problem, StoreError, TaskError};

use crate::confirm::Unconfirmed;
use crate::told::Short;

/// Why a call was refused. Nothing has changed when one of these is answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The rules, or the store.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The server that the tasks are on refused it, or could not be asked.
    #[error("{0}")]
    Server(#[source] Box<ClientError>),
    /// The arguments are not what the tool takes.
    #[error("{place}: {message}")]
    Arguments {
        /// Where in them.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// They are longer than is read.
    #[error("the arguments are {got} bytes long; at most {max} are read")]
    TooLong {
        /// How long they are.
        got: usize,
        /// The bound.
        max: usize,
    },
    /// Who asks may not change anything.
    #[error("this token may only read; nothing has changed")]
    ReadOnly,
    /// A name that fits no task, or not one only.
    #[error("{error}")]
    Reference {
        /// What the core says of it.
        error: Box<TaskError>,
        /// The tasks that may have been meant, the most likely first.
        candidates: Vec<Candidate>,
        /// What to do.
        hint: String,
    },
    /// A filter that means no task.
    #[error("no task is like {filter:?}")]
    NoneLike {
        /// As it was written, shortened.
        filter: String,
        /// Where it was looked.
        hint: String,
    },
    /// More than one task would change, and nobody has confirmed that.
    #[error("{what}; nothing has changed yet")]
    Confirm {
        /// What would happen.
        what: String,
        /// What to send back.
        token: String,
        /// The tasks that would change, as they would be, and how many more.
        tasks: Vec<Short>,
        /// How many tasks are not shown.
        more: usize,
        /// What would be refused of it.
        refused: Vec<Value>,
    },
    /// The person was asked, and did not agree.
    #[error("the user was asked and did not agree; nothing has changed")]
    Declined,
    /// A confirmation that is not taken.
    #[error("{0}; nothing has changed")]
    Unconfirmed(#[source] UnconfirmedError),
}

/// See [`Fault::Unconfirmed`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct UnconfirmedError(#[from] Unconfirmed);

impl From<Unconfirmed> for Fault {
    fn from(why: Unconfirmed) -> Self {
        Self::Unconfirmed(UnconfirmedError(why))
    }
}

impl From<TaskError> for Fault {
    fn from(error: TaskError) -> Self {
        Self::Service(error.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        TaskError::from(error).into()
    }
}

impl Fault {
    /// A value that breaks the rule of its argument.
    pub(crate) fn field(field: &'static str, problem: Problem) -> Self {
        TaskError::field(field, problem).into()
    }

    /// Words that are not understood.
    pub(crate) fn words(field: &'static str, error: WordsError) -> Self {
        TaskError::Words { field, error: Box::new(error) }.into()
    }

    /// Arguments that do not go together.
    pub(crate) fn arguments(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Arguments { place: place.into(), message: message.into() }
    }

    /// The same of a task that was to be the parent: it is that argument that is wrong.
    pub(crate) fn of_parent(self) -> Self {
        let Self::Reference { error, candidates, hint } = self else { return self };
        let problem = match *error {
            TaskError::NotFound(reference) => Problem::NoParent(reference),
            TaskError::Validation(mut fields) if fields.len() == 1 => fields.remove(0).problem,
            other => return Self::Reference { error: Box::new(other), candidates, hint },
        };
        Self::Reference { error: Box::new(TaskError::field("parent", problem)), candidates, hint }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Service(error) => error.code(),
            Self::Server(error) => error.code(),
            Self::Arguments { .. } => ErrorCode::ValidationError,
            Self::TooLong { .. } => ErrorCode::PayloadTooLarge,
            Self::ReadOnly => ErrorCode::Forbidden,
            Self::Reference { error, .. } => error.code(),
            Self::NoneLike { .. } => ErrorCode::NotFound,
            Self::Confirm { .. } | Self::Declined | Self::Unconfirmed(_) => {
                ErrorCode::ConfirmationRequired
            }
        }
    }

    /// The refusal as JSON, as a model reads it.
    pub fn to_json(&self) -> Value {
        self.told(true)
    }

    /// The same. `tells_causes` is whether what a store says of itself is for the asker.
    pub(crate) fn told(&self, tells_causes: bool) -> Value {
        let mut told = Map::new();
        told.insert("code".to_owned(), json!(self.code().as_str()));
        told.insert("message".to_owned(), json!(self.message(tells_causes)));
        match self {
            Self::Service(ServiceError::Refused(error)) => told.append(&mut shown(error)),
            Self::Arguments { place, message } if !place.is_empty() => {
                told.insert("fields".to_owned(), json!([{ "field": place, "message": message }]));
            }
            Self::Reference { error, candidates, .. } => {
                told.append(&mut shown(error));
                let named = |task: &Candidate| json!({ "id": task.id, "title": task.title });
                let named: Vec<_> = candidates.iter().map(named).collect();
                told.insert("candidates".to_owned(), json!(named));
            }
            Self::Confirm { token, tasks, more, refused, .. } => {
                told.insert("confirm".to_owned(), json!(token));
                told.insert("tasks".to_owned(), json!(tasks));
                for (name, value, is_told) in [
                    ("more", json!(more), *more > 0),
                    ("refused", json!(refused), !refused.is_empty()),
                ] {
                    if is_told {
                        told.insert(name.to_owned(), value);
                    }
                }
            }
            _ => {}
        }
        if let Some(hint) = self.hint() {
            told.insert("hint".to_owned(), json!(hint));
        }
        json!({ "error": told })
    }

    fn message(&self, tells_causes: bool) -> String {
        match self {
            Self::Service(ServiceError::Store(error)) if !tells_causes => match error {
                StoreError::Conflict | StoreError::Repeated => error.to_string(),
                StoreError::Unavailable(_) => "the tasks cannot be reached now".to_owned(),
                StoreError::Corrupt(_) => "the stored tasks cannot be read".to_owned(),
                _ => "the store failed".to_owned(),
            },
            _ => self.to_string(),
        }
    }

    /// What to do about it, where the message does not say that already.
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Reference { hint, .. } | Self::NoneLike { hint, .. } => hint.clone(),
            Self::Confirm { .. } => {
                "tell the user which tasks this changes; if they agree, send the \
                same call again with this `confirm`, within 10 minutes"
                    .to_owned()
            }
            Self::Unconfirmed(_) => {
                "send the call without `confirm` to see what it would do now".to_owned()
            }
            Self::Declined => {
                "do not try it in another way; ask the user what they want".to_owned()
            }
            Self::TooLong { .. } => "send less at a time".to_owned(),
            Self::ReadOnly => {
                "tell the user that changing tasks needs a token that may write".to_owned()
            }
            Self::Service(ServiceError::Refused(error)) => return advice(error),
            Self::Server(error) => return on_server(error),
            Self::Service(ServiceError::Store(error)) => match error {
                StoreError::Unavailable(_) | StoreError::Conflict => {
                    "nothing was changed; try again in a moment".to_owned()
                }
                StoreError::Corrupt(_) => {
                    "nothing was changed; tell the user to run `todo doctor`".to_owned()
                }
                _ => return None,
            },
            Self::Service(_) | Self::Arguments { .. } => return None,
        })
    }
}

/// What to do when the server does not: mostly it is the user who can.
fn on_server(error: &ClientError) -> Option<String> {
    Some(match error {
        ClientError::Unreachable { .. } => {
            "tell the user; try again when the server can be reached".to_owned()
        }
        ClientError::Unanswered { .. } => {
            "look with list_tasks whether it was done before you try again".to_owned()
        }
        ClientError::TokenRefused(server) => {
            format!("tell the user to make another token on {server} and to set TODO_TOKEN to it")
        }
        ClientError::Refused(refusal) => match refusal.code {
            ErrorCode::Unauthorized => {
                "tell the user to make another token, and to log in with it: \
                 todo login --token"
                    .to_owned()
            }
            ErrorCode::Forbidden => {
                "the token may only read; tell the user that changes need one that may write"
                    .to_owned()
            }
            ErrorCode::VersionConflict => "nothing was changed; look again".to_owned(),
            ErrorCode::RateLimited => "wait, and then go on with fewer calls".to_owned(),
            _ => return None,
        },
        error => format!("tell the user: {}", error.hint()?),
    })
}

/// What a rule's refusal says beside its code and message: a task is told short.
pub(crate) fn shown(error: &TaskError) -> Map<String, Value> {
    let mut details = details(error);
    if let TaskError::VersionConflict { current, .. } | TaskError::UidTaken { current } = error {
        details.insert("current".to_owned(), json!(Short::from(&**current)));
    }
    if let Some(Value::Array(candidates)) = details.get_mut("candidates") {
        // Nobody says them, and each is as long as a sentence.
        candidates.iter_mut().filter_map(Value::as_object_mut).for_each(|task| {
            task.remove("uid");
        });
    }
    details
}

fn advice(error: &TaskError) -> Option<String> {
    Some(match error {
        TaskError::Words { error, .. } => error.suggestion.clone()?,
        TaskError::VersionConflict { .. } => {
            "call get_task, look at what changed, and send the call with that version".to_owned()
        }
        TaskError::StepConflict { .. } => {
            "something newer stands in the way: call undo without `step` first, or change the task \
             with update_task"
                .to_owned()
        }
        TaskError::OpenSubtasks { .. } => {
            "ask the user; then complete the subtasks, or set `cascade`".to_owned()
        }
        TaskError::NotFound(_) => "call list_tasks to see the ids".to_owned(),
        TaskError::InvalidCursor => "call list_tasks again without `cursor`".to_owned(),
        TaskError::InvalidTransition { .. } | TaskError::NotOpen { .. } => {
            "call reopen_task first, if that is what the user wants".to_owned()
        }
        TaskError::Validation(fields) => {
            let given = fields.iter().find_map(|field| match &field.problem {
                // What people call a status.
                Problem::NotOneOf { given, allowed }
                    if given.eq_ignore_ascii_case("done") && allowed.contains(&"completed") =>
                {
                    Some("completed")
                }
                Problem::NotOneOf { given, allowed } => {
                    todo_core::error::similar(given, allowed.iter().copied())
                }
                _ => None,
            });
            format!("did you mean {}?", excerpt(given?))
        }
        _ => return None,
    })
}
