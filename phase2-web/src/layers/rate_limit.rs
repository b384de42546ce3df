//! How much one client may ask for. Somebody who is logged in is known by their id, whatever
//! address they come from; anybody else by the address. Passwords are guessed at a stricter rate.

use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use todo_core::event::ActorKind;
use todo_core::{ErrorCode, Owner};
use uuid::Uuid;

use super::limit::Limit;
use crate::auth::Caller;
use crate::client::ClientAddress;
use crate::front::Rate;
use crate::{ApiError, App};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Tries to log in or to register, or with links that are mailed, a minute and an address.
const GUESSES: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// Where passwords are tried, and mail is asked for.
const GUESSED: [&str; 5] = [
    "/api/auth/login",
    "/api/auth/register",
    "/api/auth/forgot",
    "/api/auth/reset",
    "/api/auth/confirm-email",
];

/// Where whoever has an access token may try passwords: counted by user, whatever address they
/// come from. Another e-mail address asks for one too; only its body says so ([`Limits::prove`]).
const PROVEN: [(Method, &str); 2] =
    [(Method::POST, "/api/auth/password"), (Method::DELETE, "/api/auth/me")];

/// Probes ask every few seconds for as long as the server lives.
const FREE: [&str; 2] = ["/health", "/ready"];

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    User(Owner),
    /// A program with a personal access token: whoever finds one must not be able to use up what its
    /// owner needs to revoke it.
    Token(Uuid),
    Network(IpAddr),
}

/// All limits.
#[derive(Debug)]
pub(crate) struct Limits {
    general: Limit<Key>,
    guesses: Limit<Key>,
}

impl Limits {
    /// None, where they are switched off.
    pub(crate) fn new(rate: Rate) -> Option<Self> {
        let Rate::PerMinute(general) = rate else { return None };
        Some(Self {
            general: Limit::per_minute("default", general),
            guesses: Limit::per_minute("auth", GUESSES.min(general)),
        })
    }

    /// Counts a question to the database about a stranger, who may be somebody: as many as strangers may
    /// make requests.
    pub(crate) fn look_up(&self, from: Option<ClientAddress>) -> Result<(), ApiError> {
        let Some(from) = from else { return Ok(()) };
        let taken = self.general.take(&Key::Network(from.network()));
        taken.map(drop).map_err(refused)
    }

    /// Counts a password that a user proves again on a route where most requests prove none: towards the
    /// same limit as the routes that always ask for it.
    pub(crate) fn prove(&self, user: Owner) -> Result<(), ApiError> {
        self.guesses.take(&Key::User(user)).map(drop).map_err(refused)
    }

    /// The limit that a request counts towards, and as whose.
    fn of(&self, request: &Request) -> Option<(&Limit<Key>, Key)> {
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        if FREE.contains(&route) || request.method() == Method::OPTIONS {
            return None;
        }
        // Without a connection there is no network that could flood us.
        let client = request.extensions().get::<ClientAddress>();
        let address = client.map(|client| Key::Network(client.network()));
        if GUESSED.contains(&route) {
            return address.map(|key| (&self.guesses, key));
        }
        let user = request.extensions().get::<Caller>().map(|caller| match caller.actor.kind {
            ActorKind::Token => Key::Token(caller.actor.id),
            _ => Key::User(caller.owner),
        });
        let proven = PROVEN.iter().any(|(method, at)| request.method() == method && route == *at);
        let limit = if proven { &self.guesses } else { &self.general };
        user.or(address).map(|key| (limit, key))
    }
}

/// Counts a request; one too many is refused before anything is done for it.
pub(super) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some((limit, key)) = app.limits().and_then(|limits| limits.of(&request)) else {
        return next.run(request).await;
    };
    let (left, mut response) = match limit.take(&key) {
        Ok(left) => (left, next.run(request).await),
        Err(wait) => (limit.none_left(wait), refuse(wait)),
    };
    let headers = response.headers_mut();
    headers.insert(POLICY, limit.policy());
    headers.insert(LIMIT, left);
    response
}

fn refuse(wait: u64) -> Response {
    refused(wait).into_response()
}

fn refused(wait: u64) -> ApiError {
    let message = format!("too many requests; try again in {wait} s");
    ApiError::new(ErrorCode::RateLimited, message).header(RETRY_AFTER, wait.into())
}
