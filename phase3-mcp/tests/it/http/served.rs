//! A server in process, on a database of its own, at a time that the test says; and who asks it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use todo_core::Timestamp;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{
    App, Clock, Front, Keys, Parts, PasswordCost, Passwords, Registration, Secret, SessionCache,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use crate::client::{asking, modern};
use crate::support::NOW;

pub(super) const PASSWORD: &str = "correct horse battery";
/// Hashes that take no time: never for real passwords.
const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };

/// A revision of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// 2025-11-25.
    Handshake,
    /// 2026-07-28.
    Stateless,
}

pub(super) const ERAS: [Era; 2] = [Era::Handshake, Era::Stateless];

pub(super) struct Served {
    pub(super) app: App,
    /// Made when it is first asked: describing every route takes a while.
    router: OnceLock<Router>,
    clock: Arc<AtomicI64>,
    folder: Arc<TempDir>,
}

impl Served {
    pub(super) async fn new() -> Self {
        Self::with(Front::default()).await
    }

    pub(super) async fn with(front: Front) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("a database");
        store.migrate().await.expect("tables");
        let now: Timestamp = NOW.parse().expect("an instant");
        let clock = Arc::new(AtomicI64::new(now.millis()));
        Self::of(store, folder, clock, front, Keys::new(&secret(7), None))
    }

    /// Another replica: the same database and clock, and the keys of this secret, with those of another.
    pub(super) fn another(&self, secret: u8, other: Option<u8>) -> Self {
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        let keys = Keys::new(&self::secret(secret), other.map(self::secret).as_ref());
        Self::of(self.app.store.clone(), folder, clock, Front::default(), keys)
    }

    fn of(
        store: Store,
        folder: Arc<TempDir>,
        clock: Arc<AtomicI64>,
        front: Front,
        keys: Keys,
    ) -> Self {
        let now = Arc::clone(&clock);
        let parts = Parts {
            store,
            clock: Clock::new(move || Timestamp::from_millis(now.load(Ordering::SeqCst))),
            cursors: keys.cursors(),
            keys,
            passwords: Passwords::new(CHEAP).expect("a cost"),
            registration: Registration::Open,
            sessions: SessionCache::default(),
            scheduled: false,
        };
        Self { app: App::with_front(parts, front), router: OnceLock::new(), clock, folder }
    }

    pub(super) fn pass_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn router(&self) -> Router {
        let made = || todo_web::router_with(self.app.clone(), todo_mcp::routes(&self.app));
        self.router.get_or_init(made).clone()
    }

    /// Somebody with this token, who speaks the newer revision.
    pub(super) fn asked_with(&self, token: &str) -> Assistant {
        let (token, era) = (Some(token.to_owned()), Era::Stateless);
        Assistant { router: self.router(), token, era, asks: false }
    }

    pub(super) fn stranger(&self) -> Assistant {
        Assistant { token: None, ..self.asked_with("") }
    }

    /// A new account `NAME@example.org`, logged in.
    pub(super) async fn register(&self, name: &str) -> Assistant {
        let body = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        let reply = self.stranger().rest(Method::POST, "/api/auth/register", &body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        self.asked_with(&reply.text("/access_token"))
    }

    /// A program with a personal access token of somebody's.
    pub(super) async fn program(&self, of: &Assistant, scope: &str) -> Assistant {
        let body = json!({ "name": "program", "scope": scope });
        let reply = of.rest(Method::POST, "/api/auth/tokens", &body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        self.asked_with(&reply.text("/token"))
    }

    /// Serves on a real socket until what is answered is dropped.
    pub(super) async fn listen(&self) -> (SocketAddr, oneshot::Sender<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let (router, app) = (self.router(), self.app.clone());
        tokio::spawn(async move {
            todo_web::serve(listener, router, &app, async { drop(stopped.await) }).await
        });
        (address, stop)
    }
}

fn secret(byte: u8) -> Secret {
    Secret::new(&[byte; 32]).expect("long enough")
}

/// Who asks.
#[derive(Clone)]
pub(super) struct Assistant {
    router: Router,
    pub(super) token: Option<String>,
    pub(super) era: Era,
    asks: bool,
}

impl Assistant {
    pub(super) fn speaking(&self, era: Era) -> Self {
        Self { era, ..self.clone() }
    }

    /// At a client that can ask its user, and says so where each message does.
    pub(super) fn asking(&self) -> Self {
        Self { asks: true, ..self.clone() }
    }

    /// A message to the tools, in the assistant's revision.
    pub(super) fn message(&self, method: &str, params: &Value) -> Request<Body> {
        let params = match self.era {
            Era::Handshake => params.clone(),
            Era::Stateless if self.asks => asking(params.clone()),
            Era::Stateless => modern(params.clone()),
        };
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut request = Request::post("/mcp")
            .header("host", "localhost")
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json");
        if self.era == Era::Stateless {
            request = request.header("mcp-protocol-version", "2026-07-28");
            request = request.header("mcp-method", method);
            let name = params["name"].as_str().or_else(|| params["uri"].as_str());
            request = name.into_iter().fold(request, |r, name| r.header("mcp-name", name));
        } else if method != "initialize" {
            request = request.header("mcp-protocol-version", "2025-11-25");
        }
        request.body(message.to_string().into()).expect("a request")
    }

    pub(super) async fn ask(&self, method: &str, params: Value) -> Reply {
        self.send(self.message(method, &params)).await
    }

    /// What a tool answers.
    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let reply = self.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.at("/result")
    }

    /// What a tool did that must not refuse.
    pub(super) async fn done(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], false, "{result}");
        result["structuredContent"].clone()
    }

    /// The refusal of a tool that must refuse.
    pub(super) async fn refused(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        let told = result["content"][0]["text"].as_str().expect("a text");
        serde_json::from_str::<Value>(told).expect("JSON")["error"].clone()
    }

    /// The names of the tools that are shown.
    pub(super) async fn tools(&self) -> Vec<String> {
        let tools = self.ask("tools/list", json!({})).await.at("/result/tools");
        let tools = tools.as_array().expect("tools").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Asks a route of the API.
    pub(super) async fn rest(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = Request::builder().method(method).uri(path).header("host", "localhost");
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => {
                request.header("content-type", "application/json").body(body.to_string().into())
            }
        };
        self.send(request.expect("a request")).await
    }

    pub(super) async fn send(&self, mut request: Request<Body>) -> Reply {
        if let Some(token) = &self.token {
            let bearer = format!("Bearer {token}").parse().expect("a header");
            request.headers_mut().insert("authorization", bearer);
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Reply { status: head.status, headers: head.headers, body }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(super) fn at(&self, pointer: &str) -> Value {
        let found = self.json().pointer(pointer).cloned();
        found.unwrap_or_else(|| panic!("nothing at {pointer}: {self:?}"))
    }

    pub(super) fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a text"))
    }

    /// A problem of the server's, as any of its routes has them (RFC 9457).
    pub(super) fn problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.text("/code"), code);
    }

    /// An error in the words of the protocol.
    pub(super) fn error(&self, status: u16, code: i64) {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert_eq!(self.at("/error/code"), code, "{self:?}");
    }
}
