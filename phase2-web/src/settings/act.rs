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
        _ => return None,
    })
}

/// The subcommands.
pub(super) fn subcommands() -> [Command; 4] {
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
            .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("For programs")),
        Command::new("restore")
            .about("Check a backup, and put it in the place of the database")
            .arg(file("The backup").required(true))
            .arg(force("Do so even if the database holds accounts")),
    ]
}
