//! An application on a database of its own, at a time that the test says, asked in process.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use todo_core::Timestamp;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{
    App, Clock, Front, Keys, Parts, PasswordCost, Passwords, Registration, Secret, SessionCache,
    router,
};
use tower::ServiceExt;

/// The password of every user that [`TestApp::register`] makes.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// When tests begin, unless they say otherwise: a Saturday.
pub(crate) const START: &str = "2026-11-21T12:00:00Z";

/// What everything is signed with.
pub(crate) const SECRET: [u8; 32] = [7; 32];

/// Hashes that take no time: never for real passwords.
pub(crate) const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };

/// An application with its database, and a clock that stands until it is moved.
pub(crate) struct TestApp {
    pub(crate) app: App,
    /// Made when it is first asked: describing every route takes a while.
    router: OnceLock<Router>,
    clock: Arc<AtomicI64>,
    folder: Arc<TempDir>,
}

impl TestApp {
    /// An empty one, at [`START`].
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// One whose parts the test changes.
    pub(crate) async fn with(change: impl FnOnce(&mut Parts)) -> Self {
        let clock = Arc::new(AtomicI64::new(instant(START).millis()));
        let folder = Arc::new(TempDir::new().expect("a folder"));
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        Self::of(store, folder, clock, Front::default(), change)
    }

    /// One that meets its clients in its own way.
    pub(crate) async fn with_front(front: Front) -> Self {
        let first = Self::new().await;
        let (folder, clock) = (Arc::clone(&first.folder), Arc::clone(&first.clock));
        Self::of(first.app.store.clone(), folder, clock, front, |_| {})
    }

    /// Another server on the same database, with the same secret and clock: what this one remembers
    /// of requests is not known to it.
    pub(crate) fn another(&self) -> Self {
        self.another_with(|_| {})
    }

    /// The same with other parts.
    pub(crate) fn another_with(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        Self::of(self.app.store.clone(), folder, clock, Front::default(), change)
    }

    fn of(
        store: Store,
        folder: Arc<TempDir>,
        clock: Arc<AtomicI64>,
        front: Front,
        change: impl FnOnce(&mut Parts),
    ) -> Self {
        let keys = Keys::new(&Secret::new(&SECRET).expect("long enough"), None);
        let now = Arc::clone(&clock);
        let mut parts = Parts {
            store,
            clock: Clock::new(move || Timestamp::from_millis(now.load(Ordering::SeqCst))),
            cursors: keys.cursors(),
            keys,
            passwords: Passwords::new(CHEAP).expect("a cost"),
            registration: Registration::Open,
            sessions: SessionCache::default(),
            scheduled: false,
        };
        change(&mut parts);
        Self { app: App::with_front(parts, front), router: OnceLock::new(), clock, folder }
    }

    /// Moves the clock to an instant.
    pub(crate) fn at(&self, text: &str) {
        self.clock.store(instant(text).millis(), Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Somebody who has not logged in.
    pub(crate) fn anonymous(&self) -> Client {
        let router = self.router.get_or_init(|| router(self.app.clone()));
        Client { router: router.clone(), token: None }
    }

    /// A new user `NAME@example.org`, logged in.
    pub(crate) async fn register(&self, name: &str) -> Client {
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let reply = self.anonymous().post("/api/auth/register", body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        self.with_token(&reply.text("/access_token"))
    }

    /// A further session of a user: who has it, and its refresh token.
    pub(crate) async fn log_in(&self, name: &str) -> (Client, String) {
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let reply = self.anonymous().post("/api/auth/login", body).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        (self.with_token(&reply.text("/access_token")), reply.text("/refresh_token"))
    }

    /// A program with a personal access token of somebody's, and the token's id.
    pub(crate) async fn program(&self, of: &Client, scope: &str) -> (Client, String) {
        let reply = of.post("/api/auth/tokens", json!({"name": "program", "scope": scope})).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        (self.with_token(&reply.text("/token")), reply.text("/id"))
    }

    /// Somebody with this access token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.anonymous() }
    }
}

/// An instant as a test writes it.
pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Who sends requests.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    pub(crate) token: Option<String>,
}

impl Client {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.json(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.json(Method::PUT, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.json(Method::PATCH, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Request::delete(path), Body::empty()).await
    }

    async fn json(&self, method: Method, path: &str, body: Value) -> Reply {
        let request = Request::builder().method(method).uri(path);
        self.send(request.header(CONTENT_TYPE, "application/json"), Body::from(body.to_string()))
            .await
    }

    /// Whether this one is let in.
    pub(crate) async fn is_let_in(&self) -> bool {
        let reply = self.get("/api/auth/me").await;
        if reply.status == StatusCode::OK {
            return true;
        }
        reply.refused(401, "unauthorized");
        false
    }

    /// Sends a request that the test has begun, with the client's token unless it has one.
    pub(crate) async fn send(
        &self,
        request: axum::http::request::Builder,
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = request.body(body.into()).expect("a request");
        if let Some(token) = &self.token {
            let bearer = format!("Bearer {token}").parse().expect("a header");
            request.headers_mut().entry(AUTHORIZATION).or_insert(bearer);
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Reply { status: head.status, headers: head.headers, body }
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body as JSON, with what differs from run to run blotted out.
    pub(crate) fn blotted(&self, pointers: &[&str]) -> Value {
        let mut body = self.json();
        for pointer in pointers {
            let place = body.pointer_mut(pointer);
            *place.unwrap_or_else(|| panic!("nothing at {pointer}: {self:?}")) = json!("[…]");
        }
        body
    }

    /// The value at a JSON pointer of the body.
    pub(crate) fn at(&self, pointer: &str) -> Value {
        let found = self.json().pointer(pointer).cloned();
        found.unwrap_or_else(|| panic!("nothing at {pointer}: {self:?}"))
    }

    /// The text at a JSON pointer of the body.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    /// A header as a text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a text"))
    }

    /// Asserts that the request was refused so.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> &Self {
        assert_eq!(
            (self.status.as_u16(), self.at("/code").as_str()),
            (status, Some(code)),
            "{self:?}"
        );
        self
    }
}
