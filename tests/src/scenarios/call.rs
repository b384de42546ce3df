//! One thing asked of a surface, as data.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::surfaces::asked::{Draft, Edits, How, Question, Ref, Refs, Remind, Verb, Which};
use crate::surfaces::told::{Done, Filters, Fired, Page, Refusal, Seen, Taken, Urgency};
use crate::surfaces::{Ability, Surface, Told};

/// A call of the trait.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the trait's functions and of its verbs")]
pub enum Call {
    Add(Draft),
    Edit {
        tasks: Which,
        set: Box<Edits>,
    },
    Start(Which),
    Complete(Which),
    Cancel(Which),
    Skip(Which),
    Reopen(Which),
    Delete(Which),
    Restore(Which),
    Purge(Which),
    /// A line in which words say what is known.
    Say(String),
    Remind {
        tasks: Refs,
        add: Option<Remind>,
        #[serde(default)]
        remove: Vec<u32>,
    },
    Snooze {
        tasks: Refs,
        until: String,
    },
    /// Settles the reminders whose time has come.
    RemindNow,
    /// Preferences by their names.
    Prefer(BTreeMap<String, String>),
    /// The step saved under a name, or of a number, or the newest.
    Undo(Option<String>),
    Redo,
    Show(Ref),
    List(Box<Question>),
    /// A page of a list: the first, or the one behind a cursor.
    Page {
        of: Box<Question>,
        after: Option<String>,
        #[serde(default)]
        count: bool,
    },
    Today,
    Urgency(Ref),
    Stats(Box<Question>),
    SaveFilter {
        name: String,
        filter: String,
    },
    RemoveFilter(String),
    Filters,
    /// The due dates that follow.
    Coming {
        task: Ref,
        count: usize,
    },
    /// Records of own JSON.
    Import(Vec<Value>),
    Export,
    /// An import of what the surface itself gives out.
    Reimport,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the kinds of answers of the trait's functions")]
pub enum Answer {
    Done(Done),
    Seen(Vec<Seen>),
    Page(Page),
    Urgency(Urgency),
    Stats(Value),
    Filters(Filters),
    Fired(Vec<Fired>),
    Coming(Vec<String>),
    Taken(Taken),
    Refused(Refusal),
}

impl Answer {
    /// Every task that it shows.
    pub fn tasks(&self) -> Vec<&Seen> {
        match self {
            Self::Done(done) => {
                done.changed.iter().chain(&done.unchanged).chain(&done.purged).collect()
            }
            Self::Seen(tasks) | Self::Page(Page { tasks, .. }) => tasks.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The step that it names.
    pub fn step(&self) -> Option<u64> {
        match self {
            Self::Done(done) => done.step,
            Self::Taken(taken) => taken.step,
            _ => None,
        }
    }
}

impl Call {
    /// Asks a surface. `saved` knows the steps by name.
    pub fn ask(
        &self,
        surface: &mut dyn Surface,
        how: &How,
        saved: impl Fn(&str) -> Option<u64>,
    ) -> Answer {
        let answer = match self {
            Self::Add(draft) => surface.add(draft, how).map(Answer::Done),
            Self::Edit { tasks, set } => surface.edit(tasks, set, how).map(Answer::Done),
            Self::Say(text) => surface.say(text, how).map(Answer::Done),
            Self::Remind { tasks, add, remove } => {
                surface.remind(&tasks.0, add.as_ref(), remove, how).map(Answer::Done)
            }
            Self::Snooze { tasks, until } => surface.snooze(&tasks.0, until, how).map(Answer::Done),
            Self::RemindNow => surface.remind_now().map(Answer::Fired),
            Self::Prefer(preferences) => preferences
                .iter()
                .try_for_each(|(name, value)| surface.prefer(name, value))
                .map(|()| Answer::Done(Done::default())),
            Self::Undo(None) => surface.undo(None, how).map(Answer::Done),
            Self::Undo(Some(name)) => match saved(name).or_else(|| name.parse().ok()) {
                Some(step) => surface.undo(Some(step), how).map(Answer::Done),
                None => Err(Refusal::broken(format!("no step was saved as {name:?}"))),
            },
            Self::Redo => surface.redo(how).map(Answer::Done),
            Self::Show(task) => surface.show(task).map(|task| Answer::Seen(vec![task])),
            Self::List(question) => surface.list(question).map(Answer::Seen),
            Self::Page { of, after, count } => {
                surface.page(of, after.as_deref(), *count).map(Answer::Page)
            }
            Self::Urgency(task) => surface.urgency(task).map(Answer::Urgency),
            Self::Stats(question) => surface.stats(question).map(Answer::Stats),
            Self::SaveFilter { name, filter } => {
                surface.save_filter(name, filter, how).map(Answer::Filters)
            }
            Self::RemoveFilter(name) => {
                surface.remove_filter(name, how).map(|()| Answer::Filters(Filters::new()))
            }
            Self::Filters => surface.filters().map(Answer::Filters),
            Self::Today => surface.today().map(Answer::Seen),
            Self::Coming { task, count } => surface.coming(task, *count).map(Answer::Coming),
            Self::Import(records) => {
                let text = serde_json::json!({ "format": 2, "tasks": records }).to_string();
                surface.import(&text, how).map(Answer::Taken)
            }
            Self::Export => surface.export().and_then(|text| records(&text)).map(Answer::Seen),
            Self::Reimport => {
                surface.export().and_then(|text| surface.import(&text, how)).map(Answer::Taken)
            }
            _ => match self.verb() {
                Some((verb, tasks)) => surface.act(verb, tasks, how).map(Answer::Done),
                None => Err(Refusal::broken("no such call")),
            },
        };
        answer.unwrap_or_else(Answer::Refused)
    }

    /// What a surface must have to be asked this, where not every one has it.
    pub fn needs(&self, how: &How) -> impl Iterator<Item = Ability> + use<> {
        let several = match self {
            Self::Edit { tasks: Which::Named(Refs(tasks)), .. } => tasks.len() > 1,
            Self::Edit { tasks: Which::Meant(_), .. } => true,
            _ => false,
        };
        let version = (several && how.version.is_some()).then_some(Ability::VersionOfSeveral);
        let rehearsal = how.dry_run.then_some(Ability::DryRun);
        self.itself().into_iter().chain(version).chain(rehearsal)
    }

    fn itself(&self) -> Option<Ability> {
        Some(match self {
            Self::Purge(_) => Ability::Purge,
            Self::Remind { .. } | Self::Snooze { .. } | Self::RemindNow => Ability::Reminding,
            Self::Prefer(_) => Ability::Preferences,
            Self::SaveFilter { .. } | Self::RemoveFilter(_) | Self::Filters => {
                Ability::SavedFilters
            }
            Self::Urgency(_) => Ability::Urgency,
            Self::Page { .. } => Ability::Pages,
            Self::Import(_) | Self::Export | Self::Reimport => Ability::Transfer,
            _ => return None,
        })
    }

    fn verb(&self) -> Option<(Verb, &Which)> {
        Some(match self {
            Self::Start(tasks) => (Verb::Start, tasks),
            Self::Complete(tasks) => (Verb::Complete, tasks),
            Self::Cancel(tasks) => (Verb::Cancel, tasks),
            Self::Skip(tasks) => (Verb::Skip, tasks),
            Self::Reopen(tasks) => (Verb::Reopen, tasks),
            Self::Delete(tasks) => (Verb::Delete, tasks),
            Self::Restore(tasks) => (Verb::Restore, tasks),
            Self::Purge(tasks) => (Verb::Purge, tasks),
            _ => return None,
        })
    }
}

/// The tasks of an export. It leaves out what has no value, a list that is empty too.
pub fn records(text: &str) -> Told<Vec<Seen>> {
    let broken = |error: serde_json::Error| Refusal::broken(format!("{error}: {text}"));
    let mut value: Value = serde_json::from_str(text).map_err(broken)?;
    let mut tasks = value["tasks"].take();
    for record in tasks.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        for list in ["tags", "reminders"] {
            record.entry(list).or_insert_with(|| Value::Array(Vec::new()));
        }
    }
    serde_json::from_value(tasks).map_err(broken)
}
