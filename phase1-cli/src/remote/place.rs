//! Which server is meant, if any: `--server`, else `TODO_SERVER`, else the one that was logged in
//! to last. A file that is named comes before a server that is only remembered.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use todo_client::{Client, Server};

use crate::args::Global;
use crate::edge;
use crate::error::CliError;
use crate::intent::NONE;

/// A server, and the folder in which things about servers are kept.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) server: Server,
}

impl Place {
    /// Where the copy of what the server keeps is.
    pub(crate) fn copy(&self) -> PathBuf {
        Client::folder(&self.folder, &self.server).join("copy.json")
    }
}

/// The folder in which things about servers are kept.
pub(crate) fn servers() -> Result<PathBuf, CliError> {
    edge::servers_folder().ok_or(CliError::Homeless)
}

/// The server that the tasks are on, or none: then they are in a file.
pub(crate) fn chosen(global: &Global) -> Result<Option<Place>, CliError> {
    let named = match &global.server {
        Some(typed) => Some(typed.clone()),
        None if global.file.is_some() => return Ok(None),
        None => edge::named_server()?,
    };
    match named {
        Some(name) => read(&name),
        None if edge::named_file().is_some() => Ok(None),
        None => remembered(),
    }
}

/// The server that is meant where a server must be, whatever file is named beside it.
pub(crate) fn any_server(global: &Global) -> Result<Place, CliError> {
    let named = match &global.server {
        Some(typed) => Some(typed.clone()),
        None => edge::named_server()?,
    };
    let place = match named {
        Some(name) => read(&name)?,
        None => remembered()?,
    };
    place.ok_or(CliError::NoServer)
}

fn read(name: &str) -> Result<Option<Place>, CliError> {
    if name.trim().eq_ignore_ascii_case(NONE) {
        return Ok(None);
    }
    let server = name.parse::<Server>();
    let server = server.map_err(|error| CliError::usage(error.to_string(), Some(name), None))?;
    Ok(Some(Place { folder: servers()?, server }))
}

/// The file that says which one was logged in to last.
fn default_path(folder: &Path) -> PathBuf {
    folder.join("default")
}

fn remembered() -> Result<Option<Place>, CliError> {
    // Without a home nothing can have been remembered.
    let Some(folder) = edge::servers_folder() else { return Ok(None) };
    let path = default_path(&folder);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(CliError::Io { doing: format!("read {}", path.display()), error });
        }
    };
    read(text.trim())
}

/// From now on commands work on this server.
pub(crate) fn remember_default(folder: &Path, server: &Server) -> Result<(), CliError> {
    let path = default_path(folder);
    let beside = path.with_extension("new");
    let written =
        fs::write(&beside, format!("{server}\n")).and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| CliError::Io { doing: format!("write {}", path.display()), error })
}

/// From now on they do not, if they did.
pub(crate) fn forget_default(folder: &Path, server: &Server) -> Result<(), CliError> {
    let path = default_path(folder);
    let is_it = fs::read_to_string(&path).is_ok_and(|text| text.trim() == server.as_str());
    if !is_it {
        return Ok(());
    }
    fs::remove_file(&path)
        .map_err(|error| CliError::Io { doing: format!("remove {}", path.display()), error })
}
