//! The command line.

use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::act::{self, Act};
use super::given::Given;
use super::keys::KEYS;
use super::{Settings, SettingsError, read_file};

/// How the program was called.
#[derive(Debug)]
pub struct Invocation {
    /// What it is to do.
    pub act: Act,
    /// With which settings.
    pub settings: Settings,
}

/// Why a call cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Usage {
    /// A wrong command line, or a question about it: `--help`.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// Wrong settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// Reads how the program was called. Everything from outside is an argument: the words, the
/// environment, and the folder that a settings file is looked for in.
pub fn read(
    words: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
    folder: &Path,
) -> Result<Invocation, Usage> {
    Ok(read_as(command("todo-web", "The todo system over HTTP"), words, variable, folder)?.0)
}

/// The same for a program that has flags and subcommands beside these; answers what was said of them. If
/// a subcommand of its own was asked for, the act says nothing.
pub fn read_as(
    command: Command,
    words: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
    folder: &Path,
) -> Result<(Invocation, ArgMatches), Usage> {
    let matches = command.try_get_matches_from(words)?;
    let mut levels = vec![&matches];
    while let Some((_, within)) = levels.last().and_then(|matches| matches.subcommand()) {
        levels.push(within);
    }
    // A flag may stand before a subcommand or after it.
    let text = |name: &str| {
        levels.iter().rev().find_map(|matches| matches.get_one::<String>(name).cloned())
    };

    let mut given = Given::defaults();
    let named = text("config");
    if let Some(file) = read_file(named.as_deref().map(Path::new), folder)? {
        given.file(&file)?;
    }
    given.environment(variable)?;
    given.flags(text);
    let act = if levels.iter().any(|matches| matches.get_flag("print_config")) {
        Act::PrintConfig
    } else {
        let asked = matches.subcommand().and_then(|(name, matches)| act::of(name, matches));
        asked.unwrap_or_else(|| Act::Serve { migrate: matches.get_flag("migrate") })
    };
    Ok((Invocation { act, settings: Settings::new(given)? }, matches))
}

/// What every server can be told.
pub fn command(name: &'static str, about: &'static str) -> Command {
    let settings = KEYS.iter().filter(|key| !key.secret).map(|key| {
        let help = match key.default {
            "" => format!("{} [env: {}]", key.help, key.variable()),
            default => format!("{} [env: {}] [default: {default}]", key.help, key.variable()),
        };
        Arg::new(key.name).long(key.flag()).value_name("VALUE").help(help).global(true)
    });
    let config = Arg::new("config").long("config").value_name("FILE").global(true);
    let flag = |name: &'static str| Arg::new(name).action(ArgAction::SetTrue);
    Command::new(name)
        .about(about)
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(SECRETS)
        .args(settings)
        .arg(config.help("The settings file [default: todo.toml, where there is one]"))
        .arg(flag("print_config").long("print-config").global(true).help("Show the settings"))
        .arg(flag("migrate").long("migrate").help("Bring the tables up to date before serving"))
        .subcommands(act::subcommands())
}

/// Secrets have no flag: everybody on a machine can read the command lines of its processes.
const SECRETS: &str = "JWT_SECRET, JWT_ACCEPTED_SECRET, JWT_PRIVATE_KEY and SMTP_URL come from the \
                       environment or the settings file only.";
