//! As it is in public: `https` becomes `wss`, and the certificate must be one that the system trusts. What
//! undresses the connections stands before the server, as a proxy would.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use todo_tests::built::workspace;
use todo_tests::services::TodoServer;
use todo_tests::surfaces::cli::program::Todo;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use super::{EMAIL, PASSWORD, Watch};
use crate::outage::writers::Account;

const CERTIFICATE: &[u8] = include_bytes!("../../fixtures/tls/localhost.pem");
const KEY: &[u8] = include_bytes!("../../fixtures/tls/localhost.key");

/// Opens a port that speaks TLS and hands on to a server what is said there.
pub(super) fn door(runtime: &Runtime, server: SocketAddr) -> u16 {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(KEY).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(vec![certificate], key));
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a server of TLS")));
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Who does not trust it hangs up.
                let mut safe = acceptor.accept(stream).await.ok()?;
                let mut plain = TcpStream::connect(server).await.ok()?;
                copy_bidirectional(&mut safe, &mut plain).await.ok()
            });
        }
    });
    port
}

#[test]
fn a_watch_is_told_over_tls_by_whom_the_system_trusts() {
    let runtime = Runtime::new().expect("a runtime");
    let mut server = TodoServer::alone();
    server.start_ready(&runtime);
    runtime.block_on(Account::register(server.address()));
    let url = format!("https://localhost:{}", door(&runtime, server.address()));
    let mut todo = Todo::by_the_clock();
    let refused = todo.run_with(["login", &url, "--email", EMAIL], PASSWORD);
    assert_eq!(refused.status, Some(3), "{refused:?}");
    assert!(refused.err.contains("certificate"), "{refused:?}");

    todo.trust(&workspace().join("tests/fixtures/tls/localhost.pem"));
    todo.log_in_as(&url, EMAIL, PASSWORD);
    let watch = Watch::begin_raw(&todo);
    todo.run(["add", "Milk"]).done();
    watch.told("task.created", "Milk");
}
