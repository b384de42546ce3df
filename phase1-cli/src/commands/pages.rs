//! Completions and manual pages, made from the same definition as the arguments themselves.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::Done;
use crate::args::Cli;
use crate::error::CliError;
use crate::view::screen::Screen;

pub(super) fn completions(screen: &mut Screen, shell: Shell) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "todo", &mut script);
    screen.write_all(&script)?;
    Ok(false)
}

pub(super) fn man(screen: &mut Screen, folder: Option<&Path>) -> Done {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = folder else {
        Man::new(command).render(screen)?;
        return Ok(false);
    };
    write_page(folder, command.clone(), "todo")?;
    for sub in command.get_subcommands() {
        write_page(folder, sub.clone(), &format!("todo-{}", sub.get_name()))?;
    }
    Ok(false)
}

fn write_page(folder: &Path, command: clap::Command, name: &str) -> Result<(), CliError> {
    let path = folder.join(format!("{name}.1"));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        Man::new(command.name(name)).render(&mut file)
    };
    write().map_err(|error| CliError::Io { doing: format!("write {}", path.display()), error })
}
