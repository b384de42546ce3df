//! What is wrong with a request, collected while it is read, so that all of it is answered at once.

use std::ops::Range;

use todo_core::error::excerpt;
use todo_core::recurrence::RuleError;
use todo_core::words::WordsError;
use todo_core::{ErrorCode, FieldError, Problem, TaskError};

use crate::ApiError;
use crate::problem::{Fault, Place};

/// Most faults that are told of: a body can hold very many.
const TOLD: usize = 50;

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The stable code of the refusal.
    code: ErrorCode,
    /// The kind of fault, for programs.
    kind: &'static str,
    /// What is wrong, and what to do; it follows the name of the place in a sentence.
    message: String,
    /// Of words, where in them it is.
    part: Option<Range<usize>>,
}

impl Trouble {
    /// A fault of a kind.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { code: ErrorCode::ValidationError, kind, message: message.into(), part: None }
    }

    /// What is no name of a task here: the first characters of a uid are for people.
    pub(crate) fn not_a_task(text: &str) -> Self {
        let shown = excerpt(text);
        let message = format!("{shown:?} is no task; write its number, or the whole uid");
        Self::new(Problem::NotAReference(shown).code(), message)
    }

    /// A value of another type than the field's.
    pub fn type_of(message: &'static str) -> Self {
        Self::new("wrong_type", message)
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::new(problem.code(), problem.to_string())
    }
}

impl From<FieldError> for Trouble {
    fn from(error: FieldError) -> Self {
        error.problem.into()
    }
}

impl From<RuleError> for Trouble {
    fn from(error: RuleError) -> Self {
        let error = TaskError::UnsupportedRule(error);
        let code = error.code();
        Self { code, ..Self::new(code.as_str(), format!("cannot be: {error}")) }
    }
}

impl From<WordsError> for Trouble {
    fn from(error: WordsError) -> Self {
        let message = format!("is not understood: {}", error.problem);
        let part = Some(error.at);
        Self { code: error.code, part, ..Self::new("not_understood", message) }
    }
}

/// All that is wrong with a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    all: Vec<(Place, Trouble)>,
}

impl Faults {
    /// A single one.
    pub(crate) fn one(at: Place, trouble: impl Into<Trouble>) -> ApiError {
        let mut faults = Self::default();
        faults.add(at, trouble);
        faults.into_error()
    }

    /// Notes one more.
    pub(crate) fn add(&mut self, at: Place, trouble: impl Into<Trouble>) {
        if self.all.len() < TOLD {
            self.all.push((at, trouble.into()));
        }
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The refusal: by the code that all share, or as invalid. What is wrong with a parameter is a
    /// fault of form (400); what is wrong with a body that could be read breaks a rule (422).
    pub(crate) fn into_error(self) -> ApiError {
        let mut codes = self.all.iter().map(|(_, trouble)| trouble.code);
        let first = codes.next().unwrap_or(ErrorCode::ValidationError);
        let code = if codes.all(|code| code == first) { first } else { ErrorCode::ValidationError };
        let is_form = self.all.iter().any(|(at, _)| matches!(at, Place::Parameter(_)));
        let faults = self.all.into_iter();
        let faults = faults.map(|(at, trouble)| {
            let fault = Fault::new(at, trouble.kind, &trouble.message);
            match trouble.part {
                Some(part) => fault.in_part(part),
                None => fault,
            }
        });
        let error = ApiError::coded(code, faults.collect());
        if is_form { error.status(axum::http::StatusCode::BAD_REQUEST) } else { error }
    }
}
