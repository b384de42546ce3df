//! What the program is to do: the subcommands.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use todo_store::backup::Over;

/// What the program is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Answer requests.
    Serve {
        /// Bring the tables to this version's form before that.
        migrate: bool,
    },
    /// Bring the tables to this version's form.
    Migrate,
    /// Show the settings.
    PrintConfig,
    /// Do this and end.
    Operate(Operation),
}

/// What an operator does beside letting it serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Copy the database.
    BackUp {
        /// Where to.
        to: Target,
        /// Over what is there?
        over: Over,
    },
    /// Something about accounts.
    User(UserAct),
    /// Look whether all is well.
    Examine {
        /// For programs.
        json: bool,
    },
    /// Put a copy of the database in its place.
    Restore {
        /// The copy.
        from: PathBuf,
        /// Over what is there?
        over: Over,
    },
}

/// What an operator does about accounts. An address is a text as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAct {
    /// Show which there are.
    List {
        /// For programs.
        json: bool,
    },
    /// Make one, with a password that is asked for.
    Add(String),
    /// Make an invitation, for anybody or for whoever has this address.
    Invite(Option<String>),
    /// Give one another password, which is asked for.
    ResetPassword(String),
    /// Delete one with everything of it.
    Delete(String),
}

/// Where a backup goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file named after the database and the moment.
    Fresh,
    /// This file.
    File(PathBuf),
    /// Standard output.
    Output,
}

/// What each subcommand asks for.
pub(super) fn of(name: &str, matches: &ArgMatches) -> Option<Act> {
    let over = || if matches.get_flag("force") { Over::Replace } else { Over::Refuse };
    let file = || matches.get_one::<PathBuf>("file").cloned();
    Some(match name {
        "migrate" => Act::Migrate,
        "backup" => {
            let to = match file() {
                None => Target::Fresh,
                Some(file) if file.as_os_str() == "-" => Target::Output,
                Some(file) => Target::File(file),
            };
            Act::Operate(Operation::BackUp { to, over: over() })
        }
        "restore" => Act::Operate(Operation::Restore { from: file()?, over: over() }),
        "doctor" => Act::Operate(Operation::Examine { json: matches.get_flag("json") }),
        "user" => Act::Operate(Operation::User(user(matches)?)),
        _ => return None,
    })
}

fn user(matches: &ArgMatches) -> Option<UserAct> {
    let (name, matches) = matches.subcommand()?;
    let email = || matches.get_one::<String>("email").cloned();
    Some(match name {
        "list" => UserAct::List { json: matches.get_flag("json") },
        "add" => UserAct::Add(email()?),
        "invite" => UserAct::Invite(email()),
        "reset-password" => UserAct::ResetPassword(email()?),
        // That it is meant, the command line has asked for.
        "delete" => UserAct::Delete(email()?),
        _ => return None,
    })
}

fn json() -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help("For programs")
}

const INVITED: &str = "For whom alone it counts; it is sent there too, where there is mail";

fn users() -> Command {
    let email = || Arg::new("email").value_name("EMAIL").required(true).help("Whose account");
    let yes = Arg::new("yes").long("yes").action(ArgAction::SetTrue).required(true);
    Command::new("user")
        .about("Say which accounts there are, make one, or change one")
        .after_help("A password is asked for on the terminal, or read from standard input.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("list").about("Say which accounts there are").arg(json()))
        .subcommand(Command::new("add").about("Make an account").arg(email()))
        .subcommand(
            Command::new("invite")
                .about("Make a link by which one account can be made within seven days")
                .arg(Arg::new("email").long("email").value_name("EMAIL").help(INVITED)),
        )
        .subcommand(
            Command::new("reset-password")
                .about("Give an account another password, and end its log-ins")
                .arg(email()),
        )
        .subcommand(
            Command::new("delete")
                .about("Delete an account and everything in it, for good")
                .arg(email())
                .arg(yes.help("That this is meant")),
        )
}

/// The subcommands.
pub(super) fn subcommands() -> [Command; 5] {
    let file = |help: &'static str| {
        Arg::new("file").value_name("FILE").value_parser(value_parser!(PathBuf)).help(help)
    };
    let force =
        |help: &'static str| Arg::new("force").long("force").action(ArgAction::SetTrue).help(help);
    [
        Command::new("migrate").about("Bring the tables of the database up to date, and end"),
        Command::new("backup")
            .about("Copy the database to a file, and check the copy; servers go on working")
            .arg(file("The file; - for standard output [default: named after the moment]"))
            .arg(force("Replace the file if it is there")),
        Command::new("doctor")
            .about("Say what is right and what is wrong, and what to do; status 1 if something is")
            .arg(json()),
        users(),
        Command::new("restore")
            .about("Check a backup, and put it in the place of the database")
            .arg(file("The backup").required(true))
            .arg(force("Do so even if the database holds accounts")),
    ]
}
