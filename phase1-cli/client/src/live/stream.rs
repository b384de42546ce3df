//! The connection under a socket: plain to this machine, or where its owner says so, else TLS with the
//! certificates that the platform trusts.

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

use crate::address::Server;
use crate::error::ClientError;

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

/// Where its name leads. The system's own look-up: it waits, so it is no work for a runtime.
pub(super) fn addresses(server: &Server) -> Result<Vec<SocketAddr>, ClientError> {
    let (host, port) = server.place();
    let found = (host.trim_matches(['[', ']']), port).to_socket_addrs();
    found.map(Iterator::collect).map_err(|_| unknown(server))
}

/// Connects to the first of them that takes it.
pub(super) async fn connect(
    server: &Server,
    addresses: &[SocketAddr],
) -> Result<Stream, ClientError> {
    let mut refused = unknown(server);
    for address in addresses {
        match in_time(server, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return dress(server, stream).await,
            Ok(Err(error)) => refused = lost(server, &error),
            Err(late) => refused = late,
        }
    }
    Err(refused)
}

async fn dress(server: &Server, stream: TcpStream) -> Result<Stream, ClientError> {
    stream.set_nodelay(true).map_err(|error| lost(server, &error))?;
    if server.is_plain() {
        return Ok(Box::new(stream));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| unreachable(server, &error.to_string()))?
        .with_no_client_auth();
    let (host, _) = server.place();
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

fn unknown(server: &Server) -> ClientError {
    unreachable(server, "no such host is known")
}

fn unreachable(server: &Server, why: &str) -> ClientError {
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
        let refused = runtime.block_on(connect(&server, &addresses(&server)?));
        let told = refused.err().ok_or("it is trusted")?.to_string();
        assert!(told.contains("no safe connection") && told.contains("certificate"), "{told}");
        assert!(greeting.join().is_ok_and(|greeted| greeted.is_err()), "no hands were shaken");
        Ok(())
    }
}
