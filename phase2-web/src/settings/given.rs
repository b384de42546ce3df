//! Where values come from: defaults, then the file, the environment and the command line, each over
//! the one before.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use todo_core::error::{excerpt, similar};
use toml::{Table, Value};

use super::keys::{KEYS, Key};
use super::{File, SettingsError};

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Default,
    File(PathBuf),
    Environment(String),
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "--{flag}"),
        }
    }
}

/// The texts that were given, before anything is made of them.
pub(super) struct Given(BTreeMap<&'static str, (String, Source)>);

/// Texts that may be secrets: none is shown.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, (_, source))| (name, source))).finish()
    }
}

impl Given {
    pub(super) fn defaults() -> Self {
        let given = KEYS.iter().map(|key| (key.name, (key.default.to_owned(), Source::Default)));
        Self(given.collect())
    }

    /// What was given for a setting, and by whom. Nothing is the same as an empty text.
    pub(super) fn of(&self, name: &str) -> (&str, Source) {
        let given = self.0.get(name).map(|(text, source)| (text.as_str(), source.clone()));
        given.unwrap_or(("", Source::Default))
    }

    /// Puts the file's values over those that are there.
    pub(super) fn file(&mut self, file: &File) -> Result<(), SettingsError> {
        let (path, text) = (file.name.as_path(), file.text.as_str());
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            // The error's own text shows the line, which may be that of a secret.
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            SettingsError::NotToml { file: path.into(), line, problem: error.message().to_owned() }
        })?;
        for (name, value) in table {
            let key = known(&name, path)?;
            let text = text_of(&value).ok_or_else(|| SettingsError::WrongType {
                name: key.name,
                file: path.into(),
                kind: value.type_str(),
            })?;
            self.put(key, text, Source::File(path.into()));
        }
        Ok(())
    }

    /// Puts the environment's values over those that are there. An empty variable is an unset one; one
    /// that is no text is refused, for the default is not what was meant.
    pub(super) fn environment(
        &mut self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<(), SettingsError> {
        for key in KEYS {
            let names = key.alias.map(str::to_owned).into_iter().chain([key.variable()]);
            for name in names {
                let Some(text) = variable(&name).filter(|text| !text.is_empty()) else { continue };
                let Ok(text) = text.into_string() else {
                    return Err(SettingsError::NotText { variable: name });
                };
                self.put(key, text, Source::Environment(name));
            }
        }
        Ok(())
    }

    /// Puts the command line's values over those that are there.
    pub(super) fn flags(&mut self, value: impl Fn(&'static str) -> Option<String>) {
        for key in KEYS.iter().filter(|key| !key.secret) {
            if let Some(text) = value(key.name) {
                self.put(key, text, Source::Flag(key.flag()));
            }
        }
    }

    fn put(&mut self, key: &'static Key, text: String, source: Source) {
        self.0.insert(key.name, (text, source));
    }
}

fn known(name: &str, file: &Path) -> Result<&'static Key, SettingsError> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| SettingsError::UnknownKey {
        name: excerpt(name),
        file: file.into(),
        like: similar(name, KEYS.iter().map(|key| key.name)).map(str::to_owned),
    })
}

/// A value as the environment would have it; a list has commas.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}

/// The line, from 1, that a position lies in.
fn line_of(text: &str, position: usize) -> usize {
    1 + text.bytes().take(position).filter(|byte| *byte == b'\n').count()
}
