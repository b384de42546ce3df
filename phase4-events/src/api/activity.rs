//! How much one did, day by day.

use axum::response::Response;
use chrono::{Days, NaiveDate};
use serde::Serialize;
use todo_store::effects::Activity;
use todo_web::routes::{Desk, Malformed, Params, Read, Trouble, json};
use todo_web::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown;

/// Days that one answer looks at, at most and unless said otherwise.
const DAYS_MAX: i64 = 366;
const DAYS: u64 = 30;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(activity))
}

#[derive(Serialize)]
struct Told {
    days: Vec<Activity>,
    from: NaiveDate,
    to: NaiveDate,
}

/// How many tasks were made, completed, taken up again, given up and deleted, day by day as the days
/// were where the caller was when it was counted.
///
/// What was imported was not made here and does not count. A change comes in a moment after it was made.
#[utoipa::path(
    get,
    path = "/api/stats/activity",
    tag = "labels",
    operation_id = "activity",
    params(
        ("from" = Option<String>, Query, description = "The first day (`2026-11-21`); not said, 29 days before the last."),
        ("to" = Option<String>, Query, description = "The day after the last, at most 366 after the first; not said, tomorrow."),
    ),
    responses((status = 200, description = "The days on which something was done.", body = shown::ActivityDays), Malformed),
)]
async fn activity(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let today = desk.ctx.now.day(desk.ctx.zone);
    let (from, to) = (params.one("from", day), params.one("to", day));
    let to = to.or_else(|| today.succ_opt()).unwrap_or(today);
    let from = from.or_else(|| to.checked_sub_days(Days::new(DAYS))).unwrap_or(to);
    if !(0..=DAYS_MAX).contains(&(to - from).num_days()) {
        params.fault("to", Trouble::new("out_of_range", "must be 0 to 366 days after from"));
    }
    params.finish()?;
    let (first, end) = (from.to_string(), to.to_string());
    let days = desk.app.store.activity(desk.ctx.owner, &first, &end).await?;
    Ok(json(&Told { days, from, to }))
}

/// A day of a year that is written with four digits: days are compared as texts.
fn day(text: &str) -> Read<NaiveDate> {
    let read = (text.len() == "2026-11-21".len()).then(|| text.parse().ok()).flatten();
    read.ok_or_else(|| Trouble::new("not_a_day", "is no day; write it as 2026-11-21"))
}
