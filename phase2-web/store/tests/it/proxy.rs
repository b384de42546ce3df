//! What stands between a store and its server, and breaks.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use todo_store::DatabaseUrl;

use crate::support::Database;

/// Passes on what comes, until it is cut, or forgets what it passes on.
pub(crate) struct Proxy {
    at: SocketAddr,
    pairs: Arc<Mutex<Vec<Pair>>>,
    /// A client that says this is forgotten before it is passed on; once.
    last: Arc<Mutex<Option<&'static str>>>,
}

struct Pair {
    client: TcpStream,
    /// Kept: so the server does not notice when the client goes away.
    _server: TcpStream,
    forgotten: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one before the server of a database; answers where that is reached through it, too.
    pub(crate) fn before(database: &Database) -> (Self, DatabaseUrl) {
        let text = database.text();
        let (_, place) = text.rsplit_once('@').expect("a user");
        let (server, _) = place.split_once('/').expect("a database");
        let proxy = Self::start(server);
        let url = text.replace(server, &proxy.at.to_string());
        (proxy, url.parse().expect("a URL"))
    }

    fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = listener.local_addr().expect("an address");
        let pairs = Arc::<Mutex<Vec<_>>>::default();
        let last = Arc::<Mutex<Option<_>>>::default();
        let (kept, ends, server) = (Arc::clone(&pairs), Arc::clone(&last), server.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&server).expect("the server answers");
                let forgotten = Arc::<AtomicBool>::default();
                let (from, to) = (copy(&client), copy(&server));
                let (gone, ends) = (Arc::clone(&forgotten), Arc::clone(&ends));
                thread::spawn(move || pass(from, to, &gone, Some(&ends)));
                let (from, to) = (copy(&server), copy(&client));
                let gone = Arc::clone(&forgotten);
                thread::spawn(move || pass(from, to, &gone, None));
                let pair = Pair { client, _server: server, forgotten };
                kept.lock().expect("whole").push(pair);
            }
        });
        Self { at, pairs, last }
    }

    /// Breaks every connection for its client. The server does not notice.
    pub(crate) fn cut(&self) {
        for pair in self.pairs.lock().expect("whole").iter() {
            // It may be closed already.
            let _ = pair.client.shutdown(Shutdown::Both);
        }
    }

    /// Passes nothing on any more of the connections there are, and tells nobody.
    pub(crate) fn forget(&self) {
        for pair in self.pairs.lock().expect("whole").iter() {
            pair.forgotten.store(true, Ordering::SeqCst);
        }
    }

    /// Forgets the next connection whose client says this; the server does not hear it.
    pub(crate) fn forget_at(&self, words: &'static str) {
        *self.last.lock().expect("whole") = Some(words);
    }
}

fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    forgotten: &AtomicBool,
    last: Option<&Mutex<Option<&'static str>>>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(some @ 1..) = from.read(&mut buffer) {
        let said = &buffer[..some];
        if let Some(last) = last {
            let mut last = last.lock().expect("whole");
            let is_last =
                |words: &mut &str| said.windows(words.len()).any(|w| w == words.as_bytes());
            if last.take_if(is_last).is_some() {
                forgotten.store(true, Ordering::SeqCst);
            }
        }
        if !forgotten.load(Ordering::SeqCst) && to.write_all(said).is_err() {
            return;
        }
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("another handle")
}
