//! Writing on a server.

use serde_json::{Value, json};
use todo_core::service::TakenOver;
use todo_core::{Command, Ctx, Import, Outcome};

use crate::error::CliError;
use crate::session::Session;

impl Session {
    /// Has the server make what the clock has brought, if that is anything.
    pub(crate) fn begin_on_server(&mut self, ctx: &Ctx) -> Result<(), CliError> {
        let (store, remote) = self.server()?;
        if let Some(came) = remote.begin(store, ctx)? {
            self.brought(came);
        }
        Ok(())
    }

    /// Carries out a command on the server, or answers what it would come to.
    pub(crate) fn run_on_server(
        &mut self,
        command: &Command,
        ctx: &Ctx,
    ) -> Result<Outcome, CliError> {
        let dry_run = self.global.dry_run;
        let (store, remote) = self.server()?;
        Ok(if dry_run {
            remote.preview(store, command, ctx)?
        } else {
            remote.run(store, command, ctx)?
        })
    }

    /// Carries out an import on the server, or answers what it would come to.
    pub(crate) fn take_over_on_server(
        &mut self,
        import: Import,
        ctx: &Ctx,
    ) -> Result<TakenOver, CliError> {
        let dry_run = self.global.dry_run;
        let (store, remote) = self.server()?;
        Ok(remote.take_over(store, import, ctx, dry_run)?)
    }
}

/// Settings that belong to the account, as the API takes them; `None` for one of this terminal.
/// Without a value it is what it is unless set.
pub(crate) fn preference(name: &str, value: Option<&str>) -> Option<Value> {
    Some(match name {
        "timezone" => json!(value.unwrap_or("UTC")),
        "week_start" => json!(value.unwrap_or("monday")),
        "all_day_time" => json!(value.unwrap_or("09:00")),
        "default_reminders" => match value.unwrap_or("PT0S") {
            "none" => json!([]),
            offsets => offsets.split(',').map(|offset| json!({ "offset": offset })).collect(),
        },
        _ => return None,
    })
}
