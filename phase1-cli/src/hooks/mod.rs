//! The user's own programs, told what was written.
//!
//! They run when everything is done: the change is in the file, the right to write is given back,
//! the answer is printed. So none of them can keep a change from being made or leave it half done,
//! none makes another `todo` wait, and each may call `todo` itself. What it does wrong is a
//! warning.

mod find;
mod run;
mod told;

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anstyle::Style;
use todo_core::Outcome;

use self::find::{Fault, Program};
use self::run::{Ran, Run};
use self::told::Told;
use crate::edge;
use crate::error::explain;
use crate::view::screen::{Screen, fit, visible};

/// Lines of a program's output that are shown.
const LINES: usize = 20;
/// Columns of a line that are shown.
const COLUMNS: usize = 200;

/// What a program is about; its file begins with the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hook {
    /// Tasks that came to be.
    Add,
    /// Tasks that changed in any other way.
    Modify,
    /// Tasks that were completed.
    Done,
}

impl Hook {
    const ALL: [Self; 3] = [Self::Add, Self::Modify, Self::Done];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "on-add",
            Self::Modify => "on-modify",
            Self::Done => "on-done",
        }
    }
}

/// The programs there are, and what they are to be told.
#[derive(Debug)]
pub(crate) struct Hooks {
    /// The command that runs, by its own name.
    command: String,
    /// Looked for by the first write.
    found: Option<Result<Vec<Program>, Fault>>,
    told: Told,
}

impl Hooks {
    /// Of a command. None has been looked for yet.
    pub(crate) fn of(command: String) -> Self {
        Self { command, found: None, told: Told::default() }
    }

    /// None: what is on a server is written by others too, and told of by it.
    pub(crate) fn nobody() -> Self {
        Self { command: String::new(), found: Some(Ok(Vec::new())), told: Told::default() }
    }

    /// Whether there is anybody to be told, or a folder that cannot be read.
    pub(crate) fn are_any(&mut self) -> bool {
        let found = self.found.get_or_insert_with(|| match edge::hook_folder() {
            Some(folder) => find::programs(&folder),
            None => Ok(Vec::new()),
        });
        !matches!(found, Ok(programs) if programs.is_empty())
    }

    /// Remembers what was written, if there is anybody to be told.
    pub(crate) fn note(&mut self, outcome: &Outcome) {
        if !outcome.events.is_empty() && self.are_any() {
            self.told.note(outcome);
        }
    }

    /// Tells each program once what was written since the last time.
    pub(crate) fn run(&mut self, file: &Path, limit: Duration, screen: &Screen) {
        let told = std::mem::take(&mut self.told);
        let programs = match &self.found {
            None => return,
            Some(_) if told.is_empty() => return,
            Some(Ok(programs)) => programs,
            Some(Err(fault)) => return warn(screen, &format!("no hook was run: {fault}")),
        };
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        for hook in Hook::ALL {
            let mut programs = programs.iter().filter(|program| program.hook == hook).peekable();
            if programs.peek().is_none() {
                continue;
            }
            let Some(input) = told.input(hook, &self.command, &file) else { continue };
            for program in programs {
                if let Some(fault) = &program.fault {
                    warn(screen, &format!("the hook {program} was not run: {fault}"));
                    continue;
                }
                let run = Run { program, file: &file, limit, shown: !screen.is_json() };
                match run.on(&input) {
                    Ok(ran) => tell(screen, program, &ran),
                    Err(why) => {
                        let why = explain(&why);
                        warn(screen, &format!("the hook {program} cannot be started: {why}"));
                    }
                }
            }
        }
    }
}

/// Shows what a program said, and how it ended if not well.
fn tell(screen: &Screen, program: &Program, ran: &Ran) {
    let text = String::from_utf8_lossy(&ran.output);
    let dim = screen.error_palette().dim;
    let mut lines = text.lines();
    for line in lines.by_ref().take(LINES) {
        say(dim, &fit(&visible(line), COLUMNS));
    }
    if lines.next().is_some() || ran.more {
        say(dim, "and more");
    }
    if let Some(failure) = &ran.failure {
        warn(screen, &format!("the hook {program} {failure}; what was done stays"));
    }
}

fn warn(screen: &Screen, text: &str) {
    let soon = screen.error_palette().soon;
    // There is nobody left to tell if this fails.
    let _ = writeln!(std::io::stderr().lock(), "{soon}warning:{soon:#} {}", visible(text));
}

fn say(style: Style, line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{style}{line}{style:#}");
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.file_name().unwrap_or_default().display())
    }
}
