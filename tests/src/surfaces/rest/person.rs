//! One person, and the server that nobody else asks meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::Method;
use serde::Deserialize;
use serde_json::json;
use todo_core::{Owner, Timestamp, Zone};
use todo_store::DatabaseUrl;
use uuid::Uuid;

use super::answer::read;
use super::base::{Base, Shared, runtime, shared};
use super::server::Server;
use crate::http::{Answer, Asked};
use crate::surfaces::Told;
use crate::surfaces::told::Refusal;

/// Nobody's.
const PASSWORD: &str = "correct horse battery staple";
/// How long an access token is used. It lives longer; the session may not.
const TOKEN_MILLIS: i64 = 10 * 60 * 1000;

/// Somebody, and the server they ask.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) server: Arc<Server>,
    email: String,
    zone: Zone,
    /// What they asked last was in this zone.
    told_zone: Option<Zone>,
    token: Option<(String, Timestamp)>,
    registered: bool,
    owner: Option<Owner>,
    pub(super) shared: Arc<Shared>,
}

#[derive(Deserialize)]
struct Session {
    access_token: String,
}

impl Person {
    pub(super) fn new<B: Base>() -> Self {
        static PEOPLE: AtomicU64 = AtomicU64::new(0);
        let no = PEOPLE.fetch_add(1, Ordering::Relaxed);
        let shared = shared::<B>();
        let server = shared.server();
        server.clock.store(0, Ordering::Relaxed);
        Self {
            server,
            email: format!("person-{no}@example.org"),
            zone: Zone::UTC,
            told_zone: None,
            token: None,
            registered: false,
            owner: None,
            shared,
        }
    }

    pub(super) fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.server.clock.store(now.millis(), Ordering::Relaxed);
        self.zone = zone;
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.server.clock.load(Ordering::Relaxed))
    }

    pub(super) fn account(&self) -> (String, &'static str) {
        (self.email.clone(), PASSWORD)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The database that their tasks are in.
    pub(super) fn database(&self) -> String {
        match &self.shared.url {
            DatabaseUrl::Postgres(url) => url.clone(),
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        }
    }

    pub(super) fn zone(&self) -> Zone {
        self.zone
    }

    /// Whether they have asked anything yet; before, nothing is theirs.
    pub(super) fn is_known(&self) -> bool {
        self.registered
    }

    /// Whose their tasks are.
    pub(super) fn owner(&mut self) -> Told<Owner> {
        #[derive(Deserialize)]
        struct Me {
            id: Uuid,
        }
        if let Some(owner) = self.owner {
            return Ok(owner);
        }
        let Me { id } = read(&self.ask(Asked::new(Method::GET, "/api/auth/me"))?)?;
        self.owner = Some(Owner(id));
        Ok(Owner(id))
    }

    /// Asks in their own name, from where they are.
    pub(super) fn ask(&mut self, asked: Asked) -> Told<Answer> {
        let token = self.token()?;
        if self.told_zone != Some(self.zone) {
            let moved = Asked::new(Method::PATCH, "/api/auth/me")
                .json(&json!({ "timezone": self.zone.name() }));
            read::<serde_json::Value>(&self.send(moved.bearer(&token))?)?;
            self.told_zone = Some(self.zone);
        }
        self.send(asked.bearer(&token))
    }

    fn send(&self, asked: Asked) -> Told<Answer> {
        let answer = runtime().block_on(self.server.client.ask(asked));
        answer.map_err(|error| Refusal::broken(error.to_string()))
    }

    /// An access token that is good now. Who travels for days logs in again.
    fn token(&mut self) -> Told<String> {
        let now = self.now();
        if let Some((token, since)) = &self.token
            && (0..TOKEN_MILLIS).contains(&(now.millis() - since.millis()))
        {
            return Ok(token.clone());
        }
        let path = if self.registered { "/api/auth/login" } else { "/api/auth/register" };
        let asked = Asked::new(Method::POST, path)
            .json(&json!({ "email": self.email, "password": PASSWORD }));
        let Session { access_token } = read(&self.send(asked)?)?;
        self.registered = true;
        self.token = Some((access_token.clone(), now));
        Ok(access_token)
    }
}
