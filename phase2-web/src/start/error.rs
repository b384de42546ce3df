//! Why there is no server.

use std::error::Error;
use std::io;

use todo_core::StoreError;

use crate::operate::OperationError;
use crate::telemetry::TracesError;
use crate::{BadCost, KeyError, SecretError};

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("the runtime cannot be started: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Traces(#[from] TracesError),
    #[error("signals cannot be listened for: {0}")]
    Signals(io::Error),
    #[error("the database {0} cannot be opened")]
    Database(String, #[source] StoreError),
    #[error("the tables of {0} cannot be brought up to date")]
    Migration(String, #[source] StoreError),
    #[error(
        "the tables of {0} are not those of this version; \
         run its subcommand `migrate` (or start with --migrate) when no other version uses them"
    )]
    NotMigrated(String),
    #[error(
        "on PostgreSQL tokens need a secret that all servers share: \
         set JWT_SECRET to 32 bytes or more, such as the output of `openssl rand -hex 32`"
    )]
    NoSecret,
    #[error("the secret that tokens are signed with cannot be used")]
    Secret(#[from] SecretError),
    #[error("jwt_private_key")]
    PrivateKey(#[source] KeyError),
    #[error("jwt_accepted_keys")]
    AcceptedKeys(#[source] KeyError),
    #[error("passwords cannot be hashed")]
    Passwords(#[source] BadCost),
    #[error("it was interrupted; nothing was changed")]
    Interrupted,
    #[error("it was interrupted; the tables may not be up to date: run `migrate` again")]
    Unfinished,
    #[error(transparent)]
    Operation(#[from] OperationError),
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
    #[error("{0} port {1} cannot be listened at: {2}")]
    Listen(String, u16, io::Error),
}
