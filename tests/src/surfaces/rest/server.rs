//! A server at an address of its own, with a clock of its own, over the database that all of them
//! share.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};

use todo_core::Timestamp;
use todo_web::{
    App, Clock, Front, Keys, Parts, PasswordCost, Passwords, Rate, Registration, Secret,
    SessionCache,
};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::base::{Shared, runtime};
use crate::http::Client;

/// Hashes that take no time: never for real passwords.
const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };

/// What one person asks at a time, whose clock it then goes by.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) app: App,
    pub(super) address: SocketAddr,
    pub(super) client: Client,
    pub(super) clock: Arc<AtomicI64>,
    /// It stops when this goes; then the database may.
    _stop: oneshot::Sender<()>,
}

impl Shared {
    /// A server that nobody asks, or a new one: to describe all routes takes longer than most rows.
    pub(super) fn server(&self) -> Arc<Server> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever asks one holds it; it is handed out here alone, under the lock.
        if let Some(idle) = servers.iter().find(|server| Arc::strong_count(server) == 1) {
            return Arc::clone(idle);
        }
        let new = Arc::new(Server::start(self));
        servers.push(Arc::clone(&new));
        new
    }
}

impl Server {
    fn start(shared: &Shared) -> Self {
        let clock = Arc::new(AtomicI64::new(0));
        let front = Front { rate: Rate::Off, ..Front::default() };
        let app = App::with_front(parts(shared, &clock), front);
        let (stop, stopped) = oneshot::channel();
        let address = runtime().block_on(serve(app.clone(), stopped));
        Self { app, address, client: Client::new(address), clock, _stop: stop }
    }
}

pub(super) fn parts(shared: &Shared, clock: &Arc<AtomicI64>) -> Parts {
    let clock = Arc::clone(clock);
    let keys = Keys::new(&Secret::new(&[7; 32]).expect("a secret"), None);
    Parts {
        store: shared.store.clone(),
        clock: Clock::new(move || Timestamp::from_millis(clock.load(Ordering::Relaxed))),
        cursors: keys.cursors(),
        keys,
        passwords: Passwords::new(CHEAP).expect("parameters of argon2"),
        registration: Registration::Open,
        sessions: SessionCache::default(),
        scheduled: false,
    }
}

/// Serves until it is told to stop.
async fn serve(app: App, stopped: oneshot::Receiver<()>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move {
        let stop = async { drop(stopped.await) };
        let router = todo_web::router_with(app.clone(), todo_mcp::routes(&app));
        todo_web::serve(listener, router, &app, stop).await
    });
    address
}
