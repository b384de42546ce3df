//! Saved filters: expressions by name (Q9).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use todo_core::error::TaskError;
use todo_core::query::{Filters, SavedFilters};
use todo_core::service::ServiceError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::{Desk, How, WriteDesk, json};
use super::faults::{Faults, Trouble};
use super::form::{boolean, string};
use super::once::Kept;
use super::params::{DryRun, NoParams};
use super::refusals::{Invalid, Malformed, NoneSuch, ReadOnly};
use super::sent::Sent;
use super::{asked, schema};
use crate::problem::Place;
use crate::{ApiError, App};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, save)).routes(routes!(remove))
}

#[derive(Serialize)]
struct Named<'f> {
    name: &'f str,
    filter: &'f str,
}

#[derive(Serialize)]
struct Listed<'f> {
    filters: Vec<Named<'f>>,
}

/// What came of saving or removing one.
#[derive(Serialize)]
struct Told {
    dry_run: bool,
    name: String,
    filter: Option<String>,
    replaced: Option<String>,
}

/// The saved filters, by name.
#[utoipa::path(
    get,
    path = "/api/filters",
    tag = "labels",
    operation_id = "list_filters",
    responses((status = 200, description = "The filters.", body = schema::SavedFilters), Malformed),
)]
async fn list(desk: Desk, _params: NoParams) -> Result<Response, ApiError> {
    let filters = desk.app.store.filters(desk.ctx.owner).await?;
    let filters = filters.iter().map(|(name, filter)| Named { name, filter }).collect();
    Ok(json(&Listed { filters }))
}

/// Saves an expression under a name, over one that is there.
#[utoipa::path(
    post,
    path = "/api/filters",
    tag = "labels",
    operation_id = "save_filter",
    params(asked::DryRun, asked::OnceKey),
    request_body(content = schema::SaveFilter),
    responses(
        (status = 200, description = "The filter as it is kept.", body = schema::SavedFilter),
        Malformed, ReadOnly, Invalid,
    ),
)]
async fn save(write: WriteDesk, DryRun(asked): DryRun, sent: Sent) -> Result<Response, ApiError> {
    let fingerprint = sent.fingerprint;
    let (name, text, dry_run) = sent.read(|form| {
        let name = form.required("name", |value| Ok(string(value)?.to_owned()));
        let text = form.required("filter", |value| Ok(string(value)?.to_owned()));
        let dry_run = form.optional("dry_run", boolean).unwrap_or_default();
        Some((name?, text?, dry_run || asked))
    })?;
    let how = How { dry_run, fingerprint };
    if !dry_run && write.was_answered().await? {
        return write.remember(how, Kept::json(StatusCode::OK, &())).await;
    }
    let (store, owner) = (&write.desk.app.store, write.desk.ctx.owner);
    let asking = write.desk.asking();
    let mut filters = store.filters(owner).await?;
    let before = filters.text(&name).map(ToOwned::to_owned);
    let saved = if dry_run {
        filters.save(&name, &text, &asking).map_err(ServiceError::from)
    } else {
        store.save_filter(owner, &name, &text, &asking).await
    };
    let (name, text) = saved.map_err(refused)?;
    let replaced = before.filter(|before| *before != text);
    let told = Told { dry_run, name, filter: Some(text), replaced };
    // What is cut off between saving and this is done again by the next try, and comes to the same.
    write.remember(how, Kept::json(StatusCode::OK, &told)).await
}

/// Removes a filter that no other one names.
#[utoipa::path(
    delete,
    path = "/api/filters/{name}",
    tag = "labels",
    operation_id = "remove_filter",
    params(
        ("name" = String, Path, description = "What the filter is called."),
        asked::DryRun,
    ),
    responses(
        (status = 200, description = "It is gone; `replaced` is what it was.", body = schema::SavedFilter),
        Malformed, ReadOnly, NoneSuch, Invalid,
    ),
)]
async fn remove(
    write: WriteDesk,
    Path(name): Path<String>,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    sent.nothing()?;
    let (store, owner) = (&write.desk.app.store, write.desk.ctx.owner);
    let asking = write.desk.asking();
    let mut filters = store.filters(owner).await?;
    let replaced = filters.text(&name).map(ToOwned::to_owned);
    if dry_run {
        filters.remove(&name, &asking)?;
    } else {
        store.remove_filter(owner, &name, &asking).await?;
    }
    Ok(json(&Told { dry_run, name: Filters::name(&name), filter: None, replaced }))
}

fn refused(error: ServiceError) -> ApiError {
    match error {
        // What is not understood is shown where it lies.
        ServiceError::Refused(TaskError::Words { error, .. }) => {
            Faults::one(Place::Pointer("/filter".to_owned()), Trouble::from(*error))
        }
        error => error.into(),
    }
}
