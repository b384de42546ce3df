//! What the file holds beside tasks and belongs to the user: settings and saved filters.

use serde_json::{Map, Value};

use crate::document::{Document, Span};
use crate::error::FileError;
use crate::scan;
use crate::store::FileStore;
use crate::write::Change;

/// A part of the file that is an object of the user's own.
#[derive(Debug, Clone, Copy)]
enum Part {
    Settings,
    Filters,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Filters => "filters",
        }
    }

    fn span(self, document: &Document) -> Option<&Span> {
        match self {
            Self::Settings => document.settings.as_ref(),
            Self::Filters => document.filters.as_ref(),
        }
    }
}

impl FileStore {
    /// The user's settings.
    pub fn settings(&self) -> Result<Map<String, Value>, FileError> {
        self.part(Part::Settings)
    }

    /// Changes the user's settings.
    pub fn change_settings(
        &mut self,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<(), FileError> {
        self.change_part(Part::Settings, change)
    }

    /// The saved filters: expressions by name.
    pub fn filters(&self) -> Result<Map<String, Value>, FileError> {
        self.part(Part::Filters)
    }

    /// Changes the saved filters.
    pub fn change_filters(
        &mut self,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<(), FileError> {
        self.change_part(Part::Filters, change)
    }

    fn part(&self, part: Part) -> Result<Map<String, Value>, FileError> {
        let snapshot = self.snapshot()?;
        if let Some(found) = scan::part(snapshot.source.json(), part.name()) {
            return Ok(found);
        }
        let document = snapshot.document(self.path())?;
        let Some(span) = part.span(document) else { return Ok(Map::new()) };
        serde_json::from_str(document.part(span))
            .map_err(|error| FileError::damaged(self.path(), &format!("{}: {error}", part.name())))
    }

    fn change_part(
        &mut self,
        part: Part,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<(), FileError> {
        self.exclusively(|store| {
            let mut map = store.part(part)?;
            change(&mut map);
            let text = Some(Value::Object(map).to_string());
            let snapshot = store.snapshot()?;
            let counters = snapshot.document(store.path())?.counters;
            let mut change = Change { counters, ..Change::default() };
            match part {
                Part::Settings => change.settings = text,
                Part::Filters => change.filters = text,
            }
            store.write(&snapshot, &change)
        })
    }
}
