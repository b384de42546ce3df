//! The connection under a socket: plain to this machine, or where its owner says so, else TLS with the
//! certificates that the platform trusts.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::address::Server;
use crate::error::ClientError;

/// How long it may take to connect, and to agree on a socket.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the server may take nothing.
const SEND: Duration = Duration::from_secs(10);

/// Bytes to a server and back.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Safe(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// Reads end after so long.
    pub(super) fn wait_at_most(&self, patience: Duration) -> io::Result<()> {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Safe(stream) => &stream.sock,
        };
        stream.set_read_timeout(Some(patience))
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Safe(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Safe(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Safe(stream) => stream.flush(),
        }
    }
}

/// Where its sockets are.
pub(super) fn address(server: &Server) -> String {
    let text = server.as_str();
    // `https` becomes `wss`.
    format!("ws{}/ws", text.strip_prefix("http").unwrap_or(text))
}

pub(super) fn connect(server: &Server) -> Result<Stream, ClientError> {
    let (host, port) = server.place();
    let addresses = (host.trim_matches(['[', ']']), port).to_socket_addrs();
    let addresses = addresses.map_err(|_| unreachable(server, "no such host is known"))?;
    let mut refused = unreachable(server, "no such host is known");
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(stream) => return dress(server, host, stream),
            Err(error) => refused = lost(server, &error),
        }
    }
    Err(refused)
}

fn dress(server: &Server, host: &str, stream: TcpStream) -> Result<Stream, ClientError> {
    let set = stream
        .set_read_timeout(Some(CONNECT))
        .and_then(|()| stream.set_write_timeout(Some(SEND)))
        .and_then(|()| stream.set_nodelay(true));
    set.map_err(|error| lost(server, &error))?;
    if server.is_plain() {
        return Ok(Stream::Plain(stream));
    }
    let unsafely = |error: rustls::Error| unreachable(server, &error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(unsafely)?
        .with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|_| unreachable(server, "no certificate can be for such a name"))?;
    let session = ClientConnection::new(Arc::new(config), name).map_err(unsafely)?;
    Ok(Stream::Safe(Box::new(StreamOwned::new(session, stream))))
}

/// A moment to measure a wait by.
pub(super) fn now() -> Instant {
    Instant::now()
}

pub(super) fn late(server: &Server) -> ClientError {
    unreachable(server, "it does not answer in time")
}

pub(super) fn lost(server: &Server, error: &io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => late(server),
        io::ErrorKind::InvalidData => {
            unreachable(server, &format!("no safe connection can be made ({error})"))
        }
        _ => unreachable(server, "it does not take connections"),
    }
}

fn unreachable(server: &Server, why: &str) -> ClientError {
    ClientError::Unreachable { server: server.to_string(), why: why.to_owned() }
}
