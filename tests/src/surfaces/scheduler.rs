//! Settling reminders where no scheduler runs that would: which tasks are asked for, which of them
//! remind, and what came of it. Who asks a store, and how, is each driver's.

use todo_core::event::{EventData, EventEnvelope};
use todo_core::query::Moment;
use todo_core::reminder::{FiringFate, planned, settle};
use todo_core::{Actor, ActorKind, Command, Ctx, Filter, Limit, Outcome, Task, TaskQuery};

use super::told::Fired;

/// Every task that may remind.
pub(super) fn candidates(moment: Moment) -> TaskQuery {
    let filter = Filter { waiting: true, ..Filter::default() };
    TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) }
}

/// Settles the reminders of those of the tasks whose time has come.
pub(super) fn command(tasks: &[Task], ctx: &Ctx) -> Command {
    let has_come = |task: &&Task| {
        planned(task, &ctx.preferences, ctx.zone)
            .into_iter()
            .any(|planned| settle(task, planned, ctx.now, ctx.zone).is_some())
    };
    Command::Remind(tasks.iter().filter(has_come).map(|task| task.uid).collect())
}

/// It acts by itself.
pub(super) fn by_itself(ctx: Ctx) -> Ctx {
    Ctx { actor: Actor { kind: ActorKind::System, ..ctx.actor }, ..ctx }
}

/// The reminders that were settled.
pub(super) fn all_fired(outcome: &Outcome) -> Vec<Fired> {
    outcome.events.iter().filter_map(fired).collect()
}

fn fired(event: &EventEnvelope) -> Option<Fired> {
    let EventData::Reminded { id, reminder, firing } = &event.data else { return None };
    let state = if firing.fate == FiringFate::Missed { "missed" } else { "sent" };
    Some(Fired {
        remind_at: firing.at.to_string(),
        id: id.0,
        reminder: reminder.id.0.into(),
        state: state.to_owned(),
        late: firing.fate == FiringFate::Late,
        message: reminder.message.as_ref().map(|text| text.as_str().to_owned()),
        channel: reminder.channel.as_str().to_owned(),
    })
}
