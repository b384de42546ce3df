//! Built without the feature `remote`: tasks are in files, and a server that is named is refused.
//! Of everything that has to do with one there is none, and nothing can be done with it.

use std::fmt;
use std::path::PathBuf;

use serde_json::Value;
use todo_core::service::TakenOver;
use todo_core::{Command, Ctx, ErrorCode, Facts, Import, Needs, Outcome};
use todo_file::FileStore;

use crate::args::Global;
use crate::edge;
use crate::error::CliError;
use crate::intent::NONE;
use crate::session::Session;

/// What a server can answer.
#[derive(Debug)]
pub(crate) enum ServerError {}

impl ServerError {
    pub(crate) fn code(&self) -> ErrorCode {
        match *self {}
    }

    pub(crate) fn hint(&self) -> Option<String> {
        match *self {}
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for ServerError {}

/// A server.
#[derive(Debug)]
pub(crate) enum Place {}

impl Place {
    pub(crate) fn copy(&self) -> PathBuf {
        match *self {}
    }
}

/// One that somebody has logged in to.
#[derive(Debug)]
pub(crate) enum Remote {}

/// There is none to be opened.
pub(crate) fn open(place: &Place) -> Result<Remote, CliError> {
    match *place {}
}

impl Remote {
    pub(crate) fn freshen(&self, _: &mut FileStore) -> Result<(), CliError> {
        match *self {}
    }

    pub(crate) fn freshen_filters(&self, _: &mut FileStore) -> Result<(), CliError> {
        match *self {}
    }

    pub(crate) fn freshen_steps(&self, _: &mut FileStore) -> Result<(), CliError> {
        match *self {}
    }

    pub(crate) fn add_firings(&self, _: &Needs, _: &mut Facts) -> Result<(), CliError> {
        match *self {}
    }

    pub(crate) fn prefer(&self, _: &str, _: Value) -> Result<(), CliError> {
        match *self {}
    }

    pub(crate) fn save_filter(&self, _: &str, _: &str, _: &str) -> Result<(), CliError> {
        match *self {}
    }

    pub(crate) fn forget_filter(&self, _: &str) -> Result<(), CliError> {
        match *self {}
    }
}

impl Session {
    pub(crate) fn begin_on_server(&mut self, _: &Ctx) -> Result<(), CliError> {
        match *self.server()?.1 {}
    }

    pub(crate) fn run_on_server(&mut self, _: &Command, _: &Ctx) -> Result<Outcome, CliError> {
        match *self.server()?.1 {}
    }

    pub(crate) fn take_over_on_server(
        &mut self,
        _: Import,
        _: &Ctx,
    ) -> Result<TakenOver, CliError> {
        match *self.server()?.1 {}
    }
}

/// None; whoever wants one is told why.
pub(crate) fn chosen(global: &Global) -> Result<Option<Place>, CliError> {
    let named = match &global.server {
        Some(typed) => Some(typed.clone()),
        None if global.file.is_some() => None,
        None => edge::named_server()?,
    };
    match named.filter(|name| !name.trim().eq_ignore_ascii_case(NONE)) {
        None => Ok(None),
        Some(name) => {
            let what = "this todo was built without servers (the feature `remote`)";
            Err(CliError::usage(what, Some(&name), None))
        }
    }
}

/// No setting is another's.
pub(crate) fn preference(_: &str, _: Option<&str>) -> Option<Value> {
    None
}
