//! Everything of an account, for its user to take away: written while it is read, so that it needs no
//! more memory than a page of it, however much there is.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use todo_core::{ErrorCode, Owner};
use todo_store::accounts::{AccountError, BelongingsPlace};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Account;
use super::schema;
use crate::api::params::NoParams;
use crate::api::refusals::{Malformed, NotByToken};
use crate::auth::LoggedIn;
use crate::chain::Chain;
use crate::turns::Lease;
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
    let export = Export::new(app.clone(), (owner, turn), &account)?;
    app.store.note_export(owner, &by.by(app.clock.now())).await?;
    tracing::info!(target: "security", owner = %owner.0, "a user takes their data away");
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
    ];
    let body = Body::from_stream(stream::try_unfold(export, Export::more));
    Ok((headers, body).into_response())
}

/// What is still to be written.
struct Export {
    app: App,
    owner: Owner,
    /// What was written and not sent yet.
    text: String,
    /// The part whose list is open.
    part: Option<&'static str>,
    next: Option<BelongingsPlace>,
    /// Held until all was sent, whoever asked has gone away, or it took too long.
    turn: Lease,
}

impl Export {
    fn new(app: App, (owner, turn): (Owner, Lease), account: &Account) -> Result<Self, ApiError> {
        let now = app.clock.now();
        let account = serde_json::to_string(account)
            .map_err(|_| ApiError::new(ErrorCode::Internal, "a profile cannot be written"))?;
        let text = format!("{{\"format\":2,\"exported_at\":\"{now}\",\"account\":{account}");
        let next = Some(BelongingsPlace::FIRST);
        Ok(Self { app, owner, text, part: None, next, turn })
    }

    /// The next piece, and what follows it.
    async fn more(mut self) -> Result<Option<(String, Self)>, AccountError> {
        let Some(place) = self.next.take() else { return Ok(None) };
        self.turn.check()?;
        if let Err(error) = self.write(&place).await {
            tracing::error!(
                owner = %self.owner.0, error = %Chain(&error), "an export of an account broke off"
            );
            return Err(error);
        }
        let text = std::mem::take(&mut self.text);
        Ok(Some((text, self)))
    }

    async fn write(&mut self, place: &BelongingsPlace) -> Result<(), AccountError> {
        let found = self.app.store.belongings(self.owner, place).await?;
        let begun = self.part == Some(found.part);
        if !begun {
            let close = if self.part.is_some() { "]" } else { "" };
            self.text.extend([close, ",\n\"", found.part, "\":["]);
            self.part = Some(found.part);
        }
        // At once: a row may be long, and to grow by it is to hold it twice.
        self.text.reserve_exact(found.rows.iter().map(|row| row.len() + 2).sum());
        for (at, row) in found.rows.into_iter().enumerate() {
            self.text.push_str(if at == 0 && !begun { "\n" } else { ",\n" });
            self.text.push_str(&row);
        }
        self.next = found.next;
        if self.next.is_none() {
            // If it was deleted meanwhile, what came is not all that there was.
            self.app.store.user(self.owner).await?;
            self.text.push_str("]}\n");
        }
        Ok(())
    }
}
