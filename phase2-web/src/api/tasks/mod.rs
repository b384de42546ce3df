//! Tasks.

mod bulk;
mod change;
mod create;
mod history;
mod list;
mod one;
mod places;
mod query;
mod read;
mod recurrence;
mod reminders;
mod repeats;
mod trash;
mod verbs;
mod written;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use query::Wanted;
pub(crate) use written::reminder;

use crate::App;

/// The routes about tasks.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(create::quick))
        .routes(routes!(bulk::bulk))
        .routes(routes!(read::get, change::put, change::patch, trash::delete))
        .routes(routes!(read::urgency))
        .routes(routes!(verbs::complete, verbs::complete_by_patch))
        .routes(routes!(verbs::start))
        .routes(routes!(verbs::reopen))
        .routes(routes!(verbs::cancel))
        .routes(routes!(verbs::skip))
        .routes(routes!(verbs::snooze))
        .routes(routes!(trash::restore))
        .routes(routes!(trash::empty))
        .routes(routes!(recurrence::set, recurrence::end))
        .routes(routes!(recurrence::preview))
        .routes(routes!(reminders::list, reminders::add, reminders::clear))
        .routes(routes!(reminders::remove))
        .routes(routes!(history::history))
}
