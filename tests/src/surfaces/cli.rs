//! The terminal: the built `todo` on a file, one process a call, answers as JSON.

mod answer;
mod line;
mod on_server;
pub mod program;

use std::{fs, slice};

use serde::Deserialize;
use serde_json::Value;
use todo_core::{Timestamp, Zone};

use super::asked::{Draft, Edits, How, Question, Ref, Remind, Verb, Which};
use super::told::{Done, Filters, Fired, Note, Page, Refusal, Seen, Taken, Urgency};
use super::{Ability, Surface, Told};
use answer::{answer, refusal, refused};
use line::Line;
pub use on_server::CliOnServer;
use program::{Ran, Todo};

/// `todo --json --file …`.
#[derive(Debug)]
pub struct Cli {
    todo: Todo,
    imports: u32,
}

impl Surface for Cli {
    fn fresh() -> Self {
        Self { todo: Todo::fresh(), imports: 0 }
    }

    fn can(ability: Ability) -> bool {
        match ability {
            Ability::Prefixes
            | Ability::TagEdits
            | Ability::Transfer
            | Ability::Words
            | Ability::DryRun
            | Ability::Purge
            | Ability::Reminding
            | Ability::Preferences
            | Ability::SavedFilters
            | Ability::Urgency
            | Ability::VersionOfSeveral
            | Ability::LastingCursors => true,
            // An argument ends at U+0000. An unknown name among several is more likely a slip of
            // the finger than a wish, so it stops the command. How something repeats is typed in
            // words, and these say when it begins. A list is shown as a whole.
            Ability::VersionOnEveryWrite
            | Ability::Atomic
            | Ability::UnknownAmongSeveral
            | Ability::Nul
            | Ability::BareRecurrence
            | Ability::Pages => false,
        }
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.todo.travel(now, zone);
    }

    fn add(&mut self, draft: &Draft, how: &How) -> Told<Done> {
        self.change(Line::new("add", how).draft(draft), how)
    }

    fn edit(&mut self, tasks: &Which, edits: &Edits, how: &How) -> Told<Done> {
        let line = Line::new("edit", how).edits(edits).option("--expect", how.version);
        self.change(line.which(tasks), &How { version: None, ..*how })
    }

    fn act(&mut self, verb: Verb, tasks: &Which, how: &How) -> Told<Done> {
        let command = match verb {
            Verb::Start => "start",
            Verb::Complete => "done",
            Verb::Cancel => "cancel",
            Verb::Skip => "skip",
            Verb::Reopen => "reopen",
            Verb::Delete => "delete",
            Verb::Restore => "restore",
            Verb::Purge => "purge",
        };
        let line = Line::new(command, how)
            .flag("--cascade", how.cascade)
            .flag("--yes", verb == Verb::Purge && matches!(tasks, Which::Named(_)))
            .which(tasks);
        self.change(line, how)
    }

    fn say(&mut self, text: &str, how: &How) -> Told<Done> {
        self.change(Line::new("add", how).words([text.to_owned()]), how)
    }

    fn remind(
        &mut self,
        tasks: &[Ref],
        add: Option<&Remind>,
        remove: &[u32],
        how: &How,
    ) -> Told<Done> {
        let line = Line::new("remind", how)
            .option("--message", add.and_then(|remind| remind.message.as_ref()))
            .option("--channel", add.and_then(|remind| remind.channel.as_ref()));
        let line = remove.iter().fold(line, |line, id| line.option("--remove", Some(id)));
        let line = line.names(one(tasks)?).words(add.map(|remind| remind.when().to_owned()));
        self.change(line, how)
    }

    fn snooze(&mut self, tasks: &[Ref], until: &str, how: &How) -> Told<Done> {
        let line = Line::new("snooze", how).names(one(tasks)?).words([until.to_owned()]);
        self.change(line, how)
    }

    fn remind_now(&mut self) -> Told<Vec<Fired>> {
        #[derive(Deserialize)]
        struct Reminders {
            reminders: Vec<Fired>,
        }
        let line = Line::new("reminders", &How::default());
        answer(&self.run(line)).map(|Reminders { reminders }| reminders)
    }

    fn prefer(&mut self, name: &str, value: &str) -> Told<()> {
        let words = [name.to_owned(), value.to_owned()];
        let ran = self.run(Line::new("config", &How::default()).words(words));
        if ran.status == Some(0) { Ok(()) } else { Err(refused(&ran)) }
    }

    fn undo(&mut self, step: Option<u64>, how: &How) -> Told<Done> {
        self.change(Line::new("undo", how).words(step.map(|step| step.to_string())), how)
    }

    fn redo(&mut self, how: &How) -> Told<Done> {
        self.change(Line::new("redo", how), how)
    }

    fn show(&mut self, task: &Ref) -> Told<Seen> {
        let line = Line::new("show", &How::default()).names(slice::from_ref(task));
        let Tasks { tasks } = answer(&self.run(line))?;
        match <[Seen; 1]>::try_from(tasks) {
            // The terminal shows what lies in the trash too, and says so.
            Ok([task]) if task.deleted_at.is_some() => {
                Err(Refusal { code: "not_found".to_owned(), ..Refusal::default() })
            }
            Ok([task]) => Ok(task),
            Err(tasks) => Err(Refusal::broken(format!("{} tasks for one", tasks.len()))),
        }
    }

    fn list(&mut self, question: &Question) -> Told<Vec<Seen>> {
        let line = Line::new("list", &How::default()).question(question);
        answer(&self.run(line)).map(|Tasks { tasks }| tasks)
    }

    fn page(&mut self, _: &Question, _: Option<&str>, _: bool) -> Told<Page> {
        Err(Refusal::cannot("ask for a page"))
    }

    fn urgency(&mut self, task: &Ref) -> Told<Urgency> {
        let line = Line::new("why", &How::default()).names(slice::from_ref(task));
        answer::urgency(&self.run(line))
    }

    fn stats(&mut self, question: &Question) -> Told<Value> {
        let line = Line::new("stats", &How::default()).question(question);
        answer::stats(&self.run(line))
    }

    fn save_filter(&mut self, name: &str, filter: &str, how: &How) -> Told<Filters> {
        let line = Line::new("filter", how).act("save");
        answer::filter(&self.run(line.words([name, filter].map(str::to_owned))))
    }

    fn remove_filter(&mut self, name: &str, how: &How) -> Told<()> {
        let line = Line::new("filter", how).act("remove");
        answer::filter(&self.run(line.words([name.to_owned()]))).map(drop)
    }

    fn filters(&mut self) -> Told<Filters> {
        answer::filters(&self.run(Line::new("filter", &How::default())))
    }

    fn today(&mut self) -> Told<Vec<Seen>> {
        let line = Line::new("today", &How::default());
        answer(&self.run(line)).map(|Tasks { tasks }| tasks)
    }

    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>> {
        #[derive(Deserialize)]
        struct Repeats {
            tasks: Vec<Repeat>,
        }
        #[derive(Deserialize)]
        struct Repeat {
            coming: Vec<Next>,
        }
        #[derive(Deserialize)]
        struct Next {
            due_date: String,
        }
        let line = Line::new("repeat", &How::default()).option("--preview", Some(count));
        let Repeats { tasks } = answer(&self.run(line.names(slice::from_ref(task))))?;
        let dates = tasks.into_iter().flat_map(|task| task.coming).map(|next| next.due_date);
        Ok(dates.collect())
    }

    fn import(&mut self, text: &str, how: &How) -> Told<Taken> {
        self.imports += 1;
        let name = format!("import-{}.json", self.imports);
        fs::write(self.todo.folder().join(&name), text)
            .map_err(|error| Refusal::broken(error.to_string()))?;
        answer(&self.run(Line::new("import", how).words([name])))
    }

    fn export(&mut self) -> Told<String> {
        let ran = self.run(Line::new("export", &How::default()));
        if ran.status == Some(0) { Ok(ran.out) } else { Err(refused(&ran)) }
    }
}

impl Cli {
    fn run(&self, line: Line) -> Ran {
        self.todo.run(line.into_words())
    }

    fn change(&self, line: Line, how: &How) -> Told<Done> {
        if how.version.is_some() {
            return Err(Refusal::cannot("name a version here"));
        }
        if how.atomic {
            return Err(Refusal::cannot("ask for all or nothing"));
        }
        let Changed { step, tasks, unchanged, purged, refused, notes } = answer(&self.run(line))?;
        let refused = refused.iter().map(refusal).collect();
        Ok(Done { step, changed: tasks, unchanged, purged, refused, notes })
    }
}

#[derive(Deserialize)]
struct Tasks {
    tasks: Vec<Seen>,
}

#[derive(Deserialize)]
struct Changed {
    step: Option<u64>,
    tasks: Vec<Seen>,
    unchanged: Vec<Seen>,
    purged: Vec<Seen>,
    refused: Vec<Value>,
    notes: Vec<Note>,
}

/// These commands are about one task, as what follows its name is words.
fn one(tasks: &[Ref]) -> Told<&[Ref]> {
    match tasks {
        [_] => Ok(tasks),
        _ => Err(Refusal::cannot("name several tasks here")),
    }
}
