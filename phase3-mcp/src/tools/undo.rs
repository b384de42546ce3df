//! `undo`.

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::{Command, StepNo};

use super::Hints;
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::told::{Telling, Told, Written};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Undo {
    /// The `step` that a write answered; not given: the newest.
    step: Option<u64>,
    /// Instead, do again what was undone last.
    redo: bool,
}

pub(super) fn tool() -> Tool {
    super::tool::<Undo, Written>(
        "undo",
        "Undo or redo",
        Hints::Changes { idempotent: false },
        "Takes back a step: every task that it changed gets its old values again. Use it when the \
         user says that something was wrong. It refuses where a later change touched the same \
         fields. With `redo`, does again what was undone last.",
    )
}

pub(super) async fn run<B: Backend>(desk: &Desk<'_, B>, args: Undo) -> Result<Told, Fault> {
    let (command, did) = match (args.redo, args.step) {
        (true, Some(_)) => {
            let message = "is for undo; redo does again what was undone last";
            return Err(Fault::arguments("step", message));
        }
        (true, None) => (Command::Redo, "Did again; changed"),
        (false, step) => (Command::Undo(step.map(StepNo)), "Undone; changed back"),
    };
    let outcome = desk.carry_out(command).await?;
    let telling = Telling { did, named: &[], understood: Vec::new(), dry_run: false };
    Ok(Written::told(&outcome, telling, &desk.glance()))
}
