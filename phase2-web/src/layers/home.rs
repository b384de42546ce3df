//! Keeps pages of others out, for routes that no page of others has business with.
//!
//! A browser says on whose page a request was begun (`Origin`), and which name led it here (`Host`).
//! Somebody who makes a name of theirs lead to this machine would otherwise have every visitor's browser
//! ask for them, and read what is answered (DNS rebinding).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use todo_core::ErrorCode;
use url::{Origin, Url};

use crate::front::Front;
use crate::{ApiError, App};

/// What leads to this machine wherever it is said.
const LOOPBACK: &str = "localhost";

/// The names that a server goes by, and the origins whose pages may ask.
#[derive(Debug)]
pub(crate) struct Home {
    names: Vec<String>,
    origins: Vec<Origin>,
    /// Where browsers reach it, if the operator has said it.
    public: Option<String>,
}

impl Home {
    pub(crate) fn of(front: &Front) -> Self {
        let listed = front.origins.iter().filter_map(|origin| origin.to_str().ok());
        let public = front.public_origin.as_deref();
        let known = public.and_then(|url| Url::parse(url).ok());
        let known = known.as_ref().and_then(Url::host_str);
        let names = [Some(LOOPBACK), known, front.host.as_deref()];
        Self {
            names: names.into_iter().flatten().map(str::to_ascii_lowercase).collect(),
            origins: listed.chain(public).filter_map(origin).collect(),
            public: public.map(|url| url.trim_end_matches('/').to_owned()),
        }
    }

    /// An address is no name: nobody but who has it can make it lead anywhere.
    fn goes_by(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok() || self.names.iter().any(|name| host == name)
    }

    /// Pages of ours may ask, and those that are listed. One whose origin is hidden (`null`) may be
    /// anybody's.
    fn lets_in(&self, given: &HeaderValue, ours: &str) -> bool {
        let given = given.to_str().ok().and_then(origin);
        given.is_some_and(|given| self.origins.contains(&given) || origin(ours) == Some(given))
    }
}

impl App {
    /// The origin that a request has reached us by, or the one that the operator has said browsers do.
    /// Behind [`at_home`] it is one of ours.
    pub fn reached_by(&self, headers: &HeaderMap) -> String {
        match (&self.home().public, host(headers)) {
            (Some(public), _) => public.clone(),
            (None, Some((name, Some(port)))) => format!("http://{name}:{port}"),
            (None, Some((name, None))) => format!("http://{name}"),
            (None, None) => format!("http://{LOOPBACK}"),
        }
    }
}

/// Refuses a request by a name that is none of ours, or from a page that has no business here.
pub async fn at_home(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some((name, _)) = host(request.headers()) else {
        return ApiError::malformed("name the server in one Host header").into_response();
    };
    if !app.home().goes_by(&name) {
        let message = "the server does not go by this name; its operator sets it in PUBLIC_URL";
        return ApiError::new(ErrorCode::Forbidden, message).into_response();
    }
    let ours = app.reached_by(request.headers());
    let mut origins = request.headers().get_all(ORIGIN).iter();
    if !origins.all(|origin| app.home().lets_in(origin, &ours)) {
        let message = "pages of this origin may not ask; the operator lists them in CORS_ORIGINS";
        return ApiError::new(ErrorCode::Forbidden, message).into_response();
    }
    next.run(request).await
}

/// The name and the port that the client asked for, without what else may stand there.
fn host(headers: &HeaderMap) -> Option<(String, Option<u16>)> {
    let authority = Authority::try_from(headers.get(HOST)?.as_bytes()).ok()?;
    Some((authority.host().to_ascii_lowercase(), authority.port_u16()))
}

/// An origin with its port, whether that is said or not.
fn origin(text: &str) -> Option<Origin> {
    let origin = Url::parse(text).ok()?.origin();
    origin.is_tuple().then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::of(&Front {
            public_origin: Some("https://Todo.example.org".to_owned()),
            origins: vec![HeaderValue::from_static("http://page.example:8080")],
            host: Some("todo.lan".to_owned()),
            ..Front::default()
        })
    }

    #[test]
    fn names_that_anybody_could_point_here_are_not_ours() {
        for (host, ours) in [
            ("todo.example.org", true),
            ("todo.lan", true),
            ("localhost", true),
            ("127.0.0.1", true),
            ("192.0.2.7", true),
            ("[::1]", true),
            ("evil.example", false),
            ("todo.example.org.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(home().goes_by(host), ours, "{host}");
        }
    }

    #[test]
    fn pages_of_others_are_not_let_in() {
        for (origin, welcome) in [
            ("https://todo.example.org", true),
            ("https://todo.example.org:443", true),
            ("http://page.example:8080", true),
            ("http://todo.example.org", false),
            ("https://todo.example.org:8443", false),
            ("http://page.example", false),
            ("https://evil.example", false),
            ("http://localhost:8000", true),
            ("http://localhost", false),
            ("https://localhost:8000", false),
            ("null", false),
            ("file:///tmp/page.html", false),
            ("x", false),
            ("", false),
        ] {
            let given = HeaderValue::from_static(origin);
            assert_eq!(home().lets_in(&given, "http://localhost:8000"), welcome, "{origin}");
        }
    }
}
