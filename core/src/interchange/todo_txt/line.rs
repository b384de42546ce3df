//! One line on its way in.

use chrono::NaiveDate;
use uuid::Uuid;

use super::head::{Head, Place, is_dated, letter};
use super::keys::{Key, key, many_words, spread, unescaped};
use super::{reminders, repeat};
use crate::due::Due;
use crate::error::FieldError;
use crate::interchange::fit::Fit;
use crate::interchange::{ImportError, Losses, Reading};
use crate::recurrence::{Basis, Recurrence};
use crate::reminder::{REMINDERS_MAX, Reminder, Reminders};
use crate::task::{Priority, Status, Task, TaskId};
use crate::text::{Project, Tags};
use crate::time::{self, Timestamp, Zone, day_start};

/// What is named as lost where a key stays among the words.
pub(super) const IN_TITLE: &str = "not understood here; it stays in the title";

/// Whom a line names.
pub(super) enum Link {
    Uid(Uuid),
    /// Another line of the file, by the name it gives itself.
    Name(String),
}

/// What a line may call itself, behind which key.
pub(super) type Name = (Key, String);

/// A line that was understood.
pub(super) struct Line {
    /// The task, whose identity is known only where `own` has it.
    pub(super) task: Task,
    /// The text without its marks.
    pub(super) text: String,
    /// The day on which the line says that it was made.
    pub(super) made: Option<NaiveDate>,
    /// Its identity, and the column at which it stands.
    pub(super) own: Option<(Uuid, usize)>,
    /// What it may call itself in this file, if another line names it so.
    pub(super) name: Option<Name>,
    /// The task above.
    pub(super) parent: Option<Link>,
    /// Whether it is done and has no letter left.
    pub(super) says_no_priority: bool,
}

/// The words of a line behind its head.
struct Words<'l> {
    place: Place<'l>,
    reading: &'l Reading,
    /// All of them, and whether they belong to the text.
    all: Vec<(&'l str, bool)>,
    /// Keys that were not yet looked at: where they stand, and their values.
    keys: Vec<(usize, Key, &'l str)>,
    projects: Vec<String>,
    contexts: Vec<String>,
    /// What could not be taken over: said once the title is known.
    lost: Vec<(&'static str, &'static str)>,
}

impl<'l> Words<'l> {
    fn read(place: Place<'l>, body: &'l str, reading: &'l Reading) -> Self {
        let (all, keys) = (Vec::new(), Vec::new());
        let (projects, contexts, lost) = (Vec::new(), Vec::new(), Vec::new());
        let mut words = Self { place, reading, all, keys, projects, contexts, lost };
        for word in body.split(' ') {
            let is_text = match word.chars().next() {
                Some('+') if word.len() > 1 => {
                    words.projects.push(many_words(&word[1..]));
                    false
                }
                Some('@') if word.len() > 1 => {
                    words.contexts.push(word[1..].to_owned());
                    false
                }
                _ => match key(word) {
                    Some((key, value)) => {
                        words.keys.push((words.all.len(), key, value));
                        false
                    }
                    None => true,
                },
            };
            words.all.push((word, is_text));
        }
        words
    }

    /// The first value of a key.
    fn take(&mut self, key: Key) -> Option<(usize, &'l str)> {
        let at = self.keys.iter().position(|(_, other, _)| *other == key)?;
        let (at, _, value) = self.keys.remove(at);
        Some((at, value))
    }

    /// Leaves a word in the text.
    /// Whether a key is there.
    fn says(&self, key: Key) -> bool {
        self.keys.iter().any(|(_, other, _)| *other == key)
    }

    fn leave(&mut self, at: usize, key: Key) {
        self.all[at].1 = true;
        self.lost.push((key.as_str(), IN_TITLE));
    }

    /// A value, if it can be read; else it is left in the text.
    fn value<T>(&mut self, key: Key, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let (at, text) = self.take(key)?;
        let value = read(text);
        if value.is_none() {
            self.leave(at, key);
        }
        value
    }

    /// A date. What looks like one and is none is an error; what does not is text.
    fn date(
        &mut self,
        [day, time]: [Key; 2],
        zone: Option<Zone>,
    ) -> Result<Option<Due>, ImportError> {
        let Some((at, text)) = self.take(day) else { return Ok(None) };
        if !is_dated(text) {
            self.leave(at, day);
            return Ok(None);
        }
        let asking = self.reading.zone();
        let whole = Due::parse(text, zone, asking);
        let whole = whole.map_err(|problem| self.place.fault(text, &problem))?;
        let clock =
            |clock: &str| Due::parse(&format!("{text}T{}", spread(clock)), zone, asking).ok();
        Ok(Some(self.value(time, clock).unwrap_or(whole)))
    }

    /// How it repeats, if it has a date to repeat from.
    fn recurrence(&mut self, due: Option<Due>) -> Option<Recurrence> {
        let asking = self.reading.asking;
        let rule = self.value(Key::Rule, |text| {
            Some(repeat::begun(text.parse().ok()?, Basis::Schedule, due?))
        });
        let rec = self.value(Key::Rec, |text| repeat::rec(text, due?, &asking));
        rule.or(rec)
    }

    fn reminders(&mut self, due: Option<Due>) -> Reminders {
        let mut all: Vec<Reminder> = Vec::new();
        let (said, others) =
            std::mem::take(&mut self.keys).into_iter().partition(|(_, key, _)| *key == Key::Remind);
        self.keys = others;
        let said: Vec<(usize, Key, &str)> = said;
        for (at, _, text) in said {
            match reminders::read(text, all.len()) {
                Some(reminder) if reminder.is_offset() && due.is_none() => {
                    let fate = "counts from a due date, and there is none; left out";
                    self.lost.push((Key::Remind.as_str(), fate));
                }
                Some(_) if all.len() == REMINDERS_MAX => {
                    let fate = "a task has ten reminders at most; the first are taken";
                    self.lost.push((Key::Remind.as_str(), fate));
                }
                Some(reminder) => all.push(reminder),
                None => self.leave(at, Key::Remind),
            }
        }
        Reminders::try_from(all).unwrap_or_else(|_| {
            let fate = "numbered twice; left out";
            self.lost.push((Key::Remind.as_str(), fate));
            Reminders::default()
        })
    }

    fn priority(&mut self, written: Option<char>) -> Priority {
        let mark = |text: &str| letter(&format!("({text})"));
        let marked = self.value(Key::Priority, mark);
        match written.or(marked) {
            Some('A') => Priority::High,
            None | Some('B') => Priority::Medium,
            Some(letter) => {
                if letter != 'C' {
                    self.lost.push(("priority", "letters after C are all low"));
                }
                Priority::Low
            }
        }
    }

    /// Who it is: its identity and where that stands, and what it calls itself in this file.
    fn identity(&mut self) -> (Option<(Uuid, usize)>, Option<Name>) {
        let (mut own, mut name) = (None, None);
        for key in [Key::Uid, Key::Id] {
            let Some((at, text)) = self.take(key) else { continue };
            match text.parse() {
                Ok(uid) if own.is_none() => own = Some((uid, self.place.column(self.all[at].0))),
                _ if name.is_none() => name = Some((key, text.to_owned())),
                _ => self.leave(at, key),
            }
        }
        (own, name)
    }

    /// The task above, by its identity or its name.
    fn parent(&mut self) -> Option<Link> {
        let (_, text) = self.take(Key::Parent)?;
        Some(text.parse().map_or_else(|_| Link::Name(text.to_owned()), Link::Uid))
    }

    /// The first project, and all other labels.
    fn labels(&mut self, fit: &mut Fit<'_, '_>) -> Result<(Option<Project>, Tags), FieldError> {
        let mut projects = std::mem::take(&mut self.projects).into_iter();
        let project = match projects.next() {
            Some(path) => fit.exact_project(&path)?,
            None => None,
        };
        let more: Vec<_> = projects.collect();
        if !more.is_empty() {
            fit.lose("project", "a task has one here; further ones become tags");
        }
        let tags: Vec<_> = self.contexts.iter().chain(&more).map(String::as_str).collect();
        Ok((project, fit.exact_tags(&tags)?))
    }

    /// The words that are left, without what escaped them. A key that nobody has asked for is one
    /// of them.
    fn text(&mut self, body: &str) -> String {
        for (at, key, _) in std::mem::take(&mut self.keys) {
            self.leave(at, key);
        }
        let text = self.all.iter().filter(|(_, is_text)| *is_text).map(|(word, _)| *word);
        let text: Vec<_> = text.map(|word| unescaped(word).unwrap_or(word)).collect();
        let text = text.join(" ");
        match text.trim() {
            // Nothing but marks: they are all that it says.
            "" => body.to_owned(),
            text => text.to_owned(),
        }
    }
}

/// Where it stands, and since when as far as a key of ours says so. A key that is older than the
/// line, which another program has finished or taken up again since, says nothing.
fn status(words: &mut Words<'_>, head: &Head<'_>) -> (Status, Option<Timestamp>) {
    let stamp = |text: &str| spread(text).parse::<Timestamp>().ok();
    let completed = words.value(Key::Completed, stamp);
    let cancelled = words.value(Key::Cancelled, stamp);
    let begun = words.value(Key::Status, |text| {
        text.parse().ok().filter(|status| *status == Status::InProgress)
    });
    if !head.is_done {
        return (begun.unwrap_or(Status::Pending), None);
    }
    // The day of the line is that of another zone, perhaps.
    let zone = words.reading.zone();
    let fits = |at: &Timestamp| {
        head.ended.is_none_or(|day| (super::day(*at, zone) - day).num_days().abs() <= 1)
    };
    match (completed.filter(fits), cancelled.filter(fits)) {
        (None, Some(at)) => (Status::Cancelled, Some(at)),
        (completed, _) => (Status::Completed, completed),
    }
}

impl Line {
    /// Reads a line; `number` is its place in the file.
    pub(super) fn read(
        number: usize,
        line: &str,
        reading: &Reading,
        losses: &mut Losses,
    ) -> Result<Self, ImportError> {
        let place = Place { number, line };
        let head = Head::read(place)?;
        let mut words = Words::read(place, head.body, reading);
        let zone = words.value(Key::Zone, |name| time::zone(name).ok());
        let due_date = words.date([Key::Due, Key::Time], zone)?;
        let start_date = words.date([Key::Start, Key::StartTime], zone)?;
        let (status, ended) = status(&mut words, &head);
        let letter = head.letter.is_some() || words.says(Key::Priority);
        let priority = words.priority(head.letter);
        let reminders = words.reminders(due_date);
        let mut recurrence = words.recurrence(due_date).map(Box::new);
        let series = words.value(Key::Series, repeat::Said::read);
        if head.is_done && ended.is_none() && recurrence.take().is_some() {
            // Whoever finished it goes on in a line of its own, as todo.txt programs do.
            words.lost.push(("rec", "a finished line does not repeat any more; an open one does"));
        }
        let (own, name) = words.identity();
        let parent = words.parent();
        if words.value(Key::Hidden, |text| (text == "1").then_some(())).is_some() {
            words.lost.push(("h", "nothing is hidden for ever here; the task is shown"));
        }
        let text = words.text(head.body);
        let refused = |error: FieldError| place.fault(head.body, &error);
        let mut lost = Losses::default();
        let mut fit = Fit { losses: &mut lost, title: &text };
        for (field, fate) in std::mem::take(&mut words.lost) {
            fit.lose(field, fate);
        }
        let (title, overlong) = fit.exact_title("text").map_err(refused)?;
        let (project, tags) = words.labels(&mut fit).map_err(refused)?;
        let overlong = overlong.as_deref().unwrap_or_default();
        let description = fit.description("text", &[overlong]).map_err(refused)?;
        losses.settle(&lost, &text);
        let starts = |day: NaiveDate| day_start(day, reading.zone());
        let made = head.made.or(head.ended).map_or(reading.at, starts);
        let uid = TaskId(own.map_or(Uuid::nil(), |(uid, _)| uid));
        let mut task = Task {
            description,
            priority,
            project,
            tags,
            start_date,
            due_date,
            recurrence,
            reminders,
            updated_at: reading.at,
            ..Task::blank(uid, title, made)
        };
        task.set_status(status, ended.unwrap_or_else(|| head.ended.map_or(made, starts)));
        task.settle_zone();
        if let Some(series) = series {
            series.apply(&mut task);
        }
        let says_no_priority = head.is_done && !letter;
        Ok(Self { task, text, made: head.made, own, name, parent, says_no_priority })
    }
}
