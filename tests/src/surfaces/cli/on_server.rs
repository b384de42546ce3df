//! The terminal on a server: the built `todo`, logged in to a `todo-web` on SQLite. What it prints
//! must be what it prints on a file.

use todo_core::{Timestamp, Zone};

use super::Cli;
use crate::surfaces::passed_on::passed_on;
use crate::surfaces::rest::{Rest, Sqlite};
use crate::surfaces::{Ability, Surface, asked, told};

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

    passed_on!(cli: add edit act say remind snooze undo redo show list page urgency stats);
    passed_on!(cli: save_filter remove_filter filters today coming import export);
    // Reminding is the server's, and a personal token changes nothing of the account.
    passed_on!(server: remind_now prefer);
}
