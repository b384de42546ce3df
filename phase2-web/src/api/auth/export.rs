//! Everything of an account, for its user to take away: written while it is read, so that it needs no
//! more memory than a page of it, however much there is.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use todo_core::{ErrorCode, Owner};
use todo_store::Store;
use todo_store::accounts::{AccountError, BelongingsPlace};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Account;
use super::schema;
use crate::api::params::NoParams;
use crate::api::refusals::{Malformed, NotByToken};
use crate::auth::LoggedIn;
use crate::chain::Chain;
use crate::export::{Export, Pieces};
use crate::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export_me))
}

/// All that is stored of the caller, as one JSON document.
///
/// It is written while it is read: one that broke off has no closing bracket, and is not whole. As
/// a file of tasks `/api/import` takes it, too. A user has one made at a time: 429 while another is
/// being sent.
#[utoipa::path(
    get,
    path = "/api/auth/me/export",
    tag = "accounts",
    operation_id = "export_account",
    responses(
        (status = 200, description = "The document.", body = schema::AccountExport, headers(("Content-Disposition" = String, description = "A name for the file."))),
        Malformed, NotByToken,
    ),
)]
async fn export_me(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
) -> Result<Response, ApiError> {
    let owner = by.owner;
    let turn = app.export_turn(owner)?;
    let account = Account::from(app.store.user(owner).await?);
    let belonging = Belonging::new(&app, owner, &account)?;
    app.store.note_export(owner, &by.by(app.clock.now())).await?;
    tracing::info!(target: "security", owner = %owner.0, "a user takes their data away");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
    ];
    Ok((headers, belonging.body(turn)).into_response())
}

/// All of it, as it is written.
struct Belonging {
    store: Store,
    owner: Owner,
    /// What stands before the parts.
    head: String,
}

impl Belonging {
    fn new(app: &App, owner: Owner, account: &Account) -> Result<Self, ApiError> {
        let now = app.clock.now();
        let account = serde_json::to_string(account)
            .map_err(|_| ApiError::new(ErrorCode::Internal, "a profile cannot be written"))?;
        let head = format!("{{\"format\":2,\"exported_at\":\"{now}\",\"account\":{account}");
        Ok(Self { store: app.store.clone(), owner, head })
    }
}

impl Export for Belonging {
    type Error = AccountError;

    async fn write(&mut self, pieces: &mut Pieces) -> Result<(), AccountError> {
        pieces.add(&self.head).await;
        // The part whose list is open.
        let mut part = None;
        let mut next = Some(BelongingsPlace::FIRST);
        while let Some(place) = next {
            let found = self.store.belongings(self.owner, &place).await?;
            let begun = part == Some(found.part);
            if !begun {
                let close = if part.is_some() { "]" } else { "" };
                pieces.add(&format!("{close},\n\"{}\":[", found.part)).await;
                part = Some(found.part);
            }
            for (at, row) in found.rows.into_iter().enumerate() {
                pieces.add(if at == 0 && !begun { "\n" } else { ",\n" }).await;
                pieces.add(&row).await;
            }
            next = found.next;
        }
        // If it was deleted meanwhile, what came is not all that there was.
        self.store.user(self.owner).await?;
        pieces.add("]}\n").await;
        Ok(())
    }

    fn broke_off(&self, error: &AccountError) {
        tracing::error!(
            owner = %self.owner.0, error = %Chain(error), "an export of an account broke off"
        );
    }
}
