//! Clients of an application with all of its routes, asked in process.

use axum::Router;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use todo_events::api;
use todo_web::{App, router_of};
use tower::ServiceExt;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Who sends requests.
#[derive(Clone)]
pub(crate) struct Client {
    router: Router,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

impl Client {
    /// Somebody who has not logged in.
    pub(crate) fn anonymous(app: &App) -> Self {
        Self::of(router_of(app.clone(), api::routes(), Router::new()))
    }

    /// Somebody at other routes.
    pub(crate) fn of(router: Router) -> Self {
        Self { router, token: None }
    }

    /// A new user `NAME@example.org`, logged in, with Firefox.
    pub(crate) async fn register(app: &App, name: &str) -> Self {
        let nobody = Self::anonymous(app);
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let reply = nobody.post("/api/auth/register", body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        nobody.with(reply.text("/access_token"))
    }

    /// A program with a personal access token of this one.
    pub(crate) async fn program(&self, scope: &str) -> Self {
        let reply = self.post("/api/auth/tokens", json!({"name": "p", "scope": scope})).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        self.with(reply.text("/token"))
    }

    /// The same with the access token that was answered.
    pub(crate) fn with_token_of(&self, reply: &Reply) -> Self {
        self.with(reply.text("/access_token"))
    }

    fn with(&self, token: String) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        Reply::read(self.ask(method, path, body).await).await
    }

    /// The body of an answer, to be taken as slowly as one likes.
    pub(crate) async fn stream(&self, path: &str) -> Body {
        let answer = self.ask(Method::GET, path, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{answer:?}");
        answer.into_body()
    }

    /// Imports a file of another format.
    pub(crate) async fn import(&self, format: &str, file: &str) -> Reply {
        let path = format!("/api/import?format={format}");
        let file = Some(("text/plain", file.to_owned()));
        Reply::read(self.carry(Method::POST, &path, file).await).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let body = body.map(|body| ("application/json", body.to_string()));
        self.carry(method, path, body).await
    }

    /// Sends a body of some kind.
    async fn carry(&self, method: Method, path: &str, body: Option<(&str, String)>) -> Response {
        let mut request = Request::builder().method(method).uri(path).header(USER_AGENT, "Firefox");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some((media, _)) = &body {
            request = request.header(CONTENT_TYPE, *media);
        }
        let body = body.map_or_else(Body::empty, |(_, body)| Body::from(body));
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }
}

impl Reply {
    async fn read(answer: Response) -> Self {
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self { status: head.status, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// The value at a JSON pointer; null if there is none.
    pub(crate) fn at(&self, pointer: &str) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        body.pointer(pointer).cloned().unwrap_or_default()
    }

    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    /// That of each item.
    pub(crate) fn each(&self, name: &str) -> Vec<Value> {
        let items = self.at("/items");
        items.as_array().unwrap().iter().map(|item| item[name].clone()).collect()
    }

    /// Asserts that the request was refused so.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.text("/code").as_str()), (status, code), "{self:?}");
    }
}
