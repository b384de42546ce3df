//! A command line in the making.

use crate::surfaces::asked::{
    Change, Draft, Edits, How, Question, Ref, Refs, Remind, Repeat, Which,
};

/// The word that takes a value away.
const NONE: &str = "none";

/// Options first, then `--`, then what may begin with a hyphen.
#[derive(Debug)]
pub(super) struct Line {
    options: Vec<String>,
    words: Vec<String>,
}

impl Line {
    pub(super) fn new(command: &str, how: &How) -> Self {
        let line = Self { options: vec![command.to_owned(), "--json".to_owned()], words: vec![] };
        line.flag("--dry-run", how.dry_run)
    }

    /// Which act of a command that has several.
    pub(super) fn act(mut self, name: &str) -> Self {
        self.options.push(name.to_owned());
        self
    }

    pub(super) fn flag(mut self, name: &str, set: bool) -> Self {
        self.options.extend(set.then(|| name.to_owned()));
        self
    }

    /// `--name=value`, so that a value may begin with a hyphen.
    pub(super) fn option(mut self, name: &str, value: Option<impl ToString>) -> Self {
        self.options.extend(value.map(|value| format!("{name}={}", value.to_string())));
        self
    }

    pub(super) fn words(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.words.extend(words);
        self
    }

    pub(super) fn names(self, tasks: &[Ref]) -> Self {
        self.words(tasks.iter().map(|task| task.0.clone()))
    }

    /// Ids, or a filter that is not asked about.
    pub(super) fn which(self, tasks: &Which) -> Self {
        match tasks {
            Which::Named(Refs(tasks)) => self.names(tasks),
            Which::Meant(filter) => self.flag("--yes", true).words([filter.clone()]),
        }
    }

    fn many(mut self, name: &str, values: &[String]) -> Self {
        self.options.extend(values.iter().map(|value| format!("{name}={value}")));
        self
    }

    fn change(self, name: &str, change: &Change<String>) -> Self {
        match change.as_ref() {
            Change::Keep => self,
            Change::Clear => self.option(name, Some(NONE)),
            Change::Set(value) => self.option(name, Some(value)),
        }
    }

    fn repeat(self, repeat: Option<&Repeat>) -> Self {
        let Some(Repeat { rule, from, spawn }) = repeat else { return self };
        self.option("--repeat", Some(rule))
            .option("--from", from.as_ref())
            .option("--spawn", spawn.as_ref())
    }

    fn repeat_change(self, change: &Change<Repeat>) -> Self {
        match change {
            Change::Keep => self,
            Change::Clear => self.option("--repeat", Some(NONE)),
            Change::Set(repeat) => self.repeat(Some(repeat)),
        }
    }

    fn reminders(self, reminders: Option<&Vec<Remind>>) -> Self {
        let whens = reminders.map(|reminders| match reminders.as_slice() {
            [] => vec![NONE.to_owned()],
            some => some.iter().map(|remind| remind.when().to_owned()).collect(),
        });
        self.many("--remind", &whens.unwrap_or_default())
    }

    pub(super) fn draft(self, draft: &Draft) -> Self {
        self.option("--description", draft.description.as_ref())
            .option("--priority", draft.priority.as_ref())
            .option("--project", draft.project.as_ref())
            .many("--tag", &draft.tags)
            .option("--parent", draft.parent.as_ref().map(|parent| &parent.0))
            .option("--start", draft.start_date.as_ref())
            .option("--due", draft.due_date.as_ref())
            .repeat(draft.recurrence.as_ref())
            .reminders(draft.reminders.as_ref())
            // Every word of it is the title.
            .flag("--literal", true)
            .words([draft.title.clone()])
    }

    pub(super) fn edits(self, edits: &Edits) -> Self {
        let parent = match &edits.parent {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(parent) => Change::Set(parent.0.clone()),
        };
        let none = [NONE.to_owned()];
        let tags = edits.tags.as_deref().map(|tags| if tags.is_empty() { &none } else { tags });
        self.option("--title", edits.title.as_ref())
            .change("--description", &edits.description)
            .option("--status", edits.status.as_ref())
            .option("--priority", edits.priority.as_ref())
            .change("--project", &edits.project)
            .many("--tag", tags.unwrap_or_default())
            .many("--add-tag", &edits.add_tags)
            .many("--remove-tag", &edits.remove_tags)
            .change("--parent", &parent)
            .change("--start", &edits.start_date)
            .change("--due", &edits.due_date)
            .repeat_change(&edits.recurrence)
            .reminders(edits.reminders.as_ref())
            .option("--scope", edits.scope.as_ref())
    }

    pub(super) fn question(self, question: &Question) -> Self {
        self.many("--status", &question.status)
            .many("--priority", &question.priority)
            .many("--project", &question.project)
            .many("--tag", &question.tag)
            .many("--any-tag", &question.tag_any)
            .many("--no-tag", &question.tag_none)
            .option("--parent", question.parent.as_ref().map(|parent| &parent.0))
            .option("--due", question.due.as_ref())
            .option("--due-from", question.due_from.as_ref())
            .option("--due-to", question.due_to.as_ref())
            .option("--search", question.search.as_ref())
            .option("--sort", question.sort.as_ref())
            .option("--limit", question.limit)
            .flag("--trash", question.trash)
            .flag("--waiting", question.waiting)
            .words(question.filter.clone())
    }

    pub(super) fn into_words(mut self) -> Vec<String> {
        if !self.words.is_empty() {
            self.options.push("--".to_owned());
            self.options.append(&mut self.words);
        }
        self.options
    }
}
