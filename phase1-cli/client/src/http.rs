//! One request, one answer: bounded in time and size, and to nobody but the server that was named.

use std::io;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderName, Method, Request};
use ureq::tls::{RootCerts, TlsConfig};

use crate::address::Server;
use crate::error::{ClientError, Refusal};
use crate::proxy;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take in all: as long as the server gives it, and the way.
const REQUEST: Duration = Duration::from_secs(40);
/// The same where a whole file is on the way.
const FILE: Duration = Duration::from_secs(330);
/// Longest answer that is read, in bytes; what is honest is far shorter.
const ANSWER_MAX: u64 = 8 << 20;
/// The same where many tasks are told of.
const TASKS_MAX: u64 = 256 << 20;

/// The media type of what is sent.
const JSON: &str = "application/json";
/// The media type of a refusal.
const PROBLEM: &str = "application/problem+json";

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    method: Method,
    path: String,
    body: Option<(&'static str, Vec<u8>)>,
    key: Option<String>,
    time: Duration,
    longest: u64,
}

impl Asked {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            key: None,
            time: REQUEST,
            longest: ANSWER_MAX,
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// What is written fails only where it cannot be written as JSON, and ours can.
    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { body: Some((JSON, body)), ..self }
    }

    /// A file, which may take its time.
    pub(crate) fn file(self, media: &'static str, body: Vec<u8>) -> Self {
        Self { body: Some((media, body)), time: FILE, ..self }
    }

    /// A long answer may be long, and take its time.
    pub(crate) fn of_tasks(self) -> Self {
        Self { time: FILE, longest: TASKS_MAX, ..self }
    }

    /// Sent again under the same key, it is not done again.
    pub(crate) fn once(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    /// Whether it may be sent again when nobody knows what became of it.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.key.is_some() || self.method == Method::GET
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn read<T: DeserializeOwned>(&self, server: &Server) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let at = format!("line {}, column {}", error.line(), error.column());
            ClientError::strange(server, format!("what it sent cannot be read ({at})"))
        })
    }
}

/// The way to a server.
#[derive(Debug)]
pub(crate) struct Http {
    agent: Agent,
    /// The longest that is waited for anything, if that is less than usual.
    patience: Duration,
}

impl Http {
    pub(crate) fn new(server: &Server) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A token goes to nobody else, not even on the server's word.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .tls_config(tls)
            .proxy(proxy::named(server))
            .user_agent(concat!("todo/", env!("CARGO_PKG_VERSION")));
        Self { agent: config.build().into(), patience: FILE }
    }

    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Asks. `token` is told to the server alone.
    pub(crate) fn ask(
        &self,
        server: &Server,
        asked: &Asked,
        token: Option<&str>,
    ) -> Result<Answer, ClientError> {
        let mut request =
            Request::builder().method(asked.method.clone()).uri(format!("{server}{}", asked.path));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &asked.key {
            request = request.header(HeaderName::from_static("idempotency-key"), key);
        }
        if let Some((media, _)) = &asked.body {
            request = request.header(CONTENT_TYPE, *media);
        }
        let malformed = |_| ClientError::strange(server, "its token cannot be sent");
        let time = Some(asked.time.min(self.patience));
        let sent = if let Some((_, body)) = &asked.body {
            let request =
                self.agent.configure_request(request.body(body.as_slice()).map_err(malformed)?);
            self.agent.run(request.timeout_global(time).build())
        } else {
            let request = self.agent.configure_request(request.body(()).map_err(malformed)?);
            self.agent.run(request.timeout_global(time).build())
        };
        let response = sent.map_err(|error| lost(server, error))?;
        let (parts, body) = response.into_parts();
        let read = body.into_with_config().limit(asked.longest).read_to_vec();
        let body = read.map_err(|error| lost(server, error))?;
        look(server, parts.status.as_u16(), &parts.headers, body)
    }
}

/// Takes an answer for what it is, or for the refusal it is.
fn look(
    server: &Server,
    status: u16,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> Result<Answer, ClientError> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let media = text(CONTENT_TYPE).and_then(|media| media.split(';').next()).map(str::trim);
    match status {
        204 => Ok(Answer { body }),
        200..=299 if media == Some(JSON) => Ok(Answer { body }),
        200..=299 => {
            let what = format!("it sent {}, not JSON", media.unwrap_or("something without a type"));
            Err(ClientError::strange(server, what))
        }
        300..=399 => {
            let to = text(LOCATION).unwrap_or("elsewhere");
            let what = format!("it says to go to {to}; give that address if it is right");
            Err(ClientError::strange(server, what))
        }
        _ => {
            let again = text(RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
            let refusal = Refusal::read(status, again, &body).filter(|_| media == Some(PROBLEM));
            Err(match refusal {
                Some(refusal) => ClientError::Refused(Box::new(refusal)),
                None => {
                    ClientError::strange(server, format!("it answers with the status {status}"))
                }
            })
        }
    }
}

/// Why there was no answer, and whether the request may have been carried out.
fn lost(server: &Server, error: ureq::Error) -> ClientError {
    use ureq::Timeout;
    let server_name = server.to_string();
    let unreachable =
        |why: &str| ClientError::Unreachable { server: server.to_string(), why: why.to_owned() };
    match error {
        ureq::Error::HostNotFound => unreachable("no such host is known"),
        ureq::Error::ConnectionFailed => unreachable("it does not take connections"),
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            unreachable("it does not answer in time")
        }
        // What a proxy has said, which knows nobody's password.
        ureq::Error::ConnectProxyFailed(why) => unreachable(&why),
        ureq::Error::Tls(why) => unreachable(why),
        ureq::Error::Rustls(why) => unreachable(&format!("its certificate is not trusted ({why})")),
        ureq::Error::Io(error) if refuses(error.kind()) => {
            unreachable("it does not take connections")
        }
        // What the system says where a name leads nowhere has no kind of its own.
        ureq::Error::Io(error) if error.to_string().starts_with("failed to lookup") => {
            unreachable("no such host is known")
        }
        // How TLS says what is wrong with a certificate, or that this is no TLS.
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            ClientError::strange(server, format!("no safe connection can be made ({error})"))
        }
        ureq::Error::Timeout(_) => {
            ClientError::Unanswered { server: server_name, why: "it took too long".to_owned() }
        }
        ureq::Error::BodyExceedsLimit(_) => {
            ClientError::strange(server, "its answer is longer than any should be")
        }
        ureq::Error::Http(_) | ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            ClientError::strange(server, "what it speaks is not HTTP as it should be")
        }
        _ => ClientError::Unanswered {
            server: server_name,
            why: "the connection was broken off".to_owned(),
        },
    }
}

fn refuses(kind: io::ErrorKind) -> bool {
    use io::ErrorKind;
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable
            | ErrorKind::NetworkDown
    )
}
