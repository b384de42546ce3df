//! What lets somebody in for longer than a request, and whether it still does: a socket is opened with
//! a token or a ticket, and ends when that no longer counts.
//!
//! A ticket stands for the token that it was asked for with, in places where others may see it: it
//! counts for half a minute and once. It is signed, and nothing is stored of it until it is used.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use todo_core::{Owner, Timestamp};
use todo_store::accounts::Ticket;
use uuid::Uuid;

use super::caller::{Caller, Proof, SessionProof, unauthorized};
use super::link::{open, seal};
use super::sessions::Grant;
use crate::client::ClientAddress;
use crate::edge::fresh_id;
use crate::{ApiError, App};

/// How long a ticket counts, in seconds.
pub const TICKET_SECONDS: i64 = 30;

/// Signed apart from whatever else is signed.
const TICKET: &str = "ticket";

/// Somebody who was let in, and by what. Whoever may read is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    owner: Owner,
    by: By,
}

/// What somebody has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// An access token of a session.
    Session(SessionProof),
    /// The personal access token of this id.
    Token(Uuid),
}

impl Admission {
    /// Whose data they may read.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// By an access token, or a personal one.
    pub async fn by_token(
        token: &str,
        app: &App,
        from: Option<ClientAddress>,
    ) -> Result<Self, ApiError> {
        Caller::by_token(token, app, from).await.map(|caller| Self::of(&caller))
    }

    /// By a ticket, which is used up by that, wherever it is shown again.
    pub async fn by_ticket(text: &str, app: &App) -> Result<Self, ApiError> {
        let over = || {
            let message = "this ticket does not count: it was used, is older than half a minute, \
                           or is not one of ours; ask for another";
            unauthorized(Some("invalid_token"), message)
        };
        let now = app.clock.now();
        let (ticket, admission) = read(text, app, now).ok_or_else(over)?;
        let counts = admission.counts(app).await? && app.store.spend_ticket(ticket, now).await?;
        counts.then_some(admission).ok_or_else(over)
    }

    /// A ticket for the same.
    pub fn ticket(&self, app: &App) -> String {
        let now = app.clock.now();
        let mut said = fresh_id(now).as_bytes().to_vec();
        said.extend_from_slice(self.owner.0.as_bytes());
        let (kind, proof) = match self.by {
            By::Session(proof) => (0, proof),
            By::Token(id) => (1, SessionProof { id, token_version: 0, until: now }),
        };
        said.push(kind);
        said.extend_from_slice(proof.id.as_bytes());
        said.extend_from_slice(&proof.token_version.to_be_bytes());
        said.extend_from_slice(&proof.until.millis().to_be_bytes());
        seal(&app.keys, TICKET, now.plus_millis(TICKET_SECONDS * 1000), &said)
    }

    /// Whether it still counts: the token has not expired, nobody has logged out or revoked it, the
    /// password and the account are as they were. What another server ended is known here within
    /// seconds.
    pub async fn counts(&self, app: &App) -> Result<bool, ApiError> {
        let (owner, now) = (self.owner, app.clock.now());
        match self.by {
            By::Session(proof) if proof.until <= now => Ok(false),
            By::Session(SessionProof { id, token_version, .. }) => {
                let live = app.sessions.live(&app.store, owner, id, now).await?;
                Ok(live.is_some_and(|live| live.grant == Grant::Session { token_version }))
            }
            By::Token(id) => {
                let live = app.sessions.live_token(&app.store, owner, id, now).await?;
                Ok(live.is_some_and(|live| matches!(live.grant, Grant::Token(_))))
            }
        }
    }

    fn of(caller: &Caller) -> Self {
        let by = match caller.proof {
            Proof::Session(proof) => By::Session(proof),
            Proof::Token(_) => By::Token(caller.actor.id),
        };
        Self { owner: caller.owner, by }
    }
}

/// By the token of the request.
impl FromRequestParts<App> for Admission {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Caller::from_request_parts(parts, app).await.map(|caller| Self::of(&caller))
    }
}

/// Reads what [`Admission::ticket`] wrote, while it counts.
fn read(text: &str, app: &App, now: Timestamp) -> Option<(Ticket, Admission)> {
    let (expires_at, said) = open(&app.keys, TICKET, text, now)?;
    let (id, rest) = said.split_first_chunk::<16>()?;
    let (owner, rest) = rest.split_first_chunk::<16>()?;
    let (kind, rest) = rest.split_first()?;
    let (proof, rest) = rest.split_first_chunk::<16>()?;
    let (version, rest) = rest.split_first_chunk::<8>()?;
    let (until, rest) = rest.split_first_chunk::<8>()?;
    let proof = SessionProof {
        id: Uuid::from_bytes(*proof),
        token_version: u64::from_be_bytes(*version),
        until: Timestamp::from_millis(i64::from_be_bytes(*until)),
    };
    let by = match kind {
        0 => By::Session(proof),
        1 => By::Token(proof.id),
        _ => return None,
    };
    let ticket = Ticket { id: Uuid::from_bytes(*id), expires_at };
    rest.is_empty().then_some((ticket, Admission { owner: Owner(Uuid::from_bytes(*owner)), by }))
}
