//! Due dates for programs that subscribe to calendars, and can do no more than ask for an address.

use std::io;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use todo_core::event::{Actor, ActorKind};
use todo_core::interchange::icalendar::agenda;
use todo_core::query::{DueFilter, Filter, Moment};
use todo_core::{Ctx, Limit, Owner, Task, TaskQuery};
use tokio::task::spawn_blocking;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::is_known;
use super::params::NoParams;
use super::refusals::{Invalid, Malformed, NoSuchCalendar, NotByToken};
use super::sent::Sent;
use super::transfer::{PATIENCE, busy, stopped};
use crate::auth::{CalendarSecret, LoggedIn};
use crate::edge::fresh_id;
use crate::{ApiError, App};

/// What the calendar is called where it is shown.
const NAME: &str = "Todo";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(make, remove)).routes(routes!(calendar))
}

/// An address to subscribe to.
#[derive(Serialize, ToSchema)]
struct Subscription {
    /// To be given to the calendar's program, and to nobody else. Without `public_url` it begins at the
    /// server's root.
    #[schema(example = "https://todo.example.org/api/calendar/SECRET.ics")]
    url: String,
    #[schema(format = "date-time")]
    created_at: String,
}

/// Makes an address that shows the caller's due dates to whoever knows it.
///
/// There is one: another one takes its place, and the one before shows nothing from then on. Another
/// password leaves it.
#[utoipa::path(
    post,
    path = "/api/auth/calendar",
    tag = "accounts",
    operation_id = "make_calendar",
    responses(
        (status = 201, description = "Made; this is the only time that it is shown.", body = Subscription),
        Malformed, NotByToken, Invalid,
    ),
)]
async fn make(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
    sent: Sent,
) -> Result<(StatusCode, Json<Subscription>), ApiError> {
    sent.nothing()?;
    let now = app.clock.now();
    let secret = app.make_calendar(by, now).await?;
    let origin = app.front().public_origin.as_deref().unwrap_or_default();
    let url = format!("{}/api/calendar/{}.ics", origin.trim_end_matches('/'), secret.text());
    Ok((StatusCode::CREATED, Json(Subscription { url, created_at: now.to_string() })))
}

/// Takes the address away: it shows nothing any more.
#[utoipa::path(
    delete,
    path = "/api/auth/calendar",
    tag = "accounts",
    operation_id = "remove_calendar",
    responses((status = 204, description = "It shows nothing."), Malformed, NotByToken, NoSuchCalendar, Invalid),
)]
async fn remove(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
    sent: Sent,
) -> Result<StatusCode, ApiError> {
    sent.nothing()?;
    app.remove_calendar(by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Open tasks with a due date as the events of a calendar (RFC 5545), for whoever knows the address.
#[utoipa::path(
    get,
    path = "/api/calendar/{secret}",
    tag = "transfer",
    operation_id = "calendar",
    security(()),
    params(
        ("secret" = String, Path, description = "The secret, and `.ics` behind it."),
        ("If-None-Match" = Option<String>, Header, description = "What the caller has already."),
    ),
    responses(
        (status = 200, description = "The calendar.", body = String, content_type = "text/calendar", headers(("ETag" = String, description = "Names these events."))),
        (status = 304, description = "The caller has it already."),
        Malformed, NoSuchCalendar,
    ),
)]
async fn calendar(
    State(app): State<App>,
    secret: Path<String>,
    _: NoParams,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let secret = secret.strip_suffix(".ics").and_then(CalendarSecret::parse);
    let owner = app.calendar_owner(secret).await?;
    let turn = app.feeds().take(owner, PATIENCE).await;
    let turn = turn.ok_or_else(|| busy("other calendars are being written"))?;
    let tasks = due(&app, owner).await?;
    let written = spawn_blocking(move || {
        let _turn = turn;
        written(&tasks)
    });
    let (file, tag) = written.await.map_err(|_| stopped())?.map_err(|_| stopped())?;
    // It is asked for anew each time, and what was kept is shown if it is the same.
    let told = [(ETAG, tag.as_str()), (CACHE_CONTROL, "private, no-cache")];
    if is_known(&headers, &tag)? {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    Ok((told, [(CONTENT_TYPE, "text/calendar; charset=utf-8")], file).into_response())
}

/// Somebody's open tasks that have a due date, also those that are hidden until they begin.
async fn due(app: &App, owner: Owner) -> Result<Vec<Task>, ApiError> {
    let (now, profile) = (app.clock.now(), app.store.user(owner).await?.profile);
    let (zone, week_start) = (profile.zone, profile.week_start);
    let moment = Moment { now, zone, owner_zone: zone, week_start };
    let ctx = Ctx {
        owner,
        actor: Actor { kind: ActorKind::System, id: owner.0 },
        now,
        zone,
        week_start,
        preferences: profile.preferences,
        correlation: fresh_id(now),
        causation: None,
    };
    let filter = Filter { due: Some(DueFilter::Any), waiting: true, ..Filter::default() };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) };
    Ok(app.server().find(&query, &ctx).await?.tasks)
}

/// The calendar, and a tag made of its bytes.
fn written(tasks: &[Task]) -> io::Result<(Vec<u8>, String)> {
    let mut file = Vec::new();
    agenda(tasks.iter(), NAME, &mut file)?;
    let digest = Sha256::digest(&file);
    Ok((file, format!("\"{}\"", BASE64URL_NOPAD.encode(&digest[..16]))))
}
