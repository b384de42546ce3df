//! What stands between a store and its server, and breaks.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes on what comes, until it is cut.
pub(crate) struct Proxy {
    at: SocketAddr,
    pairs: Arc<Mutex<Vec<(TcpStream, TcpStream)>>>,
}

impl Proxy {
    /// Starts one before a server, `host:port`.
    pub(crate) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("an address");
        let pairs = Arc::<Mutex<Vec<_>>>::default();
        let (kept, server) = (Arc::clone(&pairs), server.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&server).expect("the server answers");
                let both = || (copy(&client), copy(&server));
                let (mut from, mut to) = both();
                thread::spawn(move || io::copy(&mut from, &mut to));
                let (mut to, mut from) = both();
                thread::spawn(move || io::copy(&mut from, &mut to));
                kept.lock().expect("whole").push((client, server));
            }
        });
        Self { at, pairs }
    }

    /// Where it listens.
    pub(crate) fn at(&self) -> SocketAddr {
        self.at
    }

    /// Breaks every connection for its client. The server does not notice.
    pub(crate) fn cut(&self) {
        for (client, _) in self.pairs.lock().expect("whole").iter() {
            // It may be closed already.
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("another handle")
}
