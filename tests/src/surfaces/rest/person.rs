//! One person's server: an address of its own, with a clock of its own, over the database that all
//! of them share.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::http::Method;
use serde::Deserialize;
use serde_json::json;
use todo_core::{Owner, Timestamp, Zone};
use todo_store::DatabaseUrl;
use todo_web::{
    App, Clock, Front, Keys, Parts, PasswordCost, Passwords, Rate, Registration, Secret,
    SessionCache,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::answer::read;
use super::base::{Base, Shared, runtime, shared};
use crate::http::{Answer, Asked, Client};
use crate::surfaces::Told;
use crate::surfaces::told::Refusal;

/// Nobody's.
const PASSWORD: &str = "correct horse battery staple";
/// Hashes that take no time: never for real passwords.
const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };
/// How long an access token is used. It lives longer; the session may not.
const TOKEN_MILLIS: i64 = 10 * 60 * 1000;

/// Somebody, and the server they ask.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) app: App,
    client: Client,
    address: SocketAddr,
    clock: Arc<AtomicI64>,
    email: String,
    zone: Zone,
    /// What they asked last was in this zone.
    told_zone: Option<Zone>,
    token: Option<(String, Timestamp)>,
    registered: bool,
    owner: Option<Owner>,
    /// The server stops when this goes; then the database may.
    _stop: oneshot::Sender<()>,
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
        let clock = Arc::new(AtomicI64::new(0));
        let front = Front { rate: Rate::Off, ..Front::default() };
        let app = App::with_front(parts(&shared, &clock), front);
        let (stop, stopped) = oneshot::channel();
        let address = runtime().block_on(serve(app.clone(), stopped));
        Self {
            app,
            client: Client::new(address),
            address,
            clock,
            email: format!("person-{no}@example.org"),
            zone: Zone::UTC,
            told_zone: None,
            token: None,
            registered: false,
            owner: None,
            _stop: stop,
            shared,
        }
    }

    pub(super) fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.clock.store(now.millis(), Ordering::Relaxed);
        self.zone = zone;
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::Relaxed))
    }

    pub(super) fn account(&self) -> (String, &'static str) {
        (self.email.clone(), PASSWORD)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
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
        let answer = runtime().block_on(self.client.ask(asked));
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

fn parts(shared: &Shared, clock: &Arc<AtomicI64>) -> Parts {
    let clock = Arc::clone(clock);
    let keys = Keys::new(&Secret::new(&[7; 32]).expect("a secret"), None);
    Parts {
        store: shared.store.clone(),
        clock: Clock::new(move || Timestamp::from_millis(clock.load(Ordering::Relaxed))),
        cursors: keys.cursors(),
        keys,
        passwords: Passwords::new(CHEAP).expect("parameters of argon2"),
        registration: Registration::Open,
        sessions: SessionCache::default(),
        scheduled: false,
    }
}

/// Serves until it is told to stop.
async fn serve(app: App, stopped: oneshot::Receiver<()>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move {
        let stop = async { drop(stopped.await) };
        let router = todo_web::router_with(app.clone(), todo_mcp::routes(&app));
        todo_web::serve(listener, router, &app, stop).await
    });
    address
}
