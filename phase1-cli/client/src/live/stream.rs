//! The connection under a socket: plain to this machine, or where its owner says so, else TLS with the
//! certificates that the platform trusts. By a proxy where requests go by one.

use std::fmt::Debug;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use ureq::{Proxy, ProxyProtocol};

use super::tunnel;
use crate::address::Server;
use crate::error::ClientError;
use crate::proxy;

/// How long each step may take: to connect, to agree on a cipher, to open the socket, to be told who it is.
const STEP: Duration = Duration::from_secs(10);

/// Bytes to a server and back.
pub(super) type Stream = Box<dyn Duplex>;

pub(super) trait Duplex: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Duplex for T {}

/// Where its sockets are.
pub(super) fn address(server: &Server) -> String {
    let text = server.as_str();
    // `https` becomes `wss`.
    format!("ws{}/ws", text.strip_prefix("http").unwrap_or(text))
}

/// The way to a server.
pub(super) struct Way<'s> {
    pub(super) server: &'s Server,
    proxy: Option<Proxy>,
    /// Of the proxy, if there is one: it knows itself where the server is.
    addresses: Vec<SocketAddr>,
}

impl<'s> Way<'s> {
    /// Where its name leads, or that of the proxy which is named. The system's own look-up: it waits, so it is
    /// no work for a runtime.
    pub(super) fn to(server: &'s Server, named: Option<Proxy>) -> Self {
        let proxy = proxy::to(server, named);
        let (host, port) =
            proxy.as_ref().map_or_else(|| server.place(), |proxy| (proxy.host(), proxy.port()));
        let found = (host.trim_matches(['[', ']']), port).to_socket_addrs();
        let addresses = found.map(Iterator::collect).unwrap_or_default();
        Self { server, proxy, addresses }
    }

    /// Connects to the first of them that takes it.
    pub(super) async fn connect(&self) -> Result<Stream, ClientError> {
        let mut refused = self.refused("no such host is known", "is not known by its name");
        for address in &self.addresses {
            match in_time(self.server, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return self.dress(stream).await,
                Ok(Err(error)) if self.proxy.is_none() => refused = lost(self.server, &error),
                Ok(Err(_)) | Err(_) => {
                    refused =
                        self.refused("it does not answer in time", "does not take connections");
                }
            }
        }
        Err(refused)
    }

    /// That there is no connection to the server, or none to the proxy.
    fn refused(&self, why: &str, of_proxy: &str) -> ClientError {
        match &self.proxy {
            None => unreachable(self.server, why),
            Some(proxy) => unreachable(self.server, &format!("{} {of_proxy}", tunnel::name(proxy))),
        }
    }

    async fn dress(&self, stream: TcpStream) -> Result<Stream, ClientError> {
        let server = self.server;
        stream.set_nodelay(true).map_err(|error| lost(server, &error))?;
        let mut stream: Stream = Box::new(stream);
        if let Some(proxy) = &self.proxy {
            if proxy.protocol() == ProxyProtocol::Https {
                let safe = secure(server, proxy.host(), stream).await;
                stream = safe.map_err(|error| tunnel::of_proxy(proxy, error))?;
            }
            stream = tunnel::through(server, proxy, stream).await?;
        }
        let (host, _) = server.place();
        if server.is_plain() { Ok(stream) } else { secure(server, host, stream).await }
    }
}

/// Agrees on a cipher with whom the certificate of a host belongs to.
async fn secure(server: &Server, host: &str, stream: Stream) -> Result<Stream, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| unreachable(server, &error.to_string()))?
        .with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|_| unreachable(server, "no certificate can be for such a name"))?;
    let dressed = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let safe = in_time(server, dressed).await?.map_err(|error| lost(server, &error))?;
    Ok(Box::new(safe))
}

/// Waits for one step.
pub(super) async fn in_time<T>(
    server: &Server,
    step: impl Future<Output = T>,
) -> Result<T, ClientError> {
    let late = |_| unreachable(server, "it does not answer in time");
    timeout(STEP, step).await.map_err(late)
}

pub(super) fn lost(server: &Server, error: &io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::TimedOut => unreachable(server, "it does not answer in time"),
        io::ErrorKind::InvalidData => {
            unreachable(server, &format!("no safe connection can be made ({error})"))
        }
        _ => unreachable(server, "it does not take connections"),
    }
}

/// There is nothing to wait with: the system's limit of open files, say.
pub(super) fn unable(server: &Server, error: &io::Error) -> ClientError {
    unreachable(server, &format!("this machine opens no connection ({error})"))
}

pub(super) fn unreachable(server: &Server, why: &str) -> ClientError {
    ClientError::Unreachable { server: server.to_string(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::net::Ipv4Addr;
    use std::thread;

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{ServerConfig, ServerConnection};

    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("../../../../tests/fixtures/tls/localhost.pem");
    const KEY: &[u8] = include_bytes!("../../../../tests/fixtures/tls/localhost.key");

    /// SPEC 9: a token goes to nobody whose certificate the system does not trust.
    #[test]
    fn whom_the_system_does_not_trust_is_told_nothing() -> Result<(), Box<dyn Error>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(CERTIFICATE)?],
                PrivateKeyDer::from_pem_slice(KEY)?,
            )?;
        let door = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server: Server = format!("https://localhost:{}", door.local_addr()?.port()).parse()?;
        let mut greeted = ServerConnection::new(Arc::new(config))?;
        let greeting = thread::spawn(move || {
            let (mut stream, _) = door.accept()?;
            while greeted.is_handshaking() {
                greeted.complete_io(&mut stream)?;
            }
            io::Result::Ok(())
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let refused = runtime.block_on(Way::to(&server, None).connect());
        let told = refused.err().ok_or("it is trusted")?.to_string();
        assert!(told.contains("no safe connection") && told.contains("certificate"), "{told}");
        assert!(greeting.join().is_ok_and(|greeted| greeted.is_err()), "no hands were shaken");
        Ok(())
    }
}
