//! What is asked of a surface, in words that belong to none of them. The names are those of the
//! specification, and of the scenarios' files.

use serde::{Deserialize, Deserializer};

/// A task as it is named: a number, a uid, or the start of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ref(pub String);

impl From<u64> for Ref {
    fn from(id: u64) -> Self {
        Self(id.to_string())
    }
}

/// In data, a number is written as a number.
impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Number(id) => id.into(),
            Written::Text(text) => Self(text),
        })
    }
}

/// One task, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refs(pub Vec<Ref>);

impl<'de> Deserialize<'de> for Refs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(Ref),
            Several(Vec<Ref>),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::One(task) => vec![task],
            Written::Several(tasks) => tasks,
        }))
    }
}

/// The tasks that a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Those that are named.
    Named(Refs),
    /// Those that an expression means (Q9).
    Meant(String),
}

impl From<Ref> for Which {
    fn from(task: Ref) -> Self {
        Self::Named(Refs(vec![task]))
    }
}

/// In data, an expression is written `{"where": "tag:x and overdue"}`.
impl<'de> Deserialize<'de> for Which {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Where {
            r#where: String,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Named(Refs),
            Meant(Where),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Named(tasks) => Self::Named(tasks),
            Written::Meant(Where { r#where: filter }) => Self::Meant(filter),
        })
    }
}

/// How a task repeats, as it would be typed or sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeat {
    /// A rule of RFC 5545; or words, where a surface takes them.
    pub rule: String,
    /// `schedule` or `completion`.
    pub from: Option<String>,
    /// `on_completion` or `on_schedule`.
    pub spawn: Option<String>,
}

/// In data, a rule alone is written as a text.
impl<'de> Deserialize<'de> for Repeat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            rule: String,
            from: Option<String>,
            spawn: Option<String>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Rule(String),
            Fields(Fields),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Rule(rule) => Self { rule, ..Self::default() },
            Written::Fields(Fields { rule, from, spawn }) => Self { rule, from, spawn },
        })
    }
}

/// A reminder to be set: with `offset` or with `at`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Remind {
    /// So long before the due date: `-PT1H`.
    pub offset: Option<String>,
    /// An instant.
    pub at: Option<String>,
    /// What it says beside the title. Only a reminder that is set by itself has one.
    pub message: Option<String>,
    /// How it comes; likewise.
    pub channel: Option<String>,
}

impl Remind {
    /// The offset or the instant, as it was written.
    pub fn when(&self) -> &str {
        self.offset.as_deref().or(self.at.as_deref()).unwrap_or_default()
    }
}

/// A task to be made; every value as it would be typed or sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields of a task, by their JSON names")]
pub struct Draft {
    pub title: String,
    pub description: Option<String>,
    pub priority: Option<String>,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub parent: Option<Ref>,
    pub start_date: Option<String>,
    pub due_date: Option<String>,
    pub recurrence: Option<Repeat>,
    /// Not given is what the owner prefers, an empty list is never.
    pub reminders: Option<Vec<Remind>>,
}

/// A change to a value that may be absent. In data: no name, `null`, or a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Take it away.
    Clear,
    /// Set it.
    Set(T),
}

impl<T> Change<T> {
    /// The change of another type that reads the same.
    pub fn as_ref(&self) -> Change<&T> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A name that is not there never comes here: `default` has kept it.
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// Changes to fields of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields of a task, by their JSON names")]
pub struct Edits {
    pub title: Option<String>,
    pub description: Change<String>,
    pub status: Option<String>,
    pub priority: Option<String>,
    pub project: Change<String>,
    /// These and no others.
    pub tags: Option<Vec<String>>,
    pub add_tags: Vec<String>,
    pub remove_tags: Vec<String>,
    pub parent: Change<Ref>,
    pub start_date: Change<String>,
    pub due_date: Change<String>,
    pub recurrence: Change<Repeat>,
    /// These and no others.
    pub reminders: Option<Vec<Remind>>,
    /// How far a change goes: `this` or `future`.
    pub scope: Option<String>,
}

/// What can be done to a task as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the verbs of the specification")]
pub enum Verb {
    Start,
    Complete,
    Cancel,
    Skip,
    Reopen,
    Delete,
    Restore,
    Purge,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Start,
        Self::Complete,
        Self::Cancel,
        Self::Skip,
        Self::Reopen,
        Self::Delete,
        Self::Restore,
        Self::Purge,
    ];
}

/// How something is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct How {
    /// Say what would happen and change nothing (S5).
    pub dry_run: bool,
    /// Include open subtasks (S8).
    pub cascade: bool,
    /// Refuse everything if one item is refused (S5).
    pub atomic: bool,
    /// The version that the asker has seen (S3).
    pub version: Option<u64>,
}

/// Which tasks, in which order, and how many (Q1 to Q7, Q9).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the parameters of the specification's section 2")]
pub struct Question {
    pub status: Vec<String>,
    pub priority: Vec<String>,
    pub project: Vec<String>,
    pub tag: Vec<String>,
    pub tag_any: Vec<String>,
    pub tag_none: Vec<String>,
    pub parent: Option<Ref>,
    pub due: Option<String>,
    pub due_from: Option<String>,
    pub due_to: Option<String>,
    pub search: Option<String>,
    pub filter: Option<String>,
    pub sort: Option<String>,
    pub limit: Option<u32>,
    pub trash: bool,
    pub waiting: bool,
}

impl Question {
    /// Every task outside the trash, by number.
    pub fn everything() -> Self {
        Self {
            status: vec!["all".to_owned()],
            waiting: true,
            sort: Some("id".to_owned()),
            ..Self::default()
        }
    }

    /// Everything in the trash, by number.
    pub fn trash() -> Self {
        Self { trash: true, sort: Some("id".to_owned()), ..Self::default() }
    }
}
