//! `todo-server` as a program: what it is asked for, its routes, and what runs beside them.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use clap::{Arg, ArgMatches};
use todo_store::DatabaseUrl;
use todo_web::App;
use todo_web::settings::{self, Act, Invocation, Settings, Usage};
use todo_web::start::{self, Program};

use crate::consumer::AnyConsumer;
use crate::letters::{self, Operation};
use crate::live::{self, Live, Treatment};
use crate::roles::{Background, NoRole, Role, Roles};
use crate::{api, effects};

const ABOUT: &str = "The todo system: API, live updates, reminders, in one process or many";
const ROLE_HELP: &str = "What this process does: all, or some of api, live, relay, worker, scheduler \
                         with commas (PostgreSQL) [default: all]";

/// What the program was asked for.
#[derive(Debug)]
pub enum Asked {
    /// To serve, or what every server can do.
    Serve(TodoServer, Box<Invocation>),
    /// To do this and end.
    Operate(Operation, Box<Settings>),
}

/// Why a call cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// A wrong command line, or wrong settings.
    #[error(transparent)]
    Usage(#[from] Usage),
    /// A role that there is not.
    #[error(transparent)]
    NoRole(#[from] NoRole),
    /// A file is one process's.
    #[error("a role alone needs PostgreSQL: on SQLite one process is everything")]
    OneFile,
}

/// Reads how the program was called. Everything from outside is an argument.
pub fn read(
    words: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
    folder: &Path,
) -> Result<Asked, Refused> {
    let role = Arg::new("role").long("role").value_name("ROLE").help(ROLE_HELP);
    let command = settings::command(TodoServer::NAME, ABOUT).arg(role);
    let command = command.subcommands(letters::subcommands());
    let (invocation, matches) = settings::read_as(command, words, variable, folder)?;
    let shown = invocation.act == Act::PrintConfig;
    if let Some(operation) = letters::of(&matches).filter(|_| !shown) {
        return Ok(Asked::Operate(operation, Box::new(invocation.settings)));
    }
    let roles = roles(&matches)?;
    let serves = matches!(invocation.act, Act::Serve { .. });
    let file = matches!(invocation.settings.database, DatabaseUrl::Sqlite(_));
    if serves && file && !roles.are_all() {
        return Err(Refused::OneFile);
    }
    let server = TodoServer { roles, live: None, beside: None };
    Ok(Asked::Serve(server, Box::new(invocation)))
}

fn roles(matches: &ArgMatches) -> Result<Roles, NoRole> {
    matches.get_one::<String>("role").map_or_else(|| Ok(Roles::all()), |text| text.parse())
}

/// Has an operator do something, and ends.
pub fn operate(operation: Operation, settings: Settings) -> ExitCode {
    match operation {
        Operation::Look(look) => start::look(TodoServer::NAME, settings, async |database| {
            Ok(letters::show(look, database).await?)
        }),
        Operation::Do(deed) => start::operate(TodoServer::NAME, settings, async |app: App| {
            Ok(letters::carry_out(deed, &app, &consumers(&app)).await?)
        }),
    }
}

/// Every consumer there is.
pub fn consumers(app: &App) -> Vec<Arc<dyn AnyConsumer>> {
    effects::consumers(&app.store)
}

/// The server with these roles.
#[derive(Debug)]
pub struct TodoServer {
    roles: Roles,
    live: Option<Live>,
    beside: Option<Background>,
}

impl Program for TodoServer {
    const NAME: &'static str = "todo-server";
    const SCHEDULED: bool = true;

    fn router(&self, app: &App) -> Router {
        let live = self.live.as_ref().map(Live::routes);
        if self.roles.has(Role::Api) {
            let routes = live.unwrap_or_else(live::tickets).merge(api::routes());
            todo_web::router_of(app.clone(), routes, todo_mcp::routes(app))
        } else {
            todo_web::probes(app.clone(), live.unwrap_or_default())
        }
    }

    fn begin(&mut self, app: &App) {
        tracing::info!(roles = %self.roles, "begins");
        let live = || Live::new(app, Treatment::default());
        self.live = self.roles.has(Role::Live).then(live);
        let live = self.live.clone();
        self.beside = Some(Background::start(app, &self.roles, consumers(app), live));
    }

    async fn end(self) {
        if let Some(beside) = self.beside {
            beside.end().await;
        }
    }
}
