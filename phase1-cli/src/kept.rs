//! What is kept beside the tasks: settings and saved filters, in the file or on the server.

use serde_json::Value;
use todo_core::query::Filters;

use crate::edge;
use crate::error::CliError;
use crate::remote::preference;
use crate::session::Session;

impl Session {
    /// Takes the right to write, so that what is looked at is what is written over. A server looks
    /// for itself.
    pub(crate) fn hold(&mut self) -> Result<(), CliError> {
        let on_server = self.is_on_server();
        let store = self.store()?;
        if on_server { Ok(()) } else { Ok(store.lock()?) }
    }

    /// Sets a setting, or goes back to what it is unless set. On a server, what is the account's is
    /// set there; the rest belongs to this terminal.
    pub(crate) fn set(&mut self, name: &str, value: Option<String>) -> Result<(), CliError> {
        if self.is_on_server()
            && let Some(preferred) = preference(name, value.as_deref())
        {
            self.server()?.1.prefer(name, preferred)?;
            return Ok(());
        }
        self.store()?.change_settings(|settings| match value {
            Some(value) => drop(settings.insert(name.to_owned(), Value::String(value))),
            None => drop(settings.remove(name)),
        })?;
        Ok(())
    }

    /// Saves a filter that was checked.
    pub(crate) fn save_filter(&mut self, name: &str, text: &str) -> Result<(), CliError> {
        if self.is_on_server() {
            let key = edge::fresh_id(self.now).to_string();
            self.server()?.1.save_filter(name, text, &key)?;
            return Ok(());
        }
        self.store()?.change_filters(|filters| {
            filters.retain(|known, _| Filters::name(known) != name);
            filters.insert(name.to_owned(), Value::String(text.to_owned()));
        })?;
        Ok(())
    }

    /// Forgets a filter that was there.
    pub(crate) fn forget_filter(&mut self, name: &str) -> Result<(), CliError> {
        if self.is_on_server() {
            self.server()?.1.forget_filter(name)?;
            return Ok(());
        }
        let gone = |known: &String| Filters::name(known) == name;
        self.store()?.change_filters(|filters| filters.retain(|known, _| !gone(known)))?;
        Ok(())
    }
}
