//! The refresh token of a browser: in a cookie that no script can read, and that counts only when
//! the page it belongs to asks.
//!
//! What a browser sees is the public URL. A proxy that ends the TLS may ask us as `127.0.0.1`, so
//! the host of a request says something only where the operator has not said it.

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum_extra::extract::cookie::{Cookie, SameSite};
use todo_core::ErrorCode;

use super::RefreshToken;
use crate::{ApiError, Front};

/// The prefix has the browser insist on `Secure` and `Path=/`, and no other host can set it.
const SECURED: &str = "__Host-refresh";
/// On this machine over plain HTTP a browser may keep no `Secure` cookie.
const PLAIN: &str = "refresh";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How the cookie of a request's host is called, and what came in it.
#[derive(Debug)]
pub(crate) struct RefreshCookie {
    name: &'static str,
    token: Option<RefreshToken>,
    same_origin: bool,
}

impl RefreshCookie {
    /// What a request says.
    pub(crate) fn of(parts: &Parts, front: &Front) -> Self {
        let host = host_of(&parts.headers, &parts.uri);
        let plain = !front.https() && host.as_deref().is_some_and(is_loopback);
        let name = if plain { PLAIN } else { SECURED };
        let given = parts.headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut cookies = given.flat_map(Cookie::split_parse).flatten();
        let cookie = cookies.find(|cookie| cookie.name() == name);
        Self {
            name,
            token: cookie.and_then(|cookie| RefreshToken::parse(cookie.value())),
            same_origin: same_origin(&parts.headers, front, host.as_deref()),
        }
    }

    /// The token, if the page of this host asks; one that another site has the browser send is
    /// refused.
    pub(crate) fn token(&self) -> Result<Option<RefreshToken>, ApiError> {
        match &self.token {
            Some(_) if !self.same_origin => Err(ApiError::new(
                ErrorCode::Forbidden,
                "this cookie counts only for requests of the page that it belongs to",
            )),
            token => Ok(token.clone()),
        }
    }

    /// The header that keeps a token for as long as its session can last.
    pub(crate) fn set(&self, token: &RefreshToken) -> Option<HeaderValue> {
        self.header(&token.text(), 30 * 24 * 60 * 60)
    }

    /// The header that takes it away, if there was one.
    pub(crate) fn clear(&self) -> Option<HeaderValue> {
        self.token.as_ref().and_then(|_| self.header("", 0))
    }

    fn header(&self, value: &str, seconds: u32) -> Option<HeaderValue> {
        let secure = if self.name == SECURED { "; Secure" } else { "" };
        let same_site = SameSite::Strict;
        let text = format!(
            "{}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}",
            self.name
        );
        HeaderValue::try_from(text).ok().map(|mut header| {
            header.set_sensitive(true);
            header
        })
    }
}

/// Whether a page may open a socket: that of this host, or one of a listed origin. What names no
/// origin is no page: browsers always name it. A socket brings a token, so a page of somebody else's
/// could do nothing with one; this keeps it from trying.
pub(crate) fn may_connect(headers: &HeaderMap, uri: &Uri, front: &Front) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => {
            front.origins.contains(origin)
                || same_origin(headers, front, host_of(headers, uri).as_deref())
        }
        (Some(_), Some(_)) => false,
    }
}

/// Browsers say where a request comes from (Fetch Metadata); older ones at least name the origin.
fn same_origin(headers: &HeaderMap, front: &Front, host: Option<&str>) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    match (origin, &front.public_origin) {
        (Some(origin), Some(public)) => without_port(origin) == without_port(public),
        (Some(origin), None) => origin.split_once("://").is_some_and(|(_, at)| host == Some(at)),
        (None, _) => false,
    }
}

/// An origin as browsers write it: in small letters, without the port that its scheme has anyway.
fn without_port(origin: &str) -> String {
    let origin = origin.to_ascii_lowercase();
    let usual = if origin.starts_with("https://") { ":443" } else { ":80" };
    origin.strip_suffix(usual).map(str::to_owned).unwrap_or(origin)
}

fn host_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| uri.authority().map(Authority::as_str)).map(str::to_ascii_lowercase)
}

/// Whether a host with or without a port is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}
