//! What is wrong with a request, all of it at once: each fault says where it lies.

use std::borrow::Cow;
use std::fmt;

use todo_core::recurrence::RuleError;
use todo_core::words::WordsError;
use todo_core::{ErrorCode, FieldError, Problem, TaskError};

/// Where a fault lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON pointer into the body.
    Body(String),
    /// A parameter of the query, or of the path.
    Parameter(Cow<'static, str>),
    /// A header.
    Header(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(pointer) if pointer.is_empty() => f.write_str("the body"),
            Self::Body(pointer) => f.write_str(pointer.trim_start_matches('/')),
            Self::Parameter(name) => f.write_str(name),
            Self::Header(name) => f.write_str(name),
        }
    }
}

/// What is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The stable code.
    pub code: ErrorCode,
    /// What is wrong, and what to do; it follows the name of the place in a sentence.
    pub message: String,
    /// Whether it could not even be read, as opposed to breaking a rule.
    pub ill_formed: bool,
}

impl Trouble {
    /// Breaks a rule of its field.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::ValidationError, message: message.into(), ill_formed: false }
    }

    /// Cannot be read.
    pub fn ill_formed(message: impl Into<String>) -> Self {
        Self { ill_formed: true, ..Self::new(message) }
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::new(problem.to_string())
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
        Self { code: error.code(), ..Self::new(error.to_string()) }
    }
}

impl From<WordsError> for Trouble {
    fn from(error: WordsError) -> Self {
        Self { code: error.code, ..Self::new(error.problem) }
    }
}

/// Something wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: Place,
    /// What.
    pub trouble: Trouble,
}

/// All that is wrong with a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// A single one.
    pub fn one(at: Place, trouble: impl Into<Trouble>) -> Self {
        Self(vec![Fault { at, trouble: trouble.into() }])
    }

    /// Notes one more.
    pub fn add(&mut self, at: Place, trouble: impl Into<Trouble>) {
        self.0.push(Fault { at, trouble: trouble.into() });
    }

    /// Nothing if nothing is wrong.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// The code that all share; faults of several kinds are invalid.
    pub fn code(&self) -> ErrorCode {
        let mut codes = self.0.iter().map(|fault| fault.trouble.code);
        let first = codes.next().unwrap_or(ErrorCode::ValidationError);
        if codes.all(|code| code == first) { first } else { ErrorCode::ValidationError }
    }

    /// Whether something of the request could not even be read (400, and not 422).
    pub fn ill_formed(&self) -> bool {
        self.0.iter().any(|fault| fault.trouble.ill_formed)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Fault { at, trouble }) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { "; " };
            write!(f, "{gap}{at} {}", trouble.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
