//! What an operator asks of the program beside answering requests.

mod backup;
mod doctor;
mod keeper;

use std::io::{self, Write};

use todo_store::backup::BackupError;

pub use keeper::BackupPlan;

use crate::settings::{Operation, Settings};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperationError {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("{0} of these must be put right")]
    Wrong(usize),
    #[error("standard output is a terminal; name a file, or send it to a program")]
    Terminal,
    #[error("standard output cannot be written to: {0}")]
    Output(#[source] io::Error),
}

/// Does what was asked, and says what came of it.
pub(crate) async fn carry_out(
    operation: Operation,
    settings: &Settings,
) -> Result<(), OperationError> {
    match operation {
        Operation::BackUp { to, over } => backup::back_up(settings, to, over).await,
        Operation::Examine { json } => doctor::examine(settings, json).await,
        Operation::Restore { from, over } => backup::restore(settings, &from, over).await,
    }
}

/// Says a line to who asked.
fn say(line: &str) -> Result<(), OperationError> {
    match writeln!(io::stdout().lock(), "{line}") {
        // It is done, and nobody wants to know.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(OperationError::Output(error))
        }
        _ => Ok(()),
    }
}
