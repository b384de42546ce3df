//! What an operator asks of the program beside answering requests.

mod backup;
mod doctor;
mod keeper;
mod password;
mod sweeper;
mod user;

use std::io::{self, Write};

use todo_core::{FieldError, StoreError};
use todo_store::accounts::AccountError;
use todo_store::backup::BackupError;

pub use keeper::BackupPlan;

use crate::post::NotSent;
use crate::settings::{Operation, Settings};
use crate::start::StartError;
use crate::{BadCost, PasswordError};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperationError {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Start(Box<StartError>),
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error("there is no account {0}; `user list` shows which there are")]
    NoAccount(String),
    #[error("{0}")]
    Field(FieldError),
    #[error(transparent)]
    NotSent(#[from] NotSent),
    #[error("passwords cannot be hashed: {0}")]
    Cost(#[from] BadCost),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("the two passwords differ; nothing was changed")]
    Differ,
    #[error("standard input cannot be read: {0}")]
    Input(#[source] io::Error),
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
        Operation::User(act) => user::act(act, settings).await,
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
