//! The terminal on a server: the built `todo`, logged in to a `todo-web` on SQLite. What it prints
//! must be what it prints on a file.

use serde_json::Value;
use todo_core::{Timestamp, Zone};

use super::Cli;
use crate::surfaces::asked::{Draft, Edits, How, Question, Ref, Remind, Verb, Which};
use crate::surfaces::rest::{Rest, Sqlite};
use crate::surfaces::told::{Done, Filters, Fired, Page, Seen, Taken, Urgency};
use crate::surfaces::{Ability, Surface, Told};

/// `todo --json --server …`, and the server.
#[derive(Debug)]
pub struct CliOnServer {
    cli: Cli,
    server: Rest<Sqlite>,
}

impl Surface for CliOnServer {
    fn fresh() -> Self {
        let (mut cli, mut server) = (Cli::fresh(), Rest::fresh());
        let token = server.token("write");
        cli.todo.log_in(&server.url(), &token);
        Self { cli, server }
    }

    fn can(ability: Ability) -> bool {
        Cli::can(ability)
    }

    /// What is a setting of the machine on a file is one of the account here.
    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.cli.travel(now, zone);
        self.server.travel(now, zone);
        self.server.arrive().expect("the zone is told");
    }

    fn add(&mut self, draft: &Draft, how: &How) -> Told<Done> {
        self.cli.add(draft, how)
    }

    fn edit(&mut self, tasks: &Which, edits: &Edits, how: &How) -> Told<Done> {
        self.cli.edit(tasks, edits, how)
    }

    fn act(&mut self, verb: Verb, tasks: &Which, how: &How) -> Told<Done> {
        self.cli.act(verb, tasks, how)
    }

    fn say(&mut self, text: &str, how: &How) -> Told<Done> {
        self.cli.say(text, how)
    }

    fn remind(
        &mut self,
        tasks: &[Ref],
        add: Option<&Remind>,
        remove: &[u32],
        how: &How,
    ) -> Told<Done> {
        self.cli.remind(tasks, add, remove, how)
    }

    fn snooze(&mut self, tasks: &[Ref], until: &str, how: &How) -> Told<Done> {
        self.cli.snooze(tasks, until, how)
    }

    /// Reminding is the server's.
    fn remind_now(&mut self) -> Told<Vec<Fired>> {
        self.server.remind_now()
    }

    /// A personal token changes nothing of the account.
    fn prefer(&mut self, name: &str, value: &str) -> Told<()> {
        self.server.prefer(name, value)
    }

    fn undo(&mut self, step: Option<u64>, how: &How) -> Told<Done> {
        self.cli.undo(step, how)
    }

    fn redo(&mut self, how: &How) -> Told<Done> {
        self.cli.redo(how)
    }

    fn show(&mut self, task: &Ref) -> Told<Seen> {
        self.cli.show(task)
    }

    fn list(&mut self, question: &Question) -> Told<Vec<Seen>> {
        self.cli.list(question)
    }

    fn page(&mut self, question: &Question, after: Option<&str>, count: bool) -> Told<Page> {
        self.cli.page(question, after, count)
    }

    fn urgency(&mut self, task: &Ref) -> Told<Urgency> {
        self.cli.urgency(task)
    }

    fn stats(&mut self, question: &Question) -> Told<Value> {
        self.cli.stats(question)
    }

    fn save_filter(&mut self, name: &str, filter: &str, how: &How) -> Told<Filters> {
        self.cli.save_filter(name, filter, how)
    }

    fn remove_filter(&mut self, name: &str, how: &How) -> Told<()> {
        self.cli.remove_filter(name, how)
    }

    fn filters(&mut self) -> Told<Filters> {
        self.cli.filters()
    }

    fn today(&mut self) -> Told<Vec<Seen>> {
        self.cli.today()
    }

    fn coming(&mut self, task: &Ref, count: usize) -> Told<Vec<String>> {
        self.cli.coming(task, count)
    }

    fn import(&mut self, text: &str, how: &How) -> Told<Taken> {
        self.cli.import(text, how)
    }

    fn export(&mut self) -> Told<String> {
        self.cli.export()
    }
}
