//! Makes tasks at a steady rate, whether the server keeps up or not, and says how long each took until
//! a socket of its owner told of it: `todo-events-load ADDRESS TOKENS RATE SECONDS`.
//!
//! `TOKENS` is a file with an access token a line, each of another user: each has one socket open, and
//! they write in turns. How long it took is counted from when the write was due, also if it could not be
//! sent yet, until its event was read from the socket. What was not told within ten seconds after the
//! last answer is lost.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::Method;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use todo_tests::http::{Asked, Client, NoAnswer};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

const USAGE: &str = "usage: todo-events-load ADDRESS TOKENS RATE SECONDS";
/// How often it looks whether writes are due.
const TICK: Duration = Duration::from_millis(1);
/// How long it waits for what was not told when the last write was answered.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the title of each task begins with; its number follows.
const TITLE: &str = "Write number ";

type Failure = Box<dyn Error + Send + Sync>;

/// What became of one write.
struct Written {
    answer: Result<u16, NoAnswer>,
    took: Duration,
}

/// When each write was told of.
type Seen = Arc<[OnceLock<Instant>]>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, tokens, rate, seconds] = words.as_slice() else { return Err(USAGE.into()) };
    let address: SocketAddr = address.parse()?;
    let tokens = fs::read_to_string(tokens)?;
    let tokens: Vec<&str> = tokens.lines().collect();
    let (rate, seconds): (u64, u64) = (rate.parse()?, seconds.parse()?);
    let seen: Seen = (0..rate * seconds).map(|_| OnceLock::new()).collect();
    let mut listening = JoinSet::new();
    for token in &tokens {
        let socket = open(address, token).await?;
        listening.spawn(listen(socket, Arc::clone(&seen)));
    }
    let begin = Instant::now();
    let due = |n: u64| begin + Duration::from_micros(n * 1_000_000 / rate);
    let client = Client::new(address);
    let mut asking = JoinSet::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for (n, token) in (0..rate * seconds).zip(tokens.iter().cycle()) {
        let due = due(n);
        while Instant::now() < due {
            tick.tick().await;
        }
        let client = client.clone();
        let task = json!({ "title": format!("{TITLE}{n}.") });
        let asked = Asked::new(Method::POST, "/api/tasks").json(&task).bearer(token);
        asking.spawn(async move {
            let answer = client.ask(asked).await.map(|answer| answer.status.as_u16());
            Written { answer, took: due.elapsed() }
        });
    }
    let written = asking.join_all().await;
    let over = begin.elapsed();
    let until = Instant::now() + PATIENCE;
    while seen.iter().any(|seen| seen.get().is_none()) && Instant::now() < until {
        sleep(TICK * 10).await;
    }
    listening.abort_all();
    let told = (0..).zip(seen.iter());
    let told: Vec<_> =
        told.filter_map(|(n, seen)| Some(seen.get()?.duration_since(due(n)))).collect();
    report(written, told, over);
    Ok(())
}

/// Opens a socket and waits until it was greeted.
async fn open(address: SocketAddr, token: &str) -> Result<WebSocketStream<TcpStream>, Failure> {
    let mut request = format!("ws://{address}/ws").into_client_request()?;
    let value = HeaderValue::from_str(&format!("Bearer {token}"))?;
    request.headers_mut().insert("authorization", value);
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = client_async(request, stream).await?;
    socket.next().await.ok_or("a socket was closed")??;
    Ok(socket)
}

/// Notes when each write was told of, the first time. The texts are searched and not read as JSON: that
/// takes a core of the server's.
async fn listen(mut socket: WebSocketStream<TcpStream>, seen: Seen) {
    while let Some(Ok(message)) = socket.next().await {
        let now = Instant::now();
        let Ok(text) = message.to_text() else { continue };
        let number = text.split_once(TITLE).and_then(|(_, rest)| rest.split_once('.'));
        let number = number.and_then(|(number, _)| number.parse::<usize>().ok());
        if let Some(place) = number.and_then(|number| seen.get(number)) {
            // The second time it tells nothing new.
            let _ = place.set(now);
        }
    }
}

#[expect(clippy::print_stdout, reason = "the answer of the program")]
fn report(written: Vec<Written>, told: Vec<Duration>, over: Duration) {
    let mut came = BTreeMap::<String, u64>::new();
    let mut took = Vec::with_capacity(written.len());
    for one in written {
        let name = one.answer.map_or_else(|error| error.to_string(), |status| status.to_string());
        *came.entry(name).or_default() += 1;
        took.push(one.took);
    }
    let report = json!({
        "answers": came,
        "seconds": over.as_secs_f64(),
        "lost": took.len() - told.len(),
        "answered": spread(took),
        "told": spread(told),
    });
    println!("{report}");
}

fn spread(mut took: Vec<Duration>) -> Value {
    took.sort_unstable();
    let millis = |per_mille: usize| {
        let at = (took.len() * per_mille / 1000).min(took.len().saturating_sub(1));
        took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    json!({ "p50_ms": millis(500), "p99_ms": millis(990), "max_ms": millis(1000) })
}
