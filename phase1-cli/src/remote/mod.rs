//! Working on a server: which one, and whose. How is [`todo_client::Remote`]'s affair.

mod place;
mod write;

use todo_client::{Client, RemoteError};
pub(crate) use todo_client::{ClientError as ServerError, Remote};

use crate::edge;
use crate::error::CliError;

pub(crate) use place::{Place, any_server, chosen, forget_default, remember_default, servers};
pub(crate) use write::preference;

/// The server of somebody who has logged in.
pub(crate) fn open(place: &Place) -> Result<Remote, CliError> {
    Ok(Remote::new(client(place)?, place.copy(), edge::fresh_id))
}

/// Who asks it in the name of that somebody.
pub(crate) fn client(place: &Place) -> Result<Client, CliError> {
    Ok(Client::open(&place.folder, place.server.clone())?)
}

impl From<RemoteError> for CliError {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Service(error) => error.into(),
            RemoteError::Copy { doing, error } => Self::Io { doing, error },
            RemoteError::Server(error) => error.into(),
        }
    }
}
