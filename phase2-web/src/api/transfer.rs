//! In and out: everything, in each format that is spoken.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;
use todo_core::error::excerpt;
use todo_core::interchange::{
    Format, ImportError, Imported, Reading, Writing, export as write, import as read,
};
use todo_core::wire::{Taken, lost};
use todo_core::{
    ActorKind, Command, Ctx, ErrorCode, Import, Limit, Outcome, Status, TaskQuery, Title,
};
use todo_store::accounts::By;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::{self, Filtered};
use super::desk::{Desk, How, WriteDesk, json as answer};
use super::once::Kept;
use super::params::{Params, word};
use super::refusals::{Conflict, Invalid, Malformed, NoneSuch, ReadOnly};
use super::schema;
use super::sent::SentFile;
use super::tasks::Wanted;
use super::upload::{RECORDS_MAX, Stop, Upload, Waiting};
use crate::chain::Chain;
use crate::client::ClientAddress;
use crate::layers::detached;
use crate::problem::{Fault, Place};
use crate::{ApiError, App};

/// When to ask again for one, in seconds.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// How long to wait for a turn.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export)).routes(routes!(import))
}

/// Tasks as a file. Without parameters it is all of them, in the trash or not, as own JSON, in which
/// nothing is lost.
#[utoipa::path(
    get,
    path = "/api/export",
    tag = "transfer",
    operation_id = "export_tasks",
    params(
        asked::FileFormat,
        ("report" = Option<bool>, Query, description = "Instead of the file: how many tasks are in it, and what the format cannot say of them."),
        Filtered,
    ),
    responses(
        (status = 200, description = "The file, or the report.", content(
            (schema::Exported = "application/json"),
            (String = "text/calendar"),
            (String = "text/csv"),
            (String = "text/plain"),
        ), headers(("Content-Disposition" = String, description = "A name for the file."))),
        Malformed, NoneSuch,
    ),
)]
async fn export(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let format = params.one("format", word).unwrap_or(Format::Json);
    let report = params.flag("report");
    let narrowed = params.pairs().iter().any(|(name, _)| name != "format" && name != "report");
    let wanted = Wanted::read(&mut params, desk.ctx.zone);
    params.finish()?;
    let moment = wanted.moment(&desk);
    let mut filter = wanted.filter(&desk).await?;
    if !narrowed {
        (filter.status, filter.waiting) = (Some(Status::ALL.to_vec()), true);
    }
    let mut query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) };
    let turn = turn(&desk.app).await?;
    if !report {
        note(&desk).await;
    }
    let mut tasks = desk.server().find(&query, &desk.ctx).await?.tasks;
    if !narrowed {
        query.filter.trash = true;
        tasks.extend(desk.server().find(&query, &desk.ctx).await?.tasks);
    }
    let writing = Writing { now: moment.now, zone: moment.zone };
    let written = spawn_blocking(move || {
        let _turn = turn;
        tasks.sort_unstable_by_key(|task| task.id);
        let mut file = Vec::new();
        write(format, &tasks, &writing, &mut file).map(|losses| (tasks.len(), file, losses))
    });
    let (count, file, losses) = written.await.map_err(|_| stopped())?.map_err(|_| stopped())?;
    if report {
        let exported = count - losses.left_out();
        let (to, losses) = (format.as_str(), lost(&losses));
        return Ok(answer(&json!({ "exported": exported, "to": to, "losses": losses })));
    }
    Ok(as_file(format, file))
}

/// Has the audit know that tasks were taken away. Where nothing can be written any more, they still can be.
async fn note(desk: &Desk) {
    let Ctx { owner, actor, now, correlation, .. } = desk.ctx;
    let token = (actor.kind == ActorKind::Token).then_some(actor.id);
    let address = ClientAddress::asking().map(|ClientAddress(address)| address.to_string());
    let session = desk.session;
    let by = By { kind: actor.kind, token, session, address, ..By::user(now, correlation) };
    if let Err(error) = desk.app.store.note_export(owner, &by).await {
        let error = Chain(&error);
        tracing::error!(target: "security", owner = %owner.0, %error, "an export was not noted");
    }
}

fn as_file(format: Format, file: Vec<u8>) -> Response {
    let (media, ending) = match format {
        Format::Json | Format::Taskwarrior => ("application/json", "json"),
        Format::Icalendar => ("text/calendar; charset=utf-8", "ics"),
        Format::Todotxt => ("text/plain; charset=utf-8", "txt"),
        Format::Csv | Format::Todoist => ("text/csv; charset=utf-8", "csv"),
    };
    let mut name = String::new();
    // Writing to a string does not fail.
    let _ = write!(name, "attachment; filename=\"tasks.{ending}\"");
    let mut response = Response::new(Body::from(file));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers
        .extend(HeaderValue::try_from(name).ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    response
}

/// Takes over tasks from a file: all that it holds, as one step. The same file again changes
/// nothing: what is here with the same uid and changed later stays.
#[utoipa::path(
    post,
    path = "/api/import",
    tag = "transfer",
    operation_id = "import_tasks",
    params(
        asked::FileFormat,
        asked::DryRun,
        ("tz" = Option<String>, Query, description = "The zone of dates that name none: an IANA name. Not said, the caller's own."),
        asked::OnceKey,
    ),
    request_body(description = "The file, 64 MiB at most.", content(
        (schema::Imported = "application/json"),
        (String = "application/octet-stream"),
        (String = "text/calendar"),
        (String = "text/csv"),
        (String = "text/plain"),
    )),
    responses(
        (status = 200, description = "What became of the tasks.", body = schema::ImportReport),
        Malformed, ReadOnly, Conflict, Invalid,
    ),
)]
async fn import(
    write: WriteDesk,
    mut params: Params,
    sent: SentFile,
) -> Result<Response, ApiError> {
    let format = params.one("format", word).unwrap_or(Format::Json);
    let dry_run = params.flag("dry_run");
    let zone = params.one("tz", |name| Ok(todo_core::time::zone(name)?));
    params.finish()?;
    // The turn comes first: a body that waits for one is held for nothing.
    let turn = turn(&write.desk.app).await?;
    let file = sent.whole().await?;
    let mut asking = write.desk.asking();
    asking.moment.zone = zone.unwrap_or(asking.moment.zone);
    let reading = Reading { asking, at: write.desk.ctx.now };
    let waiting = Waiting::default();
    let upload = Upload::new(file.bytes.clone(), format, &waiting);
    // Whoever works has the turn, for as long as the work lasts.
    let imported =
        spawn_blocking(move || (file.fingerprint(), read(format, upload, &reading), turn));
    let (fingerprint, imported, turn) = imported.await.map_err(|_| stopped())?;
    let Imported { tasks, losses, keeps } = imported.map_err(|error| refused(&error))?;
    if tasks.len() > RECORDS_MAX {
        return Err(too_many());
    }
    let titles: Vec<Title> = tasks.iter().map(|task| task.title.clone()).collect();
    let command = Command::Import(Import { tasks, keeps });
    let tell = move |outcome: &Outcome, dry_run| {
        let items = (outcome.items.as_slice(), titles.as_slice());
        let taken = Taken::new(dry_run, outcome.step, items, &outcome.notes, &losses);
        Kept::json(StatusCode::OK, &taken)
    };
    let how = How { dry_run, fingerprint };
    // What is decided of many tasks takes long, and must not hold up other requests.
    let (runtime, span) = (tokio::runtime::Handle::current(), detached("import"));
    let from = ClientAddress::asking();
    let done = spawn_blocking(move || {
        let _turn = turn;
        let done = write.carry_out(&command, how, tell).instrument(span);
        runtime.block_on(ClientAddress::asks(from, done))
    });
    done.await.map_err(|_| stopped())?
}

/// The turn to work on a long file.
pub(super) async fn turn(app: &App) -> Result<OwnedSemaphorePermit, ApiError> {
    let turn = Arc::clone(app.files()).acquire_owned();
    let busy = |_| busy("other files are being worked on");
    timeout(PATIENCE, turn).await.map_err(busy)?.map_err(|_| stopped())
}

/// There is no turn.
pub(crate) fn busy(why: &str) -> ApiError {
    let message = format!("{why}; try again in a while");
    ApiError::new(ErrorCode::RateLimited, message).header(RETRY_AFTER, AGAIN)
}

fn too_many() -> ApiError {
    ApiError::new(ErrorCode::LimitExceeded, Stop::TooMany.to_string())
}

fn refused(error: &ImportError) -> ApiError {
    let fault = |kind| Fault::new(Place::Pointer(String::new()), kind, error);
    match error {
        ImportError::Encoding { .. } | ImportError::Syntax { .. } => {
            ApiError::faults(vec![fault("syntax")]).status(StatusCode::BAD_REQUEST)
        }
        ImportError::Cell { .. } => ApiError::faults(vec![fault("cell")]),
        ImportError::Record { .. } => ApiError::faults(vec![fault("record")]),
        ImportError::Read(error) if is_stop(error) => too_many(),
        ImportError::Read(error) => ApiError::malformed(excerpt(&error.to_string())),
    }
}

/// Whether there was too much to read. Nobody is told that nobody waits.
fn is_stop(error: &io::Error) -> bool {
    error.get_ref().and_then(|error| error.downcast_ref::<Stop>()).is_some()
}

/// A worker that broke down.
pub(super) fn stopped() -> ApiError {
    ApiError::new(ErrorCode::Internal, "the work on a file broke off")
}
