//! Servers with real sockets, and clients of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use todo_core::{StoreError, Timestamp};
use todo_events::live::{Live, Treatment};
use todo_store::log::RELAY;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{App, Front, Stopped, router_of, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;

pub(crate) use super::client::Socket;
use crate::database::{self, Kept};
use crate::support::{self, parts};

/// What ends a test that would wait for ever.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);
pub(crate) const PASSWORD: &str = "correct horse battery";

/// What is waited for comes, or the test fails: all of it, however much comes on the way.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, what).await.expect("in time")
}

/// Ends a task with the test.
struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where the data is.
pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) clock: Arc<AtomicI64>,
    _relay: Option<Running>,
    _kept: Kept,
}

/// A server at its own port.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    live: Live,
    stop: Option<oneshot::Sender<()>>,
    done: Option<JoinHandle<Stopped>>,
    running: Vec<Running>,
}

impl Place {
    /// A database of its own, whose log is written while the test runs.
    pub(crate) async fn new() -> Self {
        Self::sqlite().await.0
    }

    /// The same, and where that is.
    pub(crate) async fn sqlite() -> (Self, DatabaseUrl) {
        let (url, kept) = database::sqlite();
        (Self::at(&url, kept).await.told(), url)
    }

    /// The same whose log is written by the test.
    pub(crate) async fn untold() -> Self {
        let (url, kept) = database::sqlite();
        Self::at(&url, kept).await
    }

    /// The same on PostgreSQL.
    pub(crate) async fn untold_on_postgres() -> Self {
        let (url, kept) = database::postgres().await;
        Self::at(&url, kept).await
    }

    /// One whose log is written while the test runs, on PostgreSQL, and where that is: each server has a store of its own.
    pub(crate) async fn postgres() -> (Self, DatabaseUrl) {
        let (url, kept) = database::postgres().await;
        (Self::at(&url, kept).await.told(), url)
    }

    async fn at(url: &DatabaseUrl, kept: Kept) -> Self {
        let store = Store::open(url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        let clock = Arc::new(AtomicI64::new(support::START));
        Self { store, clock, _relay: None, _kept: kept }
    }

    fn told(self) -> Self {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        let relay = tokio::spawn(async move {
            tokio::select! {
                never = store.keep_told() => match never {},
                () = relay(&store, &clock) => {}
            }
        });
        Self { _relay: Some(Running(relay.abort_handle())), ..self }
    }

    pub(crate) async fn serve(&self) -> Server {
        self.serve_with(Treatment::default(), Front::default()).await
    }

    pub(crate) async fn serve_with(&self, treatment: Treatment, front: Front) -> Server {
        Server::start(self.store.clone(), &self.clock, treatment, front).await
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

/// Gives events their places, as the relay does.
async fn relay(store: &Store, clock: &AtomicI64) {
    let mut wakes = store.wakes();
    let leader = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    loop {
        let now = Timestamp::from_millis(clock.load(Ordering::SeqCst));
        let count = match store.publish(&leader, 500, now).await {
            Ok(published) => published.count,
            // An account went away meanwhile: nothing was written, and what is left has its turn again.
            Err(StoreError::Conflict) => continue,
            Err(error) => panic!("it does not publish: {error}"),
        };
        if count == 0 {
            // A wake-up may be lost between processes.
            let _woken = tokio::time::timeout(Duration::from_millis(200), wakes.writes()).await;
        }
    }
}

impl Server {
    pub(crate) async fn start(
        store: Store,
        clock: &Arc<AtomicI64>,
        treatment: Treatment,
        front: Front,
    ) -> Self {
        let mut server = Self::start_deaf(store, clock, treatment, front).await;
        server.follow();
        server
    }

    /// One that has not begun to follow the log.
    pub(crate) async fn start_deaf(
        store: Store,
        clock: &Arc<AtomicI64>,
        treatment: Treatment,
        front: Front,
    ) -> Self {
        let parts = parts(store.clone(), support::clock(clock));
        let app = App::with_front(parts, front);
        let live = Live::new(&app, treatment);
        let router = router_of(app.clone(), live.routes(), Router::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let told = {
            let store = store.clone();
            tokio::spawn(async move { store.keep_told().await })
        };
        let served = app.clone();
        let done = tokio::spawn(async move {
            serve(listener, router, &served, async { stopped.await.unwrap_or_default() }).await
        });
        let running = vec![Running(told.abort_handle())];
        Self { app, address, live, stop: Some(stop), done: Some(done), running }
    }

    pub(crate) fn follow(&mut self) {
        let (live, app) = (self.live.clone(), self.app.clone());
        let follows = tokio::spawn(async move { live.follow(app).await });
        self.running.push(Running(follows.abort_handle()));
    }

    /// Tells it to stop; how it ended.
    pub(crate) fn stop(&mut self) -> JoinHandle<Stopped> {
        self.stop.take().expect("it runs").send(()).expect("it runs");
        self.done.take().expect("it runs")
    }

    /// Asks over a connection of its own.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (u16, Value) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, path, token, ("application/json", &body)).await
    }

    /// Sends a body of any kind.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        (media, body): (&str, &str),
    ) -> (u16, Value) {
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}\
             Content-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            bearer.unwrap_or_default(),
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(text.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        in_time(stream.read_to_string(&mut answer)).await.expect("it answers");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status.expect("a status"), serde_json::from_str(body).unwrap_or_default())
    }

    /// Somebody with an account.
    pub(crate) async fn register(&self, name: &str) -> Person {
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let (status, answer) = self.ask("POST", "/api/auth/register", None, Some(body)).await;
        assert_eq!(status, 201, "{answer}");
        let text = |at: &str| answer.pointer(at).and_then(Value::as_str).expect(at).to_owned();
        Person { token: text("/access_token"), id: text("/user/id") }
    }

    pub(crate) async fn add(&self, person: &Person, title: &str) -> Value {
        let body = json!({"title": title});
        let (status, task) = self.ask("POST", "/api/tasks", Some(&person.token), Some(body)).await;
        assert_eq!(status, 201, "{task}");
        task["task"].clone()
    }

    /// A request for a socket.
    pub(crate) fn request(&self, path: &str) -> Request {
        format!("ws://{}{path}", self.address).into_client_request().expect("a request")
    }

    /// A socket whose first message is this.
    pub(crate) async fn greet(&self, path: &str, message: Value) -> Socket {
        let mut socket = self.open(self.request(path)).await.expect("it opens");
        socket.say(message).await;
        socket
    }

    /// A socket of somebody.
    pub(crate) async fn listen(&self, person: &Person) -> Socket {
        self.greet("/ws", json!({"type": "auth", "token": person.token})).await
    }

    /// The same from an event on.
    pub(crate) async fn listen_since(&self, person: &Person, since: u64) -> Socket {
        let auth = json!({"type": "auth", "token": person.token, "since": since});
        self.greet("/ws", auth).await
    }

    pub(crate) async fn open(&self, request: Request) -> Result<Socket, Error> {
        let stream = TcpStream::connect(self.address).await.expect("it listens");
        let (socket, _answer) = in_time(client_async(request, stream)).await?;
        Ok(Socket(socket))
    }

    /// A socket that takes so many bytes before they are read.
    pub(crate) async fn narrow(&self, bytes: u32) -> Socket {
        let narrow = TcpSocket::new_v4().expect("a socket");
        narrow.set_recv_buffer_size(bytes).expect("a size");
        let stream = narrow.connect(self.address).await.expect("it listens");
        let opened = in_time(client_async(self.request("/ws"), stream)).await.expect("it opens");
        Socket(opened.0)
    }

    /// Why a socket is not opened.
    pub(crate) async fn refused(&self, request: Request) -> u16 {
        match self.open(request).await {
            Err(Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it is opened"),
        }
    }
}

/// Somebody with an account.
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) id: String,
}
