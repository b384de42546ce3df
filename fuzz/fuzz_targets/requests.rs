//! Requests (SPEC 7): whatever a body, an id, a query string or a precondition says, it is answered
//! and nothing fails. What is refused is refused with a problem and changes nothing; and a merge
//! patch that was taken changes nothing the second time (RFC 7396: it says how a task is to be).
#![no_main]

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use axum::http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};
use tempfile::TempDir;
use todo_core::Timestamp;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{
    App, Clock, Front, Keys, Parts, PasswordCost, Passwords, Rate, Registration, Secret,
    SessionCache, router,
};
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// A Saturday in March 2026.
const NOW: i64 = 1_773_489_600_000;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((kind, text)) = data.split_first() else { return Corpus::Reject };
    let server = &*SERVER;
    let taken = server.runtime.block_on(async {
        match kind % 4 {
            0 => server.patch(text).await,
            1 => server.create(text).await,
            2 => server.read("/api/tasks/", text).await,
            _ => server.read("/api/tasks?", text).await,
        }
    });
    if taken { Corpus::Keep } else { Corpus::Reject }
});

/// A server in process, with one user.
struct Server {
    runtime: Runtime,
    router: Router,
    token: HeaderValue,
    _folder: TempDir,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let router = runtime.block_on(serving(&folder));
    let body = json!({"email": "a@example.org", "password": "correct horse battery"});
    let request = Request::post("/api/auth/register")
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string().into())
        .expect("a request");
    let (status, user) = runtime.block_on(ask(&router, request));
    assert_eq!(status, StatusCode::CREATED, "{user}");
    let token = format!("Bearer {}", user["access_token"].as_str().expect("a token"));
    let token = token.try_into().expect("a header");
    Server { runtime, router, token, _folder: folder }
});

async fn serving(folder: &TempDir) -> Router {
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    let store = Store::open(&url, &Options::default()).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    let keys = Keys::new(&Secret::new(&[7; 32]).expect("long enough"), None);
    let cost = PasswordCost { memory: 8, passes: 1, lanes: 1 };
    let parts = Parts {
        store,
        clock: Clock::new(|| Timestamp::from_millis(NOW)),
        cursors: keys.cursors(),
        keys,
        passwords: Passwords::new(cost).expect("a cost"),
        registration: Registration::Open,
        sessions: SessionCache::default(),
        scheduled: false,
    };
    router(App::with_front(parts, Front { rate: Rate::Off, ..Front::default() }))
}

async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, Value) {
    let response = router.clone().oneshot(request).await.expect("it always answers");
    let status = response.status();
    let refused = status.is_client_error();
    assert!(refused || status.is_success(), "{status}");
    let kind = response.headers().get(CONTENT_TYPE).cloned();
    let body = response.into_body().collect().await.expect("a whole body").to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    if refused {
        assert_eq!(kind.as_ref().map(HeaderValue::as_bytes), Some(&b"application/problem+json"[..]));
        assert!(body["code"].is_string(), "{body}");
    }
    (status, body)
}

impl Server {
    /// Asks as the user, if the path can be asked for at all.
    async fn send(
        &self,
        method: Method,
        path: &str,
        tag: Option<HeaderValue>,
        body: &[u8],
    ) -> Option<(StatusCode, Value)> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(AUTHORIZATION, self.token.clone());
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(tag) = tag {
            request = request.header(IF_MATCH, tag);
        }
        let request = request.body(body.to_vec().into()).ok()?;
        Some(ask(&self.router, request).await)
    }

    /// A merge patch for a task of its own, with a precondition in the first line if there are two.
    async fn patch(&self, text: &[u8]) -> bool {
        let new = br#"{"title":"Call the plumber","tags":["home"],"due_date":"2026-03-20"}"#;
        let made = self.send(Method::POST, "/api/tasks", None, new).await;
        let before = made.expect("a request").1["task"].clone();
        let path = format!("/api/tasks/{}", before["id"]);
        let mut parts = text.splitn(2, |byte| *byte == b'\n');
        let (tag, body) = match (parts.next(), parts.next()) {
            (Some(tag), Some(body)) => (HeaderValue::from_bytes(tag).ok(), body),
            _ => (None, text),
        };
        let asked = self.send(Method::PATCH, &path, tag, body).await;
        let (status, answer) = asked.expect("a request");
        let (_, after) = self.send(Method::GET, &path, None, b"").await.expect("a request");
        if !status.is_success() {
            assert_eq!(before, after, "{answer}");
            return false;
        }
        assert_eq!(answer["task"], after);
        let changed = answer["changed"] == json!(true);
        assert_eq!(changed, before["version"] != after["version"], "{answer}");
        let again = self.send(Method::PATCH, &path, None, body).await;
        let (_, again) = again.expect("a request");
        assert_eq!(again["changed"], json!(false), "{answer}\n{again}");
        true
    }

    async fn create(&self, body: &[u8]) -> bool {
        let made = self.send(Method::POST, "/api/tasks", None, body).await;
        made.expect("a request").0.is_success()
    }

    async fn read(&self, path: &str, text: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(text) else { return false };
        let found = self.send(Method::GET, &format!("{path}{text}"), None, b"").await;
        found.is_some_and(|(status, _)| status.is_success())
    }
}
